"""The consent to passing a matter on, changed on the site without any script, and in the chat."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.app import Program
from tests.chat import Worker, case_of
from tests.fakes import FakeClock
from tests.site import a_client, a_site_program, visible
from tests.site_desk import Filed, file_complaint, hidden, show_receipt

ON_SITE = "/track/consent"


@pytest.fixture
async def site(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(site: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(site) as client:
        yield client


@pytest.fixture
async def filed(site: Program) -> Filed:
    async with a_client(site) as somewhere:
        return await file_complaint(somewhere, pass_to="health")


def ticked(page: str) -> list[str]:
    return re.findall(r'name="pass_to" value="(\w+)" checked', page)


# ---- the site


async def test_the_page_shows_the_consent_and_takes_another(
    client: httpx.AsyncClient, site: Program, filed: Filed
) -> None:
    page = await show_receipt(client, filed.receipt)
    assert ticked(page) == ["health"]
    assert "收不回来" in visible(page)
    data = {"of": hidden(page, "of"), "pass_to": ["inspection", "legal_aid"]}
    done = await client.post(ON_SITE, data=data)
    assert done.headers["location"] == "/track/case?done=consent"
    page = (await client.get("/track/case?done=consent")).text
    assert ticked(page) == ["inspection", "legal_aid"]
    assert "已经按您选的记下" in page
    assert "现在是：人社局劳动保障监察机构、法律援助中心" in visible(page)
    assert (await case_of(site, filed.receipt)).passing_on == ("inspection", "legal_aid")


async def test_nothing_ticked_withdraws_the_consent(client: httpx.AsyncClient, site: Program, filed: Filed) -> None:
    of = hidden(await show_receipt(client, filed.receipt), "of")
    await client.post(ON_SITE, data={"of": of})
    assert (await case_of(site, filed.receipt)).passing_on == ()
    page = (await client.get("/track/case")).text
    assert ticked(page) == []
    assert "现在是：一个也没有" in visible(page)


async def test_a_body_that_is_not_offered_is_refused_in_words(
    client: httpx.AsyncClient, site: Program, filed: Filed
) -> None:
    of = hidden(await show_receipt(client, filed.receipt), "of")
    page = await client.post(ON_SITE, data={"of": of, "pass_to": ["inspection", "press"]})
    assert "重新选一下" in page.text
    assert (await case_of(site, filed.receipt)).passing_on == ("health",)


async def test_no_consent_changes_without_the_receipt_or_from_the_page_of_another_case(
    client: httpx.AsyncClient, site: Program, clock: FakeClock, filed: Filed
) -> None:
    async with a_client(site) as somebody:
        other = await file_complaint(somebody, narrative="另外一件完全不同的事情")
    first = hidden(await show_receipt(client, filed.receipt), "of")
    await show_receipt(client, other.receipt)
    assert "另一个案件" in (await client.post(ON_SITE, data={"of": first})).text
    clock.advance(minutes=31)
    assert (await client.post(ON_SITE, data={"of": first})).headers["location"] == "/track?over=1"
    assert (await case_of(site, filed.receipt)).passing_on == ("health",)
    assert (await case_of(site, other.receipt)).passing_on == ()


# ---- the chat


@pytest.fixture
def worker(program: Program) -> Worker:
    return Worker(program)


async def opened(worker: Worker) -> str:
    receipt = await worker.files_a_case()
    await worker.says(receipt)
    return receipt


async def consent_of(program: Program, receipt: str) -> tuple[str, ...]:
    return (await case_of(program, receipt)).passing_on


ALL = ("inspection", "arbitration", "insurance", "emergency", "health", "housing", "legal_aid")


@pytest.mark.parametrize(
    ("said", "bodies"),
    [
        (("同意转办", "1"), ("inspection",)),
        (("同意转办", "1,3"), ("inspection", "insurance")),
        (("我同意转办", "13"), ("inspection", "insurance")),
        (("同意转办", "卫生健康委"), ("health",)),
        (("同意转办", "都可以"), ALL),
        (("同意转办", "8"), ALL),
        (("同意转办", "8", "撤回同意", "都不同意"), ()),
        (("同意转办", "8", "撤回同意", "撤回同意"), ()),
        (("同意转办", "8", "返回", "撤回转办", "9"), ()),
        (("同意转办", "2", "同意转办", "返回"), ("arbitration",)),
        (("同意转办", "2", "同意转办", "取消"), ("arbitration",)),
    ],
    ids=lambda value: " ".join(value) or "none",
)
async def test_words_and_numbers_change_the_consent(
    worker: Worker, program: Program, said: tuple[str, ...], bodies: tuple[str, ...]
) -> None:
    receipt = await opened(worker)
    await worker.says("撤回同意", "都不同意", *said)
    assert await consent_of(program, receipt) == bodies


async def test_the_question_tells_what_stands_and_what_cannot_be_undone(worker: Worker, program: Program) -> None:
    receipt = await opened(worker)
    asked = await worker.taps("track:consent")
    assert "收不回来" in asked.text
    await worker.says("2")
    told = await worker.says("返回", "同意转办")
    assert "现在同意转给的单位：劳动人事争议仲裁院" in told.text
    unclear = await worker.says("好")
    assert "说清楚是哪些" in unclear.text
    assert await consent_of(program, receipt) == ("arbitration",)
    assert "法律援助中心" in (await worker.says("7")).text
    assert await consent_of(program, receipt) == ("legal_aid",)


async def test_without_an_open_case_the_receipt_is_asked_for(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    stranger = Worker(program, "stranger")
    before = await consent_of(program, receipt)
    for words in ("同意转办", "撤回同意"):
        assert "凭证号" in (await stranger.says(words)).text
    assert "再发一次" in (await stranger.taps("track:consent:all")).text
    assert await consent_of(program, receipt) == before


async def test_a_body_that_was_offered_once_and_is_no_more_is_refused(worker: Worker, program: Program) -> None:
    receipt = await opened(worker)
    before = await consent_of(program, receipt)
    await worker.taps("track:consent")
    assert "重新选一下" in (await worker.taps("track:consent:press")).text
    assert await consent_of(program, receipt) == before
