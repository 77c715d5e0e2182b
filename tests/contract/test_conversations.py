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


async def save(
    store: SqlStore, clock: FakeClock, state: dict[str, Any], person: str = "a", version: int | None = None
) -> bool:
    """Write the state, instead of the one of that version, or of whatever stands there."""
    async with store.write() as work:
        if version is None:
            version = await work.conversations.version(person)
        saved = await work.conversations.save(person, "wechat", state, clock.now(), version)
        if saved:
            await work.commit()
        return saved


async def version_of(store: SqlStore, person: str = "a") -> int:
    async with store.read() as work:
        return await work.conversations.version(person)


async def find(store: SqlStore, clock: FakeClock, person: str = "a", **ago: float) -> dict[str, Any]:
    async with store.read() as work:
        return (await work.conversations.find(person, clock.now() - timedelta(**ago))).state


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


@pytest.mark.parametrize("known", [False, True], ids=["first state", "next state"])
async def test_of_many_processes_that_read_the_same_state_one_writes_the_next(
    open_store: Callable[[], SqlStore], clock: FakeClock, known: bool
) -> None:
    stores = [open_store() for _ in range(3)]
    if known:
        await save(stores[0], clock, STATE)
    version = await version_of(stores[0])
    saved = await asyncio.gather(*(save(stores[n % 3], clock, {"n": n}, version=version) for n in range(9)))
    assert saved.count(True) == 1
    assert await find(stores[0], clock) == {"n": saved.index(True)}


async def test_a_forgotten_state_is_not_written_again_by_who_had_read_it(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    version = await version_of(store)
    async with store.write() as work:
        await work.people.forget("a")
        await work.commit()
    assert not await save(store, clock, STATE, version=version)
    assert await find(store, clock) == {}


async def test_a_state_begun_anew_is_not_taken_for_the_one_before(store: SqlStore, clock: FakeClock) -> None:
    """With versions that are counted, both would be the first."""
    await save(store, clock, STATE)
    version = await version_of(store)
    async with store.write() as work:
        await work.people.forget("a")
        await work.commit()
    await save(store, clock, {"anew": True})
    assert not await save(store, clock, STATE, version=version)
    assert await find(store, clock) == {"anew": True}


async def test_a_state_at_rest_is_replaced_by_who_found_it_empty(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    clock.advance(hours=25)
    async with store.read() as work:
        found = await work.conversations.find("a", clock.now() - timedelta(hours=24))
    assert found.state == {}
    assert await save(store, clock, {"anew": True}, version=found.version)
    assert await find(store, clock) == {"anew": True}


async def test_a_state_from_before_there_were_versions_can_be_replaced(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, STATE)
    async with store.write() as work:
        await work._connection.execute(text("UPDATE conversation SET version = 0"))
        await work.commit()
    assert await save(store, clock, {"choices": []}, version=0)
    assert await find(store, clock) == {"choices": []}


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
