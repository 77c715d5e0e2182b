"""The ledger of deliveries, on every database: nothing is there twice, and nobody's word counts who has lost it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind, NotPossible
from bot.publishing.ledger_errors import LeaseLost
from bot.publishing.outcomes import Awaited
from bot.store.unit_of_work import SqlStore
from tests.newsroom import NINE, a_delivery

LEASE = timedelta(minutes=5)
E, S = DeliveryEvent, DeliveryState


async def planned(store: SqlStore, *deliveries: Delivery) -> None:
    async with store.write() as work:
        assert len(await work.deliveries.plan(deliveries)) == len(deliveries)
        await work.commit()


async def claimed(store: SqlStore, worker: str = "w1", limit: int = 10) -> list[Delivery]:
    async with store.write() as work:
        found = await work.deliveries.claim(NINE, worker, NINE + LEASE, ["mastodon"], limit)
        await work.commit()
    return found


async def test_one_occurrence_of_a_post_on_a_channel_is_planned_once(store: SqlStore) -> None:
    first = a_delivery(occurrence="2026-12-01T01:00Z", memory={"media": "1"}, awaited=Awaited.PERSON)
    again = a_delivery(occurrence="2026-12-01T01:00Z")
    other = a_delivery(occurrence="2026-12-01T01:00Z", channel="site")
    async with store.write() as work:
        assert await work.deliveries.plan([first]) == [first]
        assert await work.deliveries.plan([again, other]) == [other]
        assert await work.deliveries.find(first.id) == first
        assert await work.deliveries.find(again.id) is None
        assert [entry.event for entry in await work.deliveries.entries(first.id)] == ["planned"]


async def test_only_what_is_due_on_these_channels_is_claimed_longest_due_first(store: SqlStore) -> None:
    late = a_delivery(next_at=NINE - timedelta(minutes=1), due_at=NINE - timedelta(minutes=1))
    await planned(store, due := a_delivery(), late, a_delivery(channel="site"), a_delivery(next_at=NINE + LEASE))
    async with store.read() as work:
        assert sorted(await work.deliveries.due_channels(NINE)) == ["mastodon", "site"]
    found = await claimed(store)
    assert [each.id for each in found] == [late.id, due.id]
    assert {(each.state, each.claimed_by, each.claimed_until, each.attempts) for each in found} == {
        (S.CLAIMED, "w1", NINE + LEASE, 1)
    }
    assert await claimed(store) == []


async def test_two_processes_claiming_at_once_share_what_is_due(open_store: Callable[[], SqlStore]) -> None:
    stores = [open_store() for _ in range(3)]
    await planned(stores[0], *[a_delivery() for _ in range(30)])
    shares = await asyncio.gather(*[claimed(each, f"w{number}", 20) for number, each in enumerate(stores)])
    shares += await asyncio.gather(*[claimed(each, f"v{number}", 20) for number, each in enumerate(stores)])
    ids = [each.id for share in shares for each in share]
    assert len(ids) == len(set(ids)) == 30


async def test_the_word_of_who_has_lost_it_does_not_count(store: SqlStore) -> None:
    """The first worker was away for too long; its delivery was planned again and taken by another."""
    await planned(store, a_delivery())
    [mine] = await claimed(store)
    async with store.write() as work:
        await work.deliveries.take(mine, E.RELEASE, NINE, next_at=NINE)
        await work.commit()
    [theirs] = await claimed(store, "w2")
    async with store.write() as work:
        with pytest.raises(LeaseLost):
            await work.deliveries.take(mine, E.INTEND, NINE, intent_at=NINE)
        with pytest.raises(LeaseLost):
            await work.deliveries.keep(mine, memory={"a": "b"})
        sending = await work.deliveries.take(theirs, E.INTEND, NINE, intent_at=NINE)
        assert (sending.state, sending.claimed_by, sending.attempts) == (S.SENDING, "w2", 2)
        with pytest.raises(NotPossible):
            await work.deliveries.take(sending, E.CLAIM, NINE)


async def test_every_step_stands_in_the_log_and_what_platforms_say_is_cut_to_fit(store: SqlStore) -> None:
    await planned(store, a_delivery())
    [mine] = await claimed(store)
    async with store.write() as work:
        mine = await work.deliveries.keep(mine, memory={"media": "m1"})
        mine = await work.deliveries.take(mine, E.INTEND, NINE, intent_at=NINE, by="w1")
        over = await work.deliveries.take(mine, E.REFUSE, NINE, code="45166", detail="x" * 900)
        assert (over.state, over.finished_at, over.claimed_by, len(over.detail)) == (S.REFUSED, NINE, "", 500)
        assert over.memory == {"media": "m1"}
        entries = await work.deliveries.entries(over.id)
    assert [(each.event, each.by, each.code) for each in entries] == [
        ("planned", "", ""),
        ("claim", "w1", ""),
        ("intend", "w1", ""),
        ("refuse", "", "45166"),
    ]


async def test_what_a_dead_process_left_and_what_is_to_be_asked_for_is_found_in_its_time(store: SqlStore) -> None:
    await planned(store, a_delivery(), a_delivery())
    claim, sending = await claimed(store)
    later = NINE + LEASE
    async with store.write() as work:
        sending = await work.deliveries.take(sending, E.INTEND, NINE, intent_at=NINE)
        assert await work.deliveries.stale(later - timedelta(seconds=1)) == []
        assert {each.id for each in await work.deliveries.stale(later)} == {claim.id, sending.id}
        unknown = await work.deliveries.take(sending, E.LOSE, later, next_at=later)
        waiting = await work.deliveries.take(claim, E.WAIT, later, awaited=Awaited.PERSON, next_at=later)
        assert await work.deliveries.unknown(later) == [unknown]
        assert await work.deliveries.unknown(NINE) == []
        assert await work.deliveries.waiting(later) == [waiting]
        found = await work.deliveries.take(unknown, E.FOUND, later, vendor_id="v1", address="https://a")
        assert (found.state, found.awaited, found.next_at) == (S.SENT, None, None)
        assert await work.deliveries.find_vendor("mastodon", "v1") == found
        assert await work.deliveries.find_vendor("site", "v1") is None


async def test_calls_are_counted_for_the_rate_and_everything_by_channel_and_state(store: SqlStore) -> None:
    await planned(store, *[a_delivery() for _ in range(4)], a_delivery(channel="site"))
    first, second = await claimed(store, limit=2)
    async with store.write() as work:
        await work.deliveries.take_channel_turn("mastodon")
        first = await work.deliveries.take(first, E.INTEND, NINE, intent_at=NINE)
        assert await work.deliveries.sent_count("mastodon", NINE) == 2
        await work.deliveries.take(first, E.SUCCEED, NINE)
        await work.deliveries.take(second, E.RETRY, NINE, next_at=NINE + LEASE)
        assert await work.deliveries.sent_count("mastodon", NINE) == 1
        assert await work.deliveries.sent_count("mastodon", NINE + LEASE) == 0
        assert await work.deliveries.counts() == {
            ("mastodon", S.SENT): 1,
            ("mastodon", S.PLANNED): 3,
            ("site", S.PLANNED): 1,
        }


async def test_the_ledger_is_listed_by_what_is_asked_for(store: SqlStore) -> None:
    early = a_delivery(due_at=NINE - timedelta(days=1))
    await planned(store, early, a_delivery(post="post-2"), a_delivery(channel="site", state=S.SENT))
    async with store.read() as work:
        found, total = await work.deliveries.list(limit=1)
        assert (len(found), total) == (1, 3)
        assert [each.id for each in (await work.deliveries.list(due_to=NINE - timedelta(hours=1)))[0]] == [early.id]
        assert (await work.deliveries.list(channels=["site"], states=[S.SENT], post="post-1", due_from=NINE))[1] == 1
        assert [each.id for each in await work.deliveries.late(NINE, [Kind.PUBLISH])] == [early.id]
        assert await work.deliveries.late(NINE, [Kind.EDIT]) == []
        assert [each.post for each in await work.deliveries.stranded(NINE, ["site"])] == ["post-1", "post-2"]
        assert len(await work.deliveries.of_post("post-1")) == 2
