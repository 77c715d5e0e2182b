"""The console in the hands of staff who mean harm: a case about oneself in the log, files of a deleted case."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.roles import Role
from tests.console import Desk, a_console
from tests.desk import a_filing
from tests.fakes import FakeClock
from tests.site_desk import a_photo


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        await desk.hire("li.na", Role.SUPERVISOR, name="李娜")
        yield desk


async def test_nobody_reads_in_the_log_who_looks_into_a_case_about_themselves(desk: Desk) -> None:
    concerned = desk.staff["sun.jian"].id
    about = await desk.counter.file(a_filing(concerns=frozenset({concerned})), now=desk.clock.now())
    other = await desk.counter.file(a_filing(), now=desk.clock.now())
    reader = await desk.signed_in("li.na")
    await reader.get(f"/case/{about.number}")
    assert about.number in (await reader.get("/audit")).text

    window = await desk.signed_in("sun.jian")
    page = (await window.get("/audit")).text
    assert other.number in page
    assert about.number not in page
    assert about.case_id[:12] not in page
    found = (await window.get(f"/audit?number={about.number}")).text
    unknown = (await window.get("/audit?number=HZ000101-000000")).text
    assert re.findall(r"共 (\d+) 条", found) == re.findall(r"共 (\d+) 条", unknown)
    assert "没有符合条件的记录" in found


async def test_what_was_looked_for_in_the_log_does_not_stand_in_it(desk: Desk) -> None:
    window = await desk.signed_in("li.na")
    await window.get("/audit?number=13812345678")
    async with desk.program.store.read() as work:
        records, _ = await work.audit.page(action="audit.read")
    assert records
    assert "13812345678" not in "".join(record.data for record in records)


async def test_the_bytes_of_a_deleted_case_go_with_its_content(desk: Desk) -> None:
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    kept = await desk.program.files.receive("a.jpg", a_photo(), by="worker", now=desk.clock.now(), case=made.case_id)
    folder = desk.program.configuration.settings.data_dir / "files"
    assert list(folder.rglob(f"{kept.id}.*"))
    window = await desk.signed_in("sun.jian")

    async def send(form: str, **fields: str) -> str:
        page = await window.get(f"/case/{made.number}")
        seen = re.search(r'name="seen" value="([^"]+)"', page.text)
        assert seen
        return (await window.post(f"/case/{made.number}/{form}", {"seen": seen[1], **fields})).text

    await send("step", event="withdraw", act="step-withdraw", wish="1", note="电话里说不办了")
    await send("delete", confirm=made.number, reason="worker_asked")
    assert list(folder.rglob(f"{kept.id}.*")) == []
