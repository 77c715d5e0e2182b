"""Ours beside the rivals, on the same questions: figures and paired bootstrap intervals.

Each rival is shown at the setting that does best on the very questions it is compared on, which
favours the rivals: ours was not chosen that way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answers.evaluation.figures import resamples
from bot.answers.evaluation.rivals import Attempt, Scores

Flags = NDArray[np.bool_]

PLACES = (1, 3)


@dataclass(frozen=True, slots=True)
class Difference:
    """A rival's share minus ours, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Standing:
    """One ranking on one set of questions; `setting` is the rival's best one."""

    name: str
    setting: str
    shares: tuple[float, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours first, then the rivals, best first, on one set of questions."""

    questions: str
    n: int
    standings: tuple[Standing, ...]


Hits = tuple[Flags, ...]
"""For each of PLACES, whether each question has an accepted topic so far up."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A rival at one setting: what it finds."""

    rival: str
    setting: str
    hits: Hits


def tried(attempts: Iterable[Attempt], topics: Sequence[str], accepted: Sequence[Sequence[str]]) -> list[Tried]:
    """What each attempt finds; its scores are let go."""
    columns = {topic: i for i, topic in enumerate(topics)}
    wanted = [{columns[topic] for topic in part if topic in columns} for part in accepted]
    return [Tried(a.rival, a.setting, tuple(_hits(a.scores, wanted, k) for k in PLACES)) for a in attempts]


def compare(name: str, member: Flags, ours: Sequence[tuple[str, Hits]], rivals: Sequence[Tried]) -> Comparison:
    """Compare on the questions that are members; the first of ours is what the rest is held against."""
    reference = ours[0][1]
    standings = [_standing(label, "", hits, reference, member) for label, hits in ours]
    best: dict[str, Tried] = {}
    for one in rivals:
        if one.rival not in best or _merit(one.hits, member) > _merit(best[one.rival].hits, member):
            best[one.rival] = one
    others = [_standing(one.rival, one.setting, one.hits, reference, member) for one in best.values()]
    others.sort(key=lambda s: s.shares, reverse=True)
    return Comparison(name, int(member.sum()), (*standings, *others))


def _hits(scores: Scores, wanted: Sequence[set[int]], k: int) -> Flags:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found = np.take_along_axis(scores, order, axis=1) > -np.inf
    rows = zip(order.tolist(), found.tolist(), wanted, strict=True)
    return np.array([any(f and t in w for t, f in zip(o, fs, strict=True)) for o, fs, w in rows], np.bool_)


def _merit(hits: Hits, member: Flags) -> float:
    return float(sum(hit[member].mean() for hit in hits))


def _standing(name: str, setting: str, hits: Hits, reference: Hits, member: Flags) -> Standing:
    shares = tuple(float(hit[member].mean()) for hit in hits)
    if hits is reference:
        return Standing(name, setting, shares)
    pairs = zip(hits, reference, strict=True)
    return Standing(name, setting, shares, tuple(_difference(a[member], b[member]) for a, b in pairs))


def _difference(theirs: Flags, ours: Flags) -> Difference:
    steps = theirs.astype(np.float64) - ours
    means = np.concatenate([counts @ steps for counts in resamples(len(steps))]) / len(steps)
    low, high = np.percentile(means, (2.5, 97.5))
    return Difference(float(steps.mean()), float(low), float(high))
