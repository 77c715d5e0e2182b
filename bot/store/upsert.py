"""Writing without a race: insert or update in one statement, and taking turns where that is not enough."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Insert, ScalarSelect, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.later import ask_later, write_later

_TURN = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))


async def upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any], *, waits: bool = False
) -> None:
    """Make this the row of that key, whether there is one or not.

    Two processes may do so at once: the later one wins and neither fails. `key` has to be a
    unique constraint of the table. `waits`: for the next statement, as `write_later` does.
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


async def take_turns(connection: AsyncConnection, number: int) -> None:
    """Let the next statement wait until no other transaction holds this number; it is held to the end of this one.

    On SQLite there is nothing to do: only one transaction writes at a time.
    """
    if connection.dialect.name == "postgresql":
        await ask_later(connection, _TURN, {"number": number})
