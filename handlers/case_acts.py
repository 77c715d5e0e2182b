"""What a worker does with an open case in the chat: write, say what came of it, correct, withdraw, ask for deletion."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.complaints.lifecycle import State, Verdict
from bot.complaints.worker.reaching import Chosen, chosen_by
from bot.complaints.worker.refusals import NotFound, Refused, SlowDown
from bot.complaints.worker.tracking import Tracking
from bot.inbox import Turn
from bot.messages import Choice, Reply
from handlers.case_consent import CONSENT, ask_whom, consent
from handlers.case_correct import ACCIDENT, ask_value, ask_what_to_correct, correct
from handlers.case_notices import NOTICES, ask_notices, choose_notices
from handlers.case_view import TRACK, back_choice, case_reply, statement_reply
from handlers.memory import offer
from handlers.services import Services
from handlers.tracked import close, keep_open

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.unit_of_work import UnitOfWork

    Act = Callable[[UnitOfWork], Awaitable[object]]

SAY = "say"
ANSWER = "answer"
"""The union has asked something: a text that asks for nothing else is the answer."""


async def show_case(turn: Turn, case_id: str, services: Services, *first: str) -> Reply:
    """The case as it stands; the look is logged in the transaction that keeps the reply."""
    tracking = await look(case_id, turn, services)
    if isinstance(tracking, str):
        close(turn)
        return offer(turn, Reply(text="\n".join((*first, tracking))))
    keep_open(turn, case_id, ANSWER if tracking.state is State.AWAITING_WORKER else "")
    return offer(turn, case_reply(tracking, services, *first))


async def look(case_id: str, turn: Turn, services: Services) -> Tracking | str:
    """What the worker may see, marked as seen; or why there is nothing, in words."""
    desk = services.complaints.desk
    try:
        async with services.complaints.store.write() as work:
            tracking = await desk.follower.tracking(work, case_id, turn.now)
            link = await work.links.find(case_id, turn.person)
            await work.commit()
    except NotFound:
        return desk.words.not_found()
    chosen = chosen_by(link.grants) if link else Chosen.NONE
    return replace(tracking, notices="" if chosen is Chosen.NONE else chosen)


async def do(turn: Turn, services: Services, act: "Act") -> str:
    """Have something done with the reply; why not, in words, where the case does not take it now.

    It is tried first and rolled back: what is refused has to be told instead of done.
    """
    desk = services.complaints.desk
    try:
        async with services.complaints.store.write() as work:
            await act(work)
    except Refused as refused:
        return desk.words.refused(refused)
    except SlowDown as refused:
        return desk.words.slow_down(refused)
    except NotFound:
        return desk.words.not_found()
    turn.then(act)
    return ""


async def act_on(turn: Turn, case_id: str, wish: str, services: Services) -> Reply:
    """What was picked under the case."""
    what, _, more = wish.partition(":")
    acts: dict[str, Callable[[], Awaitable[Reply]]] = {
        "say": lambda: _ask_message(turn, case_id, services),
        "limits": lambda: _limits(turn, case_id, services),
        "copy": lambda: _copy(turn, case_id, services),
        "correct": lambda: _correct(turn, case_id, more, services),
        CONSENT: lambda: _consent(turn, case_id, more, services),
        NOTICES: lambda: _notices(turn, case_id, more, services),
        "verdict": lambda: _verdict(turn, case_id, more, services),
        "withdraw": lambda: _really(turn, case_id, "withdraw", more, services),
        "delete": lambda: _really(turn, case_id, "delete", more, services),
        "restore": lambda: _restore(turn, case_id, services),
        "end": lambda: _end(turn, services),
    }
    act = acts.get(what)
    return await (act() if act else show_case(turn, case_id, services))


async def answer_open(turn: Turn, case_id: str, doing: str, services: Services) -> Reply:
    """A text for what was asked last: a message to the union, or a corrected value."""
    text = turn.message.text.strip()
    if doing == CONSENT:
        return await consent(turn, case_id, text, services, do)
    if doing == NOTICES:
        return await choose_notices(turn, case_id, text, services, do)
    if doing != SAY:
        return await correct(turn, case_id, doing.partition(":")[2], services, do)
    follower = services.complaints.desk.follower
    refused = await do(turn, services, lambda work: follower.say(work, case_id, text, turn.now))
    keep_open(turn, case_id, SAY)
    told = refused or services.wording("track.said")
    notice = services.answers.emergency_notice(text)  # a cadre reads it in office hours
    return offer(turn, Reply(text=told, choices=(back_choice(services),), notice=notice))


async def _ask_message(turn: Turn, case_id: str, services: Services) -> Reply:
    keep_open(turn, case_id, SAY)
    return offer(turn, Reply(text=services.wording("track.say"), choices=(back_choice(services),)))


async def _limits(turn: Turn, case_id: str, services: Services) -> Reply:
    tracking = await look(case_id, turn, services)
    if isinstance(tracking, str):
        return await show_case(turn, case_id, services)
    lines = services.complaints.desk.words.guard(tracking.guard, brief=True)
    keep_open(turn, case_id)
    text = "\n".join(lines) or services.wording("track.no_limits")
    return offer(turn, Reply(text=text, choices=(back_choice(services),)))


async def _copy(turn: Turn, case_id: str, services: Services) -> Reply:
    tracking = await look(case_id, turn, services)
    if isinstance(tracking, str):
        return await show_case(turn, case_id, services)
    keep_open(turn, case_id)
    reply = statement_reply(tracking, services)
    choices = (Choice(services.wording("track.option.correct"), f"{TRACK}correct"), back_choice(services))
    return offer(turn, Reply(title=reply.title, text=reply.text, links=reply.links, choices=choices))


async def _correct(turn: Turn, case_id: str, which: str, services: Services) -> Reply:
    if which in {"", ACCIDENT}:
        tracking = await look(case_id, turn, services)
        if isinstance(tracking, str):
            return await show_case(turn, case_id, services)
        if not (which and tracking.sensitive):
            keep_open(turn, case_id)
            return offer(turn, ask_what_to_correct(services, sensitive=tracking.sensitive))
    keep_open(turn, case_id, f"correct:{which}")
    return offer(turn, ask_value(services))


async def _consent(turn: Turn, case_id: str, which: str, services: Services) -> Reply:
    if which:
        return await consent(turn, case_id, which, services, do, picked=True)
    tracking = await look(case_id, turn, services)
    if isinstance(tracking, str) or not services.complaints.settings.bodies:
        return await show_case(turn, case_id, services)
    return ask_whom(turn, tracking, services)


async def _notices(turn: Turn, case_id: str, which: str, services: Services) -> Reply:
    if which:
        return await choose_notices(turn, case_id, which, services, do)
    tracking = await look(case_id, turn, services)
    if isinstance(tracking, str) or not tracking.notices:
        return await show_case(turn, case_id, services)
    return ask_notices(turn, tracking, services)


async def _verdict(turn: Turn, case_id: str, which: str, services: Services) -> Reply:
    if which not in set(Verdict):
        return await show_case(turn, case_id, services)
    verdict = Verdict(which)
    follower = services.complaints.desk.follower
    refused = await do(turn, services, lambda work: follower.give_verdict(work, case_id, verdict, turn.now))
    if refused:
        return await show_case(turn, case_id, services, refused)
    keep_open(turn, case_id, SAY)
    thanks = services.wording("track.verdict_thanks" if verdict is Verdict.SOLVED else "track.verdict_sorry")
    return offer(turn, Reply(text=thanks, choices=(back_choice(services),)))


async def _really(turn: Turn, case_id: str, what: str, more: str, services: Services) -> Reply:
    """Ask once more before what is hard to undo."""
    words, desk = services.wording, services.complaints.desk
    keep_open(turn, case_id)
    if more != "yes":
        really = Choice(words(f"track.option.really_{what}"), f"{TRACK}{what}:yes")
        return offer(turn, Reply(text=words(f"track.{what}"), choices=(really, back_choice(services))))
    if what == "withdraw":
        refused = await do(turn, services, lambda work: desk.follower.withdraw(work, case_id, turn.now))
        told = refused or words("track.withdrawn")
    else:
        refused = await do(turn, services, lambda work: desk.follower.ask_deletion(work, case_id, turn.now))
        told = refused or await _deletion_words(turn, case_id, services)
    return offer(turn, Reply(text=told, choices=(back_choice(services),)))


async def _deletion_words(turn: Turn, case_id: str, services: Services) -> str:
    """What stays after a deletion, and why."""
    desk = services.complaints.desk
    async with services.complaints.store.write() as work:
        deletion = await desk.follower.ask_deletion(work, case_id, turn.now)  # rolled back: the turn writes it
    return "\n".join(desk.words.deletion(deletion))


async def _restore(turn: Turn, case_id: str, services: Services) -> Reply:
    follower = services.complaints.desk.follower
    refused = await do(turn, services, lambda work: follower.restore(work, case_id, turn.now))
    keep_open(turn, case_id)
    told = refused or services.wording("track.restored")
    return offer(turn, Reply(text=told, choices=(back_choice(services),)))


async def _end(turn: Turn, services: Services) -> Reply:
    close(turn)
    return offer(turn, Reply(text=services.wording("track.ended")))
