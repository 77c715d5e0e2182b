"""Following on the site: the receipt opens one case, for a while, in one browser, and what is written there arrives."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bot.app import Program
from bot.complaints.cases import Case, CaseMessage, Direction
from bot.complaints.lifecycle import Progress, State, Verdict
from bot.complaints.receipts import new_receipt
from bot.complaints.worker.proofs import check_content, check_proof
from tests.fakes import FakeClock
from tests.site import a_client, a_site_program, visible
from tests.site_desk import NAME, PHONE, STORY, Filed, a_photo, file_complaint, hidden, show_receipt, what_is_typed


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


@pytest.fixture
async def filed(program: Program) -> Filed:
    async with a_client(program) as somewhere:
        return await file_complaint(somewhere, [("工资条.jpg", a_photo(b"somewhere in Heze"))])


async def the_case(program: Program, filed: Filed) -> Case:
    async with program.store.read() as work:
        case = await work.cases.find_receipt(program.keys.index_all("receipt", filed.receipt))
    assert case is not None
    return case


async def messages_of(program: Program, filed: Filed) -> list[str]:
    case = await the_case(program, filed)
    async with program.store.read() as work:
        return [message.text for message in await work.messages.of(case.id)]


async def the_union_says(program: Program, filed: Filed, text: str) -> None:
    case = await the_case(program, filed)
    message = CaseMessage(
        id=uuid4().hex, sent_at=program.clock.now(), by="staff", direction=Direction.TO_WORKER, text=text
    )
    async with program.store.write() as work:
        await work.messages.add(case.id, message)
        await work.commit()


async def bring_to(program: Program, filed: Filed, state: State) -> None:
    case = await the_case(program, filed)
    async with program.store.write() as work:
        await work.cases.change(case, program.clock.now(), progress=replace(Progress(), state=state, outcome="paid"))
        await work.commit()


async def test_the_receipt_opens_its_case_however_it_is_typed(client: httpx.AsyncClient, filed: Filed) -> None:
    grouped = "-".join(filed.receipt[start : start + 4] for start in range(0, 16, 4))
    page = visible(await show_receipt(client, f"凭证号：{grouped}"))
    assert STORY in page
    assert "已登记" in page
    assert "工资条.jpg" in page
    assert "2026年7月" in page


async def test_the_page_shows_neither_name_nor_number_nor_receipt_and_no_browser_keeps_it(
    client: httpx.AsyncClient, filed: Filed
) -> None:
    await show_receipt(client, filed.receipt)
    for path in ("/track/case", "/track/copy", "/track/correct", "/track/proof", "/track/proof/file"):
        response = await client.get(path)
        assert response.status_code == 200, path
        assert response.headers["cache-control"] == "no-store"
        for secret in (NAME, PHONE, filed.receipt):
            assert secret not in re.sub(r"\s", "", response.text), path


async def test_a_wrong_receipt_tells_what_is_wrong_and_opens_nothing(client: httpx.AsyncClient) -> None:
    wrong = "1234567890123457"
    assert "有数字不对" in await show_receipt(client, wrong)
    assert "位数不对" in await show_receipt(client, "12345678901234")
    assert "没有看到" in await show_receipt(client, "忘了")
    page = await show_receipt(client, new_receipt().grouped())
    assert "没有查到" in page
    assert (await client.get("/track/case")).headers["location"] == "/track?over=1"


async def test_guessing_is_slowed_and_never_refused(client: httpx.AsyncClient, clock: FakeClock, filed: Filed) -> None:
    answers = [await client.post("/track", data={"receipt": new_receipt().reveal()}) for _ in range(14)]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed
    assert int(slowed[0].headers["retry-after"]) > 0
    clock.advance(minutes=61)
    assert STORY in await show_receipt(client, filed.receipt)


async def test_a_case_closes_by_itself_and_by_leaving(
    client: httpx.AsyncClient, clock: FakeClock, filed: Filed
) -> None:
    await show_receipt(client, filed.receipt)
    clock.advance(minutes=29)
    assert (await client.get("/track/case")).status_code == 200
    clock.advance(minutes=29)
    assert (await client.get("/track/case")).status_code == 200
    clock.advance(minutes=31)
    assert (await client.get("/track/case")).status_code == 303
    await show_receipt(client, filed.receipt)
    left = await client.post("/track/leave", follow_redirects=True)
    assert "已经离开" in left.text
    assert (await client.get("/track/case")).status_code == 303


async def test_nobody_follows_longer_than_some_hours_without_the_receipt(
    client: httpx.AsyncClient, clock: FakeClock, filed: Filed
) -> None:
    await show_receipt(client, filed.receipt)
    for _ in range(9):
        clock.advance(minutes=25)
        assert (await client.get("/track/case")).status_code == 200
    clock.advance(minutes=25)
    assert (await client.get("/track/case")).status_code == 303


async def test_what_a_browser_holds_cannot_be_made_or_kept(
    client: httpx.AsyncClient, program: Program, clock: FakeClock, filed: Filed
) -> None:
    """A planted token is never the one that is used, and an old one is worth nothing."""
    planted = "A" * 80
    client.cookies.set("gonghui-case", planted, domain="site.test", path="/")
    assert (await client.get("/track/case")).status_code == 303
    await show_receipt(client, filed.receipt)
    mine = client.cookies["gonghui-case"]
    assert mine != planted
    assert (await the_case(program, filed)).id not in mine
    async with a_client(program) as thief:
        thief.cookies["gonghui-case"] = mine[:-6] + "AAAAA="
        assert (await thief.get("/track/case")).status_code == 303
        clock.advance(minutes=31)
        thief.cookies["gonghui-case"] = mine
        assert (await thief.get("/track/case")).status_code == 303


async def test_messages_go_both_ways(client: httpx.AsyncClient, program: Program, filed: Filed) -> None:
    await the_union_says(program, filed, "请把考勤表拍来")
    page = await show_receipt(client, filed.receipt)
    assert "请把考勤表拍来" in page
    files = [("files", ("考勤.jpg", a_photo()))]
    sent = await client.post("/track/say", data={"of": hidden(page, "of"), "text": "发来了"}, files=files)
    assert sent.headers["location"] == "/track/case?done=say#messages"
    page = visible((await client.get("/track/case?done=say")).text)
    assert "已经发给工会" in page
    assert "发来了" in page
    assert "考勤.jpg" in page
    assert await messages_of(program, filed) == ["请把考勤表拍来", "发来了"]


async def test_who_writes_of_danger_sees_the_numbers_to_call_for_a_day(
    client: httpx.AsyncClient, filed: Filed, clock: FakeClock
) -> None:
    """A cadre reads the message in office hours."""
    page = await show_receipt(client, filed.receipt)
    assert "心理援助热线" not in visible(page)
    said = {"of": hidden(page, "of"), "text": "再不给钱我就从楼上跳下去，不想活了"}
    assert "心理援助热线" in visible((await client.post("/track/say", data=said, follow_redirects=True)).text)
    clock.advance(days=1, minutes=1)
    assert "心理援助热线" not in visible(await show_receipt(client, filed.receipt))


async def test_an_empty_message_and_a_bad_file_are_told(client: httpx.AsyncClient, filed: Filed) -> None:
    of = hidden(await show_receipt(client, filed.receipt), "of")
    assert "还没有写字" in (await client.post("/track/say", data={"of": of, "text": " "})).text
    files = [("files", ("x.exe", b"MZ"))]
    page = (await client.post("/track/say", data={"of": of, "text": ""}, files=files)).text
    assert "x.exe" in page
    assert "没有收下" in page


async def test_what_is_written_after_the_case_closed_by_itself_is_not_lost(
    client: httpx.AsyncClient, clock: FakeClock, filed: Filed
) -> None:
    of = hidden(await show_receipt(client, filed.receipt), "of")
    clock.advance(minutes=31)
    page = (await client.post("/track/say", data={"of": of, "text": "写了半个钟头的话"})).text
    assert "重新输入登记凭证" in page
    carried = {"page": hidden(page, "page"), "text": hidden(page, "text")}
    page = (await client.post("/track", data={**carried, "receipt": "12"})).text
    assert hidden(page, "text") == "写了半个钟头的话"
    page = (await client.post("/track", data={**carried, "receipt": filed.receipt})).text
    assert ">写了半个钟头的话</textarea>" in page


async def test_corrections_written_after_the_case_closed_by_itself_are_not_lost(
    client: httpx.AsyncClient, clock: FakeClock, filed: Filed
) -> None:
    await show_receipt(client, filed.receipt)
    of = hidden((await client.get("/track/correct")).text, "of")
    clock.advance(minutes=31)
    typed = {"of": of, "narrative": "想清楚了再说一遍", "employer": "另一家"}
    page = (await client.post("/track/correct", data=typed)).text
    carried = {name: hidden(page, name) for name in ("page", "narrative", "employer")}
    page = (await client.post("/track", data={**carried, "receipt": filed.receipt})).text
    assert ">想清楚了再说一遍</textarea>" in page
    assert 'value="另一家"' in page


async def test_a_form_of_one_case_never_reaches_another(
    client: httpx.AsyncClient, program: Program, filed: Filed
) -> None:
    async with a_client(program) as somebody:
        other = await file_complaint(somebody, narrative="另外一件完全不同的事情")
    first = hidden(await show_receipt(client, filed.receipt), "of")
    await show_receipt(client, other.receipt)
    page = (await client.post("/track/say", data={"of": first, "text": "给第一件的话"})).text
    assert "另一个案件" in page
    assert await messages_of(program, filed) == []
    assert await messages_of(program, other) == []
    for deed in ("withdraw", "delete"):
        await client.post(f"/track/{deed}", data={"of": first})
    assert (await the_case(program, filed)).state is State.REGISTERED
    assert (await the_case(program, other)).state is State.REGISTERED


async def test_what_was_said_is_corrected_and_the_rest_stays(
    client: httpx.AsyncClient, program: Program, filed: Filed
) -> None:
    await show_receipt(client, filed.receipt)
    page = (await client.get("/track/correct")).text
    assert f">{STORY}</textarea>" in page
    typed = {name: text for name, text in what_is_typed().items() if name not in ("name", "phone")}
    typed |= {"of": hidden(page, "of"), "money": "一万五", "phone": "15800001111"}
    done = await client.post("/track/correct", data=typed)
    assert done.headers["location"] == "/track/case?done=correct", done.text
    case = await the_case(program, filed)
    async with program.store.read() as work:
        versions = [one.statement for one in await work.cases.statements(case.id)]
    assert [version.money.low for version in versions] == [1_200_000, 1_500_000]
    assert (versions[-1].phone, versions[-1].name) == ("15800001111", NAME)
    assert versions[-1].since == versions[0].since


@pytest.mark.parametrize("agreed", ["", "1"])
async def test_the_day_of_an_injury_is_corrected_only_with_the_consent_to_sensitive_data(
    client: httpx.AsyncClient, program: Program, agreed: str
) -> None:
    filed = await file_complaint(client, agree_sensitive=agreed)
    await show_receipt(client, filed.receipt)
    page = (await client.get("/track/correct")).text
    assert ('name="accident"' in page) is bool(agreed)
    assert ("登记时没有同意使用敏感信息" in page) is not bool(agreed)
    typed = {**what_is_typed(accident="9月3号", wish="赔医药费"), "of": hidden(page, "of")}
    await client.post("/track/correct", data=typed)
    async with program.store.read() as work:
        case = await work.cases.find_receipt(program.keys.index_all("receipt", filed.receipt))
        assert case is not None
        said = await work.cases.statement(case.id)
    assert said is not None
    assert (said.wish, said.accident.said) == ("赔医药费", "9月3号" if agreed else "")


async def test_a_faulty_correction_keeps_what_was_typed(client: httpx.AsyncClient, filed: Filed) -> None:
    await show_receipt(client, filed.receipt)
    of = hidden((await client.get("/track/correct")).text, "of")
    page = (
        await client.post("/track/correct", data={"of": of, "narrative": "", "phone": "1", "wish": "还是要钱"})
    ).text
    for name in ("narrative", "phone", "employer"):
        assert f'<a href="#{name}">' in page
    assert ">还是要钱</textarea>" in page


async def test_withdrawing_and_taking_up_again(client: httpx.AsyncClient, program: Program, filed: Filed) -> None:
    of = hidden(await show_receipt(client, filed.receipt), "of")
    assert (await client.post("/track/withdraw", data={"of": of})).headers["location"].endswith("done=withdraw")
    assert (await the_case(program, filed)).state is State.WITHDRAWN
    assert "您撤回了这件事" in (await client.get("/track/case")).text
    assert (await client.post("/track/restore", data={"of": of})).headers["location"].endswith("done=restore")
    assert (await the_case(program, filed)).state is State.REGISTERED
    refused = await client.post("/track/restore", data={"of": of})
    assert refused.status_code == 200
    assert "办不了" in refused.text


async def test_deletion_is_asked_for_and_told_what_is_kept(client: httpx.AsyncClient, filed: Filed) -> None:
    page = await show_receipt(client, filed.receipt)
    assert "只作统计" in page
    await client.post("/track/delete", data={"of": hidden(page, "of")})
    assert "已经记下，等工会处理" in (await client.get("/track/case")).text


async def test_the_worker_says_whether_it_helped(client: httpx.AsyncClient, program: Program, filed: Filed) -> None:
    assert "这件事解决了吗" not in await show_receipt(client, filed.receipt)
    await bring_to(program, filed, State.RESOLVED)
    page = (await client.get("/track/case")).text
    assert "这件事解决了吗" in page
    of = hidden(page, "of")
    assert "请在三项里选一项" in (await client.post("/track/verdict", data={"of": of, "comment": "谢谢"})).text
    done = await client.post("/track/verdict", data={"of": of, "verdict": "partly", "comment": "还差一个月"})
    assert done.headers["location"].endswith("done=verdict")
    case = await the_case(program, filed)
    assert (case.state, case.progress.verdict) == (State.FOLLOWED_UP, Verdict.PARTLY)


async def test_own_files_are_handed_out_for_saving_only(
    client: httpx.AsyncClient, program: Program, filed: Filed
) -> None:
    page = await show_receipt(client, filed.receipt)
    address = re.search(r'href="(/track/file/[0-9a-f]{32})"', page)
    assert address
    file = await client.get(address[1])
    assert file.content == a_photo(b"somewhere in Heze")
    assert file.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in file.headers["content-security-policy"]
    async with a_client(program) as other:
        mine = await file_complaint(other)
        await show_receipt(other, mine.receipt)
        assert (await other.get(address[1])).status_code == 404
    async with a_client(program) as nobody:
        assert (await nobody.get(address[1])).status_code == 303


async def test_a_proof_is_checked_by_anybody_and_tells_nothing_else(
    client: httpx.AsyncClient, program: Program, filed: Filed
) -> None:
    await show_receipt(client, filed.receipt)
    document = (await client.get("/track/proof/file")).text
    content = (await client.get("/track/proof/content")).content
    number = (await the_case(program, filed)).number
    assert check_proof(program.keys, document).holds
    assert check_content(document, content)
    assert filed.receipt not in document
    code = re.search(r"GHP1\.[A-Za-z0-9_-]+", (await client.get("/track/proof")).text)
    assert code
    async with a_client(program) as anybody:
        for page in (
            await anybody.post("/proof", data={"proof": document}),
            await anybody.post("/proof", files={"file": ("proof.json", document.encode())}),
            await anybody.get("/proof", params={"code": code[0]}),
        ):
            assert "这份证明是真的" in page.text
            assert number in page.text
            assert STORY not in page.text
        changed = json.dumps({**json.loads(document), "number": "HZ261122-000001"})
        for text in (changed, "GHP1.nonsense", "", "{" * 500, "x" * 30_000):
            page = await anybody.post("/proof", data={"proof": text})
            assert page.status_code == 200
            assert "查验没有通过" in page.text


async def test_nothing_of_a_case_stands_in_the_log(
    client: httpx.AsyncClient, program: Program, filed: Filed, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await show_receipt(client, filed.receipt)
    await client.post("/track/say", data={"of": hidden(page, "of"), "text": "只给工会看的话"})
    await client.get("/track/proof")
    log = capsys.readouterr()
    for secret in (filed.receipt, STORY, NAME, PHONE, "只给工会看的话", "127.0.0.1"):
        assert secret not in log.out + log.err
