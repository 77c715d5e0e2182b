"""Housekeeping: forgets what must not be kept, takes over a changed base, makes the daily copy."""

import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from bot.clock import Clock
from bot.ops.jobs import Figures, Job

REFRESH_EVERY = timedelta(seconds=30)
FORGET_EVERY = timedelta(minutes=1)
PURGE_EVERY = timedelta(hours=1)
LOOK_FOR_COPY_EVERY = timedelta(hours=1)


class Keeper(Protocol):
    """Keeps the answering side on the current base."""

    async def refresh(self) -> bool:
        """Take over the current base if it is another; whether it was."""
        ...

    async def complete(self, progress: Callable[[int, int], object] | None = None) -> None:
        """Bring the index to its best, telling progress; what progress raises ends it."""
        ...


class Stopping(Exception):
    """The service is being stopped; a long job gives up and is done by the next start."""


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """The jobs of one program.

    forget_expired: deletes prepared replies and conversations past their time; how many.
    write: opens a transaction with `questions` and `commit`. copy: makes the copy of the night when it is due.
    """

    clock: Clock
    keeper: Keeper
    forget_expired: Callable[[], Awaitable[int]]
    write: Callable[[], AbstractAsyncContextManager[Any]]
    question_retention: timedelta
    copy: Callable[[], Awaitable[Figures]] | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs; the daily copy only where it is wanted."""
        jobs = (
            Job("refresh_base", REFRESH_EVERY, self.refresh_base, at_once=True),
            Job("forget_conversations", FORGET_EVERY, self.forget_conversations),
            Job("forget_questions", PURGE_EVERY, self.forget_questions, at_once=True),
        )
        if self.copy is None:
            return jobs
        return (*jobs, Job("daily_copy", LOOK_FOR_COPY_EVERY, self.copy, at_once=True))

    async def refresh_base(self) -> Figures:
        """Take over what other processes changed in the base, and build what its index lacks."""
        changed = await self.keeper.refresh()
        try:
            await self.keeper.complete(self._go_on)
        except Stopping:
            return {}
        return {"changed": int(changed)}

    async def forget_conversations(self) -> Figures:
        """Delete messages past the retry window and conversations at rest."""
        return {"rows": await self.forget_expired()}

    async def forget_questions(self) -> Figures:
        """Delete recorded questions past their retention."""
        async with self.write() as work:
            gone = await work.questions.delete_before(self.clock.now() - self.question_retention)
            await work.commit()
        return {"rows": gone}

    def stop(self) -> None:
        """Let long work end soon: building vectors takes minutes, and a stop should not."""
        self.stopping.set()

    def _go_on(self, _done: int, _total: int) -> None:
        if self.stopping.is_set():
            raise Stopping
