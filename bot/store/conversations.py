"""Conversations: what a dialogue remembers about one person, sealed."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.store.tables import ConversationRow
from bot.store.upsert import upsert

_TABLE = ConversationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time

# Built once: each message needs it, and putting it together costs more than running it.
_FIND = select(_TABLE.c.state).where(
    _TABLE.c.person == bindparam("in_person"), _TABLE.c.updated_at >= bindparam("not_before")
)


class Conversations:
    """The rows of `conversation`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def find(self, person: str, not_before: datetime) -> dict[str, Any]:
        """The remembered state; empty when there is none or it is older than that."""
        wanted = {"in_person": person, "not_before": not_before}
        sealed = (await self._connection.execute(_FIND, wanted)).scalar_one_or_none()
        if sealed is None:
            return {}
        state: dict[str, Any] = json.loads(self._keys.open(sealed, _context(person)))
        return state

    async def save(self, person: str, channel: str, state: dict[str, Any], now: datetime) -> None:
        """Remember this state instead of what was there. Safe to repeat."""
        text = json.dumps(state, ensure_ascii=False)
        values = {"channel": channel, "state": self._keys.seal(text.encode(), _context(person)), "updated_at": now}
        await upsert(self._connection, _TABLE, {"person": person}, values)

    async def delete_before(self, updated_before: datetime) -> int:
        """Forget conversations that rest since before that; how many there were."""
        statement = delete(_TABLE).where(_TABLE.c.updated_at < updated_before)
        return (await self._connection.execute(statement)).rowcount


def _context(person: str) -> str:
    return f"conversation.state:{person}"
