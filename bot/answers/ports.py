"""What the answering side asks of the outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ranked:
    """Topics, best first, each with the probability that it is what was asked.

    `certainty` is the calibrated probability that the first topic is accepted, `labour` that the
    question is about labour matters at all.
    """

    topics: tuple[str, ...]
    scores: tuple[float, ...]
    certainty: float
    labour: float


class Ranker(Protocol):
    """Orders the topics of a base for a question."""

    revision: str

    def rank(self, question: str, allowed: Mapping[str, object]) -> Ranked:
        """The allowed topics for this question, best first, at most ten. Safe in any thread."""
        ...

    def rank_many(self, questions: Sequence[str], allowed: Mapping[str, object]) -> list[Ranked]:
        """The same for questions that wait together: cheaper than one after the other."""
        ...
