"""An unfinished complaint: plain JSON values, so that it rests sealed in the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from bot.complaints.intake.answers import Answer, Told, answer_from_json, answer_to_json
from bot.complaints.intake.steps import Step

FORMAT = 1

V = TypeVar("V")


class Mode(StrEnum):
    """What the next message answers."""

    ASKING = "asking"  # the question of the step
    CANCELLING = "cancelling"  # put away or delete?
    RESTARTING = "restarting"  # go on with this one or begin a new one?
    CHOOSING = "choosing"  # what is to be corrected?
    PAUSED = "paused"  # nothing: it waits until it is taken up again


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What is known so far.

    at: the step to which the worker went back; none: the first that is not done. heard: what was understood in
    passing and not confirmed. unread: words that were meant as an answer and not understood. done: steps that need
    no more asking. urgent: something in it called for the emergency numbers.
    """

    id: str
    begun_at: datetime
    channel: str
    topic: str = ""
    mode: Mode = Mode.ASKING
    at: Step | None = None
    answers: Mapping[Step, Answer] = field(default_factory=dict)
    heard: Mapping[Step, Answer] = field(default_factory=dict)
    unread: Mapping[Step, str] = field(default_factory=dict, repr=False)
    done: frozenset[Step] = frozenset()
    urgent: bool = False

    def answered(self, step: Step, answer: Answer) -> "Draft":
        """With that answer; what was heard or not understood of it before is settled."""
        return replace(
            self,
            answers={**self.answers, step: answer},
            heard=_without(self.heard, step),
            unread=_without(self.unread, step),
        )

    def finished(self, step: Step) -> "Draft":
        """With the step done and nobody gone back."""
        return replace(self, done=self.done | {step}, at=None, mode=Mode.ASKING)

    def without(self, step: Step) -> "Draft":
        """With nothing said on that step."""
        return replace(
            self,
            answers=_without(self.answers, step),
            heard=_without(self.heard, step),
            unread=_without(self.unread, step),
            done=self.done - {step},
        )

    def with_heard(self, step: Step, answer: Answer) -> "Draft":
        """With something understood in passing."""
        return replace(self, heard={**self.heard, step: answer})

    def without_heard(self, *steps: Step) -> "Draft":
        """With what was understood of these in passing set aside."""
        return replace(self, heard={step: answer for step, answer in self.heard.items() if step not in steps})

    def with_unread(self, step: Step, text: str) -> "Draft":
        """With words that were not understood, behind those before."""
        earlier = self.unread.get(step, "")
        return replace(self, unread={**self.unread, step: f"{earlier}；{text}" if earlier else text})

    def telling(self, text: str) -> "Draft":
        """With more of the story."""
        told = self.answers.get(Step.NARRATIVE)
        text = f"{told.text}\n{text}" if isinstance(told, Told) and told.text else text
        return replace(self, answers={**self.answers, Step.NARRATIVE: Told(text)})

    @property
    def story(self) -> str:
        """What happened, as told so far."""
        told = self.answers.get(Step.NARRATIVE)
        return told.text if isinstance(told, Told) else ""


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """The draft as a JSON object; `draft_from_json` gives an equal draft back."""
    return {
        "format": FORMAT,
        "id": draft.id,
        "begun_at": draft.begun_at.isoformat(),
        "channel": draft.channel,
        "topic": draft.topic,
        "mode": draft.mode.value,
        "at": draft.at and draft.at.value,
        "answers": {step.value: answer_to_json(answer) for step, answer in draft.answers.items()},
        "heard": {step.value: answer_to_json(answer) for step, answer in draft.heard.items()},
        "unread": {step.value: text for step, text in draft.unread.items()},
        "done": sorted(step.value for step in draft.done),
        "urgent": draft.urgent,
    }


def draft_from_json(raw: Mapping[str, Any]) -> Draft | None:
    """The draft that the object holds; None for one that another version of the program wrote."""
    if raw.get("format") != FORMAT:
        return None
    return Draft(
        id=raw["id"],
        begun_at=datetime.fromisoformat(raw["begun_at"]),
        channel=raw["channel"],
        topic=raw["topic"],
        mode=Mode(raw["mode"]),
        at=Step(raw["at"]) if raw["at"] else None,
        answers={Step(step): answer_from_json(answer) for step, answer in raw["answers"].items()},
        heard={Step(step): answer_from_json(answer) for step, answer in raw["heard"].items()},
        unread={Step(step): text for step, text in raw["unread"].items()},
        done=frozenset(Step(step) for step in raw["done"]),
        urgent=raw["urgent"],
    )


def _without(items: Mapping[Step, V], step: Step) -> Mapping[Step, V]:
    return {key: value for key, value in items.items() if key is not step}
