"""Floods of filings: what comes too fast is registered like all others, and held back until a supervisor has looked.

Nothing is dropped and the worker is told the same. Calls that staff log are never held back.
"""

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

    async def is_flood(self, work: "UnitOfWork", source: str, now: datetime) -> bool:
        """Count a filing from this source; whether it is one too many of late."""
        limits = self._limits
        tries = shared = [(_ALL, _EVERYBODY, window(now, _HOUR))]
        if source:
            hashed = self._keys.hash("filing source", source)
            tries = [*shared, (_HOURLY, hashed, window(now, _HOUR)), (_DAILY, hashed, window(now, _DAY))]
        everywhere, hourly, daily = [*await work.attempts.count_each(tries, shared=shared), 0, 0][:3]
        if everywhere == limits.everywhere_per_hour + 1:
            log.warning("filings.flood", filings=everywhere)
        return (
            hourly > limits.source_per_hour or daily > limits.source_per_day or everywhere > limits.everywhere_per_hour
        )
