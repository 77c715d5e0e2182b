"""Clocks that staff start, stop and extend by hand: those of other bodies and of the worker, and longer handling."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.cases import Case
from bot.complaints.clocks.deadlines import Clock, Extend, Restart, Stop, standing
from bot.complaints.clocks.rules import ClockRule, Kind, UnknownRule
from bot.complaints.desk.door import DeskPart, check_text
from bot.complaints.desk.refusals import Faulty
from bot.complaints.desk.values import Seen
from bot.complaints.kept import StoredClock
from bot.complaints.roles import Action, Viewer

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

BY_HAND = frozenset({Kind.OTHER, Kind.WORKER})
"""Kinds of clocks whose events happen elsewhere, so that somebody has to tell."""

NO_FIGURE = 999
"""Units by which a period may be extended where the law names no figure."""


class ClockWork(DeskPart):
    """Clocks by hand."""

    def startable_clocks(self, *, now: datetime) -> Mapping[str, str]:
        """Ids and titles of the rules whose clocks can be started by hand here and now."""
        today = local_date(now)
        return {rule.id: rule.title for rule in self._parts.rules.rules if self._is_startable(rule, today)}

    async def start_clock(  # noqa: PLR0913, PLR0917 - whose clock of which rule from when
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, rule: str, on: date, *, now: datetime
    ) -> None:
        """Start a clock behind the day of its event.

        Raises Faulty for a rule that is not started so or a day to come; NotAllowed, CaseHidden, Conflict.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.HANDLE)
        today = local_date(now)
        if on > today:
            raise Faulty("on", "future")
        try:
            found = self._parts.rules.rule(rule, on)
        except UnknownRule:
            raise Faulty("rule", "unknown") from None
        if not self._is_startable(found, on):
            raise Faulty("rule", "unknown")
        if any(
            stored.clock.rule.id == rule and stored.clock.started_on == on for stored in await work.clocks.of(case.id)
        ):
            raise Faulty("rule", "runs_already")
        clock = Clock(found, on)
        await work.clocks.add(case.id, clock, standing(clock, today, self._parts.calendar))
        await self._done(work, viewer, case, "clock_started", now, {"rule": rule, "on": on.isoformat()})

    async def stop_clock(  # noqa: PLR0913, PLR0917 - which clock of which case when
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, clock: int, on: date, *, now: datetime
    ) -> None:
        """What was due has happened on that day. Only for clocks by hand. Raises as `start_clock`, ClockRefused."""
        case = await self._hold(work, viewer, case_id, seen, now, Action.HANDLE)
        if on > local_date(now):
            raise Faulty("on", "future")
        stored = await self._clock(work, case, clock)
        if stored.clock.rule.kind not in BY_HAND:
            raise Faulty("clock", "own")
        await self._keep(work, stored, stored.clock.then(Stop(on)), local_date(now))
        data = {"rule": stored.clock.rule.id, "on": on.isoformat()}
        await self._done(work, viewer, case, "clock_stopped", now, data)

    async def extend_clock(  # noqa: PLR0913, PLR0917 - which clock by how much and why
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        clock: int,
        by: int,
        note: str,
        *,
        now: datetime,
    ) -> None:
        """Make a period longer, by what its rule allows; a commitment of our own only by a supervisor (ASSIGN).

        The reason is written down as an internal note. Raises as `stop_clock`.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.HANDLE)
        stored = await self._clock(work, case, clock)
        if stored.clock.rule.kind not in BY_HAND:
            self._check(viewer, case, Action.ASSIGN)
        if by < 1:
            raise Faulty("by", "missing")
        note = check_text(note, "note")
        await self._keep(work, stored, stored.clock.then(Extend(local_date(now), by)), local_date(now))
        data = {"rule": stored.clock.rule.id, "by": str(by)}
        await self._done(work, viewer, case, "clock_extended", now, data, note)

    def _is_startable(self, rule: ClockRule, on: date) -> bool:
        here = rule.region in {"", *self._parts.regions}
        return rule.kind in BY_HAND and rule.is_valid(on) and here

    async def _clock(self, work: "UnitOfWork", case: Case, clock: int) -> StoredClock:
        found = next((stored for stored in await work.clocks.of(case.id) if stored.id == clock), None)
        if found is None:
            raise Faulty("clock", "unknown")
        return found

    async def _keep(self, work: "UnitOfWork", stored: StoredClock, clock: Clock, today: date) -> None:
        await work.clocks.save(stored, clock, standing(clock, today, self._parts.calendar))

    async def _done(  # noqa: PLR0913, PLR0917 - what happened to the clock
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case: Case,
        kind: str,
        now: datetime,
        data: Mapping[str, str],
        note: str = "",
    ) -> None:
        await self._enter(work, case, kind, by=viewer.id, now=now, data=data, note=note)
        await self._log(work, viewer, f"case.{kind}", case=case.id, data=data)
        await self._save(work, case, now)


def extendable_by(clock: Clock) -> int | None:
    """By how many units the clock may still be extended; None where its rule knows no extension, or no more of it."""
    extension = clock.rule.extension
    if extension is None:
        return None
    if extension.most is None:
        return NO_FIGURE
    used = 0
    for event in clock.events:
        used = 0 if isinstance(event, Restart) else used + (event.by if isinstance(event, Extend) else 0)
    return extension.most - used or None
