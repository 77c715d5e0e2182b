"""Conversations: what a dialogue remembers about one person, sealed.

Each state has a version, and only who knows it may replace the state: of two processes that read the same
state one writes the next one, and the other is told. Versions are drawn, not counted, so that a state that
was forgotten and begun anew is not taken for the one before.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Integer, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.store.tables import ConversationRow

_TABLE = ConversationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
NONE = 0
"""The version where there is no state."""

# Built once: each message needs them, and putting one together costs more than running it.
_RECENT = (_TABLE.c.updated_at >= bindparam("not_before", type_=_TABLE.c.updated_at.type)).label("recent")
_FIND = select(_TABLE.c.state, _TABLE.c.version, _RECENT).where(_TABLE.c.person == bindparam("in_person"))
_VERSION = select(_TABLE.c.version).where(_TABLE.c.person == bindparam("in_person"))
_VALUES = {name: bindparam(name, type_=_TABLE.c[name].type) for name in ("channel", "version", "state", "updated_at")}
_REPLACE = (
    update(_TABLE)
    .where(_TABLE.c.person == bindparam("in_person"), _TABLE.c.version == bindparam("expected", type_=Integer))
    .values(_VALUES)
)


@cache
def _begin_statement(dialect_name: str) -> Insert:
    """Insert the first state; one without a version, from before there were any, is replaced."""
    statement = (postgresql if dialect_name == "postgresql" else sqlite).insert(_TABLE)
    complete: Insert = statement.on_conflict_do_update(
        index_elements=["person"],
        set_={name: statement.excluded[name] for name in _VALUES},
        where=_TABLE.c.version == NONE,
    )
    return complete.returning(_TABLE.c.person)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A state with its version. `state` is empty where there is none, or none of late."""

    state: dict[str, Any] = field(repr=False)
    version: int


class Conversations:
    """The rows of `conversation`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def find(self, person: str, not_before: datetime) -> Remembered:
        """The remembered state and its version; a state older than that is empty. Raises CannotOpen."""
        wanted = {"in_person": person, "not_before": not_before}
        row = (await self._connection.execute(_FIND, wanted)).one_or_none()
        if row is None:
            return Remembered({}, NONE)
        if not row.recent:
            return Remembered({}, row.version)
        state: dict[str, Any] = json.loads(self._keys.open(row.state, _context(person)))
        return Remembered(state, row.version)

    async def version(self, person: str) -> int:
        """The version of the state, whether or not it can be opened."""
        known: int | None = (await self._connection.execute(_VERSION, {"in_person": person})).scalar_one_or_none()
        return NONE if known is None else known

    async def save(self, person: str, channel: str, state: dict[str, Any], now: datetime, version: int) -> bool:
        """Remember this instead of the state of that version; False, and nothing is written, when it is another now.

        True for exactly one of those who found the same version.
        """
        text = json.dumps(state, ensure_ascii=False)
        values = {
            "channel": channel,
            "version": secrets.randbelow(2**31 - 1) + 1,
            "state": self._keys.seal(text.encode(), _context(person)),
            "updated_at": now,
        }
        if version == NONE:
            statement = _begin_statement(self._connection.dialect.name)
            begun = await self._connection.execute(statement, {"person": person, **values})
            return begun.scalar_one_or_none() is not None
        replaced = await self._connection.execute(_REPLACE, {"in_person": person, "expected": version, **values})
        return replaced.rowcount > 0

    async def delete_before(self, updated_before: datetime) -> int:
        """Forget conversations that rest since before that; how many there were."""
        statement = delete(_TABLE).where(_TABLE.c.updated_at < updated_before)
        return (await self._connection.execute(statement)).rowcount


def _context(person: str) -> str:
    return f"conversation.state:{person}"
