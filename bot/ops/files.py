"""The work on files that is due by the clock: fetching what channels keep, and sweeping what nobody wants."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.ops.jobs import Figures, Job

FETCH_EVERY = timedelta(seconds=10)
SWEEP_EVERY = timedelta(hours=1)


class Sweeper(Protocol):
    """Forgets files of abandoned drafts, and bytes that belong to no file."""

    async def sweep(self, now: datetime, *, drafts_before: datetime) -> Figures:
        """How many of each went."""
        ...


@dataclass(frozen=True, slots=True)
class FileJobs:
    """The jobs of one program. fetch: fetches what is due; None where no channel keeps files for us."""

    clock: Clock
    desk: Sweeper
    drafts_last: timedelta
    fetch: Callable[[], Awaitable[Figures]] | None = None

    def jobs(self) -> tuple[Job, ...]:
        """All of them."""
        sweep = Job("sweep_files", SWEEP_EVERY, self.sweep, at_once=True)
        return (sweep,) if self.fetch is None else (Job("fetch_files", FETCH_EVERY, self.fetch, at_once=True), sweep)

    async def sweep(self) -> Figures:
        """Forget the files of drafts past their time, and bytes without a row."""
        now = self.clock.now()
        return await self.desk.sweep(now, drafts_before=now - self.drafts_last)
