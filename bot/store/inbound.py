"""Inbound messages: each is claimed once and keeps its prepared reply for the retries."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.messages import Reply
from bot.store.tables import InboundRow

_TABLE = InboundRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


@dataclass(frozen=True, slots=True)
class Prepared:
    """Where the processing of a message stands."""

    finished: bool
    claimed_at: datetime
    reply: Reply | None


class Inbound:
    """The rows of `inbound`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def claim(
        self, channel: str, key: str, person: str, now: datetime, *, forget_before: datetime | None = None
    ) -> str | None:
        """Claim a message that nobody has seen: a claim token, or None when it is known.

        A token for exactly one caller. A message received before `forget_before` counts as
        unknown again: whoever repeats it so late says something new.
        """
        claim = secrets.token_hex(16)
        row = {"channel": channel, "key": key, "person": person, "claim": claim}
        fresh = {"claimed_at": now, "received_at": now, "finished_at": None, "reply": None}
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(_TABLE).values(**row, **fresh)
        if forget_before is None:
            statement = statement.on_conflict_do_nothing(index_elements=["channel", "key"])
        else:
            statement = statement.on_conflict_do_update(
                index_elements=["channel", "key"],
                set_={"person": person, "claim": claim, **fresh},
                where=_TABLE.c.received_at < forget_before,
            )
        row_id = (await self._connection.execute(statement.returning(_TABLE.c.id))).scalar_one_or_none()
        return claim if row_id is not None else None

    async def find(self, channel: str, key: str) -> Prepared | None:
        """How far the message is, or None when it is unknown."""
        columns = (_TABLE.c.finished_at, _TABLE.c.claimed_at, _TABLE.c.reply)
        query = select(*columns).where(_TABLE.c.channel == channel, _TABLE.c.key == key)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        reply = None
        if row.reply is not None:
            plain = self._keys.open(row.reply, _context(channel, key))
            reply = Reply.from_json(plain.decode())
        return Prepared(row.finished_at is not None, row.claimed_at, reply)

    async def take_over(self, channel: str, key: str, stale_since: datetime, now: datetime) -> str | None:
        """Claim a message whose claim is older than that and unfinished: its process died.

        True for exactly one caller.
        """
        claim = secrets.token_hex(16)
        statement = (
            update(_TABLE)
            .where(
                _TABLE.c.channel == channel,
                _TABLE.c.key == key,
                _TABLE.c.finished_at.is_(None),
                _TABLE.c.claimed_at < stale_since,
            )
            .values(claim=claim, claimed_at=now)
        )
        return claim if (await self._connection.execute(statement)).rowcount == 1 else None

    async def finish(self, channel: str, key: str, claim: str, reply: Reply | None, now: datetime) -> bool:
        """Keep the prepared reply, if the claim still stands; False when somebody took it over."""
        sealed = None
        if reply is not None:
            sealed = self._keys.seal(reply.to_json().encode(), _context(channel, key))
        statement = (
            update(_TABLE)
            .where(_TABLE.c.channel == channel, _TABLE.c.key == key, _TABLE.c.claim == claim)
            .where(_TABLE.c.finished_at.is_(None))
            .values(finished_at=now, reply=sealed)
        )
        return (await self._connection.execute(statement)).rowcount == 1

    async def delete_before(self, received_before: datetime) -> int:
        """Forget messages older than that; how many there were."""
        statement = delete(_TABLE).where(_TABLE.c.received_at < received_before)
        return (await self._connection.execute(statement)).rowcount


def _context(channel: str, key: str) -> str:
    return f"inbound.reply:{channel}:{key}"
