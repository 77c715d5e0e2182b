"""Floods of filings: what comes too fast is registered like all others, and held back until a supervisor has looked.

Nothing is dropped and the worker is told the same. Calls that staff log are never held back.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from bot.complaints.worker.guesses import window
from bot.complaints.worker.numbers import FloodLimits
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

_HOURLY = "filing"
_DAILY = "filing_day"
_ALL = "filing_all"
_EVERYBODY = "*"
_HOUR = 3600
_DAY = 24 * _HOUR


class FloodGuard:
    """Counts filings."""

    def __init__(self, keys: KeyRing, limits: FloodLimits) -> None:
        self._keys = keys
        self._limits = limits

    async def count(self, work: "UnitOfWork", source: str, now: datetime) -> Callable[[], bool]:
        """Count a filing from this source, with the next statement: from then on whether it is one too many of late."""
        tries = shared = [(_ALL, _EVERYBODY, window(now, _HOUR))]
        if source:
            hashed = self._keys.hash("filing source", source)
            tries = [*shared, (_HOURLY, hashed, window(now, _HOUR)), (_DAILY, hashed, window(now, _DAY))]
        counted = await work.attempts.count_later(tries, shared=shared)
        return lambda: self._is_flood(*counted())

    def _is_flood(self, everywhere: int, hourly: int = 0, daily: int = 0) -> bool:
        limits = self._limits
        if everywhere == limits.everywhere_per_hour + 1:
            log.warning("filings.flood", filings=everywhere)
        return (
            hourly > limits.source_per_hour or daily > limits.source_per_day or everywhere > limits.everywhere_per_hour
        )
