"""Putting right and taking back, on every database: only what was approved, nothing forgotten."""

from datetime import timedelta

import pytest

from bot.publishing.correcting import EDIT_BY_HAND, WITHDRAW_BY_HAND, Correcting, Mode
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind
from bot.publishing.errors import Faulty, NotAllowed, NotNow
from bot.publishing.outcomes import Awaited
from bot.publishing.ports import Ability
from bot.publishing.posts import Post, PostState
from bot.publishing.schedules import ScheduleState
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.newsroom import NINE, a_content, a_delivery, a_schedule
from tests.newsroom_desk import ANN, LEA, approve_post, the_newsroom, write_post

LATER = NINE + timedelta(hours=1)
ABILITIES = {"site": frozenset({Ability.EDIT, Ability.WITHDRAW}), "mastodon": frozenset({Ability.EDIT})}
CORRECTING = Correcting(lambda channel: ABILITIES.get(channel, frozenset()))


async def published(store: SqlStore, *channels: str) -> Post:
    """A post that stands on these channels as it was approved."""
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        await work.deliveries.plan([_sent(post, channel) for channel in channels])
        await work.commit()
    return post


def _sent(post: Post, channel: str) -> Delivery:
    return a_delivery(
        post=post.id,
        channel=channel,
        state=DeliveryState.SENT,
        rendering=post.approved[channel],
        finished_at=NINE,
        vendor_id=f"{channel}-1",
        next_at=None,
    )


async def corrected(store: SqlStore, post: Post, **changes: str) -> Post:
    """The post with another text, approved again."""
    async with store.write() as work:
        content = a_content(**{"title": "更正后的标题", **changes})
        post = await the_newsroom().editing.save(work, ANN, post.id, post.version, content, "", LATER)
        await work.commit()
    return await approve_post(store, post)


async def test_what_stands_is_edited_with_what_was_approved_since(store: SqlStore) -> None:
    post = await corrected(store, await published(store, "site", "mastodon"))
    async with store.write() as work:
        done = await CORRECTING.correct(work, ANN, post.id, Mode.EDIT, LATER)
        again = await CORRECTING.correct(work, ANN, post.id, Mode.EDIT, LATER)
        changed = await work.posts.find(post.id)
    assert {(each.channel, each.kind, each.state) for each in done.planned} == {
        ("site", Kind.EDIT, DeliveryState.PLANNED),
        ("mastodon", Kind.EDIT, DeliveryState.PLANNED),
    }
    assert {each.rendering for each in done.planned} == {post.approved["site"], post.approved["mastodon"]}
    assert again.planned == (), "one correction for one version"
    assert changed is not None
    assert changed.state is PostState.PUBLISHING


async def test_where_a_channel_cannot_edit_a_person_is_waited_for(store: SqlStore) -> None:
    post = await corrected(store, await published(store, "site"))
    async with store.write() as work:
        done = await Correcting(lambda _: frozenset()).correct(work, ANN, post.id, Mode.EDIT, LATER)
    (delivery,) = done.by_hand
    assert (delivery.state, delivery.awaited, delivery.code) == (DeliveryState.WAITING, Awaited.PERSON, EDIT_BY_HAND)


async def test_nothing_is_corrected_that_is_not_approved_or_does_not_stand(store: SqlStore) -> None:
    draft = await write_post(store, content=a_content("draft"))
    async with store.write() as work:
        with pytest.raises(NotNow):
            await CORRECTING.correct(work, ANN, draft.id, Mode.EDIT, LATER)
    post = await published(store, "site")
    async with store.write() as work:
        assert (await CORRECTING.correct(work, ANN, post.id, Mode.EDIT, LATER)).planned == (), "nothing is other there"
        await the_newsroom().editing.save(work, ANN, post.id, post.version, a_content(title="改"), "", LATER)
        with pytest.raises(NotNow):
            await CORRECTING.correct(work, ANN, post.id, Mode.EDIT, LATER)


async def test_a_notice_is_what_was_approved_as_one(store: SqlStore) -> None:
    post = await corrected(store, await published(store, "mastodon"))
    async with store.write() as work:
        with pytest.raises(Faulty) as refused:
            await CORRECTING.correct(work, ANN, post.id, Mode.NOTICE, LATER)
        assert refused.value.findings[0].code == "correction_missing"
    post = await corrected(store, post, correction="金额应为一千元")
    async with store.write() as work:
        (delivery,) = (await CORRECTING.correct(work, ANN, post.id, Mode.NOTICE, LATER)).planned
    assert (delivery.kind, delivery.rendering) == (Kind.NOTICE, post.approved["notice:mastodon"])


async def test_what_is_withdrawn_is_taken_back_everywhere_and_nothing_more_goes_out(store: SqlStore) -> None:
    post = await published(store, "site", "mastodon")
    async with store.write() as work:
        await work.schedules.add(a_schedule(post=post.id, channels=("mastodon",)))
        await work.deliveries.plan([a_delivery(post=post.id, channel="telegram")])
        done = await CORRECTING.withdraw(work, ANN, post.id, "数字有误", LATER)
        await work.commit()
    assert {(each.channel, each.code) for each in done.planned} == {("site", ""), ("mastodon", WITHDRAW_BY_HAND)}
    async with store.read() as work:
        assert (await _post(work, post.id)).state is PostState.WITHDRAWN
        assert [each.state for each in await work.schedules.of_post(post.id)] == [ScheduleState.ENDED]
        states = {
            each.channel: each.state for each in await work.deliveries.of_post(post.id) if each.kind is Kind.PUBLISH
        }
        assert states["telegram"] is DeliveryState.CANCELLED
        (record,) = [one for one in await work.audit.of(post.id) if one.action == "post.withdrawn"]
        assert record.text == "数字有误", "why it was, sealed in the audit log"


async def test_what_came_out_while_it_was_withdrawn_is_withdrawn_by_withdrawing_again(store: SqlStore) -> None:
    post = await published(store, "site")
    async with store.write() as work:
        first = await CORRECTING.withdraw(work, ANN, post.id, "数字有误", LATER)
        await work.deliveries.plan([_sent(post, "mastodon")])
        again = await CORRECTING.withdraw(work, ANN, post.id, "数字有误", LATER)
    assert [each.channel for each in first.planned] == ["site"]
    assert [each.channel for each in again.planned] == ["mastodon"]


async def test_what_has_been_withdrawn_does_not_stand_any_more(store: SqlStore) -> None:
    post = await published(store, "site")
    async with store.write() as work:
        (delivery,) = (await CORRECTING.withdraw(work, ANN, post.id, "数字有误", LATER)).planned
        now = LATER + timedelta(minutes=1)
        claimed = await work.deliveries.take(delivery, DeliveryEvent.CLAIM, now, claimed_by="w", claimed_until=now)
        sending = await work.deliveries.take(claimed, DeliveryEvent.INTEND, now, intent_at=now)
        await work.deliveries.take(sending, DeliveryEvent.SUCCEED, now)
        assert await CORRECTING.standing(work, post.id) == {}
        with pytest.raises(NotNow):
            await CORRECTING.withdraw(work, ANN, post.id, "数字有误", now)


async def test_who_may_not_and_why_not(store: SqlStore) -> None:
    post = await published(store, "site")
    async with store.write() as work:
        with pytest.raises(NotAllowed):
            await CORRECTING.withdraw(work, LEA, post.id, "数字有误", LATER)
        with pytest.raises(NotAllowed):
            await CORRECTING.correct(work, LEA, post.id, Mode.EDIT, LATER)
        with pytest.raises(Faulty) as refused:
            await CORRECTING.withdraw(work, ANN, post.id, " ", LATER)
    assert refused.value.findings[0].code == "reason_missing"


async def _post(work: UnitOfWork, id: str) -> Post:
    post = await work.posts.find(id)
    assert post is not None
    return post
