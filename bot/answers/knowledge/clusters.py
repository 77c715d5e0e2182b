"""Questions that nobody could answer, gathered by what they are about. Pure but for the vectors handed in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answers.text import normalise

Floats = NDArray[np.float32]

ALIKE = 0.6
"""Cosine from which two questions are taken for the same matter.

Of forty questions on eight matters of which each was worded in five ways, 96 of 100 pairs above it were of the same
matter; from 0.8 on even the same question asked again with other words stood alone.
"""

MOST_EXAMPLES = 6
MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One recorded question, redacted. downvoted: it was answered, and the answer did not help.

    topic: the entry that did not help. near: the topics that were nearest when it was asked, best first.
    """

    id: str
    text: str
    downvoted: bool = False
    topic: str = ""
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that are alike, the most frequent wording first.

    topics: the entries whose answers did not help. near: the entries nearest to the questions, best first.
    """

    examples: tuple[str, ...]
    ids: tuple[str, ...]
    downvoted: int
    topics: tuple[str, ...]
    near: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How often it was asked."""
        return len(self.ids)


def distinct(asked: Sequence[Asked]) -> list[str]:
    """The wordings to be encoded, the most frequent first; `cluster` wants their vectors in this order."""
    counted = Counter(normalise(one.text) for one in asked)
    return sorted(counted, key=lambda text: (-counted[text], text))


def cluster(asked: Sequence[Asked], vectors: Floats, alike: float = ALIKE) -> list[Cluster]:
    """Gather questions around the wordings asked most, the largest cluster first.

    vectors: one row for each of `distinct(asked)`. Each wording joins the nearest leader that is alike enough, else it
    leads itself: one pass, the same result every time.
    """
    texts = distinct(asked)
    leaders: list[int] = []
    belongs: dict[str, int] = {}
    likeness = _likeness(vectors)
    for number, text in enumerate(texts):
        near = likeness[number, leaders]
        best = int(np.argmax(near)) if leaders else -1
        if best >= 0 and float(near[best]) >= alike:
            belongs[text] = leaders[best]
        else:
            belongs[text] = number
            leaders.append(number)
    members: dict[int, list[Asked]] = {leader: [] for leader in leaders}
    for one in asked:
        members[belongs[normalise(one.text)]].append(one)
    found = [_cluster(ones) for ones in members.values()]
    return sorted(found, key=lambda each: (-each.count, each.examples))


def _likeness(vectors: Floats) -> Floats:
    """The cosine of each pair."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    result: Floats = (unit @ unit.T).astype(np.float32)
    return result


def _cluster(ones: Sequence[Asked]) -> Cluster:
    wordings = Counter(one.text for one in ones)
    return Cluster(
        examples=tuple(text for text, _ in wordings.most_common(MOST_EXAMPLES)),
        ids=tuple(one.id for one in ones),
        downvoted=sum(one.downvoted for one in ones),
        topics=_most([one.topic for one in ones if one.downvoted and one.topic]),
        near=_nearest(ones),
    )


def _nearest(ones: Sequence[Asked]) -> tuple[str, ...]:
    """The topics that were near to many of them, a first place counting more than a second."""
    points: Counter[str] = Counter()
    for one in ones:
        for place, topic in enumerate(one.near[:MOST_NEAR], 1):
            points[topic] += MOST_NEAR * MOST_NEAR // place
    return tuple(topic for topic, _ in points.most_common(MOST_NEAR))


def _most(topics: Sequence[str]) -> tuple[str, ...]:
    return tuple(topic for topic, _ in Counter(topics).most_common())
