"""Whether a filing can get lost: the server is killed while complaints are filed, again and again.

    uv run python -m tests.benchmarks.filing_kill [--quick] [--rounds 200] [--database sqlite|postgres|both]

Each round starts a server on the data of the rounds before. First those who got no answer in the last round send
their form again, and those who saw no receipt ask for it, as people do. Then many file at once until `kill -9` at a
moment left to chance. Afterwards the data is read without a server:

`lost`: filings whose confirmation reached the browser and that are not there with statement, clocks, timeline, audit
and blind index, or that their receipt does not open. `half_written`: cases that lack any of that, whoever was told
of them, and rows that belong to no case. `filed_twice`: forms that became more than one case. The last line is one
JSON object.
"""

import argparse
import asyncio
import json
import random
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import Program, build
from bot.clock import local_date
from bot.complaints.cases import Case
from bot.complaints.clocks.rules import Start
from bot.complaints.receipts import Receipt
from bot.complaints.worker.refusals import NotFound
from bot.complaints.worker.rights import REGISTERED
from bot.settings import Configuration
from bot.site.desk_session import open_draft
from tests.benchmarks.filing import Browser, a_form, configuration_of
from tests.benchmarks.forked_server import Forks, forks
from tests.benchmarks.running import Connections, add_database, database, databases, free_port
from tests.benchmarks.whole_cases import half_written

TARGETS = {"lost": 0, "half_written": 0, "filed_twice": 0}
AT_ONCE = 16
LONGEST_LOAD_SECONDS = 0.8
PATIENCE_SECONDS = 60.0
REGISTERED_IN_LOG = "case.registered"


@dataclass
class Load:
    """Everybody who filed, and what they were told."""

    chance: random.Random
    everybody: list[Browser] = field(default_factory=list)
    in_work: list[Browser] = field(default_factory=list)
    sent_again: int = 0

    async def round(self, port: int, server: int, forked: Forks) -> None:
        """File until the server is killed."""
        connections = Connections(port)
        interrupted, self.in_work = self.in_work, []
        for browser in interrupted:
            await self._again(browser, connections)
        under_way = asyncio.Event()
        filing = [asyncio.create_task(self._file(connections, under_way)) for _ in range(AT_ONCE)]
        await asyncio.wait_for(under_way.wait(), PATIENCE_SECONDS)
        await asyncio.sleep(self.chance.uniform(0, LONGEST_LOAD_SECONDS))
        forked.kill(server)
        await asyncio.gather(*filing)
        connections.close()

    async def _file(self, connections: Connections, under_way: asyncio.Event) -> None:
        """One form after the other, until no answer comes."""
        while True:
            number = len(self.everybody) + 1
            browser = Browser(number, a_form(number))
            self.everybody.append(browser)
            if not await self._steps(browser, connections, "form", "file", "receipt"):
                self.in_work.append(browser)
                return
            under_way.set()

    async def _again(self, browser: Browser, connections: Connections) -> None:
        """The button once more where no answer came; the receipt where it was not seen."""
        if not browser.draft:
            return
        self.sent_again += 1
        browser.failed = ""
        done = await self._steps(browser, connections, *(() if browser.cookies else ("file",)), "receipt")
        if not done:
            raise SystemExit(f"after a restart: {browser.failed}")

    @staticmethod
    async def _steps(browser: Browser, connections: Connections, *steps: str) -> bool:
        for step in steps:
            browser.take(step, await connections.ask(browser.request(step)))
            if browser.failed:
                return False
        return True


@dataclass(frozen=True)
class Found:
    """What was found in the data."""

    filed: int
    lost: int
    half_written: int
    filed_twice: int
    audit: str


async def examine(program: Program, everybody: list[Browser]) -> Found:
    """Read everything back."""
    told = [browser for browser in everybody if browser.cookies]
    drafts = {case_id: browser for browser in everybody if (case_id := case_id_of(program, browser))}
    kept = [await is_kept(program, browser) for browser in told]
    numbers = await half_written(program.store)
    async with program.store.read() as work:
        verdict = await work.audit.verify()
    return Found(
        filed=len(told),
        lost=kept.count(False),
        half_written=len(numbers.incomplete) + numbers.orphans,
        filed_twice=sum(case_id not in drafts for case_id in numbers.cases),
        audit="intact" if not verdict.faults else f"{len(verdict.faults)} faults",
    )


def case_id_of(program: Program, browser: Browser) -> str:
    """The case that the form becomes; empty before there was a form."""
    draft = open_draft(program.keys, browser.draft, program.clock.now()) if browser.draft else None
    return draft.case_id(program.keys) if draft else ""


async def is_kept(program: Program, browser: Browser) -> bool:
    """Whether everything of a filing that was confirmed is there, and its receipt opens it."""
    case_id = case_id_of(program, browser)
    async with program.store.read() as work:
        case = await work.cases.find(case_id)
        if case is None:
            return False
        said = await work.cases.statement(case_id)
        clocks = {stored.clock.rule.id for stored in await work.clocks.of(case_id)}
        kinds = [entry.kind for entry in await work.timeline.of(case_id)]
        logged = [record.action for record in await work.audit.of(case_id)]
    return (
        said is not None
        and said.narrative == browser.typed["narrative"]
        and said.phone == browser.typed["phone"]
        and clocks == first_clocks(program, case)
        and REGISTERED in kinds
        and REGISTERED_IN_LOG in logged
        and await _opens(program, browser, case_id)
    )


def first_clocks(program: Program, case: Case) -> set[str]:
    """The rules whose clocks begin with the registration."""
    rules = program.desk.clocks.rules_of(Start.REGISTERED, case, local_date(case.registered_at))
    return {rule.id for rule in rules}


async def _opens(program: Program, browser: Browser, case_id: str) -> bool:
    """Whether the receipt that was shown opens the case; where none was seen yet, whether it can still be shown."""
    now = program.clock.now()
    receipt = Receipt(browser.receipt) if browser.receipt else None
    if receipt is None:
        draft = open_draft(program.keys, browser.draft, now)
        assert draft
        async with program.store.read() as work:
            waiting = dict(await work.receipts.waiting(draft.person(program.keys), now))
        receipt = waiting.get(case_id)
    if receipt is None:
        return False
    with suppress(NotFound):
        async with program.store.write() as work:
            found = await program.desk.follower.open(work, receipt, browser.address, now)
        return found.id == case_id  # not committed: the receipt stays as it was
    return False


def run(name: str, rounds: int, *, seed: int = 20261122) -> dict[str, object]:
    """All rounds on one database."""
    folder = Path(tempfile.mkdtemp(prefix="gonghui-kill-"))
    load = Load(random.Random(seed))
    try:
        with database(name) as environ:
            configuration = configuration_of(folder, environ)
            with forks(folder, {**environ, "GONGHUI_CONFIG": str(configuration.path)}) as forked:
                found = _rounds(configuration, forked, load, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "rounds": rounds,
        "filed": found.filed,
        "unanswered": sum(bool(browser.draft and not browser.cookies) for browser in load.everybody),
        "sent_again": load.sent_again,
        "lost": found.lost,
        "half_written": found.half_written,
        "filed_twice": found.filed_twice,
        "audit": found.audit,
    }


def _rounds(configuration: Configuration, forked: Forks, load: Load, rounds: int) -> Found:
    worst = Found(0, 0, 0, 0, "")
    for number in range(1, rounds + 1):
        before, port = len(load.everybody), free_port()
        interrupted = list(load.in_work)
        server = forked.start(port)
        asyncio.run(load.round(port, server, forked))
        last = number == rounds
        seen = load.everybody if last else [*interrupted, *load.everybody[before:]]
        found = asyncio.run(_examine(configuration, seen, load.everybody, last=last))
        worst = Found(
            found.filed,
            max(worst.lost, found.lost),
            max(worst.half_written, found.half_written),
            max(worst.filed_twice, found.filed_twice),
            found.audit,
        )
    return worst


async def _examine(configuration: Configuration, seen: list[Browser], everybody: list[Browser], *, last: bool) -> Found:
    program = build(configuration)
    try:
        if last:
            return await examine(program, everybody)
        kept = [await is_kept(program, browser) for browser in seen if browser.cookies]
        numbers = await half_written(program.store)
        return Found(len(kept), kept.count(False), len(numbers.incomplete) + numbers.orphans, 0, "")
    finally:
        await program.store.close()


def combined(parts: Mapping[str, dict[str, object]], rounds: int) -> dict[str, object]:
    """The result of all databases."""
    sums = {name: sum(int(str(part[name])) for part in parts.values()) for name in TARGETS}
    met = all(value == TARGETS[name] for name, value in sums.items())
    met = met and all(part["audit"] == "intact" for part in parts.values())
    return {"benchmark": "filing_kill", "rounds": rounds, **sums, **parts, "targets": TARGETS, "met": met}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 rounds")
    parser.add_argument("--rounds", type=int, default=None, help="how often the server is killed (200, quick: 20)")
    add_database(parser)
    given = parser.parse_args()
    rounds = given.rounds or (20 if given.quick else 200)
    parts = {}
    for name in databases(given.database):
        parts[name] = run(name, rounds)
        print(f"{name}: {json.dumps(parts[name])}", flush=True)
    result = combined(parts, rounds)
    print(json.dumps(result, ensure_ascii=False))
    raise SystemExit(not result["met"])


if __name__ == "__main__":
    main()
