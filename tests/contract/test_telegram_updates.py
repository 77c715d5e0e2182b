"""Updates of the bot in the table: once, for one process, in order; on every database."""

from collections.abc import Callable
from datetime import timedelta

from bot.messages import Choice, Reply
from bot.store.unit_of_work import SqlStore
from bot.stored_updates import Arrival
from tests.cases import NOW

BOT = 7001
LATER = NOW + timedelta(minutes=1)


def an_arrival(id: int, person: str = "p1") -> Arrival:
    return Arrival(id, person, f'{{"update_id":{id}}}'.encode())


async def add(
    store: SqlStore, *arrivals: Arrival, owner: str = "a", until: object = LATER
) -> tuple[set[int], set[int]]:
    async with store.write() as work:
        added = await work.telegram_updates.add_all(BOT, arrivals, owner, NOW, until)  # type: ignore[arg-type]
        await work.commit()
    return added


async def claim(store: SqlStore, owner: str, at: object = LATER, limit: int = 10) -> list[int]:
    async with store.write() as work:
        claimed = await work.telegram_updates.claim(BOT, owner, at, at + timedelta(minutes=1), limit)  # type: ignore[operator,arg-type]
        await work.commit()
    return [one.id for one in claimed]


async def test_an_update_is_new_once_and_belongs_to_whoever_kept_it(open_store: Callable[[], SqlStore]) -> None:
    one, other = open_store(), open_store()
    assert await add(one, an_arrival(1), an_arrival(2, "p2")) == ({1, 2}, {1, 2})
    assert await add(other, an_arrival(2, "p2"), an_arrival(3, "p3"), owner="b") == ({3}, {3})
    assert await claim(other, "b", NOW) == []


async def test_updates_of_two_bots_are_not_mixed_up(store: SqlStore) -> None:
    await add(store, an_arrival(1))
    async with store.write() as work:
        new, _ = await work.telegram_updates.add_all(8002, [an_arrival(1)], "a", NOW, LATER)
        await work.commit()
    assert new == {1}
    assert await claim(store, "b") == [1]


async def test_what_a_dead_process_left_is_taken_by_one_other_with_what_was_answered(store: SqlStore) -> None:
    await add(store, an_arrival(1))
    reply = Reply(text="依据", choices=(Choice("一", "entry:wage.arrears"),))
    async with store.write() as work:
        await work.telegram_updates.keep_replies(BOT, 1, [None, reply])
        await work.commit()
    async with store.write() as work:
        (taken,) = await work.telegram_updates.claim(BOT, "b", LATER, LATER + timedelta(minutes=1), 10)
        await work.commit()
    assert (taken.replies, taken.attempts, taken.body) == ((None, reply), 2, b'{"update_id":1}')
    assert await claim(store, "c") == []


async def test_a_lease_that_is_renewed_is_kept(store: SqlStore) -> None:
    await add(store, an_arrival(1))
    async with store.write() as work:
        await work.telegram_updates.renew(BOT, "a", [1], LATER + timedelta(minutes=5))
        await work.telegram_updates.renew(BOT, "b", [1], NOW)
        await work.commit()
    assert await claim(store, "b") == []


async def test_only_the_first_of_a_person_is_taken_and_the_next_when_it_is_done(store: SqlStore) -> None:
    await add(store, an_arrival(1), an_arrival(2), an_arrival(3, "p2"), until=NOW)
    assert await claim(store, "b", NOW) == [1, 3]
    assert await add(store, an_arrival(4), owner="c") == ({4}, set())
    async with store.write() as work:
        await work.telegram_updates.finish(BOT, [1])
        await work.commit()
    assert await claim(store, "b", NOW) == [2]


async def test_what_is_put_off_comes_back_at_its_time_behind_what_was_sent(store: SqlStore) -> None:
    await add(store, an_arrival(1))
    async with store.write() as work:
        await work.telegram_updates.put_off(BOT, 1, "somebody else", NOW, 9)
        await work.telegram_updates.put_off(BOT, 1, "a", LATER, 2)
        await work.commit()
    assert await claim(store, "b", NOW) == []
    async with store.write() as work:
        (taken,) = await work.telegram_updates.claim(BOT, "b", LATER, LATER, 10)
    assert taken.sent == 2


async def test_what_is_done_or_nobody_takes_up_is_forgotten_in_time_and_what_is_at_work_is_not(store: SqlStore) -> None:
    await add(store, an_arrival(1), an_arrival(2, "p2"), an_arrival(3, "p3"))
    async with store.write() as work:
        await work.telegram_updates.finish(BOT, [1])
        await work.telegram_updates.finish(BOT, [3], failed=True)
        assert await work.telegram_updates.count(BOT) == 1
        assert await work.telegram_updates.count(BOT, failed=True) == 1
        assert await work.telegram_updates.delete_before(LATER, NOW) == 2
        await work.commit()
    assert await add(store, an_arrival(2, "p2")) == (set(), set())
    async with store.write() as work:
        assert await work.telegram_updates.delete_before(NOW, LATER) == 0
        assert await work.telegram_updates.delete_before(LATER, LATER) == 1


async def test_with_an_update_the_replies_go_that_the_inbox_keeps_and_no_others(store: SqlStore) -> None:
    said = Reply(text="依据")
    await add(store, an_arrival(1))
    keys = ("update:1", "update:1:caption", "update:11")
    async with store.write() as work:
        for key in keys:
            assert await work.inbound.keep("telegram", key, "p1", said, NOW)
        assert await work.inbound.keep("wechat", "update:1", "p1", said, NOW)
        await work.telegram_updates.finish(BOT, [1])
        await work.commit()
    async with store.read() as work:
        found = [await work.inbound.find("telegram", key) for key in keys]
        other = await work.inbound.find("wechat", "update:1")
    assert [one.reply if one else "unknown" for one in found] == [None, None, said]
    assert other is not None
    assert other.reply == said


async def test_one_process_asks_and_another_goes_on_where_it_was(open_store: Callable[[], SqlStore]) -> None:
    one, other = open_store(), open_store()
    async with one.write() as work:
        assert await work.telegram_updates.lease_polling(BOT, "a", NOW, LATER) == 0
        await work.commit()
    async with other.write() as work:
        assert await work.telegram_updates.lease_polling(BOT, "b", NOW, LATER) is None
        assert not await work.telegram_updates.polled_to(BOT, "b", 5)
        await work.commit()
    async with one.write() as work:
        assert await work.telegram_updates.polled_to(BOT, "a", 43)
        await work.telegram_updates.leave_polling(BOT, "a", NOW)
        await work.commit()
    async with other.write() as work:
        assert await work.telegram_updates.lease_polling(BOT, "b", NOW, LATER) == 43
        await work.commit()
    async with one.write() as work:
        assert not await work.telegram_updates.polled_to(BOT, "a", 50)


async def test_a_bot_of_which_nothing_is_known_is_asked_from_the_beginning(store: SqlStore) -> None:
    """After a week without updates Telegram counts anew: a place behind its next number would confirm it unread."""
    day = timedelta(hours=26)
    await add(store, an_arrival(42), until=NOW)
    async with store.write() as work:
        await work.telegram_updates.lease_polling(BOT, "a", NOW, LATER)
        await work.telegram_updates.polled_to(BOT, "a", 43)
        await work.telegram_updates.delete_before(NOW - day, NOW)
        assert await work.telegram_updates.lease_polling(BOT, "a", NOW, LATER) == 43, "what it answered is still known"
        await work.telegram_updates.delete_before(NOW + day, NOW + day)
        assert await work.telegram_updates.lease_polling(BOT, "a", NOW, LATER) == 0
        await work.commit()


async def test_what_waits_for_another_bot_holds_nobody_up(store: SqlStore) -> None:
    async with store.write() as work:
        await work.telegram_updates.add_all(8002, [an_arrival(1)], "gone", NOW, LATER)
        await work.commit()
    assert await add(store, an_arrival(2)) == ({2}, {2})


async def test_faults_are_counted_apart_from_waiting(store: SqlStore) -> None:
    await add(store, an_arrival(1), until=NOW)
    for stumbled in (False, True, False):
        async with store.write() as work:
            await work.telegram_updates.claim(BOT, "a", NOW, LATER, 10)
            await work.telegram_updates.put_off(BOT, 1, "a", NOW, 0, stumbled=stumbled)
            await work.commit()
    async with store.write() as work:
        (taken,) = await work.telegram_updates.claim(BOT, "a", NOW, LATER, 10)
    assert (taken.attempts, taken.faults) == (5, 1)
