"""What the loads on webhooks share: distinct questions, the moments at which they are due, and the figures."""

import argparse
import asyncio
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psycopg

from bot.settings import Configuration
from tests.benchmarks.running import cpu_seconds, memory_mb, percentile
from tests.builders import a_configuration

WARM_UP = 200
Asked = TypeVar("Asked")

JOBS = (
    "饭店服务员",
    "工地钢筋工",
    "保安",
    "快递员",
    "车间操作工",
    "超市收银员",
    "货车司机",
    "保洁员",
    "家政阿姨",
    "电焊工",
    "外卖骑手",
    "幼儿园老师",
    "护士",
    "文员",
    "厨师",
    "装修工",
    "仓库管理员",
    "客服",
    "美容师",
    "纺织女工",
)
SITUATIONS = (
    "老板{n}个月没发工资",
    "干了{n}个月没签合同",
    "加班{n}个小时不给加班费",
    "上班路上被车撞了住院{n}天",
    "怀孕{n}个月被辞退",
    "公司{n}个月没交社保",
    "离职{n}天了不给结工资",
    "试用期{n}个月还不转正",
    "被扣了{n}00块钱",
    "干了{n}年公司要搬到外地",
    "手指被机器压伤休了{n}天",
    "休产假{n}天工资只发一半",
    "连着上了{n}天班不让休息",
    "合同到期{n}天了不续签",
    "押金{n}00块不退",
)
ENDINGS = ("怎么办", "能要补偿吗", "去哪里投诉", "合法吗", "要准备什么证据", "能赔多少", "找谁管", "可以告他吗")


def questions(count: int) -> list[str]:
    """So many questions, no two alike."""
    chance = random.Random(20261122)
    found: dict[str, None] = {}
    while len(found) < count:
        situation = chance.choice(SITUATIONS).format(n=chance.randint(1, 30))
        found[f"我是{chance.choice(JOBS)}，{situation}，{chance.choice(ENDINGS)}？"] = None
    return list(found)


def recorded(data: Path, environ: Mapping[str, str]) -> int:
    """How many questions the server has kept."""
    count = "SELECT count(*) FROM question"
    if url := environ.get("GONGHUI_DATABASE_URL"):
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            return int((connection.execute(count).fetchone() or (0,))[0])
    database = sqlite3.connect(f"file:{data / 'gonghui.db'}?mode=ro", uri=True)
    try:
        return int(database.execute(count).fetchone()[0])
    finally:
        database.close()


async def at_rate(asked: Sequence[Asked], rate: float, ask: Callable[[Asked, float], Awaitable[None]]) -> float:
    """Ask each at the moment at which it is due, whatever became of those before; the seconds it took."""
    began = time.perf_counter()
    jobs = []
    for number, one in enumerate(asked):
        due = began + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        jobs.append(asyncio.ensure_future(ask(one, due)))
    await asyncio.gather(*jobs)
    return time.perf_counter() - began


@dataclass
class Usage:
    """Processor time of servers and of this process, from its making until `stop`; memory at that moment."""

    servers: Sequence[subprocess.Popen[bytes]]
    server_cpu: float = 0.0
    own_cpu: float = 0.0
    memory: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server_cpu, self.own_cpu = self._now()

    def stop(self) -> None:
        servers, own = self._now()
        self.server_cpu, self.own_cpu = servers - self.server_cpu, own - self.own_cpu
        self.memory = [memory_mb(server.pid) for server in self.servers]

    def _now(self) -> tuple[float, float]:
        servers = sum(cpu_seconds(server.pid) for server in self.servers)
        return servers, resource.getrusage(resource.RUSAGE_SELF).ru_utime


@dataclass(frozen=True)
class Plan:
    """What to run, as it was asked for."""

    folder: Path
    rate: float
    seconds: float
    patience: float
    slow: bool
    given: argparse.Namespace

    @property
    def questions(self) -> int:
        """How many are asked, those before the clock runs too."""
        return int(self.rate * self.seconds) + WARM_UP

    def configuration(self, changes: Mapping[str, object], environ: Mapping[str, str]) -> Configuration:
        """Of a quiet server with these channels."""
        every = {
            "web": {"base_url": "https://ask.example.org"},
            "logging": {"level": "warning"},
            "answers": {"slow_encoder": self.slow},
        }
        return a_configuration(self.folder, {**every, **changes}, dict(environ))

    def announce(self, *, complete: bool) -> None:
        """Say that it begins."""
        asked = self.questions - WARM_UP
        print(f"index complete: {complete}; {asked} questions at {self.rate:g} a second", flush=True)


def figures(name: str, plan: Plan, times: Sequence[float], took: float, usage: Usage) -> dict[str, object]:
    """What every load measures. times: in milliseconds."""
    return {
        "benchmark": name,
        "rate": plan.rate,
        "messages": plan.questions - WARM_UP,
        "seconds": round(took, 1),
        "p50_ms": round(percentile(times, 0.50), 1),
        "p90_ms": round(percentile(times, 0.90), 1),
        "p99_ms": round(percentile(times, 0.99), 1),
        "max_ms": round(max(times), 1),
        "slow_encoder": plan.slow,
        "server_cpu_seconds": round(usage.server_cpu, 1),
        "generator_cpu_seconds": round(usage.own_cpu, 1),
    }


def run_planned(
    about: str | None,
    quick_seconds: float,
    run: Callable[[Plan], dict[str, object]],
    add: Callable[[argparse.ArgumentParser], object] = lambda _: None,
) -> None:
    """Read the options, run, and print the result as the last line. add: options of its own."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer questions, no slow encoder")
    parser.add_argument("--rate", type=float, default=100.0, help="questions a second")
    parser.add_argument("--seconds", type=float, default=None, help=f"how long to ask (60, quick: {quick_seconds:g})")
    parser.add_argument("--fast-only", action="store_true", help="without the slow encoder")
    parser.add_argument("--data", type=Path, default=None, help="folder to keep, so that the index is built once")
    add(parser)
    given = parser.parse_args()
    with _folder(given.data) as folder:
        plan = Plan(
            folder,
            given.rate,
            given.seconds or (quick_seconds if given.quick else 60.0),
            45.0 if given.quick else 900.0,
            not (given.fast_only or given.quick),
            given,
        )
        print(json.dumps(run(plan), ensure_ascii=False))


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    folder = kept or Path(tempfile.mkdtemp(prefix="gonghui-load-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
