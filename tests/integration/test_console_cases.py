"""Working on cases in the console: the list, the page, its forms, what is hidden, files, two people at once."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.complaints.lifecycle import State
from bot.complaints.roles import Confidentiality
from bot.complaints.worker.tracking import Registered
from bot.roles import Role
from tests.cases import a_statement
from tests.console import Desk, Window, a_console
from tests.desk import a_filing
from tests.fakes import FakeClock
from tests.site import visible

TOLD = "您好，工会已经受理，三天内跟您联系。"


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("zhang.wei", Role.CADRE, "mudan", name="张卫")
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        yield desk


async def send(window: Window, number: str, form: str, /, **fields: str) -> str:
    """Open the case, send one of its forms, and return the page that follows."""
    page = await window.get(f"/case/{number}")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen, page.text
    response = await window.post(f"/case/{number}/{form}", {"seen": seen[1], **fields})
    return response.text


async def taken(desk: Desk, window: Window, **fields: object) -> Registered:
    made = await desk.counter.file(a_filing(**fields), now=desk.clock.now())
    await send(window, made.number, "take-on")
    return made


async def test_a_case_is_taken_on_accepted_worked_on_and_closed(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    page = await send(window, made.number, "step", event="accept", act="step-accept", note_to_worker=TOLD)
    assert "已受理" in page
    assert TOLD in page
    await send(window, made.number, "step", event="start", act="step-start", note="约了周三见面")
    page = await send(window, made.number, "step", event="resolve", act="step-resolve", outcome="paid")
    assert "还不能这样办" in page
    assert "要写给职工的答复" in page
    page = await send(
        window,
        made.number,
        "step",
        event="resolve",
        act="step-resolve",
        outcome="paid",
        note_to_worker="工资已经付清。",
    )
    assert "已办结" in page
    assert "约了周三见面" in page
    assert (await desk.counter.case(made.case_id)).state is State.RESOLVED


async def test_what_else_was_said_is_shown_in_words_on_the_page_and_the_sheet(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    said = a_statement(extra={"demand": "2026-03-01/2026-03-31", "has_iou": "yes", "card": "没签合同"})
    made = await taken(desk, window, statement=said)
    for path in (f"/case/{made.number}", f"/case/{made.number}/print"):
        page = (await window.get(path)).text
        assert "向单位要过" in page
        assert "2026-03-01 至 2026-03-31" in page
        assert "其他说明" in page
        assert not re.search(r"<(?:dt|strong)>[a-z_]+[<：]", page)


async def test_deadlines_name_their_articles_as_people_read_them(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    page = visible((await window.get(f"/case/{made.number}")).text)
    assert "依据：《山东省工会劳动法律监督条例》第15条第3款" in page
    assert "条例:15" not in page


async def test_an_address_that_makes_no_sense_is_no_crash(desk: Desk) -> None:
    """Who is told that the programme failed reports a fault that is none."""
    window = await desk.signed_in("zhang.wei")
    response = await window.get("/cases/list?view=nonsense")
    assert response.status_code == 400
    assert "没看懂" in response.text
    assert "程序出了错" not in response.text


async def test_a_message_reaches_the_worker_and_the_answer_comes_back(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    assert "职工还没看" in await send(window, made.number, "message", text="请把工资条拍照发来。")
    await desk.counter.do("say", made.case_id, "好的，晚上发。", now=desk.clock.now())
    assert "好的，晚上发。" in (await window.get(f"/case/{made.number}")).text


async def test_the_second_of_two_people_sees_what_changed_and_keeps_what_they_wrote(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    made = await taken(desk, cadre)
    stale = re.search(r'name="seen" value="([^"]+)"', (await supervisor.get(f"/case/{made.number}")).text)
    assert stale
    desk.clock.advance(minutes=1)
    await send(cadre, made.number, "step", event="accept", act="step-accept", note_to_worker=TOLD)
    note = "督办：先联系职工再受理"
    typed = {
        "seen": stale[1],
        "event": "decline",
        "act": "step-decline",
        "reason": "other_place",
        "note_to_worker": note,
    }
    response = await supervisor.post(f"/case/{made.number}/step", typed)
    assert response.status_code == 409
    assert "您打开之后，这件事有了变化" in response.text
    changes = visible(response.text.split('id="conflict"')[1].split("</ul>")[0])
    assert "张卫" in changes
    assert "受理" in changes
    assert (await desk.counter.case(made.case_id)).state is State.ACCEPTED
    page = await supervisor.post(f"/case/{made.number}/message", {"seen": stale[1], "text": note})
    assert page.status_code == 409
    assert f">{note}</textarea>" in page.text


async def test_name_and_phone_are_hidden_until_somebody_says_why(desk: Desk) -> None:
    window, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    made = await taken(desk, window, statement=a_statement(narrative="我叫李四，电话13812345678，老板不给工资"))
    page = (await window.get(f"/case/{made.number}")).text
    assert "13812345678" not in page
    assert "李四" not in page
    unsaid = await window.post(f"/case/{made.number}/reveal", {"what": "contact", "reason": ""})
    assert "13812345678" not in unsaid.text
    unexplained = await window.post(f"/case/{made.number}/reveal", {"what": "contact", "reason": "other"})
    assert "13812345678" not in unexplained.text
    shown = await window.post(f"/case/{made.number}/reveal", {"what": "contact", "reason": "contact_worker"})
    assert "13812345678" in shown.text
    assert "李四" not in shown.text
    assert "13812345678" not in str(shown.url)
    log = visible((await supervisor.get(f"/audit?number={made.number}")).text)
    assert "查看隐藏信息" in log
    assert "联系职工" in log
    assert "13812345678" not in log


async def test_what_is_passed_on_is_masked_and_read_before_it_goes(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window, statement=a_statement(narrative="我叫李四，电话13812345678，老板不给工资"))
    await send(window, made.number, "step", event="accept", act="step-accept")
    page = await send(window, made.number, "refer-text", recipient="inspection", act="refer-text")
    text = page.split('name="text" id="refer-text"')[1].split(">", 1)[1].split("</textarea>")[0]
    assert "13812345678" not in text
    assert "李四" not in text
    refused = await send(
        window, made.number, "refer", act="refer", recipient="inspection", text="工人李四 13812345678 反映"
    )
    assert "没有职工同意不能转出" in refused
    page = await send(window, made.number, "refer", act="refer", recipient="inspection", text=text)
    assert "已转办" in page
    assert (await desk.counter.case(made.case_id)).progress.recipient == "inspection"


async def test_triage_names_employer_people_and_money(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    fields = {"category": "injury", "nature": "claim", "employer": "", "new_employer": "菏泽花都建筑劳务有限公司"}
    fields |= {"people_low": "20", "people_high": "29", "money_low": "240000", "urgent": "1"}
    page = await send(window, made.number, "triage", act="triage", **fields)
    for words in ("菏泽花都建筑劳务有限公司", "20人到29人", "240,000元以上", "紧急"):
        assert words in page
    wrong = await send(
        window, made.number, "triage", act="triage", **{**fields, "new_employer": "", "people_low": "三"}
    )
    assert 'role="alert" id="problem"' in wrong


async def test_a_case_that_leaves_ones_reach_leads_back_to_the_list(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    page = await window.get(f"/case/{made.number}")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen
    fields = {"seen": seen[1], "category": "wage", "nature": "claim", "about_union_staff": "1"}
    response = await window.post(f"/case/{made.number}/triage", fields)
    assert response.url.path == "/console/cases/list"
    assert made.number not in response.text


async def test_the_list_is_filtered_sorted_and_kept_as_a_view(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    wage = await desk.counter.file(a_filing(category="wage"), now=desk.clock.now())
    injury = await desk.counter.file(a_filing(category="injury", person="p2"), now=desk.clock.now())
    page = (await window.get("/cases/list?category=injury")).text
    assert injury.number in page
    assert wage.number not in page
    by_number = (await window.get("/cases/list?sort=number__desc")).text
    first, second = sorted((wage.number, injury.number), reverse=True)
    assert by_number.index(first) < by_number.index(second)
    page = (await window.post("/case-views/save", {"name": "工伤", "category": "injury"})).text
    assert "category=injury" in page
    assert "工伤" in page
    for wrong in ("state=nonsense", "view=nonsense", "since=yesterday", "due=x"):
        assert (await window.get(f"/cases/list?{wrong}")).status_code == 400


async def test_a_phone_is_searched_without_standing_in_an_address(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    await window.get("/cases/list")
    found = await window.post("/case-views/phone", {"phone": "138 1234 5678"})
    assert made.number in found.text
    assert "138" not in str(found.url)
    assert made.number not in (await window.post("/case-views/phone", {"phone": "13912345678"})).text


async def test_a_picture_is_shown_without_metadata_and_the_original_is_saved_only(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    await window.get(f"/case/{made.number}")
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(data, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00")
    sent = {"file": ("工资条.jpg", data.getvalue(), "image/jpeg")}
    page = await window.post(f"/case/{made.number}/file", {"seen": "1@"}, files=sent)
    assert "工资条.jpg" in page.text
    found = re.search(rf"/case/{made.number}/file/([0-9a-f]+)", page.text)
    assert found
    shown = await window.get(f"/case/{made.number}/file/{found[1]}")
    assert shown.headers["content-type"].startswith("image/")
    assert b"Exif" not in shown.content
    original = await window.get(f"/case/{made.number}/original/{found[1]}")
    assert original.content == data.getvalue()
    assert original.headers["content-disposition"].startswith("attachment")
    for response in (shown, original):
        assert "sandbox" in response.headers["content-security-policy"]
        assert response.headers["cache-control"] == "no-store"
    other = await taken(desk, window)
    assert (await window.get(f"/case/{other.number}/file/{found[1]}")).status_code == 404
    wrong = await window.post(
        f"/case/{made.number}/file", {"seen": "1@"}, files={"file": ("x.jpg", b"MZ", "image/jpeg")}
    )
    assert wrong.status_code == 422
    assert "不是可以接收的文件类型" in wrong.text


async def test_a_confidential_case_shows_its_content_to_its_handlers_alone(desk: Desk) -> None:
    await desk.hire("li.na", Role.CADRE, "mudan", name="李娜")
    handler, colleague = await desk.signed_in("zhang.wei"), await desk.signed_in("li.na")
    made = await taken(desk, handler, confidentiality=Confidentiality.CONFIDENTIAL)
    assert "三" in (await handler.get(f"/case/{made.number}")).text
    page = await colleague.get(f"/case/{made.number}")
    assert "内容只对承办人开放" in page.text
    assert "老板" not in visible(page.text)


async def test_the_printed_sheet_names_nobody_unless_asked_with_a_reason(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    sheet = (await window.get(f"/case/{made.number}/print")).text
    assert "职工诉求办理单" in sheet
    assert "13812345678" not in sheet
    named = await window.post(f"/case/{made.number}/print", {"with_identity": "1", "reason": "prepare_papers"})
    assert "13812345678" in named.text


async def test_who_gets_a_case_finds_a_notice_on_the_first_page(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    await send(supervisor, made.number, "assign", act="assign", owner=desk.staff["zhang.wei"].id)
    start = await cadre.get("/")
    assert "指派给您办理" in start.text
    assert made.number in start.text
    assert "指派给您办理" not in (await cadre.post("/seen")).text


async def test_who_a_case_is_about_sees_nothing_of_it_any_more(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    made = await taken(desk, cadre)
    saved = await send(supervisor, made.number, "concerns", concerns=desk.staff["zhang.wei"].id)
    assert "选上的人看不到本案" in saved
    assert (await cadre.get(f"/case/{made.number}")).status_code == 404
    assert made.number not in (await cadre.get("/cases/list")).text
    refused = await cadre.post(f"/case/{made.number}/concerns", {"seen": "", "concerns": ""})
    assert refused.status_code in (403, 404, 422)


async def test_the_site_of_a_case_is_named_at_triage(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    made = await taken(desk, window)
    await send(window, made.number, "triage", act="triage", category="wage", site="花都二期工地")
    async with desk.program.store.read() as work:
        case = await work.cases.find(made.case_id)
    assert case
    assert case.site


async def test_content_is_deleted_only_when_the_number_is_typed(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    made = await taken(desk, cadre)
    told = {
        "event": "decline",
        "act": "step-decline",
        "reason": "other_place",
        "note_to_worker": "请到单位所在地工会反映。",
    }
    await send(cadre, made.number, "step", **told)
    await send(supervisor, made.number, "delete", act="delete", reason="worker_asked", confirm="HZ")
    assert (await desk.counter.case(made.case_id)).content_deleted_at is None
    page = await send(supervisor, made.number, "delete", act="delete", reason="worker_asked", confirm=made.number)
    assert "依法删除" in page
