"""Small sealed values by name: access tokens, the revision of the FAQ base."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.store.tables import ValueRow
from bot.store.upsert import upsert

_TABLE = ValueRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class Values:
    """The rows of `stored_value`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def find(self, name: str, now: datetime) -> str | None:
        """The value of that name, or None when there is none or it has expired."""
        query = select(_TABLE.c.value, _TABLE.c.expires_at).where(_TABLE.c.name == name)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            return None
        return self._keys.open(row.value, f"stored_value.value:{name}").decode()

    async def find_all(self, prefix: str, now: datetime) -> dict[str, str]:
        """All values whose names begin so, by name; without what has expired."""
        query = select(_TABLE.c.name, _TABLE.c.value, _TABLE.c.expires_at).order_by(_TABLE.c.name)
        rows = await self._connection.execute(query.where(_TABLE.c.name.startswith(prefix, autoescape=True)))
        alive = [row for row in rows if row.expires_at is None or row.expires_at > now]
        return {row.name: self._keys.open(row.value, f"stored_value.value:{row.name}").decode() for row in alive}

    async def save(self, name: str, value: str, now: datetime, expires_at: datetime | None = None) -> None:
        """Keep the value, sealed, instead of what was there. Safe to repeat."""
        sealed = self._keys.seal(value.encode(), f"stored_value.value:{name}")
        values = {"value": sealed, "expires_at": expires_at, "updated_at": now}
        await upsert(self._connection, _TABLE, {"name": name}, values)

    async def delete_expired(self, now: datetime) -> int:
        """Forget the values whose time is over; how many."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.expires_at <= now))).rowcount

    async def delete(self, name: str) -> None:
        """Forget the value. Safe to repeat."""
        await self._connection.execute(delete(_TABLE).where(_TABLE.c.name == name))
