"""Asking Telegram for updates: one process at a time, by a lease, and the place is moved on once they are kept."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.answering import Answering
from bot.channels.telegram.api import LONG_POLL
from bot.channels.telegram.endings import Transactions
from bot.channels.telegram.parse import BadUpdate, update_id
from bot.clock import Clock
from bot.errors import StoreUnavailable

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
"""Longer than one question may take."""

ASK_AGAIN = 10.0
"""Seconds after which it is looked whether the process that asks still does."""

_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)


class Source(Protocol):
    """Where updates come from."""

    async def updates(self, offset: int, wait: timedelta) -> Sequence[Mapping[str, Any]]:
        """What has come since. Raises TelegramError."""
        ...

    async def drop_webhook(self) -> None:
        """Let Telegram call nobody. Raises TelegramError."""
        ...


class Polling:
    """Asks for as long as it runs. idle: seconds between two questions that found nothing."""

    def __init__(  # noqa: PLR0913 - the parts are named and handed in by the composition root
        self,
        *,
        source: Source,
        answering: Answering,
        write: Transactions,
        clock: Clock,
        owner: str,
        wait: timedelta = LONG_POLL,
        idle: float = 0.0,
    ) -> None:
        self._source = source
        self._answering = answering
        self._write = write
        self._clock = clock
        self._owner = owner
        self._wait = wait
        self._idle = idle
        self._webhook_dropped = False
        self._failed = 0

    async def run(self) -> None:
        """Ask until it is cancelled. Never raises otherwise."""
        while True:
            pause = await self.ask_once()
            await self._clock.sleep(pause)

    async def ask_once(self) -> float:
        """Ask once, if it is ours to ask; the seconds to wait before the next time. Raises nothing."""
        try:
            pause = await self._ask()
        except RetryAfter as error:
            rest = error.retry_after
            return rest.total_seconds() if isinstance(rest, timedelta) else float(rest)
        except (TelegramError, StoreUnavailable, BadUpdate) as error:
            return self._pause_after(error)
        except Exception:  # the next question must come, whatever it was
            log.exception("telegram.polling_failed")
            return _PAUSES[-1]
        self._failed = 0
        return pause

    async def leave(self) -> None:
        """Let another process ask at once."""
        try:
            async with self._write() as work:
                await work.telegram_updates.leave_polling(self._answering.name.id, self._owner, self._clock.now())
                await work.commit()
        except StoreUnavailable as error:
            log.error("storage.unavailable", during="telegram_polling", cause=error.detail)  # the lease ends by itself

    async def _ask(self) -> float:
        bot, now = self._answering.name.id, self._clock.now()
        async with self._write() as work:
            offset = await work.telegram_updates.lease_polling(bot, self._owner, now, now + LEASE)
            await work.commit()
        if offset is None:
            self._webhook_dropped = False
            return ASK_AGAIN
        if not self._webhook_dropped:
            await self._source.drop_webhook()
            self._webhook_dropped = True
        updates = await self._source.updates(offset, self._wait)
        if not updates:
            return self._idle
        await self._answering.take_polled(updates, 1 + max(update_id(update) for update in updates))
        return 0.0

    def _pause_after(self, error: Exception) -> float:
        pause = _PAUSES[min(self._failed, len(_PAUSES) - 1)]
        self._failed += 1
        if isinstance(error, StoreUnavailable):
            log.error("storage.unavailable", during="telegram_polling", cause=error.detail)
        elif isinstance(error, Conflict):
            self._webhook_dropped = False
            log.error("telegram.conflict", hint="another program asks for this bot's updates, or it has a webhook")
        elif isinstance(error, InvalidToken):
            log.error("telegram.unauthorised", hint="compare GONGHUI_TELEGRAM_TOKEN with @BotFather")
            return _PAUSES[-1]
        else:
            cause = type(error.__cause__ or error).__name__  # never its text: the address holds the token
            log.warning("telegram.unreachable", cause=cause, failed=self._failed)
        return pause
