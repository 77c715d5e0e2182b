"""Statements past SQLAlchemy, which takes longer to prepare one execution than a database takes for it.

A filing has a dozen. They live as long as the program and are compiled once; most of them wait for the next
statement or the commit and travel with it, as nobody asks what they found. Their failure is then its failure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Insert, Select, Update
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.carrier import Answer, Carrier
from bot.store.eager import EagerConnection

Lasting = Insert | Update | Select[*tuple[Any, ...]] | ReturningInsert[Any]
"""A statement that is made once and lives as long as the program."""

Row = Mapping[str, Any]

_DIALECTS: Mapping[str, Dialect] = {"sqlite": aiosqlite.dialect(), "postgresql": psycopg.dialect()}  # type: ignore[no-untyped-call]  # it has no types


async def write_later(connection: AsyncConnection, statement: Insert | Update, *rows: Row) -> None:
    """Run a write whose result nobody asks for, once for each row; all rows have the same names."""
    prepared = _prepare(statement, connection.dialect.name, tuple(rows[0]))
    (await _carrier(connection)).run_later(prepared.sql, [prepared.values(row) for row in rows])


async def ask_later(connection: AsyncConnection, statement: Lasting, row: Row) -> Answer:
    """Run a statement whose result is asked for only after the next one."""
    prepared = _prepare(statement, connection.dialect.name, tuple(row))
    answer = Answer()
    (await _carrier(connection)).run_later(prepared.sql, [prepared.values(row)], answer)
    return answer


async def ask(connection: AsyncConnection, statement: Lasting, row: Row) -> Sequence[Any]:
    """Run a statement now, and give the rows as the driver gives them: columns of text and numbers alone."""
    prepared = _prepare(statement, connection.dialect.name, tuple(row))
    return (await connection.exec_driver_sql(prepared.sql, prepared.values(row))).all()


async def write_what_follows(
    connection: AsyncConnection,
    question: Select[Any],
    follow: Callable[[Sequence[Any]], Sequence[Row]],
    statement: Insert,
) -> None:
    """Write the rows that follow from what is found just before; there is at least one.

    SQLite asks and writes in one trip, later, in the connection's thread.
    """
    carrier = await _carrier(connection)
    if not isinstance(carrier, EagerConnection):
        await write_later(connection, statement, *follow(await ask(connection, question, {})))
        return
    asked = _prepare(question, "sqlite", ())

    def ask_and_write(cursor: Any) -> None:
        rows = follow(cursor.execute(asked.sql, asked.values({})).fetchall())
        prepared = _prepare(statement, "sqlite", tuple(rows[0]))
        cursor.executemany(prepared.sql, [prepared.values(row) for row in rows])

    carrier.call_later(ask_and_write)


async def _carrier(connection: AsyncConnection) -> Carrier:
    """The driver's connection, in a transaction."""
    if not connection.in_transaction():
        await connection.begin()
    carrier: Carrier = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr,assignment]  # it is connected, and by us
    return carrier


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the driver takes it. places: the name, the value where no row gives one, the conversion."""

    sql: str
    places: tuple[tuple[str, Any, Callable[[Any], Any] | None], ...]
    named: bool

    def values(self, row: Row) -> Any:
        """The row as the driver takes it: by name or by place."""
        values = [
            (name, convert(row.get(name, fixed)) if convert else row.get(name, fixed))
            for name, fixed, convert in self.places
        ]
        return dict(values) if self.named else tuple([value for _, value in values])


@cache
def _prepare(statement: Lasting, dialect_name: str, names: tuple[str, ...]) -> _Prepared:
    dialect = _DIALECTS[dialect_name]
    compiled = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=True)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - of what other kind would a statement be
    fixed = {**compiled.params, **_defaults(compiled)}
    places = []
    for name in compiled.positiontup or compiled.binds:
        convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        places.append((name, fixed.get(name), convert))
    return _Prepared(str(compiled), tuple(places), compiled.positiontup is None)


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """The values of columns that no row names. Raises TypeError for one that has to be worked out."""
    defaults = {}
    for column in (*compiled.insert_prefetch, *compiled.update_prefetch):
        if column.default is None or not column.default.is_scalar:
            raise TypeError(f"{column} has to be named")
        defaults[column.key] = column.default.arg  # type: ignore[attr-defined]  # a scalar one has it
    return defaults
