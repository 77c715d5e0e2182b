"""Picking one of the choices last offered: by its number, or by tapping it."""

import re
import unicodedata

from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.memory import offer, offered
from handlers.services import Services
from handlers.vote import cast_vote

_NUMBER = re.compile(r"(?:第|选|选择|回复)?\s*([0-9]{1,2}|[一二三四五六七八九十])\s*(?:个|号|条|、|\.)?")
_CHINESE = "一二三四五六七八九十"


class Choose:
    """Shows the entry that was picked, or counts the vote that was tapped."""

    def matches(self, turn: Turn) -> bool:
        """A tapped choice, or a bare number while choices are on offer."""
        if turn.message.kind is Kind.CHOICE:
            return True
        if turn.message.kind is not Kind.TEXT:
            return False
        return picked_number(turn.message.text) is not None

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """The entry behind the choice; a kind word when there is none."""
        choices = offered(turn)
        action = turn.message.action
        if turn.message.kind is Kind.TEXT:
            number = picked_number(turn.message.text) or 0
            if not choices:
                return Reply(text=services.wording("choose.expired"))
            if not 1 <= number <= len(choices):
                return Reply(text=services.wording("choose.unknown"))
            action = choices[number - 1].action
        what, _, argument = action.partition(":")
        if what == "entry" and services.answers.is_served(argument, turn.now):
            return offer(turn, services.answers.entry_reply(argument, turn.now))
        if what == "vote":
            way, _, topic = argument.partition(":")
            return cast_vote(turn, services, helpful=way == "up", topic=topic)
        return Reply(text=services.wording("choose.expired"))


def picked_number(text: str) -> int | None:
    """The number a person typed to pick something: 2, ２, 第2个, 二; None for anything else."""
    folded = unicodedata.normalize("NFKC", text).strip()
    match = _NUMBER.fullmatch(folded)
    if match is None:
        return None
    return int(match[1]) if match[1].isdecimal() else _CHINESE.index(match[1]) + 1
