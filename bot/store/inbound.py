"""Inbound messages: each is kept once, with its prepared reply for the retries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Insert, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.messages import Reply
from bot.store.tables import InboundRow

_TABLE = InboundRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every message."""

# Built once: each message needs them, and putting one together costs more than running it.
_FIND = select(_TABLE.c.received_at, _TABLE.c.reply).where(
    _TABLE.c.channel == bindparam("in_channel"),
    _TABLE.c.key == bindparam("in_key"),
    _TABLE.c.received_at >= bindparam("not_before"),
)


@cache
def _keep_statement(dialect_name: str) -> Insert:
    """Insert a message, or put it in place of one received before `forget_before`; gives its id if it did."""
    statement = (postgresql if dialect_name == "postgresql" else sqlite).insert(_TABLE)
    complete: Insert = statement.on_conflict_do_update(
        index_elements=["channel", "key"],
        set_={name: statement.excluded[name] for name in ("person", "received_at", "reply")},
        where=_TABLE.c.received_at < bindparam("forget_before", type_=_TABLE.c.received_at.type),
    )
    return complete.returning(_TABLE.c.id)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that has been handled; `reply` is None when there is nothing to say."""

    received_at: datetime
    reply: Reply | None


class Inbound:
    """The rows of `inbound`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def keep(  # noqa: PLR0913 - a row has that many columns
        self,
        channel: str,
        key: str,
        person: str,
        reply: Reply | None,
        now: datetime,
        *,
        forget_before: datetime = NEVER,
    ) -> bool:
        """Keep a message and its reply; False when it is known, and then the transaction has to be left.

        True for exactly one caller. A message received before `forget_before` counts as
        unknown: whoever repeats it so late says something new.
        """
        sealed = None
        if reply is not None:
            sealed = self._keys.seal(reply.to_json().encode(), _context(channel, key))
        row = {"channel": channel, "key": key, "person": person, "received_at": now, "reply": sealed}
        statement = _keep_statement(self._connection.dialect.name)
        kept = await self._connection.execute(statement, {**row, "forget_before": forget_before})
        return kept.scalar_one_or_none() is not None

    async def find(self, channel: str, key: str, not_before: datetime = NEVER) -> Prepared | None:
        """The message with its reply, or None when none was received since then. Raises CannotOpen."""
        wanted = {"in_channel": channel, "in_key": key, "not_before": not_before}
        row = (await self._connection.execute(_FIND, wanted)).one_or_none()
        if row is None:
            return None
        reply = None
        if row.reply is not None:
            plain = self._keys.open(row.reply, _context(channel, key))
            reply = Reply.from_json(plain.decode())
        return Prepared(row.received_at, reply)

    async def delete_before(self, received_before: datetime) -> int:
        """Forget messages older than that; how many there were."""
        statement = delete(_TABLE).where(_TABLE.c.received_at < received_before)
        return (await self._connection.execute(statement)).rowcount


def _context(channel: str, key: str) -> str:
    return f"inbound.reply:{channel}:{key}"
