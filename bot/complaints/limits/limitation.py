"""The limitation guard: the last days for arbitration, work-injury application and inspection.

It never says that a right is lost: interruption and suspension may save it, and nobody but the other
side may plead the limit. Vague dates count from their earliest day, restarts from the earliest day of
the act, hindrances for as short as they may have been. What was said is not proof: `certain_on` is the
last day should neither interruption nor suspension be accepted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bot.complaints.limits.facts import Act, DayRange, Facts, Interruption
from bot.complaints.limits.rules import Claim, LimitTable, Note, Period, Route, RouteRule
from bot.complaints.limits.starts import Begin, Waits, begin
from bot.workdays import UnknownYear, WorkCalendar, add_years

_DAY = timedelta(days=1)


class Standing(StrEnum):
    """Where a limit stands, as far as what was said can tell."""

    NOT_RUNNING = "not_running"
    NO_DATE = "no_date"
    OPEN = "open"
    SOON = "soon"
    PARTLY_PAST = "partly_past"  # 前面的部分可能已超过
    POSSIBLY_PAST = "possibly_past"  # 可能已超过，存在中断、中止情形，请尽快咨询
    REPORTED = "reported"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One road to one claim.

    since: the day counted from, as early as it may be; it does not count itself.
    last_on: the last day to be relied on. moves_to: where the law moves it, should it be a holiday.
    certain_on: the last day without any interruption or suspension.
    last_part_on: the last day for the part of the claim that arose last.
    """

    claim: str
    route: Route
    standing: Standing
    since: date | None = None
    last_on: date | None = None
    moves_to: date | None = None
    certain_on: date | None = None
    last_part_on: date | None = None
    citations: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """All roads to one claim that have a limit; one without any says in its notes where to go."""

    claim: str
    limits: tuple[Limit, ...]
    citations: tuple[str, ...]
    notes: tuple[Note, ...]


def assess(claim_id: str, facts: Facts, table: LimitTable, calendar: WorkCalendar) -> Assessment:
    """The limits of that claim. Raises UnknownClaim."""
    claim = table.claim(claim_id)
    limits = tuple(_limit(claim, rule, table.periods[rule.route], facts, calendar) for rule in claim.routes)
    return Assessment(claim.id, limits, claim.citations, claim.notes)


def most_urgent(assessments: Iterable[Assessment]) -> Limit | None:
    """Of all limits still to be kept the one that ends first, parts of claims included."""
    open_limits = [
        (limit.last_part_on if limit.standing is Standing.PARTLY_PAST else limit.last_on, limit.claim, limit)
        for assessment in assessments
        for limit in assessment.limits
        if limit.standing in {Standing.OPEN, Standing.SOON, Standing.PARTLY_PAST}
    ]
    return min(open_limits, key=lambda item: (item[0] or date.max, item[1]))[2] if open_limits else None


def _limit(claim: Claim, rule: RouteRule, period: Period, facts: Facts, calendar: WorkCalendar) -> Limit:
    found = begin(rule.count, facts)
    citations = tuple(dict.fromkeys((*period.citations, *rule.citations)))
    if isinstance(found, Waits):
        standing = Standing(found.why)
        return Limit(
            claim=claim.id, route=rule.route, standing=standing, citations=citations, notes=(found.note, *rule.notes)
        )
    run = _run(found.since, period, facts)
    certain = add_years(found.since.first, period.years)
    last_part = max(run.last, add_years(found.last_part, period.years)) if found.last_part else None
    moves_to, unknown = _moved(run.last, period, calendar)
    end = moves_to or run.last
    standing = _standing(facts, period, (certain, end, last_part), reported=_is_reported(period, facts, run.last))
    notes = [*found.notes, *run.notes, *unknown, *_notes(found, standing), *rule.notes]
    return Limit(
        claim=claim.id,
        route=rule.route,
        standing=standing,
        since=found.since.first,
        last_on=run.last,
        moves_to=moves_to,
        certain_on=certain,
        last_part_on=last_part,
        citations=tuple(dict.fromkeys((*citations, *run.citations, *(period.moves if moves_to else ())))),
        notes=tuple(dict.fromkeys(notes)),
    )


def _standing(facts: Facts, period: Period, days: tuple[date, date, date | None], *, reported: bool) -> Standing:
    certain, end, last_part = days
    if reported:
        return Standing.REPORTED
    if facts.today > end:
        partly = last_part is not None and facts.today <= last_part
        return Standing.PARTLY_PAST if partly else Standing.POSSIBLY_PAST
    soon = (end - facts.today).days <= period.soon_days or facts.today > certain
    return Standing.SOON if soon else Standing.OPEN


def _notes(found: Begin, standing: Standing) -> Iterable[Note]:
    if found.since.first != found.since.last:
        yield Note.VAGUE_DATE_EARLIEST_DAY
    if standing is Standing.REPORTED:
        yield Note.REPORTED_IN_TIME
    if standing in {Standing.SOON, Standing.PARTLY_PAST, Standing.POSSIBLY_PAST}:
        yield Note.CONSULT_SOON


def _moved(last: date, period: Period, calendar: WorkCalendar) -> tuple[date | None, tuple[Note, ...]]:
    """Where the law moves the last day; nowhere while the holidays of its year are not known."""
    if not period.moves:
        return None, ()
    try:
        moved = calendar.next_working(last)
    except UnknownYear:
        return None, (Note.MAY_MOVE_CALENDAR_UNKNOWN,)
    return (moved if moved != last else None), ()


def _is_reported(period: Period, facts: Facts, last: date) -> bool:
    """Whether the inspection was told in time: then 监察条例 20 no longer stands in the way."""
    acts = [act.on for act in facts.interruptions if act.act is Act.INSPECTION]
    return period.id is Route.INSPECTION and any(on.last <= last for on in acts)


@dataclass(slots=True)
class _Run:
    """A period on its way to `last`, or to `latest` if all that is vague was late."""

    start: date
    last: date
    latest: date
    notes: list[Note] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)


_Stretch = tuple[date, date]
"""The first day that does not count, and the first that counts again."""


def _run(since: DayRange, period: Period, facts: Facts) -> _Run:
    """The cautious last day: interruptions in the order in which they came, standing still while hindered."""
    counted = [hindrance for hindrance in facts.hindrances if hindrance.reason in period.hindrances]
    short = _merged((one.since.last, facts.today if one.until is None else one.until.first) for one in counted)
    wide = _merged((one.since.first, facts.today if one.until is None else one.until.last) for one in counted)
    run = _Run(since.first, _end(since.first, period, short), _end(since.last, period, wide))
    if len(counted) < len(facts.hindrances):
        run.notes.append(Note.HINDRANCE_NOT_COUNTED)
    for act in sorted(facts.interruptions if period.interruption else (), key=lambda act: act.on.first):
        _interrupt(run, act, period, short, wide)
    if run.last > add_years(run.start, period.years):
        run.notes.append(Note.RESTS_ON_SUSPENSION)
        run.citations.extend(period.suspension)
    return run


def _interrupt(run: _Run, act: Interruption, period: Period, short: list[_Stretch], wide: list[_Stretch]) -> None:
    """From an interruption the whole period counts anew (调解仲裁法 27(2)), if it came before the end."""
    if act.on.last <= run.start:
        return
    if act.act is Act.UNION:
        run.notes.append(Note.UNION_MAY_INTERRUPT)
    elif act.on.last <= run.last:
        run.start = max(act.on.first, run.start)
        run.last = max(run.last, _end(run.start, period, short))
        run.latest = max(run.latest, _end(act.on.last, period, wide))
        run.notes.append(Note.RESTS_ON_INTERRUPTION)
        run.citations.extend(period.interruption)
    else:
        surely = act.on.first > run.latest
        run.notes.append(Note.INTERRUPTION_TOO_LATE if surely else Note.INTERRUPTION_MAYBE_TOO_LATE)
        if act.act is Act.PROMISE:
            run.notes.append(Note.PROMISE_MAY_REVIVE)


def _end(start: date, period: Period, hindered: Iterable[_Stretch]) -> date:
    """The last day of a period counted from `start`; while a hindrance lasts it stands still (调解仲裁法 27(3))."""
    last = add_years(start, period.years)
    for since, until in hindered:
        if until <= start + _DAY or since > last:
            continue
        if since <= start + _DAY:  # no day has counted yet: all of the period lies behind the hindrance
            start = until - _DAY
            last = add_years(start, period.years)
        else:
            last += until - since
    return last


def _merged(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """The same days, each named once: two hindrances at a time stop the period no longer than one."""
    merged: list[_Stretch] = []
    for since, until in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged
