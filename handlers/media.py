"""Voice, pictures, places and whatever else is not text."""

from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.services import Services

_KINDS = (Kind.VOICE, Kind.IMAGE, Kind.VIDEO, Kind.LOCATION, Kind.UNSUPPORTED)


class Media:
    """Says honestly what cannot be understood, and asks for text."""

    def matches(self, turn: Turn) -> bool:
        """Anything that carries no text."""
        return turn.message.kind in _KINDS

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """One sentence by kind."""
        return Reply(text=services.wording(f"media.{turn.message.kind.value}", hotline=services.hotline))
