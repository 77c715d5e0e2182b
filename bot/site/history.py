"""What a person sees of the conversation: the latest exchanges, sealed in the store.

Kept beside the dialogue's own memory under a name of its own, so that it survives the redirect
after each form and stands on the page without any script.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import CannotOpen
from bot.messages import Reply
from bot.site.ports import SiteParts, SiteWork
from bot.site.session import CHANNEL, HISTORY, SESSION_LASTS

log = structlog.get_logger(__name__)

MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing said and what was replied. `key` is the key of the message."""

    key: str
    said: str
    reply: Reply


class History:
    """The visible conversation of a session."""

    def __init__(self, parts: SiteParts) -> None:
        self._parts = parts

    async def find(self, session: str) -> list[Exchange]:
        """The latest exchanges, oldest first; none when the last is more than a day old."""
        async with self._parts.read() as work:
            return await self._remembered(work, self._parts.keys.person(HISTORY, session))

    async def add(self, session: str, exchange: Exchange) -> list[Exchange]:
        """Put an exchange at the end; the same message again only moves there. Safe to repeat."""
        parts = self._parts
        now = parts.clock.now()
        person = parts.keys.person(HISTORY, session)
        async with parts.write() as work:
            known = await self._remembered(work, person)
            earlier = [one for one in known if one.key != exchange.key]
            kept = [*earlier, exchange][-MOST_KEPT:]
            rows = [{"key": e.key, "said": e.said, "reply": e.reply.to_json()} for e in kept]
            await work.conversations.save(person, CHANNEL, {"exchanges": rows}, now)
            await work.commit()
        return kept

    async def forget(self, session: str) -> None:
        """Delete everything kept about the session: conversation, questions, votes, replies."""
        parts = self._parts
        async with parts.write() as work:
            for channel in (CHANNEL, HISTORY):
                await work.people.forget(parts.keys.person(channel, session))
            await work.commit()

    async def _remembered(self, work: SiteWork, person: str) -> list[Exchange]:
        since = self._parts.clock.now() - timedelta(seconds=SESSION_LASTS)
        try:
            return _exchanges(await work.conversations.find(person, since))
        except CannotOpen as error:
            # a key is missing from the ring: the page goes on without its past, the operator is told
            log.error("site.history_unreadable", person=person, cause=error.detail)
            return []


def _exchanges(state: dict[str, Any]) -> list[Exchange]:
    exchanges = []
    for row in state.get("exchanges", []):
        try:
            exchanges.append(Exchange(row["key"], row["said"], Reply.from_json(row["reply"])))
        except (KeyError, TypeError, ValueError):
            continue  # written by another version of the program; the rest is still worth showing
    return exchanges
