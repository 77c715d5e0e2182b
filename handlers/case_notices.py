"""What a worker who follows a case in a chat gets there of news: the words, only that there are some, or nothing."""

import re

from bot.complaints.worker.reaching import Chosen
from bot.complaints.worker.tracking import Tracking
from bot.inbox import Turn
from bot.messages import Choice, Reply
from handlers.case_correct import Doing
from handlers.case_view import TRACK, back_choice
from handlers.memory import offer
from handlers.services import Services
from handlers.tracked import keep_open

NOTICES = "notices"

_WORDS = {
    Chosen.NEUTRAL: re.compile("(?:只|光)要?提醒.*|.*[不别勿没].*内容.*"),
    Chosen.NONE: re.compile("(?:不要|不用|不|别|关掉|关闭|取消|停)(?:再)?提醒(?:了|我了|我)?|关掉|关闭"),
    Chosen.SHOWN: re.compile("(?:提醒[^不别勿没]{0,3})?(?:要|我要|写|写出|显示|发|带)+(?:出)?内容(?:吧)?"),
}
"""How it is said; the first that fits counts. Whoever says no and speaks of the content is never taken to want it."""


def ask_notices(turn: Turn, case: Tracking, services: Services) -> Reply:
    """How it is now, what each choice sends where, and the choices that change something."""
    words = services.wording
    text = words("track.notices", now=words(f"track.notices_now.{case.notices}"))
    return _ask(turn, case.case_id, services, text, without=case.notices)


async def choose_notices(turn: Turn, case_id: str, said: str, services: Services, do: Doing) -> Reply:
    """Take the choice, by its code or in words, and say what holds from now on; or ask again."""
    words = services.wording
    chosen = Chosen(said) if said in set(Chosen) else _read(said)
    if chosen is None:
        return _ask(turn, case_id, services, words("intake.unclear.choice"))
    follower = services.complaints.desk.follower
    refused = await do(
        turn, services, lambda work: follower.choose_notices(work, case_id, turn.person, chosen, turn.now)
    )
    keep_open(turn, case_id)
    return offer(turn, Reply(text=refused or words(f"track.notices_chosen.{chosen}"), choices=(back_choice(services),)))


def _ask(turn: Turn, case_id: str, services: Services, text: str, without: str = "") -> Reply:
    keep_open(turn, case_id, NOTICES)
    choices = (
        Choice(services.wording(f"track.option.notices_{one}"), f"{TRACK}{NOTICES}:{one}")
        for one in Chosen
        if one != without
    )
    return offer(turn, Reply(text=text, choices=(*choices, back_choice(services))))


def _read(text: str) -> Chosen | None:
    return next((chosen for chosen, pattern in _WORDS.items() if pattern.fullmatch(text)), None)
