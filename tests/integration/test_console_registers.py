"""The register of employers, the radar's findings and what is held back, in the console."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.complaints.cases import Employer
from bot.complaints.lifecycle import State
from bot.complaints.worker.tracking import Registered
from bot.roles import Role
from tests.cases import a_statement
from tests.console import Desk, Window, a_console
from tests.desk import a_filing
from tests.fakes import FakeClock

CODE = "91371702MA3C0E4X5K"


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("zhang.wei", Role.CADRE, "mudan", name="张卫")
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        yield desk


async def enter(window: Window, name: str, **fields: str) -> str:
    """A new entry; its address."""
    await window.get("/employers/new")
    response = await window.post("/employers/new", {"name": name, **fields})
    assert response.status_code == 200, response.text
    return response.url.path.removeprefix("/console")


async def employer(desk: Desk, path: str) -> Employer:
    async with desk.program.store.read() as work:
        found = await work.employers.find(path.rpartition("/")[2])
    assert found
    return found


async def file(desk: Desk, site: str, **fields: object) -> Registered:
    said = a_statement(site=site, people=a_statement().people.__class__())
    filing = a_filing(person=uuid4().hex, statement=said, **fields)
    return await desk.counter.file(filing, now=desk.clock.now())


async def run_radar(desk: Desk) -> int:
    async with desk.program.store.write() as work:
        found = await desk.program.cadres.radar.run(work, desk.clock.now())
        await work.commit()
    return found


async def test_an_employer_is_entered_found_by_alias_and_corrected(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    path = await enter(window, "菏泽宏达建筑有限公司", aliases="宏达工程队\n老宏达")
    await enter(window, "曹县木业有限公司")
    await window.get("/employers")
    found = await window.post("/employers", {"text": "宏达工程队"})
    assert "菏泽宏达建筑有限公司" in found.text
    assert "曹县木业" not in found.text
    assert "text=" not in str(found.url)
    page = await window.post(path, {"name": "菏泽宏达建筑集团有限公司", "credit_code": "123"})
    assert page.status_code == 422
    assert "统一社会信用代码不对" in page.text
    await window.post(path, {"name": "菏泽宏达建筑集团有限公司", "aliases": "老宏达"})
    changed = await employer(desk, path)
    assert (changed.name, changed.aliases) == ("菏泽宏达建筑集团有限公司", ("老宏达",))


async def test_a_name_that_is_taken_is_refused_and_what_was_typed_stays(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    await enter(window, "菏泽宏达建筑有限公司")
    page = await window.post("/employers/new", {"name": "菏泽宏达建筑", "aliases": "小宏达"})
    assert page.status_code == 422
    assert "已经有同名" in page.text
    assert "小宏达" in page.text


async def test_two_entries_of_one_employer_become_one(desk: Desk) -> None:
    window = await desk.signed_in("sun.jian")
    wrong, right = await enter(window, "宏达建筑"), await enter(window, "菏泽市宏达建筑有限公司")
    page = await window.get(wrong)
    assert "菏泽市宏达建筑有限公司" in page.text, "what may be the same is shown by itself"
    page = await window.post(f"{wrong}/alike", {"text": "菏泽市宏达"})
    into = re.search(r'name="into" value="([0-9a-f]+)"', page.text)
    assert into
    merged = await window.post(f"{wrong}/merge", {"into": into[1]})
    assert merged.url.path.endswith(right)
    assert (await employer(desk, right)).aliases == ("宏达建筑",)
    assert (await window.get(wrong)).url.path.endswith(right), "the old address leads to the one that stands"
    assert (await window.post(f"{right}/merge", {"into": into[1]})).status_code == 422


async def test_the_radar_sees_a_site_before_triage_and_a_cadre_decides(desk: Desk) -> None:
    made = [await file(desk, site) for site in ("牡丹区花都新城二期工地", "花都新城二期", "在花都新城 二期项目部")]
    assert await run_radar(desk) == 1
    window = await desk.signed_in("zhang.wei")
    for one in made:
        await desk.counter.step(one.case_id, now=desk.clock.now())
        case = await desk.counter.case(one.case_id)
        await window.get(f"/case/{case.number}")
        await window.post(f"/case/{case.number}/take-on", {"seen": f"{case.version}@"})
    page = await window.get("/findings")
    assert "同一工地" in page.text
    for one in made:
        assert one.number in page.text
    finding = re.search(r'action="/console(/findings/[0-9a-f]+)"', page.text)
    assert finding
    assert "请先选是不是一件事" in (await window.post(finding[1], {})).text
    done = await window.post(finding[1], {"what": "together", "lead": made[0].number})
    assert "已定为集体事项" in done.text
    states = [(await desk.counter.case(one.case_id)).state for one in made]
    assert states == [State.REGISTERED, State.MERGED, State.MERGED]
    assert "已经有人处理" in (await window.post(finding[1], {"what": "apart"})).text


@pytest.mark.parametrize("site", ["牡丹区", "庄寨镇", "工地", "不知道", "人民路", "厂里", "单县浮岗镇"])
async def test_words_that_may_mean_many_places_are_no_site(desk: Desk, site: str) -> None:
    for _ in range(3):
        made = await file(desk, site)
    assert (await desk.counter.case(made.case_id)).site == ""
    assert await run_radar(desk) == 0


async def test_a_corrected_site_is_the_one_that_the_radar_sees_unless_triage_set_another(desk: Desk) -> None:
    made, other = await file(desk, "花都新城二期"), await file(desk, "银座商城三楼")
    await desk.counter.do("correct", made.case_id, {"site": "银座商城三楼"}, now=desk.clock.now())
    case, same = await desk.counter.case(made.case_id), await desk.counter.case(other.case_id)
    assert case.site == same.site != ""
    async with desk.program.store.write() as work:
        await work.cases.change(case, desk.clock.now(), site="x" * 32)
        await work.commit()
    await desk.counter.do("correct", made.case_id, {"site": "花都新城二期"}, now=desk.clock.now())
    assert (await desk.counter.case(made.case_id)).site == "x" * 32


async def test_the_supervisor_lets_through_what_is_ticked(desk: Desk) -> None:
    made = [await file(desk, "", quarantined=True) for _ in range(3)]
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    assert (await cadre.get("/quarantine")).status_code == 403
    page = await supervisor.get("/quarantine")
    boxes = re.findall(r'name="case" value="([^"]+)"', page.text)
    assert len(boxes) == 3
    stale = f"{boxes[2].partition(' ')[0]} 99@"
    after = await supervisor.post("/quarantine", {"case": [boxes[0], boxes[1], stale, "nonsense"]})
    assert "放行 2 件" in after.text
    assert "有的没有放行" in after.text
    held = [(await desk.counter.case(one.case_id)).quarantined for one in made]
    assert sorted(held) == [False, False, True]
    assert (
        made[0].number in (await cadre.get("/cases/list")).text
        or made[1].number in (await cadre.get("/cases/list")).text
    )
    assert "请先勾选" in (await supervisor.post("/quarantine", {})).text
