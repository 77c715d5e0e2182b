"""Recorded questions and votes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.store.questions import RecordedQuestion
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock


async def record(store: SqlStore, clock: FakeClock, id: str, **fields: object) -> None:
    values: dict[str, object] = {
        "asked_at": clock.now(),
        "channel": "wechat",
        "person": "a",
        "text": "老板不发工资",
        "outcome": "answer",
        "reason": "",
        "topics": ("wage.arrears", "wage.minimum"),
        "scores": (0.93, 0.04),
        "base": "revision",
    }
    async with store.write() as work:
        await work.questions.record(id=id, **{**values, **fields})  # type: ignore[arg-type]
        await work.commit()


async def vote(store: SqlStore, clock: FakeClock, *, helpful: bool, person: str = "a", question: str = "q") -> None:
    async with store.write() as work:
        await work.votes.cast(
            person=person, topic="wage.arrears", question=question, channel="site", helpful=helpful, now=clock.now()
        )
        await work.commit()


async def tally(store: SqlStore) -> tuple[int, int]:
    async with store.read() as work:
        return await work.votes.tally("wage.arrears")


async def test_a_question_comes_back_as_recorded(store: SqlStore, clock: FakeClock) -> None:
    await record(store, clock, "q")
    async with store.read() as work:
        found = await work.questions.recent(10)
    assert found == [
        RecordedQuestion(
            id="q",
            asked_at=clock.now(),
            channel="wechat",
            text="老板不发工资",
            outcome="answer",
            reason="",
            topics=("wage.arrears", "wage.minimum"),
            scores=(0.93, 0.04),
            helpful=None,
        )
    ]


async def test_recent_questions_come_newest_first_with_their_votes(store: SqlStore, clock: FakeClock) -> None:
    for number in range(3):
        await record(store, clock, f"q{number}")
        clock.advance(minutes=1)
    await vote(store, clock, helpful=False, question="q1")
    async with store.read() as work:
        found = await work.questions.recent(2)
    assert [(question.id, question.helpful) for question in found] == [("q2", None), ("q1", False)]


async def test_frequent_topics_count_the_first_topic_of_answers_since_then(store: SqlStore, clock: FakeClock) -> None:
    await record(store, clock, "old", topics=("contract.none",))
    clock.advance(days=8)
    for id, topics in [("1", ("wage.arrears",)), ("2", ("wage.arrears", "injury.apply")), ("3", ("injury.apply",))]:
        await record(store, clock, id, topics=topics)
    await record(store, clock, "4", topics=("contract.none",), outcome="suggest")
    await record(store, clock, "5", topics=())
    async with store.read() as work:
        since = clock.now() - timedelta(days=7)
        assert await work.questions.frequent_topics(since, 5) == ["wage.arrears", "injury.apply"]
        assert await work.questions.frequent_topics(since, 1) == ["wage.arrears"]


async def test_only_questions_past_their_retention_are_deleted(store: SqlStore, clock: FakeClock) -> None:
    await record(store, clock, "old")
    clock.advance(days=180)
    await record(store, clock, "new")
    async with store.write() as work:
        assert await work.questions.delete_before(clock.now()) == 1
        await work.commit()
    async with store.read() as work:
        assert await work.questions.count() == 1
        assert [question.id for question in await work.questions.recent(9)] == ["new"]


async def test_the_last_vote_of_a_person_counts(store: SqlStore, clock: FakeClock) -> None:
    await vote(store, clock, helpful=True)
    await vote(store, clock, helpful=True, person="b")
    assert await tally(store) == (2, 0)
    await vote(store, clock, helpful=False)
    assert await tally(store) == (1, 1)


async def test_an_entry_nobody_voted_on_has_no_votes(store: SqlStore) -> None:
    assert await tally(store) == (0, 0)


async def test_one_person_tapping_twice_at_once_is_one_vote(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(2)]
    await asyncio.gather(*(vote(stores[n % 2], clock, helpful=True) for n in range(8)))
    assert await tally(stores[0]) == (1, 0)
