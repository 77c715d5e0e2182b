"""The clocks of a case as events start, pause and stop them, and what its row says of the next deadline."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.complaints.cases import Case, Filing, Nature
from bot.complaints.clocks.deadlines import Clock, Pause, Resume, Standing, State, Stop, next_due, standing
from bot.complaints.clocks.rules import ClockRule, Kind, PauseReason, RuleTable, Start
from bot.complaints.kept import StoredClock
from bot.complaints.roles import Confidentiality
from bot.complaints.worker.tracking import NextStep
from bot.workdays import WorkCalendar

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

NAMED_ONLY = frozenset({"union.refusal_notice", "union.feedback"})
"""Duties of law towards those who gave their name (山东省工会劳动法律监督条例 15(3), 19)."""

_REMEMBERED = 4096

_FOR_THE_WORKER = frozenset({Kind.OWN, Kind.UNION})
_STARTS = {Start.REGISTERED, Start.ACCEPTED, Start.CLOSED, Start.REFERRED, Start.WORKER_WROTE, Start.CALL_ENDED}
"""What happens to a case by itself; clocks of other bodies and of the worker are started by hand."""


@dataclass(frozen=True, slots=True)
class NextDue:
    """The fields of `Case` that follow from its clocks."""

    next_due: date | None = None
    next_rule: str = ""
    warn_on: date | None = None


class CaseClocks:
    """Knows the rules in force here and the calendar."""

    def __init__(self, rules: RuleTable, calendar: WorkCalendar, regions: Sequence[str]) -> None:
        self._rules = rules
        self._regions = tuple(regions)
        # Most clocks of a day are alike, and counting working days takes longer than remembering.
        self._stands = lru_cache(_REMEMBERED)(lambda clock, on: standing(clock, on, calendar))
        self._starting = lru_cache(_REMEMBERED)(self._in_force)

    def rules_of(self, start: Start, case: "Filing | Case", on: date) -> tuple[ClockRule, ...]:
        """The rules that this event starts for such a case: duties of law only for what the law covers."""
        if start not in _STARTS:
            return ()
        return tuple(rule for rule in self._starting(start, on) if _covers(rule, case))

    def _in_force(self, start: Start, on: date) -> tuple[ClockRule, ...]:
        """The rules that start so here on that day; those of a narrower region replace those of a wider one."""
        found: dict[str, ClockRule] = {}
        for region in ("", *self._regions):
            for rule in self._rules.starting_with(start, on, region):
                found[rule.id] = rule
        return tuple(rule for rule in found.values() if rule.kind in _FOR_THE_WORKER)

    def foreseen(self, filing: Filing, on: date) -> tuple[NextStep, ...]:
        """What is due to the worker after registration on that day, the earliest first."""
        clocks = [Clock(rule, on) for rule in self.rules_of(Start.REGISTERED, filing, on)]
        return _steps(self._standing(clock, on) for clock in clocks)

    def due_from(self, filing: Filing, on: date) -> NextDue:
        """As `due`, for a case that is registered on that day."""
        clocks = [Clock(rule, on) for rule in self.rules_of(Start.REGISTERED, filing, on)]
        return _next_due(self._standing(clock, on) for clock in clocks)

    async def next_steps(self, work: "UnitOfWork", case: Case, today: date) -> tuple[NextStep, ...]:
        """What is due to the worker now, the earliest first."""
        stored = await work.clocks.of(case.id)
        return _steps(self._standing(one.clock, today) for one in stored)

    async def begin(self, work: "UnitOfWork", case: Case, start: Start, on: date) -> None:
        """Start the clocks of that event. Safe to repeat.

        A clock of the same rule that is still open goes on as it is: a second message does not move the day on
        which the first one is to be answered. One that began the same day and was stopped goes on too.
        """
        stored = await work.clocks.of(case.id)
        for rule in self.rules_of(start, case, on):
            mine = [one for one in stored if one.clock.rule.id == rule.id]
            if any(_is_open(one.clock) for one in mine):
                continue
            today = next((one for one in mine if one.clock.started_on == on), None)
            if today is not None:
                clock = Clock(rule, on, tuple(event for event in today.clock.events if not isinstance(event, Stop)))
                await work.clocks.save(today, clock, self._standing(clock, on))
            else:
                clock = Clock(rule, on)
                await work.clocks.add(case.id, clock, self._standing(clock, on))

    async def begin_first(self, work: "UnitOfWork", case: Case, on: date) -> None:
        """Start the clocks of the registration: a new case has none yet."""
        clocks = [Clock(rule, on) for rule in self.rules_of(Start.REGISTERED, case, on)]
        await work.clocks.add_first(case.id, [(clock, self._standing(clock, on)) for clock in clocks])

    async def stop(self, work: "UnitOfWork", case_id: str, on: date, *rule_ids: str) -> None:
        """Stop the open clocks of those rules; all open ones without any."""
        for stored in await self._open(work, case_id):
            if not rule_ids or stored.clock.rule.id in rule_ids:
                await self._save(work, stored, stored.clock.then(Stop(_not_before(stored, on))), on)

    async def pause(self, work: "UnitOfWork", case_id: str, reason: PauseReason, on: date) -> None:
        """Pause the open clocks whose rule knows that reason."""
        for stored in await self._open(work, case_id):
            if reason in stored.clock.rule.pauses and not _is_paused(stored.clock):
                await self._save(work, stored, stored.clock.then(Pause(_not_before(stored, on), reason)), on)

    async def resume(self, work: "UnitOfWork", case_id: str, on: date) -> None:
        """Let the union's paused clocks go on."""
        for stored in await self._open(work, case_id):
            if _is_paused(stored.clock) and stored.clock.rule.kind in _FOR_THE_WORKER:
                await self._save(work, stored, stored.clock.then(Resume(_not_before(stored, on))), on)

    async def due(self, work: "UnitOfWork", case_id: str, today: date) -> dict[str, object]:
        """The fields of `Case` that follow from its clocks: next_due, next_rule, warn_on; for `work.cases.change`."""
        return asdict(_next_due(self._standing(one.clock, today) for one in await work.clocks.of(case_id)))

    async def _open(self, work: "UnitOfWork", case_id: str) -> list[StoredClock]:
        return [stored for stored in await work.clocks.of(case_id) if _is_open(stored.clock)]

    async def _save(self, work: "UnitOfWork", stored: StoredClock, clock: Clock, on: date) -> None:
        await work.clocks.save(stored, clock, self._standing(clock, on))

    def _standing(self, clock: Clock, on: date) -> Standing:
        return self._stands(clock, on)


def _covers(rule: ClockRule, case: "Filing | Case") -> bool:
    """Whether a duty of law holds for this case: it is about employers who break the law, not about the union."""
    if rule.kind is not Kind.UNION:
        return True
    if case.nature is not Nature.CLAIM or case.about_union_staff:
        return False
    return rule.id not in NAMED_ONLY or case.confidentiality is not Confidentiality.ANONYMOUS


def _is_open(clock: Clock) -> bool:
    return not any(isinstance(event, Stop) for event in clock.events)


def _is_paused(clock: Clock) -> bool:
    last = next((event for event in reversed(clock.events) if isinstance(event, Pause | Resume)), None)
    return isinstance(last, Pause)


def _not_before(stored: StoredClock, on: date) -> date:
    """That day, or the day of the last event should the machine's clock have gone back."""
    events = stored.clock.events
    return max(on, events[-1].on if events else stored.clock.started_on)


def _next_due(standings: Iterable[Standing]) -> NextDue:
    found = next_due(standings)
    if found is None or found.due is None:
        return NextDue()
    return NextDue(found.due.not_before, found.rule.id, found.warn_on)


def _steps(standings: Iterable[Standing]) -> tuple[NextStep, ...]:
    told = [one for one in standings if one.is_open and one.rule.kind in _FOR_THE_WORKER]
    steps = [_step(one) for one in told if one.rule.is_verified]
    within = {one.rule.within for one in told}
    return tuple(sorted((step for step in steps if step.rule not in within), key=_order))


def _step(found: Standing) -> NextStep:
    rule = found.rule
    return NextStep(
        rule=rule.id,
        title=rule.title,
        by=found.due.on if found.due else None,
        count=rule.count,
        unit=rule.unit,
        statutory=rule.is_statutory,
        citations=rule.citations,
        paused=found.state is State.PAUSED,
        overdue=found.state is State.OVERDUE,
    )


def _order(step: NextStep) -> tuple[bool, date, int, str]:
    return step.by is None, step.by or date.max, step.count, step.rule
