"""The composition root: the only module that knows every part.

Nothing connects, reads or registers at import; `build` makes the parts, `Program.running`
opens what has to be opened, and a test may hand in any part.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.answers.assembly import make_answers, make_rankers
from bot.answers.content import import_entries, import_report, read_folder
from bot.answers.keeper import BaseKeeper, RankerFactory
from bot.answers.service import AnswerService
from bot.clock import Clock, SystemClock
from bot.errors import BackupFailed
from bot.inbox import Inbox
from bot.keyring import KeyRing, create_key_ring, load_key_ring, parse_key_ring
from bot.messages import Reply
from bot.metrics import Metrics, NoMetrics
from bot.ops.backup import Backups
from bot.settings import Configuration
from bot.store.engine import make_engine
from bot.store.migrate import head, upgrade
from bot.store.snapshot import make_snapshots
from bot.store.unit_of_work import SqlStore
from bot.wording import Wording, load_wording
from handlers import HANDLERS
from handlers.services import Services

log = structlog.get_logger(__name__)

SHIPPED = "content"


@dataclass(slots=True)
class Program:
    """Every part of a running Gonghui."""

    configuration: Configuration
    clock: Clock
    keys: KeyRing
    store: SqlStore
    wording: Wording
    answers: AnswerService
    keeper: BaseKeeper
    services: Services
    inbox: Inbox
    metrics: Metrics
    backups: Backups

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Program"]:
        """Bring the database up to date, load the base, and give everything back at the end."""
        try:
            await self.prepare()
            yield self
        finally:
            await self.store.close()

    @asynccontextmanager
    async def maintained(self) -> AsyncIterator["Program"]:
        """The database up to date and nothing loaded from it: for commands that look after its content."""
        try:
            await self.migrate()
            yield self
        finally:
            await self.store.close()

    async def migrate(self) -> None:
        """Bring the database up to date, after a copy of it. Raises BackupFailed, StoreUnavailable."""
        copies = self.configuration.settings.backup.before_migration
        if await upgrade(self.store.engine, before=self._copy_before_migration if copies else None):
            log.info("database.migrated", version=head())

    def _copy_before_migration(self, _old: str | None, new: str) -> None:
        try:
            self.backups.make(f"before-{new}")
        except BackupFailed as error:
            raise BackupFailed(
                f"{error.detail} - nothing was migrated. Where the database is backed up otherwise, set "
                "backup.before_migration: false in config.yaml."
            ) from error

    async def prepare(self) -> None:
        """Migrate, import the shipped base on the first start, and build the index."""
        await self.prepare_base()
        await self.keeper.refresh()

    async def prepare_base(self) -> None:
        """Migrate, and import the shipped base on the first start."""
        await self.migrate()
        await self._import_on_first_start()

    async def _import_on_first_start(self) -> None:
        async with self.store.read() as work:
            if await work.entries.current():
                return
        entries = read_folder(self.configuration.settings.content_dir / "faq")
        async with self.store.write() as work:
            imported = await import_entries(entries, work.entries, SHIPPED, self.clock.now())
            await work.commit()
        log.info("base.imported", **import_report(imported))


def open_keys(configuration: Configuration) -> KeyRing:
    """The key ring from the environment, or from the data folder, where it is made when absent."""
    document = configuration.environment.get("GONGHUI_KEYS")
    if document:
        return parse_key_ring(document)
    path = configuration.settings.data_dir / "keys.json"
    return load_key_ring(path) if path.exists() else create_key_ring(path)


def build(
    configuration: Configuration,
    *,
    clock: Clock | None = None,
    store: SqlStore | None = None,
    rankers: RankerFactory | None = None,
    metrics: Metrics | None = None,
) -> Program:
    """Make a program from its configuration. Opens no connection."""
    settings = configuration.settings
    clock, metrics = clock or SystemClock(), metrics or NoMetrics()
    keys = open_keys(configuration)
    store = store or SqlStore(make_engine(configuration.database_url), keys)
    wording = load_wording(settings.content_dir / "replies")
    federation = settings.federation
    answers = make_answers(settings, wording)
    services = Services(answers, wording, federation.name, federation.hotline, federation.office_hours)
    inbox = Inbox(
        store=store,
        keys=keys,
        clock=clock,
        handlers=HANDLERS,
        services=services,
        apology=Reply(text=wording("error.apology", hotline=federation.hotline)),
        window=timedelta(minutes=settings.wechat.retry_window_minutes),
        metrics=metrics,
    )
    backups = Backups(
        folder=settings.data_dir / "backups",
        keep=settings.backup.keep,
        snapshots=make_snapshots(store.engine.url),
        clock=clock,
    )
    keeper = BaseKeeper(read=store.read, service=answers, rankers=rankers or make_rankers(settings))
    return Program(configuration, clock, keys, store, wording, answers, keeper, services, inbox, metrics, backups)
