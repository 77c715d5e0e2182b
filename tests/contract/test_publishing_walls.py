"""Ways around the walls of publishing that were tried, on every database."""

from datetime import timedelta

import pytest

from bot.publishing.correcting import Correcting
from bot.publishing.deliveries import DeliveryState, Kind
from bot.publishing.errors import NotAllowed, NotNow
from bot.publishing.outcomes import Awaited, Refused, Sent, Unknown, Waiting
from bot.publishing.ports import Ability
from bot.publishing.posts import PostState
from bot.publishing.schedules import Every, Rule
from bot.publishing.summing import live_on
from bot.store.unit_of_work import SqlStore
from tests.contract.test_publishing_dispatch import approved, deliveries, only, scheduled
from tests.fakes import FakeClock
from tests.newsdesk import PUBLICIST, a_newsdesk, alerts_of
from tests.newsroom import NINE, a_content
from tests.newsroom_desk import (
    ANN,
    BOB,
    CEM,
    SAM,
    SUE,
    THREE_LEVELS,
    TWO_LEVELS,
    a_newsroom,
    approve_post,
    the_newsroom,
    write_post,
)

S = DeliveryState
LATER = NINE + timedelta(hours=1)
CAN_ALL = Correcting(lambda _: frozenset(Ability))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NINE)


async def test_whose_words_are_copied_by_another_does_not_agree_to_the_copy(store: SqlStore) -> None:
    newsroom = the_newsroom()
    post = await write_post(store)  # ANN's
    async with store.write() as work:
        copy = await newsroom.editing.copy(work, CEM, post.id, NINE)
        copy = await newsroom.approval.submit(work, CEM, copy.id, copy.version, NINE)
        with pytest.raises(NotAllowed):
            await newsroom.approval.agree(work, ANN, copy.id, copy.version, "", LATER)


async def test_fewer_levels_than_a_post_has_passed_do_not_break_the_shelf_of_reviews(store: SqlStore) -> None:
    three, one = a_newsroom(approval=THREE_LEVELS), a_newsroom(approval=TWO_LEVELS[1:])
    async with store.write() as work:
        post = await the_newsroom().editing.create(work, ANN, a_content(), NINE)
        post = await three.approval.submit(work, ANN, post.id, post.version, NINE)
        post = await three.approval.agree(work, BOB, post.id, post.version, "", LATER)
        post = await three.approval.agree(work, SAM, post.id, post.version, "", LATER)
        assert [each.id for each in await one.approval.to_review(work, SUE)] == [post.id]
        assert (await one.approval.agree(work, SUE, post.id, post.version, "", LATER)).state is PostState.APPROVED


async def test_a_time_that_was_brought_forward_can_be_planned_again(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    desk = a_newsdesk(store, clock)
    at = NINE + timedelta(days=1)
    rule = Rule(every=Every.ONCE, at=at)
    async with store.write() as work:
        await desk.planner.plan(work, PUBLICIST, "post-1", rule, ["mastodon"], NINE)
        await desk.planner.publish_now(work, PUBLICIST, "post-1", ["mastodon"], NINE)
        await work.commit()
    desk.sender.answers = [Refused("422", permanent=True)]
    await desk.dispatcher.drain()
    async with store.write() as work:
        await desk.planner.plan(work, PUBLICIST, "post-1", rule, ["mastodon"], NINE)
        await work.commit()
    clock.advance(days=1)
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    assert len(desk.sender.public) == 1


async def test_every_issue_of_a_weekly_post_is_withdrawn(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    rule = Rule(every=Every.WEEK, at_time=NINE.replace(hour=9).time(), weekdays=(2,))
    await scheduled(store, rule=rule)
    desk = a_newsdesk(store, clock)
    for _ in range(3):
        await desk.dispatcher.tick()
        await desk.dispatcher.drain()
        clock.advance(days=7)
    async with store.write() as work:
        await CAN_ALL.withdraw(work, PUBLICIST, "post-1", "数字有误", clock.now())
        await work.commit()
    desk.sender.parcels.clear()
    await desk.dispatcher.drain()
    issues = {each.vendor_id for each in await deliveries(store) if each.kind is Kind.PUBLISH}
    assert {parcel.earlier for parcel in desk.sender.parcels} == issues


async def test_staff_are_told_of_what_comes_out_after_it_was_withdrawn(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    desk.sender.answers = [Unknown("no_answer")]
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    async with store.write() as work:
        await CAN_ALL.withdraw(work, PUBLICIST, "post-1", "数字有误", NINE)
        await work.commit()
    before = await alerts_of(store)
    desk.sender.asked = [Sent("id-1")]
    clock.advance(minutes=2)
    await desk.dispatcher.reconcile()
    assert (await only(store)).state is S.SENT
    assert await alerts_of(store) != before


async def test_a_person_is_not_believed_before_the_call_can_be_over(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    desk.sender.answers = [Unknown("no_answer")]
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    clock.advance(minutes=1)
    with pytest.raises(NotNow):
        await desk.dispatcher.not_found(PUBLICIST, (await only(store)).id)
    clock.advance(minutes=5)
    await desk.dispatcher.not_found(PUBLICIST, (await only(store)).id)


async def test_what_a_platform_is_at_work_on_is_not_called_missing_for_two_hours(
    store: SqlStore, clock: FakeClock
) -> None:
    """Let go again after that it would be there twice, when the platform's audit ends."""
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    desk.sender.answers = [Waiting(Awaited.PLATFORM, vendor_id="publish:1")]
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    clock.advance(hours=1, minutes=59)
    with pytest.raises(NotNow) as refused:
        await desk.dispatcher.not_found(PUBLICIST, (await only(store)).id)
    assert refused.value.what == "not_found_at_work"
    clock.advance(minutes=2)
    await desk.dispatcher.not_found(PUBLICIST, (await only(store)).id)
    assert (await only(store)).state is S.REFUSED


async def test_a_withdrawal_counts_though_the_clock_was_put_back(store: SqlStore, clock: FakeClock) -> None:
    await approved(store)
    await scheduled(store)
    desk = a_newsdesk(store, clock)
    await desk.dispatcher.tick()
    await desk.dispatcher.drain()
    clock.advance(hours=-2)
    async with store.write() as work:
        await CAN_ALL.withdraw(work, PUBLICIST, "post-1", "数字有误", clock.now())
        await work.commit()
    await desk.dispatcher.drain()
    assert live_on(await deliveries(store)) == frozenset()


async def test_what_was_written_while_the_clock_was_put_back_is_not_agreed_to_by_its_writer(store: SqlStore) -> None:
    newsroom, before = the_newsroom(), NINE - timedelta(hours=1)
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        post = await newsroom.editing.save(work, CEM, post.id, post.version, a_content(title="改"), "", before)
        post = await newsroom.approval.submit(work, ANN, post.id, post.version, before)
        assert await newsroom.approval.refusal(work, CEM, post) == "changed_it"
