"""Planning: when a post goes out and where; pause, resume, cancel, publish now; the calendar.

A plan may be warned about (budgets, years without a calendar) and is kept all the same; what cannot be is refused.
Nothing is sent here: what is due finds its way into the ledger by the clock, or at once by 'publish now'.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import AuditEntry
from bot.clock import local_date
from bot.publishing.budgets import Budgets, overdrawn
from bot.publishing.deliveries import OPEN, Delivery, DeliveryState, Kind
from bot.publishing.errors import Changed, Faulty, NotAllowed, NotNow, UnknownPost
from bot.publishing.ledger_errors import UnknownSchedule
from bot.publishing.planned import Planned, day_bounds, occurrence_key, read_planned
from bot.publishing.ports import Triggers, Workdays
from bot.publishing.post_state import sum_up_post
from bot.publishing.posts import Post, PostState
from bot.publishing.recurrence import Occurrence, Recurrence
from bot.publishing.rendering import Finding, Severity
from bot.publishing.rule_checks import check_rule, unknown_years
from bot.publishing.schedules import Every, Rule, Schedule, ScheduleState
from bot.publishing.summing import live_on
from bot.rights import Actor, Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

NOT_PLANNED = frozenset({PostState.DRAFT, PostState.IN_REVIEW, PostState.WITHDRAWN})
AHEAD = timedelta(days=62)
"""So far ahead budgets and years without a calendar are looked at."""


class Planner:
    """The use cases of planning."""

    def __init__(self, triggers: Triggers, workdays: Workdays, budgets: Budgets) -> None:
        self.recurrence = Recurrence(triggers, workdays)
        self.budgets = budgets

    def first(self, rule: Rule, now: datetime, count: int = 5) -> list[Occurrence]:
        """The next so many times that the rule gives. Raises Faulty."""
        _refuse(check_rule(rule, now))
        return self.recurrence.first(rule, now, count)

    async def findings(
        self, work: "UnitOfWork", post_id: str, rule: Rule, channels: Sequence[str], now: datetime
    ) -> list[Finding]:
        """What planning it so would be warned about, and what would refuse it. Raises UnknownPost."""
        post = await _post(work, post_id)
        faults = [*check_rule(rule, now), *_not_approved(post, channels)]
        return faults or await self._warnings(work, post, rule, channels, now)

    async def plan(  # noqa: PLR0913, PLR0917 - who plans what, how, where and when
        self, work: "UnitOfWork", actor: Actor, post_id: str, rule: Rule, channels: Sequence[str], now: datetime
    ) -> tuple[Schedule, list[Finding]]:
        """Keep a schedule; with it, what staff should know about it.

        Raises NotAllowed, UnknownPost, NotNow for a post that is not approved, Faulty for a rule that gives nothing.
        """
        _check(actor)
        post = await _post(work, post_id)
        if post.state in NOT_PLANNED:
            raise NotNow(post.state, "plan")
        _refuse([*check_rule(rule, now), *_not_approved(post, channels)])
        findings = await self._warnings(work, post, rule, channels, now)
        first = self.recurrence.next_after(rule, now)
        if first is None:
            raise Faulty([Finding("no_occurrence", where="rule")])
        schedule = Schedule(
            id=uuid4().hex,
            post=post.id,
            rule=rule,
            channels=tuple(dict.fromkeys(channels)),
            state=ScheduleState.ACTIVE,
            next_at=first.at,
            by=actor.id,
            made_at=now,
        )
        await work.schedules.add(schedule)
        await sum_up_post(work, post.id)
        data = {"post": post.id, "next": occurrence_key(first.at), "channels": ",".join(schedule.channels)}
        await work.audit.append(AuditEntry(actor.id, "schedule.planned", subject=schedule.id, data=data))
        return schedule, findings

    async def pause(self, work: "UnitOfWork", actor: Actor, schedule_id: str, version: int, now: datetime) -> Schedule:
        """Nothing goes out by it until somebody resumes it. Raises NotAllowed, UnknownSchedule, Changed, NotNow."""
        schedule = await self._schedule(work, actor, schedule_id, version, ScheduleState.ACTIVE, "pause")
        return await self._change(work, actor, schedule, "schedule.paused", state=ScheduleState.PAUSED)

    async def resume(self, work: "UnitOfWork", actor: Actor, schedule_id: str, version: int, now: datetime) -> Schedule:
        """It goes on with its next time from now; what was left out meanwhile is not made up for.

        Raises NotAllowed, UnknownSchedule, Changed, NotNow; Faulty when no time is left.
        """
        schedule = await self._schedule(work, actor, schedule_id, version, ScheduleState.PAUSED, "resume")
        following = self.recurrence.next_after(schedule.rule, now)
        if following is None:
            raise Faulty([Finding("no_occurrence", where="rule")])
        fields = {"state": ScheduleState.ACTIVE, "next_at": following.at}
        return await self._change(work, actor, schedule, "schedule.resumed", **fields)

    async def cancel(self, work: "UnitOfWork", actor: Actor, schedule_id: str, version: int, now: datetime) -> Schedule:
        """End it for good. Raises NotAllowed, UnknownSchedule, Changed, NotNow."""
        schedule = await self._schedule(work, actor, schedule_id, version, None, "cancel")
        fields = {"state": ScheduleState.ENDED, "next_at": None}
        return await self._change(work, actor, schedule, "schedule.cancelled", **fields)

    async def publish_now(
        self, work: "UnitOfWork", actor: Actor, post_id: str, channels: Sequence[str], now: datetime
    ) -> list[Delivery]:
        """Put it into the ledger as due now; what is new there. Safe to repeat: the same text goes out once.

        A single time that was still planned for such a channel is what goes out now. Raises NotAllowed, UnknownPost,
        Faulty, and NotNow for a post that is not approved or is out there already on all of these channels.
        """
        _check(actor)
        post = await _post(work, post_id)
        if post.state in NOT_PLANNED:
            raise NotNow(post.state, "publish")
        _refuse(_not_approved(post, channels))
        await work.deliveries.take_post_turn(post.id)
        there = await work.deliveries.of_post(post.id)
        # Only a single time is brought forward; what recurs goes on as planned.
        engaged = live_on(there) | {each.channel for each in there if each.kind is Kind.PUBLISH and each.state in OPEN}
        wanted = [channel for channel in dict.fromkeys(channels) if channel not in engaged]
        if not wanted:
            raise NotNow(post.state, "publish_again")
        await self._bring_forward(work, post, wanted)
        planned = [
            Delivery(
                id=uuid4().hex,
                post=post.id,
                channel=channel,
                occurrence=f"now:{post.approved[channel][:24]}:{len(there)}",
                kind=Kind.PUBLISH,
                state=DeliveryState.PLANNED,
                rendering=post.approved[channel],
                due_at=now,
                made_at=now,
                next_at=now,
            )
            for channel in wanted
        ]
        new = await work.deliveries.plan(planned)
        await sum_up_post(work, post.id)
        data = {"channels": ",".join(each.channel for each in new)}
        await work.audit.append(AuditEntry(actor.id, "post.publish_now", subject=post.id, data=data))
        return new

    async def calendar(self, work: "UnitOfWork", first: date, last: date) -> list[Planned]:
        """What goes out, or went, from the first day to the last; the earliest first."""
        return await read_planned(work, self.recurrence, *day_bounds(first, last))

    async def upcoming(self, work: "UnitOfWork", now: datetime, until: datetime) -> list[Planned]:
        """What is still to go out up to then: what schedules give and what is open in the ledger."""
        found = await read_planned(work, self.recurrence, now, until, ledger=False)
        still_open, _ = await work.deliveries.list(states=OPEN, limit=1000)
        posts = await work.posts.find_all({each.post for each in still_open})
        found += [
            Planned(
                at=each.next_at or each.due_at,
                post=each.post,
                title=posts[each.post].content.title if each.post in posts else "",
                channel=each.channel,
                schedule=each.schedule,
                delivery=each,
            )
            for each in still_open
        ]
        return sorted(found, key=lambda each: (each.at, each.title, each.channel))

    async def _warnings(
        self, work: "UnitOfWork", post: Post, rule: Rule, channels: Sequence[str], now: datetime
    ) -> list[Finding]:
        mine = list(self.recurrence.between(rule, now, now + AHEAD))
        if not mine:  # what lies farther ahead is looked at by its first time
            mine = self.recurrence.first(rule, now, 1)
        findings = unknown_years(mine)
        there = await work.deliveries.of_post(post.id)
        live, planned = live_on(there), await work.schedules.of_post(post.id)
        for channel in dict.fromkeys(channels):
            if channel in live:
                findings.append(Finding("already_published", Severity.WARNING, channel=channel))
            if any(each.state is ScheduleState.ACTIVE and channel in each.channels for each in planned):
                findings.append(Finding("already_planned", Severity.WARNING, channel=channel))
        budgeted = [channel for channel in dict.fromkeys(channels) if channel in self.budgets]
        if budgeted and mine:
            new = [local_date(each.at) for each in mine]
            others = await self.calendar(work, min(new).replace(day=1), _month_end(max(new)))
            for channel in budgeted:
                counted = [local_date(each.at) for each in others if each.channel == channel and _counts(each)]
                findings += overdrawn(channel, self.budgets[channel], counted, new)
        return findings

    async def _bring_forward(self, work: "UnitOfWork", post: Post, channels: Sequence[str]) -> None:
        """Take these channels out of single times still to come: what was planned for them goes out now."""
        for schedule in await work.schedules.of_post(post.id):
            taken = [channel for channel in schedule.channels if channel in channels]
            single = schedule.rule.every is Every.ONCE and schedule.state is not ScheduleState.ENDED
            if not single or not taken or schedule.next_at is None:
                continue
            left = tuple(channel for channel in schedule.channels if channel not in taken)
            ended = {"state": ScheduleState.ENDED, "next_at": None}
            await work.schedules.change(schedule, schedule.version, **({"channels": left} if left else ended))

    async def _schedule(  # noqa: PLR0913, PLR0917 - what was seen, and what is wanted of it
        self, work: "UnitOfWork", actor: Actor, id: str, version: int, state: ScheduleState | None, what: str
    ) -> Schedule:
        _check(actor)
        schedule = await work.schedules.find(id)
        if schedule is None:
            raise UnknownSchedule(id)
        if schedule.version != version:
            raise Changed(id, schedule.version, schedule.by)
        if schedule.state is ScheduleState.ENDED or (state is not None and schedule.state is not state):
            raise NotNow(schedule.state, what)
        return schedule

    async def _change(
        self, work: "UnitOfWork", actor: Actor, schedule: Schedule, action: str, **fields: object
    ) -> Schedule:
        changed = await work.schedules.change(schedule, schedule.version, **fields)
        await sum_up_post(work, schedule.post)
        await work.audit.append(AuditEntry(actor.id, action, subject=schedule.id, data={"post": schedule.post}))
        return changed


def _check(actor: Actor) -> None:
    if not may(actor.role, Right.SCHEDULE):
        raise NotAllowed(Right.SCHEDULE.value)


async def _post(work: "UnitOfWork", post_id: str) -> Post:
    post = await work.posts.find(post_id)
    if post is None:
        raise UnknownPost(post_id)
    return post


def _not_approved(post: Post, channels: Sequence[str]) -> list[Finding]:
    if not channels:
        return [Finding("no_channels", where="channels")]
    missing = [channel for channel in dict.fromkeys(channels) if channel not in post.approved]
    return [Finding("channel_not_approved", channel=channel, where="channels") for channel in missing]


def _refuse(findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise Faulty(errors)


def _counts(planned: Planned) -> bool:
    """Whether it uses up a budget: what is still to come, and what went out."""
    if planned.delivery is None:
        return True
    comes_out = planned.delivery.kind in (Kind.PUBLISH, Kind.NOTICE)
    return comes_out and planned.delivery.state in {*OPEN, DeliveryState.SENT}


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
