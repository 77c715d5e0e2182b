"""The dispatcher on every database: due, claimed, checked again, sent once, and told when it was not."""

import pytest

from bot.laws.citation import Citation
from bot.publishing.deliveries import Delivery, DeliveryState, Kind
from bot.publishing.errors import NotAllowed, NotNow
from bot.publishing.outcomes import Refused
from bot.publishing.posts import PostState
from bot.publishing.schedules import Every, OnDayOff, Rule, ScheduleState
from bot.rights import Actor
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.newsdesk import LATE, PUBLICIST, ScriptedSender, a_newsdesk, alerts_of
from tests.newsroom import NINE, a_content, a_rendering
from tests.publishing_desk import approved, deliveries, only, post_of, scheduled

S = DeliveryState


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NINE)


async def test_what_is_due_goes_out_once_and_the_post_is_published(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk, other = a_newsdesk(store, clock), a_newsdesk(store, clock, worker="v")
    assert await desk.dispatcher.tick() == {"planned": 1, "stopped": 0}
    assert await other.dispatcher.tick() == {"planned": 0, "stopped": 0}
    assert (await post_of(store)).state is PostState.PUBLISHING
    assert await desk.dispatcher.drain() == {"sent": 1}
    assert await other.dispatcher.drain() == {}
    delivery = await only(store)
    assert (delivery.state, delivery.occurrence, delivery.address) == (
        S.SENT,
        "2026-12-01T01:00Z",
        "https://example.org/1",
    )
    assert desk.sender.public == [delivery.id]
    post = await post_of(store)
    assert (post.state, post.published_at, post.version) == (PostState.PUBLISHED, NINE, 1)
    async with store.read() as work:
        [schedule] = await work.schedules.of_post("post-1")
        assert (schedule.state, schedule.next_at) == (ScheduleState.ENDED, None)
        assert [each.event for each in await work.deliveries.entries(delivery.id)] == [
            "planned",
            "claim",
            "intend",
            "succeed",
        ]
    assert await alerts_of(store) == []


async def test_a_weekly_post_has_one_delivery_for_each_week(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    rule = Rule(every=Every.WEEK, at_time=NINE.replace(hour=9).time(), weekdays=(2,))
    await scheduled(store, rule=rule)
    desk = a_newsdesk(store, clock)
    for _ in range(3):
        await desk.dispatcher.tick()
        await desk.dispatcher.drain()
        clock.advance(days=7)
    assert [each.occurrence for each in await deliveries(store)] == [
        "2026-12-01T01:00Z",
        "2026-12-08T01:00Z",
        "2026-12-15T01:00Z",
    ]
    assert len(desk.sender.public) == 3


async def test_what_was_due_during_an_outage_expires_and_staff_are_told(store: SqlStore, clock: FakeClock) -> None:
    """Down over night: nothing is sent at three in the morning, and the next one goes out as planned."""
    await approved(store)
    rule = Rule(every=Every.WORKDAY, at_time=NINE.replace(hour=9).time())
    await scheduled(store, rule=rule)
    desk = a_newsdesk(store, clock)
    clock.advance(days=1, hours=18)
    assert (await desk.dispatcher.tick())["planned"] == 2
    await desk.dispatcher.drain()
    assert [each.state for each in await deliveries(store)] == [S.EXPIRED, S.EXPIRED]
    assert desk.sender.public == []
    assert [kind for kind, _ in await alerts_of(store)] == ["expired", "expired"]
    clock.advance(hours=6)
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    assert len(desk.sender.public) == 1


async def test_what_waited_too_long_for_its_channel_expires(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    await desk.dispatcher.tick()
    async with store.write() as work:
        await work.channels.pause("mastodon")
        await work.commit()
    assert await desk.dispatcher.drain() == {}
    clock.advance(seconds=LATE.total_seconds() + 1)
    assert (await desk.dispatcher.tick())["stopped"] == 1
    assert (await only(store)).state is S.EXPIRED
    assert (await post_of(store)).state is PostState.EXPIRED


@pytest.mark.parametrize("moment", ["before_tick", "before_drain"])
async def test_what_is_not_approved_any_more_is_held_and_let_go_by_a_person(
    store: SqlStore, clock: FakeClock, moment: str
) -> None:
    post = await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    if moment == "before_drain":
        await desk.dispatcher.tick()
    async with store.write() as work:
        await work.posts.change(post.id, 1, state=PostState.DRAFT, approved={}, content=a_content("edited"))
        await work.commit()
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    delivery = await only(store)
    assert (delivery.state, delivery.code) == (S.HELD, "not_approved")
    assert await alerts_of(store) == [("held", delivery.id)]
    with pytest.raises(NotNow):
        await desk.dispatcher.free(PUBLICIST, delivery.id)
    new = a_rendering(text="改过的")
    async with store.write() as work:
        await work.posts.save_renderings([new])
        await work.posts.change(post.id, 2, state=PostState.APPROVED, approved={"mastodon": new.digest})
        await work.commit()
    clock.advance(hours=5)
    await desk.dispatcher.free(PUBLICIST, delivery.id)
    await desk.dispatcher.drain()
    assert (await only(store)).state is S.SENT
    assert desk.sender.parcels[-1].rendering == new


async def test_law_that_is_not_in_force_any_more_holds_the_post(store: SqlStore, clock: FakeClock) -> None:
    content = a_content(channels=("mastodon",), citations=(Citation("劳动合同法", 30), Citation("劳动合同法", 99)))
    await approved(store, content=content)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"held": 1}
    delivery = await only(store)
    assert (delivery.code, delivery.detail) == ("article_gone", "article_gone 《劳动合同法》第99条")
    assert desk.sender.parcels == []


async def test_what_was_surely_not_done_is_tried_again_with_growing_pauses(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[Refused("busy", permanent=False)] * 2))
    await desk.dispatcher.tick()
    pauses = []
    for _ in range(2):
        assert await desk.dispatcher.drain() == {"planned": 1}
        next_at = (await only(store)).next_at
        assert next_at
        pauses.append((next_at - clock.now()).total_seconds())
        assert await desk.dispatcher.drain() == {}
        clock.advance(seconds=pauses[-1])
    assert pauses == [30, 60]
    assert await desk.dispatcher.drain() == {"sent": 1}


async def test_what_is_refused_for_good_is_told_and_goes_again_only_by_a_person(
    store: SqlStore, clock: FakeClock
) -> None:
    await approved(store)
    await scheduled(store)
    refused = Refused("45166", permanent=True, detail="bad markup access_token=abc123def")
    desk = a_newsdesk(store, clock, ScriptedSender(answers=[refused]))
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"refused": 1}
    delivery = await only(store)
    assert (delivery.code, delivery.detail) == ("45166", "bad markup access_token=***")
    assert await alerts_of(store) == [("refused", delivery.id)]
    clock.advance(hours=3)
    assert await desk.dispatcher.drain() == {}
    with pytest.raises(NotAllowed):
        await desk.dispatcher.free(Actor("cadre", Role.CADRE), delivery.id)
    await desk.dispatcher.free(PUBLICIST, delivery.id)
    assert await desk.dispatcher.drain() == {"sent": 1}


async def test_a_correction_knows_what_it_corrects_and_is_never_too_late(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    first = await only(store)
    edit = Delivery(
        id="edit-1",
        post="post-1",
        channel="mastodon",
        occurrence="edit:2",
        kind=Kind.EDIT,
        state=S.PLANNED,
        rendering=first.rendering,
        due_at=clock.now(),
        made_at=clock.now(),
        next_at=clock.now(),
    )
    async with store.write() as work:
        await work.deliveries.plan([edit])
        await work.commit()
    clock.advance(hours=30)
    await desk.dispatcher.tick()
    assert await desk.dispatcher.drain() == {"sent": 1}
    assert desk.sender.parcels[-1].earlier == first.vendor_id
    assert (await post_of(store)).state is PostState.PUBLISHED


async def test_a_year_without_a_calendar_is_kept_and_told_once(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    rule = Rule(every=Every.MONTH, month_day=2, at_time=NINE.time(), on_day_off=OnDayOff.NEXT)
    at = NINE.replace(year=2028, month=9, day=2)
    await scheduled(store, rule=rule, next_at=at)
    clock.advance(seconds=(at - NINE).total_seconds())
    desk = a_newsdesk(store, clock)
    for _ in range(2):
        await desk.dispatcher.tick()
        clock.advance(days=31)
    assert ("unknown_year", "") in await alerts_of(store)
    assert len([kind for kind, _ in await alerts_of(store) if kind == "unknown_year"]) == 1
