"""In a group questions are answered; for what concerns one person's matter a private conversation is offered."""

from bot.inbox import Turn
from bot.messages import Link, Reply
from handlers.complain import Complain
from handlers.services import Services
from handlers.track import Track

_PUBLIC, _TO_TRACK, _TO_COMPLAIN = "public", "private_track", "private_complain"
"""What a channel says of a message that others read, and where the same can be said in private."""

_TRACK, _COMPLAIN = Track(), Complain()


class Public:
    """Takes complaints and receipts that somebody brings into a group, and does nothing with them."""

    def matches(self, turn: Turn) -> bool:
        """Others read it, and it is about a complaint."""
        return bool(turn.message.data.get(_PUBLIC)) and (_TRACK.matches(turn) or _COMPLAIN.matches(turn))

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Where this can be said without others reading it."""
        track = _TRACK.matches(turn)
        words = services.wording
        url = turn.message.data.get(_TO_TRACK if track else _TO_COMPLAIN, "")
        text = words("public.track" if track else "public.complain", hotline=services.hotline)
        return Reply(text=text, links=(Link(words("public.open"), url),) if url else ())
