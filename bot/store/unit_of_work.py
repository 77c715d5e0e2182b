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

from bot.clock import Clock, SystemClock
from bot.complaints.clocks.rules import RuleTable
from bot.errors import StoreUnavailable
from bot.keyring import KeyRing
from bot.store.attempts import Attempts
from bot.store.audit import Audit
from bot.store.blind import BlindIndexes
from bot.store.broadcasts import Broadcasts
from bot.store.calls import Calls
from bot.store.case_files import CaseFiles
from bot.store.case_keys import CaseKeys
from bot.store.case_links import CaseLinks
from bot.store.case_messages import CaseMessages
from bot.store.cases import Cases
from bot.store.channel_rows import Channels
from bot.store.clocks import Clocks
from bot.store.confirmations import Confirmations
from bot.store.conversations import Conversations
from bot.store.deliveries import Deliveries
from bot.store.employers import Employers
from bot.store.engine import BUSY_TIMEOUT_MS, WRITES, reading, translated_errors
from bot.store.entries import Articles, Entries
from bot.store.entry_drafts import EntryDrafts
from bot.store.inbound import Inbound
from bot.store.people import People
from bot.store.pictures import PictureRows
from bot.store.post_reads import PostReads
from bot.store.posts import Posts
from bot.store.questions import Questions, Votes
from bot.store.radar import Radar
from bot.store.receipts_waiting import ReceiptsWaiting
from bot.store.saved_views import SavedViews
from bot.store.schedules import Schedules
from bot.store.site_pages import SitePages
from bot.store.staff import Staff
from bot.store.staff_notices import StaffNotices
from bot.store.staff_sessions import StaffSessions
from bot.store.statistics import Statistics
from bot.store.subscribers import Subscribers
from bot.store.telegram_updates import TelegramUpdates
from bot.store.timeline import Timeline
from bot.store.values import Values
from bot.store.worker_notices import WorkerNotices

WRITERS = 8
"""So many transactions of one process write at the same time on PostgreSQL."""


class UnitOfWork:
    """Repositories that share one transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, clock: Clock, rules: RuleTable) -> None:
        self._connection = connection
        self.inbound = Inbound(connection, keys)
        self.conversations = Conversations(connection, keys)
        self.questions = Questions(connection, keys)
        self.votes = Votes(connection)
        self.entries = Entries(connection)
        self.articles = Articles(connection)
        self.entry_drafts = EntryDrafts(connection)
        self.confirmations = Confirmations(connection)
        self.values = Values(connection, keys)
        self.people = People(connection)
        self.staff = Staff(connection, keys)
        self.sessions = StaffSessions(connection, keys)
        self.views = SavedViews(connection, keys)
        self.notices = StaffNotices(connection)
        self.worker_notices = WorkerNotices(connection)
        self.audit = Audit(connection, keys, clock)
        case_keys = CaseKeys(connection, keys)
        self.cases = Cases(connection, case_keys)
        self.timeline = Timeline(connection, case_keys)
        self.messages = CaseMessages(connection, case_keys)
        self.clocks = Clocks(connection, rules)
        self.files = CaseFiles(connection, keys)
        self.receipts = ReceiptsWaiting(connection, keys)
        self.links = CaseLinks(connection, keys)
        self.blind = BlindIndexes(connection)
        self.employers = Employers(connection, keys, self.blind)
        self.radar = Radar(connection)
        self.attempts = Attempts(connection)
        self.statistics = Statistics(connection)
        self.calls = Calls(connection)
        self.posts = Posts(connection, clock)
        self.schedules = Schedules(connection)
        self.deliveries = Deliveries(connection)
        self.channels = Channels(connection)
        self.pictures = PictureRows(connection)
        self.reads = PostReads(connection)
        self.site_pages = SitePages(connection)
        self.subscribers = Subscribers(connection, keys)
        self.broadcasts = Broadcasts(connection, keys)
        self.telegram_updates = TelegramUpdates(connection, keys)

    async def commit(self) -> None:
        """Make everything done so far durable, with what the audit log says of it."""
        await self.audit.flush()
        await self._connection.commit()


class SqlStore:
    """The database, opened for reading or writing one unit of work at a time."""

    def __init__(
        self, engine: AsyncEngine, keys: KeyRing, *, clock: Clock | None = None, rules: RuleTable | None = None
    ) -> None:
        self.engine = engine
        self._keys = keys
        self._rules = rules or RuleTable(())  # without its rule a clock cannot be read
        self._clock = clock or SystemClock()  # tells when something was logged
        # SQLite has one writer at a time and lets the others poll for their turn; on PostgreSQL more than a few
        # hold each other up, and connections are not given out in the order in which they were asked for. Within
        # this process they queue here instead, in order and without holding a connection.
        self._turn = asyncio.Semaphore(1 if engine.dialect.name == "sqlite" else WRITERS)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """A consistent view for reading: one state of the database, whoever writes meanwhile.

        Raises StoreUnavailable.
        """
        with translated_errors():
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(**reading(self.engine))
                yield UnitOfWork(connection, self._keys, self._clock, self._rules)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that may write. Raises StoreUnavailable, StorageFull."""
        with translated_errors():
            async with self._my_turn(), self.engine.connect() as plain:
                connection = await plain.execution_options(**{WRITES: True})
                yield UnitOfWork(connection, self._keys, self._clock, self._rules)

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
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
