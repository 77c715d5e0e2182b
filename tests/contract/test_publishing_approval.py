"""Approval, on every database: who may agree to what, and what is frozen then."""

from datetime import timedelta
from itertools import product

import pytest

from bot.publishing.approval import Approval
from bot.publishing.diffing import diff
from bot.publishing.errors import Changed, Faulty, NotAllowed, NotNow
from bot.publishing.posts import Decision, Post, PostState
from bot.rights import Actor
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.newsroom import NINE, a_content, a_schedule
from tests.newsroom_desk import (
    ADA,
    ANN,
    BOB,
    CAL,
    CEM,
    LEA,
    OPA,
    SAM,
    SUE,
    THREE_LEVELS,
    TWO_LEVELS,
    a_newsroom,
    approve_post,
    the_newsroom,
    write_post,
)

APPROVAL = the_newsroom().approval
EDITING = the_newsroom().editing
LATER = NINE + timedelta(hours=1)
EVERYBODY = (ANN, BOB, CEM, SUE, SAM, LEA, ADA, CAL, OPA)
FIRST, LAST = {"publicist", "supervisor"}, {"supervisor", "leader"}


async def in_review(work: UnitOfWork, approval: Approval = APPROVAL) -> Post:
    post = await EDITING.create(work, ANN, a_content(), NINE)
    return await approval.submit(work, ANN, post.id, post.version, NINE)


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.id)
async def test_who_may_agree_at_the_first_level(store: SqlStore, actor: Actor) -> None:
    async with store.write() as work:
        post = await in_review(work)
        may = actor.role in FIRST and actor != ANN
        if may:
            assert (await APPROVAL.agree(work, actor, post.id, post.version, "", LATER)).level == 1
            return
        with pytest.raises(NotAllowed) as refused:
            await APPROVAL.agree(work, actor, post.id, post.version, "", LATER)
        assert refused.value.why == ("own_post" if actor == ANN else "not_this_level")


@pytest.mark.parametrize(("first", "last"), list(product((BOB, SUE), EVERYBODY)), ids=lambda actor: actor.id)
async def test_who_may_agree_at_the_last_level(store: SqlStore, first: Actor, last: Actor) -> None:
    async with store.write() as work:
        post = await in_review(work)
        post = await APPROVAL.agree(work, first, post.id, post.version, "", LATER)
        if last.role in LAST and last != first:
            approved = await APPROVAL.agree(work, last, post.id, post.version, "可以", LATER)
            assert (approved.state, approved.level, approved.approved_at) == (PostState.APPROVED, 2, LATER)
            return
        with pytest.raises(NotAllowed) as refused:
            await APPROVAL.agree(work, last, post.id, post.version, "", LATER)
        expected = "not_this_level" if last.role not in LAST else "reviewed_already"
        assert refused.value.why == expected


@pytest.mark.parametrize("levels", [TWO_LEVELS[:1], TWO_LEVELS, THREE_LEVELS], ids=["one", "two", "three"])
async def test_a_post_is_approved_after_the_last_level_and_not_before(store: SqlStore, levels: list[object]) -> None:
    approval = a_newsroom(approval=levels).approval
    async with store.write() as work:
        post = await in_review(work, approval)
        for number, actor in enumerate((BOB, SAM, SUE)[-len(levels) :], 1):
            post = await approval.agree(work, actor, post.id, post.version, "", LATER)
            assert (post.state is PostState.APPROVED) == (number == len(levels))


async def test_nobody_agrees_to_what_they_have_changed_since_it_was_last_approved(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        post = await EDITING.save(work, BOB, post.id, post.version, a_content(title="改"), "", LATER)
        post = await APPROVAL.submit(work, ANN, post.id, post.version, LATER)
        with pytest.raises(NotAllowed) as refused:
            await APPROVAL.agree(work, BOB, post.id, post.version, "", LATER)
        assert refused.value.why == "changed_it"
        post = await APPROVAL.agree(work, SUE, post.id, post.version, "", LATER)
        post = await APPROVAL.agree(work, LEA, post.id, post.version, "", LATER + timedelta(minutes=1))
        assert post.state is PostState.APPROVED
        post = await EDITING.save(work, CEM, post.id, post.version, a_content(title="再改"), "", LATER + timedelta(1))
        post = await APPROVAL.submit(work, CEM, post.id, post.version, LATER + timedelta(1))
        post = await APPROVAL.agree(work, BOB, post.id, post.version, "", LATER + timedelta(1))
        assert post.level == 1, "what bob changed has been approved since"


async def test_what_is_returned_goes_back_to_its_author_with_a_comment(store: SqlStore) -> None:
    async with store.write() as work:
        post = await in_review(work)
        with pytest.raises(Faulty):
            await APPROVAL.return_(work, BOB, post.id, post.version, "  ", LATER)
        post = await APPROVAL.agree(work, BOB, post.id, post.version, "", LATER)
        post = await APPROVAL.return_(work, LEA, post.id, post.version, "标题太长", LATER)
        assert (post.state, post.level) == (PostState.DRAFT, 0)
        reviews = await work.posts.reviews(post.id)
        assert [(one.level, one.decision, one.by, one.comment) for one in reviews] == [
            (1, Decision.AGREED, "bob", ""),
            (2, Decision.RETURNED, "lea", "标题太长"),
        ]
        again = LATER + timedelta(hours=1)
        post = await APPROVAL.submit(work, ANN, post.id, post.version, again)
        assert (await APPROVAL.agree(work, BOB, post.id, post.version, "", again)).level == 1, "a new submission"


async def test_of_two_who_agree_to_the_same_version_the_second_is_told(store: SqlStore) -> None:
    async with store.write() as work:
        post = await in_review(work)
        await APPROVAL.agree(work, BOB, post.id, post.version, "", LATER)
        with pytest.raises(Changed):
            await APPROVAL.agree(work, CEM, post.id, post.version, "", LATER)


async def test_what_is_not_in_review_is_not_reviewed(store: SqlStore) -> None:
    post = await write_post(store)
    async with store.write() as work:
        with pytest.raises(NotNow):
            await APPROVAL.agree(work, BOB, post.id, post.version, "", LATER)
        with pytest.raises(NotNow):
            await APPROVAL.withdraw_submission(work, ANN, post.id, post.version, LATER)


async def test_a_faulty_post_is_not_handed_in_and_not_approved(store: SqlStore) -> None:
    async with store.write() as work:
        faulty = await EDITING.create(work, ANN, a_content(citations=()), NINE)
        with pytest.raises(Faulty) as refused:
            await APPROVAL.submit(work, ANN, faulty.id, faulty.version, NINE)
        assert [finding.code for finding in refused.value.findings] == ["citation_text_not_cited"]
        ends = a_content("ends", effective_to=NINE.date())
        post = await EDITING.create(work, ANN, ends, NINE)
        post = await APPROVAL.submit(work, ANN, post.id, post.version, NINE)
        post = await APPROVAL.agree(work, BOB, post.id, post.version, "", NINE)
        with pytest.raises(Faulty):
            await APPROVAL.agree(work, SUE, post.id, post.version, "", NINE + timedelta(days=2))


async def test_the_renderings_of_the_channels_that_are_on_are_frozen(store: SqlStore) -> None:
    content = a_content(channels=("mastodon", "site", "wechat"))
    post = await approve_post(store, await write_post(store, content=content))
    assert set(post.approved) == {"mastodon", "site"}, "nothing is approved for a channel that is off"
    async with store.read() as work:
        for channel, digest in post.approved.items():
            rendering = await work.posts.rendering(digest)
            assert rendering is not None
            assert (rendering.channel, rendering.digest) == (channel, digest)
            assert rendering == the_newsroom().typesetter.render(channel, content)
            assert await work.pictures.get(rendering.cover) is not None, "with the cover as it was drawn"


async def test_a_correction_is_approved_with_its_notice(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store, content=a_content(correction="金额应为一千元")))
    assert {"mastodon", "site", "notice:mastodon", "notice:site"} == set(post.approved)
    async with store.read() as work:
        rendering = await work.posts.rendering(post.approved["notice:mastodon"])
    assert rendering is not None
    assert rendering.channel == "mastodon"
    assert "更正" in rendering.parts["text"]


async def test_a_post_with_a_plan_waits_for_it_again_once_it_is_approved_anew(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        await work.schedules.add(a_schedule(post=post.id))
        post = await EDITING.save(work, ANN, post.id, post.version, a_content(title="改"), "", LATER)
        await work.commit()
    assert (await approve_post(store, post)).state is PostState.SCHEDULED


async def test_a_reviewer_finds_what_waits_for_them_and_what_has_changed(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        post = await EDITING.save(work, BOB, post.id, post.version, a_content(title="改"), "", LATER)
        post = await APPROVAL.submit(work, BOB, post.id, post.version, LATER)
        mine = {actor.id: [one.id for one in await APPROVAL.to_review(work, actor)] for actor in EVERYBODY}
    assert {name for name, posts in mine.items() if posts} == {"cem", "sue", "sam"}
    assert [part.field for part in diff(post.approved_content, post.content)] == ["title"]
