"""Noting what is done: updates that are finished together share a transaction, and a busy database is asked again."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.channels.telegram.parse import CHANNEL
from bot.clock import Clock
from bot.errors import StoreUnavailable

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

EVERY = timedelta(milliseconds=100)
"""What ends sooner after the last note waits for so long. Whoever dies meanwhile sends those replies once more."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 5, 15))
"""Between tries while the database takes nothing: that is no reason to send anything twice."""

Transactions = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]


async def pause_since(clock: Clock, last: datetime | None, span: timedelta) -> None:
    """Wait until that long after the last time: a transaction costs more than what some more to share it do."""
    rest = last + span - clock.now() if last else timedelta(0)
    if rest > timedelta(0):
        await clock.sleep(min(rest, span).total_seconds())  # no longer where a clock was set back


class Endings:
    """Notes the ends of a bot's updates. held: those of which the end is not noted yet, whose lease is to be kept."""

    def __init__(self, write: Transactions, clock: Clock, bot: int) -> None:
        self._write = write
        self._clock = clock
        self._bot = bot
        self._waiting: list[int] = []
        self._noting: list[int] = []
        self._noted_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def held(self) -> tuple[int, ...]:
        """The numbers of the updates whose end is not noted yet."""
        return (*self._waiting, *self._noting)

    def add(self, id: int) -> None:
        """Note that nothing is left to do about this update, soon."""
        self._waiting.append(id)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._note_all())

    async def wait(self, seconds: float) -> None:
        """Wait for what is being noted, so long at most."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)

    async def _note_all(self) -> None:
        tried = 0
        while self._waiting:
            await pause_since(self._clock, self._noted_at, EVERY)
            self._noted_at = self._clock.now()
            self._noting, self._waiting = self._waiting, []
            try:
                async with self._write() as work:
                    await work.telegram_updates.finish(self._bot, self._noting)
                    await work.commit()
                tried = 0
            except StoreUnavailable as error:
                log.error("storage.unavailable", channel=CHANNEL, cause=error.detail)
                if tried == len(PAUSES):
                    return  # their leases end and they are taken up: the replies are there, and are sent once more
                self._waiting[:0] = self._noting
                await self._clock.sleep(PAUSES[tried].total_seconds())
                tried += 1
            finally:
                self._noting = []
