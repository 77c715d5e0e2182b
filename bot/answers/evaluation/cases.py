"""What the ranker knows of each question with all, with fewer and with no encoders at hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.answers.calibration import FAST, FULL, LEXICAL, Calibration
from bot.answers.evaluation.observing import Progress, Seen
from bot.answers.evaluation.questions import Question
from bot.answers.ports import Ranked
from bot.answers.ranking import EnsembleRanker, SlowPolicy, Weighed


class Mode(StrEnum):
    """How much evidence a ranking rests on."""

    LEXICAL = "lexical"
    FAST = "fast"
    FULL = "full"


CALIBRATIONS: Mapping[Mode, Calibration] = {Mode.LEXICAL: LEXICAL, Mode.FAST: FAST, Mode.FULL: FULL}


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its uncalibrated ranking in each mode that can be had here.

    settled: declined as small talk, whatever the ranking says.
    """

    question: Question
    weighed: Mapping[Mode, Weighed]
    settled: bool = False

    def right_at(self, mode: Mode, k: int) -> bool:
        """Whether one of the first k topics is accepted in that mode."""
        return any(topic in self.question.topics for topic in self.weighed[mode].topics[:k])


def weigh_cases(
    ranker: EnsembleRanker, seen: Sequence[Seen], allowed: Mapping[str, object], progress: Progress | None = None
) -> list[Case]:
    """Weigh every question in every mode; `seen` tells what the rules settle."""
    cases = []
    for number, one in enumerate(seen, 1):
        evidence = ranker.evidence(one.question.text)
        parts = {Mode.LEXICAL: evidence.without("fast", "slow")}
        if "fast" in evidence.scores:
            parts[Mode.FAST] = evidence.without("slow")
        if "slow" in evidence.scores:
            parts[Mode.FULL] = evidence
        weighed = {mode: ranker.weigh(part, allowed) for mode, part in parts.items()}
        cases.append(Case(one.question, weighed, one.reason.startswith("small_talk.")))
        if progress:
            progress(number, len(seen))
    return cases


def best_mode(cases: Sequence[Case]) -> Mode:
    """The mode with the most evidence that all cases have."""
    return [mode for mode in Mode if all(mode in case.weighed for case in cases)][-1]


def served_mode(case: Case, policy: SlowPolicy, read: Callable[[Weighed, Mode], Ranked]) -> Mode:
    """The mode that the service uses for a question: the slow encoder only where it can decide."""
    if Mode.FULL in case.weighed:
        quick = read(case.weighed[Mode.FAST], Mode.FAST)
        return Mode.FULL if policy.asks(quick) else Mode.FAST
    return Mode.FAST if Mode.FAST in case.weighed else Mode.LEXICAL
