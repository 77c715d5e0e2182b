"""The composition root: the only module that knows every part.

Nothing connects, reads or registers at import; `build` makes the parts, `Program.running`
opens what has to be opened, and a test may hand in any part.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from socket import gethostname
from typing import TYPE_CHECKING

import structlog

from bot.answers.assembly import make_answers, make_rankers
from bot.answers.content import import_entries, import_report, read_folder
from bot.answers.keeper import BaseKeeper, RankerFactory
from bot.answers.service import AnswerService
from bot.channels.telegram.parse import CHANNEL as TELEGRAM
from bot.channels.wechat.parse import CHANNEL as WECHAT
from bot.channels.wechat.publish_steps import Mode, budget
from bot.clock import Clock, SystemClock
from bot.complaints.assembly import Desk, make_desk
from bot.complaints.desk.assembly import CadreDesk, make_cadre_desk
from bot.complaints.files.file_desk import FileDesk
from bot.complaints.files.file_store import FileStore
from bot.complaints.files.isolation import IsolatedReader
from bot.complaints.notices import Road
from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.complaints.retention import Retention
from bot.complaints.retention_rules import make_retention
from bot.covers import DrawnCovers
from bot.errors import BackupFailed, CannotOpen, KeyRingError
from bot.inbox import Inbox
from bot.keyring import KeyRing, create_key_ring, load_key_ring, parse_key_ring
from bot.messages import Reply
from bot.metrics import Metrics, NoMetrics
from bot.ops.audit_head import FILE as HEAD_FILE
from bot.ops.backup import Backups
from bot.ops.copies import Snapshots
from bot.ops.triggers import ApschedulerTriggers
from bot.publishing.alerts import Alerts
from bot.publishing.assembly import Newsroom, make_newsroom
from bot.publishing.dispatch import Dispatcher, worker_name
from bot.publishing.planning import Planner
from bot.publishing.press import Press
from bot.publishing.rechecking import Rechecker
from bot.publishing.sending.parts import Parts
from bot.publishing.shipped import import_shipped
from bot.publishing.words import PublishingWords
from bot.renderers import make_renderers
from bot.settings import Configuration, Settings
from bot.site.reads import ReadCounter
from bot.site.shelf import Shelf
from bot.staff.assembly import StaffServices, make_staff
from bot.staff.publishing_alerts import StaffAlerts
from bot.store.ciphertext import holds_ciphertext
from bot.store.engine import make_engine
from bot.store.migrate import head, upgrade
from bot.store.snapshot import make_snapshots
from bot.store.stored_pictures import StoredPictures
from bot.store.unit_of_work import SqlStore
from bot.subscriptions.links import Links
from bot.subscriptions.service import Subscriptions
from bot.subscriptions.subscribers import CHANNELS as SUBSCRIBED_BY
from bot.subscriptions.subscribers import EMAIL
from bot.wording import Wording, load_wording
from handlers import HANDLERS
from handlers.services import ComplaintServices, Services

if TYPE_CHECKING:
    from bot.publishing.ports import Sender

log = structlog.get_logger(__name__)

SHIPPED = "content"
FILES = "files"
"""The folder of sealed files within that of the data."""

POSTS_MARK = "posts.shipped"
"""The value that says that the shipped posts have been brought in: what staff delete of them stays deleted."""

TOPICS_WITHIN = 2.0
"""Seconds: WeChat waits five for the whole reply."""

RING_MARK = "keys.ring"
"""The value by which a ring is known to be that of the database."""


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
    staff: StaffServices
    files: FileDesk
    desk: Desk
    cadres: CadreDesk
    retention: Retention
    reads: ReadCounter
    newsroom: Newsroom
    press: Press
    subscriptions: Subscriptions | None = None

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
        await self.check_keys()

    async def check_keys(self) -> None:
        """Make sure that this is the key ring of the database, before anything is read or sealed with another.

        Raises KeyRingError, StoreUnavailable.
        """
        mark = self.keys.hash("ring", RING_MARK)
        async with self.store.read() as work:
            try:
                kept = await work.values.find(RING_MARK, self.clock.now())
            except CannotOpen as error:
                raise KeyRingError(f"not the ring of this database ({error.detail}): put the right one back") from None
        if kept is None:
            async with self.store.write() as work:
                await work.values.save(RING_MARK, mark, self.clock.now())
                await work.commit()
        elif kept != mark:
            raise KeyRingError("its pepper is not that of this database; put the right ring back")

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
        """Migrate; on the first start import the shipped base, and the shipped posts as drafts."""
        await self.migrate()
        await self._import_on_first_start()
        await self._import_posts_once()

    async def _import_posts_once(self) -> None:
        async with self.store.read() as work:
            if await work.values.find(POSTS_MARK, self.clock.now()):
                return
        async with self.store.write() as work:
            folder = self.configuration.settings.content_dir / "explainers"
            count = await import_shipped(work, folder, self.clock.now())
            await work.values.save(POSTS_MARK, str(count), self.clock.now())
            await work.commit()
        log.info("posts.imported", posts=count)

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
    """The key ring from the environment, or from the data folder.

    There it is made when absent, but only while the database holds nothing sealed: with a new ring beside sealed
    values nobody would notice that they are lost. Raises KeyRingError, StoreUnavailable.
    """
    document = configuration.environment.get("GONGHUI_KEYS")
    if document:
        return parse_key_ring(document)
    path = configuration.settings.data_dir / "keys.json"
    if path.exists():
        return load_key_ring(path)
    if holds_ciphertext(configuration.database_url):
        raise KeyRingError(
            f"{path} is missing, and the database holds what it has sealed. Put back the ring that belongs to this "
            "database (your separate copy of keys.json, or GONGHUI_KEYS): without it nobody can read those values. "
            "No new ring was made."
        )
    return create_key_ring(path)


def staff_roads(settings: Settings) -> frozenset[Road]:
    """By what staff are told here."""
    roads = {Road.CONSOLE}
    roads |= {Road.MAIL} if settings.notices.mail.host else set()
    roads |= {Road.WECOM} if settings.notices.wecom.enabled else set()
    roads |= {Road.TELEGRAM} if settings.telegram.staff_chat else set()
    return frozenset(roads)


def make_newsroom_of(
    settings: Settings, wording: Wording, base_url: str | None = None, alerts: Alerts | None = None
) -> Newsroom:
    """The newsroom with all its channels. base_url: of its site, where that is another than the configured one.

    alerts: by which reviewers are told; None where nobody is. Raises ContentError for faulty content.
    """
    base = settings.web.base_url or "" if base_url is None else base_url
    painter = DrawnCovers(wording("article.mark"))
    renderers = make_renderers(settings, wording, base)
    return make_newsroom(settings, wording, renderers=renderers, painter=painter, base_url=base, alerts=alerts)


def make_alerts(settings: Settings, wording: Wording, clock: Clock) -> Alerts:
    """By what staff are told about posts."""
    words = PublishingWords(wording, settings.publishing.channels.names())
    return StaffAlerts(words.channel, staff_roads(settings), clock)


def make_press(  # noqa: PLR0913 - what is put together
    settings: Settings, newsroom: Newsroom, store: SqlStore, desk: Desk, clock: Clock, *, alerts: Alerts
) -> Press:
    """What brings posts out. Its senders are opened when the program serves."""
    triggers, publishing = ApschedulerTriggers(), settings.publishing
    wechat = publishing.channels.wechat
    budgets = {WECHAT: budget(Mode(wechat.mode), service_account=wechat.service_account)}
    planner = Planner(triggers, desk.calendar, budgets)
    senders: dict[str, Sender] = {}
    parts = Parts(
        write=store.write,
        read=store.read,
        senders=senders,
        pictures=StoredPictures(store, clock),
        alerts=alerts,
        clock=clock,
        rechecker=Rechecker(newsroom.checker.register),
        recurrence=planner.recurrence,
        worker=worker_name(gethostname(), os.getpid()),
        late=timedelta(minutes=publishing.late_minutes),
        lease=timedelta(seconds=publishing.lease_seconds),
    )
    return Press(planner=planner, dispatcher=Dispatcher(parts), senders=senders)


def make_subscriptions(configuration: Configuration, keys: KeyRing) -> Subscriptions | None:
    """Who has subscribed; None where that is switched off."""
    settings = configuration.settings
    if not settings.subscriptions.enabled:
        return None
    able = {
        TELEGRAM: settings.telegram.enabled and bool(configuration.environment.get("GONGHUI_TELEGRAM_TOKEN")),
        EMAIL: settings.subscriptions.email,
        WECHAT: bool(settings.subscriptions.wechat.template_id),
    }
    channels = tuple(channel for channel in SUBSCRIBED_BY if able[channel])
    return Subscriptions(keys, Links(keys, settings.web.base_url or ""), channels)


def make_backups(configuration: Configuration, clock: Clock, snapshots: Snapshots | None = None) -> Backups:
    """The copies of this installation. snapshots: of its database, where it is another than the configured one."""
    settings = configuration.settings
    return Backups(
        folder=settings.data_dir / "backups",
        keep=settings.backup.keep,
        snapshots=snapshots or make_snapshots(configuration.database_url),
        clock=clock,
        files=settings.data_dir / FILES,
        head=settings.data_dir / HEAD_FILE,
    )


def build(
    configuration: Configuration,
    *,
    clock: Clock | None = None,
    store: SqlStore | None = None,
    rankers: RankerFactory | None = None,
    metrics: Metrics | None = None,
) -> Program:
    """Make a program from its configuration. Opens no connection but to ask whether a missing ring may be made."""
    settings = configuration.settings
    clock, metrics = clock or SystemClock(), metrics or NoMetrics()
    keys = open_keys(configuration)
    wording = load_wording(settings.content_dir / "replies")
    desk = make_desk(settings, keys, wording, staff_roads(settings))
    store = store or SqlStore(make_engine(configuration.database_url), keys, clock=clock, rules=desk.rules)
    federation = settings.federation
    answers = make_answers(settings, wording)
    files = FileDesk(files=FileStore(settings.data_dir / FILES), keys=keys, reader=IsolatedReader(), write=store.write)
    subscriptions = make_subscriptions(configuration, keys)
    services = Services(
        answers=answers,
        wording=wording,
        federation=federation.name,
        hotline=federation.hotline,
        office_hours=federation.office_hours,
        complaints=ComplaintServices(
            settings=settings.complaints,
            desk=desk,
            files=files,
            store=store,
            lunar=TableLunarCalendar(),
            base_url=configuration.base_url,
            abroad=frozenset({TELEGRAM}) if settings.telegram.complaints else frozenset(),
            closed=frozenset() if settings.telegram.complaints else frozenset({TELEGRAM}),
        ),
        subscriptions=subscriptions,
        topics=Shelf(store.read, TOPICS_WITHIN).topics,
        granting_page={WECHAT: settings.subscriptions.wechat.page},
        granting_template=settings.subscriptions.wechat.template_id,
    )
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
    keeper = BaseKeeper(read=store.read, service=answers, rankers=rankers or make_rankers(settings))
    alerts = make_alerts(settings, wording, clock)
    newsroom = make_newsroom_of(settings, wording, alerts=alerts)
    return Program(
        configuration,
        clock,
        keys,
        store,
        wording,
        answers,
        keeper,
        services,
        inbox,
        metrics,
        make_backups(configuration, clock, make_snapshots(store.engine.url)),
        make_staff(settings, store, keys),
        files,
        desk,
        make_cadre_desk(settings, keys, desk, staff_roads(settings)),
        make_retention(settings, desk.categories),
        ReadCounter(store.write, clock),
        newsroom,
        make_press(settings, newsroom, store, desk, clock, alerts=alerts),
        subscriptions,
    )
