"""The sweep over clocks: who has to act is warned in time, told when it is too late, and then the supervisor is.

A year whose holidays nobody has entered is told to the administrators; once it is known, the clocks that ran into it
get their real last day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.cases import Case
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.clocks.deadlines import standing
from bot.complaints.desk.staff_telling import Roster, notices_for, roster, tell_staff
from bot.complaints.errors import Changed
from bot.complaints.kept import StoredClock, Warned
from bot.complaints.notices import Road, StaffNotice
from bot.roles import Role
from bot.workdays import WorkCalendar

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

AHEAD = timedelta(days=60)
"""So far ahead the holidays have to be known."""

_KINDS = {Warned.AMBER: "due", Warned.OVERDUE: "overdue", Warned.ESCALATED: "escalated"}


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. full: it stopped at its limit, and there is more to do."""

    warned: int
    recounted: int
    unknown_years: tuple[int, ...]
    full: bool


class Sweep:
    """Looks at all clocks."""

    def __init__(
        self,
        calendar: WorkCalendar,
        clocks: CaseClocks,
        *,
        roads: Collection[Road] = frozenset({Road.CONSOLE}),
        escalate_after_days: int = 2,
    ) -> None:
        self._calendar = calendar
        self._clocks = clocks
        self._roads = roads
        self._escalate_after = timedelta(days=escalate_after_days)

    async def run(self, work: "UnitOfWork", now: datetime, *, limit: int = 500) -> Swept:
        """Warn of what is due or overdue, once each. Safe to repeat. Does not commit."""
        today = local_date(now)
        recounted = await self._recount(work, now, limit)
        due = await work.clocks.warnings(today, limit, escalate_before=today - self._escalate_after)
        cases = {case.id: case for case in await work.cases.find_many({stored.case for stored in due})}
        staff = await roster(work)
        notices: list[StaffNotice] = []
        warned: dict[Warned, list[int]] = {level: [] for level in _KINDS}
        for stored in due:
            level, told = self._warning(staff, cases[stored.case], stored, today)
            warned[level].append(stored.id)
            notices += told
        await work.notices.add_all(notices, now)
        for level, clocks in warned.items():
            await work.clocks.mark_all_warned(clocks, level)
        years = await self._tell_unknown_years(work, staff, now)
        return Swept(len(due), recounted, years, full=len(due) >= limit)

    def _warning(self, staff: Roster, case: Case, stored: StoredClock, today: date) -> tuple[Warned, list[StaffNotice]]:
        """How far the warnings of this clock have come now, and the notices of it."""
        rule, due = stored.clock.rule, standing(stored.clock, today, self._calendar).due
        if due is None:  # paused: the rule or the calendar changed since its days were written down
            return Warned.OVERDUE, []
        level = _level(stored, due.not_before, today)
        kind = _KINDS[level if due.on is not None else Warned.AMBER]
        return level, notices_for(
            staff.supervisors(case) if level is Warned.ESCALATED else staff.responsible(case),
            kind,
            key=f"{kind}:{stored.id}:{due.not_before}:{level}",
            roads=self._roads,
            case=case,
            data={"rule": rule.id, "title": rule.title, "due": due.not_before.isoformat()},
        )

    async def _tell_unknown_years(self, work: "UnitOfWork", staff: Roster, now: datetime) -> tuple[int, ...]:
        """Tell the administrators of years without holidays, once a month for each."""
        today = local_date(now)
        years = {year for year in await work.clocks.unknown_years() if year not in self._calendar.years}
        years |= set(self._calendar.unknown_years(today, today + AHEAD))
        administrators = staff.of_role(Role.ADMINISTRATOR)
        for year in sorted(years):
            key = f"calendar:{year}:{today:%Y-%m}"
            await tell_staff(
                work,
                administrators,
                "calendar_missing",
                key=key,
                now=now,
                roads=self._roads,
                data={"year": str(year)},
            )
        return tuple(sorted(years))

    async def _recount(self, work: "UnitOfWork", now: datetime, limit: int) -> int:
        """Give clocks that ran into a year that has become known their real last day."""
        today = local_date(now)
        known = [year for year in await work.clocks.unknown_years() if year in self._calendar.years]
        stale = [stored for year in known for stored in await work.clocks.ending_in_unknown(year, limit)]
        for stored in stale:
            await work.clocks.save(stored, stored.clock, standing(stored.clock, today, self._calendar))
        for case in await work.cases.find_many({stored.case for stored in stale}):
            due = await self._clocks.due(work, case.id, today)
            await _save(work, case, now, due)
        return len(stale)


async def _save(work: "UnitOfWork", case: Case, now: datetime, due: dict[str, object]) -> None:
    try:
        await work.cases.change(case, now, **due)
    except Changed:  # whoever was quicker wrote down its next deadline as well
        return


def _level(stored: StoredClock, last: date, today: date) -> Warned:
    if today <= last:
        return Warned.AMBER
    return Warned.ESCALATED if stored.warned == Warned.OVERDUE else Warned.OVERDUE
