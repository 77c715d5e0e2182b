"""Channels that fail, rest, are limited or not authorised, and what waits for people."""

from datetime import timedelta

import pytest

from bot.publishing.deliveries import DeliveryState
from bot.publishing.errors import NotNow
from bot.publishing.outcomes import Awaited, Outcome, Refused
from bot.publishing.ports import ChannelHealth, HealthState, Memory, Parcel
from bot.publishing.settling import ATTENDED, CONFIRMED_ADDRESS
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.newsdesk import LEASE, PUBLICIST, ScriptedSender, a_newsdesk, alerts_of
from tests.newsroom import NINE, a_content
from tests.publishing_desk import approved, only, scheduled

S = DeliveryState


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NINE)


async def test_a_person_confirms_what_is_attended_and_nobody_can_do_so_twice(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock, ScriptedSender(attended=True))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"waiting": 1}
    delivery = await only(store)
    assert (delivery.code, delivery.awaited, desk.sender.parcels) == (ATTENDED, Awaited.PERSON, [])
    assert await alerts_of(store) == [("confirm", delivery.id)]
    clock.advance(hours=2)
    sent = await desk.dispatcher.confirm(PUBLICIST, delivery.id, "203.0.113.7")
    assert (sent.state, sent.confirmed_by) == (S.SENT, PUBLICIST.id)
    assert CONFIRMED_ADDRESS not in sent.memory
    assert desk.sender.parcels[0].confirmed_address == "203.0.113.7"
    with pytest.raises(NotNow):
        await desk.dispatcher.confirm(PUBLICIST, delivery.id, "203.0.113.7")
    assert len(desk.sender.public) == 1


async def test_what_was_confirmed_and_left_by_a_dead_process_goes_out_without_asking_again(
    store: SqlStore, clock: FakeClock
) -> None:
    class Died(BaseException):
        """The process is gone."""

    async def dies(parcel: Parcel, memory: Memory) -> Outcome:
        raise Died

    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock, ScriptedSender(attended=True, answers=[dies]))
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    with pytest.raises(Died):
        await desk.dispatcher.confirm(PUBLICIST, (await only(store)).id, "203.0.113.7")
    clock.advance(seconds=LEASE.total_seconds())
    await desk.dispatcher.sweep()
    assert await desk.dispatcher.drain() == {"sent": 1}
    assert desk.sender.parcels[-1].confirmed_address == "203.0.113.7"


async def test_by_hand_is_done_with_the_link_only(store: SqlStore, clock: FakeClock) -> None:
    content = a_content(channels=("by_hand:toutiao",))
    await approved(store, content=content)
    await scheduled(store, channels=("by_hand:toutiao",))
    desk = a_newsdesk(store, clock, ScriptedSender("by_hand:toutiao", attended=True))
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    delivery = await only(store)
    with pytest.raises(NotNow):
        await desk.dispatcher.confirm(PUBLICIST, delivery.id)
    done = await desk.dispatcher.confirm(PUBLICIST, delivery.id, link="https://example.org/a")
    assert (done.state, done.address, desk.sender.parcels) == (S.SENT, "https://example.org/a", [])


async def test_a_failing_channel_rests_and_then_tries_one(store: SqlStore, clock: FakeClock) -> None:
    for number in range(8):
        await approved(store, id=f"post-{number}")
        await scheduled(store, id=f"s{number}", post=f"post-{number}")
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[Refused("http_503", permanent=False)] * 5))
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    async with store.read() as work:
        status = await work.channels.find("mastodon")
    assert (status.failures >= 4, status.is_open(clock.now())) == (True, False)
    assert ("resting", "") in await alerts_of(store)
    calls = len(desk.sender.parcels)
    assert await desk.dispatcher.drain() == {}
    clock.advance(minutes=31)
    await desk.dispatcher.drain()
    assert len(desk.sender.parcels) > calls
    assert len(desk.sender.public) == len(set(desk.sender.public))


async def test_no_more_goes_out_in_a_minute_than_the_platform_takes(store: SqlStore, clock: FakeClock) -> None:
    for number in range(5):
        await approved(store, id=f"post-{number}")
        await scheduled(store, id=f"s{number}", post=f"post-{number}")
    desk = a_newsdesk(store, clock, ScriptedSender(per_minute=2))
    await desk.dispatcher.tick()
    figures = []
    for _ in range(3):
        figures.append(dict(await desk.dispatcher.drain()))
        clock.advance(seconds=61)
    assert figures == [{"sent": 2}, {"sent": 2}, {"sent": 1}]


async def test_an_ended_authorisation_stops_the_channel_until_it_is_there_again(
    store: SqlStore, clock: FakeClock
) -> None:
    await approved(store)
    await scheduled(store)
    refused = Refused("21327", permanent=False, reauthorise=True)
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[refused]))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"planned": 1}
    clock.advance(minutes=5)
    assert await desk.dispatcher.drain() == {}
    assert [kind for kind, _ in await alerts_of(store)] == ["reauthorise"]
    assert await desk.dispatcher.examine(["mastodon"]) == {"ready": 1}
    assert await desk.dispatcher.drain() == {"sent": 1}


async def test_staff_are_told_once_when_a_fifth_of_an_authorisation_is_left(store: SqlStore, clock: FakeClock) -> None:
    health = ChannelHealth(
        state=HealthState.READY,
        expires_at=NINE + timedelta(days=5),
        lasts=timedelta(days=30),
        quota={"posts_today": 3},
    )
    desk = a_newsdesk(store, clock, ScriptedSender(condition=health))
    for _ in range(2):
        await desk.dispatcher.examine()
    assert [kind for kind, _ in await alerts_of(store)] == ["expires"]
    async with store.read() as work:
        status = await work.channels.find("mastodon")
    assert (status.quota, status.checked_at) == ({"posts_today": 3}, NINE)


async def test_what_no_channel_is_there_for_is_held(store: SqlStore, clock: FakeClock) -> None:
    await approved(store, content=a_content(channels=("site",)))
    await scheduled(store, channels=("site",))
    desk = a_newsdesk(store, clock)
    await desk.dispatcher.tick()
    assert (await only(store)).code == "channel_off"
    assert [kind for kind, _ in await alerts_of(store)] == ["held"]


async def test_a_process_that_is_not_serving_any_more_holds_nothing(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    senders = desk.parts.senders
    assert isinstance(senders, dict)
    senders.clear()
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    assert (await only(store)).state is S.PLANNED
