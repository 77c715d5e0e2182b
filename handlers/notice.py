"""A platform's own events (a menu link opened, a template message delivered) get no reply."""

from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.services import Services


class Notice:
    """Takes events that nobody waits on."""

    def matches(self, turn: Turn) -> bool:
        """Platform events."""
        return turn.message.kind is Kind.NOTICE

    async def handle(self, turn: Turn, services: Services) -> Reply | None:
        """Say nothing."""
        return None
