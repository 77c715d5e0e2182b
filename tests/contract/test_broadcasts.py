"""Broadcasts on both databases: everybody gets what they asked for once, as fast as allowed, whoever dies."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from bot.keyring import KeyRing
from bot.store.subscribers import TABLE as SUBSCRIBERS
from bot.store.unit_of_work import SqlStore
from bot.subscriptions.broadcasting import LEASE, TAKEN_FOR, Broadcaster
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import Ended, Ending
from bot.subscriptions.subscribers import TELEGRAM, WECHAT, Pace, SubscriberState
from tests.broadcasts import DEAD, FakeSender, Office
from tests.fakes import FakeClock

MANY = tuple(str(number) for number in range(1, 61))


@pytest.fixture
def office(store: SqlStore, keys: KeyRing, clock: FakeClock) -> Office:
    return Office(store, keys, clock, FakeSender(clock))


async def test_everybody_gets_a_new_post_once_whoever_asks_again(office: Office, clock: FakeClock) -> None:
    await office.subscribe(*MANY)
    office.publish()
    assert (await office.maker.run())["recipients"] == 60
    assert await office.worker().drain(TELEGRAM) == {"sent": 60}
    clock.advance(minutes=5)
    await office.maker.run()
    assert await office.worker().drain(TELEGRAM) == {}
    assert office.sender.addresses == sorted(MANY)
    assert await office.states() == {"sent": 60}


async def test_no_second_has_more_calls_than_allowed(office: Office) -> None:
    office.sender.rate = Rate(28.0, timedelta(seconds=1))
    await office.subscribe(*MANY)
    office.publish()
    await office.maker.run()
    await office.worker().drain(TELEGRAM)
    at = sorted(office.sender.at)
    assert max(sum(one <= other < one + timedelta(seconds=1) for other in at) for one in at) <= 30


async def test_several_workers_send_nothing_twice(
    office: Office, open_store: Callable[[], SqlStore], keys: KeyRing, clock: FakeClock
) -> None:
    await office.subscribe(*MANY)
    office.publish()
    await office.maker.run()
    others = [Office(open_store(), keys, clock, office.sender) for _ in range(3)]
    await asyncio.gather(*(each.worker(f"w{number}").drain(TELEGRAM) for number, each in enumerate(others)))
    assert office.sender.addresses == sorted(MANY)


async def test_two_processes_make_and_plan_an_issue_once(
    office: Office, open_store: Callable[[], SqlStore], keys: KeyRing, clock: FakeClock
) -> None:
    await office.subscribe(*MANY)
    office.publish()
    other = Office(open_store(), keys, clock, office.sender, office.news)
    await asyncio.gather(office.maker.run(), other.maker.run())
    assert await office.states() == {"planned": 60}


async def test_topics_and_pace_decide_who_gets_what(office: Office) -> None:
    await office.subscribe("1", topics=("工资",))
    await office.subscribe("2", topics=("工伤",))
    await office.subscribe("3", pace=Pace.WEEKLY)
    office.publish(tags=("工资", "年底"))
    await office.maker.run()
    await office.worker().drain(TELEGRAM)
    assert office.sender.addresses == ["1"]


async def test_the_digest_goes_out_on_its_day_once_with_what_each_wants(office: Office, clock: FakeClock) -> None:
    """The clock stands at Sunday; the digest is due on Friday at ten."""
    await office.subscribe("1", "2", pace=Pace.WEEKLY)
    await office.subscribe("3", pace=Pace.WEEKLY, topics=("工伤",))
    clock.advance(days=1)
    office.publish("p1", tags=("工资",))
    clock.advance(days=1)
    office.publish("p2", tags=("工伤",))
    await office.maker.run()
    assert await office.worker().drain(TELEGRAM) == {}
    clock.advance(days=3)
    for _ in range(2):
        await office.maker.run()
        await office.worker().drain(TELEGRAM)
    titles = {address: [item.title for item in bulletin.items] for address, bulletin in office.sender.got}
    assert titles == {"1": ["题目 p2", "题目 p1"], "2": ["题目 p2", "题目 p1"], "3": ["题目 p2"]}


async def test_what_was_old_when_it_was_noticed_and_what_was_taken_back_goes_to_nobody(
    office: Office, clock: FakeClock
) -> None:
    await office.subscribe("1")
    office.publish("old", at=clock.now() - timedelta(days=2))
    assert (await office.maker.run())["issues"] == 0
    fresh = office.publish("fresh")
    await office.maker.run()
    office.news[-1] = type(fresh)(item=fresh.item, at=fresh.at, is_withdrawn=True)
    await office.maker.run()
    assert await office.worker().drain(TELEGRAM) == {}
    assert await office.states() == {"refused": 1}


async def test_nobody_who_subscribed_later_or_stopped_meanwhile_gets_it(office: Office, clock: FakeClock) -> None:
    await office.subscribe("1", "2")
    office.publish()
    await office.maker.run()
    clock.advance(seconds=1)
    await office.subscribe("3")
    async with office.store.write() as work:
        assert await office.service.stop(work, TELEGRAM, "2", clock.now())
        assert not await office.service.stop(work, TELEGRAM, "2", clock.now())
        await work.commit()
    await office.maker.run()
    await office.worker().drain(TELEGRAM)
    assert office.sender.addresses == ["1"]
    assert await office.states() == {"sent": 1, "refused": 1}


async def test_who_has_blocked_us_is_dropped_from_then_on(office: Office, clock: FakeClock) -> None:
    await office.subscribe("1", "2")
    office.publish()
    await office.maker.run()
    office.sender.says = [Ending(Ended.GONE, "403")]
    await office.worker().drain(TELEGRAM)
    assert await office.states() == {"sent": 1, "refused": 1}
    async with office.store.read() as work:
        assert (await work.subscribers.counts())[TELEGRAM, SubscriberState.BLOCKED] == 1
    clock.advance(hours=1)
    office.publish("p2")
    assert (await office.maker.run())["recipients"] == 1


async def test_a_pause_that_the_platform_asks_for_holds_for_every_process(
    office: Office, open_store: Callable[[], SqlStore], keys: KeyRing, clock: FakeClock
) -> None:
    await office.subscribe("1", "2", "3")
    office.publish()
    await office.maker.run()
    office.sender.says = [Ending(Ended.PUT_OFF, "429", timedelta(seconds=17), halts=True)]
    assert await office.worker().drain(TELEGRAM) == {"put_off": 1}
    other = Office(open_store(), keys, clock, office.sender)
    assert await other.worker("other").drain(TELEGRAM) == {}
    assert office.sender.got == []
    clock.advance(seconds=18)
    await other.worker("other").drain(TELEGRAM)
    assert office.sender.addresses == ["1", "2", "3"]


async def test_two_messages_to_one_chat_are_a_second_apart(office: Office, clock: FakeClock) -> None:
    await office.subscribe("1")
    for post in ("p1", "p2"):
        office.publish(post)
    await office.maker.run()
    for _ in range(4):
        await office.worker().drain(TELEGRAM)
        clock.advance(seconds=1)
    first, second = office.sender.at
    assert second - first >= timedelta(seconds=1)


async def test_what_a_dead_process_was_sending_is_unknown_and_what_it_only_took_goes_out(
    office: Office, clock: FakeClock
) -> None:
    await office.subscribe(*MANY[:10])
    office.publish()
    await office.maker.run()
    taken = await office.leave_sending(3, taken=8)
    clock.advance(seconds=TAKEN_FOR.total_seconds() + 1)
    assert await office.worker().sweep() == {"again": 5, "unknown": 0}
    async with office.store.write() as work:
        assert await work.broadcasts.intend(taken[3:], DEAD, clock.now() + LEASE) == set(), "it came back late"
    await office.worker().drain(TELEGRAM)
    clock.advance(seconds=LEASE.total_seconds())
    assert (await office.worker().sweep())["unknown"] == 3
    await office.worker().drain(TELEGRAM)
    assert len(office.sender.got) == 7
    assert await office.states() == {"sent": 7, "unknown": 3}
    async with office.store.read() as work:
        lost, total = await work.broadcasts.lost(10)
    assert (len(lost), total, {one.code for one in lost}) == (3, 3, {"interrupted"})


async def test_a_sender_that_fails_leaves_it_unknown_and_nothing_is_sent_again(office: Office) -> None:
    await office.subscribe("1")
    office.publish()
    await office.maker.run()
    office.sender.says = [RuntimeError("a bug")]
    await office.worker().drain(TELEGRAM)
    await office.worker().drain(TELEGRAM)
    assert (await office.states(), office.sender.got) == ({"unknown": 1}, [])


async def test_what_is_refused_again_and_again_is_given_up(office: Office, clock: FakeClock) -> None:
    await office.subscribe("1")
    office.publish()
    await office.maker.run()
    office.sender.says = [Ending(Ended.PUT_OFF, "450")] * 9
    for _ in range(7):
        await office.worker().drain(TELEGRAM)
        clock.advance(minutes=11)
    assert await office.states() == {"refused": 1}
    assert len(office.sender.says) == 4


async def test_one_grant_is_good_for_one_notice(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    sender = FakeSender(clock, channel=WECHAT, granted=True)
    office = Office(store, keys, clock, sender)
    await office.subscribe("o1", "o2")
    async with store.write() as work:
        await office.service.grant(work, WECHAT, "o1")
        await work.commit()
    for post in ("p1", "p2"):
        office.publish(post)
    await office.maker.run()
    for _ in range(3):
        await office.worker().drain(WECHAT)
        clock.advance(seconds=2)
    assert sender.addresses == ["o1"]


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_took(office: Office) -> None:
    await office.subscribe(*MANY)
    office.publish()
    await office.maker.run()
    worker = office.worker()
    sent = office.sender.send

    async def stopping(*args: object, **named: object) -> Ending:
        worker.stop()
        return await sent(*args, **named)

    office.sender.send = stopping  # type: ignore[method-assign]
    await worker.drain(TELEGRAM)
    states = await office.states()
    assert set(states) == {"planned", "sent"}
    assert isinstance(worker, Broadcaster)
    assert sum(states.values()) == 60


async def test_forgetting_a_person_ends_their_subscription(office: Office, keys: KeyRing) -> None:
    await office.subscribe("1", "2")
    office.publish()
    await office.maker.run()
    async with office.store.write() as work:
        assert await work.people.forget(keys.person(TELEGRAM, "1")) == 1
        await work.commit()
    await office.worker().drain(TELEGRAM)
    assert office.sender.addresses == ["2"]


async def test_a_digest_tells_of_nothing_that_was_taken_back_meanwhile(office: Office, clock: FakeClock) -> None:
    await office.subscribe("1", pace=Pace.WEEKLY)
    await office.subscribe("2", pace=Pace.WEEKLY, topics=("工伤",))
    clock.advance(days=1)
    office.publish("p1", tags=("工资",))
    office.publish("p2", tags=("工伤",))
    clock.advance(days=4)
    await office.maker.run()
    office.news[-1] = replace(office.news[-1], is_withdrawn=True)
    await office.maker.run()
    await office.worker().drain(TELEGRAM)
    assert [(address, [item.title for item in sent.items]) for address, sent in office.sender.got] == [
        ("1", ["题目 p1"])
    ]
    assert await office.states() == {"sent": 1, "refused": 1}


async def test_what_comes_back_after_its_post_was_withdrawn_is_not_tried_again(
    office: Office, clock: FakeClock
) -> None:
    """A worker had it in its hands when the issue ended."""
    await office.subscribe("1", "2")
    office.publish()
    await office.maker.run()
    await office.leave_sending(0, taken=1)
    office.news[-1] = replace(office.news[-1], is_withdrawn=True)
    await office.maker.run()
    clock.advance(seconds=TAKEN_FOR.total_seconds() + 1)
    assert (await office.worker().sweep())["again"] == 1
    await office.worker().drain(TELEGRAM)
    assert (office.sender.got, await office.states()) == ([], {"refused": 2})


async def test_who_has_changed_topics_since_it_was_planned_gets_nothing_of_the_old_ones(office: Office) -> None:
    await office.subscribe("1", topics=("工资",))
    office.publish(tags=("工资",))
    await office.maker.run()
    await office.subscribe("1", topics=("工伤",))
    assert await office.worker().drain(TELEGRAM) == {"changed": 1}
    assert (office.sender.got, await office.states()) == ([], {"refused": 1})


async def test_a_slow_channel_takes_no_more_slots_than_it_soon_uses(
    office: Office, open_store: Callable[[], SqlStore], keys: KeyRing, clock: FakeClock
) -> None:
    """A mail server that takes two a minute: others wait for nothing, and nothing is sent faster."""
    office.sender.rate = Rate(2 / 60, timedelta(seconds=1), tolerance=timedelta(hours=1))
    await office.subscribe(*MANY[:9])
    office.publish()
    await office.maker.run()
    other = Office(open_store(), keys, clock, office.sender)
    for _ in range(4):
        await office.worker("w1").drain(TELEGRAM, timedelta(seconds=100))
        await other.worker("w2").drain(TELEGRAM, timedelta(seconds=100))
        assert await office.worker().sweep() == {"again": 0, "unknown": 0}
    assert office.sender.addresses == sorted(MANY[:9])
    async with office.store.engine.connect() as connection:
        slots = sorted((await connection.execute(select(SUBSCRIBERS.c.told_at))).scalars())
    assert all(later - earlier >= timedelta(seconds=30) for earlier, later in pairwise(slots))


async def test_what_is_on_its_way_on_a_slow_channel_is_written_down_before_the_next(office: Office) -> None:
    """Otherwise a kill would make many unknown."""
    office.sender.rate = Rate(1.0, tolerance=timedelta(hours=1))
    await office.subscribe(*MANY[:6])
    office.publish()
    await office.maker.run()
    sent, open_ = office.sender.send, []

    async def counting(*args: object, **named: object) -> Ending:
        open_.append((await office.states()).get("sending", 0))
        return await sent(*args, **named)

    office.sender.send = counting  # type: ignore[method-assign]
    await office.worker().drain(TELEGRAM)
    # this one, and one or two before, whose outcomes may still be on their way: the clock of the tests waits for nobody
    assert max(open_) <= 3 < len(MANY[:6])


async def test_a_grant_of_which_the_platform_knows_nothing_is_forgotten(
    store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    sender = FakeSender(clock, channel=WECHAT, granted=True, says=[Ending(Ended.NO_GRANT, "43101")])
    office = Office(store, keys, clock, sender)
    (id,) = await office.subscribe("o1")
    async with store.write() as work:
        await work.subscribers.grant(id, 2)
        await work.commit()
    office.publish()
    await office.maker.run()
    await office.worker().drain(WECHAT)
    async with store.read() as work:
        found = await work.subscribers.find(id)
    assert found is not None
    assert (found.grants, found.is_active, await office.states()) == (0, True, {"refused": 1})
