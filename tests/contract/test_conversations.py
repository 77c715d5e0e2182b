"""Conversations: the last state counts, nobody else reads it, rest makes it go."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.errors import CannotOpen
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock

STATE = {"choices": [["拖欠工资怎么办", "entry:wage.arrears"]], "answered": {"topic": "wage.arrears", "question": "1"}}


async def save(store: SqlStore, clock: FakeClock, state: dict[str, Any], person: str = "a") -> None:
    async with store.write() as work:
        await work.conversations.save(person, "wechat", state, clock.now())
        await work.commit()


async def find(store: SqlStore, clock: FakeClock, person: str = "a", **ago: float) -> dict[str, Any]:
    async with store.read() as work:
        return await work.conversations.find(person, clock.now() - timedelta(**ago))


async def test_a_state_comes_back_as_it_was(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    assert await find(store, clock) == STATE


async def test_an_unknown_person_has_an_empty_state(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    assert await find(store, clock, person="b") == {}


async def test_the_last_state_counts(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    await save(store, clock, {"choices": []})
    assert await find(store, clock) == {"choices": []}


async def test_a_state_older_than_asked_for_is_forgotten(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    clock.advance(hours=24)
    assert await find(store, clock, hours=24) == STATE
    clock.advance(seconds=1)
    assert await find(store, clock, hours=24) == {}


async def test_two_first_messages_of_one_person_at_once_both_succeed(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    """Each is in another process, and neither finds a row to update."""
    stores = [open_store() for _ in range(2)]
    await asyncio.gather(*(save(stores[n % 2], clock, {"n": n}) for n in range(8)))
    assert (await find(stores[0], clock))["n"] in range(8)


async def test_conversations_at_rest_are_deleted(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE, "old")
    clock.advance(hours=24)
    await save(store, clock, STATE, "new")
    async with store.write() as work:
        assert await work.conversations.delete_before(clock.now()) == 1
        await work.commit()
    assert await find(store, clock, "old", hours=48) == {}
    assert await find(store, clock, "new") == STATE


async def test_a_state_moved_to_another_person_cannot_be_opened(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE, "a")
    await save(store, clock, {}, "b")
    async with store.write() as work:
        await work._connection.execute(
            text("UPDATE conversation SET state = (SELECT state FROM conversation WHERE person = 'a')")
        )
        await work.commit()
    with pytest.raises(CannotOpen):
        await find(store, clock, "b")
