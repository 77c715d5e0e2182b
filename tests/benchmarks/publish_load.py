"""Whether much is quick: ten thousand schedules, and a thousand deliveries to a fast channel.

    uv run python -m tests.benchmarks.publish_load [--quick] [--database sqlite|postgres|both]

`tick_ms`: one look at the clock among so many schedules with one of them due, the median of many (`slowest_tick_ms` of
all, `idle_tick_ms` with none due). `claim_s`: from the planned instant to the claim of the last of twenty deliveries
that become due together, the slowest of several times, with the jobs of the program running as they do in service.
`drain_s`: a thousand deliveries from the ledger to a fast channel, each checked, intended, sent and written down. The
last line is one JSON object.
"""

import argparse
import asyncio
import json
import logging
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from bot.clock import SystemClock
from bot.keyring import make_key_ring_document, parse_key_ring
from bot.metrics import NoMetrics
from bot.ops.jobs import Job
from bot.ops.schedule import knocking
from bot.publishing.deliveries import DeliveryState
from bot.publishing.dispatch import Dispatcher
from bot.publishing.schedules import Every, Rule
from bot.publishing_jobs import DRAIN_EVERY, TICK_EVERY
from bot.store.engine import make_engine
from bot.store.migrate import upgrade
from bot.store.unit_of_work import SqlStore
from tests.benchmarks.running import add_database, database, databases
from tests.newsdesk import ScriptedSender, a_newsdesk
from tests.newsroom import a_content, a_post, a_rendering, a_schedule

TARGETS = {"tick_ms": 50, "claim_s": 2, "drain_s": 60}
SCHEDULES, DELIVERIES, TICKS, AT_ONCE, TIMES = 10_000, 1_000, 40, 20, 6
POSTS = 1_000
CHANNEL = "mastodon"
CLAIMED = frozenset(DeliveryState) - {DeliveryState.PLANNED}


async def measure(url: str, size: int) -> dict[str, float]:
    """All figures on one database. size: 1 for the full numbers, 10 for a tenth."""
    clock = SystemClock()
    store = SqlStore(make_engine(url), parse_key_ring(make_key_ring_document()), clock=clock)
    try:
        await upgrade(store.engine)
        await _plant(store, SCHEDULES // size)
        desk = a_newsdesk(store, clock, ScriptedSender(CHANNEL))
        ticks = await _ticks(store, desk.dispatcher, max(5, TICKS // size))
        claims = await _claims(store, desk.dispatcher, max(2, TIMES // size))
        drain = await _drain(store, desk.dispatcher, DELIVERIES // size)
    finally:
        await store.close()
    return {**ticks, "claim_s": round(claims, 3), "drain_s": round(drain, 2)}


async def _plant(store: SqlStore, count: int) -> None:
    """Posts, and schedules that are due every week from tomorrow on."""
    now = store._clock.now()
    content = a_content("p", channels=(CHANNEL,))
    rule = Rule(every=Every.WEEK, at_time=now.time().replace(microsecond=0, second=0), weekdays=(1, 3, 5))
    async with store.write() as work:
        await work.posts.save_renderings([a_rendering(CHANNEL)])
        for number in range(POSTS):
            await work.posts.add(a_post(f"p{number}", content=a_content(f"slug-{number}", channels=content.channels)))
        schedules = [
            a_schedule(
                f"weekly-{number}",
                post=f"p{number % POSTS}",
                rule=rule,
                channels=(CHANNEL,),
                next_at=now + timedelta(days=1, seconds=number),
                made_at=now,
            )
            for number in range(count)
        ]
        for start in range(0, count, 1000):
            await work.schedules.add_all(schedules[start : start + 1000])
        await work.commit()


async def _due(store: SqlStore, mark: str, count: int, after: timedelta) -> None:
    """So many single times that come after that span, for as many posts."""
    now = store._clock.now()
    due = [
        a_schedule(
            f"{mark}-{number}",
            post=f"p{number % POSTS}",
            channels=(CHANNEL,),
            rule=Rule(every=Every.ONCE, at=now + after),
            next_at=now + after + timedelta(microseconds=number),
            made_at=now,
        )
        for number in range(count)
    ]
    async with store.write() as work:
        await work.schedules.add_all(due)
        await work.commit()


async def _ticks(store: SqlStore, dispatcher: Dispatcher, times: int) -> dict[str, float]:
    await dispatcher.tick()
    idle, busy = [], []
    for number in range(times):
        began = time.perf_counter()
        await dispatcher.tick()
        idle.append(time.perf_counter() - began)
        await _due(store, f"tick-{number}", 1, timedelta(seconds=-1))
        began = time.perf_counter()
        await dispatcher.tick()
        busy.append(time.perf_counter() - began)
    await dispatcher.drain()
    return {
        "tick_ms": round(1000 * statistics.median(busy), 1),
        "slowest_tick_ms": round(1000 * max(busy), 1),
        "idle_tick_ms": round(1000 * statistics.median(idle), 1),
    }


async def _claims(store: SqlStore, dispatcher: Dispatcher, times: int) -> float:
    slowest = 0.0
    jobs = (Job("tick", TICK_EVERY, dispatcher.tick), Job("drain", DRAIN_EVERY, dispatcher.drain))
    async with knocking(jobs, NoMetrics()):
        for number in range(times):
            await _due(store, f"claim-{number}", AT_ONCE, timedelta(seconds=2, milliseconds=137 * number))
            slowest = max(slowest, await _last_claim(store, f"claim-{number}"))
    return slowest


async def _last_claim(store: SqlStore, mark: str) -> float:
    """Seconds from the planned instant to the claim of the last of them."""
    while True:
        async with store.read() as work:
            found, _ = await work.deliveries.list(limit=2 * AT_ONCE)
            mine = [each for each in found if each.schedule.startswith(mark)]
            if len(mine) == AT_ONCE and all(each.state in CLAIMED for each in mine):
                claims = [
                    (entry.at - each.due_at).total_seconds()
                    for each in mine
                    for entry in await work.deliveries.entries(each.id)
                    if entry.event == "claim"
                ]
                return max(claims)
        await asyncio.sleep(0.2)


async def _drain(store: SqlStore, dispatcher: Dispatcher, count: int) -> float:
    await _due(store, "drain", count, timedelta(minutes=-10))
    await dispatcher.tick()
    began = time.perf_counter()
    figures = await dispatcher.drain()
    seconds = time.perf_counter() - began
    if figures["sent"] != count:
        raise SystemExit(f"{count} were due and {dict(figures)} came of it")
    return seconds


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """A folder for one database."""
    path = Path(tempfile.mkdtemp(prefix="gonghui-load-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def run(name: str, size: int) -> dict[str, float]:
    """The figures of one kind of database."""

    async def measured(environ: Mapping[str, str]) -> dict[str, float]:
        async with folder() as path:
            url = environ.get("GONGHUI_DATABASE_URL") or f"sqlite+aiosqlite:///{path}/gonghui.db"
            return await measure(url, size)

    with database(name) as environ:
        return asyncio.run(measured(environ))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    add_database(parser)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    parts = {name: run(name, 10 if given.quick else 1) for name in databases(given.database)}
    worst = {name: max(part[name] for part in parts.values()) for name in TARGETS}
    met = all(worst[name] < TARGETS[name] for name in TARGETS)
    result = {"benchmark": "publish_load", "schedules": SCHEDULES // (10 if given.quick else 1), **worst, **parts}
    print(json.dumps({**result, "targets": TARGETS, "met": met}))
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
