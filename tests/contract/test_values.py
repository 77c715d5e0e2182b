"""Small sealed values by name."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock


async def save(store: SqlStore, clock: FakeClock, value: str, **lives: float) -> None:
    async with store.write() as work:
        until = clock.now() + timedelta(**lives) if lives else None
        await work.values.save("token", value, clock.now(), until)
        await work.commit()


async def find(store: SqlStore, clock: FakeClock) -> str | None:
    async with store.read() as work:
        return await work.values.find("token", clock.now())


async def test_the_last_value_counts(store: SqlStore, clock: FakeClock) -> None:
    assert await find(store, clock) is None
    await save(store, clock, "一")
    await save(store, clock, "二")
    assert await find(store, clock) == "二"


async def test_a_value_is_gone_at_the_moment_it_expires(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, "一", minutes=5)
    clock.advance(minutes=4, seconds=59)
    assert await find(store, clock) == "一"
    clock.advance(seconds=1)
    assert await find(store, clock) is None


async def test_a_value_without_an_end_replaces_one_with_an_end(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, "一", minutes=5)
    await save(store, clock, "二")
    clock.advance(days=400)
    assert await find(store, clock) == "二"


async def test_deleting_is_safe_to_repeat(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock, "一")
    async with store.write() as work:
        await work.values.delete("token")
        await work.values.delete("token")
        await work.commit()
    assert await find(store, clock) is None


async def test_two_processes_saving_a_new_value_at_once_both_succeed(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    """Two servers that both fetch an access token."""
    stores = [open_store() for _ in range(2)]
    await asyncio.gather(*(save(stores[n % 2], clock, str(n)) for n in range(8)))
    assert await find(stores[0], clock) in map(str, range(8))
