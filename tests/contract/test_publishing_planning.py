"""Planning on every database: what is kept, what is refused, what is warned about, and publishing now."""

from datetime import date, timedelta

import pytest

from bot.ops.triggers import ApschedulerTriggers
from bot.publishing.budgets import Budget
from bot.publishing.deliveries import DeliveryState
from bot.publishing.errors import Changed, Faulty, NotAllowed, NotNow, UnknownPost
from bot.publishing.planning import Planner
from bot.publishing.posts import PostState
from bot.publishing.schedules import Every, OnDayOff, Rule, ScheduleState
from bot.rights import Actor
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.newsdesk import CALENDAR, PUBLICIST, a_newsdesk
from tests.newsroom import NINE, a_content, a_post, a_rendering, a_schedule

ONCE = Rule(every=Every.ONCE, at=NINE + timedelta(hours=1))
WEEKLY = Rule(every=Every.WEEK, at_time=NINE.time().replace(hour=9), weekdays=(2,))
PLANNER = Planner(ApschedulerTriggers(), CALENDAR, {"mastodon": Budget(per_day=1, per_month=4)})


@pytest.fixture
async def post(store: SqlStore) -> SqlStore:
    """The store with an approved post."""
    async with store.write() as work:
        await work.posts.add(a_post())
        await work.posts.save_renderings([a_rendering(), a_rendering("site")])
        await work.commit()
    return store


async def test_a_plan_is_kept_and_the_post_waits_for_it(post: SqlStore) -> None:
    async with post.write() as work:
        schedule, findings = await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, ["site", "site", "mastodon"], NINE)
        await work.commit()
    assert (schedule.next_at, schedule.channels, findings) == (ONCE.at, ("site", "mastodon"), [])
    async with post.read() as work:
        found = await work.posts.find("post-1")
        assert found
        assert (found.state, found.version) == (PostState.SCHEDULED, 1)
        assert [record.action for record in await work.audit.of(schedule.id)] == ["schedule.planned"]


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        (Rule(every=Every.ONCE, at=NINE), ["time_past"]),
        (Rule(every=Every.ONCE), ["time_missing"]),
        (Rule(every=Every.WEEK), ["time_missing", "weekdays_missing"]),
        (Rule(every=Every.WEEK, at_time=NINE.time(), weekdays=(8,)), ["weekdays_missing"]),
        (Rule(every=Every.MONTH, at_time=NINE.time(), month_day=32), ["month_day_wrong"]),
        (Rule(every=Every.WORKDAY, at_time=NINE.time(), until=date(2026, 11, 30)), ["time_past"]),
        (
            Rule(
                every=Every.WEEK, at_time=NINE.time(), weekdays=(7,), on_day_off=OnDayOff.SKIP, until=date(2027, 1, 1)
            ),
            ["no_occurrence"],
        ),
    ],
    ids=["past", "no_time", "empty", "eighth_day", "day_32", "over", "never"],
)
async def test_a_rule_that_gives_nothing_is_refused(post: SqlStore, rule: Rule, codes: list[str]) -> None:
    async with post.write() as work:
        with pytest.raises(Faulty) as refused:
            await PLANNER.plan(work, PUBLICIST, "post-1", rule, ["mastodon"], NINE)
    assert [finding.code for finding in refused.value.findings] == codes


async def test_only_what_is_approved_is_planned_and_only_by_who_may(post: SqlStore) -> None:
    async with post.write() as work:
        with pytest.raises(Faulty) as refused:
            await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, ["mastodon", "wechat"], NINE)
        assert [(each.code, each.channel) for each in refused.value.findings] == [("channel_not_approved", "wechat")]
        with pytest.raises(Faulty):
            await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, [], NINE)
        with pytest.raises(NotAllowed):
            await PLANNER.plan(work, Actor("cadre", Role.CADRE), "post-1", ONCE, ["mastodon"], NINE)
        with pytest.raises(UnknownPost):
            await PLANNER.plan(work, PUBLICIST, "nothing", ONCE, ["mastodon"], NINE)
        await work.posts.change("post-1", 1, state=PostState.DRAFT)
        with pytest.raises(NotNow):
            await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, ["mastodon"], NINE)


async def test_budgets_are_counted_over_all_posts_and_warned_about(post: SqlStore) -> None:
    daily = Rule(every=Every.WORKDAY, at_time=NINE.time().replace(hour=10), until=date(2026, 12, 7))
    async with post.write() as work:
        await work.posts.add(a_post("post-2", content=a_content("two")))
        await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, ["mastodon"], NINE)
        schedule, findings = await PLANNER.plan(work, PUBLICIST, "post-2", daily, ["mastodon", "site"], NINE)
    assert schedule.state is ScheduleState.ACTIVE
    assert [(each.code, each.channel, dict(each.data)) for each in findings] == [
        ("budget_day", "mastodon", {"when": "2026-12-01", "count": "2", "limit": "1"}),
        ("budget_month", "mastodon", {"when": "2026-12", "count": "6", "limit": "4"}),
    ]


async def test_what_is_planned_or_out_already_is_warned_about(post: SqlStore) -> None:
    async with post.write() as work:
        await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, ["mastodon"], NINE)
        again = Rule(every=Every.ONCE, at=NINE + timedelta(days=40))
        findings = await PLANNER.findings(work, "post-1", again, ["mastodon"], NINE)
    assert [each.code for each in findings] == ["already_planned"]


async def test_a_year_without_a_calendar_is_warned_about(post: SqlStore) -> None:
    rule = Rule(every=Every.MONTH, at_time=NINE.time(), month_day=1, on_day_off=OnDayOff.NEXT)
    async with post.write() as work:
        findings = await PLANNER.findings(work, "post-1", rule, ["site"], NINE.replace(year=2028))
    assert [(each.code, dict(each.data)) for each in findings] == [("unknown_year", {"year": "2029"})]


async def test_a_schedule_is_paused_resumed_and_ended_by_who_saw_it_as_it_is(post: SqlStore) -> None:
    async with post.write() as work:
        schedule, _ = await PLANNER.plan(work, PUBLICIST, "post-1", WEEKLY, ["site"], NINE)
        paused = await PLANNER.pause(work, PUBLICIST, schedule.id, 1, NINE)
        with pytest.raises(Changed):
            await PLANNER.resume(work, PUBLICIST, schedule.id, 1, NINE)
        with pytest.raises(NotNow):
            await PLANNER.pause(work, PUBLICIST, schedule.id, paused.version, NINE)
        found = await work.posts.find("post-1")
        assert found
        assert found.state is PostState.APPROVED
        later = NINE + timedelta(days=30)
        resumed = await PLANNER.resume(work, PUBLICIST, schedule.id, paused.version, later)
        assert resumed.next_at
        assert resumed.next_at > later
        ended = await PLANNER.cancel(work, PUBLICIST, schedule.id, resumed.version, later)
        assert (ended.state, ended.next_at) == (ScheduleState.ENDED, None)
        with pytest.raises(NotNow):
            await PLANNER.cancel(work, PUBLICIST, schedule.id, ended.version, later)


async def test_published_now_goes_out_once_however_often_it_is_asked_for(post: SqlStore) -> None:
    async with post.write() as work:
        [delivery] = await PLANNER.publish_now(work, PUBLICIST, "post-1", ["mastodon"], NINE)
        with pytest.raises(NotNow):
            await PLANNER.publish_now(work, PUBLICIST, "post-1", ["mastodon"], NINE)
        [other] = await PLANNER.publish_now(work, PUBLICIST, "post-1", ["mastodon", "site"], NINE)
        await work.commit()
    assert (delivery.state, delivery.due_at, other.channel) == (DeliveryState.PLANNED, NINE, "site")


async def test_a_single_time_still_to_come_is_what_goes_out_now(post: SqlStore) -> None:
    """Published now and again at the planned time would be twice."""
    clock = FakeClock(NINE)
    async with post.write() as work:
        schedule, _ = await PLANNER.plan(work, PUBLICIST, "post-1", ONCE, ["mastodon", "site"], NINE)
        [delivery] = await PLANNER.publish_now(work, PUBLICIST, "post-1", ["mastodon"], NINE)
        await work.commit()
    assert delivery.due_at == NINE
    async with post.read() as work:
        left = await work.schedules.find(schedule.id)
        assert left
        assert left.channels == ("site",)
    desk = a_newsdesk(post, clock)
    await desk.dispatcher.drain()
    clock.advance(hours=2)
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    assert desk.sender.public == [delivery.id]


async def test_the_calendar_shows_what_went_and_what_is_to_come(post: SqlStore) -> None:
    async with post.write() as work:
        await PLANNER.publish_now(work, PUBLICIST, "post-1", ["mastodon"], NINE)
        await PLANNER.plan(work, PUBLICIST, "post-1", WEEKLY, ["site"], NINE)
        await work.commit()
    async with post.read() as work:
        found = await PLANNER.calendar(work, date(2026, 12, 1), date(2026, 12, 16))
        upcoming = await PLANNER.upcoming(work, NINE, NINE + timedelta(days=10))
    assert [(each.at.day, each.channel, each.delivery is not None) for each in found] == [
        (1, "mastodon", True),
        (8, "site", False),
        (15, "site", False),
    ]
    assert {each.title for each in found} == {"欠薪怎么办"}
    assert [(each.at.day, each.channel) for each in upcoming] == [(1, "mastodon"), (8, "site")]


async def test_the_next_times_are_shown_before_anything_is_planned() -> None:
    assert [each.at.day for each in PLANNER.first(WEEKLY, NINE, 3)] == [8, 15, 22]
    with pytest.raises(Faulty):
        PLANNER.first(Rule(every=Every.WEEK), NINE)


async def test_a_schedule_of_a_post_that_is_gone_ends(store: SqlStore) -> None:
    async with store.write() as work:
        await work.schedules.add(a_schedule(post="gone"))
        await work.commit()
    await a_newsdesk(store, FakeClock(NINE)).dispatcher.tick()
    async with store.read() as work:
        ended = await work.schedules.find("schedule-1")
        assert ended
        assert ended.state is ScheduleState.ENDED
