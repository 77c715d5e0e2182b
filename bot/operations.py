"""Wires the operator's side of a program: backups, housekeeping, health, metrics, access log."""

import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import httpx
import structlog
from fastapi import FastAPI

from bot.app import Program
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.media import WeChatMedia
from bot.complaints.files.fetching import FileFetching, FileSource
from bot.errors import GonghuiError
from bot.keeping import make_copy_check, make_nightly, make_retention_jobs
from bot.knowledge_desk import make_knowledge_jobs
from bot.notice_jobs import make_notice_jobs
from bot.ops.access import AccessLog
from bot.ops.audit_head import FILE, AuditHeads
from bot.ops.files import FileJobs
from bot.ops.health import HealthMonitor
from bot.ops.housekeeping import PURGE_EVERY, Housekeeping
from bot.ops.jobs import Figures, Job
from bot.ops.metrics import PrometheusMetrics
from bot.ops.routes import make_ops_routes
from bot.ops.schedule import knocking
from bot.publishing_jobs import make_publishing_jobs, sending
from bot.store.stored_value import StoredValue
from bot.subscription_jobs import broadcasting
from bot.telegram_channel import TelegramChannel, make_forgetting

log = structlog.get_logger(__name__)

REVISION_SHOWN = 12
HEAD_EVERY = timedelta(minutes=10)
SWEEP_EVERY = timedelta(minutes=15)
RADAR_EVERY = timedelta(hours=1)
ASK_EVERY = timedelta(hours=1)
WRITE_READS_EVERY = timedelta(seconds=30)
MOST_BATCHES = 20
"""Of what is due one knock does so much at most; the rest waits for the next one."""

ATTEMPTS_KEPT = timedelta(days=3)
"""Counts of tries are kept longer than the longest window, which is a day."""

UPLOAD_PAGE = "/complain"

DRAFTS_OUTLIVED = 2
"""Files of a draft are kept so many times as long as a draft may rest: somebody may come back to it in between."""


def make_housekeeping(program: Program) -> Housekeeping:
    """The jobs of a program."""
    settings = program.configuration.settings
    return Housekeeping(
        clock=program.clock,
        keeper=program.keeper,
        forget_expired=program.inbox.forget_expired,
        write=program.store.write,
        question_retention=timedelta(days=settings.answers.question_retention_days),
        copy=make_nightly(program, make_audit_heads(program).keep).run if settings.backup.daily else None,
    )


def make_audit_heads(program: Program) -> AuditHeads:
    """What keeps the end of the audit log outside the database."""
    path = program.configuration.settings.data_dir / FILE
    return AuditHeads(path=path, read=program.store.read, clock=program.clock)


def make_staff_jobs(program: Program) -> tuple[Job, ...]:
    """The jobs around accounts of staff and the audit log."""

    async def forget_sessions() -> Figures:
        return {"rows": await program.staff.accounts.forget_ended(program.clock.now())}

    return (
        Job("keep_audit_head", HEAD_EVERY, make_audit_heads(program).keep, at_once=True),
        Job("forget_sessions", PURGE_EVERY, forget_sessions, at_once=True),
    )


def make_desk_jobs(program: Program) -> tuple[Job, ...]:
    """The jobs around cases: warnings, collective matters, verdicts, receipts. Each batch is its own transaction."""
    cadres, verdicts = program.cadres, program.desk.verdicts

    async def sweep() -> Figures:
        figures: Counter[str] = Counter()
        for _ in range(MOST_BATCHES):
            async with program.store.write() as work:
                swept = await cadres.sweep.run(work, program.clock.now())
                await work.commit()
            figures.update(warned=swept.warned, recounted=swept.recounted)
            if not swept.full:
                break
        return figures

    async def look_for_collective() -> Figures:
        async with program.store.write() as work:
            found = await cadres.radar.run(work, program.clock.now())
            await work.commit()
        return {"findings": found}

    async def ask_verdicts() -> Figures:
        async with program.store.write() as work:
            asked = await verdicts.run(work, program.clock.now())
            await work.commit()
        return {"cases": asked}

    async def forget_receipts() -> Figures:
        now = program.clock.now()
        async with program.store.write() as work:
            receipts = await work.receipts.delete_expired(now)
            attempts = await work.attempts.delete_before(now - ATTEMPTS_KEPT)
            await work.commit()
        return {"receipts": receipts, "attempts": attempts}

    return (
        Job("sweep_clocks", SWEEP_EVERY, sweep, at_once=True),
        Job("collective_radar", RADAR_EVERY, look_for_collective, at_once=True),
        Job("ask_verdicts", ASK_EVERY, ask_verdicts),
        Job("forget_receipts", PURGE_EVERY, forget_receipts, at_once=True),
    )


def make_site_jobs(program: Program) -> tuple[Job, ...]:
    """The jobs around the pages of posts."""
    return (Job("write_reads", WRITE_READS_EVERY, program.reads.write),)


def make_file_jobs(
    program: Program, client: httpx.AsyncClient, telegram: TelegramChannel | None = None
) -> tuple[Job, ...]:
    """The jobs around files: fetching what WeChat and Telegram keep for us, where they are used, and sweeping."""
    settings = program.configuration.settings
    sources: dict[str, FileSource] = {WeChatMedia.channel: make_wechat_media(program, client)}
    sources |= telegram.media() if telegram else {}
    fetching = FileFetching(
        desk=program.files,
        write=program.store.write,
        sources=sources,
        clock=program.clock,
        wording=program.wording,
        upload_page=f"{program.configuration.base_url}{UPLOAD_PAGE}",
    )
    return FileJobs(
        clock=program.clock,
        desk=program.files,
        drafts_last=DRAFTS_OUTLIVED * timedelta(hours=settings.complaints.draft_hours),
        fetch=fetching.run if settings.wechat.enabled or telegram else None,
    ).jobs()


def make_wechat_media(program: Program, client: httpx.AsyncClient) -> WeChatMedia:
    """The files that WeChat keeps for the account; without AppSecret only pictures."""
    base = program.configuration.settings.wechat.api_base
    return WeChatMedia(client=client, base=base, api=make_wechat_api(program, client))


def make_wechat_api(program: Program, client: httpx.AsyncClient) -> WeChatApi | None:
    """WeChat's API for the account; None where the account is not used or its AppSecret is not known."""
    wechat = program.configuration.settings.wechat
    secret = program.configuration.environment.get("GONGHUI_WECHAT_SECRET")
    if not secret or not wechat.enabled:
        return None
    tokens = StoredValue(program.store, program.clock, f"wechat.access_token:{wechat.app_id}")
    return WeChatApi(
        client=client, base=wechat.api_base, app_id=wechat.app_id, secret=secret, tokens=tokens, clock=program.clock
    )


def make_health(program: Program) -> HealthMonitor:
    """What looks at the parts of a program."""

    def index() -> Mapping[str, Any] | None:
        base = program.answers.base
        if not base.revision:
            return None
        return {
            "revision": base.revision[:REVISION_SHOWN],
            "entries": len(base.entries),
            "complete": program.keeper.is_complete,
        }

    return HealthMonitor(
        store=program.store,
        clock=program.clock,
        data_dir=program.configuration.settings.data_dir,
        index=index,
        copies=make_copy_check(program),
    )


def add_operations(web: FastAPI, program: Program) -> None:
    """Add `/health`, `/metrics` where the program counts, and the access log."""
    metrics = program.metrics if isinstance(program.metrics, PrometheusMetrics) else None
    if metrics is not None:
        watch_base(metrics, program)
        watch_copies(metrics, program)
    token = program.configuration.environment.get("GONGHUI_METRICS_TOKEN")
    web.router.routes.extend(make_ops_routes(health=make_health(program).check, metrics=metrics, token=token))
    web.add_middleware(AccessLog)


def watch_copies(metrics: PrometheusMetrics, program: Program) -> None:
    """Show the age of the newest copy among the figures; none shows as for ever."""

    def age() -> float:
        copies = program.backups.copies()
        return (program.clock.now() - copies[0].made_at).total_seconds() if copies else math.inf

    metrics.watch("gonghui_backup_age_seconds", "Age of the newest copy", age)


def watch_base(metrics: PrometheusMetrics, program: Program) -> None:
    """Show the state of the base and its index among the figures."""
    answers, keeper = program.answers, program.keeper
    metrics.watch("gonghui_base_entries", "Entries of the base in use", lambda: len(answers.base.entries))
    metrics.watch(
        "gonghui_index_ready", "Whether questions can be answered", lambda: float(bool(answers.base.revision))
    )
    metrics.watch(
        "gonghui_index_complete", "Whether the index has every encoder's vectors", lambda: float(keeper.is_complete)
    )


@contextmanager
def failures_told() -> Iterator[None]:
    """Log what ends the program, as the web server in between would not show the reason."""
    try:
        log.info("program.starting")
        yield
        log.info("program.stopped")
    except GonghuiError as error:
        log.critical("program.failed", reason=str(error))  # the error tree holds nothing personal
        raise
    except Exception:
        log.critical("program.failed", exc_info=True)
        raise


@asynccontextmanager
async def maintained(program: Program, telegram: TelegramChannel | None = None) -> AsyncIterator[None]:
    """Warmed up, and housekeeping for as long as the block lasts."""
    # The models load with the first question: nobody should have to wait for that.
    await program.answers.ask(program.services.federation, program.clock.now())
    housekeeping = make_housekeeping(program)
    client = httpx.AsyncClient()
    jobs = (
        *housekeeping.jobs(),
        *make_staff_jobs(program),
        *make_desk_jobs(program),
        *make_retention_jobs(program),
        *make_file_jobs(program, client, telegram),
        *make_site_jobs(program),
        *make_knowledge_jobs(program),
        make_forgetting(program),
    )
    wechat = make_wechat_api(program, client)
    jobs += make_notice_jobs(program, client, wechat, telegram)
    jobs += telegram.jobs() if telegram else ()
    async with client, sending(program, client), broadcasting(program, wechat) as broadcasts:
        jobs += (*make_publishing_jobs(program), *broadcasts.jobs)
        async with knocking(jobs, program.metrics):
            try:
                yield
            finally:
                housekeeping.stop()
                broadcasts.stop()
                await program.reads.write()
