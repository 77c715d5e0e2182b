"""Posts, schedules, channels, pictures and reads, on every database."""

from datetime import date, timedelta

import pytest

from bot.laws.citation import Citation
from bot.publishing.channel_status import ChannelStatus
from bot.publishing.errors import Changed, UnknownPost
from bot.publishing.ledger_errors import AlreadyReviewed, SlugTaken
from bot.publishing.ports import HealthState
from bot.publishing.posts import Cover, Decision, PostState, Review, Revision, Season, Tone
from bot.publishing.schedules import Every, OnDayOff, Rule, ScheduleState
from bot.store.unit_of_work import SqlStore
from tests.newsroom import NINE, a_content, a_post, a_rendering, a_schedule

EVERYTHING = a_content(
    "everything",
    author="宣教部",
    tags=("工资", "农民工"),
    region="菏泽",
    cover=Cover(lines=("一", "二"), tone=Tone.BLUE, image="ab" * 32),
    season=Season((12, 20), (2, 15)),
    related=("other",),
    citations=(Citation("劳动合同法", 85, paragraph=1, item=2), Citation("刑法", 276, 1)),
    variants={"weibo": "短", "telegram": "长"},
    effective_from=date(2026, 1, 1),
    effective_to=date(2026, 12, 31),
    checked_on=date(2026, 11, 1),
    review_by=date(2027, 1, 1),
    correction="更正",
)


async def test_a_post_comes_back_as_it_was_kept(store: SqlStore) -> None:
    post = a_post(content=EVERYTHING, published_at=NINE, submitted_at=NINE)
    async with store.write() as work:
        await work.posts.add(post)
        await work.commit()
    async with store.read() as work:
        assert await work.posts.find(post.id) == post
        assert await work.posts.find_slug("everything") == post
        assert await work.posts.find("other") is None


async def test_of_two_who_saw_the_same_version_the_second_is_refused(store: SqlStore) -> None:
    async with store.write() as work:
        await work.posts.add(a_post())
        changed = await work.posts.change("post-1", 1, content=a_content("new"), changed_by="first")
        assert (changed.version, changed.content.slug) == (2, "new")
        with pytest.raises(Changed) as refused:
            await work.posts.change("post-1", 1, state=PostState.DRAFT)
        assert (refused.value.version, refused.value.by) == (2, "first")
        with pytest.raises(UnknownPost):
            await work.posts.change("nobody", 1, state=PostState.DRAFT)
        with pytest.raises(TypeError, match="colour"):
            await work.posts.change("post-1", 2, colour="red")


async def test_a_slug_is_that_of_one_post(store: SqlStore) -> None:
    async with store.write() as work:
        await work.posts.add(a_post(content=a_content("same")))
        with pytest.raises(SlugTaken):
            await work.posts.add(a_post("post-2", content=a_content("same")))


async def test_what_the_ledger_says_leaves_the_version_alone_and_yields_to_people(store: SqlStore) -> None:
    async with store.write() as work:
        await work.posts.add(a_post())
        assert await work.posts.set_state("post-1", PostState.APPROVED, PostState.PUBLISHED, NINE)
        assert not await work.posts.set_state("post-1", PostState.APPROVED, PostState.FAILED, None)
        post = await work.posts.find("post-1")
        assert post
        assert (post.state, post.version, post.published_at) == (PostState.PUBLISHED, 1, NINE)


async def test_posts_are_listed_by_state_and_author_the_latest_changed_first(store: SqlStore) -> None:
    async with store.write() as work:
        for number in range(3):
            await work.posts.add(
                a_post(f"p{number}", changed_at=NINE + timedelta(hours=number), author=f"a{number % 2}")
            )
        found, total = await work.posts.list(limit=2)
        assert ([post.id for post in found], total) == (["p2", "p1"], 3)
        found, total = await work.posts.list([PostState.APPROVED], author="a0", offset=1)
        assert ([post.id for post in found], total) == (["p0"], 2)
        assert await work.posts.list([PostState.DRAFT]) == ([], 0)
        assert set(await work.posts.find_all(["p0", "p1", "nobody"])) == {"p0", "p1"}


async def test_posts_are_found_by_the_law_they_cite_and_not_by_a_law_whose_name_holds_it(store: SqlStore) -> None:
    async with store.write() as work:
        await work.posts.add(a_post("p1"))
        approved = a_content("b", citations=(Citation("劳动合同法", 1),))
        await work.posts.add(a_post("p2", content=a_content("b2", citations=()), approved_content=approved))
        await work.posts.add(a_post("p3", content=a_content("c", citations=(Citation("劳动合同法实施条例", 1),))))
        await work.posts.add(a_post("p4", content=a_content("d", citations=(), body="《劳动合同法》")))
        assert [post.id for post in await work.posts.citing("劳动合同法")] == ["p2", "p1"]


async def test_versions_reviews_and_renderings_are_kept_for_good(store: SqlStore) -> None:
    review = Review(post="post-1", version=1, level=1, decision=Decision.AGREED, by="a", at=NINE, comment="好")
    second = Revision(post="post-1", number=2, content=EVERYTHING, by="writer", at=NINE, note="改标题")
    rendering = a_rendering(media=("cd" * 32,), link="https://example.org")
    async with store.write() as work:
        await work.posts.add(a_post())
        await work.posts.add_revision(Revision(post="post-1", number=1, content=a_content(), by="writer", at=NINE))
        await work.posts.add_revision(second)
        await work.posts.add_review(review)
        await work.posts.save_renderings([rendering])
        await work.posts.save_renderings([rendering, a_rendering("site")])
        assert (await work.posts.revisions("post-1"))[0] == second
        assert await work.posts.reviews("post-1", 1) == [review]
        assert await work.posts.reviews("post-1", 2) == []
        assert await work.posts.rendering(rendering.digest) == rendering
        assert await work.posts.rendering("0" * 64) is None
        await work.commit()
    async with store.write() as work:
        with pytest.raises(AlreadyReviewed):
            await work.posts.add_review(review)
    async with store.write() as work:
        await work.posts.delete("post-1")
        assert await work.posts.find("post-1") is None
        assert await work.posts.revisions("post-1") == []
        assert await work.posts.rendering(rendering.digest) == rendering


async def test_a_schedule_comes_back_and_is_due_when_its_time_has_come(store: SqlStore) -> None:
    rule = Rule(
        every=Every.WEEK, at_time=NINE.time(), weekdays=(1, 5), until=date(2027, 1, 1), on_day_off=OnDayOff.NEXT
    )
    weekly = a_schedule("weekly", rule=rule, channels=("wechat", "site"), next_at=NINE + timedelta(days=1))
    async with store.write() as work:
        await work.schedules.add(a_schedule())
        await work.schedules.add(weekly)
        assert await work.schedules.find("weekly") == weekly
        assert [found.id for found in await work.schedules.due(NINE, 10)] == ["schedule-1"]
        assert await work.schedules.due(NINE - timedelta(seconds=1), 10) == []
        assert [found.id for found in await work.schedules.of_post("post-1")] == ["schedule-1", "weekly"]
        assert [found.id for found in await work.schedules.between(NINE, NINE + timedelta(hours=1))] == ["schedule-1"]
        assert [found.id for found in await work.schedules.active()] == ["schedule-1", "weekly"]


async def test_a_schedule_is_advanced_by_one_of_two_and_not_changed_by_who_saw_it_before(store: SqlStore) -> None:
    schedule = a_schedule()
    later = NINE + timedelta(days=7)
    async with store.write() as work:
        await work.schedules.add(schedule)
        assert await work.schedules.advance(schedule, NINE, later, ScheduleState.ACTIVE)
        assert not await work.schedules.advance(schedule, NINE, None, ScheduleState.ENDED)
        with pytest.raises(Changed):
            await work.schedules.change(schedule, 1, state=ScheduleState.PAUSED)
        there = await work.schedules.find(schedule.id)
        assert there
        paused = await work.schedules.change(there, 1, state=ScheduleState.PAUSED)
        assert (paused.version, paused.next_at) == (2, later)
        assert await work.schedules.due(later, 10) == []
        with pytest.raises(Changed):
            await work.schedules.change(there, 1, state=ScheduleState.ACTIVE)


async def test_a_channel_without_a_row_is_as_good_as_new_and_what_is_kept_comes_back(store: SqlStore) -> None:
    status = ChannelStatus(
        channel="weibo",
        failures=3,
        rests_until=NINE,
        state=HealthState.UNAUTHORISED,
        detail="expired",
        checked_at=NINE,
        expires_at=NINE,
        lasts=timedelta(days=30),
        quota={"posts": 3},
        last_success_at=NINE,
        last_failure_at=NINE,
    )
    async with store.write() as work:
        assert await work.channels.find("weibo") == ChannelStatus(channel="weibo")
        await work.channels.examined(status)
        await work.channels.note(status)
        assert await work.channels.find("weibo") == status
        await work.channels.pause("weibo")
        await work.channels.pause("telegram")
        everyone = await work.channels.all()
        assert everyone["weibo"].paused
        assert everyone["telegram"].paused
        await work.channels.resume("weibo")
        resumed = await work.channels.find("weibo")
        assert (resumed.paused, resumed.failures, resumed.rests_until, resumed.detail) == (False, 0, None, "expired")


async def test_pictures_are_kept_once_with_what_platforms_issued_for_them(store: SqlStore) -> None:
    async with store.write() as work:
        digest = await work.pictures.put(b"picture", NINE)
        assert await work.pictures.put(b"picture", NINE) == digest
        assert await work.pictures.get(digest) == b"picture"
        assert await work.pictures.get("0" * 64) is None
        assert await work.pictures.issued("wechat", digest, "cover") is None
        await work.pictures.keep_issued("wechat", digest, "cover", "media-1", NINE)
        await work.pictures.keep_issued("wechat", digest, "cover", "media-2", NINE)
        await work.pictures.keep_issued("wechat", digest, "inline", "http://a", NINE)
        assert await work.pictures.issued("wechat", digest, "cover") == "media-2"
        await work.pictures.forget_issued("wechat", digest, "cover")
        assert await work.pictures.issued("wechat", digest, "cover") is None
        assert await work.pictures.issued("wechat", digest, "inline") == "http://a"


async def test_reads_add_up_by_day(store: SqlStore) -> None:
    async with store.write() as work:
        for day, times in ((1, 1), (1, 2), (2, 4)):
            await work.reads.count("post-1", date(2026, 12, day), times)
        await work.reads.count("post-2", date(2026, 12, 1))
        assert await work.reads.totals() == {"post-1": 7, "post-2": 1}
        assert await work.reads.totals(["post-2"]) == {"post-2": 1}
        assert await work.reads.days("post-1") == {date(2026, 12, 1): 3, date(2026, 12, 2): 4}
