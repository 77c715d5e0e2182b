"""Figures in the console: for whom, of which cases, what is hidden, what is taken along, and that it is logged."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.complaints.roles import Confidentiality
from bot.roles import Role
from tests.cases import a_statement
from tests.console import Desk, a_console
from tests.desk import a_filing
from tests.fakes import FakeClock
from tests.site import visible


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        for login, role in (
            ("zhang.wei", Role.CADRE),
            ("sun.jian", Role.SUPERVISOR),
            ("boss", Role.LEADER),
            ("hotline", Role.OPERATOR),
            ("news", Role.PUBLICIST),
            ("admin", Role.ADMINISTRATOR),
        ):
            await desk.hire(login, role)
        yield desk


async def filed(desk: Desk, count: int, **fields: object) -> list[str]:
    """So many cases from as many people."""
    made = []
    for place in range(count):
        filing = a_filing(person=f"p{place}{len(fields)}{fields}", **fields)
        made.append((await desk.counter.file(filing, now=desk.clock.now(), source=f"{place}{fields}")).case_id)
    return made


def table(page: str, name: str) -> str:
    return visible(page.split(f'id="{name}"', 1)[1].split("</section>", 1)[0])


@pytest.mark.parametrize("login", ["hotline", "news", "admin"])
async def test_statistics_are_refused_to_who_may_not_see_them(desk: Desk, login: str) -> None:
    window = await desk.signed_in(login)
    assert "统计" not in visible((await window.get("/")).text)
    assert (await window.get("/statistics")).status_code == 403
    assert (await window.post("/statistics/export", {"format": "csv"})).status_code == 403


async def test_a_supervisor_sees_exact_figures_of_all_and_a_cadre_of_the_own_districts(desk: Desk) -> None:
    await filed(desk, 2, district="mudan")
    await filed(desk, 1, district="caoxian")
    page = (await (await desk.signed_in("sun.jian")).get("/statistics")).text
    assert "合计 3" in table(page, "districts")
    assert "3 登记" in visible(page)
    page = (await (await desk.signed_in("zhang.wei")).get("/statistics")).text
    assert "合计 2" in table(page, "districts")


async def test_a_leader_sees_no_small_count_and_none_to_work_it_out_with(desk: Desk) -> None:
    await filed(desk, 7, district="mudan", category="wage")
    await filed(desk, 2, district="mudan", category="injury")
    page = (await (await desk.signed_in("boss")).get("/statistics")).text
    shown = table(page, "categories")
    assert "合计 9" in shown
    assert "工资 7" in shown
    assert "工伤、职业病 ＊" in shown
    assert shown.count("＊") > 2 * 9  # every other category could have had the two
    used = table(page, "used")
    assert "还没用过 ＊" in used  # all nine: the nought of the others would be told by it
    assert "少于 5 件的数不显示" in visible(page)
    assert "/console/case/" not in page


async def answered(desk: Desk, count: int, nature: str) -> None:
    window = await desk.signed_in("hotline")
    for place in range(count):
        await window.get("/hotline")
        form = f"{nature}{place}"
        await window.post("/hotline/answered", {"form": form, "nature": nature, "district": "mudan"})


async def test_calls_answered_at_once_are_counted_by_kind_and_small_counts_kept_from_the_leader(desk: Desk) -> None:
    await answered(desk, 6, "consultation")
    await answered(desk, 2, "suggestion")
    shown = table((await (await desk.signed_in("sun.jian")).get("/statistics")).text, "answered")
    assert "咨询 6，意见建议 2" in shown
    leader = await desk.signed_in("boss")
    shown = table((await leader.get("/statistics")).text, "answered")
    assert "咨询 6，意见建议 ＊" in shown
    assert "合计 6 ＊" in shown
    export = (await leader.post("/statistics/export", {"format": "csv"})).content.decode("utf-8-sig")
    assert '"当场答复（没有立案）"' in export


async def test_a_leader_gets_whole_quarters_whatever_days_are_asked_for(desk: Desk) -> None:
    window = await desk.signed_in("boss")
    page = visible((await window.get("/statistics?since=2026-11-03&until=2026-11-04")).text)
    assert "2026-10-01 至" in page


@pytest.mark.parametrize("query", ["since=gestern", "until=2026-13-01"])
async def test_days_that_are_none_are_refused(desk: Desk, query: str) -> None:
    assert (await (await desk.signed_in("sun.jian")).get(f"/statistics?{query}")).status_code == 400


async def test_ranges_are_put_in_order_and_end_today(desk: Desk) -> None:
    page = visible((await (await desk.signed_in("sun.jian")).get("/statistics?since=2099-01-01&until=2026-01-05")).text)
    assert f"2026-01-05 至 {desk.clock.now().date()}" in page


async def test_a_range_is_saved_for_its_member_and_is_no_view_of_the_list(desk: Desk) -> None:
    window = await desk.signed_in("sun.jian")
    await window.get("/statistics")
    saved = await window.post("/statistics/save", {"name": "上半年", "since": "2026-01-01", "until": "2026-06-30"})
    assert "上半年" in saved.text
    assert "since=2026-01-01" in saved.text
    assert "上半年" not in (await window.get("/cases/list")).text
    assert "上半年" not in (await (await desk.signed_in("zhang.wei")).get("/statistics")).text
    await window.get("/statistics")
    id = (await window.get("/statistics")).text.split('name="id" value="')[1].split('"', 1)[0]
    assert "上半年" not in (await window.post("/statistics/drop", {"id": id})).text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_figures_are_taken_along_and_that_is_logged(desk: Desk, kind: str) -> None:
    await filed(desk, 7, category="wage")
    await filed(desk, 2, category="injury")
    leader, supervisor = await desk.signed_in("boss"), await desk.signed_in("sun.jian")
    await leader.get("/statistics")
    answer = await leader.post("/statistics/export", {"format": kind})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert f".{kind}" in answer.headers["content-disposition"]
    if kind == "csv":
        assert answer.content.startswith(b"\xef\xbb\xbf")
        text = answer.content.decode("utf-8-sig")
    else:
        book = load_workbook(io.BytesIO(answer.content))
        text = "\n".join(str(cell.value) for row in book["类别"].iter_rows() for cell in row)
    assert "＊" in text
    log = visible((await supervisor.get("/audit?action=statistics.")).text)
    assert "导出统计" in log
    assert f"format: {kind}" in log
    assert "看统计" in log


async def test_a_cadre_may_look_but_not_take_along(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    assert "statistics/export" not in (await window.get("/statistics")).text
    assert (await window.post("/statistics/export", {"format": "csv"})).status_code == 403


async def test_rows_are_exported_without_anything_personal(desk: Desk) -> None:
    await filed(desk, 2, district="mudan", statement=a_statement(name="李四", phone="13812345678"))
    await filed(desk, 1, district="caoxian")
    window = await desk.signed_in("zhang.wei")
    assert "导出这 2 件" in (await window.get("/cases/list")).text
    answer = await window.post("/case-export", {"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert rows[0][0] == "案件编号"
    for secret in ("李四", "13812345678", "晚上打", "拖了仨月"):
        assert secret not in answer.text
    refused = await window.post("/case-export", {"format": "csv", "with_identity": "1", "reason": "check_facts"})
    assert refused.status_code == 403


async def test_names_go_along_for_the_supervisor_with_a_reason_and_of_named_cases_only(desk: Desk) -> None:
    said = a_statement(name="李四", phone="13812345678")
    named = await filed(desk, 1, statement=said)
    await filed(desk, 1, statement=a_statement(name="王五"), confidentiality=Confidentiality.CONFIDENTIAL)
    window = await desk.signed_in("sun.jian")
    await window.get("/cases/list")
    unexplained = await window.post("/case-export", {"format": "csv", "with_identity": "1", "reason": ""})
    assert "要选理由" in unexplained.text
    fields = {"format": "xlsx", "with_identity": "1", "reason": "prepare_papers"}
    answer = await window.post("/case-export", fields)
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()]
    assert rows[0][-3:] == ["姓名", "电话", "联系方式"]
    assert ["李四", "13812345678", "晚上打"] in [row[-3:] for row in rows]
    assert "王五" not in str(rows)
    async with desk.program.store.read() as work:
        found, total = await work.audit.page(action="case.export_identity")
    assert (total, found[0].subject, found[0].reason) == (1, named[0], "prepare_papers")


async def test_what_is_refused_is_neither_exported_nor_logged(desk: Desk) -> None:
    window = await desk.signed_in("sun.jian")
    await window.get("/cases/list")
    assert (await window.post("/case-export", {"format": "exe"})).status_code == 400
    assert (await window.post("/case-export", {"format": "csv", "state": "nonsense"})).status_code == 400
    for login in ("boss", "news", "admin", "hotline"):
        other = await desk.signed_in(login)
        await other.get("/")
        assert (await other.post("/case-export", {"format": "csv"})).status_code == 403
    async with desk.program.store.read() as work:
        assert (await work.audit.page(action="case.export"))[1] == 0
