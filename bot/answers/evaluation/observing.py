"""Asking the questions as people would, and keeping what each one got."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answers.evaluation.questions import Question
from bot.answers.outcome import Outcome
from bot.answers.service import AnswerService

Progress = Callable[[int, int], object]

_ENTRY = "entry:"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one question got: the ranking, and the topics that were put before the asker."""

    question: Question
    outcome: Outcome
    reason: str
    topics: tuple[str, ...]
    shown: tuple[str, ...]
    certainty: float
    labour: float
    ms: float

    def right_at(self, k: int) -> bool:
        """Whether one of the first k topics is accepted."""
        return any(topic in self.question.topics for topic in self.topics[:k])

    @property
    def reciprocal(self) -> float:
        """One over the place of the first accepted topic; 0 when it is not among the ten."""
        places = (place for place, topic in enumerate(self.topics, 1) if topic in self.question.topics)
        return 1 / next(places, float("inf"))

    @property
    def is_wrong_answer(self) -> bool:
        """Whether an entry was served that is not accepted."""
        return self.outcome is Outcome.ANSWER and not self.right_at(1)

    @property
    def showed_accepted(self) -> bool:
        """Whether an accepted topic was served or offered."""
        return any(topic in self.question.topics for topic in self.shown)


def observe(
    service: AnswerService, questions: Sequence[Question], on: datetime, progress: Progress | None = None
) -> list[Seen]:
    """Put every question to the service, one after the other."""
    seen = []
    for number, question in enumerate(questions, 1):
        seen.append(_observed(service, question, on))
        if progress:
            progress(number, len(questions))
    return seen


def _observed(service: AnswerService, question: Question, on: datetime) -> Seen:
    start = time.perf_counter()
    answered = service.answer(question.text, on)
    ms = (time.perf_counter() - start) * 1000
    ranked, reply = answered.ranked, answered.reply
    offered = (choice.action for choice in reply.choices if choice.action.startswith(_ENTRY))
    shown = {
        Outcome.ANSWER: ranked.topics[:1],
        Outcome.SUGGEST: tuple(action.removeprefix(_ENTRY) for action in offered),
        Outcome.NONE: (),
    }[answered.outcome]
    return Seen(
        question=question,
        outcome=answered.outcome,
        reason=answered.reason,
        topics=ranked.topics,
        shown=shown,
        certainty=ranked.certainty,
        labour=ranked.labour,
        ms=ms,
    )
