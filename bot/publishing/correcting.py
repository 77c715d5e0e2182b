"""What has been published: corrected in place, corrected by a notice of its own, or withdrawn.

Only what was approved goes out as a correction. Where a channel cannot edit or withdraw by itself, the delivery waits
for a person from the beginning, so that nothing of it is forgotten.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import AuditEntry
from bot.publishing.deliveries import OPEN, Delivery, DeliveryEvent, DeliveryState, Kind
from bot.publishing.editing import check_right, get_post
from bot.publishing.errors import Faulty, NotNow
from bot.publishing.issues import Issue, standing_issues, withdrawal_of
from bot.publishing.outcomes import Awaited
from bot.publishing.ports import Ability
from bot.publishing.post_state import sum_up_post
from bot.publishing.posts import Post, PostState
from bot.publishing.rendering import Finding
from bot.publishing.schedules import ScheduleState
from bot.publishing.typesetting import NOTICE
from bot.rights import Actor, Right

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

EDIT_BY_HAND = "edit_by_hand"
WITHDRAW_BY_HAND = "withdraw_by_hand"
"""Codes of deliveries that wait for a person because the channel cannot."""

_PUBLIC = frozenset({Kind.PUBLISH, Kind.EDIT, Kind.NOTICE})
_CANCELLED = frozenset({DeliveryState.PLANNED, DeliveryState.HELD, DeliveryState.WAITING})


class Mode(StrEnum):
    """How something is put right."""

    EDIT = "edit"  # 更正原文
    NOTICE = "notice"  # 另发更正说明


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """What was planned. by_hand: those of them that a person has to do on the platform."""

    planned: tuple[Delivery, ...]
    by_hand: tuple[Delivery, ...]


class Correcting:
    """The use cases of putting right and taking back. abilities: what the sender of a channel can."""

    def __init__(self, abilities: Callable[[str], frozenset[Ability]]) -> None:
        self._abilities = abilities

    async def standing(self, work: "UnitOfWork", post_id: str) -> dict[str, Delivery]:
        """By channel, the delivery whose text stands there now."""
        standing: dict[str, Delivery] = {}
        sent = [each for each in await work.deliveries.of_post(post_id) if each.state is DeliveryState.SENT]
        for delivery in sorted(sent, key=lambda each: each.finished_at or each.made_at):
            if delivery.kind in _PUBLIC:
                standing[delivery.channel] = delivery
            else:
                standing.pop(delivery.channel, None)
        return standing

    async def correct(self, work: "UnitOfWork", actor: Actor, post_id: str, mode: Mode, now: datetime) -> Corrected:
        """Plan the correction of what stands, with what is approved now. Safe to repeat for one version.

        Raises NotAllowed, UnknownPost, NotNow, Faulty without a text that says what is put right (for a notice).
        """
        check_right(actor, Right.SCHEDULE)
        post = await get_post(work, post_id)
        await work.deliveries.take_post_turn(post_id)
        standing = await self.standing(work, post_id)
        if not post.approved or not standing:
            raise NotNow(post.state, "correct")
        if mode is Mode.NOTICE and not post.content.correction:
            raise Faulty([Finding("correction_missing", where="correction")])
        planned = [
            self._correction(post, there, mode, now)
            for channel, there in standing.items()
            if channel in post.approved and post.approved[channel] != there.rendering
        ]
        return await self._plan(work, actor, post, planned, f"post.{mode}")

    async def withdraw(self, work: "UnitOfWork", actor: Actor, post_id: str, reason: str, now: datetime) -> Corrected:
        """Take every issue of it back wherever it stands, and let nothing more of it go out.

        What a channel is just being asked is not stopped: it is withdrawn as soon as somebody withdraws again.
        Raises NotAllowed, UnknownPost, NotNow, Faulty without a reason.
        """
        check_right(actor, Right.WITHDRAW)
        if not reason.strip():
            raise Faulty([Finding("reason_missing", where="reason")])
        post = await get_post(work, post_id)
        await work.deliveries.take_post_turn(post_id)
        deliveries = await work.deliveries.of_post(post_id)
        standing = standing_issues(deliveries)
        is_open = any(each.state in OPEN for each in deliveries)
        if not standing and not is_open and post.state is not PostState.SCHEDULED:
            raise NotNow(post.state, "withdraw")
        await self._stop(work, post_id, deliveries, actor, now)
        planned = [self._withdrawal(issue, now) for issue in standing]
        await work.posts.change(
            post.id,
            post.version,
            state=PostState.WITHDRAWN,
            approved={},
            level=0,
            changed_at=now,
            changed_by=actor.id,
        )
        return await self._plan(work, actor, post, planned, "post.withdrawn", reason.strip())

    async def _stop(
        self, work: "UnitOfWork", post_id: str, deliveries: Iterable[Delivery], actor: Actor, now: datetime
    ) -> None:
        for schedule in await work.schedules.of_post(post_id):
            if schedule.state is not ScheduleState.ENDED:
                await work.schedules.change(schedule, schedule.version, state=ScheduleState.ENDED, next_at=None)
        for delivery in deliveries:
            waits_for_platform = delivery.state is DeliveryState.WAITING and delivery.awaited is not Awaited.PERSON
            if delivery.state in _CANCELLED and delivery.kind is not Kind.WITHDRAW and not waits_for_platform:
                await work.deliveries.take(delivery, DeliveryEvent.CANCEL, now, by=actor.id, code="withdrawn")

    def _correction(self, post: Post, there: Delivery, mode: Mode, now: datetime) -> Delivery:
        channel = there.channel
        if mode is Mode.NOTICE:
            rendering = post.approved[f"{NOTICE}{channel}"]
            return _delivery(there, Kind.NOTICE, rendering, f"notice:{post.version}", now)
        by_hand = "" if Ability.EDIT in self._abilities(channel) else EDIT_BY_HAND
        return _delivery(there, Kind.EDIT, post.approved[channel], f"edit:{post.version}", now, by_hand)

    def _withdrawal(self, issue: Issue, now: datetime) -> Delivery:
        there = issue.delivery
        by_hand = "" if Ability.WITHDRAW in self._abilities(there.channel) else WITHDRAW_BY_HAND
        planned = _delivery(there, Kind.WITHDRAW, issue.text.rendering, withdrawal_of(issue), now, by_hand)
        return replace(planned, address=issue.address)  # where a person finds it

    async def _plan(  # noqa: PLR0913, PLR0917 - what is planned of which post, and what the audit log says of it
        self, work: "UnitOfWork", actor: Actor, post: Post, planned: list[Delivery], action: str, text: str = ""
    ) -> Corrected:
        new = await work.deliveries.plan(planned)
        await sum_up_post(work, post.id)
        channels = ",".join(delivery.channel for delivery in new)
        data = {"version": str(post.version), "channels": channels}
        await work.audit.append(AuditEntry(actor.id, action, subject=post.id, data=data, text=text))
        return Corrected(planned=tuple(new), by_hand=tuple(each for each in new if each.awaited is Awaited.PERSON))


def _delivery(  # noqa: PLR0913, PLR0917 - what is asked of which channel, and when
    there: Delivery, kind: Kind, rendering: str, occurrence: str, now: datetime, by_hand: str = ""
) -> Delivery:
    """A delivery about what stands there. by_hand: the code under which it waits for a person, if it does."""
    return Delivery(
        id=uuid4().hex,
        post=there.post,
        channel=there.channel,
        occurrence=occurrence,
        kind=kind,
        state=DeliveryState.WAITING if by_hand else DeliveryState.PLANNED,
        rendering=rendering,
        due_at=now,
        made_at=now,
        next_at=None if by_hand else now,
        awaited=Awaited.PERSON if by_hand else None,
        code=by_hand,
    )
