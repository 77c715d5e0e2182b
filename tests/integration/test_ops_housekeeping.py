"""Housekeeping: what is forgotten when, and a scheduler that only knocks."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import Program
from bot.errors import BackupFailed, ContentError, StorageFull, StoreUnavailable
from bot.operations import make_housekeeping
from bot.ops.housekeeping import Housekeeping
from bot.ops.jobs import Job, run_job
from bot.ops.metrics import PrometheusMetrics
from bot.ops.schedule import knocking
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.operating import a_program, logged


async def run_all(program: Program) -> None:
    for job in make_housekeeping(program).jobs():
        assert await run_job(job, program.metrics), job.name


async def rows(program: Program) -> dict[str, int]:
    async with program.store.engine.connect() as connection:
        return {
            table: (await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("inbound", "conversation", "question", "faq_entry")
        }


async def test_each_kind_of_row_goes_when_its_time_is_over_and_not_before(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock, {"backup": {"daily": False}}).running() as program:
        await program.inbox.receive(a_message("工资"))
        steps = [
            (timedelta(minutes=10), {"inbound": 1, "conversation": 1, "question": 1}),
            (timedelta(seconds=1), {"inbound": 0, "conversation": 1, "question": 1}),
            (timedelta(hours=24) - timedelta(minutes=10, seconds=1), {"inbound": 0, "conversation": 1, "question": 1}),
            (timedelta(seconds=1), {"inbound": 0, "conversation": 0, "question": 1}),
            (timedelta(days=179) - timedelta(seconds=1), {"inbound": 0, "conversation": 0, "question": 1}),
            (timedelta(seconds=1), {"inbound": 0, "conversation": 0, "question": 0}),
        ]
        for wait, left in steps:
            clock.advance(seconds=wait.total_seconds())
            await run_all(program)
            assert {**await rows(program), **left} == await rows(program), wait
        assert (await rows(program))["faq_entry"] == 1


async def test_running_the_jobs_again_changes_nothing(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock).running() as program:
        await program.inbox.receive(a_message("工资"))
        await run_all(program)
        before = await rows(program)
        await run_all(program)
        assert await rows(program) == before
        assert len(program.backups.copies()) == 1


async def test_a_change_of_the_base_by_another_process_is_taken_over(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock).running() as program:
        before = program.answers.base.revision
        async with a_program(tmp_path, clock).maintained() as other, other.store.write() as work:
            source = next(iter((await work.entries.current()).values()))
            await work.entries.save("wage.arrears", source.replace("工资", "工钱"), "editor", clock.now())
            await work.commit()
        assert program.answers.base.revision == before
        assert await make_housekeeping(program).refresh_base() == {"changed": 1}
        assert program.answers.base.revision != before
        assert await make_housekeeping(program).refresh_base() == {"changed": 0}


async def test_a_faulty_entry_in_the_database_leaves_the_old_base_in_use(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock).running() as program:
        async with program.store.write() as work:
            await work.entries.save("wage.arrears", "no entry at all", "editor", clock.now())
            await work.commit()
        before = program.answers.base
        with logged() as log:
            await run_job(make_housekeeping(program).jobs()[0], program.metrics)
        assert log.events("content.faulty")
        assert program.answers.base is before


async def test_a_copy_is_made_once_a_day_and_not_where_the_operator_does_it(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock).running() as program:
        for _ in range(3):
            await run_all(program)
        assert len(program.backups.copies()) == 1
        clock.advance(hours=24)
        await run_all(program)
        assert len(program.backups.copies()) == 2
    other = a_program(tmp_path, clock, {"backup": {"daily": False}})
    assert "daily_copy" not in [job.name for job in make_housekeeping(other).jobs()]
    await other.store.close()


def raising(error: Exception) -> Job:
    async def run() -> dict[str, int]:
        raise error

    return Job("some_job", timedelta(seconds=1), run)


ENDINGS = [
    (StorageFull("x"), "storage.full", 'gonghui_storage_errors_total{kind="full"} 1'),
    (StoreUnavailable("x"), "storage.unavailable", 'gonghui_storage_errors_total{kind="unavailable"} 1'),
    (BackupFailed("x"), "backup.failed", 'gonghui_failures_total{part="some_job"} 1'),
    (ContentError(["x"]), "content.faulty", 'gonghui_failures_total{part="some_job"} 1'),
    (RuntimeError("x"), "job.failed", 'gonghui_failures_total{part="some_job"} 1'),
]


@pytest.mark.parametrize(("error", "event", "figure"), ENDINGS, ids=[event for _, event, _ in ENDINGS])
async def test_a_job_that_fails_is_logged_and_counted_and_raises_nothing(
    error: Exception, event: str, figure: str
) -> None:
    metrics = PrometheusMetrics("test")
    with logged() as log:
        assert not await run_job(raising(error), metrics)
    assert [line["during"] for line in log.events(event)] == ["some_job"]
    assert figure in metrics.text().decode()


async def test_a_job_that_did_nothing_is_not_logged() -> None:
    async def run() -> dict[str, int]:
        return {"rows": 0}

    with logged() as log:
        assert await run_job(Job("some_job", timedelta(seconds=1), run), PrometheusMetrics("test"))
    assert log.text == ""


def counting(name: str, at_once: bool = True) -> tuple[Job, asyncio.Event]:
    ran = asyncio.Event()

    async def run() -> dict[str, int]:
        ran.set()
        return {}

    return Job(name, timedelta(milliseconds=20), run, at_once=at_once), ran


async def test_the_scheduler_knocks_at_start_and_again(clock: FakeClock) -> None:
    now, first = counting("now")
    later, second = counting("later", at_once=False)
    async with knocking([now, later], PrometheusMetrics("test")), asyncio.timeout(10):
        await first.wait()
        first.clear()
        await first.wait()
        await second.wait()


async def test_a_failing_job_is_knocked_at_again() -> None:
    tries: list[int] = []
    enough = asyncio.Event()

    async def run() -> dict[str, int]:
        tries.append(1)
        if len(tries) == 3:
            enough.set()
        raise RuntimeError

    job = Job("some_job", timedelta(milliseconds=20), run, at_once=True)
    with logged():
        async with knocking([job], PrometheusMetrics("test")), asyncio.timeout(10):
            await enough.wait()


async def test_a_job_still_at_work_is_not_started_again_and_may_finish_at_the_end() -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    counts = {"started": 0, "finished": 0}

    async def run() -> dict[str, int]:
        counts["started"] += 1
        started.set()
        await go_on.wait()
        counts["finished"] += 1
        return {}

    other, ran = counting("other")
    job = Job("slow", timedelta(milliseconds=10), run, at_once=True)
    with logged("error"):
        async with knocking([job, other], PrometheusMetrics("test")), asyncio.timeout(10):
            await started.wait()
            for _ in range(3):
                ran.clear()
                await ran.wait()
            asyncio.get_running_loop().call_soon(go_on.set)
    assert counts == {"started": 1, "finished": 1}


class SlowKeeper:
    """Builds vectors until somebody stops it, as an encoder does in its thread."""

    def __init__(self) -> None:
        self.building = threading.Event()

    async def refresh(self) -> bool:
        return False

    async def complete(self, progress: Callable[[int, int], object] | None = None) -> None:
        assert progress is not None

        def build() -> None:
            while True:
                self.building.set()
                progress(1, 2)

        await asyncio.to_thread(build)


async def test_a_stop_does_not_wait_for_vectors_to_be_built(clock: FakeClock) -> None:
    async def forget() -> int:
        return 0

    def write() -> Any:
        raise AssertionError

    keeper = SlowKeeper()
    housekeeping = Housekeeping(
        clock=clock, keeper=keeper, forget_expired=forget, write=write, question_retention=timedelta(days=1)
    )
    async with asyncio.timeout(10):
        async with knocking(housekeeping.jobs()[:1], PrometheusMetrics("test")):
            await asyncio.to_thread(keeper.building.wait, 5)
            housekeeping.stop()
