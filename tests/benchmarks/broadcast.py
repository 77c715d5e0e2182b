"""Whether a broadcast reaches everybody once, as fast as it may, though workers are killed.

    uv run python -m tests.benchmarks.broadcast [--quick] [--database sqlite|postgres] [--scale N]

An emulator enforces Telegram's limits (30 a second in all, one a second in a chat, windows that slide) and takes the
same message twice. Two workers send with python-telegram-bot over real connections; one after the other is ended by
`kill -9` and another begins. Time runs faster, limits in the same ratio (`--scale`). Some chats have blocked the bot.

`double`: messages that a chat got again. `unaccounted`: subscribers that are in no end, or in one that is not what the
platform saw. `in_flight`: what the ledger shows as begun, and not ended, under the name of a worker after it was
killed, added up over the kills; `most_at_a_kill`: of one of them. `unknown` is at most that, and staff see as many;
`unknown_arrived` of them had reached the platform. `ratio`: from the first message to the last, to the least that
thirty a second take. `memory`: megabytes of the largest worker, looked at every second; it is flat when the peak of the
last third of the time after the last kill is at most `growth_mb` above that of the first third. How far it has come is
told on the error stream. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import uuid4

import structlog
import uvloop
from sqlalchemy import func, insert, select

from bot.channels.telegram.bulletins import TelegramBulletins
from bot.channels.telegram.publisher import make_bot
from bot.clock import Clock
from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.store.engine import make_engine
from bot.store.migrate import upgrade
from bot.store.subscribers import TABLE as SUBSCRIBERS
from bot.store.subscribers import _context
from bot.store.subscription_tables import RecipientRow
from bot.store.unit_of_work import SqlStore
from bot.subscriptions.broadcasting import LEASE, TAKEN_FOR, Broadcaster
from bot.subscriptions.bulletins import BulletinWriter
from bot.subscriptions.issues import Item, News
from bot.subscriptions.ledger import RecipientState
from bot.subscriptions.links import Links
from bot.subscriptions.making import IssueMaker
from bot.subscriptions.subscribers import TELEGRAM
from tests.benchmarks.publish_histories import be_quiet
from tests.broadcasts import WORDS
from tests.emulators.telegram_limits import PER_SECOND, LimitedTelegram
from tests.postgres import postgres_database, postgres_server

TOKEN = "7001:AAtoken-of-tests"
TARGETS = {"double": 0, "unaccounted": 0, "ratio": 1.15, "growth_mb": 6.0}
WORKERS = 2
BLOCKED_OF = 100
"""One of so many has blocked the bot."""

FIRST_KILL, LAST_KILL = 0.04, 0.8
"""Shares of the least time between which workers are killed."""

MIB = 1024
WARM, SAMPLE_EVERY, TELL_EVERY = 0.25, 1.0, 30.0
"""What of the time after the last kill new workers need for all that they load; seconds between looks and lines."""

PRELOADED = ["bot.channels.telegram.publisher", "bot.store.migrate", "bot.subscriptions.making", "tests.broadcasts"]
"""What takes long to load: a worker that is killed has a successor at once, as under a supervisor with a warm cache."""

_LEDGER = RecipientRow.__table__


@dataclass(frozen=True)
class Setting:
    """What every process is told. origin: when the scaled time began."""

    url: str
    keys: str
    base: str
    scale: float
    origin: float

    @property
    def ring(self) -> KeyRing:
        return parse_key_ring(self.keys)


@dataclass(frozen=True)
class ScaledClock:
    """Runs `scale` times as fast as the machine's, the same in all processes. ahead: turned forward so far."""

    origin: float
    scale: float
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        passed = (time.time() - self.origin) * self.scale
        return datetime.fromtimestamp(self.origin + passed, UTC) + self.ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.scale)


def be_a_worker(given: Setting, name: str) -> None:
    """Send until the end; it never returns."""
    be_quiet()
    uvloop.run(_work(given, name))


async def _work(given: Setting, name: str) -> None:
    clock, keys = ScaledClock(given.origin, given.scale), given.ring
    store = SqlStore(make_engine(given.url), keys, clock=clock)
    bot = make_bot(TOKEN, given.base)
    await bot.initialize()  # the first call of all loads much, which would take long at this speed
    writer = BulletinWriter(WORDS, Links(keys, "https://ask.test"), "工会")
    senders = {TELEGRAM: TelegramBulletins(bot)}
    broadcaster = Broadcaster(write=store.write, senders=senders, writer=writer, clock=clock, worker=name)
    await asyncio.gather(_knock(clock, 1, partial(broadcaster.drain, TELEGRAM)), _knock(clock, 5, broadcaster.sweep))


async def _knock(clock: Clock, every: float, do: Callable[[], Awaitable[object]]) -> None:
    """As the jobs of the program do."""
    while True:
        await do()
        await clock.sleep(every)


@dataclass
class Memory:
    """Megabytes of the largest worker, one after the other; steady_from: the first one after the last kill."""

    samples: list[float] = field(default_factory=list)
    steady_from: int = 0

    def begin_steady(self) -> None:
        self.steady_from = len(self.samples)

    def figures(self) -> dict[str, object]:
        """What they say; `flat` is false too where there are too few to say anything."""
        steady = self.samples[self.steady_from :]
        steady = steady[int(len(steady) * WARM) :]
        third = len(steady) // 3
        growth = max(steady[-third:]) - max(steady[:third]) if third else None
        return {
            "start_mb": round(self.samples[0], 1) if self.samples else None,
            "end_mb": round(self.samples[-1], 1) if self.samples else None,
            "peak_mb": round(max(self.samples, default=0.0), 1),
            "growth_mb": None if growth is None else round(growth, 1),
            "samples": len(steady),
            "flat": growth is not None and growth <= TARGETS["growth_mb"],
        }


@dataclass
class Sending:
    """One run from the parent's side."""

    given: Setting
    store: SqlStore
    platform: LimitedTelegram
    count: int
    kills: int
    workers: list[ForkServerProcess] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)

    def begin_worker(self) -> None:
        context, name = multiprocessing.get_context("forkserver"), uuid4().hex
        process = context.Process(target=be_a_worker, args=(self.given, name), daemon=True, name=name)
        process.start()
        self.workers.append(process)

    async def run(self, chance: random.Random) -> None:
        least = self.count / PER_SECOND / self.given.scale
        moments = sorted(chance.uniform(FIRST_KILL, LAST_KILL) * least for _ in range(self.kills))
        for _ in range(WORKERS):
            self.begin_worker()
        await self.platform.begun.wait()
        began = time.monotonic()
        watching = asyncio.create_task(self.watch(least))
        for moment in moments:
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            await self.kill(self.workers.pop(chance.randrange(len(self.workers))))
            self.begin_worker()
        self.memory.begin_steady()
        still = (RecipientState.PLANNED, RecipientState.CLAIMED)
        while await self.count_of(*still):  # noqa: ASYNC110 - rows tell nobody when they change
            await asyncio.sleep(0.3)
        watching.cancel()
        await self.all_back()
        for worker in self.workers:
            worker.kill()
            worker.join()

    async def watch(self, least: float) -> None:
        """Look at the memory of the workers, and tell how far it has come."""
        began = told = time.monotonic()
        while True:
            await asyncio.sleep(SAMPLE_EVERY)
            self.memory.samples.append(self.largest())
            if time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                share, minutes = len(self.platform.got) / self.count, (told - began) / 60
                _tell(
                    f"{minutes:.1f} min of about {least * TARGETS['ratio'] / 60:.1f}: {share:.0%} sent, "
                    f"{len(self.in_flight)} of {self.kills} kills, {self.memory.samples[-1]:.0f} MB"
                )

    async def kill(self, worker: ForkServerProcess) -> None:
        worker.kill()
        await asyncio.to_thread(worker.join)
        # a transaction that it had sent off may still be at work in the database server
        await asyncio.sleep(0.05)
        self.in_flight.append(await self.count_of(RecipientState.SENDING, by=worker.name))

    async def all_back(self) -> None:
        """Until nothing is on its way of workers that live; they have long enough."""
        for _ in range(100):
            counts = [await self.count_of(RecipientState.SENDING, by=worker.name) for worker in self.workers]
            if not any(counts):
                return
            await asyncio.sleep(0.1)

    async def count_of(self, *states: RecipientState, by: str = "") -> int:
        query = select(func.count()).select_from(_LEDGER).where(_LEDGER.c.state.in_([state.value for state in states]))
        query = query.where(_LEDGER.c.claimed_by.startswith(by)) if by else query
        async with self.store.engine.connect() as connection:
            return int((await connection.execute(query)).scalar_one())

    def largest(self) -> float:
        """Of the workers that live: megabytes in memory."""
        return max(_memory(worker.pid) for worker in self.workers)


def _memory(pid: int | None) -> float:
    """Nothing for one that is just being killed."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / MIB for line in lines if line.startswith("VmRSS")), 0.0)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def plant(store: SqlStore, keys: KeyRing, count: int, now: datetime) -> None:
    """So many subscribers on Telegram, all of whom want everything at once."""
    for start in range(0, count, 1000):
        rows = [_subscriber(keys, chat, now) for chat in range(start + 1, min(start + 1000, count) + 1)]
        async with store.engine.begin() as connection:
            await connection.execute(insert(SUBSCRIBERS), rows)


def _subscriber(keys: KeyRing, chat: int, now: datetime) -> dict[str, object]:
    id, address = f"{chat:032x}", str(chat)
    return {
        "id": id,
        "channel": TELEGRAM,
        "person": keys.person(TELEGRAM, address),
        "address": keys.seal(address.encode(), _context(id)),
        "topics": "[]",
        "pace": "at_once",
        "state": "active",
        "grants": 0,
        "made_at": now,
        "changed_at": now,
        "consented_at": now,
        "letter": "",
    }


async def measure(url: str, count: int, kills: int, scale: float) -> dict[str, object]:
    """All figures on one database."""
    keys = make_key_ring_document()
    origin = time.time()
    clock = ScaledClock(origin, scale)
    store = SqlStore(make_engine(url), parse_key_ring(keys), clock=clock)
    await upgrade(store.engine)
    await plant(store, parse_key_ring(keys), count, clock.now())
    blocked = frozenset(range(BLOCKED_OF, count + 1, BLOCKED_OF))
    platform = LimitedTelegram(scale, blocked)
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0, backlog=200)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        given = Setting(url, keys, base, scale, origin)
        planned_in = await plan(store, clock)
        _tell(
            f"{count:,} subscribers are planned, after {planned_in:.0f} s; {kills} kills to come, time runs {scale:g}x"
        )
        run = Sending(given, store, platform, count, kills)
        await run.run(random.Random(20261122))
        return await judge(run, planned_in)
    finally:
        server.close()
        await store.close()


async def plan(store: SqlStore, clock: ScaledClock) -> float:
    """Let the issue be made and planned; the seconds that it took."""
    item = Item(post="p1", title="年底前，把工资要到手", digest="先留证据。", path="/posts/winter", tags=("工资",))

    async def news() -> Sequence[News]:
        return [News(item=item, at=clock.now() - timedelta(minutes=1))]

    senders: Mapping[str, TelegramBulletins] = {TELEGRAM: TelegramBulletins(make_bot(TOKEN, "http://127.0.0.1:9"))}
    fields = {"write": store.write, "read": store.read, "clock": clock, "weekday": 4, "hour": 10}
    began = time.perf_counter()
    await IssueMaker(news=news, senders=senders, **fields).run()
    return round(time.perf_counter() - began, 1)


async def judge(run: Sending, planned_in: float) -> dict[str, object]:
    """What came of everybody."""
    clock = ScaledClock(run.given.origin, run.given.scale, LEASE + TAKEN_FOR)
    keys = run.given.ring
    writer = BulletinWriter(WORDS, Links(keys, ""), "工会")
    await Broadcaster(write=run.store.write, senders={}, writer=writer, clock=clock, worker="judge").sweep()
    got = {chat: times for (chat, _), times in run.platform.got.items()}
    async with run.store.engine.connect() as connection:
        query = select(_LEDGER.c.subscriber, _LEDGER.c.state)
        states = {int(row.subscriber, 16): row.state for row in await connection.execute(query)}
    async with run.store.read() as work:
        _, listed = await work.broadcasts.lost(1)
    counts = {state: sum(each == state for each in states.values()) for state in ("sent", "refused", "unknown")}
    wrong = [chat for chat in range(1, run.count + 1) if not _is_true(states.get(chat, ""), got.get(chat, 0))]
    in_flight, memory = sum(run.in_flight), run.memory.figures()
    took = run.platform.last - run.platform.first
    ratio = round(took / ((run.count - 1) / PER_SECOND), 3)
    figures = {
        "benchmark": "broadcast",
        "subscribers": run.count,
        "kills": len(run.in_flight),
        "scale": run.given.scale,
        "double": sum(times - 1 for times in got.values()),
        "unaccounted": len(wrong),
        "unknown": counts["unknown"],
        "unknown_arrived": sum(got.get(chat, 0) for chat, state in states.items() if state == "unknown"),
        "in_flight": in_flight,
        "most_at_a_kill": max(run.in_flight, default=0),
        "listed_to_staff": listed,
        "sent": counts["sent"],
        "refused": counts["refused"],
        "limited": dict(run.platform.limited),
        "ratio": ratio,
        "seconds": round(took, 1),
        "plan_s": planned_in,
        "memory": memory,
        "targets": TARGETS,
    }
    kept = figures["double"] == figures["unaccounted"] == 0 and ratio <= TARGETS["ratio"] and bool(memory["flat"])
    is_whole = len(run.in_flight) == run.kills and counts["unknown"] <= in_flight and listed == counts["unknown"]
    return figures | {"met": kept and is_whole}


def _is_true(state: str, times: int) -> bool:
    """Whether what the ledger says is what the platform saw; of the unknown it may be either."""
    return {"sent": times == 1, "refused": times == 0, "unknown": True}.get(state, False)


@contextmanager
def a_database(name: str, folder: str) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/gonghui.db"
        return
    with postgres_server(durable=True) as server, postgres_database(server) as url:
        yield url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3,000 subscribers and 4 kills")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--scale", type=float, default=0, help="how much faster time runs (4, quick: 2)")
    given = parser.parse_args()
    be_quiet()
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
    count, kills, scale = (3_000, 4, given.scale or 2) if given.quick else (100_000, 50, given.scale or 4)
    with tempfile.TemporaryDirectory(prefix="gonghui-broadcast-") as folder, a_database(given.database, folder) as url:
        result = uvloop.run(measure(url, count, kills, scale))
    print(json.dumps(result, ensure_ascii=False))
    raise SystemExit(not result["met"])


if __name__ == "__main__":
    structlog.configure()
    main()
