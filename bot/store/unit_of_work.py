"""The unit of work: one connection, one transaction, the repositories on it.

    async with store.write() as work:
        await work.questions.record(...)
        await work.commit()

Leaving without `commit()` rolls back.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StoreUnavailable
from bot.keyring import KeyRing
from bot.store.conversations import Conversations
from bot.store.engine import BUSY_TIMEOUT_MS, WRITES, reading, translated_errors
from bot.store.entries import Articles, Entries
from bot.store.inbound import Inbound
from bot.store.people import People
from bot.store.questions import Questions, Votes
from bot.store.values import Values


class UnitOfWork:
    """Repositories that share one transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self.inbound = Inbound(connection, keys)
        self.conversations = Conversations(connection, keys)
        self.questions = Questions(connection, keys)
        self.votes = Votes(connection)
        self.entries = Entries(connection)
        self.articles = Articles(connection)
        self.values = Values(connection, keys)
        self.people = People(connection)

    async def commit(self) -> None:
        """Make everything done so far durable."""
        await self._connection.commit()


class SqlStore:
    """The database, opened for reading or writing one unit of work at a time."""

    def __init__(self, engine: AsyncEngine, keys: KeyRing) -> None:
        self.engine = engine
        self._keys = keys
        # SQLite has one writer at a time and lets the others poll for their turn: within this
        # process they queue here instead, in order and without holding a connection.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """A consistent view for reading: one state of the database, whoever writes meanwhile.

        Raises StoreUnavailable.
        """
        with translated_errors():
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(**reading(self.engine))
                yield UnitOfWork(connection, self._keys)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that may write. Raises StoreUnavailable, StorageFull."""
        with translated_errors():
            async with self._my_turn(), self.engine.connect() as plain:
                connection = await plain.execution_options(**{WRITES: True})
                yield UnitOfWork(connection, self._keys)

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        if self._turn is None:
            yield
            return
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                await self._turn.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many writers") from None
        try:
            yield
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
