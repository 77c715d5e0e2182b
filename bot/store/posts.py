"""Posts with their versions, reviews and approved renderings.

What a post says stands in `document` as JSON; slug, title and state stand beside it to be found by.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.publishing.errors import Changed, UnknownPost
from bot.publishing.ledger_errors import AlreadyReviewed, SlugTaken
from bot.publishing.posts import Decision, Post, PostState, Review, Revision
from bot.publishing.rendering import Rendering, parse_rendering
from bot.publishing.schedules import ScheduleState
from bot.store.encoding import read_mapping, write_mapping
from bot.store.post_documents import content_document, parse_content
from bot.store.publishing_tables import PostReviewRow, PostRevisionRow, PostRow, RenderingRow, ScheduleRow

_POSTS = PostRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_REVISIONS = PostRevisionRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_REVIEWS = PostReviewRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_RENDERINGS = RenderingRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_SCHEDULES = ScheduleRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_ACTIVE = ScheduleState.ACTIVE.value

_PLAIN = ("author", "level", "made_at", "changed_at", "changed_by", "submitted_at", "approved_at", "published_at")


class Posts:
    """The rows of `post`, `post_revision`, `post_review` and `rendering`."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def add(self, post: Post) -> None:
        """Keep a new post. Raises SlugTaken; the transaction is then over."""
        row = {"id": post.id, "version": post.version, **_columns(_fields(post))}
        try:
            await self._connection.execute(insert(_POSTS), row)
        except IntegrityError:
            raise SlugTaken(post.content.slug) from None

    async def add_all(self, posts: Sequence[Post], revisions: Sequence[Revision]) -> None:
        """Keep many new posts with their versions. Raises SlugTaken; the transaction is then over."""
        rows = [{"id": post.id, "version": post.version, **_columns(_fields(post))} for post in posts]
        if not rows:
            return
        try:
            await self._connection.execute(insert(_POSTS), rows)
        except IntegrityError:
            raise SlugTaken("") from None
        await self._connection.execute(insert(_REVISIONS), [_revision_columns(revision) for revision in revisions])

    async def slugs(self) -> frozenset[str]:
        """The short addresses of all posts."""
        return frozenset((await self._connection.execute(select(_POSTS.c.slug))).scalars())

    async def find(self, id: str) -> Post | None:
        """The post of that id."""
        return await self._one(_POSTS.c.id == id)

    async def find_slug(self, slug: str) -> Post | None:
        """The post of that short address."""
        return await self._one(_POSTS.c.slug == slug)

    async def find_all(self, ids: Collection[str]) -> dict[str, Post]:
        """Those posts, by id."""
        if not ids:
            return {}
        rows = await self._connection.execute(select(_POSTS).where(_POSTS.c.id.in_(list(ids))))
        return {row.id: _post(row) for row in rows}

    async def change(self, id: str, version: int, **fields: Any) -> Post:
        """Change fields of the post at that version, and give it as it is then: one version further.

        Raises Changed, UnknownPost, SlugTaken.
        """
        values = {**_columns(fields), "version": version + 1}
        seen = (_POSTS.c.id == id, _POSTS.c.version == version)
        try:
            row = (
                await self._connection.execute(update(_POSTS).where(*seen).values(**values).returning(_POSTS))
            ).first()
        except IntegrityError:
            raise SlugTaken(values.get("slug", "")) from None
        if row is not None:
            return _post(row)
        there = await self.find(id)
        if there is None:
            raise UnknownPost(id)
        raise Changed(id, there.version, there.changed_by)

    async def standing(self, id: str) -> tuple[PostState, datetime | None, bool] | None:
        """Where a post stands, when it was published, and whether a schedule is still to send it."""
        planned = select(_SCHEDULES.c.id).where(_SCHEDULES.c.post == _POSTS.c.id, _SCHEDULES.c.state == _ACTIVE)
        columns = (_POSTS.c.state, _POSTS.c.published_at, planned.exists().label("planned"))
        row = (await self._connection.execute(select(*columns).where(_POSTS.c.id == id))).one_or_none()
        return (PostState(row.state), row.published_at, bool(row.planned)) if row else None

    async def set_state(self, id: str, seen: PostState, state: PostState, published_at: datetime | None) -> bool:
        """What the ledger says of a post, unless somebody has changed its state meanwhile; its version stays."""
        values = {"state": state.value, "published_at": published_at}
        setting = update(_POSTS).where(_POSTS.c.id == id, _POSTS.c.state == seen.value).values(**values)
        return bool((await self._connection.execute(setting)).rowcount)

    async def citing(self, law: str) -> list[Post]:
        """The posts that cite that law, now or as they were approved; by slug."""
        named = f"%{law.replace('%', '')}%"
        anywhere = or_(_POSTS.c.document.like(named), _POSTS.c.approved_document.like(named))
        rows = await self._connection.execute(select(_POSTS).where(anywhere).order_by(_POSTS.c.slug))
        return [post for row in rows if _cites(post := _post(row), law)]

    async def delete(self, id: str) -> None:
        """Forget the post with its versions and reviews. Safe to repeat."""
        for table, column in ((_REVIEWS, _REVIEWS.c.post), (_REVISIONS, _REVISIONS.c.post), (_POSTS, _POSTS.c.id)):
            await self._connection.execute(delete(table).where(column == id))

    async def add_revision(self, revision: Revision) -> None:
        """Keep a version of a post for good."""
        await self._connection.execute(insert(_REVISIONS), _revision_columns(revision))

    async def revisions(self, id: str) -> list[Revision]:
        """The versions of a post, the latest first."""
        query = select(_REVISIONS).where(_REVISIONS.c.post == id).order_by(_REVISIONS.c.number.desc())
        return [
            Revision(
                post=row.post,
                number=row.number,
                content=parse_content(row.document),
                by=row.by,
                at=row.at,
                note=row.note,
            )
            for row in await self._connection.execute(query)
        ]

    async def add_review(self, review: Review) -> None:
        """Keep a reviewer's word. Raises AlreadyReviewed; the transaction is then over."""
        row = {
            "post": review.post,
            "version": review.version,
            "level": review.level,
            "decision": review.decision.value,
            "by": review.by,
            "at": review.at,
            "comment": review.comment,
        }
        try:
            await self._connection.execute(insert(_REVIEWS), row)
        except IntegrityError:
            raise AlreadyReviewed(review.post) from None

    async def reviews(self, id: str, version: int | None = None) -> list[Review]:
        """What reviewers said of a post, of one version or all; the earliest first."""
        query = select(_REVIEWS).where(_REVIEWS.c.post == id).order_by(_REVIEWS.c.id)
        if version is not None:
            query = query.where(_REVIEWS.c.version == version)
        return [_review(row) for row in await self._connection.execute(query)]

    async def save_renderings(self, renderings: Sequence[Rendering]) -> None:
        """Keep what was approved, each under its digest. Safe to repeat."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        keeping = dialect.insert(_RENDERINGS).on_conflict_do_nothing(index_elements=["digest"])
        now = self._clock.now()
        rows = [
            {"digest": each.digest, "channel": each.channel, "document": each.document(), "made_at": now}
            for each in renderings
        ]
        if rows:
            await self._connection.execute(keeping, rows)

    async def rendering(self, digest: str) -> Rendering | None:
        """The rendering of that digest, as it was approved."""
        query = select(_RENDERINGS.c.document).where(_RENDERINGS.c.digest == digest)
        document = (await self._connection.execute(query)).scalar_one_or_none()
        return parse_rendering(document) if document is not None else None

    async def _one(self, condition: Any) -> Post | None:
        row = (await self._connection.execute(select(_POSTS).where(condition))).one_or_none()
        return _post(row) if row else None

    async def list(  # noqa: PLR0913 - what is looked for, and which part of it
        self,
        states: Collection[PostState] = (),
        author: str | None = None,
        offset: int = 0,
        limit: int = 50,
        *,
        hand: str = "",
        words: Collection[str] = (),
    ) -> tuple[list[Post], int]:
        """The posts in these states (all without any), of that author where one is named, and how many there are.

        The latest changed first. hand: whoever wrote it or changed it last; words: all of them stand in it.
        """
        wanted = [_POSTS.c.state.in_([state.value for state in states])] if states else []
        wanted += [_POSTS.c.author == author] if author else []
        wanted += [or_(_POSTS.c.author == hand, _POSTS.c.changed_by == hand)] if hand else []
        wanted += [_POSTS.c.document.icontains(word, autoescape=True) for word in words]
        total = (await self._connection.execute(select(func.count()).select_from(_POSTS).where(*wanted))).scalar_one()
        query = select(_POSTS).where(*wanted).order_by(_POSTS.c.changed_at.desc(), _POSTS.c.id)
        rows = await self._connection.execute(query.offset(offset).limit(limit))
        return [_post(row) for row in rows], total


def _fields(post: Post) -> dict[str, Any]:
    names = ("content", "state", "approved", "approved_content", *_PLAIN)
    return {name: getattr(post, name) for name in names}


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    """The columns of these fields of a post. Raises TypeError for a field that is not changed this way."""
    rest = dict(fields)
    columns: dict[str, Any] = {name: rest.pop(name) for name in _PLAIN if name in rest}
    if "content" in rest:
        content = rest.pop("content")
        columns |= {"document": content_document(content), "slug": content.slug, "title": content.title}
    if "state" in rest:
        columns["state"] = PostState(rest.pop("state")).value
    if "approved" in rest:
        columns["approved"] = write_mapping(rest.pop("approved"))
    if "approved_content" in rest:
        approved = rest.pop("approved_content")
        columns["approved_document"] = content_document(approved) if approved is not None else None
    if rest:
        raise TypeError(f"a post has no {', '.join(sorted(rest))} to change")
    return columns


def _revision_columns(revision: Revision) -> dict[str, Any]:
    return {
        "post": revision.post,
        "number": revision.number,
        "document": content_document(revision.content),
        "by": revision.by,
        "at": revision.at,
        "note": revision.note,
    }


def _post(row: Row[Any]) -> Post:
    return Post(
        id=row.id,
        content=parse_content(row.document),
        state=PostState(row.state),
        version=row.version,
        approved=read_mapping(row.approved),
        approved_content=parse_content(row.approved_document) if row.approved_document is not None else None,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _review(row: Row[Any]) -> Review:
    return Review(
        post=row.post,
        version=row.version,
        level=row.level,
        decision=Decision(row.decision),
        by=row.by,
        at=row.at,
        comment=row.comment,
    )


def _cites(post: Post, law: str) -> bool:
    contents = [post.content, *([post.approved_content] if post.approved_content else [])]
    return any(citation.law == law for content in contents for citation in content.citations)
