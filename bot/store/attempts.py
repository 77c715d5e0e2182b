"""How often something was tried of late, whatever process it came to."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache
from random import randrange
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.case_tables import AttemptRow
from bot.store.later import ask, ask_later

_TABLE = AttemptRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time

Try = tuple[str, str, datetime]
"""Kind, source, window."""

_ROWS = 100
"""Among so many a count is spread that many make at once: with twenty of them two seldom meet."""


@cache
def _count_statement(dialect_name: str) -> ReturningInsert[Any]:
    statement = (postgresql if dialect_name == "postgresql" else sqlite).insert(_TABLE)
    more = _TABLE.c.count + statement.excluded["count"]
    upsert = statement.on_conflict_do_update(index_elements=["kind", "source", "window"], set_={"count": more})
    counting: ReturningInsert[Any] = upsert.returning(_TABLE.c.count)
    return counting


_SUM = select(func.sum(_TABLE.c.count)).where(
    _TABLE.c.kind == bindparam("of_kind"),
    _TABLE.c.window == bindparam("in_window"),
    _TABLE.c.source.like(bindparam("like")),
)


def _spread(one: Try) -> Try:
    kind, source, window = one
    return kind, f"{source}.{randrange(_ROWS)}", window  # noqa: S311 - chance alone is wanted


def _row(one: Try) -> dict[str, object]:
    kind, source, window = one
    return {"kind": kind, "source": source, "window": window, "count": 1}


def _all_of(shared: Try) -> dict[str, object]:
    kind, source, window = shared
    return {"of_kind": kind, "like": f"{source}.%", "in_window": window}


class Attempts:
    """The rows of `attempt`. A source is a keyed hash; a window is named by the instant at which it begins."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def count(self, kind: str, source: str, window: datetime, *, add: int = 1) -> int:
        """How often the source has tried in that window, these tries included; `add=0` only looks."""
        row = {"kind": kind, "source": source, "window": window}
        if not add:
            mine = (_TABLE.c[name] == value for name, value in row.items())
            return (await self._connection.execute(select(_TABLE.c.count).where(*mine))).scalar_one_or_none() or 0
        counted = await ask(self._connection, _count_statement(self._connection.dialect.name), {**row, "count": add})
        return int(counted[0][0])

    async def count_later(self, tries: Sequence[Try], *, shared: Collection[Try] = ()) -> Callable[[], list[int]]:
        """Count one try each of (kind, source, window), no two alike; together with the next statement.

        Gives what says from then on how often each has been tried, these included. shared: those of the tries that
        nearly everybody counts. Where transactions run side by side they are counted in one of many rows, so that
        nobody waits for everybody; what others have under way is not seen.
        """
        dialect_name = self._connection.dialect.name
        spread = {one: _spread(one) for one in shared} if dialect_name == "postgresql" else {}
        statement = _count_statement(dialect_name)
        counted = {one: await ask_later(self._connection, statement, _row(spread.get(one, one))) for one in tries}
        counted |= {one: await ask_later(self._connection, _SUM, _all_of(one)) for one in spread}
        return lambda: [int(counted[one].rows[0][0]) for one in tries]

    async def total(self, kind: str, window: datetime) -> int:
        """How often all sources together have tried in that window."""
        tried = func.coalesce(func.sum(_TABLE.c.count), 0)
        query = select(tried).where(_TABLE.c.kind == kind, _TABLE.c.window == window)
        return int((await self._connection.execute(query)).scalar_one())

    async def forget(self, kind: str, source: str) -> None:
        """Let the source begin anew, as after it has been right. Safe to repeat."""
        await self._connection.execute(delete(_TABLE).where(_TABLE.c.kind == kind, _TABLE.c.source == source))

    async def delete_before(self, before: datetime) -> int:
        """Forget windows that began before that; how many rows there were. Safe to repeat."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.window < before))).rowcount
