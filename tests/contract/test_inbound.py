"""Inbound messages: one claim, one prepared reply, one heir when a process dies."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.errors import CannotOpen
from bot.messages import Choice, Link, Reply
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock

REPLY = Reply(text="工资应当按时足额发。", links=(Link("更多", "/faq/a"),), choices=(Choice("加班", "entry:a"),))


async def claim(store: SqlStore, clock: FakeClock, key: str = "m1", channel: str = "wechat") -> str | None:
    async with store.write() as work:
        token = await work.inbound.claim(channel, key, "person", clock.now())
        if token is not None:
            await work.commit()
        return token


async def finish(store: SqlStore, clock: FakeClock, token: str, reply: Reply | None = REPLY, key: str = "m1") -> bool:
    async with store.write() as work:
        done = await work.inbound.finish("wechat", key, token, reply, clock.now())
        await work.commit()
        return done


async def test_a_new_message_is_claimed_and_a_known_one_is_not(store: SqlStore, clock: FakeClock) -> None:
    assert await claim(store, clock)
    assert await claim(store, clock) is None


async def test_the_same_key_in_another_channel_is_another_message(store: SqlStore, clock: FakeClock) -> None:
    assert await claim(store, clock)
    assert await claim(store, clock, channel="site")


async def test_exactly_one_of_many_processes_claims_a_message(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(4)]
    claims = await asyncio.gather(*(claim(stores[n % 4], clock) for n in range(24)))
    assert len([token for token in claims if token]) == 1


async def test_a_claim_that_was_not_committed_binds_nobody(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        assert await work.inbound.claim("wechat", "m1", "person", clock.now())
    assert await claim(store, clock)


async def test_an_unknown_message_is_not_found(store: SqlStore) -> None:
    async with store.read() as work:
        assert await work.inbound.find("wechat", "m1") is None


async def test_a_claimed_message_is_not_finished(store: SqlStore, clock: FakeClock) -> None:
    await claim(store, clock)
    async with store.read() as work:
        found = await work.inbound.find("wechat", "m1")
    assert found is not None
    assert (found.finished, found.reply, found.claimed_at) == (False, None, clock.now())


@pytest.mark.parametrize("reply", [REPLY, None], ids=["reply", "silence"])
async def test_the_prepared_reply_comes_back_as_it_was(store: SqlStore, clock: FakeClock, reply: Reply | None) -> None:
    token = await claim(store, clock)
    assert token
    assert await finish(store, clock, token, reply)
    async with store.read() as work:
        found = await work.inbound.find("wechat", "m1")
    assert found is not None
    assert (found.finished, found.reply) == (True, reply)


async def test_only_the_holder_of_the_claim_finishes_and_only_once(store: SqlStore, clock: FakeClock) -> None:
    token = await claim(store, clock)
    assert token
    assert not await finish(store, clock, "somebody else's claim")
    assert await finish(store, clock, token)
    assert not await finish(store, clock, token)


async def take_over(store: SqlStore, clock: FakeClock, after: float = 8) -> str | None:
    async with store.write() as work:
        since = clock.now() - timedelta(seconds=after)
        token = await work.inbound.take_over("wechat", "m1", since, clock.now())
        await work.commit()
        return token


async def test_a_fresh_claim_is_not_taken_over(store: SqlStore, clock: FakeClock) -> None:
    await claim(store, clock)
    clock.advance(seconds=8)
    assert await take_over(store, clock) is None
    clock.advance(seconds=1)
    assert await take_over(store, clock)


async def test_exactly_one_of_many_processes_takes_a_dead_claim_over(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(4)]
    await claim(stores[0], clock)
    clock.advance(seconds=9)
    tokens = await asyncio.gather(*(take_over(stores[n % 4], clock) for n in range(12)))
    assert len([token for token in tokens if token]) == 1


async def test_who_lost_the_claim_can_no_longer_finish(store: SqlStore, clock: FakeClock) -> None:
    """A process that was only slow must not write its effects beside those of its heir."""
    old = await claim(store, clock)
    clock.advance(seconds=9)
    new = await take_over(store, clock)
    assert old
    assert new
    assert not await finish(store, clock, old)
    assert await finish(store, clock, new)


async def test_a_finished_message_is_not_taken_over(store: SqlStore, clock: FakeClock) -> None:
    token = await claim(store, clock)
    assert token
    await finish(store, clock, token)
    clock.advance(minutes=5)
    assert await take_over(store, clock) is None


async def test_only_messages_older_than_the_moment_are_deleted(store: SqlStore, clock: FakeClock) -> None:
    await claim(store, clock, "old")
    clock.advance(minutes=10)
    await claim(store, clock, "new")
    async with store.write() as work:
        assert await work.inbound.delete_before(clock.now()) == 1
        await work.commit()
    async with store.read() as work:
        assert await work.inbound.find("wechat", "old") is None
        assert await work.inbound.find("wechat", "new") is not None


async def test_a_reply_moved_to_another_message_cannot_be_opened(store: SqlStore, clock: FakeClock) -> None:
    token = await claim(store, clock)
    assert token
    await finish(store, clock, token)
    await claim(store, clock, "m2")
    async with store.write() as work:
        await work._connection.execute(
            text("UPDATE inbound SET reply = (SELECT reply FROM inbound WHERE key = 'm1') WHERE key = 'm2'")
        )
        await work.commit()
    async with store.read() as work:
        with pytest.raises(CannotOpen):
            await work.inbound.find("wechat", "m2")


async def test_a_message_repeated_after_the_window_is_a_new_one(store: SqlStore, clock: FakeClock) -> None:
    token = await claim(store, clock)
    assert token
    await finish(store, clock, token)
    clock.advance(minutes=10)
    assert await claim_again(store, clock, window=timedelta(minutes=10)) is None
    clock.advance(seconds=1)
    assert await claim_again(store, clock, window=timedelta(minutes=10))
    async with store.read() as work:
        found = await work.inbound.find("wechat", "m1")
    assert found is not None
    assert (found.finished, found.reply) == (False, None)


async def test_exactly_one_process_claims_a_message_repeated_after_the_window(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(4)]
    await claim(stores[0], clock)
    clock.advance(minutes=11)
    window = timedelta(minutes=10)
    claims = await asyncio.gather(*(claim_again(stores[n % 4], clock, window) for n in range(12)))
    assert len([token for token in claims if token]) == 1


async def claim_again(store: SqlStore, clock: FakeClock, window: timedelta) -> str | None:
    async with store.write() as work:
        token = await work.inbound.claim("wechat", "m1", "person", clock.now(), forget_before=clock.now() - window)
        await work.commit()
        return token


@pytest.mark.parametrize("key", ["含中文", "a:b:c", "' OR 1=1 --", "x" * 255], ids=["chinese", "colons", "sql", "long"])
async def test_any_key_a_vendor_invents_is_kept_apart(store: SqlStore, clock: FakeClock, key: str) -> None:
    assert await claim(store, clock, key)
    assert await claim(store, clock, key) is None
    assert await claim(store, clock, "another")
