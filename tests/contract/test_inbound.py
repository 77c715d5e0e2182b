"""Inbound messages: each is kept once, with one prepared reply, and forgotten in time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.errors import CannotOpen
from bot.messages import Choice, Link, Reply
from bot.store.inbound import Prepared
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock

REPLY = Reply(text="工资应当按时足额发。", links=(Link("更多", "/faq/a"),), choices=(Choice("加班", "entry:a"),))


async def keep(  # noqa: PLR0913 - what a row is made of
    store: SqlStore,
    clock: FakeClock,
    key: str = "m1",
    *,
    channel: str = "wechat",
    reply: Reply | None = REPLY,
    within: timedelta | None = None,
) -> bool:
    async with store.write() as work:
        limit = {"forget_before": clock.now() - within} if within else {}
        kept = await work.inbound.keep(channel, key, "person", reply, clock.now(), **limit)
        if kept:
            await work.commit()
        return kept


async def find(store: SqlStore, key: str = "m1", **limit: datetime) -> Prepared | None:
    async with store.read() as work:
        return await work.inbound.find("wechat", key, **limit)


async def test_a_new_message_is_kept_and_a_known_one_is_not(store: SqlStore, clock: FakeClock) -> None:
    assert await keep(store, clock)
    assert not await keep(store, clock)


async def test_the_same_key_in_another_channel_is_another_message(store: SqlStore, clock: FakeClock) -> None:
    assert await keep(store, clock)
    assert await keep(store, clock, channel="site")


async def test_exactly_one_of_many_processes_keeps_a_message(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(4)]
    replies = [Reply(text=f"第{n}个进程的答复") for n in range(24)]
    kept = await asyncio.gather(*(keep(stores[n % 4], clock, reply=reply) for n, reply in enumerate(replies)))
    assert kept.count(True) == 1
    found = await find(stores[0])
    assert found is not None
    assert found.reply == replies[kept.index(True)]


async def test_what_was_not_committed_is_unknown(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        assert await work.inbound.keep("wechat", "m1", "person", REPLY, clock.now())
    assert await find(store) is None
    assert await keep(store, clock)


async def test_an_unknown_message_is_not_found(store: SqlStore) -> None:
    assert await find(store) is None


@pytest.mark.parametrize("reply", [REPLY, None], ids=["reply", "silence"])
async def test_the_prepared_reply_comes_back_as_it_was(store: SqlStore, clock: FakeClock, reply: Reply | None) -> None:
    await keep(store, clock, reply=reply)
    assert await find(store) == Prepared(clock.now(), reply)


async def test_a_message_older_than_the_window_is_not_found(store: SqlStore, clock: FakeClock) -> None:
    await keep(store, clock)
    assert await find(store, not_before=clock.now())
    assert await find(store, not_before=clock.now() + timedelta(microseconds=1)) is None


async def test_a_message_older_than_the_window_gives_way_to_the_new_one(store: SqlStore, clock: FakeClock) -> None:
    ten_minutes = timedelta(minutes=10)
    await keep(store, clock)
    clock.advance(minutes=10)
    assert not await keep(store, clock, within=ten_minutes)
    clock.advance(seconds=1)
    assert await keep(store, clock, within=ten_minutes, reply=Reply(text="新的"))
    assert await find(store) == Prepared(clock.now(), Reply(text="新的"))
    assert not await keep(store, clock, within=ten_minutes)


async def test_exactly_one_of_many_processes_renews_a_message_older_than_the_window(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(4)]
    await keep(stores[0], clock)
    clock.advance(minutes=11)
    window = timedelta(minutes=10)
    kept = await asyncio.gather(*(keep(stores[n % 4], clock, within=window) for n in range(12)))
    assert kept.count(True) == 1


async def test_only_messages_older_than_the_moment_are_deleted(store: SqlStore, clock: FakeClock) -> None:
    await keep(store, clock, "old")
    clock.advance(minutes=10)
    await keep(store, clock, "new")
    async with store.write() as work:
        assert await work.inbound.delete_before(clock.now()) == 1
        await work.commit()
    assert await find(store, "old") is None
    assert await find(store, "new") is not None


async def test_a_reply_moved_to_another_message_cannot_be_opened(store: SqlStore, clock: FakeClock) -> None:
    await keep(store, clock)
    await keep(store, clock, "m2")
    async with store.write() as work:
        await work._connection.execute(
            text("UPDATE inbound SET reply = (SELECT reply FROM inbound WHERE key = 'm1') WHERE key = 'm2'")
        )
        await work.commit()
    with pytest.raises(CannotOpen):
        await find(store, "m2")


@pytest.mark.parametrize("key", ["含中文", "a:b:c", "' OR 1=1 --", "x" * 255], ids=["chinese", "colons", "sql", "long"])
async def test_any_key_a_vendor_invents_is_kept_apart(store: SqlStore, clock: FakeClock, key: str) -> None:
    assert await keep(store, clock, key)
    assert not await keep(store, clock, key)
    assert await keep(store, clock, "another")
