"""Clocks against deadlines: start, pause, resume, extend, restart, stop; the last day and how near it is.

A clock is a rule, the day it began behind, and what happened since; all else is computed, so that a
corrected rule or calendar corrects every clock. A paused day does not count: from the day of the pause
to the day before the day on which it is resumed. A last day that falls into a year without a known
calendar is not guessed: the earliest possible day is given, and the year, which callers must show.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from bot.complaints.clocks.rules import ClockRule, Kind, PauseReason, RestartReason, Unit
from bot.errors import GonghuiError
from bot.workdays import UnknownYear, WorkCalendar, check_count, check_day

_DAY = timedelta(days=1)


class ClockRefused(GonghuiError):
    """The clock does not take this."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(f"[{code}] {detail}".strip())


@dataclass(frozen=True, slots=True)
class Pause:
    """From that day on days do not count."""

    on: date
    reason: PauseReason


@dataclass(frozen=True, slots=True)
class Resume:
    """That day counts again."""

    on: date


@dataclass(frozen=True, slots=True)
class Extend:
    """The period was made longer by so many of its units."""

    on: date
    by: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The whole period begins anew behind that day, unextended."""

    on: date
    reason: RestartReason


@dataclass(frozen=True, slots=True)
class Stop:
    """What was due has happened."""

    on: date


Event = Pause | Resume | Extend | Restart | Stop


class State(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"


class Colour(StrEnum):
    """How a clock is shown."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day in time; with an unknown year only the earliest day that it can be."""

    not_before: date
    unknown_year: int | None = None

    @property
    def on(self) -> date | None:
        """The last day, when it is known."""
        return self.not_before if self.unknown_year is None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a clock stands on a day.

    remaining: units of the rule that are left behind that day (calendar days for months and years); None while
    the calendar is not known. due is None while the clock is paused. overdue_by counts calendar days.
    warn_on: the first day on which a running clock is amber.
    too_late: restarts that came when a worker's limit had run out; they revive nothing by themselves.
    """

    rule: ClockRule
    state: State
    colour: Colour
    due: Due | None
    remaining: int | None
    overdue_by: int = 0
    too_late: tuple[Restart, ...] = ()
    warn_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in {State.RUNNING, State.PAUSED, State.OVERDUE}


@dataclass(frozen=True, slots=True)
class Clock:
    """One running period. Raises ClockRefused for events that cannot follow one another or that the rule forbids."""

    rule: ClockRule
    started_on: date
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        """Refuse events that the rule does not know or that come in no possible order."""
        if not self.rule.is_valid(self.started_on):
            raise ClockRefused("rule_not_in_force", f"{self.rule.id} on {self.started_on}")
        _stretches(self)

    def then(self, event: Event) -> "Clock":
        """The clock after that event. Raises ClockRefused."""
        return Clock(self.rule, self.started_on, (*self.events, event))


@dataclass(slots=True)
class _Stretch:
    """A count without a restart in it."""

    start: date
    restart: Restart | None = None
    extra: int = 0
    pauses: list[tuple[date, date]] = field(default_factory=list)
    paused_on: date | None = None
    stopped_on: date | None = None


def _stretches(clock: Clock) -> list[_Stretch]:
    """The stretches between restarts. Raises ClockRefused."""
    stretches = [_Stretch(check_day(clock.started_on))]
    last = clock.started_on
    for event in clock.events:
        if check_day(event.on) < last:
            raise ClockRefused("out_of_order", f"{event.on} lies before {last}")
        if stretches[-1].stopped_on is not None:
            raise ClockRefused("stopped", f"{event.on} lies behind the end")
        last = event.on
        if isinstance(event, Restart):
            _check_restart(clock.rule, event)
            _end_pause(stretches[-1], event.on)
            stretches.append(_Stretch(event.on, event))
        else:
            _apply(clock.rule, stretches[-1], event)
    return stretches


def _apply(rule: ClockRule, stretch: _Stretch, event: Pause | Resume | Extend | Stop) -> None:
    match event:
        case Pause(on, reason):
            if reason not in rule.pauses:
                raise ClockRefused("no_pause", f"{rule.id} is not paused for {reason}")
            if stretch.paused_on is not None:
                raise ClockRefused("paused_already", str(on))
            stretch.paused_on = on
        case Resume(on):
            if stretch.paused_on is None:
                raise ClockRefused("not_paused", str(on))
            _end_pause(stretch, on)
        case Extend(_, by):
            _check_extension(rule, stretch.extra + check_count(by))
            stretch.extra += by
        case Stop(on):
            _end_pause(stretch, on)
            stretch.stopped_on = on


def _end_pause(stretch: _Stretch, on: date) -> None:
    if stretch.paused_on is not None:
        stretch.pauses.append((stretch.paused_on, on))
        stretch.paused_on = None


def _check_extension(rule: ClockRule, total: int) -> None:
    if rule.extension is None:
        raise ClockRefused("no_extension", rule.id)
    if rule.extension.most is not None and total > rule.extension.most:
        raise ClockRefused("extension_too_long", f"{rule.id}: {total}, at most {rule.extension.most}")


def _check_restart(rule: ClockRule, event: Restart) -> None:
    if event.reason not in rule.restarts:
        raise ClockRefused("no_restart", f"{rule.id} does not begin anew for {event.reason}")


def standing(clock: Clock, today: date, calendar: WorkCalendar) -> Standing:
    """How the clock stands on that day, everything recorded being taken as having happened."""
    check_day(today)
    stretch, too_late = _effective(clock, calendar)
    due = _due(clock.rule, stretch, calendar)
    if stretch.stopped_on is not None:
        found = _finished(clock.rule, due, stretch.stopped_on)
    elif stretch.paused_on is not None and stretch.paused_on <= due.not_before:
        left = _remaining(clock.rule, due, max(stretch.paused_on - _DAY, stretch.start), calendar)
        found = Standing(rule=clock.rule, state=State.PAUSED, colour=Colour.GREY, due=None, remaining=left)
    else:
        found = _running(clock.rule, stretch, due, today, calendar)
    return replace(found, too_late=too_late)


def next_due(standings: Iterable[Standing]) -> Standing | None:
    """Of several clocks the one to look at: overdue or ending first; paused and finished ones are left out."""
    ending = [(one.due.not_before, one.rule.id, one) for one in standings if one.is_open and one.due is not None]
    return min(ending, key=lambda item: item[:2])[2] if ending else None


def _effective(clock: Clock, calendar: WorkCalendar) -> tuple[_Stretch, tuple[Restart, ...]]:
    """The stretch that counts. A restart revives no worker's limit that had run out (调解仲裁法 27(2))."""
    current, *later = _stretches(clock)
    too_late: list[Restart] = []
    for stretch in later:
        if clock.rule.kind is not Kind.WORKER or stretch.start <= _due(clock.rule, current, calendar).not_before:
            current = stretch
            continue
        too_late.extend([stretch.restart] if stretch.restart else [])
        _carry_on(current, stretch)
    return current, tuple(too_late)


def _carry_on(current: _Stretch, later: _Stretch) -> None:
    """What happened behind a restart without effect happened to the period that went on."""
    current.extra += later.extra
    current.pauses += later.pauses
    current.paused_on = later.paused_on
    current.stopped_on = later.stopped_on


def _due(rule: ClockRule, stretch: _Stretch, calendar: WorkCalendar) -> Due:
    """The last day, the pauses that are over being left out of the count."""
    count = rule.count + stretch.extra
    if rule.unit is Unit.WORKING:
        return _due_in_working_days(stretch, count, calendar)
    end = rule.nominal_end(stretch.start, count, calendar)
    due = _moved(rule, end, calendar)
    for paused, resumed in stretch.pauses:
        if paused > due.not_before:
            continue
        if paused > end:  # on a day to which the law had moved the end
            end = due.not_before
        end += max(resumed - max(paused, stretch.start + _DAY), timedelta())
        due = _moved(rule, end, calendar)
    return due


def _moved(rule: ClockRule, end: date, calendar: WorkCalendar) -> Due:
    """That last day, moved off a holiday where the law of the rule says so."""
    if not rule.moves:
        return Due(end)
    try:
        return Due(calendar.next_working(end))
    except UnknownYear as unknown:
        return Due(end, unknown.year)


def _due_in_working_days(stretch: _Stretch, count: int, calendar: WorkCalendar) -> Due:
    day, unknown = stretch.start, None
    while count:
        day += _DAY
        if any(paused <= day < resumed for paused, resumed in stretch.pauses):
            continue
        try:
            count -= calendar.is_working(day)
        except UnknownYear as error:
            unknown = unknown or error.year
            count -= 1  # at the earliest: as though every day of that year were worked
    return Due(day, unknown)


def _remaining(rule: ClockRule, due: Due, today: date, calendar: WorkCalendar) -> int | None:
    if due.on is None:
        return None
    if rule.unit is Unit.WORKING:
        return calendar.count_working(today, due.on)
    return max((due.on - today).days, 0)


def _finished(rule: ClockRule, due: Due, stopped_on: date) -> Standing:
    late = due.on is not None and stopped_on > due.on
    return Standing(
        rule=rule,
        state=State.MET_LATE if late else State.MET,
        colour=Colour.GREY,
        due=due,
        remaining=0,
        overdue_by=(stopped_on - due.not_before).days if late else 0,
    )


def _running(rule: ClockRule, stretch: _Stretch, due: Due, today: date, calendar: WorkCalendar) -> Standing:
    warn_on = _warn_on(rule, stretch, due, calendar)
    if due.on is not None and today > due.on:
        late = (today - due.on).days
        return Standing(
            rule=rule, state=State.OVERDUE, colour=Colour.RED, due=due, remaining=0, overdue_by=late, warn_on=warn_on
        )
    remaining = _remaining(rule, due, today, calendar)
    colour = Colour.AMBER if today >= warn_on else Colour.GREEN
    return Standing(rule=rule, state=State.RUNNING, colour=colour, due=due, remaining=remaining, warn_on=warn_on)


def _warn_on(rule: ClockRule, stretch: _Stretch, due: Due, calendar: WorkCalendar) -> date:
    """The first day on which no more is left than the warning takes."""
    left = _warning(rule, stretch, calendar)
    if due.on is None or rule.unit is not Unit.WORKING:
        return due.not_before - left * _DAY
    day = due.on
    try:
        while left >= calendar.is_working(day):
            left -= calendar.is_working(day)
            day -= _DAY
    except UnknownYear:  # counted backwards into a year that nobody knows: as though every day were worked
        day -= left * _DAY
    return day


def _warning(rule: ClockRule, stretch: _Stretch, calendar: WorkCalendar) -> int:
    """How many days before its end the clock turns amber: its share of the period, at least one day."""
    whole = rule.count + stretch.extra
    if rule.unit in {Unit.MONTHS, Unit.YEARS}:
        whole = (rule.nominal_end(stretch.start, whole, calendar) - stretch.start).days
    return math.ceil(whole * rule.warn_share)
