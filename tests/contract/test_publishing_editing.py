"""Writing posts, on every database: versions, who was first, what files bring in."""

from datetime import timedelta

import pytest

from bot.app import Program
from bot.publishing.editing import SHIPPED, Import
from bot.publishing.errors import Changed, Faulty, NotAllowed, NotNow, SlugTaken, UnknownPost
from bot.publishing.posts import PostState
from bot.publishing.shipped import import_shipped
from bot.store.unit_of_work import SqlStore
from tests.builders import ROOT
from tests.newsroom import NINE, a_content
from tests.newsroom_desk import ADA, ANN, BOB, CAL, LEA, OPA, SUE, approve_post, the_newsroom, write_post

EDITING = the_newsroom().editing
LATER = NINE + timedelta(hours=1)


async def test_every_save_is_a_version_that_stays(store: SqlStore) -> None:
    post = await write_post(store)
    async with store.write() as work:
        saved = await EDITING.save(work, BOB, post.id, 1, a_content(title="新标题"), "改了标题", LATER)
        same = await EDITING.save(work, BOB, post.id, 2, a_content(title="  新标题 "), "没改什么", LATER)
        await work.commit()
    assert (saved.version, saved.author, saved.changed_by) == (2, "ann", "bob")
    assert same == saved, "without a difference nothing happens"
    async with store.read() as work:
        revisions = await work.posts.revisions(post.id)
        assert [(one.number, one.by, one.note, one.content.title) for one in revisions] == [
            (2, "bob", "改了标题", "新标题"),
            (1, "ann", "", "欠薪怎么办"),
        ]


async def test_of_two_who_edit_the_same_version_the_second_is_told_by_whom_it_was_changed(store: SqlStore) -> None:
    post = await write_post(store)
    async with store.write() as work:
        await EDITING.save(work, BOB, post.id, 1, a_content(title="一"), "", LATER)
        with pytest.raises(Changed) as refused:
            await EDITING.save(work, ANN, post.id, 1, a_content(title="二"), "", LATER)
    assert (refused.value.version, refused.value.by) == (2, "bob")


@pytest.mark.parametrize("actor", [ADA, CAL, LEA, OPA], ids=lambda actor: actor.role)
async def test_who_does_not_write_posts_may_not(store: SqlStore, actor: object) -> None:
    async with store.write() as work:
        with pytest.raises(NotAllowed) as refused:
            await EDITING.create(work, actor, a_content(), NINE)  # type: ignore[arg-type]  # one of the actors
    assert refused.value.why == "edit_posts"


async def test_an_edit_of_what_was_approved_makes_a_draft_of_it(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store))
    assert post.state is PostState.APPROVED
    async with store.write() as work:
        edited = await EDITING.save(work, ANN, post.id, post.version, a_content(title="改"), "", LATER)
        await work.commit()
    assert (edited.state, edited.level, dict(edited.approved)) == (PostState.DRAFT, 0, {})
    assert edited.approved_content == post.content, "to show what has changed since"


async def test_what_is_in_review_is_taken_back_before_it_is_edited(store: SqlStore) -> None:
    post = await write_post(store)
    async with store.write() as work:
        waiting = await the_newsroom().approval.submit(work, ANN, post.id, 1, NINE)
        with pytest.raises(NotNow):
            await EDITING.save(work, ANN, post.id, waiting.version, a_content(title="改"), "", LATER)
        back = await the_newsroom().approval.withdraw_submission(work, ANN, post.id, waiting.version, LATER)
        await EDITING.save(work, ANN, post.id, back.version, a_content(title="改"), "", LATER)


async def test_a_name_in_addresses_is_that_of_one_post_and_fit_for_it(store: SqlStore) -> None:
    await write_post(store)
    async with store.write() as work:
        with pytest.raises(SlugTaken):
            await EDITING.create(work, BOB, a_content(), NINE)
        with pytest.raises(Faulty) as refused:
            await EDITING.create(work, BOB, a_content("Not A Name", title=""), NINE)
    assert [finding.code for finding in refused.value.findings] == ["slug_form", "title_missing"]


async def test_a_copy_is_a_draft_under_the_next_free_name(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        first = await EDITING.copy(work, BOB, post.id, LATER)
        second = await EDITING.copy(work, BOB, first.id, LATER)
        await work.commit()
    assert [first.content.slug, second.content.slug] == ["wages-2", "wages-3"]
    assert (first.state, first.author, first.approved_content) == (PostState.DRAFT, "bob", None)


async def test_only_a_draft_that_was_never_approved_is_deleted(store: SqlStore) -> None:
    draft, approved = await write_post(store, content=a_content("draft")), await write_post(store)
    approved = await approve_post(store, approved)
    async with store.write() as work:
        edited = await EDITING.save(work, ANN, approved.id, approved.version, a_content(title="改"), "", LATER)
        with pytest.raises(NotNow):
            await EDITING.delete_draft(work, ANN, approved.id, edited.version, LATER)
        await EDITING.delete_draft(work, ANN, draft.id, 1, LATER)
        with pytest.raises(UnknownPost):
            await EDITING.delete_draft(work, ANN, draft.id, 1, LATER)


async def test_an_import_never_overwrites_what_the_console_has(store: SqlStore) -> None:
    async with store.write() as work:
        assert await EDITING.import_content(work, "import", a_content(), NINE) is Import.NEW
        assert await EDITING.import_content(work, "import", a_content(), NINE) is Import.UNCHANGED
        assert await EDITING.import_content(work, "import", a_content(title="二"), NINE) is Import.CHANGED
        post = await work.posts.find_slug("wages")
        assert post is not None
        await EDITING.save(work, BOB, post.id, post.version, a_content(title="人写的"), "", LATER)
        assert await EDITING.import_content(work, "import", a_content(title="三"), LATER) is Import.KEPT
        assert await EDITING.import_content(work, "import", a_content(title="三"), LATER, force=True) is Import.CHANGED
        revisions = await work.posts.revisions(post.id)
    assert [one.content.title for one in revisions] == ["三", "人写的", "二", "欠薪怎么办"], "nothing is lost"


async def test_an_import_leaves_alone_what_has_been_handed_in_or_approved(store: SqlStore) -> None:
    async with store.write() as work:
        await EDITING.import_content(work, "import", a_content(), NINE)
        post = await work.posts.find_slug("wages")
        assert post is not None
        await the_newsroom().approval.submit(work, ANN, post.id, post.version, NINE)
        assert await EDITING.import_content(work, "import", a_content(title="二"), NINE) is Import.KEPT
        assert await EDITING.import_content(work, "import", a_content(title="二"), NINE, force=True) is Import.KEPT


async def test_the_shipped_posts_are_drafts_of_nobody_and_come_once(store: SqlStore) -> None:
    folder = ROOT / "content" / "explainers"
    async with store.write() as work:
        count = await import_shipped(work, folder, NINE)
        assert await import_shipped(work, folder, NINE) == 0
        posts, total = await work.posts.list(limit=200)
        assert total == count >= 24
        assert {(post.state, post.author) for post in posts} == {(PostState.DRAFT, SHIPPED)}
        assert len(await work.posts.revisions(posts[0].id)) == 1


async def test_what_happened_stands_in_the_audit_log(store: SqlStore) -> None:
    post = await approve_post(store, await write_post(store))
    async with store.write() as work:
        await EDITING.save(work, SUE, post.id, post.version, a_content(title="改"), "", LATER)
        await work.commit()
    async with store.read() as work:
        actions = [(record.actor, record.action) for record in await work.audit.of(post.id)]
    assert sorted(actions) == sorted(
        [
            ("ann", "post.created"),
            ("ann", "post.submitted"),
            ("bob", "post.agreed"),
            ("sue", "post.approved"),
            ("sue", "post.saved"),
        ]
    )


async def test_a_shipped_post_that_staff_delete_does_not_come_back(program: Program) -> None:
    async with program.store.write() as work:
        post = await work.posts.find_slug("winter-wages")
        assert post is not None
        await program.newsroom.editing.delete_draft(work, ANN, post.id, post.version, NINE)
        await work.commit()
    await program.prepare_base()
    async with program.store.read() as work:
        assert await work.posts.find_slug("winter-wages") is None
