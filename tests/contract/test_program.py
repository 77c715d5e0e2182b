"""The whole program on every database: it starts empty, answers once, keeps house and is well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Program
from bot.operations import make_health, make_housekeeping
from bot.ops.jobs import run_job
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.operating import a_program


@pytest.fixture
async def programs(empty_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[list[Program]]:
    """Two programs on one database and one key ring, as two processes of one installation."""
    environ = {"GONGHUI_DATABASE_URL": empty_url}
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(a_program(tmp_path, clock, environ=environ).running()) for _ in range(2)]


async def questions(program: Program) -> int:
    async with program.store.read() as work:
        return await work.questions.count()


async def test_a_message_that_reaches_both_processes_is_handled_once(programs: list[Program]) -> None:
    message = a_message("老板三个月没发工资")
    replies = await asyncio.gather(*(program.inbox.receive(message) for program in programs * 4))
    assert len({reply.question_id for reply in replies if reply}) == 1
    assert all(reply and reply.topic == "wage.arrears" for reply in replies)
    assert await questions(programs[0]) == 1


async def test_a_conversation_begun_with_one_process_goes_on_with_the_other(programs: list[Program]) -> None:
    one, other = programs
    asked = await one.inbox.receive(a_message("你好"))
    assert asked is not None
    assert asked.choices
    picked = await other.inbox.receive(a_message("1"))
    assert picked is not None
    assert picked.topic == asked.choices[0].action.removeprefix("entry:")


async def test_many_people_at_once_all_get_their_answer(programs: list[Program]) -> None:
    messages = [a_message("工资", sender=f"worker-{n}") for n in range(40)]
    replies = await asyncio.gather(*(programs[n % 2].inbox.receive(m) for n, m in enumerate(messages)))
    assert [reply.topic for reply in replies if reply] == ["wage.arrears"] * 40
    assert await questions(programs[0]) == 40


async def test_one_person_writing_to_both_processes_at_once_gets_every_answer(programs: list[Program]) -> None:
    messages = [a_message("工资") for _ in range(10)]
    replies = await asyncio.gather(*(programs[n % 2].inbox.receive(m) for n, m in enumerate(messages)))
    assert [reply.topic for reply in replies if reply] == ["wage.arrears"] * 10


async def test_a_change_of_the_base_reaches_the_other_process(programs: list[Program], clock: FakeClock) -> None:
    one, other = programs
    async with one.store.write() as work:
        (source,) = (await work.entries.current()).values()
        await work.entries.save("wage.arrears", source.replace("工资", "工钱"), "editor", clock.now())
        await work.commit()
    assert await other.keeper.refresh()
    async with one.store.read() as work:
        assert other.answers.base.revision == await work.entries.revision()


async def test_housekeeping_forgets_what_is_due(programs: list[Program], clock: FakeClock) -> None:
    await programs[0].inbox.receive(a_message("工资"))
    clock.advance(seconds=timedelta(days=181).total_seconds())
    for program in programs:
        for job in make_housekeeping(program).jobs():
            if job.name != "daily_copy":  # needs pg_dump; tested with the backups
                assert await run_job(job, program.metrics), job.name
    assert await questions(programs[0]) == 0
    async with programs[0].store.read() as work:
        assert (await work.conversations.find(programs[0].keys.person("test", "worker-1"), clock.now())).state == {}


async def test_both_processes_are_well_and_probe_beside_one_another(programs: list[Program], clock: FakeClock) -> None:
    monitors = [make_health(program) for program in programs]
    for _ in range(3):
        seen = await asyncio.gather(*(monitor.check() for monitor in monitors))
        assert [health.is_well for health in seen] == [True, True]
        clock.advance(minutes=1)
