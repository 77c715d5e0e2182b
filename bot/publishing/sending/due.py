"""The tick: schedules whose time has come become deliveries, and what is too late expires and is told.

The delivery and the schedule's next time are one transaction: who dies in it has done nothing, and of two who do it
at once one plans and the other finds the schedule moved on.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import SYSTEM, AuditEntry
from bot.publishing.alerts import Alert, AlertKind
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind
from bot.publishing.ledger_errors import LeaseLost
from bot.publishing.planned import occurrence_key
from bot.publishing.post_state import sum_up_post
from bot.publishing.posts import Post, PostState
from bot.publishing.rechecking import approved_digest
from bot.publishing.recurrence import Occurrence
from bot.publishing.schedules import Every, Schedule, ScheduleState
from bot.publishing.sending.parts import Parts, happen, tell
from bot.publishing.settling import PERISHABLE, Settled

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

AT_ONCE = 25
"""So many schedules in one transaction: others want to write, too."""

MOST_BATCHES = 40
TOO_LATE, NOT_APPROVED, CHANNEL_OFF = "too_late", "not_approved", "channel_off"
_WITHDRAWN = frozenset({PostState.DRAFT, PostState.IN_REVIEW, PostState.WITHDRAWN})


async def look(parts: Parts) -> tuple[int, int]:
    """Put what is due by now into the ledger, and stop what must not go out any more; how many deliveries of each.

    Safe to repeat, in several processes too. Most of the time there is nothing to do, and nothing is written.
    """
    planned = stopped = 0
    for _ in range(MOST_BATCHES):
        now = parts.clock.now()
        async with parts.read() as work:
            to_plan, to_send = await work.schedules.is_anything_due(now, now - parts.late)
            to_stop = await _to_stop(parts, work, now) if to_send else []
        if not to_plan and not to_stop:
            break
        planned += await _plan_due(parts, now) if to_plan else 0
        for delivery, settled in to_stop:
            stopped += await _stop(parts, delivery, settled, now)
    return planned, stopped


async def _plan_due(parts: Parts, now: datetime) -> int:
    planned = 0
    async with parts.write() as work:
        for schedule in await work.schedules.due(now, AT_ONCE):
            planned += await _plan(parts, work, schedule, now)
        await work.commit()
    return planned


async def _to_stop(parts: Parts, work: "UnitOfWork", now: datetime) -> list[tuple[Delivery, Settled]]:
    """What is still planned and too late, and what no channel is there for."""
    late = await work.deliveries.late(now - parts.late, PERISHABLE, AT_ONCE)
    # Without any sender this process is not serving, or not any more: that says nothing about the channels.
    stranded = await work.deliveries.stranded(now, parts.senders.keys(), AT_ONCE) if parts.senders else []
    expire = Settled(DeliveryEvent.EXPIRE, {"code": TOO_LATE}, AlertKind.EXPIRED)
    hold = Settled(DeliveryEvent.HOLD, {"code": CHANNEL_OFF}, AlertKind.HELD)
    ids = {each.id for each in late}
    return [*((each, expire) for each in late), *((each, hold) for each in stranded if each.id not in ids)]


async def _stop(parts: Parts, delivery: Delivery, settled: Settled, now: datetime) -> bool:
    async with parts.write() as work:
        try:
            await happen(parts, work, delivery, settled, now)
        except LeaseLost:  # somebody has claimed it in between, and looks at its time again
            return False
        await work.commit()
    return True


async def _plan(parts: Parts, work: "UnitOfWork", schedule: Schedule, now: datetime) -> int:
    at = schedule.next_at
    assert at is not None  # noqa: S101 - that is how it was found
    await work.deliveries.take_post_turn(schedule.post)  # first, as in 'publish now': who comes second waits
    post = await work.posts.find(schedule.post)
    following = None if post is None else _following(parts, schedule, at)
    state = ScheduleState.ACTIVE if following is not None else ScheduleState.ENDED
    if not await work.schedules.advance(schedule, at, following.at if following else None, state):
        return 0
    if post is None:
        return 0
    await _tell_unknown_year(parts, work, following)
    late = now - at > parts.late
    wanted = [_delivery(post, schedule, channel, at, now, late=late) for channel in schedule.channels]
    new = await work.deliveries.plan(wanted)
    for delivery in new:
        if delivery.state is not DeliveryState.PLANNED:
            kind = AlertKind.EXPIRED if delivery.state is DeliveryState.EXPIRED else AlertKind.HELD
            data = {"channel": delivery.channel, "code": delivery.code}
            await work.audit.append(AuditEntry(SYSTEM, f"delivery.{delivery.state}", subject=delivery.id, data=data))
            await tell(parts, work, kind, delivery)
    await sum_up_post(work, post.id)
    return len(new)


def _following(parts: Parts, schedule: Schedule, at: datetime) -> Occurrence | None:
    return None if schedule.rule.every is Every.ONCE else parts.recurrence.next_after(schedule.rule, at)


def _delivery(  # noqa: PLR0913 - what goes where and when
    post: Post, schedule: Schedule, channel: str, at: datetime, now: datetime, *, late: bool
) -> Delivery:
    digest = "" if post.state in _WITHDRAWN else approved_digest(post, channel, Kind.PUBLISH)
    state, code = DeliveryState.PLANNED, ""
    if late:
        state, code = DeliveryState.EXPIRED, TOO_LATE
    elif not digest:
        state, code = DeliveryState.HELD, NOT_APPROVED
    return Delivery(
        id=uuid4().hex,
        post=post.id,
        channel=channel,
        occurrence=occurrence_key(at),
        kind=Kind.PUBLISH,
        state=state,
        rendering=digest,
        schedule=schedule.id,
        due_at=at,
        made_at=now,
        next_at=at if state is DeliveryState.PLANNED else None,
        finished_at=now if late else None,
        code=code,
    )


async def _tell_unknown_year(parts: Parts, work: "UnitOfWork", following: Occurrence | None) -> None:
    if following is not None and following.unknown_year:
        year = str(following.unknown_year)
        alert = Alert(kind=AlertKind.UNKNOWN_YEAR, once=f"unknown_year:{year}", data={"year": year})
        await parts.alerts.tell(work, alert)
