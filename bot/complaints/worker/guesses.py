"""How fast receipts may be guessed: budgets per source and over all, that slow down and never close.

A wrong receipt counts, a right one does not. Below its budget nobody waits. Beyond it a source is let in once in a
pace; when all sources together are beyond theirs, that holds for each of them, so that a network of machines is slow
as well and whoever comes with one right receipt still comes in at once. Sources are kept as keyed hashes.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.complaints.worker.numbers import GuessLimits
from bot.complaints.worker.refusals import SlowDown
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

_TRIES = "receipt"
_DAILY = "receipt_day"
_PACED = "receipt_pace"
_ALL = "receipt_all"
_EVERYBODY = "*"

_HOUR = 3600
_DAY = 24 * _HOUR
_CUSTOMER = 64
"""Of an IPv6 address so many bits are one customer's network."""


def source_of_address(address: str) -> str:
    """The source that an internet address stands for: an IPv4 address itself, of IPv6 the network of one customer.

    What is no address stands for itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _CUSTOMER), strict=False))


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was let in and counted; `GuessGuard.take_back` undoes that."""

    source: str
    at: datetime
    pace: int


class GuessGuard:
    """Counts wrong receipts."""

    def __init__(self, keys: KeyRing, limits: GuessLimits) -> None:
        self._keys = keys
        self._limits = limits

    async def admit(self, work: "UnitOfWork", source: str, now: datetime) -> Try:
        """Count a try as wrong beforehand. Raises SlowDown when the source has to wait; that try is not looked at.

        Counting comes first, so that many at once get no more tries than one after the other.
        """
        hashed = self._keys.hash("receipt source", source)
        hourly = await work.attempts.count(_TRIES, hashed, window(now, _HOUR))
        daily = await work.attempts.count(_DAILY, hashed, window(now, _DAY))
        pace = self._pace(hourly, daily, await self._everywhere(work, now))
        if pace:
            used = await work.attempts.count(_PACED, _paced(hashed, pace), window(now, pace))
            if used > 1:
                await self._uncount(work, hashed, now)
                raise SlowDown(_until_next(now, pace))
        return Try(hashed, now, pace)

    async def take_back(self, work: "UnitOfWork", tried: Try) -> None:
        """The try was right: it does not count."""
        await self._uncount(work, tried.source, tried.at)
        if tried.pace:
            await work.attempts.count(_PACED, _paced(tried.source, tried.pace), window(tried.at, tried.pace), add=-1)

    async def note_wrong(self, work: "UnitOfWork", tried: Try) -> None:
        """The try was wrong: it counts for everybody too. One row, so it comes last before the commit."""
        counted = await work.attempts.count(_ALL, _EVERYBODY, window(tried.at, _HOUR))
        if counted == self._limits.everywhere_per_hour:
            log.warning("receipts.guessed", tries=counted, slowed=True)

    def _pace(self, hourly: int, daily: int, everywhere: int) -> int:
        """How many seconds lie between two tries; 0 when nobody has to wait. The source's figures count this try."""
        limits = self._limits
        if daily > limits.per_day or everywhere >= limits.everywhere_per_hour:
            return limits.slow_pace_seconds
        return limits.pace_seconds if hourly > limits.per_hour else 0

    async def _everywhere(self, work: "UnitOfWork", now: datetime) -> int:
        return await work.attempts.count(_ALL, _EVERYBODY, window(now, _HOUR), add=0)

    async def _uncount(self, work: "UnitOfWork", hashed: str, at: datetime) -> None:
        await work.attempts.count(_TRIES, hashed, window(at, _HOUR), add=-1)
        await work.attempts.count(_DAILY, hashed, window(at, _DAY), add=-1)


def window(now: datetime, seconds: int) -> datetime:
    """The instant at which the window of that length began in which `now` lies."""
    start = int(now.timestamp()) // seconds * seconds
    return datetime.fromtimestamp(start, UTC)


def _paced(hashed: str, pace: int) -> str:
    """Windows of different lengths may begin together and are counted apart."""
    return f"{pace}:{hashed}"


def _until_next(now: datetime, pace: int) -> int:
    left = window(now, pace) + timedelta(seconds=pace) - now
    return max(int(left.total_seconds()), 1)
