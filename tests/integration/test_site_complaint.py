"""Filing on the site: one page, nothing typed is lost, nothing is filed twice, and the receipt goes nowhere else."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot.app import Program
from bot.complaints.cases import Case, Statement
from bot.complaints.roles import Confidentiality
from tests.fakes import FakeClock
from tests.site import a_client, a_site_configuration, a_site_program, build_scripted, visible
from tests.site_desk import NAME, PHONE, STORY, a_photo, digits_on, file_complaint, hidden, what_is_typed


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


async def the_case(program: Program, receipt: str) -> Case:
    async with program.store.read() as work:
        case = await work.cases.find_receipt(program.keys.index_all("receipt", receipt))
    assert case is not None
    return case


async def said_in(program: Program, case: Case) -> Statement:
    async with program.store.read() as work:
        statement = await work.cases.statement(case.id)
    assert statement is not None
    return statement


async def number_of_cases(program: Program) -> int:
    async with program.store.engine.connect() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM complaint_case"))).scalar_one())


async def test_what_was_typed_is_shown_with_how_it_was_understood_before_it_is_filed(client: httpx.AsyncClient) -> None:
    page = visible((await client.post("/complain", data=what_is_typed())).text)
    assert "2026年7月" in page
    assert "12000元" in page
    assert "人到" in page
    assert STORY in page
    assert "不等于申请仲裁" in page


@pytest.mark.parametrize("where", ["narrative", "wish"])
async def test_who_tells_of_danger_sees_the_numbers_to_call_before_filing(
    client: httpx.AsyncClient, where: str
) -> None:
    in_danger = what_is_typed(**{where: "三个月没发工资，我不想活了，现在就在楼顶上"})
    assert "心理援助热线" in visible((await client.post("/complain", data=in_danger)).text)
    assert "心理援助热线" not in visible((await client.post("/complain", data=what_is_typed())).text)


async def test_a_complaint_is_filed_with_everything_that_was_said(client: httpx.AsyncClient, program: Program) -> None:
    filed = await file_complaint(client)
    case = await the_case(program, filed.receipt)
    statement = await said_in(program, case)
    assert case.confidentiality is Confidentiality.CONFIDENTIAL
    assert (case.category, case.district, case.channel) == ("wage", "mudan", "site")
    assert (statement.narrative, statement.employer, statement.wish) == (STORY, "某某建筑劳务公司", "把工资结清")
    assert (statement.name, statement.phone, statement.employed) == (NAME, PHONE, True)
    assert (statement.money.said, statement.money.low) == ("一万二", 1_200_000)
    assert statement.since.first is not None
    assert case.number in filed.page
    assert "不是受理决定" in visible(filed.page)
    assert "不等于申请" in visible(filed.page)


async def test_errors_name_each_field_and_keep_everything_that_was_typed(client: httpx.AsyncClient) -> None:
    typed = what_is_typed(confidentiality="", category="", phone="12", agree="", narrative="欠钱", district="nowhere")
    page = (await client.post("/complain", data=typed)).text
    for name in ("confidentiality", "category", "narrative", "district", "phone", "agree"):
        assert f'<a href="#{name}">' in page
        assert f'id="{name}-fault"' in page
    assert "6 处要改" in page
    assert 'value="一万二"' in page
    assert 'value="12"' in page
    assert ">欠钱</textarea>" in page
    assert f'value="{NAME}"' in page


async def test_what_cannot_all_be_true_is_asked_before_filing(client: httpx.AsyncClient) -> None:
    page = (await client.post("/complain", data=what_is_typed(left="10月15号", employed="yes"))).text
    assert "请核对一下" in page
    assert "请核对一下" not in (await client.post("/complain", data=what_is_typed())).text


async def test_words_that_were_not_understood_are_kept_and_said_to_be(client: httpx.AsyncClient) -> None:
    page = visible((await client.post("/complain", data=what_is_typed(money="好多", since="早就这样"))).text)
    assert page.count("没有看明白") == 2
    assert "好多" in page


async def test_going_back_from_the_check_keeps_everything(client: httpx.AsyncClient) -> None:
    page = (await client.post("/complain", data=what_is_typed(step="edit"))).text
    assert f">{STORY}</textarea>" in page
    assert re.search(r'value="confidential" checked', page)
    assert re.search(r'value="mudan" selected', page)


async def test_who_stays_unknown_leaves_no_name_and_needs_no_number(
    client: httpx.AsyncClient, program: Program
) -> None:
    filed = await file_complaint(client, confidentiality="anonymous", phone="")
    case = await the_case(program, filed.receipt)
    statement = await said_in(program, case)
    assert (statement.name, statement.phone) == ("", "")
    assert case.confidentiality is Confidentiality.ANONYMOUS


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"confidentiality": "named", "name": ""}, "name"),
        ({"phone": ""}, "phone"),
        ({"employer": ""}, "employer"),
        ({"pass_to": "somebody"}, "pass_to"),
        ({"category": "invented"}, "category"),
    ],
)
async def test_what_is_missing_or_was_not_offered_is_asked_for(
    client: httpx.AsyncClient, changes: dict[str, str], fault: str
) -> None:
    page = (await client.post("/complain", data=what_is_typed(**changes))).text
    assert f'<a href="#{fault}">' in page
    assert "1 处要改" in page


async def test_an_injury_may_be_filed_with_the_separate_consent(client: httpx.AsyncClient, program: Program) -> None:
    filed = await file_complaint(
        client, category="injury", agree_sensitive="1", accident="9月3号", pass_to="inspection"
    )
    case = await the_case(program, filed.receipt)
    assert case.passing_on == ("inspection",)
    assert "工伤" in filed.page


IDENTITY, CARD = "371702199001011234", "6222021234567890123"


async def test_an_injury_is_filed_without_the_consent_and_nothing_sensitive_is_kept(
    client: httpx.AsyncClient, program: Program
) -> None:
    story = f"{STORY}，身份证{IDENTITY}，工资卡{CARD}"
    hurt = {"category": "injury", "accident": "9月3号", "narrative": story}
    checked = visible((await client.post("/complain", data=what_is_typed(**hurt))).text)
    assert "没有同意：受伤、确诊的日子没有记" in checked
    said = await said_in(program, await the_case(program, (await file_complaint(client, **hurt)).receipt))
    assert (said.accident.said, said.accident.first) == ("", None)
    assert said.narrative == f"{STORY}，身份证[证件号]，工资卡[卡号]"
    agreed = await file_complaint(client, **hurt, agree_sensitive="1")
    kept = await said_in(program, await the_case(program, agreed.receipt))
    assert (kept.accident.said, kept.narrative) == ("9月3号", story)


async def test_the_form_says_how_the_bodies_are_reached_and_where_a_complaint_about_the_supervisor_goes(
    client: httpx.AsyncClient,
) -> None:
    """个人信息保护法 art. 23: whoever agrees that data are passed on is told how to reach whom they go to."""
    page = visible((await client.get("/complain")).text)
    assert "人社局劳动保障监察机构 电话12333" in page
    assert "法律援助中心 电话12348" in page
    assert "只有督办人员能看" in page
    assert "反映的正是督办人员的，不要在这里写，请写信或者当面向上级工会（山东省总工会）反映" in page


async def test_a_form_sent_twice_is_filed_once_and_shows_the_same_receipt(
    client: httpx.AsyncClient, program: Program
) -> None:
    filed = await file_complaint(client)
    again = await client.post(
        "/complain", data={**what_is_typed(), "draft": filed.draft, "step": "file"}, follow_redirects=True
    )
    assert digits_on(again.text) == filed.receipt
    assert "已经登记过了" in again.text
    assert await number_of_cases(program) == 1


async def test_two_taps_at_once_file_once(client: httpx.AsyncClient, program: Program) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    form = {**what_is_typed(), "draft": draft, "step": "file"}
    answers = await asyncio.gather(*(client.post("/complain", data=form) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert sum(answer.headers["location"] == "/complain/receipt" for answer in answers) == 1
    assert await number_of_cases(program) == 1


async def test_a_form_whose_name_is_not_ours_or_too_old_is_looked_at_once_more(
    client: httpx.AsyncClient, clock: FakeClock
) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    clock.advance(hours=25)
    for token in (draft, "", "nonsense", draft[:-8] + "AAAAAAA="):
        page = await client.post("/complain", data={**what_is_typed(), "draft": token, "step": "file"})
        assert page.status_code == 200
        assert "核对一下" in page.text
        assert hidden(page.text, "draft") != draft


async def test_the_receipt_stands_in_no_address_cookie_or_cache(client: httpx.AsyncClient) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    filed = await client.post("/complain", data={**what_is_typed(), "draft": draft, "step": "file"})
    page = await client.get(filed.headers["location"])
    receipt = digits_on(page.text)
    assert page.headers["cache-control"] == "no-store"
    assert receipt not in str(dict(filed.headers)) + str(dict(page.headers)) + str(page.url)
    assert receipt not in str(dict(client.cookies))
    assert not re.findall(rf'(?:href|src|action|value)="[^"]*{receipt}', page.text)


async def test_the_receipt_is_shown_again_until_it_was_kept(client: httpx.AsyncClient, program: Program) -> None:
    filed = await file_complaint(client)
    assert digits_on((await client.get("/complain/receipt")).text) == filed.receipt
    kept = await client.post("/complain/receipt", follow_redirects=True)
    assert "不再显示" in kept.text
    assert filed.receipt not in re.sub(r"\s", "", kept.text)
    assert "没有可以显示的登记凭证" in (await client.get("/complain/receipt")).text
    assert await the_case(program, filed.receipt)


async def test_after_a_day_nobody_can_show_the_receipt(client: httpx.AsyncClient, clock: FakeClock) -> None:
    await file_complaint(client)
    clock.advance(hours=24, seconds=1)
    assert "没有可以显示的登记凭证" in (await client.get("/complain/receipt")).text


async def test_another_browser_sees_no_receipt(client: httpx.AsyncClient, program: Program) -> None:
    await file_complaint(client)
    async with a_client(program) as other:
        assert "没有可以显示的登记凭证" in (await other.get("/complain/receipt")).text
        other.cookies["gonghui-filed"] = "0" * 32
        assert "没有可以显示的登记凭证" in (await other.get("/complain/receipt")).text


async def test_a_form_from_another_site_is_refused(program: Program) -> None:
    async with a_client(program, **{"sec-fetch-site": "cross-site"}) as elsewhere:
        for path in ("/complain", "/complain/receipt", "/track", "/track/say", "/track/withdraw", "/track/delete"):
            assert (await elsewhere.post(path, data=what_is_typed(step="file"))).status_code == 403


async def test_who_comes_from_an_answer_has_the_category_chosen(client: httpx.AsyncClient) -> None:
    page = (await client.get("/complain?topic=injury.recognition")).text
    assert re.search(r'value="injury" checked', page)
    assert 'name="topic" value="injury.recognition"' in page
    other = (await client.get("/complain?topic=%3Cscript%3E")).text
    assert 'name="topic" value=""' in other
    assert not re.search(r'name="category" value="[a-z_]+" checked', other)


async def test_many_filings_from_one_address_are_held_back_and_none_is_lost(program: Program) -> None:
    receipts = []
    for _ in range(7):
        async with a_client(program) as worker:
            receipts.append((await file_complaint(worker)).receipt)
    cases = [await the_case(program, receipt) for receipt in receipts]
    assert [case.quarantined for case in cases].count(True) >= 1


async def test_files_are_kept_while_the_form_is_mended_and_belong_to_the_case_then(
    client: httpx.AsyncClient, program: Program
) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    parts = [("files", ("工资条.jpg", a_photo())), ("files", ("合同.exe", b"MZ nothing of ours"))]
    first = await client.post("/complain", data={**what_is_typed(agree=""), "draft": draft}, files=parts)
    assert "工资条.jpg" in first.text
    assert "合同.exe" in first.text
    assert "没有收下" in first.text
    assert hidden(first.text, "draft")
    second = await client.post("/complain", data={**what_is_typed(), "draft": draft, "step": "check"})
    assert "工资条.jpg" in second.text
    filed = await client.post("/complain", data={**what_is_typed(), "draft": draft, "step": "file"})
    receipt = digits_on((await client.get(filed.headers["location"])).text)
    case = await the_case(program, receipt)
    async with program.store.read() as work:
        assert [file.meta.name for file in await work.files.of_case(case.id)] == ["工资条.jpg"]


async def test_a_file_is_taken_out_of_the_form_again(client: httpx.AsyncClient) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    page = (
        await client.post(
            "/complain", data={**what_is_typed(step="edit"), "draft": draft}, files=[("files", ("a.jpg", a_photo()))]
        )
    ).text
    drop = re.search(r'value="(drop:[0-9a-f]{32})"', page)
    assert drop
    page = (await client.post("/complain", data={**what_is_typed(step=drop[1]), "draft": draft})).text
    assert "a.jpg" not in page
    assert f">{STORY}</textarea>" in page


async def test_a_file_too_many_or_too_large_costs_nothing_else(client: httpx.AsyncClient) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    files = [("files", ("film.mp4", b"\0" * (10 * 2**20 + 1)))]
    page = (await client.post("/complain", data={**what_is_typed(), "draft": draft}, files=files)).text
    assert "film.mp4" in page
    assert "没有收下" in page
    assert f">{STORY}</textarea>" in page
    many = [("files", (f"{n}.jpg", a_photo())) for n in range(7)]
    page = (await client.post("/complain", data={**what_is_typed(), "draft": draft}, files=many)).text
    assert page.count("已收到") == 6
    assert "没有收下" in page


async def test_another_draft_never_gets_the_files(client: httpx.AsyncClient, program: Program) -> None:
    draft = hidden((await client.get("/complain")).text, "draft")
    files = [("files", ("a.jpg", a_photo()))]
    await client.post("/complain", data={**what_is_typed(step="edit"), "draft": draft}, files=files)
    async with a_client(program) as other:
        theirs = hidden((await other.get("/complain")).text, "draft")
        page = (await other.post("/complain", data={**what_is_typed(step="edit"), "draft": theirs})).text
    assert "a.jpg" not in page


async def test_without_complaints_there_are_no_such_pages(tmp_path: Path, clock: FakeClock) -> None:
    program = build_scripted(a_site_configuration(tmp_path, {"complaints": {"enabled": False}}), clock)
    async with program.running(), a_client(program) as client:
        assert (await client.get("/complain")).status_code == 404
        assert "/complain" not in (await client.get("/")).text
