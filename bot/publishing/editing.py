"""Writing posts: new, saved, copied, deleted, imported. Every saved text is a revision that stays.

Whoever saves names the version they saw. A post in review is not edited: its author takes it back first. An edit of
what was approved, planned or published makes a draft of it again; what is out there stays as it was approved.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import AuditEntry
from bot.publishing.errors import Changed, Faulty, NotAllowed, NotNow, SlugTaken, UnknownPost
from bot.publishing.post_files import LONGEST_SLUG, SLUG, tidied
from bot.publishing.posts import Content, Post, PostState, Revision
from bot.publishing.rendering import Finding
from bot.rights import Actor, Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

SHIPPED = "shipped"
"""The author of posts that came with the program."""

LONGEST_TITLE = 120
"""Characters that a title may have anywhere; channels allow fewer."""

UNTOUCHED = frozenset({PostState.DRAFT, PostState.IN_REVIEW})
_NOT_EDITED = frozenset({PostState.IN_REVIEW, PostState.WITHDRAWN})
_COPY = re.compile(r"-([0-9]+)\Z")


class Import(StrEnum):
    """What an import did with a post."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    KEPT = "kept"  # the console has a newer version


class Editing:
    """The use cases of writing."""

    async def create(self, work: "UnitOfWork", actor: Actor, content: Content, now: datetime) -> Post:
        """A new draft. Raises NotAllowed, SlugTaken, Faulty."""
        check_right(actor, Right.EDIT_POSTS)
        return await self._add(work, actor.id, content, "post.created", now)

    async def save(  # noqa: PLR0913, PLR0917 - who saves what over which version, and when
        self, work: "UnitOfWork", actor: Actor, post_id: str, version: int, content: Content, note: str, now: datetime
    ) -> Post:
        """Save what was written; without a difference nothing happens.

        Raises NotAllowed, UnknownPost, Changed, NotNow, SlugTaken, Faulty.
        """
        check_right(actor, Right.EDIT_POSTS)
        post = await get_post(work, post_id, version)
        if post.state in _NOT_EDITED:
            raise NotNow(post.state, "edit")
        return await self._save(work, actor.id, post, _writable(content), note, now)

    async def copy(self, work: "UnitOfWork", actor: Actor, post_id: str, now: datetime) -> Post:
        """A draft with the same text under another name. Raises NotAllowed, UnknownPost."""
        check_right(actor, Right.EDIT_POSTS)
        post = await get_post(work, post_id)
        slug = await self._free_slug(work, post.content.slug)
        content = replace(post.content, slug=slug, correction="")
        return await self._add(
            work, actor.id, content, "post.copied", now, source=post.id, hands=await self._hands(work, post, actor)
        )

    async def delete_draft(self, work: "UnitOfWork", actor: Actor, post_id: str, version: int, now: datetime) -> None:
        """Delete a draft that was never approved. Raises NotAllowed, UnknownPost, Changed, NotNow."""
        check_right(actor, Right.EDIT_POSTS)
        post = await get_post(work, post_id, version)
        if post.state is not PostState.DRAFT or post.approved_at is not None or post.published_at is not None:
            raise NotNow(post.state, "delete")
        await work.posts.delete(post.id)
        await work.audit.append(AuditEntry(actor.id, "post.deleted", subject=post.id, data={"slug": post.content.slug}))

    async def import_content(
        self, work: "UnitOfWork", by: str, content: Content, now: datetime, *, force: bool = False
    ) -> Import:
        """Bring the post of a file in, as a draft. What was edited in the console is kept; force: it is replaced.

        Safe to repeat. Raises Faulty; Changed, NotNow for what is in review, with force.
        """
        content = _writable(content)
        post = await work.posts.find_slug(content.slug)
        if post is None:
            await self._add(work, by, content, "post.imported", now)
            return Import.NEW
        if post.content == content:
            return Import.UNCHANGED
        if not force and not await self._is_as_imported(work, post):
            return Import.KEPT
        if post.state in _NOT_EDITED:
            return Import.KEPT
        await self._save(work, by, post, content, "import", now)
        return Import.CHANGED

    async def _is_as_imported(self, work: "UnitOfWork", post: Post) -> bool:
        """Whether nobody has worked on it in the console: its newest revision came from a file, and it is a draft."""
        revisions = await work.posts.revisions(post.id)
        newest = max(revisions, key=lambda revision: revision.number, default=None)
        return post.state is PostState.DRAFT and newest is not None and newest.by in IMPORTERS

    async def _hands(self, work: "UnitOfWork", post: Post, actor: Actor) -> list[Revision]:
        """The last version of everybody else who wrote it: they do not agree to their own words in a copy either."""
        mine = {post.author, *await writers(work, post)} - {actor.id, *IMPORTERS}
        latest: dict[str, Revision] = {}
        for revision in await work.posts.revisions(post.id):
            latest.setdefault(revision.by, revision)
        return sorted((latest[by] for by in mine & latest.keys()), key=lambda revision: revision.number)

    async def _add(  # noqa: PLR0913 - what a revision is made of
        self,
        work: "UnitOfWork",
        by: str,
        content: Content,
        action: str,
        now: datetime,
        *,
        source: str = "",
        hands: Sequence[Revision] = (),
    ) -> Post:
        """A new draft. hands: versions by others that stand before it."""
        post = replace(new_post(by, content, now), version=len(hands) + 1)
        await _check_slug(work, post.content.slug)
        await work.posts.add(post)
        for number, revision in enumerate(hands, 1):
            await work.posts.add_revision(replace(revision, post=post.id, number=number))
        await work.posts.add_revision(first_revision(post))
        data = {"slug": post.content.slug} | ({"source": source} if source else {})
        await work.audit.append(AuditEntry(by, action, subject=post.id, data=data))
        return post

    async def _save(  # noqa: PLR0913, PLR0917 - what a revision is made of
        self, work: "UnitOfWork", by: str, post: Post, content: Content, note: str, now: datetime
    ) -> Post:
        if content == post.content:
            return post
        if content.slug != post.content.slug:
            if post.published_at is not None:
                raise NotNow(post.state, "rename")
            await _check_slug(work, content.slug)
        changed = await work.posts.change(
            post.id,
            post.version,
            content=content,
            state=PostState.DRAFT,
            level=0,
            approved={},
            changed_at=now,
            changed_by=by,
        )
        revision = Revision(post=post.id, number=changed.version, content=content, by=by, at=now, note=note.strip())
        await work.posts.add_revision(revision)
        data = {"version": str(changed.version)} | ({"from": post.state.value} if post.state not in UNTOUCHED else {})
        await work.audit.append(AuditEntry(by, "post.saved", subject=post.id, data=data))
        return changed

    async def _free_slug(self, work: "UnitOfWork", slug: str) -> str:
        stem = _COPY.sub("", slug)[: LONGEST_SLUG - 8]
        number = 2
        while await work.posts.find_slug(f"{stem}-{number}") is not None:
            number += 1
        return f"{stem}-{number}"


IMPORTERS = frozenset({SHIPPED, "import"})
"""Who saves what comes from files: they stand in revisions instead of an account."""


def new_post(by: str, content: Content, now: datetime) -> Post:
    """A draft, not yet kept anywhere. Raises Faulty."""
    return Post(
        id=uuid4().hex,
        content=_writable(content),
        state=PostState.DRAFT,
        author=by,
        version=1,
        made_at=now,
        changed_at=now,
        changed_by=by,
    )


def first_revision(post: Post) -> Revision:
    """The first version of a new post of its own."""
    return Revision(post=post.id, number=post.version, content=post.content, by=post.author, at=post.made_at)


async def get_post(work: "UnitOfWork", post_id: str, version: int | None = None) -> Post:
    """The post, at that version where one is named. Raises UnknownPost, Changed."""
    post = await work.posts.find(post_id)
    if post is None:
        raise UnknownPost(post_id)
    if version is not None and post.version != version:
        raise Changed(post.id, post.version, post.changed_by)
    return post


async def writers(work: "UnitOfWork", post: Post) -> set[str]:
    """Everybody who has changed the post since it was last approved, whatever the clock said meanwhile."""
    since, revisions = post.approved_at, await work.posts.revisions(post.id)
    approved = next((one.number for one in revisions if one.content == post.approved_content), 0)
    return {one.by for one in revisions if since is None or one.at >= since or one.number > approved}


def check_right(actor: Actor, right: Right) -> None:
    """Raises NotAllowed where the role of the actor has not that right."""
    if not may(actor.role, right):
        raise NotAllowed(right.value)


def _writable(content: Content) -> Content:
    """The content as it is kept. Raises Faulty for what no table takes; everything else waits for the check."""
    content = tidied(content)
    findings = []
    if not SLUG.fullmatch(content.slug) or len(content.slug) > LONGEST_SLUG:
        findings.append(Finding("slug_form", where="slug", data={"longest": str(LONGEST_SLUG)}))
    if not content.title:
        findings.append(Finding("title_missing", where="title"))
    elif len(content.title) > LONGEST_TITLE:
        findings.append(Finding("title_too_long", where="title", data={"longest": str(LONGEST_TITLE)}))
    if findings:
        raise Faulty(findings)
    return content


async def _check_slug(work: "UnitOfWork", slug: str) -> None:
    if await work.posts.find_slug(slug) is not None:
        raise SlugTaken(slug)
