"""Inbound messages: each is claimed once and keeps its prepared reply for the retries."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Insert, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.messages import Reply
from bot.store.tables import InboundRow

_TABLE = InboundRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every message: none is forgotten."""

_MESSAGE = (_TABLE.c.channel == bindparam("in_channel")) & (_TABLE.c.key == bindparam("in_key"))
_UNFINISHED = _TABLE.c.finished_at.is_(None)

# Built once: each message needs them, and putting one together costs more than running it.
_FIND = select(_TABLE.c.finished_at, _TABLE.c.claimed_at, _TABLE.c.reply).where(_MESSAGE)
_TAKE_OVER = update(_TABLE).where(_MESSAGE, _UNFINISHED, _TABLE.c.claimed_at < bindparam("stale_since"))
_FINISH = update(_TABLE).where(_MESSAGE, _UNFINISHED, _TABLE.c.claim == bindparam("held"))


@cache
def _claim_statement(dialect_name: str) -> Insert:
    """Insert a message, or start it anew when it was received before `forget_before`; gives its id."""
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    statement = dialect.insert(_TABLE)
    renewed = ("person", "claim", "claimed_at", "received_at", "finished_at", "reply")
    complete: Insert = statement.on_conflict_do_update(
        index_elements=["channel", "key"],
        set_={name: statement.excluded[name] for name in renewed},
        where=_TABLE.c.received_at < bindparam("forget_before", type_=_TABLE.c.received_at.type),
    )
    return complete.returning(_TABLE.c.id)


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
        statement = _claim_statement(self._connection.dialect.name)
        parameters = {**row, **fresh, "forget_before": forget_before or NEVER}
        row_id = (await self._connection.execute(statement, parameters)).scalar_one_or_none()
        return claim if row_id is not None else None

    async def find(self, channel: str, key: str) -> Prepared | None:
        """How far the message is, or None when it is unknown."""
        row = (await self._connection.execute(_FIND, {"in_channel": channel, "in_key": key})).one_or_none()
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
        wanted = {"in_channel": channel, "in_key": key, "stale_since": stale_since}
        changed = await self._connection.execute(_TAKE_OVER, {**wanted, "claim": claim, "claimed_at": now})
        return claim if changed.rowcount == 1 else None

    async def finish(self, channel: str, key: str, claim: str, reply: Reply | None, now: datetime) -> bool:
        """Keep the prepared reply, if the claim still stands; False when somebody took it over."""
        sealed = None
        if reply is not None:
            sealed = self._keys.seal(reply.to_json().encode(), _context(channel, key))
        wanted = {"in_channel": channel, "in_key": key, "held": claim}
        changed = await self._connection.execute(_FINISH, {**wanted, "finished_at": now, "reply": sealed})
        return changed.rowcount == 1

    async def delete_before(self, received_before: datetime) -> int:
        """Forget messages older than that; how many there were."""
        statement = delete(_TABLE).where(_TABLE.c.received_at < received_before)
        return (await self._connection.execute(statement)).rowcount


def _context(channel: str, key: str) -> str:
    return f"inbound.reply:{channel}:{key}"
