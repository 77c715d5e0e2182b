"""How long filing a complaint takes while fifty others file: a real server process, the forms of the site.

    uv run python -m tests.benchmarks.filing [--quick] [--database sqlite|postgres|both] [--concurrent 50]

So many browsers each open the form, send it to be checked, confirm it and look at the receipt. All of them do the
same step at the same time and none waits between two forms, so that as many requests are always under way.
`p99_ms` is that of the confirmation, which registers the case: the worse of the databases. The other steps, and
the registration alone within one process, are given beside it. A filing is lost when its confirmation is not
answered with the way to the receipt, or the receipt is not shown. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bot.app import Program, build
from bot.commands.serve import _quick_loop, collect_seldom, switch_often
from bot.complaints.errors import NumberTaken
from bot.ops.logging import configure_logging
from bot.settings import Configuration, load_configuration
from tests.benchmarks.running import (
    Answer,
    Connections,
    add_database,
    cpu_seconds,
    database,
    databases,
    free_port,
    get,
    percentile,
    post_form,
    post_multipart,
    serving,
    wait_until_ready,
)
from tests.builders import ROOT, a_configuration
from tests.cases import a_statement
from tests.desk import a_filing
from tests.site_desk import digits_on, hidden, what_is_typed

TARGETS = {"p99_ms": 300.0, "lost": 0}
WARM_UP = 60
SEE_OTHER = 303
STEPS = ("form", "check", "file", "receipt")

STORY = (
    "我在工地做钢筋工，说好每月结账，从七月到现在一分没给，老板电话也不接。这是第{n}个人说的：" + "工友们都一样，" * 12
)


@dataclass
class Browser:
    """One worker with a browser of their own, at an address of their own."""

    number: int
    typed: Mapping[str, str]
    draft: str = ""
    cookies: str = ""
    receipt: str = ""
    ms: dict[str, float] = field(default_factory=dict)
    failed: str = ""

    @property
    def address(self) -> str:
        """Where the proxy in front of the server says that the request comes from."""
        return f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"

    def request(self, step: str) -> bytes:
        """The request of a step, from what the steps before brought."""
        whose = {"x_forwarded_for": self.address, "cookie": self.cookies}
        fields = [*self.typed.items(), ("draft", self.draft)]
        match step:
            case "form":
                return get("/complain", **whose)
            case "check":
                return post_multipart("/complain", [*fields, ("step", "check")], [("files", "", b"")], **whose)
            case "file":
                return post_form("/complain", [*fields, ("step", "file")], **whose)
            case _:
                return get("/complain/receipt", **whose)

    def take(self, step: str, answer: Answer) -> None:
        """Read the answer to a step."""
        try:
            self._read(step, answer)
        except AssertionError:
            self.failed = self.failed or f"{step}: {answer.status}"

    def _read(self, step: str, answer: Answer) -> None:
        if step == "file":
            assert answer.status == SEE_OTHER
            self.cookies = answer.cookies()
        elif step == "receipt":
            self.receipt = digits_on(answer.text)
        else:
            self.draft = hidden(answer.text, "draft")


def browsers(count: int) -> list[Browser]:
    """So many workers, no two alike."""
    return [Browser(n, a_form(n)) for n in range(1, count + 1)]


def a_form(number: int) -> dict[str, str]:
    """What the worker of that number types."""
    changes = {"narrative": STORY.format(n=number), "phone": f"139{number:08}", "step": ""}
    return what_is_typed(**changes)


async def together(jobs: list[Callable[[], Awaitable[None]]], at_once: int) -> float:
    """Do all of them, so many at a time; the seconds it took."""
    left, began = iter(jobs), time.perf_counter()

    async def work() -> None:
        for job in left:
            await job()

    await asyncio.gather(*(work() for _ in range(at_once)))
    return time.perf_counter() - began


@dataclass(frozen=True)
class Took:
    """How long a step took for all of them, and the processor time that the server used for it."""

    seconds: float
    cpu_seconds: float


async def go_through(
    everybody: list[Browser], connections: Connections, at_once: int, process: int = 0
) -> dict[str, Took]:
    """All browsers, step by step. process: the id of the server's, to tell what it used."""

    async def act(browser: Browser, step: str) -> None:
        request = browser.request(step)
        began = time.perf_counter()
        answer = await connections.ask(request)
        browser.ms[step] = (time.perf_counter() - began) * 1000
        browser.take(step, answer)

    took = {}
    for step in STEPS:
        going = [browser for browser in everybody if not browser.failed]
        used = cpu_seconds(process)
        seconds = await together([lambda b=browser, s=step: act(b, s) for browser in going], at_once)
        took[step] = Took(seconds, cpu_seconds(process) - used)
    return took


def configuration_of(folder: Path, environ: Mapping[str, str]) -> Configuration:
    """The shipped configuration, where nobody is held back for a flood."""
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    floods = {"source_per_hour": 1000, "source_per_day": 1000, "everywhere_per_hour": 100_000}
    changes: dict[str, object] = {
        "complaints": {**shipped["complaints"], "floods": floods},
        "answers": {"slow_encoder": False},
    }
    return a_configuration(folder, changes, environ)


def through_the_site(folder: Path, environ: Mapping[str, str], filings: int, at_once: int) -> dict[str, object]:
    """The steps of the site, timed."""
    configuration = configuration_of(folder, environ)
    port = free_port()
    everybody = browsers(filings + WARM_UP)
    with serving(folder, {**environ, "GONGHUI_CONFIG": str(configuration.path)}, port) as process:
        wait_until_ready(port, process, folder, 45.0)

        async def measure() -> dict[str, Took]:
            connections = Connections(port)
            await go_through(everybody[:WARM_UP], connections, at_once)
            took = await go_through(everybody[WARM_UP:], connections, at_once, process.pid)
            connections.close()
            return took

        took = asyncio.run(measure())
    return figures(everybody[WARM_UP:], took)


def figures(everybody: list[Browser], took: Mapping[str, Took]) -> dict[str, object]:
    """What came of it."""
    filed = [browser.ms["file"] for browser in everybody if "file" in browser.ms]
    result: dict[str, object] = {
        "p50_ms": round(percentile(filed, 0.50), 1),
        "p99_ms": round(percentile(filed, 0.99), 1),
        "max_ms": round(max(filed, default=0.0), 1),
        "per_second": round(len(filed) / took["file"].seconds, 1),
    }
    for step in STEPS:
        times = [browser.ms[step] for browser in everybody if step in browser.ms]
        result[f"{step}_p99_ms"] = round(percentile(times, 0.99), 1)
        result[f"{step}_cpu_ms"] = round(took[step].cpu_seconds / len(everybody) * 1000, 2)
    result["lost"] = sum(bool(browser.failed) or not browser.receipt for browser in everybody)
    result["failed"] = sorted({browser.failed for browser in everybody if browser.failed})
    return result


def in_one_process(folder: Path, environ: Mapping[str, str], filings: int, at_once: int) -> dict[str, object]:
    """The registration without the site, in this process, with the loop and the log of a server."""
    configuration = configuration_of(folder, environ)
    switch_often()
    log_file = (folder / "service.log").open("w", encoding="utf-8")
    with log_file as log, asyncio.Runner(loop_factory=_quick_loop()) as loop:
        configure_logging("info", "console", log)
        return loop.run(_registering(load_configuration(configuration.path, environ), filings, at_once))


async def _registering(configuration: Configuration, filings: int, at_once: int) -> dict[str, object]:
    program = build(configuration)
    await program.migrate()
    collect_seldom()
    times: list[float] = []

    def job(number: int) -> Callable[[], Awaitable[None]]:
        async def file() -> None:
            began = time.perf_counter()
            await register(program, number)
            times.append((time.perf_counter() - began) * 1000)

        return file

    await together([job(n) for n in range(WARM_UP)], at_once)
    times.clear()
    used = time.process_time()
    took = await together([job(n) for n in range(WARM_UP, WARM_UP + filings)], at_once)
    used = time.process_time() - used
    await program.store.close()
    return {
        "service_p50_ms": round(percentile(times, 0.50), 1),
        "service_p99_ms": round(percentile(times, 0.99), 1),
        "service_per_second": round(filings / took, 1),
        "service_cpu_ms": round(used / filings * 1000, 2),
    }


async def register(program: Program, number: int) -> None:
    """One filing as a handler or a page has it registered."""
    said = a_statement(narrative=STORY.format(n=number), phone=f"139{number:08}")
    filing = a_filing(statement=said, person=program.keys.person("benchmark", str(number)))
    registrar, now = program.desk.registrar, datetime.now(UTC)
    while True:
        made = registrar.prepare(filing, now)
        try:
            async with program.store.write() as work:
                await registrar.register(
                    work, filing, case_id=made.case_id, number=made.number, receipt=made.receipt, now=now
                )
                await work.commit()
        except NumberTaken:
            continue
        return


def run(chosen: str, filings: int, at_once: int) -> dict[str, object]:
    """Everything on each database."""
    parts: dict[str, dict[str, object]] = {}
    for name in databases(chosen):
        with database(name) as environ:
            parts[name] = in_a_folder(through_the_site, environ, filings, at_once)
        with database(name) as environ:
            parts[name] |= in_a_folder(in_one_process, environ, filings, at_once)
        print(f"{name}: {json.dumps(parts[name])}", flush=True)
    worst = max(float(str(part["p99_ms"])) for part in parts.values())
    lost = sum(int(str(part["lost"])) for part in parts.values())
    return {
        "benchmark": "filing",
        "concurrent": at_once,
        "filings": filings,
        "p99_ms": worst,
        "lost": lost,
        **parts,
        "targets": TARGETS,
        "met": worst < TARGETS["p99_ms"] and lost == 0,
    }


def in_a_folder(
    measure: Callable[[Path, Mapping[str, str], int, int], dict[str, object]],
    environ: Mapping[str, str],
    filings: int,
    at_once: int,
) -> dict[str, object]:
    """One of the two measurements, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="gonghui-filing-"))
    try:
        return measure(folder, environ, filings, at_once)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about a minute: fewer filings")
    parser.add_argument("--filings", type=int, default=None, help="how many on each database (2000, quick: 400)")
    parser.add_argument("--concurrent", type=int, default=50, help="how many at the same time")
    add_database(parser)
    given = parser.parse_args()
    filings = given.filings or (400 if given.quick else 2000)
    result = run(given.database, filings, given.concurrent)
    print(json.dumps(result, ensure_ascii=False))
    raise SystemExit(result["lost"] != 0)


if __name__ == "__main__":
    main()
