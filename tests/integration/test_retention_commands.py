"""Retention from the command line, by the job, and in the console."""

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import Program
from bot.cli import app
from bot.complaints.cases import Case
from bot.complaints.lifecycle import Progress, State
from bot.errors import ConfigurationError
from bot.keeping import make_retention_jobs
from bot.ops.jobs import run_job
from bot.roles import Role
from bot.staff.members import StaffMember
from tests.cases import a_case, put
from tests.console import a_console
from tests.evidence import AMR
from tests.fakes import FakeClock
from tests.operating import a_program, logged
from tests.site import visible


async def close_long_ago(program: Program, now: datetime, **fields: object) -> Case:
    """A case of four years ago, with a file."""
    at = now - timedelta(days=4 * 366)
    values = {"progress": Progress(state=State.RESOLVED), "registered_at": at, "closed_at": at, **fields}
    case = a_case(**values)
    async with program.store.write() as work:
        await put(work, case)
        await work.commit()
    await program.files.receive("证据", AMR, by="worker", now=now, case=case.id)
    return case


async def has_content(program: Program, case: Case) -> bool:
    async with program.store.read() as work:
        return await work.cases.statement(case.id) is not None


def bytes_there(program: Program) -> int:
    return len(list((program.configuration.settings.data_dir / "files").glob("*/*")))


async def retain(program: Program) -> None:
    (job,) = make_retention_jobs(program)
    assert await run_job(job, program.metrics)


async def hire(program: Program) -> None:
    async with program.store.write() as work:
        member = StaffMember(id="sue", login="sue", name="sue", role=Role.SUPERVISOR, districts=frozenset())
        await work.staff.add(member, "no password", program.clock.now())
        await work.commit()


async def test_the_job_tells_the_supervisor_and_deletes_no_case_by_itself(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    async with program.maintained():
        await hire(program)
        case = await close_long_ago(program, clock.now())
        for _ in range(3):
            await retain(program)
        assert await has_content(program, case)
        async with program.store.read() as work:
            assert [stored.notice.kind for stored in await work.notices.unseen("sue")] == ["retention_due"]


async def test_where_nobody_need_agree_the_job_deletes_content_and_bytes(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock, {"complaints": {"retention": {"approval": False}}})
    async with program.maintained():
        case = await close_long_ago(program, clock.now())
        young = await close_long_ago(program, clock.now(), closed_at=clock.now())
        with logged() as log:
            await retain(program)
        assert [line["cases"] for line in log.events("job.done")] == [1]
        assert not await has_content(program, case)
        assert await has_content(program, young)
        assert bytes_there(program) == 1
        async with program.store.read() as work:
            assert (await work.audit.verify()).is_whole


def test_a_category_that_there_is_not_stops_the_start(tmp_path: Path, clock: FakeClock) -> None:
    """A slip of the pen would delete years too early."""
    with pytest.raises(ConfigurationError, match="injry"):
        a_program(tmp_path, clock, {"complaints": {"retention": {"categories": {"injry": 10}}}})


async def run(program: Program, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("GONGHUI_CONFIG", str(program.configuration.path))
    result = await asyncio.to_thread(CliRunner().invoke, app, ["retention", *arguments])
    return result.exit_code, result.output


async def test_the_command_rehearses_asks_and_deletes(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = a_program(tmp_path, clock)
    async with program.maintained():
        case = await close_long_ago(program, clock.now())
        status, output = await run(program, monkeypatch, "--dry-run")
        assert status == 0, output
        assert "办结案件的内容: 1 件" in output
        assert case.number in output
        assert "没有删除任何东西" in output
        status, _ = await run(program, monkeypatch)  # no input is no
        assert status == 1
        assert await has_content(program, case)
        status, output = await run(program, monkeypatch, "--yes")
        assert status == 0, output
        assert not await has_content(program, case)
        assert bytes_there(program) == 0
        status, output = await run(program, monkeypatch, "--yes")
        assert "办结案件的内容: 0 件" in output


async def test_the_supervisor_agrees_case_by_case(tmp_path: Path, clock: FakeClock) -> None:
    async with a_console(tmp_path, clock) as desk:
        sue = await desk.hire("sue", Role.SUPERVISOR)
        program, now = desk.program, clock.now()
        agreed, spared = [await close_long_ago(program, now) for _ in range(2)]
        about_her = await close_long_ago(program, now, about_union_staff=True, concerns=frozenset({sue.id}))
        young = await close_long_ago(program, now, closed_at=now)
        window = await desk.signed_in("sue")
        page = await window.get("/retention")
        ids = set(re.findall(r'name="case" value="([0-9a-f]{32})"', page.text))
        assert ids == {agreed.id, spared.id}
        assert agreed.number in visible(page.text)
        done = await window.post("/retention", {"case": [agreed.id, about_her.id, young.id]})
        assert "已删除 1 件案件的内容" in visible(done.text)
        assert [await has_content(program, case) for case in (agreed, spared, about_her, young)] == [
            False,
            True,
            True,
            True,
        ]
        nothing = await window.post("/retention", {})
        assert "没有删除" in visible(nothing.text)
        audit = visible((await window.get("/audit")).text)
        assert "同意清理到期内容" in audit


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CADRE, Role.LEADER, Role.OPERATOR, Role.PUBLICIST])
async def test_nobody_else_may_even_look(tmp_path: Path, clock: FakeClock, role: Role) -> None:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("somebody", role)
        case = await close_long_ago(desk.program, clock.now())
        window = await desk.signed_in("somebody")
        assert (await window.get("/retention")).status_code == 403
        assert (await window.post("/retention", {"case": [case.id]})).status_code == 403
        assert await has_content(desk.program, case)


async def test_the_privacy_page_says_how_long_cases_are_kept(tmp_path: Path, clock: FakeClock) -> None:
    async with a_console(tmp_path, clock) as desk:
        page = visible((await desk.browser().client.get("/privacy")).text)
    assert "办结的内容留 3 年" in page
    assert "您撤回的 1 年" in page
    assert "取消关注公众号" in page
