"""`gonghui doctor`: gathers the facts and shows what the checks make of them. Changes nothing."""

import asyncio
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.keyring import KeyRing
    from bot.ops.doctor.database import DatabaseFacts
    from bot.ops.doctor.findings import Finding, Section
    from bot.settings import Configuration


def doctor(
    *,
    settings: Annotated[bool, typer.Option("--settings", help="list every setting with its value and meaning")] = False,
) -> None:
    """Look at everything this installation depends on; all faults at once. Status 2 when there are any."""
    from bot.ops.doctor.findings import has_faults, render
    from bot.ops.doctor.settings import setting_lines
    from bot.settings import inspect_configuration

    configuration, faults = inspect_configuration()
    sections = asyncio.run(examine(configuration, faults, datetime.now(UTC)))
    if settings and configuration is not None:
        typer.echo("\n".join([*setting_lines(configuration.settings), ""]))
    typer.echo("\n".join(render(sections)))
    if has_faults(sections):
        raise typer.Exit(2)


async def examine(configuration: "Configuration | None", faults: list[str], now: datetime) -> "list[Section]":
    """The findings of every check that can be made; without a configuration those that need none."""
    from bot.ops.doctor.content import check_encoders, probe_encoder
    from bot.ops.doctor.findings import section
    from bot.ops.doctor.settings import check_credentials, check_settings
    from bot.ops.doctor.time import ask_time, check_calendar, check_clock

    sections = [section("设置", lambda: check_settings(faults, configuration))]
    told_by = configuration.settings.wechat.api_base if configuration else "https://api.weixin.qq.com"
    told = await ask_time(told_by)
    time = section("时间", lambda: [*check_clock(datetime.now(UTC), told, told_by), *check_calendar(now)])
    encoders = section("语义模型", lambda: check_encoders(probe_encoder))
    if configuration is None:
        return [*sections, time, encoders]
    sections.append(section("密钥和口令", lambda: check_credentials(configuration)))
    return [*sections, *await _installed(configuration, now), time, encoders]


async def _installed(configuration: "Configuration", now: datetime) -> "list[Section]":
    """What can be looked at where there are settings."""
    from bot.clock import local_date
    from bot.commands.doctor_publishing import publishing_facts
    from bot.commands.doctor_subscriptions import subscription_facts
    from bot.ops.doctor.content import check_base, check_entry_files, check_sentences
    from bot.ops.doctor.database import check_database
    from bot.ops.doctor.files import check_disk, check_files, check_keys
    from bot.ops.doctor.findings import section
    from bot.ops.doctor.publishing import check_publishing
    from bot.ops.doctor.subscriptions import check_subscriptions

    mail_fault = await _mail_fault(configuration)
    facts = await _database_facts(configuration, now)
    usable = facts.version is not None and facts.version == facts.newest and facts.keys_fit and not facts.unreachable
    publishing = await publishing_facts(configuration, usable=usable)
    subscriptions = await subscription_facts(configuration, now, usable=usable)
    content = configuration.settings.content_dir

    def live() -> "Iterator[Finding]":
        if facts.version == facts.newest and not facts.unreachable:  # another version was not looked into
            yield from check_base(facts.sources, local_date(now), facts.confirmed)

    return [
        section(
            "文件",
            lambda: [*check_files(configuration), *check_keys(configuration, wanted=_holds_sealed(configuration))],
        ),
        section("磁盘", lambda: check_disk(configuration)),
        section("数据库", lambda: [*check_database(facts), *_copies(configuration, now)]),
        section("问答", lambda: [*check_entry_files(content / "faq"), *live()]),
        section("发布", lambda: check_publishing(configuration.settings, publishing, now)),
        section("订阅", lambda: check_subscriptions(configuration.settings, subscriptions)),
        section("提醒", lambda: _notices(configuration, mail_fault)),
        section("文字", lambda: [*check_sentences(content, facts.sources), *_menu(configuration, facts)]),
    ]


async def _database_facts(configuration: "Configuration", now: datetime) -> "DatabaseFacts":
    """Looks without creating: a SQLite file that is not there stays away."""
    from bot.answers.knowledge.confirming import read_standing
    from bot.errors import CannotOpen, StoreUnavailable
    from bot.ops.doctor.database import DatabaseFacts
    from bot.ops.health import SEEN
    from bot.store.engine import make_engine
    from bot.store.migrate import current, head
    from bot.store.snapshot import make_snapshots
    from bot.store.unit_of_work import SqlStore
    from bot.telegram_settings import answering_bot

    url = configuration.database_url
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    if not make_snapshots(url).exists():
        return DatabaseFacts(kind, exists=False)
    store = SqlStore(make_engine(url), _keys(configuration))
    version, keys_fit, sources, confirmed, stranded = None, True, {}, frozenset[str](), 0
    try:
        version = await current(store.engine)
        async with store.read() as work:
            if version == head():
                sources = await work.entries.current()
                confirmed = frozenset(await read_standing(work))
                await work.values.find(SEEN, now)
                stranded = await work.telegram_updates.stranded(answering_bot(configuration))
    except CannotOpen:
        keys_fit = False
    except StoreUnavailable as error:
        return DatabaseFacts(kind, unreachable=error.detail)
    finally:
        await store.close()
    return DatabaseFacts(
        kind,
        version=version,
        newest=head(),
        keys_fit=keys_fit,
        sources=sources,
        confirmed=confirmed,
        stranded=stranded,
    )


def _holds_sealed(configuration: "Configuration") -> bool:
    """Whether the database holds what a ring has sealed; a database that cannot say is told of elsewhere."""
    from bot.errors import StoreUnavailable
    from bot.store.ciphertext import holds_ciphertext

    try:
        return holds_ciphertext(configuration.database_url)
    except StoreUnavailable:
        return False


def _keys(configuration: "Configuration") -> "KeyRing":
    """The key ring, or where there is none that can be read a new one, which opens nothing."""
    from bot.errors import KeyRingError
    from bot.keyring import load_key_ring, make_key_ring_document, parse_key_ring

    document = configuration.environment.get("GONGHUI_KEYS")
    try:
        return parse_key_ring(document) if document else load_key_ring(configuration.settings.data_dir / "keys.json")
    except KeyRingError:
        return parse_key_ring(make_key_ring_document())


def _copies(configuration: "Configuration", now: datetime) -> "Iterator[Finding]":
    from bot.app import make_backups
    from bot.clock import SystemClock
    from bot.ops.doctor.database import check_copies
    from bot.store.snapshot import make_snapshots

    settings = configuration.settings
    snapshots = make_snapshots(configuration.database_url)
    backups = make_backups(configuration, SystemClock(), snapshots)
    wanted = settings.backup.daily or settings.backup.before_migration
    missing = "pg_dump" if wanted and snapshots.suffix == ".dump" and shutil.which("pg_dump") is None else ""
    return check_copies(backups.copies(), now, daily=settings.backup.daily, keep=settings.backup.keep, tool=missing)


async def _mail_fault(configuration: "Configuration") -> str | None:
    """Why no mail can be sent, found by connecting and signing in; empty when it can, None where there is no server."""
    from bot.clock import SystemClock
    from bot.errors import VendorError
    from bot.notice_jobs import make_mail

    mail = make_mail(configuration, SystemClock())
    if mail is None:
        return None
    try:
        await mail.check()
    except VendorError as error:
        return error.code
    return ""


def _notices(configuration: "Configuration", mail_fault: str | None) -> "Iterator[Finding]":
    from bot.ops.doctor.notices import check_staff_notices, check_worker_notices
    from bot.wording import load_wording

    settings = configuration.settings
    signs_in = bool(configuration.environment.get("GONGHUI_SMTP_USER"))
    yield from check_staff_notices(settings, mail_fault=mail_fault, signs_in=signs_in)
    yield from check_worker_notices(settings, load_wording(settings.content_dir / "replies"))


def _menu(configuration: "Configuration", facts: "DatabaseFacts") -> "Iterator[Finding]":
    """Whether the menu of the account can be sent as it is written."""
    from bot.channels.wechat.menu import load_menu
    from bot.commands.wechat import MENU_FILE
    from bot.errors import ContentError
    from bot.ops.doctor.findings import fault, ok
    from handlers.menu import ACTIONS

    settings = configuration.settings
    if not settings.wechat.enabled:
        return
    try:
        load_menu(
            settings.content_dir / MENU_FILE,
            actions=ACTIONS,
            topics=facts.sources,
            base_url=settings.web.base_url or "",
        )
    except ContentError as error:
        yield from map(fault, error.faults)
    else:
        yield ok(f"{MENU_FILE}：公众号菜单可用")
