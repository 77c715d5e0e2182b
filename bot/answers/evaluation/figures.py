"""Figures over groups of questions, each with a 95 % bootstrap interval.

The sets that figures are quoted on are fixed here: questions whose accepted topics are among
those asked most (one of them, or all), questions that the base covers, all on labour matters,
and those that it does not cover yet; each for questions typed by persons and for all.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answers.evaluation.observing import Seen
from bot.answers.evaluation.questions import Question
from bot.answers.outcome import Outcome

Floats = NDArray[np.float64]

RESAMPLES = 2000
SEED = 20261122
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its 95 % interval, over n questions; all 0 when there is none."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one group of questions."""

    name: str
    n: int
    figures: Mapping[str, Figure]


Member = Callable[[Question], bool]


def ratio(numerators: Floats, denominators: Floats) -> Figure:
    """Sum over sum, with the interval over resampled questions. Equal input, equal result."""
    n = int(denominators.sum())
    if n == 0:
        return Figure(0.0, 0.0, 0.0, 0)
    pairs = np.stack([numerators, denominators], axis=1)
    sums = np.concatenate([counts @ pairs for counts in resamples(len(pairs))])
    kept = sums[sums[:, 1] > 0]
    low, high = np.percentile(kept[:, 0] / kept[:, 1], (2.5, 97.5))
    return Figure(float(numerators.sum() / denominators.sum()), float(low), float(high), n)


def resamples(n: int, times: int = RESAMPLES) -> Iterable[Floats]:
    """How often each of n questions stands in each of so many resamples, some rows at a time."""
    rng = np.random.default_rng(SEED)
    for start in range(0, times, _CHUNK):
        yield rng.multinomial(n, np.full(n, 1 / n), size=min(_CHUNK, times - start)).astype(np.float64)


def labour_sets(frequent: Collection[str], covered: Collection[str]) -> dict[str, Member]:
    """The sets of questions on labour matters, by the name that figures quote."""
    asked, held = frozenset(frequent), frozenset(covered)
    return {
        f"all topics among the {len(asked)}": lambda q: q.in_scope and asked.issuperset(q.topics),
        f"a topic among the {len(asked)}": lambda q: not asked.isdisjoint(q.topics),
        "covered": lambda q: not held.isdisjoint(q.topics),
        "in scope": lambda q: q.in_scope,
        "not covered": lambda q: q.in_scope and held.isdisjoint(q.topics),
    }


def labour_rows(seen: Sequence[Seen], sets: Mapping[str, Member]) -> list[Row]:
    """Figures of every set: of questions typed by persons first, then of all."""
    rows = []
    for typed in (True, False):
        for name, member in sets.items():
            part = [s for s in seen if member(s.question) and (s.question.typed or not typed)]
            rows.append(labour_row(f"{name}, {'typed' if typed else 'all'}", part))
    return [row for row in rows if row.n]


def labour_row(name: str, seen: Sequence[Seen]) -> Row:
    """Figures of one group of questions on labour matters."""
    every = np.ones(len(seen))
    answered = _column(s.outcome is Outcome.ANSWER for s in seen)
    right = _column(s.right_at(1) for s in seen)
    figures = {f"top{k}": ratio(_column(s.right_at(k) for s in seen), every) for k in (1, 3, 10)}
    figures["mrr"] = ratio(_column(s.reciprocal for s in seen), every)
    figures |= outcome_figures(seen)
    figures["precision"] = ratio(answered * right, answered)
    figures["wrong"] = ratio(_column(s.is_wrong_answer for s in seen), every)
    figures["shown"] = ratio(_column(s.showed_accepted for s in seen), every)
    return Row(name, len(seen), figures)


def outcome_figures(seen: Sequence[Seen]) -> dict[str, Figure]:
    """The shares of the three outcomes."""
    every = np.ones(len(seen))
    return {outcome.value: ratio(_column(s.outcome is outcome for s in seen), every) for outcome in Outcome}


def other_rows(seen: Sequence[Seen]) -> list[Row]:
    """Outcome shares of questions on other matters: all, and those that sound like working life."""
    others = [s for s in seen if not s.question.in_scope]
    groups = {"other matters": others, "work-like words": [s for s in others if s.question.work_like]}
    return [Row(name, len(part), outcome_figures(part)) for name, part in groups.items() if part]


def category_rows(seen: Iterable[Seen]) -> list[Row]:
    """Figures by the category of the best topic."""
    groups: dict[str, list[Seen]] = {}
    for one in seen:
        groups.setdefault(one.question.topics[0].partition(".")[0], []).append(one)
    return [labour_row(name, groups[name]) for name in sorted(groups)]


@dataclass(frozen=True, slots=True)
class TopicMisses:
    """How often a topic was asked for and another came first; `instead` counts those."""

    topic: str
    n: int
    misses: int
    instead: tuple[tuple[str, int], ...]


def worst_topics(seen: Iterable[Seen], most: int = 12) -> list[TopicMisses]:
    """The topics missed most often, by the best topic of each question."""
    asked: Counter[str] = Counter()
    instead: dict[str, Counter[str]] = {}
    for one in seen:
        topic = one.question.topics[0]
        asked[topic] += 1
        if not one.right_at(1):
            instead.setdefault(topic, Counter()).update(one.topics[:1] or ("-",))
    found = [
        TopicMisses(topic, asked[topic], missed.total(), tuple(missed.most_common(3)))
        for topic, missed in instead.items()
    ]
    return sorted(found, key=lambda t: (-t.misses, t.n, t.topic))[:most]


def confusions(seen: Iterable[Seen], most: int = 12) -> list[tuple[str, str, int]]:
    """Which topic comes first instead of which, the most frequent pairs."""
    pairs = Counter((s.question.topics[0], s.topics[0]) for s in seen if s.topics and not s.right_at(1))
    return [(wanted, got, n) for (wanted, got), n in sorted(pairs.items(), key=lambda p: (-p[1], p[0]))[:most]]


def latency(seen: Iterable[Seen]) -> dict[str, float]:
    """Milliseconds an answer took: half of them, 99 of 100, and the slowest."""
    ms = np.array([one.ms for one in seen])
    return {"p50": float(np.percentile(ms, 50)), "p99": float(np.percentile(ms, 99)), "max": float(ms.max())}


def _column(values: Iterable[float]) -> Floats:
    return np.fromiter(values, np.float64)
