"""The inbox: repeats, crashes, and what is written when."""

import asyncio

from bot.app import Program
from tests.builders import a_message


async def test_second_copy_of_a_message_gets_the_same_reply_and_is_handled_once(program: Program) -> None:
    message = a_message("老板三个月没发工资")
    first = await program.inbox.receive(message)
    second = await program.inbox.receive(message)
    assert first is not None
    assert second == first
    async with program.store.read() as work:
        assert await work.questions.count() == 1


async def test_copies_arriving_together_are_handled_once(program: Program) -> None:
    message = a_message("老板三个月没发工资")
    replies = await asyncio.gather(*(program.inbox.receive(message) for _ in range(5)))
    assert len({reply.question_id for reply in replies if reply}) == 1
    async with program.store.read() as work:
        assert await work.questions.count() == 1
