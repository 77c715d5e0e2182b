"""Writing without a race: insert or update in one statement, and taking turns where that is not enough."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert, ScalarSelect, Table, Update, bindparam, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.eager import EagerConnection

_SQLITE = aiosqlite.dialect()


async def upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any], *, waits: bool = False
) -> None:
    """Make this the row of that key, whether there is one or not.

    Two processes may do so at once: the later one wins and neither fails. `key` has to be a
    unique constraint of the table. `waits`: see `write_later`.
    """
    statement = _upsert_statement(table, connection.dialect.name, tuple(key), tuple(values))
    if waits:
        await write_later(connection, statement, {**key, **values})
    else:
        await connection.execute(statement, {**key, **values})


@cache
def _upsert_statement(table: Table, dialect_name: str, key: tuple[str, ...], values: tuple[str, ...]) -> Insert:
    statement = (postgresql if dialect_name == "postgresql" else sqlite).insert(table)
    set_ = {name: statement.excluded[name] for name in values}
    complete: Insert = statement.on_conflict_do_update(index_elements=list(key), set_=set_)
    return complete


def next_position(table: Table) -> ScalarSelect[int]:
    """The place behind the last row of the same case, worked out as the row named `in_case` is put in."""
    same = table.alias()
    last = select(func.coalesce(func.max(same.c.position), 0) + 1).where(same.c.case == bindparam("in_case"))
    return last.scalar_subquery()


async def write_later(connection: AsyncConnection, statement: Insert | Update, *rows: Mapping[str, Any]) -> None:
    """Run a write whose result nobody asks for, once for each row; all rows have the same names.

    SQLite runs it with the next statement or the commit, and its failure is theirs. The statement has to be one that
    lives as long as the program: it is compiled once.
    """
    driver = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]  # it is connected
    if not isinstance(driver, EagerConnection):
        await connection.execute(statement, list(rows))
        return
    if not connection.in_transaction():
        await connection.begin()
    # Past SQLAlchemy, which takes longer to prepare one execution than SQLite takes for it: a filing has eight.
    prepared = _prepare(statement, tuple(rows[0]))
    driver.run_later(prepared.sql, [prepared.values(row) for row in rows])


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as SQLite takes it. places: for each, the name, the value where no row gives one, the conversion."""

    sql: str
    places: tuple[tuple[str, Any, Callable[[Any], Any] | None], ...]

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The row as the database takes it."""
        return tuple(
            [convert(row.get(name, fixed)) if convert else row.get(name, fixed) for name, fixed, convert in self.places]
        )


@cache
def _prepare(statement: Insert | Update, names: tuple[str, ...]) -> _Prepared:
    compiled = statement.compile(dialect=_SQLITE, column_keys=list(names))
    fixed = compiled.params
    types = {name: bind.type.dialect_impl(_SQLITE) for name, bind in compiled.binds.items()}
    order = compiled.positiontup or ()
    return _Prepared(
        str(compiled), tuple((name, fixed.get(name), types[name].bind_processor(_SQLITE)) for name in order)
    )


async def take_turns(connection: AsyncConnection, number: int) -> None:
    """Wait until no other transaction holds this number, and hold it until the end of this one.

    On SQLite there is nothing to do: only one transaction writes at a time.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
