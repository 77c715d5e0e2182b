"""The three outcomes, and the thresholds that choose between them."""

from dataclasses import dataclass
from enum import StrEnum

from bot.answers.ports import Ranked

OTHER_LAW = "other_law"
"""The reason of a question that was taken for one of another field of law, and so got no answer."""


class Outcome(StrEnum):
    """What a question gets."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Policy:
    """Two thresholds on calibrated probabilities.

    answer: least probability that the first topic is right, for serving its entry.
    labour: least probability that the question is about labour matters, for suggesting near
    questions; below it the question is declined with where to go instead.
    """

    answer: float
    labour: float

    def decide(self, ranked: Ranked) -> tuple[Outcome, str]:
        """The outcome and its reason: `other_law` for what seems to be another field."""
        if not ranked.topics:
            return Outcome.NONE, ""
        if ranked.certainty >= self.answer and ranked.labour >= self.labour:
            return Outcome.ANSWER, ""
        if ranked.labour >= self.labour:
            return Outcome.SUGGEST, ""
        return Outcome.NONE, OTHER_LAW

    def near(self, ranked: Ranked, outcome: Outcome) -> tuple[str, ...]:
        """The topics to offer: several when suggesting, none when declining."""
        return ranked.topics if outcome is Outcome.SUGGEST else ()
