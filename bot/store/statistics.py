"""The figures of cases, counted by the database: one pass for what was registered, few rows out of it.

Held back filings are not counted for anybody: a flood would be all that the figures show. Indexes hold every column
that is looked at for whoever sees the cases of all districts (`ix_complaint_case_figures`, `…_closed`,
`ix_case_clock_figures`).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, func, not_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import SHANGHAI, local_date
from bot.complaints.clocks.deadlines import State as ClockState
from bot.complaints.desk.statistics import Course, Standing, Tables, outcome, sees_figures_only
from bot.complaints.lifecycle import State
from bot.complaints.roles import Viewer
from bot.roles import Role
from bot.store.case_tables import CallRow, CaseClockRow, CaseRow
from bot.store.case_visibility import Condition, visible
from bot.store.encoding import holds_code

_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_CLOCKS = CaseClockRow.__table__  # type: ignore[attr-defined]  # see above
_CALLS = CallRow.__table__  # type: ignore[attr-defined]  # see above

_HOUR = 3600
_SHANGHAI_HOURS = "+8 hours"  # no summer time there since 1991
_DONE = (State.RESOLVED, State.FOLLOWED_UP)


class Statistics:
    """Counts over `complaint_case` and `case_clock`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._postgres = connection.dialect.name == "postgresql"

    async def tables(self, viewer: Viewer, first: date, last: date) -> Tables:
        """What was registered from the first to the last day, both included, of what the viewer's figures are of.

        For whoever sees cases in lists these are just those cases, for others all of them.
        """
        where = and_(_within(_CASES.c.registered_at, first, last), self._scope(viewer))
        # Few rows out of two passes: all codes together would be nearly as many groups as cases.
        about = await self._grouped(where, _CASES.c.category, _CASES.c.channel)
        stands = await self._grouped(
            where, _CASES.c.district, _CASES.c.state, _CASES.c.verdict, _CASES.c.receipt_used_at.is_not(None)
        )
        tables = [Counter[str]() for _ in range(4)]
        categories, channels, districts, outcomes = tables
        used = 0
        for category, channel, number in about:
            categories[category] += number
            channels[channel] += number
        for district, state, verdict, opened, number in stands:
            districts[district] += number
            outcomes[outcome(state, verdict)] += number
            used += number if opened else 0
        return Tables(
            first=first,
            last=last,
            categories=categories,
            districts=districts,
            channels=channels,
            outcomes=outcomes,
            used=used,
        )

    async def course(self, viewer: Viewer, first: date, last: date, today: date) -> Course:
        """How it went from the first to the last day, of the same cases. `today`: what is overdue."""
        scope = self._scope(viewer)
        registered = and_(_within(_CASES.c.registered_at, first, last), scope)
        closed = and_(_within(_CASES.c.closed_at, first, last), scope)
        accepted = and_(registered, _CASES.c.accepted_at.is_not(None))
        # Written so that no index by state looks better than the one that holds it all.
        done = and_(closed, (_CASES.c.state + "").in_([str(state) for state in _DONE]))
        return Course(
            came=await self._days(_CASES.c.registered_at, registered),
            went=await self._days(_CASES.c.closed_at, closed),
            to_acceptance=await self._hours(_CASES.c.accepted_at, accepted),
            to_closing=await self._hours(_CASES.c.closed_at, done),
            clocks=await self._standings(viewer, scope, first, last, today),
            answered=await self._answered(viewer, first, last),
        )

    async def codes(self, name: str) -> tuple[str, ...]:
        """Every `category`, `district` or `channel` that any case has ever had."""
        column = {"category": _CASES.c.category, "district": _CASES.c.district, "channel": _CASES.c.channel}[name]
        return tuple((await self._connection.execute(select(column).distinct().order_by(column))).scalars())

    async def began_on(self) -> date | None:
        """The day of the first case; None where there is none yet."""
        first: datetime | None = (await self._connection.execute(select(func.min(_CASES.c.registered_at)))).scalar_one()
        return None if first is None else local_date(first)

    def _scope(self, viewer: Viewer) -> Condition:
        free: Condition = not_(_CASES.c.quarantined)
        if sees_figures_only(viewer):
            return free
        seen = visible(self._connection, viewer)
        if _sees_nearly_all(viewer):  # spares looking into what is empty, a hundred thousand times over
            seen = case((_CASES.c.concerns == "", true()), else_=seen)
        return and_(free, seen)

    async def _grouped(self, where: Condition, *columns: ColumnElement[Any]) -> list[Any]:
        return list(await self._connection.execute(select(*columns, func.count()).where(where).group_by(*columns)))

    async def _days(self, instant: ColumnElement[datetime], where: Condition) -> Mapping[date, int]:
        day = self._day(instant)
        rows = await self._grouped(where, day)
        return {found if isinstance(found, date) else date.fromisoformat(found): number for found, number in rows}

    async def _hours(self, end: ColumnElement[datetime], where: Condition) -> Mapping[int, int]:
        hours = (self._epoch(end) - self._epoch(_CASES.c.registered_at)) // _HOUR
        found = Counter[int]()
        for length, number in await self._grouped(where, hours):
            found[max(int(length), 0)] += number  # a machine's clock may have gone back
        return found

    async def _standings(
        self, viewer: Viewer, scope: Condition, first: date, last: date, today: date
    ) -> Mapping[str, Standing]:
        overdue = func.count().filter(_CLOCKS.c.due_on < today)
        query = (
            select(_CLOCKS.c.rule, _CLOCKS.c.state, func.count(), overdue)
            .where(_CLOCKS.c.started_on.between(first, last), self._of_seen_cases(viewer, scope))
            .group_by(_CLOCKS.c.rule, _CLOCKS.c.state)
        )
        found: dict[str, Standing] = {}
        for rule, state, number, over in await self._connection.execute(query):
            one = found.get(rule, Standing())
            met = number if state == ClockState.MET else 0
            late = number if state == ClockState.MET_LATE else over
            found[rule] = Standing(one.met + met, one.late + late, one.pending + number - met - late)
        return found

    async def _answered(self, viewer: Viewer, first: date, last: date) -> Mapping[str, Mapping[date, int]]:
        """Calls answered at once; for whoever has districts those of these districts."""
        where = _within(_CALLS.c.taken_at, first, last)
        if not sees_figures_only(viewer) and not _sees_nearly_all(viewer):
            where = and_(where, _CALLS.c.district.in_(sorted(viewer.districts)))
        found: dict[str, dict[date, int]] = {}
        for nature, day, number in await self._grouped(where, _CALLS.c.nature, self._day(_CALLS.c.taken_at)):
            found.setdefault(nature, {})[day if isinstance(day, date) else date.fromisoformat(day)] = number
        return found

    def _of_seen_cases(self, viewer: Viewer, scope: Condition) -> Condition:
        """The clocks of cases in the scope. Where that is nearly all of them, the few others are looked up instead."""
        column: ColumnElement[str] = _CLOCKS.c["case"]
        if not sees_figures_only(viewer) and not _sees_nearly_all(viewer):
            return column.in_(select(_CASES.c.id).where(scope))
        held = column.not_in(select(_CASES.c.id).where(_CASES.c.quarantined))
        if sees_figures_only(viewer) or not viewer.id:
            return held
        about = and_(_CASES.c.concerns != "", holds_code(self._connection, _CASES.c.concerns, viewer.id))
        return and_(held, column.not_in(select(_CASES.c.id).where(about)))

    def _day(self, instant: ColumnElement[datetime]) -> ColumnElement[Any]:
        if self._postgres:
            return cast(func.timezone(SHANGHAI.key, instant), Date)
        return func.date(instant, _SHANGHAI_HOURS)

    def _epoch(self, instant: ColumnElement[datetime]) -> ColumnElement[int]:
        if self._postgres:
            return cast(func.floor(func.extract("epoch", instant)), Integer)
        return cast(func.strftime("%s", instant), Integer)


def _sees_nearly_all(viewer: Viewer) -> bool:
    """Whether the viewer sees every case but those about themselves."""
    return viewer.role is Role.SUPERVISOR


def _within(instant: ColumnElement[datetime], first: date, last: date) -> Condition:
    start = datetime.combine(first, clock_time.min, SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), clock_time.min, SHANGHAI)
    return and_(instant >= start, instant < end)
