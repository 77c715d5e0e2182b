"""Health: whether this process can do its work now, told cheaply and without any secret.

The database is asked by a small write that needs room, so that a full disk shows before a
person meets it. The answer is kept for some seconds: asking often costs nothing.
"""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import structlog

from bot.clock import Clock
from bot.errors import CannotOpen, StorageFull, StoreUnavailable

log = structlog.get_logger(__name__)

BUILT_AT = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right is earlier than the program."""

SEEN, ROOM = "health.seen", "health.room"
_ROOM_CHARACTERS = 32_000
"""More than any message needs, so that a disk that is getting full shows here before it shows to a person."""

PROBE_SECONDS = 3.0
KEPT_WHEN_WELL = timedelta(seconds=30)
KEPT_WHEN_ILL = timedelta(seconds=2)
CLOCK_TOLERANCE = timedelta(minutes=5)
DISK_FAILS_BELOW = 64 * 2**20
DISK_WARNS_BELOW = 512 * 2**20


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """The state of one part, and figures about it."""

    state: State
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """The state of every part at one moment."""

    checks: Mapping[str, Check]

    @property
    def is_well(self) -> bool:
        """Whether nothing fails; warnings do not count."""
        return all(check.state is not State.FAIL for check in self.checks.values())

    def to_json(self) -> dict[str, Any]:
        """What `/health` shows."""
        checks = {name: {"state": check.state.value, **check.facts} for name, check in self.checks.items()}
        return {"status": "ok" if self.is_well else "failing", "checks": checks}


class Store(Protocol):
    """The part of the database that a probe needs."""

    def write(self) -> AbstractAsyncContextManager[Any]:
        """A transaction with `values` and `commit`."""
        ...


class HealthMonitor:
    """Looks at the parts of one program."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        data_dir: Path,
        index: Callable[[], Mapping[str, Any] | None],
        copies: Callable[[], Check] | None = None,
    ) -> None:
        """`index` gives figures about the index in use, or None while there is none; `copies` looks at the copies."""
        self._store = store
        self._clock = clock
        self._data_dir = data_dir
        self._index = index
        self._copies = copies
        self._probing: asyncio.Task[dict[str, Check]] | None = None
        self._probed: dict[str, Check] = {}
        self._keep_until = datetime.min.replace(tzinfo=UTC)

    async def check(self) -> Health:
        """The state of all parts now; what the database said may be half a minute old."""
        stored = await self._ask_database()
        copies = {"backup": self._copies()} if self._copies else {}
        return Health({**stored, "index": self._check_index(), "disk": check_disk(self._data_dir), **copies})

    async def _ask_database(self) -> dict[str, Check]:
        if self._clock.now() < self._keep_until:
            return self._probed
        # One probe at a time, and a slow one is never cut off: cancelling would break its connection.
        probing = self._probing
        if probing is None:
            probing = self._probing = asyncio.ensure_future(probe(self._store, self._clock))
        done, _ = await asyncio.wait({probing}, timeout=PROBE_SECONDS)
        if not done:
            return {"database": Check(State.FAIL, {"cause": "slow"})}
        if self._probing is probing:
            self._probing = None
        self._probed = probing.result()
        well = all(check.state is not State.FAIL for check in self._probed.values())
        self._keep_until = self._clock.now() + (KEPT_WHEN_WELL if well else KEPT_WHEN_ILL)
        return self._probed

    def _check_index(self) -> Check:
        facts = self._index()
        return Check(State.OK, facts) if facts else Check(State.FAIL, {"cause": "not built yet"})


async def probe(store: Store, clock: Clock) -> dict[str, Check]:
    """Ask the database to read, open, take and give back something. Never raises."""
    now = clock.now()
    try:
        async with store.write() as work:
            seen = await work.values.find(SEEN, now)
            await work.values.save(SEEN, now.isoformat(), now)
            await work.values.save(ROOM, "." * _ROOM_CHARACTERS, now)
            await work.values.delete(ROOM)
            await work.commit()
    except CannotOpen as error:
        log.error("keys.do_not_fit", cause=error.detail)
        return {"database": Check(State.OK), "keys": Check(State.FAIL, {"cause": "not the keys of this database"})}
    except StorageFull:
        log.error("storage.full", during="health")
        return {"database": Check(State.FAIL, {"cause": "full"})}
    except StoreUnavailable as error:
        log.error("storage.unavailable", during="health", cause=error.detail)
        return {"database": Check(State.FAIL, {"cause": "unavailable"})}
    return {"database": Check(State.OK), "keys": Check(State.OK), "clock": check_clock(now, seen)}


def check_clock(now: datetime, seen: str | None) -> Check:
    """Whether the clock can be right: not before the program was made, nor before it last ran."""
    if now < BUILT_AT:
        return Check(State.FAIL, {"cause": "earlier than this program"})
    if seen is not None and now < datetime.fromisoformat(seen) - CLOCK_TOLERANCE:
        return Check(State.WARN, {"cause": "earlier than before"})
    return Check(State.OK)


def check_disk(folder: Path) -> Check:
    """Whether the disk of the data folder has room."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return Check(State.FAIL, {"cause": "data folder missing"})
    facts = {"free_mb": free // 2**20}
    if free < DISK_FAILS_BELOW:
        return Check(State.FAIL, facts)
    return Check(State.WARN if free < DISK_WARNS_BELOW else State.OK, facts)
