"""Saved views: named filters of the case list. The name is sealed too, as it may name an employer."""

import json
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.vault import sealed_context
from bot.keyring import KeyRing
from bot.staff.members import SavedView
from bot.store.staff_tables import SavedViewRow
from bot.store.upsert import upsert

_TABLE = SavedViewRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class SavedViews:
    """The rows of `saved_view`; the column `name` holds the keyed hash of the name."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def save(self, staff: str, name: str, filter: Mapping[str, str]) -> None:  # noqa: A002 - the word for it
        """Keep the filter under that name instead of what was there. Safe to repeat."""
        hashed = self._keys.hash("saved_view.name", f"{staff}\0{name}")
        text = json.dumps({"name": name, "filter": dict(filter)}, ensure_ascii=False)
        sealed = self._keys.seal(text.encode(), _context(staff, hashed))
        await upsert(self._connection, _TABLE, {"staff": staff, "name": hashed}, {"filter": sealed})

    async def of(self, staff: str) -> list[SavedView]:
        """The views of a member of staff, the oldest first."""
        rows = await self._connection.execute(select(_TABLE).where(_TABLE.c.staff == staff).order_by(_TABLE.c.id))
        views = []
        for row in rows:
            kept = json.loads(self._keys.open(row.filter, _context(staff, row.name)))
            views.append(SavedView(id=row.id, name=kept["name"], filter=kept["filter"]))
        return views

    async def drop(self, staff: str, id: int) -> bool:
        """Forget a view of this member; whether there was one."""
        statement = delete(_TABLE).where(_TABLE.c.staff == staff, _TABLE.c.id == id)
        return (await self._connection.execute(statement)).rowcount == 1

    async def drop_all(self, staff: str) -> int:
        """Forget all views of a member; how many."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.staff == staff))).rowcount


def _context(staff: str, hashed: str) -> str:
    return sealed_context("saved_view", "filter", f"{staff}:{hashed}")
