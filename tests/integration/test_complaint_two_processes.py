"""Two processes on one PostgreSQL share a dialogue: neither loses what the other was told, and a case is filed once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.answers.keeper import RankerFactory
from bot.app import Program, build
from tests.builders import a_configuration, a_message
from tests.chat import THE_REST, TO_THE_STORY, Worker, receipt_in, registered
from tests.fakes import FakeClock
from tests.postgres import postgres_database

pytestmark = pytest.mark.postgres

TOGETHER = 6


@pytest.fixture
async def processes(postgres: URL, tmp_path: Path, lexical: RankerFactory) -> AsyncIterator[tuple[Program, Program]]:
    """Two programs that have nothing in common but the database and the key ring."""
    with postgres_database(postgres) as url:
        configuration = a_configuration(
            tmp_path, {"backup": {"before_migration": False}}, {"GONGHUI_DATABASE_URL": url}
        )
        clock = FakeClock()
        async with AsyncExitStack() as running:
            first = await running.enter_async_context(build(configuration, clock=clock, rankers=lexical).running())
            second = await running.enter_async_context(build(configuration, clock=clock, rankers=lexical).running())
            yield first, second


async def test_dialogue_goes_on_wherever_the_next_message_arrives(processes: tuple[Program, Program]) -> None:
    texts = (*TO_THE_STORY, *THE_REST, "提交")
    for number, text in enumerate(texts):
        reply = await Worker(processes[number % 2]).says(text)
    [(case, said)] = await registered(processes[0])
    assert said is not None
    assert said.narrative == THE_REST[0]
    assert said.phone == "13800001111"
    assert case.number in (await Worker(processes[1], "somebody").says(receipt_in(reply))).title


async def test_what_is_told_to_both_at_once_is_all_kept(processes: tuple[Program, Program]) -> None:
    """Short messages in a row, as people write them, reach different processes in no order."""
    await Worker(processes[0]).says(*TO_THE_STORY)
    pieces = [f"第{number}件事：老板又拖着不给" for number in range(TOGETHER)]
    await asyncio.gather(*(Worker(processes[n % 2]).says(piece) for n, piece in enumerate(pieces)))
    shown = await Worker(processes[0]).says("没有了", "提交", "提交")
    assert receipt_in(shown)
    [(_, said)] = await registered(processes[0])
    assert said is not None
    assert [piece for piece in pieces if piece not in said.narrative] == []


async def test_repeat_that_reaches_the_other_process_files_once(processes: tuple[Program, Program]) -> None:
    await Worker(processes[0]).says(*TO_THE_STORY, *THE_REST)
    send = a_message("提交")
    replies = await asyncio.gather(*(process.inbox.receive(send) for process in processes))
    assert len(await registered(processes[0])) == 1
    shown = {receipt_in(reply) for reply in replies if reply is not None}
    assert len(shown) == 1


async def test_impatient_worker_who_sends_it_twice_files_once(processes: tuple[Program, Program]) -> None:
    await Worker(processes[0]).says(*TO_THE_STORY, *THE_REST)
    await asyncio.gather(*(Worker(process).says("提交") for process in processes))
    assert len(await registered(processes[0])) == 1
