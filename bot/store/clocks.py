"""The clocks of cases. Kept are the rule, the day and what happened; the days that follow from them serve searching."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import structlog
from sqlalchemy import Row, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.clocks.deadlines import Clock, ClockRefused, Event, Extend, Pause, Restart, Resume, Standing, Stop
from bot.complaints.clocks.rules import PauseReason, RestartReason, RuleTable, UnknownRule
from bot.complaints.kept import StoredClock, Warned
from bot.store.case_tables import CaseClockRow
from bot.store.encoding import read_list, write_list
from bot.store.later import write_later
from bot.store.upsert import upsert

log = structlog.get_logger(__name__)

_TABLE = CaseClockRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_ADD_FIRST = insert(_TABLE)


class Clocks:
    """The rows of `case_clock`."""

    def __init__(self, connection: AsyncConnection, rules: RuleTable) -> None:
        self._connection = connection
        self._rules = rules

    async def add(self, case_id: str, clock: Clock, standing: Standing) -> None:
        """Keep a clock; one of the same rule that began on the same day is replaced."""
        key = {"case": case_id, "rule": clock.rule.id, "started_on": clock.started_on}
        values = {**_columns(clock, standing), "warned": str(Warned.NOT_YET)}
        await upsert(self._connection, _TABLE, key, values, waits=True)

    async def add_first(self, case_id: str, clocks: Iterable[tuple[Clock, Standing]]) -> None:
        """Keep the first clocks of a new case, no two alike, in one go."""
        rows = [
            {
                "case": case_id,
                "rule": clock.rule.id,
                "started_on": clock.started_on,
                **_columns(clock, standing),
                "warned": str(Warned.NOT_YET),
            }
            for clock, standing in clocks
        ]
        if rows:
            await write_later(self._connection, _ADD_FIRST, *rows)

    async def of(self, case_id: str) -> list[StoredClock]:
        """The clocks of a case in the order in which they began.

        A clock whose rule the content no longer has, or that the rule no longer allows, is left out and logged.
        """
        query = select(_TABLE).where(_TABLE.c.case == case_id).order_by(_TABLE.c.started_on, _TABLE.c.id)
        return self._read_all((await self._connection.execute(query)).all())

    async def save(self, stored: StoredClock, clock: Clock, standing: Standing) -> None:
        """Keep how the clock goes on; when its last day moves, warnings begin anew."""
        columns = _columns(clock, standing)
        mine = update(_TABLE).where(_TABLE.c.id == stored.id)
        moved = _TABLE.c.due_on.is_distinct_from(columns["due_on"])
        await self._connection.execute(mine.where(moved).values(warned=str(Warned.NOT_YET)))
        await self._connection.execute(mine.values(columns))

    async def warnings(self, today: date, limit: int, *, escalate_before: date | None = None) -> list[StoredClock]:
        """Clocks to warn of today, the longest due first.

        Amber ones of which nobody was warned, overdue ones warned of as amber at most, and, where
        `escalate_before` is given, overdue ones due before it that were not escalated.
        """
        due, warned = _TABLE.c.due_on, _TABLE.c.warned
        early = [str(Warned.NOT_YET), str(Warned.AMBER)]
        levels = [
            and_(_TABLE.c.warn_on <= today, due >= today, warned == str(Warned.NOT_YET)),
            and_(due < today, warned.in_(early)),
        ]
        if escalate_before is not None:
            levels.append(and_(due < escalate_before, warned == str(Warned.OVERDUE)))
        query = select(_TABLE).where(or_(*levels)).order_by(due, _TABLE.c.id).limit(limit)
        return self._read_all((await self._connection.execute(query)).all())

    async def mark_warned(self, clock_id: int, level: str) -> None:
        """Note how far the warnings have come. Safe to repeat."""
        await self.mark_all_warned([clock_id], level)

    async def mark_all_warned(self, clock_ids: Collection[int], level: str) -> None:
        """Note how far the warnings of all these have come. Safe to repeat."""
        if clock_ids:
            mine = update(_TABLE).where(_TABLE.c.id.in_(sorted(clock_ids)))
            await self._connection.execute(mine.values(warned=str(level)))

    async def unknown_years(self) -> list[int]:
        """Years without a known calendar in which clocks still running end."""
        query = select(_TABLE.c.unknown_year).where(_TABLE.c.due_on.is_not(None), _TABLE.c.unknown_year.is_not(None))
        return sorted((await self._connection.execute(query.distinct())).scalars())

    async def ending_in_unknown(self, year: int, limit: int) -> list[StoredClock]:
        """Clocks still running that ended in that year when its calendar was not known, the oldest first."""
        query = select(_TABLE).where(_TABLE.c.due_on.is_not(None), _TABLE.c.unknown_year == year)
        return self._read_all((await self._connection.execute(query.order_by(_TABLE.c.id).limit(limit))).all())

    def _read_all(self, rows: Any) -> list[StoredClock]:
        return [clock for row in rows if (clock := self._read(row)) is not None]

    def _read(self, row: Row[Any]) -> StoredClock | None:
        try:
            rule = self._rules.rule(row.rule, row.started_on)
            clock = Clock(rule, row.started_on, tuple(_read_event(event) for event in read_list(row.events)))
        except (UnknownRule, ClockRefused) as error:
            log.error("clock.unreadable", case=row.case, rule=row.rule, cause=error.detail)
            return None
        return StoredClock(row.id, row.case, clock, row.warned)


def _columns(clock: Clock, standing: Standing) -> dict[str, Any]:
    due = standing.due if standing.is_open else None
    return {
        "events": write_list([_write_event(event) for event in clock.events]),
        "state": str(standing.state),
        "due_on": due and due.not_before,
        "warn_on": due and standing.warn_on,
        "unknown_year": due and due.unknown_year,
    }


def _write_event(event: Event) -> dict[str, Any]:
    raw: dict[str, Any] = {"kind": type(event).__name__.lower(), "on": event.on.isoformat()}
    if isinstance(event, Pause | Restart):
        raw["reason"] = str(event.reason)
    if isinstance(event, Extend):
        raw["by"] = event.by
    return raw


def _read_event(raw: Mapping[str, Any]) -> Event:
    on = date.fromisoformat(raw["on"])
    match raw["kind"]:
        case "pause":
            return Pause(on, PauseReason(raw["reason"]))
        case "restart":
            return Restart(on, RestartReason(raw["reason"]))
        case "extend":
            return Extend(on, raw["by"])
        case "resume":
            return Resume(on)
        case _:
            return Stop(on)
