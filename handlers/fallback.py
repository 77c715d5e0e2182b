"""What nobody else took."""

from bot.inbox import Turn
from bot.messages import Reply
from handlers.services import Services


class Fallback:
    """Asks for text."""

    def matches(self, turn: Turn) -> bool:
        """Always."""
        return True

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Ask for text."""
        return Reply(text=services.wording("empty"))
