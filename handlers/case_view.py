"""A tracked case as a reply: where it stands, what is next, what was said, what may be done."""

from collections.abc import Iterator
from datetime import datetime

from bot.clock import SHANGHAI, local_date
from bot.complaints.cases import SaidDays, SaidQuantity, Statement
from bot.complaints.intake import Step
from bot.complaints.intake.showing import days_value, quantity_value
from bot.complaints.lifecycle import State, Verdict
from bot.complaints.worker.tracking import Can, Tracking
from bot.fitting import split, utf8_bytes
from bot.messages import Choice, Link, Reply
from handlers.services import Services
from handlers.speaking import say

TRACK = "track:"
_ROOM = 1100
"""Bytes for what happened; choices, links and state stand beside it in the shortest channel's message."""

_MOST_STEPS = 3
_OPTIONS: tuple[tuple[Can, str], ...] = (
    (Can.SAY, "say"),
    (Can.COPY, "copy"),
    (Can.CORRECT, "correct"),
    (Can.CHANGE_PASSING_ON, "consent"),
    (Can.WITHDRAW, "withdraw"),
    (Can.RESTORE, "restore"),
    (Can.ASK_DELETION, "delete"),
)


def case_reply(case: Tracking, services: Services, *first: str) -> Reply:
    """The case as it stands. `first`: what is said before."""
    words = services.wording
    text = "\n".join((*first, services.complaints.desk.words.standing(case)))
    parts = [text]
    for part in _parts(case, services):
        if utf8_bytes("\n\n".join((*parts, part))) <= _ROOM:
            parts.append(part)
    asks = case.verdict_asked and Can.GIVE_VERDICT in case.can
    return Reply(
        title=words("track.title", number=case.number),
        text="\n\n".join(parts),
        links=_links(case, services),
        prompt=_prompt(case, services, asks=asks),
        choices=tuple(_choices(case, services, asks=asks)),
        hint=words("track.hint"),
    )


def statement_reply(case: Tracking, services: Services) -> Reply:
    """What the worker registered, as far as a message holds it."""
    words = services.wording
    values = {} if case.said is None else _said(case.said, case, services)
    lines = [
        words("track.copy_item", name=words(f"intake.label.{name}"), value=value)
        for name, value in values.items()
        if value
    ]
    text = split("\n".join((words("track.copy"), *lines)), _ROOM)[0]
    return Reply(title=words("track.title", number=case.number), text=text, links=_full(services))


def back_choice(services: Services) -> Choice:
    """Back to the case."""
    return Choice(services.wording("track.option.back"), f"{TRACK}show")


def _prompt(case: Tracking, services: Services, *, asks: bool) -> str:
    if asks:
        return services.wording("track.verdict_ask")
    return services.wording("track.answer_ask") if case.state is State.AWAITING_WORKER else ""


def _parts(case: Tracking, services: Services) -> Iterator[str]:
    words, desk = services.wording, services.complaints.desk.words
    theirs = [message for message in case.messages if not message.from_worker]
    new = theirs[-case.unread :] if case.unread else theirs[-1:]
    if new:
        told = [words("track.message", date=_date(one.sent_at, services), text=one.text) for one in new]
        yield "\n".join((words("track.new" if case.unread else "track.older"), *told))
    if case.next_steps:
        yield "\n".join((words("track.next"), *(desk.next_step(step) for step in case.next_steps)))
    steps = [
        words("track.step_note", date=_date(step.happened_at, services), what=desk.step(step), note=step.note)
        if step.note
        else words("track.step", date=_date(step.happened_at, services), what=desk.step(step))
        for step in case.steps[-_MOST_STEPS:]
    ]
    if steps:
        yield "\n".join((words("track.steps"), *steps))


def _choices(case: Tracking, services: Services, *, asks: bool) -> Iterator[Choice]:
    words = services.wording
    if asks:
        for verdict in Verdict:
            yield Choice(words(f"track.option.{verdict}"), f"{TRACK}verdict:{verdict}")
    for can, name in _OPTIONS:
        if can in case.can and (can is not Can.CHANGE_PASSING_ON or services.complaints.settings.bodies):
            yield Choice(words(f"track.option.{name}"), f"{TRACK}{name}")
    if case.notices:
        yield Choice(words("track.option.notices"), f"{TRACK}notices")
    if case.guard.lines or case.guard.elsewhere:
        yield Choice(words("track.option.limits"), f"{TRACK}limits")
    yield Choice(words("track.option.end"), f"{TRACK}end")


def _links(case: Tracking, services: Services) -> tuple[Link, ...]:
    if Can.ADD_FILES not in case.can or not services.complaints.base_url:
        return ()
    return (Link(services.wording("track.option.add_files"), "/track"),)


def _full(services: Services) -> tuple[Link, ...]:
    return (Link(services.wording("track.copy_full"), "/track"),) if services.complaints.base_url else ()


def _date(instant: datetime, services: Services) -> str:
    here = instant.astimezone(SHANGHAI)
    return services.wording("track.date", month=here.month, day=here.day)


def _said(said: Statement, case: Tracking, services: Services) -> dict[str, str]:
    """Each thing that was said, as it was understood, by the name of its label."""
    words, categories = services.wording, services.complaints.desk.categories
    day = local_date(case.registered_at)
    meaning = categories.get(case.category).since.value if case.category in categories else "breach"
    accident_is_since = meaning == "accident" and said.since == SaidDays()
    since = {} if accident_is_since else {f"since_{meaning}": said.since}
    times = {**since, "since_accident": said.accident, "left": said.left}
    employed = "intake.option.employed_still" if said.employed else "intake.option.employed_gone"
    return {
        "employer": said.employer,
        "district": said.site,
        **{name: say(days_value(days, day), words) if days != SaidDays() else "" for name, days in times.items()},
        "employed": words(employed) if said.employed is not None else "",
        "people": _quantity(Step.PEOPLE, said.people, services),
        "money": _quantity(Step.MONEY, said.money, services),
        "wish": said.wish,
        "narrative": said.narrative,
    }


def _quantity(step: Step, said: SaidQuantity, services: Services) -> str:
    return say(quantity_value(step, said), services.wording) if said != SaidQuantity() else ""
