"""Whether anything is ever published twice, said to be published without being so, or forgotten.

    uv run python -m tests.benchmarks.publish_histories [--quick] [--only wechat-publish] [--kills 100]

Histories: every channel's real sender against its emulated platform, which does everything wrong that platforms do,
and a process that dies at one await after the other, from the planning to the end; every third time the next one dies,
too. Channels go side by side, one for each processor. Then real workers are killed with `kill -9` while they publish.

`double`: what the public was shown more than once. `false_published`: the ledger said sent, and it was not there.
`forgotten`: in the end neither sent, refused, nor unknown or stopped with an alert to staff. The last line is one JSON
object.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.store.engine import make_engine
from bot.store.migrate import upgrade
from tests.benchmarks.publish_history import History, Told, play
from tests.benchmarks.publish_kill import Killed, run_kills
from tests.contract.sender_cases import Fault, SenderCase, cases

SEED = 20261122
TARGETS = {"double": 0, "false_published": 0, "forgotten": 0}
PATIENCE_SECONDS = 120
QUICK_EVERY = 25
LONGEST_SECOND_LIFE = 80


@dataclass
class Sum:
    """What came of many histories."""

    histories: int = 0
    deaths: int = 0
    double: int = 0
    false_published: int = 0
    forgotten: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    worst: list[str] = field(default_factory=list)

    def add(self, history: History, told: Told) -> None:
        """Count one."""
        self.histories += 1
        self.deaths += told.deaths
        self.double += told.double
        self.false_published += told.false_published
        self.forgotten += told.forgotten
        self.ended[told.ended] += 1
        if told.double or told.false_published or told.forgotten:
            self.worst.append(f"{history.case} {history.fault} {history.dies_at}: {told}")

    def take_in(self, other: "Sum") -> None:
        """Count those of another channel, too."""
        for name in ("histories", "deaths", "double", "false_published", "forgotten", "ended", "worst"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


async def faults_of(case: SenderCase) -> list[Fault | None]:
    """No fault, and each that this platform has."""
    async with case.running() as bench:
        return [None, *sorted(bench.faults)]


async def lengths_of(case: SenderCase, template: Path, keys: KeyRing, done: Sum) -> dict[Fault | None, int]:
    """How many awaits a life has under each fault; each is played once without a death."""
    lengths: dict[Fault | None, int] = {}
    for fault in await faults_of(case):
        history = History(case, fault)
        told = await play(history, template, keys)
        done.add(history, told)
        lengths[fault] = told.steps
    return lengths


def histories_of(case: SenderCase, lengths: dict[Fault | None, int], chance: random.Random) -> Iterator[History]:
    """A death at every await there is, under one fault after the other."""
    faults = list(lengths)
    for dies_at in range(1, max(lengths.values()) + 1):
        with_so_many = [fault for fault in faults if lengths[fault] >= dies_at]
        fault = with_so_many[dies_at * 5 % len(with_so_many)]
        again = (chance.randint(1, LONGEST_SECOND_LIFE),) if dies_at % 3 == 0 else ()
        yield History(case, fault, (dies_at, *again))


async def play_case(case: SenderCase, every: int, template: Path) -> Sum:
    """All histories of one channel; with `every`, one of so many. They are the same whichever others are played."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # what dies leaves futures that nobody asks
    done, chance, keys = Sum(), random.Random(f"{SEED} {case.name}"), parse_key_ring(make_key_ring_document())
    began = time.perf_counter()
    lengths = await lengths_of(case, template, keys, done)
    for history in list(histories_of(case, lengths, chance))[::every]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            done.add(history, await play(history, template, keys))
    seconds = round(time.perf_counter() - began, 1)
    print(f"{case.name}: {done.histories} histories, {max(lengths.values())} awaits, {seconds} s", flush=True)
    return done


def play_named(name: str, every: int, template: Path) -> Sum:
    """Those of the channel of that name, in a process of its own."""
    be_quiet()
    [case] = [case for case in cases() if case.name == name]
    return asyncio.run(play_case(case, every, template))


def run(only: str, every: int, template: Path) -> Sum:
    """All histories of the channels whose name holds this."""
    names = [case.name for case in cases() if only in case.name]
    done = Sum()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for one in pool.map(partial(play_named, every=every, template=template), reversed(names)):  # the longest first
            done.take_in(one)
    return done


def be_quiet() -> None:
    """No logs: thousands of deaths are told in figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)


async def migrate(template: Path) -> None:
    """A database with the tables and nothing in them."""
    engine = make_engine(f"sqlite+aiosqlite:///{template}")
    await upgrade(engine)
    await engine.dispose()


def result_of(histories: Sum, kills: Killed) -> dict[str, object]:
    """The figures of both parts."""
    sums = {name: getattr(histories, name) + getattr(kills, name) for name in TARGETS}
    return {
        "benchmark": "publish_histories",
        "histories": histories.histories,
        "deaths": histories.deaths,
        "kills": kills.rounds,
        "killed_midway": kills.midway,
        **sums,
        "ended": dict(histories.ended),
        "ended_after_kill": dict(kills.ended),
        "targets": TARGETS,
        "met": sums == TARGETS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"one death of {QUICK_EVERY}, and 10 kills")
    parser.add_argument("--only", default="", help="channels whose name holds this")
    parser.add_argument("--kills", type=int, default=None, help="how many workers are killed (100, quick: 10)")
    given = parser.parse_args()
    be_quiet()
    kills = given.kills if given.kills is not None else (10 if given.quick else 100)
    with tempfile.TemporaryDirectory(prefix="gonghui-histories-") as folder:
        template = Path(folder) / "template.db"
        asyncio.run(migrate(template))
        histories = run(given.only, QUICK_EVERY if given.quick else 1, template)
        killed = run_kills(kills, template, parse_key_ring(make_key_ring_document()))
    for line in histories.worst[:20]:
        print(line)
    result = result_of(histories, killed)
    print(json.dumps(result, ensure_ascii=False))
    raise SystemExit(not result["met"])


if __name__ == "__main__":
    main()
