"""Whether anything is ever published twice, said to be published without being so, or forgotten.

    uv run python -m tests.benchmarks.publish_histories [--quick] [--only wechat-publish] [--kills 100]

Histories in one process: every channel's real sender against its emulated platform, which does everything wrong that
platforms do, and a process that dies at one await after the other, from the planning to the end; every third time the
next one dies, too. Then real workers are killed with `kill -9` while they publish.

`double`: what the public was shown more than once. `false_published`: the ledger said sent, and it was not there.
`forgotten`: in the end neither sent, refused, nor unknown or stopped with an alert to staff. The last line is one JSON
object.
"""

import argparse
import asyncio
import json
import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.store.engine import make_engine
from bot.store.migrate import upgrade
from tests.benchmarks.publish_history import History, Told, play
from tests.benchmarks.publish_kill import Killed, run_kills
from tests.contract.sender_cases import Fault, SenderCase, cases

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


async def run(only: str, every: int, template: Path, keys: KeyRing) -> Sum:
    """All histories; with `every`, one of so many."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # what dies leaves futures that nobody asks
    done, chance = Sum(), random.Random(20261122)
    for case in cases():
        if only and only not in case.name:
            continue
        began, before = time.perf_counter(), done.histories
        lengths = await lengths_of(case, template, keys, done)
        for history in list(histories_of(case, lengths, chance))[::every]:
            async with asyncio.timeout(PATIENCE_SECONDS):
                done.add(history, await play(history, template, keys))
        seconds = round(time.perf_counter() - began, 1)
        print(
            f"{case.name}: {done.histories - before} histories, {max(lengths.values())} awaits, {seconds} s", flush=True
        )
    return done


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
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    kills = given.kills if given.kills is not None else (10 if given.quick else 100)
    keys = parse_key_ring(make_key_ring_document())
    with tempfile.TemporaryDirectory(prefix="gonghui-histories-") as folder:
        template = Path(folder) / "template.db"
        asyncio.run(migrate(template))
        histories = asyncio.run(run(given.only, QUICK_EVERY if given.quick else 1, template, keys))
        killed = run_kills(kills, template, keys)
    for line in histories.worst[:20]:
        print(line)
    result = result_of(histories, killed)
    print(json.dumps(result, ensure_ascii=False))
    raise SystemExit(not result["met"])


if __name__ == "__main__":
    main()
