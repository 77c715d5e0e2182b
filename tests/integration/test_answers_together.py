"""Questions that wait together are answered together, and each gets its own answer."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from bot.answers.ports import Ranked
from bot.app import Program
from tests.fakes import ScriptedRanker


class Counting(ScriptedRanker):
    """Counts how many questions came at a time; one of them is too much for it."""

    def __init__(self) -> None:
        super().__init__({"工资": "wage.arrears", "合同": "contract.double-wage"}, {})
        self.batches: list[int] = []

    def rank_many(self, questions: Sequence[str], allowed: Mapping[str, object]) -> list[Ranked]:
        self.batches.append(len(questions))
        if any("坏" in question for question in questions):
            raise ValueError("broken")
        return super().rank_many(questions, allowed)


async def test_each_question_gets_its_own_answer(program: Program) -> None:
    ranker = Counting()
    program.answers.use(program.answers.base, ranker)
    texts = ["工资没发", "没签合同"] * 20
    answers = await asyncio.gather(*(program.answers.ask(text, program.clock.now()) for text in texts))
    assert [a.reply.topic for a in answers] == ["wage.arrears", "contract.double-wage"] * 20
    assert [a.question for a in answers] == texts
    assert sum(ranker.batches) == 40
    assert len(ranker.batches) < 10


async def test_after_a_fault_the_next_question_is_answered(program: Program) -> None:
    program.answers.use(program.answers.base, Counting())
    with pytest.raises(ValueError, match="broken"):
        await program.answers.ask("坏问题", program.clock.now())
    assert (await program.answers.ask("工资没发", program.clock.now())).reply.topic == "wage.arrears"


async def test_a_question_given_up_does_not_hold_up_the_others(program: Program) -> None:
    """A person who leaves must not take the answers of those who wait beside them."""
    program.answers.use(program.answers.base, Counting())
    given_up = asyncio.create_task(program.answers.ask("工资没发", program.clock.now()))
    other = asyncio.create_task(program.answers.ask("没签合同", program.clock.now()))
    await asyncio.sleep(0)
    given_up.cancel()
    assert (await other).reply.topic == "contract.double-wage"
