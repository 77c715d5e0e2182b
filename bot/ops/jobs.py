"""Work that is due by the clock: plain async functions, which the scheduler merely knocks at.

A job does the same however often it is called and by however many processes; what it does is
decided by rows and files, not by the scheduler's memory.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.errors import BackupFailed, ContentError, StorageFull, StoreUnavailable
from bot.metrics import Metrics

log = structlog.get_logger(__name__)

Figures = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work and how often it is due. `run` gives figures for the log."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[Figures]]
    at_once: bool = False
    """Whether it is due when the service starts, too."""
    side_by_side: int = 1
    """So many knocks may be at work at the same time; what comes on top of them is left out."""


async def run_job(job: Job, metrics: Metrics) -> bool:
    """Do the work and log what came of it; whether it went well. Never raises."""
    started = time.perf_counter()
    try:
        figures = await job.run()
    except StorageFull:
        metrics.storage_error(full=True)
        log.error("storage.full", during=job.name)
        return False
    except StoreUnavailable as error:
        metrics.storage_error(full=False)
        log.error("storage.unavailable", during=job.name, cause=error.detail)
        return False
    except BackupFailed as error:
        metrics.failure(job.name)
        log.error("backup.failed", during=job.name, cause=error.detail)
        return False
    except ContentError as error:
        metrics.failure(job.name)
        log.error("content.faulty", during=job.name, faults=error.faults)
        return False
    except Exception:  # the next knock must come, whatever it was
        metrics.failure(job.name)
        log.exception("job.failed", during=job.name)
        return False
    done = {name: figure for name, figure in figures.items() if figure}
    if done:
        log.info("job.done", job=job.name, ms=round((time.perf_counter() - started) * 1000), **done)
    return True
