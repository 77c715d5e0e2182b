"""Bringing the database to the version of the program, with a copy made first.

Migrations run at start. Two processes starting at once are safe: PostgreSQL serialises them by
an advisory lock, SQLite by its write lock; who comes second finds nothing left to do.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import WRITES, translated_errors
from bot.store.schema import SCHEMA

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 4_703_213


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The version of the schema that this program needs."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("there are no migrations")
    return found


async def current(engine: AsyncEngine) -> str | None:
    """The version of the schema in the database; None when it is empty. Raises StoreUnavailable."""

    def read(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    with translated_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(read)


async def upgrade(engine: AsyncEngine, *, before: Callable[[str | None, str], object] | None = None) -> bool:
    """Bring the schema to `head()`; whether anything had to be done. Safe to repeat.

    `before(old, new)` is called first when there is something to migrate and the database is
    not empty: that is where the backup is made, and an exception from it stops the migration.
    Raises StoreUnavailable.
    """
    old = await current(engine)
    if old == head():
        return False
    if before is not None and old is not None:
        before(old, head())
    await _run(engine, lambda config: command.upgrade(config, "head"))
    return True


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the schema back to that revision (`base` for nothing)."""
    await _run(engine, lambda config: command.downgrade(config, revision))


async def differences(engine: AsyncEngine) -> list[Any]:
    """What the database has otherwise than the tables say; empty when they agree."""

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), SCHEMA))

    async with engine.connect() as connection:
        return await connection.run_sync(compare)


async def _run(engine: AsyncEngine, action: Callable[[Config], None]) -> None:
    def work(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        action(_config(connection))

    with translated_errors():
        async with engine.execution_options(**{WRITES: True}).begin() as connection:
            await connection.run_sync(work)
