"""The chat in the hands of somebody who means harm: many sessions, a borrowed phone, forged buttons."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.app import Program
from bot.complaints.receipts import new_receipt
from bot.messages import Reply
from bot.site.session import HISTORY
from tests.chat import THE_REST, TO_THE_STORY, Worker, case_of, receipt_in, registered
from tests.fakes import FakeClock
from tests.site import a_client, a_site_program, ask


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


async def remembered(program: Program, person: str) -> str:
    """What is kept of a conversation, as whoever has the keys reads it."""
    async with program.store.read() as work:
        found = await work.conversations.find(person, program.clock.now().replace(year=2000))
    return json.dumps(found.state, ensure_ascii=False)


async def test_a_new_session_for_every_guess_gains_nothing(program: Program) -> None:
    """Whoever forgets the cookie is somebody new to the conversation, but comes from the same address."""
    said = []
    for _ in range(15):
        async with a_client(program) as client:
            said.append(await ask(client, new_receipt().reveal()))
    assert "没有查到" in said[0]
    assert "试得有点快" in said[-1]


async def test_a_new_session_for_every_filing_is_a_flood_all_the_same(program: Program) -> None:
    for _ in range(6):
        async with a_client(program) as client:
            for text in (*TO_THE_STORY, *THE_REST):
                await ask(client, text)
            await ask(client, "提交")
    held = [case.quarantined for case, _ in await registered(program)]
    assert sorted(held) == [False] * 4 + [True] * 2


async def test_the_page_forgets_a_receipt_with_the_next_thing_that_is_said(
    program: Program, client: httpx.AsyncClient
) -> None:
    """It is shown once more on demand; else only its hash exists, in what the page remembers too."""
    for text in (*TO_THE_STORY, *THE_REST):
        await ask(client, text)
    await ask(client, "提交")
    person = program.keys.person(HISTORY, client.cookies["gonghui"])
    page = (await client.get("/chat")).text
    receipt = receipt_in(Reply(text=page))
    after = await ask(client, "记好了")
    assert receipt not in after
    assert receipt.replace(" ", "") not in after
    kept = await remembered(program, person)
    assert receipt not in kept

    opened = await ask(client, receipt)
    assert (await case_of(program, receipt)).number in opened
    assert receipt not in opened
    assert receipt not in await remembered(program, person)


async def test_the_page_forgets_an_opened_case_when_it_closes_by_itself(
    program: Program, client: httpx.AsyncClient, clock: FakeClock
) -> None:
    receipt = await Worker(program, "somebody").files_a_case()
    number = (await case_of(program, receipt)).number
    assert number in await ask(client, receipt)
    assert number in (await client.get("/chat")).text
    clock.advance(minutes=31)
    assert number not in (await client.get("/chat")).text
    assert number not in await ask(client, "谢谢")
    assert number not in await remembered(program, program.keys.person(HISTORY, client.cookies["gonghui"]))


async def test_which_case_was_open_is_not_remembered_for_longer_than_it_is_open(
    program: Program, clock: FakeClock
) -> None:
    """Whoever goes on chatting has no link from account to case for ever."""
    worker = Worker(program, "worker-7")
    receipt = await worker.files_a_case()
    case = (await case_of(program, receipt)).id
    await worker.says(receipt)
    person = program.keys.person("test", "worker-7")
    assert case in await remembered(program, person)
    clock.advance(minutes=31)
    await worker.says("公司三个月没发工资")
    assert case not in await remembered(program, person)
    assert "为了安全已经关上" in (await worker.taps("track:say")).text


async def test_a_forged_button_leaves_nothing_of_its_own_in_a_case(program: Program) -> None:
    """The topic of a case stands in the open: only one that there is gets there."""
    worker = Worker(program, "worker-8")
    await worker.taps("complain:wage_张三的秘密")
    await worker.says(*TO_THE_STORY[1:], *THE_REST, "提交")
    [(case, _)] = await registered(program)
    async with program.store.read() as work:
        topics = [entry.data.get("topic", "") for entry in await work.timeline.of(case.id)]
    assert not any("张三" in topic for topic in topics)
