"""The broadcast ledger: issues, their recipients, and the row of each channel that says when a call is free.

Who takes recipients holds the row of the channel, so that slots are given once. Every later word of a worker counts
only for rows that stand under its name.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, delete, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.store.subscribers import TABLE as SUBSCRIBERS
from bot.store.subscribers import open_address, read_topics
from bot.store.subscription_tables import IssueRow, RecipientRow, SendPaceRow
from bot.subscriptions.issues import Issue, IssueState, read_items, write_items
from bot.subscriptions.ledger import MOST_ATTEMPTS, OPEN, Claimed, Code, Lost, Outcome, RecipientState, Taken, Tally
from bot.subscriptions.pacing import SHORT_PAUSE, Rate, take_slots
from bot.subscriptions.subscribers import Pace, SubscriberState

_ISSUES = IssueRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_TABLE = RecipientRow.__table__  # type: ignore[attr-defined]  # see above
_PACES = SendPaceRow.__table__  # type: ignore[attr-defined]  # see above
_S = RecipientState
_ENDED = (_S.SENT, _S.REFUSED, _S.UNKNOWN)
_RUNNING = (IssueState.PLANNING.value, IssueState.SENDING.value)
_LONGEST_CODE = 32


class Broadcasts:
    """The rows of `broadcast_issue`, `broadcast_recipient` and `send_pace`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    @property
    def _dialect(self) -> Any:
        return postgresql if self._connection.dialect.name == "postgresql" else sqlite

    # --- issues

    async def add_issue(self, issue: Issue) -> bool:
        """Keep an issue; False when there is one of its key. Safe to repeat."""
        row = {
            "id": issue.id,
            "key": issue.key,
            "pace": issue.pace.value,
            "items": write_items(issue.items),
            "state": issue.state.value,
            "cursor": issue.cursor,
            "until": issue.until,
            "made_at": issue.made_at,
        }
        adding = self._dialect.insert(_ISSUES).on_conflict_do_nothing(index_elements=["key"]).returning(_ISSUES.c.id)
        return (await self._connection.execute(adding, row)).first() is not None

    async def issue(self, id: str) -> Issue | None:
        """The issue of that id."""
        row = (await self._connection.execute(select(_ISSUES).where(_ISSUES.c.id == id))).one_or_none()
        return _issue(row) if row else None

    async def known_keys(self, keys: Collection[str]) -> set[str]:
        """Those of the keys of which there is an issue."""
        query = select(_ISSUES.c.key).where(_ISSUES.c.key.in_(list(keys)))
        return set((await self._connection.execute(query)).scalars())

    async def last_until(self, pace: Pace) -> datetime | None:
        """Up to when issues of that pace have told; None before the first one."""
        query = select(_ISSUES.c.until).where(_ISSUES.c.pace == pace.value).order_by(_ISSUES.c.until.desc()).limit(1)
        until: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return until

    async def issues(self, states: Collection[IssueState] = (), limit: int = 50) -> list[Issue]:
        """The issues in these states, or in any, the latest first."""
        query = select(_ISSUES).order_by(_ISSUES.c.made_at.desc(), _ISSUES.c.id).limit(limit)
        if states:
            query = query.where(_ISSUES.c.state.in_([state.value for state in states]))
        return [_issue(row) for row in await self._connection.execute(query)]

    async def hold_issue(self, id: str) -> Issue | None:
        """The issue as it stands; nobody else plans it before this transaction is over."""
        query = select(_ISSUES).where(_ISSUES.c.id == id).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        return _issue(row) if row else None

    async def move_issue(self, id: str, state: IssueState, cursor: str) -> None:
        """Write down how far its planning has come."""
        values = {"state": state.value, "cursor": cursor}
        await self._connection.execute(update(_ISSUES).where(_ISSUES.c.id == id).values(**values))

    async def give_up(self, id: str, state: IssueState, code: Code, now: datetime) -> int:
        """Let the issue end so, and all of its recipients to whom nothing has been sent; how many."""
        await self._connection.execute(update(_ISSUES).where(_ISSUES.c.id == id).values(state=state.value))
        values = {"state": _S.REFUSED.value, "code": code.value, "next_at": None, "finished_at": now}
        waiting = and_(_TABLE.c.issue == id, _TABLE.c.state == _S.PLANNED.value)
        return (await self._connection.execute(update(_TABLE).where(waiting).values(**values))).rowcount

    async def close_finished(self) -> int:
        """Let the issues be done with whose recipients have all come to an end; how many."""
        open_ = exists().where(_TABLE.c.issue == _ISSUES.c.id, _TABLE.c.state.in_([state.value for state in OPEN]))
        done = and_(_ISSUES.c.state == IssueState.SENDING.value, ~open_)
        statement = update(_ISSUES).where(done).values(state=IssueState.DONE.value)
        return (await self._connection.execute(statement)).rowcount

    # --- recipients

    async def plan(self, issue: str, subscribers: Sequence[tuple[str, str]], now: datetime) -> None:
        """Write down that these (id, channel) are to get the issue. Safe to repeat."""
        if not subscribers:
            return
        same = {"issue": issue, "state": _S.PLANNED.value, "attempts": 0, "next_at": now, "claimed_by": "", "code": ""}
        rows = [{**same, "subscriber": id, "channel": channel} for id, channel in subscribers]
        adding = self._dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["issue", "subscriber"])
        await self._connection.execute(adding, rows)

    async def claim(  # noqa: PLR0913 - what is taken, by whom, and how fast; all named
        self,
        *,
        channel: str,
        worker: str,
        now: datetime,
        until: datetime,
        begin: datetime,
        limit: int,
        rate: Rate,
        granted: bool,
    ) -> Taken:
        """Take what is due on the channel with a slot for each, for this worker and nobody else.

        begin: no slot is before that, nor in a pause; in a long one nothing is taken. Who has unsubscribed, or has
        no grant left where each message needs one, is refused on the way.
        """
        pace = await self._hold_pace(channel)
        if pace.paused_until is not None and pace.paused_until > now + SHORT_PAUSE:
            return Taken()
        due = await self._due(channel, now, limit)
        await self._end([row.id for row in due if _hindrance(row, granted=granted)], due, now, granted=granted)
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
        return Taken(await self._taken(given, worker, until, granted=granted, now=now), len(due) < limit)

    async def intend(self, claimed: Iterable[Claimed], worker: str, until: datetime) -> set[int]:
        """Write down that these are now asked of the platform; the ids of those that are still this worker's.

        until: when their outcome is given up.
        """
        ids = [one.id for one in claimed]
        if not ids:
            return set()
        mine = and_(_TABLE.c.id.in_(ids), _TABLE.c.claimed_by == worker, _TABLE.c.state == _S.CLAIMED.value)
        values = {"state": _S.SENDING.value, "claimed_until": until}
        statement = update(_TABLE).where(mine).values(**values).returning(_TABLE.c.id)
        return set((await self._connection.execute(statement)).scalars())

    async def finish(self, outcomes: Mapping[int, Outcome], worker: str, now: datetime, *, granted: bool) -> None:
        """Write down what came of these, also of what has been given up as unknown meanwhile."""
        alike: dict[Outcome, list[int]] = defaultdict(list)
        for id, outcome in outcomes.items():
            alike[outcome].append(id)
        held = (_S.CLAIMED.value, _S.SENDING.value, _S.UNKNOWN.value)
        for outcome, ids in alike.items():
            mine = and_(_TABLE.c.id.in_(ids), _TABLE.c.claimed_by == worker, _TABLE.c.state.in_(held))
            values = {
                "state": _state_after(outcome),
                "code": outcome.code[:_LONGEST_CODE],
                "next_at": outcome.next_at,
                "finished_at": now if outcome.state in _ENDED else None,
                "attempts": _TABLE.c.attempts + int(outcome.counted),
                "claimed_until": None,
            }
            changed = update(_TABLE).where(mine).values(**values).returning(_TABLE.c.subscriber)
            subscribers = list((await self._connection.execute(changed)).scalars())
            await self._follow(outcome, subscribers, now, granted=granted)

    async def sweep(self, now: datetime, granted: Collection[str]) -> tuple[int, int]:
        """Plan again what a dead worker had only taken, and let be unknown what it was sending; how many of each.

        granted: channels on which a grant was taken with it, which is given back.
        """
        over = _TABLE.c.claimed_until <= now
        again = {"state": _S.PLANNED.value, "claimed_by": "", "claimed_until": None, "next_at": now}
        taken = update(_TABLE).where(_TABLE.c.state == _S.CLAIMED.value, over).values(**again)
        lost = {"state": _S.UNKNOWN.value, "code": Code.INTERRUPTED.value, "claimed_until": None, "finished_at": now}
        sending = update(_TABLE).where(_TABLE.c.state == _S.SENDING.value, over).values(**lost)
        rows = list(await self._connection.execute(taken.returning(_TABLE.c.channel, _TABLE.c.subscriber)))
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

    async def is_due(self, channel: str, now: datetime) -> bool:
        """Whether anything is due on the channel."""
        query = select(_TABLE.c.id).where(*_due_on(channel, now)).limit(1)
        return (await self._connection.execute(query)).first() is not None

    async def tallies(self, issues: Collection[str]) -> dict[str, Tally]:
        """How far these issues have come, by id."""
        c = _TABLE.c
        query = select(c.issue, c.channel, c.state, func.count().label("n")).where(c.issue.in_(list(issues)))
        counts: dict[str, Counter[tuple[str, RecipientState]]] = {id: Counter() for id in issues}
        for row in await self._connection.execute(query.group_by(c.issue, c.channel, c.state)):
            counts[row.issue][row.channel, RecipientState(row.state)] = row.n
        return {id: Tally(issue=id, counts=of) for id, of in counts.items()}

    async def lost(self, limit: int) -> tuple[list[Lost], int]:
        """Of which nobody knows whether they arrived, the latest first; and how many there are."""
        c = _TABLE.c
        unknown = c.state == _S.UNKNOWN.value
        total = (await self._connection.execute(select(func.count()).select_from(_TABLE).where(unknown))).scalar_one()
        rows = await self._connection.execute(
            select(_TABLE).where(unknown).order_by(c.finished_at.desc(), c.id.desc()).limit(limit)
        )
        found = [
            Lost(
                id=row.id,
                issue=row.issue,
                subscriber=row.subscriber,
                channel=row.channel,
                code=row.code,
                at=row.finished_at,
            )
            for row in rows
        ]
        return found, int(total)

    async def forget_before(self, made_before: datetime) -> int:
        """Delete what is known of issues that are over and older than that; how many recipients. Their keys stay."""
        over = select(_ISSUES.c.id).where(_ISSUES.c.state.not_in(_RUNNING), _ISSUES.c.made_at < made_before)
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.issue.in_(over)))).rowcount

    # --- inside

    async def _hold_pace(self, channel: str) -> Row[Any]:
        query = select(_PACES).where(_PACES.c.channel == channel).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            adding = self._dialect.insert(_PACES).on_conflict_do_nothing(index_elements=["channel"])
            await self._connection.execute(adding, {"channel": channel})
            row = (await self._connection.execute(query)).one()
        return row

    async def _due(self, channel: str, now: datetime, limit: int) -> list[Row[Any]]:
        c, s = _TABLE.c, SUBSCRIBERS.c
        first = select(c.id).where(*_due_on(channel, now)).order_by(c.next_at, c.id).limit(limit)
        query = (
            select(c.id, c.issue, c.subscriber, s.state.label("standing"), s.grants, s.topics, s.address, s.told_at)
            .select_from(_TABLE.outerjoin(SUBSCRIBERS, s.id == c.subscriber))
            .where(c.id.in_(first.scalar_subquery()))
            .order_by(c.next_at, c.id)
        )
        return list(await self._connection.execute(query))

    async def _end(self, ids: Sequence[int], due: Sequence[Row[Any]], now: datetime, *, granted: bool) -> None:
        why = {row.id: _hindrance(row, granted=granted) for row in due}
        for code in (Code.STOPPED, Code.NO_GRANT):
            of_it = [id for id in ids if why[id] == code]
            await self._refuse(of_it, code, now)

    async def _refuse(self, ids: Sequence[int], code: Code, now: datetime) -> None:
        if ids:
            values = {"state": _S.REFUSED.value, "code": code.value, "next_at": None, "finished_at": now}
            await self._connection.execute(update(_TABLE).where(_TABLE.c.id.in_(ids)).values(**values))

    async def _postpone(self, rows: Sequence[Row[Any]], rate: Rate) -> None:
        for row in rows:
            later = update(_TABLE).where(_TABLE.c.id == row.id).values(next_at=row.told_at + rate.per_address)
            await self._connection.execute(later)

    async def _taken(
        self,
        given: Sequence[tuple[Row[Any], datetime]],
        worker: str,
        until: datetime,
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
        values = {"state": _S.CLAIMED.value, "claimed_by": worker, "claimed_until": until}
        await self._connection.execute(
            update(_TABLE).where(_TABLE.c.id.in_([one.id for one in claimed])).values(**values)
        )
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
        elif granted and outcome.state in (_S.PLANNED, _S.REFUSED) and subscribers:  # the grant was not used up
            back = {"grants": SUBSCRIBERS.c.grants + 1}
            await self._connection.execute(update(SUBSCRIBERS).where(theirs).values(**back))


def _state_after(outcome: Outcome) -> Any:
    """The state that it says; refused for good where this was the last attempt."""
    if not outcome.counted:
        return outcome.state.value
    return case((_TABLE.c.attempts + 1 >= MOST_ATTEMPTS, _S.REFUSED.value), else_=outcome.state.value)


def _due_on(channel: str, now: datetime) -> tuple[Any, ...]:
    return (_TABLE.c.channel == channel, _TABLE.c.state == _S.PLANNED.value, _TABLE.c.next_at <= now)


def _hindrance(row: Row[Any], *, granted: bool) -> Code | None:
    if row.standing != SubscriberState.ACTIVE.value:  # also where there is none any more
        return Code.STOPPED
    return Code.NO_GRANT if granted and row.grants < 1 else None


def _issue(row: Row[Any]) -> Issue:
    return Issue(
        id=row.id,
        key=row.key,
        pace=Pace(row.pace),
        items=read_items(row.items),
        until=row.until,
        made_at=row.made_at,
        state=IssueState(row.state),
        cursor=row.cursor,
    )
