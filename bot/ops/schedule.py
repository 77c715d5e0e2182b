"""The scheduler: knocks at jobs in time. Nothing is kept in it: after a restart what is due is in the tables."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.metrics import Metrics
from bot.ops.jobs import Job, run_job

# A knock at a job that is still at work is left out, and APScheduler would warn of each: some are due every second.
logging.getLogger("apscheduler").setLevel(logging.ERROR)

_LAST_SECONDS = 5.0
_JITTER_SHARE = 10
"""Several processes started together drift apart by up to a tenth of the interval."""


@asynccontextmanager
async def knocking(jobs: Sequence[Job], metrics: Metrics) -> AsyncIterator[None]:
    """Knock at each job at its interval for as long as the block lasts.

    A job that is still at work is not started again, unless it says so; missed knocks become one.
    At the end of the block jobs at work get some seconds to finish: cutting them off would break
    their connections.
    """
    at_work: set[asyncio.Task[bool]] = set()

    async def knock(job: Job) -> None:
        task = asyncio.ensure_future(run_job(job, metrics))
        at_work.add(task)
        task.add_done_callback(at_work.discard)
        with suppress(asyncio.CancelledError):  # the end came first; APScheduler would call that an error
            await asyncio.shield(task)

    scheduler = AsyncIOScheduler(timezone=UTC)
    for job in jobs:
        seconds = job.every.total_seconds()
        first = {"next_run_time": datetime.now(UTC)} if job.at_once else {}
        scheduler.add_job(
            knock,
            IntervalTrigger(seconds=seconds, jitter=seconds / _JITTER_SHARE, timezone=UTC),
            args=(job,),
            id=job.name,
            coalesce=True,
            max_instances=job.side_by_side,
            misfire_grace_time=None,
            **first,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.pause()
        if at_work:
            await asyncio.wait(set(at_work), timeout=_LAST_SECONDS)
        scheduler.shutdown(wait=False)
