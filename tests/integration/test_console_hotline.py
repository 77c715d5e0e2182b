"""The 12351 desk in the console: calls, what is read out, receipts that callers give."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.complaints.case_filter import CaseFilter
from bot.complaints.cases import Case, Direction, Nature
from bot.complaints.lifecycle import Event, State
from bot.complaints.receipts import new_receipt, parse_receipt
from bot.complaints.worker.tracking import Registered
from bot.roles import Role
from tests.console import Desk, Window, a_console, closed
from tests.desk import a_filing
from tests.fakes import FakeClock
from tests.site import visible

CALL = {
    "channel": "hotline",
    "nature": "claim",
    "category": "wage",
    "district": "mudan",
    "confidentiality": "confidential",
    "narrative": "在花都二期干木工，四个月没发工资，包工头不接电话",
    "employer": "宏达建筑",
    "place": "牡丹区花都新城二期工地",
    "since": "七月份",
    "employed": "no",
    "left": "10月底",
    "people": "二十多人",
    "money": "一万二",
    "name": "王",
    "phone": "139 0530 1234",
    "agree": "1",
}
DIGITS = re.compile(r'class="receipt-digits">(\d{4})<')
SPELLED = re.compile(r'class="receipt-spelled">([^<]+)<')
ALOUD = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("op.one", Role.OPERATOR)
        await desk.hire("op.two", Role.OPERATOR, name="话务员戊")
        await desk.hire("zhang.wei", Role.CADRE, "mudan", name="张卫")
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        yield desk


async def log_call(window: Window, **fields: str) -> tuple[str, str]:
    """Send the form with these fields; the address and the page that follow."""
    page = await window.get("/hotline")
    form = re.search(r'name="form" value="([0-9a-f]+)"', page.text)
    assert form
    response = await window.post("/hotline", {**CALL, "form": form[1], **fields})
    return str(response.url.path), response.text


async def case_of(desk: Desk, path: str) -> Case:
    return await desk.counter.case(path.rpartition("/")[2])


async def test_a_call_is_logged_and_number_and_receipt_are_read_out_in_fours(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    path, page = await log_call(window)
    case = await case_of(desk, path)
    assert (case.channel, case.nature, case.logged_by) == ("hotline", Nature.CLAIM, desk.staff["op.one"].id)
    assert case.number in page
    groups = DIGITS.findall(page)
    receipt = parse_receipt("".join(groups))
    assert SPELLED.findall(page) == ["".join(ALOUD[one] for one in group) for group in groups]
    assert "不是受理决定" in page
    assert "期限" in page
    assert "仲裁" in visible(page)
    assert "20" in page  # 二十多人, as it was understood
    assert parse_receipt("".join(groups)) == receipt
    found = await desk.counter.open(receipt, "somebody", desk.clock.now())
    assert found.id == case.id
    assert "13905301234" not in page.replace(" ", "")


async def test_what_is_read_out_is_the_takers_alone_and_gone_once_the_caller_has_it(desk: Desk) -> None:
    window, other = await desk.signed_in("op.one"), await desk.signed_in("op.two")
    path, _ = await log_call(window)
    here = path.removeprefix("/console")
    assert DIGITS.findall((await window.get(here)).text), "a page that is opened again still shows it"
    assert (await other.get(here)).status_code == 404
    assert (await other.post(f"{here}/told")).status_code == 404
    assert DIGITS.findall((await window.get(here)).text)
    assert "已记下凭证" in (await window.post(f"{here}/told")).text
    assert not DIGITS.findall((await window.get(here)).text)


async def test_the_receipt_of_a_call_is_forgotten_after_an_hour(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    path, _ = await log_call(window)
    desk.clock.advance(minutes=61)
    window = await desk.signed_in("op.one")
    page = (await window.get(path.removeprefix("/console"))).text
    assert not DIGITS.findall(page)
    assert "凭证已经收起" in page


async def test_a_form_that_is_sent_twice_makes_one_case(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    first, _ = await log_call(window, form="a" * 32)
    second, page = await log_call(window, form="a" * 32)
    assert first == second
    assert DIGITS.findall(page)
    other, _ = await log_call(await desk.signed_in("op.two"), form="a" * 32)
    assert other != first


async def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    await window.get("/hotline")
    typed = {**CALL, "agree": "", "phone": "", "category": "injury", "confidentiality": "named", "name": ""}
    response = await window.post("/hotline", typed)
    assert response.status_code == 422
    for sentence in ("对方同意才能登记", "请记电话", "实名登记要记姓名"):
        assert sentence in response.text, sentence
    for text in (CALL["narrative"], CALL["place"], CALL["money"]):
        assert text in response.text


async def test_an_injury_is_taken_down_without_the_consent_and_nothing_sensitive_is_kept(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    story = "工地上摔伤了，身份证371702199001011234"
    kept = []
    for consent in ("", "1"):
        fields = {"category": "injury", "accident": "9月3号", "narrative": story, "agree_sensitive": consent}
        path, _ = await log_call(window, **fields)
        async with desk.program.store.read() as work:
            said = await work.cases.statement(path.rpartition("/")[2])
        assert said is not None
        kept.append((said.accident.said, said.narrative))
    assert kept == [("", "工地上摔伤了，身份证[证件号]"), ("9月3号", story)]


async def test_the_operator_reads_how_the_bodies_are_reached(desk: Desk) -> None:
    page = visible((await (await desk.signed_in("op.one")).get("/hotline")).text)
    assert "应急管理局（电话12350）" in page.replace(" ", "")


async def test_an_anonymous_caller_leaves_neither_name_nor_phone(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    path, _ = await log_call(window, confidentiality="anonymous", name="王建国", phone="")
    async with desk.program.store.read() as work:
        said = await work.cases.statement(path.rpartition("/")[2])
    assert said is not None
    assert (said.name, said.phone) == ("", "")


async def test_a_complaint_about_the_union_is_read_out_and_then_out_of_the_operators_sight(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    path, page = await log_call(window, category="union_staff")
    assert DIGITS.findall(page)
    case = await case_of(desk, path)
    assert case.about_union_staff
    await window.post(f"{path.removeprefix('/console')}/told")
    assert (await window.get(path.removeprefix("/console"))).status_code == 404


async def test_a_question_answered_at_once_opens_no_case_and_keeps_no_word(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    await window.get("/hotline")
    fields = {**CALL, "form": "b" * 32, "nature": "consultation", "topic": "wage.arrears"}
    for _ in range(2):
        page = (await window.post("/hotline/answered", fields)).text
    assert "没有立案" in page
    assert "今天当场答复 1 个" in page
    async with desk.program.store.read() as work:
        assert await work.cases.count(desk.staff["sun.jian"].viewer(), CaseFilter()) == 0


async def test_a_question_that_has_to_wait_is_a_case_with_a_day_for_calling_back(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    path, page = await log_call(window, nature="consultation", employer="", place="")
    assert "回您电话" in page
    assert (await case_of(desk, path)).nature is Nature.CONSULTATION


async def test_an_answer_is_looked_up_beside_the_call_with_and_without_scripts(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    await window.get("/hotline")
    whole = await window.post("/hotline/look", {**CALL, "category": "", "question": "没发工资"})
    assert "《" in whole.text
    assert "第" in whole.text
    assert CALL["narrative"] in whole.text
    assert re.search(r'value="wage" selected', whole.text), "the topic of the answer chooses the category"
    part = await window.post("/hotline/look", {"question": "没发工资"}, headers={"x-gonghui": "part"})
    assert "<html" not in part.text
    assert 'data-topic="wage.arrears"' in part.text
    near = await window.post("/hotline/look", {"question": "补偿"}, headers={"x-gonghui": "part"})
    topic = re.search(r'name="topic_asked" value="([^"]+)"', near.text)
    assert topic
    chosen = await window.post("/hotline/look", {"topic_asked": topic[1]}, headers={"x-gonghui": "part"})
    assert f'data-topic="{topic[1]}"' in chosen.text


async def test_a_caller_hears_where_the_case_stands_and_nothing_of_its_content(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    await window.get("/callers")
    page = await window.post("/callers", {"receipt": made.receipt.grouped()})
    assert made.number in page.text
    assert "已登记，等待受理" in page.text
    for secret in ("老板张三", "李四", "13812345678", "花都工地"):
        assert secret not in page.text
    assert made.receipt.reveal() not in str(page.url)
    relayed = await window.post(f"{_here(page.url.path)}/message", {"text": "补充：还有三个人也没发"})
    assert "已转给经办人" in relayed.text
    async with desk.program.store.read() as work:
        messages = await work.messages.of(made.case_id, {Direction.FROM_WORKER})
    assert [(one.text, one.by) for one in messages] == [("补充：还有三个人也没发", desk.staff["op.one"].id)]


async def test_an_awaited_answer_that_a_caller_gives_takes_the_case_on(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    now = desk.clock.now()
    await desk.counter.step(made.case_id, Event.ACCEPT, Event.ASK_WORKER, now=now)
    here = await opened(window, made)
    await window.post(f"{here}/message", {"text": "工资条在这里"})
    assert (await desk.counter.case(made.case_id)).state is State.IN_PROGRESS


async def test_a_withdrawal_needs_the_callers_words_and_a_question_asked_twice(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    here = await opened(window, made)
    page = await window.get(here)
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen
    assert (await window.post(f"{here}/withdraw", {"seen": seen[1], "said": "钱给了"})).status_code == 422
    page = await window.post(f"{here}/withdraw", {"seen": seen[1], "said": "钱给了", "sure": "1"})
    assert "已按本人意思撤回" in page.text
    assert (await desk.counter.case(made.case_id)).state is State.WITHDRAWN


async def test_a_pass_is_good_for_one_operator_and_half_an_hour(desk: Desk) -> None:
    window, other = await desk.signed_in("op.one"), await desk.signed_in("op.two")
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    here = await opened(window, made)
    assert "只保留半小时" in (await other.get(here)).text
    assert "只保留半小时" in (await window.get(f"{here[:-4]}AAAA")).text
    assert "只保留半小时" in (await window.get("/callers/case/中文")).text
    desk.clock.advance(minutes=31)
    window = await desk.signed_in("op.one")
    page = await window.post(f"{here}/message", {"text": "晚了"})
    assert "只保留半小时" in page.text


async def test_operators_guess_no_faster_than_anybody(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    limit = desk.program.desk.numbers.guesses.per_hour
    await window.get("/callers")
    for _ in range(limit):
        response = await window.post("/callers", {"receipt": new_receipt().grouped()})
        assert "没有查到" in response.text
    await window.post("/callers", {"receipt": new_receipt().grouped()})
    slowed = await window.post("/callers", {"receipt": new_receipt().grouped()})
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0
    made = await desk.counter.file(a_filing(), now=desk.clock.now())
    other = await desk.signed_in("op.two")
    assert await opened(other, made), "another operator is not slowed"


async def test_a_case_kept_from_operators_opens_to_no_receipt(desk: Desk) -> None:
    window = await desk.signed_in("op.one")
    made = await desk.counter.file(a_filing(about_union_staff=True), now=desk.clock.now())
    await window.get("/callers")
    page = await window.post("/callers", {"receipt": made.receipt.grouped()})
    assert "没有查到" in page.text
    assert made.number not in page.text


async def test_a_caller_with_the_receipt_may_say_that_it_is_not_solved(desk: Desk) -> None:
    made = await closed(desk, call_back_due=False)
    window = await desk.signed_in("op.one")
    here = await opened(window, made)
    page = await window.get(here)
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen
    none = await window.post(f"{here}/verdict", {"seen": seen[1], "act": "word", "said": "还欠着"})
    assert none.status_code == 422
    assert "还欠着" in none.text
    await window.post(f"{here}/verdict", {"seen": seen[1], "verdict": "not_solved", "again": "not_satisfied"})
    assert (await desk.counter.case(made.case_id)).state is State.IN_PROGRESS


async def test_no_form_of_the_desk_works_without_its_token(desk: Desk) -> None:
    made = await closed(desk)
    window = await desk.signed_in("op.one")
    here = await opened(window, made)
    for path in (
        "/hotline", "/hotline/answered", "/hotline/look", "/callers", f"{here}/message", f"{here}/verdict",
        f"/call-backs/{made.number}/dial", f"/call-backs/{made.number}/word",
    ):  # fmt: skip
        response = await window.post(path, {**CALL, "verdict": "solved", "seen": "1@", "csrftoken": "x"})
        assert response.status_code == 403, path
    assert (await desk.counter.case(made.case_id)).state is State.RESOLVED


async def test_a_cadre_logs_a_visitor_but_reads_no_receipts_of_callers(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    path, page = await log_call(window, channel="visit", nature="suggestion", employer="", place="")
    assert DIGITS.findall(page)
    assert (await case_of(desk, path)).channel == "visit"
    assert (await window.get("/callers")).status_code == 403
    assert (await window.get("/call-backs")).status_code == 403


async def opened(window: Window, made: Registered) -> str:
    """Give the receipt; the address of what it opens."""
    await window.get("/callers")
    page = await window.post("/callers", {"receipt": made.receipt.grouped()})
    assert made.number in page.text, page.text
    return _here(page.url.path)


def _here(path: str) -> str:
    return path.removeprefix("/console")
