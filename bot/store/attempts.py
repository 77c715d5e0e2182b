"""How often something was tried of late, whatever process it came to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from random import randrange

from sqlalchemy import Insert, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.case_tables import AttemptRow

_TABLE = AttemptRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time

Try = tuple[str, str, datetime]
"""Kind, source, window."""

_ROWS = 100
"""Among so many a count is spread that many make at once: with twenty of them two seldom meet."""


@cache
def _count_statement(dialect_name: str) -> Insert:
    statement = (postgresql if dialect_name == "postgresql" else sqlite).insert(_TABLE)
    more = _TABLE.c.count + statement.excluded["count"]
    complete: Insert = statement.on_conflict_do_update(
        index_elements=["kind", "source", "window"], set_={"count": more}
    )
    return complete.returning(_TABLE.c.kind, _TABLE.c.source, _TABLE.c.window, _TABLE.c.count)


def _spread(one: Try) -> Try:
    kind, source, window = one
    return kind, f"{source}.{randrange(_ROWS)}", window  # noqa: S311 - chance alone is wanted


def _row(one: Try) -> dict[str, object]:
    kind, source, window = one
    return {"kind": kind, "source": source, "window": window, "count": 1}


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
        statement = _count_statement(self._connection.dialect.name)
        counted = (await self._connection.execute(statement, {**row, "count": add})).one()
        return int(counted[-1])

    async def count_each(self, tries: Sequence[Try], *, shared: Collection[Try] = ()) -> list[int]:
        """Count one try each of (kind, source, window), no two alike; how often each has been tried, these included.

        shared: those of the tries that nearly everybody counts. Where transactions run side by side they are counted
        in one of many rows, so that nobody waits for everybody; what others have under way is not seen.
        """
        spread = {one: _spread(one) for one in shared} if self._connection.dialect.name == "postgresql" else {}
        rows = [_row(spread.get(one, one)) for one in tries]
        # Rows beside the statement and not in it: it is compiled once, and still goes out as one.
        counted = await self._connection.execute(_count_statement(self._connection.dialect.name), rows)
        found = {(row.kind, row.source, row.window): int(row[-1]) for row in counted}
        found |= {one: await self._sum(one) for one in spread}
        return [found[one] for one in tries]

    async def _sum(self, shared: Try) -> int:
        kind, source, window = shared
        mine = (_TABLE.c.kind == kind, _TABLE.c.window == window, _TABLE.c.source.startswith(f"{source}."))
        return int((await self._connection.execute(select(func.sum(_TABLE.c.count)).where(*mine))).scalar_one())

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
