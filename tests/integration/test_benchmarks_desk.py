"""The benchmarks of the complaints desk on a few cases: that they measure, and above all that they can fail."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot.app import Program
from bot.clock import SystemClock
from bot.complaints.cases import CaseFile
from bot.web import make_web
from tests.benchmarks import case_lists, filing, filing_kill
from tests.benchmarks.needles import Haystack, search
from tests.benchmarks.running import Answer
from tests.benchmarks.stolen_database import loot, rows_of
from tests.benchmarks.whole_cases import half_written
from tests.cases import a_statement
from tests.console import Desk, use_quick_passwords
from tests.desk import Counter, a_filing
from tests.evidence import a_pdf
from tests.operating import logged
from tests.site import a_site_configuration, build_scripted


class Browsers:
    """Takes the raw requests of the benchmarks to a program without a server."""

    def __init__(self, program: Program) -> None:
        transport = httpx.ASGITransport(make_web(program), client=("127.0.0.1", 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def ask(self, request: bytes) -> Answer:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split()
        headers = dict(line.split(": ", 1) for line in lines)
        self._client.cookies.clear()
        response = await self._client.request(method, path, headers=headers, content=body)
        raw = "".join(f"{name}: {value}\r\n" for name, value in response.headers.multi_items())
        return Answer(response.status_code, raw, response.content)


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    configuration = a_site_configuration(tmp_path, {"staff": {"totp_required": False}})
    program = build_scripted(configuration, SystemClock())
    use_quick_passwords(program)
    async with program.running():
        yield program


async def file(program: Program, count: int = 3) -> list[filing.Browser]:
    """So many filings through the pages of the site."""
    everybody = filing.browsers(count)
    await filing.go_through(everybody, Browsers(program), 2)  # type: ignore[arg-type]
    assert [browser.failed for browser in everybody] == [""] * count
    return everybody


async def run_sql(program: Program, statement: str, **values: object) -> None:
    async with program.store.engine.begin() as connection:
        await connection.execute(text(statement), values)


# ---- filing


async def test_filing_measures_every_step_and_loses_nobody(program: Program) -> None:
    everybody = filing.browsers(4)
    took = await filing.go_through(everybody, Browsers(program), 2)  # type: ignore[arg-type]
    figures = filing.figures(everybody, took)
    assert (figures["lost"], figures["failed"]) == (0, [])
    assert all(figures[f"{step}_p99_ms"] for step in filing.STEPS)
    assert figures["p99_ms"] == figures["file_p99_ms"]


async def test_filing_counts_who_was_not_shown_a_receipt(program: Program) -> None:
    everybody = await file(program)
    everybody[1].take("receipt", Answer(200, "", b"<p>nothing</p>"))
    everybody[2].receipt = ""
    figures = filing.figures(everybody, dict.fromkeys(filing.STEPS, filing.Took(1.0, 0.0)))
    assert (figures["lost"], figures["failed"]) == (2, ["receipt: 200"])


def test_filing_measures_the_registration_alone(tmp_path: Path) -> None:
    with logged():
        figures = filing.in_one_process(tmp_path, {}, 5, 3)
    assert float(str(figures["service_p99_ms"])) > 0


# ---- filing_kill


async def test_filings_that_are_there_are_neither_lost_nor_half_written(program: Program) -> None:
    found = await filing_kill.examine(program, await file(program))
    assert (found.filed, found.lost, found.half_written, found.filed_twice, found.audit) == (3, 0, 0, 0, "intact")


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM case_statement",
        "DELETE FROM case_clock",
        "DELETE FROM case_event",
        "DELETE FROM audit",
        "DELETE FROM blind_index",
        "UPDATE complaint_case SET receipt = 'other' || id",
        "DELETE FROM complaint_case",
    ],
)
async def test_whatever_a_filing_lacks_makes_it_lost_or_half_written(program: Program, damage: str) -> None:
    everybody = await file(program)
    await run_sql(program, damage)
    found = await filing_kill.examine(program, everybody)
    assert found.lost + found.half_written > 0


async def test_filing_that_was_never_confirmed_is_not_missed_but_must_be_whole(program: Program) -> None:
    everybody = await file(program)
    unconfirmed = replace(everybody[0], cookies="", receipt="")
    gone = filing_kill.case_id_of(program, everybody[0])
    await run_sql(program, "DELETE FROM complaint_case WHERE id = :id", id=gone)
    found = await filing_kill.examine(program, [unconfirmed, *everybody[1:]])
    assert found.lost == 0
    assert found.half_written > 0  # its parts belong to no case


async def test_form_that_became_two_cases_is_told(program: Program) -> None:
    everybody = await file(program)
    await Counter(program.store, program.desk).file(a_filing())
    assert (await filing_kill.examine(program, everybody)).filed_twice == 1


async def test_part_that_is_there_twice_is_told(program: Program) -> None:
    await file(program)
    await run_sql(program, 'UPDATE case_statement SET "case" = (SELECT min(id) FROM complaint_case)')
    whole = await half_written(program.store)
    assert "statement twice" in [lack for lacks in whole.incomplete.values() for lack in lacks]


# ---- case_lists


async def test_lists_dashboard_and_sweep_are_measured(program: Program) -> None:
    figures = await case_lists.measure(program, SystemClock(), 120, 1)
    assert all(float(str(figures[name])) > 0 for name in case_lists.TARGETS)
    assert int(str(figures["warned"])) > 0
    assert int(str(figures["pages"])) > len(case_lists.LISTS["sue"])


async def test_page_that_is_none_ends_the_measurement(program: Program) -> None:
    """The page to sign in is quick, and no list."""
    window = Desk(program, SystemClock()).browser()  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        await case_lists.page(window, "/cases/list")


# ---- stolen_database


async def stolen(program: Program, hay: Haystack) -> set[str]:
    """Where needles were found."""
    rows = await rows_of(program)
    hits, looked_at = search(hay, loot(program.configuration, rows))
    assert looked_at > 0
    return {f"{hit.stage}: {hit.place.rpartition('/')[2]}" for hit in hits}


async def plant(program: Program, hay: Haystack) -> CaseFile:
    """A filing with a needle in its words and a file with one in its name and content."""
    said = a_statement(narrative=hay.word("narrative"), name=hay.name("name"), phone=hay.phone("phone"))
    await Counter(program.store, program.desk).file(a_filing(statement=said))
    content = a_pdf(author=hay.code("author"))
    return await program.files.receive(
        f"{hay.word('file')}.pdf", content, by="worker", now=program.clock.now(), person="p", draft="d" * 32
    )


async def test_thief_finds_nothing_that_was_planted(program: Program) -> None:
    hay = Haystack(random.Random(1))
    await plant(program, hay)
    await asyncio.to_thread(program.backups.make, "stolen")
    assert await stolen(program, hay) == set()


async def test_planted_leaks_are_found_wherever_they_are(program: Program) -> None:
    hay = Haystack(random.Random(2))
    await plant(program, hay)
    folder = program.configuration.path.parent
    (folder / "server.log").write_text(f"event said={hay.word('log')!a}", encoding="utf-8")
    (folder / "data" / "files" / "loose").write_bytes(hay.code("file").encode().hex().encode())
    await run_sql(program, "UPDATE complaint_case SET site = :word", word=hay.word("row"))
    await asyncio.to_thread(program.backups.make, "stolen")
    found = await stolen(program, hay)
    assert {"log: server.log", "file: loose", "row: table complaint_case"} <= found
    assert any(place.startswith("row: gonghui.db") for place in found)
    assert {place.split(":")[0] for place in found} == {"log", "file", "row"}
