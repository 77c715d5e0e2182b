"""To whom a registered matter may be passed on: asked as at filing, given and withdrawn at any time."""

from bot.complaints.intake import Chosen, Draft, Step
from bot.complaints.intake.options import ALL, NONE, options_for
from bot.complaints.intake.reading import read_answer
from bot.complaints.worker.tracking import Tracking
from bot.inbox import Turn
from bot.messages import Choice, Reply
from handlers.case_correct import Doing
from handlers.case_view import TRACK, back_choice
from handlers.drafts import frame_for
from handlers.memory import offer
from handlers.services import Services
from handlers.speaking import say_label
from handlers.tracked import keep_open

CONSENT = "consent"


def ask_whom(turn: Turn, case: Tracking, services: Services) -> Reply:
    """To whom it may be passed on now, and the question to whom it may be."""
    bodies = services.complaints.desk.words.bodies(case.passing_on)
    return _ask(turn, case.case_id, services, services.wording("track.consent", bodies=bodies))


async def consent(  # noqa: PLR0913 - an answer, and what is done with it
    turn: Turn, case_id: str, answer: str, services: Services, do: Doing, *, picked: bool = False
) -> Reply:
    """Take the answer and show to whom the matter may be passed on from now; or ask again. picked: it is a code."""
    bodies = _picked(answer, services) if picked else _read(turn, answer, services)
    if bodies is None:
        return _ask(turn, case_id, services, services.wording("intake.unclear.which_bodies"))
    follower, words = services.complaints.desk.follower, services.complaints.desk.words
    refused = await do(turn, services, lambda work: follower.change_passing_on(work, case_id, bodies, turn.now))
    keep_open(turn, case_id)
    told = refused or services.wording("track.consented", bodies=words.bodies(bodies))
    return offer(turn, Reply(text=told, choices=(back_choice(services),)))


def _ask(turn: Turn, case_id: str, services: Services, text: str) -> Reply:
    keep_open(turn, case_id, CONSENT)
    options = options_for(Step.PASSING_ON, _draft(turn), frame_for(turn, services))
    choices = (Choice(say_label(one, services.wording), f"{TRACK}{CONSENT}:{one.code}") for one in options)
    return offer(turn, Reply(text=text, choices=(*choices, back_choice(services))))


def _picked(code: str, services: Services) -> tuple[str, ...]:
    everybody = tuple(body.id for body in services.complaints.settings.bodies)
    return {ALL: everybody, NONE: ()}.get(code, (code,))


def _read(turn: Turn, text: str, services: Services) -> tuple[str, ...] | None:
    answer = read_answer(Step.PASSING_ON, text, _draft(turn), frame_for(turn, services)).answer
    return answer.codes if isinstance(answer, Chosen) else None


def _draft(turn: Turn) -> Draft:
    return Draft(id="", begun_at=turn.now, channel=turn.message.channel)
