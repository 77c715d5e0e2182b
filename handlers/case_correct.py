"""Correcting one thing of a registered case in the chat: read as in the dialogue, and shown back."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.complaints.intake import Answer, Contact, Draft, Step, Told
from bot.complaints.intake.reading import read_answer
from bot.complaints.intake.showing import value
from bot.inbox import Turn
from bot.messages import Choice, Reply
from handlers.case_view import TRACK, back_choice
from handlers.drafts import frame_for
from handlers.memory import offer
from handlers.services import Services
from handlers.speaking import say
from handlers.tracked import keep_open

ACCIDENT = "accident"
"""Sensitive: corrected only where the worker agreed to that at filing."""

_FIELDS: Mapping[str, tuple[Step, str]] = {
    "employer": (Step.EMPLOYER, "employer"),
    "wish": (Step.WISH, "wish"),
    "since": (Step.SINCE, "since"),
    ACCIDENT: (Step.ACCIDENT, "accident"),
    "left": (Step.LEFT, "left"),
    "people": (Step.PEOPLE, "people"),
    "money": (Step.MONEY, "money"),
    "contact": (Step.CONTACT, ""),
}
"""What may be corrected: how it is read, and the field of the statement; a contact is three of them."""

Doing = Callable[[Turn, Services, Callable[[Any], Awaitable[object]]], Awaitable[str]]


def ask_what_to_correct(services: Services, *, sensitive: bool) -> Reply:
    """The things that may be corrected here. sensitive: the day of an injury as well."""
    words = services.wording
    labels = {name: f"intake.label.{name}" for name in _FIELDS} | {"since": "intake.label.since_breach"}
    labels |= {ACCIDENT: "intake.label.since_accident"}
    if not sensitive:
        del labels[ACCIDENT]
    choices = [Choice(words(label), f"{TRACK}correct:{name}") for name, label in labels.items()]
    return Reply(text=words("track.correct"), choices=(*choices, back_choice(services)))


def ask_value(services: Services) -> Reply:
    """The new value."""
    return Reply(text=services.wording("track.correct_value"), choices=(back_choice(services),))


async def correct(turn: Turn, case_id: str, which: str, services: Services, do: Doing) -> Reply:
    """Take the new value and show what was understood; or say what was not."""
    words = services.wording
    step, name = _FIELDS.get(which, (Step.WISH, "wish"))
    frame = frame_for(turn, services)
    draft = Draft(id="", begun_at=turn.now, channel=turn.message.channel)
    reading = read_answer(step, turn.message.text.strip(), draft, frame)
    if reading.answer is None:
        keep_open(turn, case_id, f"correct:{which}")
        problem = words(f"intake.unclear.{reading.problem}")
        return offer(turn, Reply(text=problem, choices=(back_choice(services),)))
    changes = _changes(reading.answer, name)
    follower = services.complaints.desk.follower
    refused = await do(turn, services, lambda work: follower.correct(work, case_id, changes, turn.now))
    keep_open(turn, case_id)
    told = words("track.corrected_value", value=say(value(step, reading.answer, draft, frame), words))
    text = refused or f"{words('track.corrected')}\n{told}"
    return offer(turn, Reply(text=text, choices=(back_choice(services),)))


def _changes(answer: Answer, name: str) -> dict[str, Any]:
    match answer:
        case Contact():
            given = {"name": answer.name, "phone": answer.phone, "contact": answer.other}
            return {field: text for field, text in given.items() if text}
        case Told():
            return {name: answer.text}
        case _:
            return {name: answer}
