"""psycopg with statements that wait for the next one and travel with it: what `eager` is to SQLite.

A round trip costs the event loop a turn and the server a wake-up. What nobody asks the result of yet is handed to
`run_later` and goes out with the next statement or the commit, in one pipeline: its failure is theirs.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self

import psycopg
from psycopg.abc import Params

from bot.store.carrier import Answer

_Waiting = tuple[str, Sequence[Params], Answer | None]


class PipelinedConnection(psycopg.AsyncConnection[Any]):
    """A psycopg connection that carries what waits."""

    waiting: tuple[_Waiting, ...] = ()
    """What travels with the next statement, in order."""

    def run_later(self, sql: str, rows: Sequence[Params], answer: Answer | None = None) -> None:
        """Let a statement wait for the next trip."""
        self.waiting = (*self.waiting, (sql, rows, answer))

    @asynccontextmanager
    async def pipelined(self) -> AsyncIterator[None]:
        """Send what waits, and with it what is executed inside; all of it has been answered at the end."""
        waiting, self.waiting = self.waiting, ()
        sent: list[tuple[psycopg.AsyncCursor[Any], Answer]] = []
        async with self.pipeline():
            for sql, rows, answer in waiting:
                cursor = psycopg.AsyncCursor(self)
                for row in rows:
                    await cursor.execute(sql, row)
                if answer is not None:
                    sent.append((cursor, answer))
            yield
        for cursor, answer in sent:
            answer.take(await cursor.fetchall())

    async def commit(self) -> None:
        """Commit; what waits goes first, in the same trip."""
        if not self.waiting:
            await super().commit()
            return
        try:
            async with self.pipelined():
                await super().commit()
        except psycopg.Error:
            await self.rollback()  # SQLAlchemy takes a failed commit for the end of the transaction
            raise

    async def rollback(self) -> None:
        """Roll back; what waits is dropped."""
        self.waiting = ()
        await super().rollback()


class PipelinedCursor(psycopg.AsyncCursor[Any]):
    """A cursor whose statements take along what waits."""

    async def execute(self, query: Any, params: Params | None = None, **options: Any) -> Self:
        """Run one statement."""
        connection = self.connection
        if not isinstance(connection, PipelinedConnection) or not connection.waiting:
            return await super().execute(query, params, **options)
        async with connection.pipelined():
            return await super().execute(query, params, **options)

    async def executemany(self, query: Any, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        """Run one statement with many sets of parameters."""
        connection = self.connection
        if not isinstance(connection, PipelinedConnection) or not connection.waiting:
            await super().executemany(query, params_seq, returning=returning)
            return
        async with connection.pipelined():
            await super().executemany(query, params_seq, returning=returning)


connect_pipelined = partial(PipelinedConnection.connect, cursor_factory=PipelinedCursor)
"""Opens such a connection, as `psycopg.AsyncConnection.connect` opens a plain one."""
