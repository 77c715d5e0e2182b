"""Writing without a race: insert or update in one statement, and taking turns where that is not enough."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Make this the row of that key, whether there is one or not.

    Two processes may do so at once: the later one wins and neither fails. `key` has to be a
    unique constraint of the table.
    """
    statement = _upsert_statement(table, connection.dialect.name, tuple(key), tuple(values))
    await connection.execute(statement, {**key, **values})


@cache
def _upsert_statement(table: Table, dialect_name: str, key: tuple[str, ...], values: tuple[str, ...]) -> Insert:
    statement = (postgresql if dialect_name == "postgresql" else sqlite).insert(table)
    set_ = {name: statement.excluded[name] for name in values}
    complete: Insert = statement.on_conflict_do_update(index_elements=list(key), set_=set_)
    return complete


async def take_turns(connection: AsyncConnection, number: int) -> None:
    """Wait until no other transaction holds this number, and hold it until the end of this one.

    On SQLite there is nothing to do: only one transaction writes at a time.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
