"""From which day a limit counts, for each way of counting, or why it does not count yet.

Where practice differs the cautious day is taken, and the note of the claim says that it differs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.complaints.limits.facts import DayRange, Facts
from bot.complaints.limits.rules import Count, Note
from bot.workdays import add_days, add_months, add_years

_DAY = timedelta(days=1)
_EMPLOYER_DAYS = 30
"""工伤保险条例 17(1): within so many days the employer has to apply."""


class Waiting(StrEnum):
    """Why there is no day to count from."""

    NOT_RUNNING = "not_running"
    NO_DATE = "no_date"


@dataclass(frozen=True, slots=True)
class Begin:
    """The day that does not count itself; `last_part` when later parts of the claim count from later days."""

    since: DayRange
    notes: tuple[Note, ...] = ()
    last_part: date | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """No limit is running, or what was said does not tell."""

    why: Waiting
    note: Note


def begin(count: Count, facts: Facts) -> Begin | Waits:
    """From when a limit counts in that way."""
    return _WAYS[count](facts)


def _employment_end(facts: Facts) -> Begin | Waits:
    iou = (Note.IOU_CIVIL_ROUTE,) if facts.has_iou else ()
    if facts.ended is not None:
        return Begin(facts.ended, iou)
    if facts.employed is True:
        return Waits(Waiting.NOT_RUNNING, Note.ARREARS_WHILE_EMPLOYED)
    missing = Note.NEED_EMPLOYMENT_STATUS if facts.employed is None else Note.NEED_LEAVING_DATE
    return Waits(Waiting.NO_DATE, missing)


def _termination(facts: Facts) -> Begin | Waits:
    since = _earliest(facts.dismissed, facts.left)
    if since is not None:
        return Begin(since)
    if facts.employed is True:
        return Waits(Waiting.NOT_RUNNING, Note.NOT_TERMINATED)
    return Waits(Waiting.NO_DATE, Note.NEED_LEAVING_DATE)


def _known(facts: Facts) -> Begin | Waits:
    since = _earliest(facts.known, facts.breach_began)
    if since is None:
        return Waits(Waiting.NO_DATE, Note.NEED_BREACH_DATE)
    ended = facts.breach_ended.first if facts.breach_ended is not None else None
    return _in_parts(since, facts.today if facts.breach_ongoing else ended)


def _double_wage(facts: Facts) -> Begin | Waits:
    """From the day behind the first month (实施条例 6, 7); the strictest courts let all of it lapse from there."""
    if facts.started is None:
        return Waits(Waiting.NO_DATE, Note.NEED_START_DATE)
    first, last = add_months(facts.started.first, 1), add_months(facts.started.last, 1)
    if facts.contract_signed is not None and facts.contract_signed.last <= first:
        return Waits(Waiting.NOT_RUNNING, Note.CONTRACT_SIGNED_IN_TIME)
    if facts.today < first or (facts.ended is not None and facts.ended.last < first):
        return Waits(Waiting.NOT_RUNNING, Note.DOUBLE_WAGE_NOT_YET)
    ends = [add_years(facts.started.first, 1) - _DAY]
    ends += [facts.contract_signed.first - _DAY] if facts.contract_signed else []
    ends += [facts.ended.first] if facts.ended else []
    return _in_parts(DayRange(first, last), min(ends))


def _double_wage_end(facts: Facts) -> Begin | Waits:
    found = _double_wage(facts)
    if isinstance(found, Waits):
        return found
    end = found.last_part or found.since.first
    return Waits(Waiting.NOT_RUNNING, Note.BREACH_CONTINUING) if end > facts.today else Begin(DayRange.on(end))


def _leave_year(facts: Facts) -> Begin | Waits:
    """From the end of the year whose leave was not given, or from leaving within that year."""
    if facts.leave_year is None:
        if facts.ended is None:
            return Waits(Waiting.NO_DATE, Note.NEED_LEAVE_YEAR)
        return Begin(facts.ended, (Note.NEED_LEAVE_YEAR,))
    end = DayRange.on(date(facts.leave_year, 12, 31))
    since = end
    if facts.ended is not None:
        since = DayRange(min(facts.ended.first, end.first), min(facts.ended.last, end.last))
    if since.first > facts.today:
        return Waits(Waiting.NOT_RUNNING, Note.LEAVE_YEAR_NOT_OVER)
    return Begin(since)


def _accident(facts: Facts) -> Begin | Waits:
    since = _earliest(facts.accident, facts.diagnosed)
    if since is None:
        return Waits(Waiting.NO_DATE, Note.NEED_ACCIDENT_DATE)
    employers_turn = facts.today <= add_days(since.first, _EMPLOYER_DAYS)
    return Begin(since, (Note.EMPLOYER_SHOULD_APPLY if employers_turn else Note.APPLY_YOURSELF,))


def _injury_benefit(facts: Facts) -> Begin | Waits:
    """From the recognition or the assessment, the earlier one known; later parts from the later or from leaving."""
    since = _earliest(facts.recognised, facts.assessed)
    if since is None:
        return Waits(Waiting.NO_DATE, Note.INJURY_FIRST_RECOGNITION)
    later = [days.first for days in (facts.recognised, facts.assessed, facts.ended) if days is not None]
    return _in_parts(since, max(later))


def _breach_end(facts: Facts) -> Begin | Waits:
    """From the end of the breach. What goes on when the worker has left counts from leaving, as the cautious day."""
    if facts.breach_ended is not None:
        return Begin(facts.breach_ended)
    if facts.breach_ongoing and facts.ended is None:
        return Waits(Waiting.NOT_RUNNING, Note.BREACH_CONTINUING)
    if facts.breach_ongoing and facts.ended is not None:
        return Begin(facts.ended, (Note.CONTINUING_AFTER_LEAVING_VARIES,))
    began = _earliest(facts.breach_began, facts.known)
    if began is not None:
        last = facts.ended.last if facts.ended is not None else facts.today
        return Begin(DayRange(began.first, max(began.last, last)), (Note.ASK_IF_CONTINUING,))
    if facts.ended is not None:
        return Begin(facts.ended, (Note.ASK_IF_CONTINUING,))
    return Waits(Waiting.NO_DATE, Note.NEED_BREACH_DATE)


def _in_parts(since: DayRange, last: date | None) -> Begin:
    if last is None or last <= since.first:
        return Begin(since)
    return Begin(since, (Note.PART_BY_PART,), last)


def _earliest(*days: DayRange | None) -> DayRange | None:
    """What is known to have happened first, as early as it may have been."""
    known = [one for one in days if one is not None]
    if not known:
        return None
    return DayRange(min(one.first for one in known), min(one.last for one in known))


_WAYS: Mapping[Count, Callable[[Facts], Begin | Waits]] = {
    Count.EMPLOYMENT_END: _employment_end,
    Count.TERMINATION: _termination,
    Count.KNOWN: _known,
    Count.DOUBLE_WAGE: _double_wage,
    Count.DOUBLE_WAGE_END: _double_wage_end,
    Count.LEAVE_YEAR: _leave_year,
    Count.ACCIDENT: _accident,
    Count.INJURY_BENEFIT: _injury_benefit,
    Count.BREACH_END: _breach_end,
}
