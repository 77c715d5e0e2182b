"""A full disk: the person gets an apology, the operator an alert, and room is enough to go on."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, event

from bot.answers.base import make_base
from bot.answers.keeper import RankerFactory
from bot.answers.materials import load_materials
from bot.app import Program
from bot.operations import make_housekeeping
from bot.ops.jobs import run_job
from bot.web import make_web
from tests.builders import a_message
from tests.fakes import FakeClock, FakeEncoder
from tests.operating import Log, a_program, logged, small_content

LONG = "老板三个月没发工资，" * 400


@pytest.fixture
def log() -> Iterator[Log]:
    with logged("info") as log:
        yield log


@contextmanager
def full(program: Program) -> Iterator[None]:
    """The database may not grow by a single page, on any of its connections."""

    def limit(connection: Connection, pages: int = 1) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # less than there are means: no more

    def free(connection: Connection) -> None:
        limit(connection, 2**31)

    engine = program.store.engine.sync_engine
    event.listen(engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(engine, "begin", limit)
        event.listen(engine, "begin", free)


@asynccontextmanager
async def serving(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_web(program))
    async with program.running(), httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        yield client


async def questions(program: Program) -> int:
    async with program.store.read() as work:
        return await work.questions.count()


def figure(text: str, name: str) -> float:
    return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"{name} "))


async def fill_free_pages(program: Program) -> None:
    """Use up what SQLite has free inside the file, so that the next row needs a new page."""
    while await program.inbox.receive(a_message(LONG)) != apology(program):
        pass


def apology(program: Program) -> Any:
    return program.inbox.apology


async def test_a_full_database_is_answered_with_an_apology_an_alert_a_figure_and_ill_health(
    tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    program = a_program(tmp_path, clock)
    async with serving(program) as client:
        assert (await client.get("/health")).status_code == 200
        with full(program):
            await fill_free_pages(program)
            reply = await program.inbox.receive(a_message(LONG))
            assert reply == apology(program)
            assert "12351" in reply.text
            clock.advance(seconds=31)
            health = await client.get("/health")
            metrics = (await client.get("/metrics")).text
        assert health.status_code == 503
        assert health.json()["checks"]["database"] == {"state": "fail", "cause": "full"}
        assert figure(metrics, 'gonghui_storage_errors_total{kind="full"}') >= 2
    alerts = log.events("storage.full")
    assert {alert["level"] for alert in alerts} == {"error"}
    assert any(alert.get("channel") == "test" for alert in alerts)


async def test_once_there_is_room_the_same_process_goes_on_by_itself(
    tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    program = a_program(tmp_path, clock)
    async with serving(program) as client:
        message = a_message(LONG)
        with full(program):
            await fill_free_pages(program)
            assert await program.inbox.receive(message) == apology(program)
            clock.advance(seconds=31)
            assert (await client.get("/health")).status_code == 503
        before = await questions(program)
        clock.advance(seconds=31)
        answered = await program.inbox.receive(message)
        assert answered is not None
        assert answered.topic == "wage.arrears"
        assert await questions(program) == before + 1
        assert (await client.get("/health")).status_code == 200


async def test_pages_of_the_site_are_still_read_while_nothing_can_be_written(
    tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    program = a_program(tmp_path, clock)
    async with serving(program) as client:
        with full(program):
            await fill_free_pages(program)
            for path in ("/", "/faq/wage.arrears", "/search?q=工资"):
                assert (await client.get(path)).status_code == 200, path


async def test_housekeeping_survives_a_full_database_and_makes_room(tmp_path: Path, clock: FakeClock, log: Log) -> None:
    program = a_program(tmp_path, clock, {"backup": {"daily": False}})
    async with program.running():
        with full(program):
            await fill_free_pages(program)
            clock.advance(days=181)
            for job in make_housekeeping(program).jobs():
                assert await run_job(job, program.metrics), job.name
            assert await questions(program) == 0
            # what was forgotten left pages inside the file, so new messages fit again
            assert await program.inbox.receive(a_message("工资")) != apology(program)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four megabytes; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system can be mounted here by nobody but root with the right to do so")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take every byte there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**16, 2**12, 2**8):
            with suppress(OSError):
                while True:
                    file.write(os.urandom(size))
    return ballast


async def test_an_index_that_cannot_be_saved_is_used_without_and_leaves_no_rubbish(
    tiny_disk: Path, tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    """Otherwise a service restarted on a full disk would not come back, and each try would fill it further."""
    content = small_content(tmp_path)
    base = make_base({"wage.arrears": (content / "faq" / "wage" / "arrears.md").read_text(encoding="utf-8")}, "r")
    rankers = RankerFactory(
        materials=load_materials(content / "lexicon"), folder=tiny_disk, fast=FakeEncoder(), slow=None
    )
    fill(tiny_disk)
    ranker, complete = rankers.quick(base)
    assert complete
    assert ranker.rank("老板三个月没发工资", base.entries).topics == ("wage.arrears",)
    assert {line["event"] for line in log.lines} == {"index.not_saved", "vectors.not_saved"}
    assert [path.name for path in tiny_disk.rglob("*") if path.is_file()] == ["ballast"]


async def test_a_disk_that_is_really_full_is_survived_as_well(
    tiny_disk: Path, tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    changes = {"data_dir": str(tiny_disk / "data"), "backup": {"daily": False}}
    program = a_program(tmp_path, clock, changes)
    async with serving(program) as client:
        assert (await program.inbox.receive(a_message("工资"))) != apology(program)
        ballast = fill(tiny_disk)
        for _ in range(20):  # the write-ahead log has some room inside the file
            await program.inbox.receive(a_message(LONG))
        assert await program.inbox.receive(a_message(LONG)) == apology(program)
        clock.advance(seconds=31)
        health = await client.get("/health")
        assert health.status_code == 503
        assert {name for name, check in health.json()["checks"].items() if check["state"] == "fail"} == {
            "database",
            "disk",
        }
        ballast.unlink()
        clock.advance(seconds=31)
        assert (await program.inbox.receive(a_message("工资"))) != apology(program)
        checks = (await client.get("/health")).json()["checks"]
        assert checks["database"]["state"] == "ok"
    assert log.events("storage.full") + log.events("storage.unavailable")
