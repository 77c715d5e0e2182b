"""What a person sees of the conversation: the latest exchanges, sealed in the store.

Kept beside the dialogue's own memory under a name of its own, so that it survives the redirect
after each form and stands on the page without any script. A receipt leaves it with the next thing that is said, and
what a receipt has opened when the case closes by itself: others may use the browser.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.complaints.receipts import hide_receipts
from bot.errors import CannotOpen, StoreUnavailable
from bot.messages import Reply
from bot.site.desk_session import IDLE
from bot.site.ports import SiteParts, SiteWork
from bot.site.session import CHANNEL, HISTORY, SESSION_LASTS

log = structlog.get_logger(__name__)

MOST_KEPT = 20
MOST_TRIES = 10


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing said and what was replied. `key` is the key of the message; `at` is not known of old ones."""

    key: str
    said: str
    reply: Reply
    at: datetime | None = None


class History:
    """The visible conversation of a session."""

    def __init__(self, parts: SiteParts) -> None:
        self._parts = parts

    async def find(self, session: str) -> list[Exchange]:
        """The latest exchanges, oldest first; none when the last is more than a day old."""
        async with self._parts.read() as work:
            exchanges, _ = await self._remembered(work, self._parts.keys.person(HISTORY, session))
            return self._put_away(exchanges, self._parts.clock.now())

    async def add(self, session: str, exchange: Exchange) -> list[Exchange]:
        """Put an exchange at the end; the same message again only moves there. Safe to repeat.

        Raises StoreUnavailable, also when other processes write the same conversation without a break.
        """
        person = self._parts.keys.person(HISTORY, session)
        for _ in range(MOST_TRIES):
            kept = await self._add(person, exchange)
            if kept is not None:
                return kept
        raise StoreUnavailable("the conversation went on elsewhere")

    async def _add(self, person: str, exchange: Exchange) -> list[Exchange] | None:
        """What stands there now; None when another process has written meanwhile."""
        parts = self._parts
        async with parts.write() as work:
            known, version = await self._remembered(work, person)
            earlier = [one for one in known if one.key != exchange.key]
            now = parts.clock.now()
            kept = self._put_away([*earlier, replace(exchange, at=now)][-MOST_KEPT:], now)
            rows = [_row(exchange) for exchange in kept]
            if not await work.conversations.save(person, CHANNEL, {"exchanges": rows}, now, version):
                return None
            await work.commit()
        return kept

    def _put_away(self, exchanges: list[Exchange], now: datetime) -> list[Exchange]:
        """The exchanges without receipts, but for the reply that was given last, and without cases that have closed."""
        mark, gone = self._parts.wording("site.receipt_hidden"), Reply(text=self._parts.wording("site.case_closed"))
        kept = []
        for exchange in exchanges:
            said, reply = hide_receipts(exchange.said, mark), exchange.reply
            if reply.private and (exchange.at is None or now - exchange.at > IDLE):
                said, reply = "", gone
            elif exchange is not exchanges[-1]:
                reply = replace(reply, text=hide_receipts(reply.text, mark))
            kept.append(replace(exchange, said=said, reply=reply))
        return kept

    async def forget(self, session: str) -> None:
        """Delete everything kept about the session: conversation, questions, votes, replies."""
        parts = self._parts
        async with parts.write() as work:
            for channel in (CHANNEL, HISTORY):
                await work.people.forget(parts.keys.person(channel, session))
            await work.commit()

    async def _remembered(self, work: SiteWork, person: str) -> tuple[list[Exchange], int]:
        since = self._parts.clock.now() - timedelta(seconds=SESSION_LASTS)
        try:
            found = await work.conversations.find(person, since)
        except CannotOpen as error:
            # a key is missing from the ring: the page goes on without its past, the operator is told
            log.error("site.history_unreadable", person=person, cause=error.detail)
            return [], await work.conversations.version(person)
        return _exchanges(found.state), found.version


def _row(exchange: Exchange) -> dict[str, str]:
    at = exchange.at.isoformat() if exchange.at else ""
    return {"key": exchange.key, "said": exchange.said, "reply": exchange.reply.to_json(), "at": at}


def _exchanges(state: dict[str, Any]) -> list[Exchange]:
    exchanges = []
    for row in state.get("exchanges", []):
        try:
            at = datetime.fromisoformat(row["at"]) if row.get("at") else None
            exchanges.append(Exchange(row["key"], row["said"], Reply.from_json(row["reply"]), at))
        except (KeyError, TypeError, ValueError):
            continue  # written by another version of the program; the rest is still worth showing
    return exchanges
