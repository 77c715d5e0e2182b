"""The database engine: SQLite (WAL) by default, PostgreSQL by URL.

SQLite connections run with synchronous=FULL and secure_delete, as a complaint must survive a
power cut and a deleted one must be gone. Write transactions begin IMMEDIATE, so that a reader
that turns writer cannot fail with a stale snapshot.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.errors import LostRace, StorageFull, StoreUnavailable
from bot.store.eager import connect_eagerly
from bot.store.pipelined import connect_pipelined

WRITES = "gonghui_writes"
BUSY_TIMEOUT_MS = 30_000

_OUR_FAULT = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What a driver raises when the program is wrong; anything else is the database's trouble."""

_RACES = ("DeadlockDetected", "SerializationFailure")
"""PostgreSQL has given one of two transactions up: done anew it succeeds."""

_FULL = ("disk is full", "no space left", "disk full", "could not extend file")


def make_engine(url: str) -> AsyncEngine:
    """An engine for that URL; a SQLite file's folder is created, nothing else is."""
    if not url.startswith("sqlite"):
        return create_async_engine(
            url,
            pool_size=20,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args={"async_creator_fn": connect_pipelined},
            hide_parameters=True,
        )
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        # Opening one costs as much as a transaction, and an idle one nothing but a sleeping thread: all are kept,
        # and the one given back last is used first, as it has the statements and pages at hand.
        pool_size=32,
        max_overflow=0,
        pool_use_lifo=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "async_creator_fn": connect_eagerly},
        hide_parameters=True,  # an error's text must not hold what people said
    )
    if database and database != ":memory:":
        _keep_private(engine.sync_engine, Path(database))
    _prepare_sqlite(engine.sync_engine)
    return engine


def _keep_private(engine: Engine, path: Path) -> None:
    """Let nobody but us read the file, whatever the umask; SQLite gives its journals the same mode."""

    @event.listens_for(engine, "do_connect")
    def on_connecting(*_: object) -> None:
        # O_EXCL, as closing a file that is there would drop the locks this process holds on it;
        # what else is wrong with the place, SQLite says better.
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def reading(engine: AsyncEngine) -> dict[str, Any]:
    """The execution options of a transaction that only reads, always from the same state.

    SQLite reads so by nature; PostgreSQL has to be told.
    """
    if engine.dialect.name == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {}


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the drivers raise into the error tree, without the statement and its values.

    Raises StoreUnavailable, StorageFull, LostRace.
    """
    try:
        yield
    except PoolExhausted:
        raise StoreUnavailable("no free connection") from None
    except DBAPIError as error:
        cause = type(error.orig).__name__
        if any(sign in str(error.orig).lower() for sign in _FULL):
            raise StorageFull(cause) from None
        if cause in _RACES:
            raise LostRace(cause) from None
        if error.connection_invalidated or not isinstance(error, _OUR_FAULT):
            raise StoreUnavailable(cause) from None
        raise
