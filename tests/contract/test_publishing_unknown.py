"""What is unknown, left by the dead, or said later: asked for before anything is sent again."""

import pytest

from bot.publishing.deliveries import DeliveryState
from bot.publishing.errors import NotNow
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from bot.publishing.ports import Ability, Memory, Parcel
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.newsdesk import LEASE, PUBLICIST, ScriptedSender, a_newsdesk, alerts_of
from tests.newsroom import NINE
from tests.publishing_desk import approved, only, scheduled

S = DeliveryState


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NINE)


async def test_what_nobody_knows_is_never_sent_again_before_the_platform_was_asked(
    store: SqlStore, clock: FakeClock
) -> None:
    await approved(store)
    await scheduled(store)
    asked: list[Outcome] = [
        Unknown("away"),
        Refused("not_there", permanent=False),
        Sent("id-9", "https://example.org/9"),
    ]
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[Unknown("timeout")], asked=asked))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"unknown": 1}
    delivery = await only(store)
    assert await alerts_of(store) == [("unknown", delivery.id)]
    clock.advance(seconds=59)
    assert await desk.dispatcher.reconcile() == {}
    clock.advance(seconds=1)
    assert await desk.dispatcher.reconcile() == {"unknown": 1}
    clock.advance(minutes=1)
    # 'Not there' so soon after the call proves nothing: it may still be under way.
    assert await desk.dispatcher.reconcile() == {"unknown": 1}
    assert await desk.dispatcher.drain() == {}
    clock.advance(minutes=10)
    assert await desk.dispatcher.reconcile() == {"sent": 1}
    assert (await only(store)).vendor_id == "id-9"
    assert len(desk.sender.parcels) == 1


async def test_what_is_surely_not_there_goes_out_again_by_machine_with_the_same_key(
    store: SqlStore, clock: FakeClock
) -> None:
    await approved(store)
    await scheduled(store)
    asked: list[Outcome] = [Refused("not_there", permanent=False)]
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[Unknown("timeout")], asked=asked))
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    clock.advance(minutes=6)
    assert await desk.dispatcher.reconcile() == {"planned": 1}
    assert await desk.dispatcher.drain() == {"sent": 1}
    assert len({parcel.key for parcel in desk.sender.parcels}) == 1


async def test_after_a_day_of_asking_a_person_has_to_look(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[Unknown("timeout")], asked=[Unknown("away")] * 99))
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    for _ in range(30):
        clock.advance(hours=1)
        await desk.dispatcher.reconcile()
    delivery = await only(store)
    assert (delivery.state, delivery.next_at) == (S.UNKNOWN, None)
    assert [kind for kind, _ in await alerts_of(store)] == ["look", "unknown"]
    assert (await desk.dispatcher.found(PUBLICIST, delivery.id, "https://example.org/7")).state is S.SENT
    with pytest.raises(NotNow):
        await desk.dispatcher.not_found(PUBLICIST, delivery.id)


async def test_a_platform_that_cannot_be_asked_waits_for_a_person_at_once(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    sender = ScriptedSender(answers=[Unknown("timeout")], abilities=frozenset({Ability.EDIT}))
    desk = a_newsdesk(store, clock, sender)
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    clock.advance(hours=9)
    assert await desk.dispatcher.reconcile() == {}
    delivery = await only(store)
    await desk.dispatcher.not_found(PUBLICIST, delivery.id)
    assert await desk.dispatcher.drain() == {"sent": 1}


async def test_what_a_dead_process_left_is_due_again_or_unknown(store: SqlStore, clock: FakeClock) -> None:
    class Died(BaseException):
        """The process is gone."""

    async def before(parcel: Parcel, memory: Memory) -> Outcome:
        raise Died

    async def after(parcel: Parcel, memory: Memory) -> Outcome:
        await memory.intend()
        raise Died

    await approved(store)
    await scheduled(store)
    asked: list[Outcome] = [Sent("id-1")]
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[before, after], asked=asked))
    await desk.dispatcher.tick()
    for expected in ("planned", "unknown"):
        with pytest.raises(Died):
            await desk.dispatcher.drain()
        assert await desk.dispatcher.sweep() == {}
        clock.advance(seconds=LEASE.total_seconds())
        assert await desk.dispatcher.sweep() == {expected: 1}
    assert [kind for kind, _ in await alerts_of(store)] == ["unknown"]
    clock.advance(minutes=1)
    assert await desk.dispatcher.reconcile() == {"sent": 1}


async def test_the_late_word_of_a_worker_taken_for_dead_still_counts(store: SqlStore, clock: FakeClock) -> None:
    async def slow(parcel: Parcel, memory: Memory) -> Outcome:
        await memory.intend()
        clock.advance(seconds=LEASE.total_seconds())
        await other.dispatcher.sweep()
        return Sent("id-1")

    await approved(store)
    await scheduled(store)
    other = a_newsdesk(store, clock, worker="v")
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[slow]))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"sent": 1}
    assert (await only(store)).vendor_id == "id-1"


async def test_a_worker_that_was_away_too_long_does_not_publish_any_more(store: SqlStore, clock: FakeClock) -> None:
    public = []

    async def slow(parcel: Parcel, memory: Memory) -> Outcome:
        clock.advance(seconds=LEASE.total_seconds())
        await other.dispatcher.sweep()
        await other.dispatcher.drain()
        await memory.intend()
        public.append(parcel.delivery)
        return Sent("id-1")

    await approved(store)
    await scheduled(store)
    other = a_newsdesk(store, clock, worker="v")
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[slow]))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"lost": 1}
    assert (public, len(other.sender.public)) == ([], 1)


async def test_published_is_what_the_platform_says_later(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    waiting = Waiting(Awaited.PLATFORM, vendor_id="job-1")
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[waiting], asked=[waiting]))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"waiting": 1}
    clock.advance(minutes=1)
    assert await desk.dispatcher.reconcile() == {"waiting": 1}
    assert not await desk.dispatcher.said("mastodon", "job-2", Sent("job-2"))
    for _ in range(2):
        assert await desk.dispatcher.said("mastodon", "job-1", Sent("job-1", "https://example.org/1"))
    delivery = await only(store)
    assert (delivery.state, delivery.address) == (S.SENT, "https://example.org/1")
    assert await desk.dispatcher.said("mastodon", "job-1", Refused("deleted", permanent=True))
    assert (await only(store)).state is S.SENT
    assert await alerts_of(store) == [("taken_down", delivery.id)]
