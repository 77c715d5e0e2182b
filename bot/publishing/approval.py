"""Approval: draft -> in review -> approved, over one to three levels.

Nobody agrees to a post that they wrote or changed since it was last approved, nor at two levels of one submission.
Whoever may agree at the level that is due is told. After the last level the renderings of all channels that are
switched on are frozen: what goes out later is one of them, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.audit import AuditEntry
from bot.clock import local_date
from bot.publishing.alerts import Alert, AlertKind, Alerts
from bot.publishing.checking import PostChecker, errors_of
from bot.publishing.editing import check_right, get_post, writers
from bot.publishing.errors import Faulty, NotAllowed, NotNow
from bot.publishing.posts import Decision, Post, PostState, Review
from bot.publishing.rendering import Finding
from bot.publishing.schedules import ScheduleState
from bot.publishing.typesetting import Typesetter
from bot.rights import Actor, Right, may
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

MOST_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Level:
    """One level of review: its name as staff read it, and the roles that may agree there."""

    name: str
    roles: frozenset[Role]


class Approval:
    """The use cases of reviewing. alerts: by which reviewers are told; None where nobody is."""

    def __init__(
        self, levels: Sequence[Level], checker: PostChecker, typesetter: Typesetter, alerts: Alerts | None = None
    ) -> None:
        if not 1 <= len(levels) <= MOST_LEVELS:
            raise ValueError(f"there are one to {MOST_LEVELS} levels")
        self.levels = tuple(levels)
        self._checker = checker
        self._typesetter = typesetter
        self._alerts = alerts

    def level_of(self, post: Post) -> Level:
        """The level that is due: the last one for a post that has passed more of them than there are by now."""
        return self.levels[min(post.level, len(self.levels) - 1)]

    async def submit(self, work: "UnitOfWork", actor: Actor, post_id: str, version: int, now: datetime) -> Post:
        """Hand a draft in. Raises NotAllowed, UnknownPost, Changed, NotNow, Faulty when the check finds errors."""
        check_right(actor, Right.EDIT_POSTS)
        post = await get_post(work, post_id, version)
        if post.state is not PostState.DRAFT:
            raise NotNow(post.state, "submit")
        await self._check(work, post, now)
        changed = await work.posts.change(
            post.id, version, state=PostState.IN_REVIEW, level=0, submitted_at=now, changed_at=now, changed_by=actor.id
        )
        await self._log(work, actor, "post.submitted", changed)
        await self._tell_reviewers(work, changed)
        return changed

    async def withdraw_submission(
        self, work: "UnitOfWork", actor: Actor, post_id: str, version: int, now: datetime
    ) -> Post:
        """Take a post back from review, to go on writing. Raises NotAllowed, UnknownPost, Changed, NotNow."""
        check_right(actor, Right.EDIT_POSTS)
        post = await get_post(work, post_id, version)
        if post.state is not PostState.IN_REVIEW:
            raise NotNow(post.state, "take_back")
        changed = await work.posts.change(
            post.id, version, state=PostState.DRAFT, level=0, changed_at=now, changed_by=actor.id
        )
        await self._log(work, actor, "post.taken_back", changed)
        return changed

    async def agree(  # noqa: PLR0913, PLR0917 - who says what of which version, and when
        self, work: "UnitOfWork", actor: Actor, post_id: str, version: int, comment: str, now: datetime
    ) -> Post:
        """Agree at the level that is due; after the last one the post is approved and its renderings are frozen.

        Raises NotAllowed, UnknownPost, Changed, NotNow, Faulty, AlreadyReviewed.
        """
        post = await self._reviewed(work, actor, post_id, version)
        await self._record(work, actor, post, Decision.AGREED, comment, now)
        level = post.level + 1
        if level < len(self.levels):
            changed = await work.posts.change(post.id, version, level=level, changed_at=now, changed_by=post.changed_by)
            await self._log(work, actor, "post.agreed", changed, level=level)
            await self._tell_reviewers(work, changed)
            return changed
        return await self._approve(work, actor, post, now)

    async def return_(  # noqa: PLR0913, PLR0917 - who says what of which version, and when
        self, work: "UnitOfWork", actor: Actor, post_id: str, version: int, comment: str, now: datetime
    ) -> Post:
        """Send it back with what has to be mended. Raises as `agree`, and Faulty without a comment."""
        if not comment.strip():
            raise Faulty([Finding("comment_missing", where="comment")])
        post = await self._reviewed(work, actor, post_id, version)
        await self._record(work, actor, post, Decision.RETURNED, comment, now)
        changed = await work.posts.change(
            post.id, version, state=PostState.DRAFT, level=0, changed_at=now, changed_by=post.changed_by
        )
        await self._log(work, actor, "post.returned", changed, level=post.level + 1)
        return changed

    async def refusal(self, work: "UnitOfWork", actor: Actor, post: Post) -> str:
        """Why this person may not review the post now, as the code of NotAllowed; empty when they may."""
        if post.state is not PostState.IN_REVIEW:
            return "not_in_review"
        level = self.level_of(post)
        if not may(actor.role, Right.REVIEW) or actor.role not in level.roles:
            return "not_this_level"
        if actor.id == post.author:
            return "own_post"
        if actor.id in await writers(work, post):
            return "changed_it"
        if actor.id in await _reviewers(work, post):
            return "reviewed_already"
        return ""

    async def to_review(self, work: "UnitOfWork", actor: Actor) -> list[Post]:
        """The posts that wait for this person, the oldest submission first."""
        if not may(actor.role, Right.REVIEW):
            return []
        waiting, _ = await work.posts.list(states=[PostState.IN_REVIEW], author=None, offset=0, limit=200)
        mine = [post for post in waiting if not await self.refusal(work, actor, post)]
        return sorted(mine, key=lambda post: post.submitted_at or post.changed_at)

    async def _reviewed(self, work: "UnitOfWork", actor: Actor, post_id: str, version: int) -> Post:
        post = await get_post(work, post_id, version)
        if post.state is not PostState.IN_REVIEW:
            raise NotNow(post.state, "review")
        refused = await self.refusal(work, actor, post)
        if refused:
            raise NotAllowed(refused)
        return post

    async def _record(  # noqa: PLR0913, PLR0917 - what a row is made of
        self, work: "UnitOfWork", actor: Actor, post: Post, decision: Decision, comment: str, now: datetime
    ) -> None:
        await work.posts.add_review(
            Review(
                post=post.id,
                version=post.version,
                level=post.level + 1,
                decision=decision,
                by=actor.id,
                at=now,
                comment=comment.strip(),
            )
        )

    async def _approve(self, work: "UnitOfWork", actor: Actor, post: Post, now: datetime) -> Post:
        await self._check(work, post, now)
        renderings = self._typesetter.renderings(post.content, only=self._checker.enabled)
        await self._typesetter.keep_cover(work, post.content, now)
        await work.posts.save_renderings(list(renderings.values()))
        schedules = await work.schedules.of_post(post.id)
        is_planned = any(schedule.state is ScheduleState.ACTIVE and schedule.next_at for schedule in schedules)
        changed = await work.posts.change(
            post.id,
            post.version,
            state=PostState.SCHEDULED if is_planned else PostState.APPROVED,
            level=len(self.levels),
            approved={name: rendering.digest for name, rendering in renderings.items()},
            approved_content=post.content,
            approved_at=now,
            changed_at=now,
            changed_by=post.changed_by,
        )
        await self._log(work, actor, "post.approved", changed, level=len(self.levels))
        return changed

    async def _tell_reviewers(self, work: "UnitOfWork", post: Post) -> None:
        """Tell everybody who may agree to it now, before this transaction ends."""
        if self._alerts is None:
            return
        staff = await work.staff.all(active_only=True)
        may_agree = [one.id for one in staff if not await self.refusal(work, Actor(one.id, one.role), post)]
        once = f"review:{post.id}:{post.version}"
        await self._alerts.tell(work, Alert(kind=AlertKind.REVIEW, once=once, post=post.id, to=frozenset(may_agree)))

    async def _check(self, work: "UnitOfWork", post: Post, now: datetime) -> None:
        errors = errors_of(await self._checker.check_stored(work, post.content, local_date(now)))
        if errors:
            raise Faulty(errors)

    async def _log(self, work: "UnitOfWork", actor: Actor, action: str, post: Post, *, level: int = 0) -> None:
        data = {"version": str(post.version)} | ({"level": str(level)} if level else {})
        await work.audit.append(AuditEntry(actor.id, action, subject=post.id, data=data))


async def _reviewers(work: "UnitOfWork", post: Post) -> set[str]:
    """Everybody who has agreed to it since it was handed in: each of them made one version of it."""
    handed_in = post.version - post.level
    reviews = await work.posts.reviews(post.id)
    return {one.by for one in reviews if one.decision is Decision.AGREED and one.version >= handed_in}
