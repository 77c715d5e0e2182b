"""The broadcast ledger: issues, their recipients, and the row of each channel that says when a call is free.

Who takes recipients holds the row of the channel, so that slots are given once. Every later word of a worker counts
only for rows that stand under its name.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, literal, select, update

from bot.errors import CannotOpen
from bot.store.broadcast_issues import ISSUES, RUNNING, TABLE, BroadcastIssues
from bot.store.subscribers import TABLE as SUBSCRIBERS
from bot.store.subscribers import open_address, read_topics
from bot.store.subscription_tables import SendPaceRow
from bot.subscriptions.issues import IssueState
from bot.subscriptions.ledger import MOST_ATTEMPTS, Claimed, Code, Outcome, RecipientState, Taken
from bot.subscriptions.pacing import SHORT_PAUSE, Rate, take_slots
from bot.subscriptions.subscribers import SubscriberState

_PACES = SendPaceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_S = RecipientState
_ENDED = (_S.SENT, _S.REFUSED, _S.UNKNOWN)
_LONGEST_CODE = 32


class Broadcasts(BroadcastIssues):
    """The rows of `broadcast_recipient` and `send_pace`, and their issues."""

    async def plan(self, issue: str, subscribers: Sequence[tuple[str, str]], now: datetime) -> None:
        """Write down that these (id, channel) are to get the issue. Safe to repeat."""
        if not subscribers:
            return
        same = {"issue": issue, "state": _S.PLANNED.value, "attempts": 0, "next_at": now, "claimed_by": "", "code": ""}
        rows = [{**same, "subscriber": id, "channel": channel} for id, channel in subscribers]
        adding = self._dialect.insert(TABLE).on_conflict_do_nothing(index_elements=["issue", "subscriber"])
        await self._connection.execute(adding, rows)

    async def claim(  # noqa: PLR0913 - what is taken, by whom, and how fast; all named
        self,
        *,
        channel: str,
        worker: str,
        now: datetime,
        held_for: timedelta,
        begin: datetime,
        limit: int,
        rate: Rate,
        granted: bool,
    ) -> Taken:
        """Take what is due on the channel with a slot for each, for this worker and nobody else.

        begin: no slot is before that, nor in a pause; in a long one nothing is taken. held_for: so long after the last
        slot another may take what has not been begun. Who has unsubscribed, or has no grant left where each message
        needs one, is refused on the way, and so is what belongs to an issue that has ended.
        """
        pace = await self._hold_pace(channel)
        if pace.paused_until is not None and pace.paused_until > now + SHORT_PAUSE:
            return Taken()
        due = await self._due(channel, now, limit)
        await self._end(due, now, granted=granted)
        able, seen = [], set()
        for row in due:  # of several for one address one after the other
            if not _hindrance(row, granted=granted) and row.subscriber not in seen:
                seen.add(row.subscriber)
                able.append(row)
        slots = take_slots(
            rate,
            begin,
            free_at=pace.free_at,
            paused_until=pace.paused_until,
            told_at=[row.told_at for row in able],
        )
        await self._connection.execute(update(_PACES).where(_PACES.c.channel == channel).values(free_at=slots.free_at))
        await self._postpone([row for row, slot in zip(able, slots.given, strict=True) if slot is None], rate)
        given = [(row, slot) for row, slot in zip(able, slots.given, strict=True) if slot is not None]
        return Taken(await self._taken(given, worker, held_for, granted=granted, now=now), len(due) < limit)

    async def intend(self, claimed: Iterable[Claimed], worker: str, until: datetime) -> set[int]:
        """Write down that these are now asked of the platform; the ids of those that are still this worker's.

        until: when their outcome is given up.
        """
        ids = [one.id for one in claimed]
        if not ids:
            return set()
        mine = and_(TABLE.c.id.in_(ids), TABLE.c.claimed_by == worker, TABLE.c.state == _S.CLAIMED.value)
        values = {"state": _S.SENDING.value, "claimed_until": until}
        statement = update(TABLE).where(mine).values(**values).returning(TABLE.c.id)
        return set((await self._connection.execute(statement)).scalars())

    async def finish(self, outcomes: Mapping[int, Outcome], worker: str, now: datetime, *, granted: bool) -> None:
        """Write down what came of these, also of what has been given up as unknown meanwhile."""
        alike: dict[Outcome, list[int]] = defaultdict(list)
        for id, outcome in outcomes.items():
            alike[outcome].append(id)
        held = (_S.CLAIMED.value, _S.SENDING.value, _S.UNKNOWN.value)
        for outcome, ids in alike.items():
            mine = and_(TABLE.c.id.in_(ids), TABLE.c.claimed_by == worker, TABLE.c.state.in_(held))
            values = {
                "state": _state_after(outcome),
                "code": outcome.code[:_LONGEST_CODE],
                "next_at": outcome.next_at,
                "finished_at": now if outcome.state in _ENDED else None,
                "attempts": TABLE.c.attempts + int(outcome.counted),
                "claimed_until": None,
            }
            changed = update(TABLE).where(mine).values(**values).returning(TABLE.c.subscriber)
            subscribers = list((await self._connection.execute(changed)).scalars())
            await self._follow(outcome, subscribers, now, granted=granted)

    async def sweep(self, now: datetime, granted: Collection[str]) -> tuple[int, int]:
        """Plan again what a dead worker had only taken, and let be unknown what it was sending; how many of each.

        granted: channels on which a grant was taken with it, which is given back.
        """
        over = TABLE.c.claimed_until <= now
        again = {"state": _S.PLANNED.value, "claimed_by": "", "claimed_until": None, "next_at": now}
        taken = update(TABLE).where(TABLE.c.state == _S.CLAIMED.value, over).values(**again)
        lost = {"state": _S.UNKNOWN.value, "code": Code.INTERRUPTED.value, "claimed_until": None, "finished_at": now}
        sending = update(TABLE).where(TABLE.c.state == _S.SENDING.value, over).values(**lost)
        rows = list(await self._connection.execute(taken.returning(TABLE.c.channel, TABLE.c.subscriber)))
        given_back = [row.subscriber for row in rows if row.channel in granted]
        if given_back:
            back = {"grants": SUBSCRIBERS.c.grants + 1}
            await self._connection.execute(update(SUBSCRIBERS).where(SUBSCRIBERS.c.id.in_(given_back)).values(**back))
        return len(rows), (await self._connection.execute(sending)).rowcount

    async def pause(self, channel: str, until: datetime) -> None:
        """Let nobody call the channel before then."""
        pace = await self._hold_pace(channel)
        later = max(until, pace.paused_until) if pace.paused_until is not None else until
        await self._connection.execute(update(_PACES).where(_PACES.c.channel == channel).values(paused_until=later))

    async def paused_until(self, channel: str) -> datetime | None:
        """Until when nobody calls the channel; None where nobody has asked for a pause."""
        query = select(_PACES.c.paused_until).where(_PACES.c.channel == channel)
        until: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return until

    async def _hold_pace(self, channel: str) -> Row[Any]:
        query = select(_PACES).where(_PACES.c.channel == channel).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            adding = self._dialect.insert(_PACES).on_conflict_do_nothing(index_elements=["channel"])
            await self._connection.execute(adding, {"channel": channel})
            row = (await self._connection.execute(query)).one()
        return row

    async def _due(self, channel: str, now: datetime, limit: int) -> list[Row[Any]]:
        c, s = TABLE.c, SUBSCRIBERS.c
        first = select(c.id).where(*_due_on(channel, now)).order_by(c.next_at, c.id).limit(limit)
        query = (
            select(c.id, c.issue, c.subscriber, s.state.label("standing"), s.grants, s.topics, s.address, s.told_at)
            .add_columns(ISSUES.c.state.label("issue_state"))
            .select_from(TABLE.outerjoin(SUBSCRIBERS, s.id == c.subscriber).outerjoin(ISSUES, ISSUES.c.id == c.issue))
            .where(c.id.in_(first.scalar_subquery()))
            .order_by(c.next_at, c.id)
        )
        return list(await self._connection.execute(query))

    async def _end(self, due: Sequence[Row[Any]], now: datetime, *, granted: bool) -> None:
        why: dict[Code, list[int]] = defaultdict(list)
        for row in due:
            if (code := _hindrance(row, granted=granted)) is not None:
                why[code].append(row.id)
        for code, ids in why.items():
            await self._refuse(ids, code, now)

    async def _refuse(self, ids: Sequence[int], code: Code, now: datetime) -> None:
        if ids:
            values = {"state": _S.REFUSED.value, "code": code.value, "next_at": None, "finished_at": now}
            await self._connection.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(**values))

    async def _postpone(self, rows: Sequence[Row[Any]], rate: Rate) -> None:
        for row in rows:
            later = update(TABLE).where(TABLE.c.id == row.id).values(next_at=row.told_at + rate.per_address)
            await self._connection.execute(later)

    async def _taken(
        self,
        given: Sequence[tuple[Row[Any], datetime]],
        worker: str,
        held_for: timedelta,
        *,
        granted: bool,
        now: datetime,
    ) -> tuple[Claimed, ...]:
        claimed = []
        for row, slot in given:
            try:
                address = open_address(self._keys, row.subscriber, row.address)
            except CannotOpen:
                await self._refuse([row.id], Code.UNREADABLE, now)
                continue
            topics = read_topics(row.topics)
            one = Claimed(
                id=row.id, issue=row.issue, subscriber=row.subscriber, slot=slot, topics=topics, address=address
            )
            claimed.append(one)
        if not claimed:
            return ()
        until = max(one.slot for one in claimed) + held_for
        values = {"state": _S.CLAIMED.value, "claimed_by": worker, "claimed_until": until}
        still = and_(TABLE.c.id.in_([one.id for one in claimed]), TABLE.c.state == _S.PLANNED.value)
        taking = update(TABLE).where(still).values(**values).returning(TABLE.c.id)
        mine = set((await self._connection.execute(taking)).scalars())
        claimed = [one for one in claimed if one.id in mine]  # the others have been given up since they were read
        if not claimed:
            return ()
        told = case(
            {one.subscriber: literal(one.slot, SUBSCRIBERS.c.told_at.type) for one in claimed}, value=SUBSCRIBERS.c.id
        )
        noting: dict[str, Any] = {"told_at": told} | ({"grants": SUBSCRIBERS.c.grants - 1} if granted else {})
        theirs = SUBSCRIBERS.c.id.in_([one.subscriber for one in claimed])
        await self._connection.execute(update(SUBSCRIBERS).where(theirs).values(**noting))
        return tuple(claimed)

    async def _follow(self, outcome: Outcome, subscribers: Sequence[str], now: datetime, *, granted: bool) -> None:
        """What the outcome means for the subscribers themselves."""
        theirs = SUBSCRIBERS.c.id.in_(subscribers)
        if outcome.blocks and subscribers:
            blocked = {"state": SubscriberState.BLOCKED.value, "changed_at": now, "grants": 0}
            await self._connection.execute(update(SUBSCRIBERS).where(theirs).values(**blocked))
        elif outcome.ungrants and subscribers:
            await self._connection.execute(update(SUBSCRIBERS).where(theirs).values(grants=0))
        elif granted and outcome.state in (_S.PLANNED, _S.REFUSED) and subscribers:  # the grant was not used up
            back = {"grants": SUBSCRIBERS.c.grants + 1}
            await self._connection.execute(update(SUBSCRIBERS).where(theirs).values(**back))


def _state_after(outcome: Outcome) -> Any:
    """The state that it says; refused for good where this was the last attempt."""
    if not outcome.counted:
        return outcome.state.value
    return case((TABLE.c.attempts + 1 >= MOST_ATTEMPTS, _S.REFUSED.value), else_=outcome.state.value)


def _due_on(channel: str, now: datetime) -> tuple[Any, ...]:
    return (TABLE.c.channel == channel, TABLE.c.state == _S.PLANNED.value, TABLE.c.next_at <= now)


def _hindrance(row: Row[Any], *, granted: bool) -> Code | None:
    if row.issue_state not in RUNNING:  # it came back after the issue had ended
        return Code.WITHDRAWN if row.issue_state == IssueState.WITHDRAWN.value else Code.EXPIRED
    if row.standing != SubscriberState.ACTIVE.value:  # also where there is none any more
        return Code.STOPPED
    return Code.NO_GRANT if granted and row.grants < 1 else None
