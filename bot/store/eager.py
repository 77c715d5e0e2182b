"""aiosqlite with one trip to its thread per statement instead of three or four.

Every trip between the event loop and a connection's thread costs two wake-ups, and under load
each may wait for the interpreter's lock. A statement of ours reads its few rows at once anyway,
so cursor, execution, rows and closing travel together; a BEGIN travels with the statement that
follows it, and what would roll back nothing stays at home. A statement handed to `run_later` waits
for the next one or the commit and travels with it: its failure is theirs, and it gives no row count.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

import aiosqlite

from bot.store.carrier import Answer

Run = Callable[[sqlite3.Cursor], object]


class EagerCursor:
    """A cursor that holds the whole result once a statement has run: what SQLAlchemy asks of a cursor."""

    def __init__(self, connection: "EagerConnection") -> None:
        self._owner = connection
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        """Nothing to open: the thread makes a cursor for each statement."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        """Run one statement and fetch what it returns."""
        if sql.startswith("BEGIN"):
            self._owner.begin_later(sql)
            return self
        return await self._run(lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Run one statement with many sets of parameters."""
        return await self._run(lambda cursor: cursor.executemany(sql, parameters))

    async def _run(self, run: Run) -> Self:
        rows, self.description, self.rowcount, self.lastrowid = await self._owner.in_thread(run)
        self._rows = deque(rows)
        return self

    async def fetchone(self) -> Any:
        """The next row, or None."""
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        """All rows that are left."""
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def close(self) -> None:
        """Let go of the rows."""
        self._rows.clear()


class EagerConnection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors are eager."""

    _begin = ""
    """The BEGIN that has been said and waits for a statement; its failure is that statement's."""

    _waiting: tuple[Run, ...] = ()
    """What travels with the next statement, in order."""

    def cursor(self) -> EagerCursor:  # type: ignore[override]  # stands in for aiosqlite's cursor
        """A new eager cursor; no trip to the thread."""
        return EagerCursor(self)

    def begin_later(self, sql: str) -> None:
        """Begin a transaction with the next statement."""
        self._begin = sql

    async def in_thread(self, run: Run) -> tuple[list[Any], Any, int, int | None]:
        """Run a statement in the connection's thread: rows, description, row count, last row id."""
        begin, self._begin = self._begin, ""
        waiting, self._waiting = self._waiting, ()
        return await self._execute(partial(_run_and_fetch, self._conn, begin, (*waiting, run)))  # type: ignore[no-any-return, no-untyped-call]  # aiosqlite has no types there

    def run_later(self, sql: str, rows: Sequence[Sequence[Any]], answer: Answer | None = None) -> None:
        """Let a statement, with as many sets of parameters as are given, wait for the next trip."""
        self.call_later(partial(_run_all, sql, rows, answer))

    def call_later(self, run: Run) -> None:
        """Let what this does with a cursor, in the connection's thread, wait for the next trip."""
        self._waiting = (*self._waiting, run)

    async def commit(self) -> None:
        """Commit what has been done, if anything has; what waits goes first, in the same trip."""
        if self._waiting:
            try:
                await self.in_thread(lambda cursor: cursor.execute("COMMIT"))
            except sqlite3.Error:
                await self.rollback()  # SQLAlchemy takes a failed commit for the end of the transaction
                raise
        elif self._is_open():
            await super().commit()

    async def rollback(self) -> None:
        """Roll back what has been done, if anything has; what waits is dropped."""
        self._waiting = ()
        if self._is_open():
            await super().rollback()

    def _is_open(self) -> bool:
        self._begin = ""
        return self.in_transaction


def _run_and_fetch(
    connection: sqlite3.Connection, begin: str, runs: tuple[Run, ...]
) -> tuple[list[Any], Any, int, int | None]:
    cursor = connection.cursor()
    try:
        if begin:
            cursor.execute(begin)
        for run in runs:
            run(cursor)
        rows = cursor.fetchall() if cursor.description else []
        return rows, cursor.description, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


def _run_all(sql: str, rows: Sequence[Sequence[Any]], answer: Answer | None, cursor: sqlite3.Cursor) -> None:
    if answer is None:
        cursor.executemany(sql, rows)
        return
    for row in rows:
        answer.take(cursor.execute(sql, row).fetchall())


def connect_eagerly(database: str, **options: Any) -> EagerConnection:
    """A connection to be awaited, as `aiosqlite.connect` gives one; its thread ends with the program."""
    connection = EagerConnection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - SQLAlchemy does the same to the connections it makes
    return connection
