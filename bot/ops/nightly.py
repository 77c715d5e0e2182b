"""The copy of the night: made once, while the service goes on, and told of when it fails.

The service looks every hour whether the copy of the last night is there; whichever process looks first makes it.
Before, the end of the audit log is kept, so that the copy holds one that its own log reaches.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import structlog

from bot.clock import SHANGHAI, Clock
from bot.errors import BackupFailed, GonghuiError
from bot.ops.backup import Backups
from bot.ops.health import Check, State
from bot.ops.jobs import Figures

log = structlog.get_logger(__name__)

FAILED, FILES_LOST = "backup_failed", "files_lost"
"""What is told: kinds of notices."""

LATE = timedelta(hours=36)
"""A copy older than that is a sign that something is wrong."""


@dataclass(frozen=True, slots=True)
class Nightly:
    """Makes the copy of each night. keep_head: keeps the end of the audit log; tell: tells those who look after it.

    hour: of the night in China, from when on a new copy is due.
    """

    backups: Backups
    clock: Clock
    hour: int
    keep_head: Callable[[], Awaitable[object]]
    tell: Callable[[str], Awaitable[None]]

    async def run(self) -> Figures:
        """Make the copy of the last night unless there is one. Raises BackupFailed, once it has been told."""
        if not self.backups.is_due(self._last_night()):
            return {}
        await keep_head_if_possible(self.keep_head)
        try:
            path = await asyncio.to_thread(self.backups.make, "daily")
        except BackupFailed:
            await self._tell(FAILED)
            raise
        lost = len(self.backups.contents(path).lost)
        if lost:
            await self._tell(FILES_LOST)
        return {"copies": 1, "files_lost": lost}

    def _last_night(self) -> datetime:
        now = self.clock.now().astimezone(SHANGHAI)
        due = datetime.combine(now.date(), time(self.hour), SHANGHAI)
        return (due if due <= now else due - timedelta(days=1)).astimezone(UTC)

    async def _tell(self, kind: str) -> None:
        try:
            await self.tell(kind)
        except GonghuiError as error:
            log.error("backup.not_told", cause=type(error).__name__)  # the disk may be full; the log has it


async def keep_head_if_possible(keep: Callable[[], Awaitable[object]]) -> None:
    """Keep the end of the audit log before a copy; where that fails the copy is made all the same."""
    try:
        await keep()
    except GonghuiError as error:
        log.error("audit.head_not_kept", cause=type(error).__name__)


def check_age(backups: Backups, now: datetime) -> Check:
    """How old the newest copy is; a warning when it is older than it should be."""
    copies = backups.copies()
    if not copies:
        return Check(State.WARN, {"cause": "no copy yet"})
    age = now - copies[0].made_at
    facts = {"hours": round(age / timedelta(hours=1)), "copies": len(copies)}
    return Check(State.WARN if age > LATE else State.OK, facts)
