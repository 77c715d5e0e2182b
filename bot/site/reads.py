"""How often the page of a post was opened: counted without anybody being followed.

An opening counts once in ten minutes for the same address. What tells that is a keyed hash in this process's memory;
the key is random, made anew every day and never stored, so the hash says nothing to anybody and nothing afterwards.
Only the number for each post and day is written, some time later; what a dying process has not written is lost.
"""

import hashlib
import hmac
import re
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog
from starlette.requests import Request

from bot.clock import Clock, local_date
from bot.errors import StoreUnavailable
from bot.site.desk import source_of

log = structlog.get_logger(__name__)

AGAIN_AFTER = timedelta(minutes=10)
MOST_REMEMBERED = 50_000
"""Beyond that the oldest is forgotten: under such a rush a reload may count."""

_KEY_BYTES = 32
_MARK_BYTES = 16

# What says of itself that it is a machine; a CUBOT is a telephone. Those that do not say so are counted.
_MACHINE = re.compile(
    r"(?<!cu)bot(?:\b|[/-])|crawl|spider|slurp|archiver|scan|monitor|uptime|preview|validator|lighthouse|headless|phantom|"
    r"facebookexternalhit|feed|rss|curl|wget|python|aiohttp|httpx|scrapy|java/|okhttp|go-http|node-fetch|axios|libwww|"
    r"perl|ruby|php/",
    re.IGNORECASE,
)
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")


class Counting(Protocol):
    """Where the numbers are kept."""

    async def count(self, post: str, day: date, times: int = 1) -> None:
        """Count so many more openings of the page on that day."""
        ...


class CountingWork(Protocol):
    """The part of a unit of work that numbers are written with."""

    @property
    def reads(self) -> Counting:
        """Where the numbers are kept."""
        ...

    async def commit(self) -> None:
        """Make everything done so far durable."""
        ...


class ReadCounter:
    """Counts in memory, and writes when asked to."""

    def __init__(self, write: Callable[[], AbstractAsyncContextManager[CountingWork]], clock: Clock) -> None:
        self._write = write
        self._clock = clock
        self._waiting: Counter[tuple[str, date]] = Counter()
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()
        self._key, self._key_of = b"", date.min

    def see(self, request: Request, post: str) -> None:
        """Count this opening of the page of a post, unless a machine or the same address has just done so."""
        if request.method != "GET" or not is_by_person(request.headers):
            return
        now = self._clock.now()
        day = local_date(now)
        if self._is_new(source_of(request), post, now, day):
            self._waiting[post, day] += 1

    async def write(self) -> Mapping[str, int]:
        """Write what was counted since. What cannot be written is dropped: it is never counted twice."""
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return {}
        try:
            async with self._write() as work:
                for (post, day), times in sorted(waiting.items()):
                    await work.reads.count(post, day, times)
                await work.commit()
        except StoreUnavailable as error:
            log.warning("site.reads_lost", reads=waiting.total(), cause=error.detail)
            return {}
        return {"reads": waiting.total()}

    def _is_new(self, source: str, post: str, now: datetime, day: date) -> bool:
        if day != self._key_of:
            self._key, self._key_of = secrets.token_bytes(_KEY_BYTES), day
            self._seen.clear()
        while self._seen and (len(self._seen) >= MOST_REMEMBERED or now - self._oldest() >= AGAIN_AFTER):
            self._seen.popitem(last=False)
        mark = hmac.digest(self._key, f"{post}\0{source}".encode(), hashlib.sha256)[:_MARK_BYTES]
        if mark in self._seen:
            return False
        self._seen[mark] = now
        return True

    def _oldest(self) -> datetime:
        return next(iter(self._seen.values()))


def is_by_person(headers: Mapping[str, str]) -> bool:
    """Whether the request says neither that a machine makes it nor that the page is only fetched ahead."""
    agent = headers.get("user-agent", "")
    ahead = any("prefetch" in headers.get(name, "").lower() for name in _AHEAD)
    return bool(agent) and not ahead and not _MACHINE.search(agent)
