"""Figures of the complaints desk: what was counted, and the report that one viewer is shown of it.

Pure. Whoever may see cases in lists sees exact figures of just those cases. Whoever sees figures only sees all
cases, small counts suppressed, for whole quarters only, each suppressed by itself and then added up: so no two
ranges can be subtracted from one another to tell more than either.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from bot.complaints.cases import Nature
from bot.complaints.desk.suppression import HIDDEN, LEAST, NOTHING, Count, Shown, plain, protect, protect_open
from bot.complaints.lifecycle import State, Verdict
from bot.complaints.roles import TABLE, Action, Viewer

WEEK, DAY = timedelta(days=7), timedelta(days=1)
HOURS = 24
LONGEST_DAYS = 3 * 366
CHANNELS = ("wechat", "site", "hotline")
"""Those that every desk has; others stand in a table once a case has ever come that way."""

ANSWERED = (Nature.CONSULTATION.value, Nature.SUGGESTION.value)
"""What may be answered at once, without a case."""

USED, UNUSED = "used", "unused"
MEDIAN, NINETY = Fraction(1, 2), Fraction(9, 10)

STEP = 20
"""Suppressed shares are rounded to a twentieth."""

MANY = 200
"""From so many cases on a share rounded so tells of no small number exactly."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The clocks of one rule: met in time, too late or still open after the last day, and open in time."""

    met: int = 0
    late: int = 0
    pending: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """What was registered in one period, counted by codes; nothing here is suppressed.

    outcomes: by state, followed-up cases by state and verdict. used: whose receipt has ever opened the case.
    """

    first: date
    last: date
    categories: Mapping[str, int] = field(default_factory=dict)
    districts: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    used: int = 0

    @property
    def total(self) -> int:
        """How many cases were registered."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How things went in all periods together; nothing here is suppressed.

    came, went: cases registered and closed, by day. to_acceptance, to_closing: how many cases took so many whole
    hours; of those registered, and of those resolved in the time. clocks: those started in it, by rule. answered:
    calls and visits that were answered at once and became no case, by nature and day.
    """

    came: Mapping[date, int] = field(default_factory=dict)
    went: Mapping[date, int] = field(default_factory=dict)
    to_acceptance: Mapping[int, int] = field(default_factory=dict)
    to_closing: Mapping[int, int] = field(default_factory=dict)
    clocks: Mapping[str, Standing] = field(default_factory=dict)
    answered: Mapping[str, Mapping[date, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that stand in a table whether or not the period has such a case."""

    categories: tuple[str, ...]
    districts: tuple[str, ...]
    rules: tuple[str, ...]
    channels: tuple[str, ...] = CHANNELS


@dataclass(frozen=True, slots=True)
class Week:
    """One week, or what of it lies in the period."""

    first: date
    came: Count
    went: Count


@dataclass(frozen=True, slots=True)
class AnsweredWeek:
    """What was answered at once in one week, or what of it lies in the period, by nature."""

    first: date
    counts: Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class Took:
    """How many hours half and nine tenths of the cases took at most; None where too few cases would tell it."""

    median: int | None
    ninety: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """How one rule was kept. share: of those that were due, from 0 to 1; a suppressed report gives no counts."""

    rule: str
    met: Count
    late: Count
    pending: Count
    share: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a viewer is shown. suppressed: small counts are hidden."""

    first: date
    last: date
    suppressed: bool
    came: Count
    went: Count
    weeks: tuple[Week, ...]
    answered: Shown
    answered_weeks: tuple[AnsweredWeek, ...]
    categories: Shown
    districts: Shown
    channels: Shown
    states: Shown
    verdicts: Shown
    used: Shown
    acceptance: Took
    closing: Took
    kept: tuple[Kept, ...]
    kept_share: float | None


def sees_figures_only(viewer: Viewer) -> bool:
    """Whether the viewer sees no cases in lists, so that small counts would tell them of single people."""
    return not TABLE[viewer.role].get(Action.SEE_ROW)


def outcome(state: State | str, verdict: Verdict | str | None) -> str:
    """The code under which a case of that state and verdict is counted."""
    return f"{state}:{verdict}" if verdict and state == State.FOLLOWED_UP else str(state)


OUTCOMES = tuple(
    outcome(state, verdict)
    for state in State
    for verdict in (Verdict if state is State.FOLLOWED_UP else (None,))
)  # fmt: skip


def weeks_of(first: date, last: date) -> Iterator[date]:
    """The first day of every week of the period: Mondays, and the first day of the period itself."""
    while first <= last:
        yield first
        first += WEEK - timedelta(days=first.weekday())


def quarter_of(day: date) -> date:
    """The first day of the quarter in which the day lies."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarters(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The whole quarters that hold any of these days, with their first and last day."""
    start = quarter_of(first)
    while start <= last:
        after = quarter_of(start + timedelta(days=100))
        yield start, after - DAY
        start = after


def quantile(hours: Mapping[int, int], share: Fraction, *, beside: int = 0) -> int | None:
    """The least number of hours in which that share of the cases was through; None without any case.

    beside: as many cases at least must lie on either side of it, else it would tell of single ones: None too.
    """
    cases = sum(hours.values())
    if not cases or min(share, 1 - share) * cases < beside:
        return None
    reached = 0
    for length in sorted(hours):
        reached += hours[length]
        if reached >= share * cases:
            return length
    return None


def make_report(parts: Sequence[Tables], course: Course, known: Known, *, suppressed: bool) -> Report:
    """The report of periods that follow one another; each of them is suppressed by itself."""
    shown = [_Part(part, course, known, suppressed=suppressed) for part in parts]
    categories = _together(one.categories for one in shown)
    outcomes = _together(one.outcomes for one in shown)
    ours = [course.clocks.get(rule, Standing()) for rule in known.rules]
    return Report(
        first=parts[0].first,
        last=parts[-1].last,
        suppressed=suppressed,
        came=categories.total,
        went=sum((one.went.total for one in shown), NOTHING),
        weeks=tuple(week for one in shown for week in one.weeks),
        answered=_together(one.answered for one in shown),
        answered_weeks=tuple(week for one in shown for week in one.answered_weeks),
        categories=categories,
        districts=_together(one.districts for one in shown),
        channels=_together(one.channels for one in shown),
        states=_states(outcomes),
        verdicts=_verdicts(outcomes),
        used=_together(one.used for one in shown),
        acceptance=_took(course.to_acceptance, suppressed=suppressed),
        closing=_took(course.to_closing, suppressed=suppressed),
        kept=tuple(_kept(known.rules, ours, suppressed=suppressed)),
        kept_share=share_in_time(
            Standing(sum(one.met for one in ours), sum(one.late for one in ours)), suppressed=suppressed
        ),
    )


class _Part:
    """What is shown of one period."""

    def __init__(self, part: Tables, course: Course, known: Known, *, suppressed: bool) -> None:
        show = protect if suppressed else plain
        self.categories = show(dict.fromkeys(known.categories, 0) | dict(part.categories))
        self.districts = show(dict.fromkeys(known.districts, 0) | dict(part.districts))
        self.channels = show(dict.fromkeys(known.channels, 0) | dict(part.channels))
        self.outcomes = show(dict.fromkeys(OUTCOMES, 0) | dict(part.outcomes))
        self.used = show({USED: part.used, UNUSED: part.total - part.used})
        starts = tuple(weeks_of(part.first, part.last))
        came = show(_by_week(course.came, starts, part.last)).counts
        # All that ever went is the sum of all closed states, which are shown beside it.
        self.went = (protect_open if suppressed else plain)(_by_week(course.went, starts, part.last))
        self.weeks = [
            Week(start, came[code], self.went.counts[code]) for start in starts if (code := start.isoformat())
        ]
        by_nature = {one: show(_by_week(course.answered.get(one, {}), starts, part.last)) for one in ANSWERED}
        totals = {nature: weeks.total for nature, weeks in by_nature.items()}
        self.answered = Shown(totals, sum(totals.values(), NOTHING))
        self.answered_weeks = [
            AnsweredWeek(start, {nature: weeks.counts[start.isoformat()] for nature, weeks in by_nature.items()})
            for start in starts
        ]


def _by_week(days: Mapping[date, int], starts: Sequence[date], last: date) -> dict[str, int]:
    found = dict.fromkeys((start.isoformat() for start in starts), 0)
    for day, number in days.items():
        if starts[0] <= day <= last:
            found[max(starts[0], day - timedelta(days=day.weekday())).isoformat()] += number
    return found


def _together(tables: Iterable[Shown]) -> Shown:
    tables = list(tables)
    codes = dict.fromkeys(code for table in tables for code in table.counts)
    counts = {code: sum((table.counts.get(code, NOTHING) for table in tables), NOTHING) for code in codes}
    return Shown(counts, sum((table.total for table in tables), NOTHING))


def _states(outcomes: Shown) -> Shown:
    counts: dict[str, Count] = {}
    for code, count in outcomes.counts.items():
        state = code.partition(":")[0]
        counts[state] = counts.get(state, NOTHING) + count
    return Shown(counts, outcomes.total)


def _verdicts(outcomes: Shown) -> Shown:
    counts = {verdict.value: outcomes.counts[outcome(State.FOLLOWED_UP, verdict)] for verdict in Verdict}
    return Shown(counts, sum(counts.values(), NOTHING))


def _took(hours: Mapping[int, int], *, suppressed: bool) -> Took:
    if not suppressed:
        return Took(quantile(hours, MEDIAN), quantile(hours, NINETY))
    # In whole days: an exact length would be that of a single case.
    days = [quantile(hours, share, beside=LEAST) for share in (MEDIAN, NINETY)]
    return Took(*(None if length is None else round(length / HOURS) * HOURS for length in days))


def _kept(rules: Sequence[str], standings: Sequence[Standing], *, suppressed: bool) -> Iterator[Kept]:
    for rule, one in zip(rules, standings, strict=True):
        counts = (HIDDEN,) * 3 if suppressed else (Count(one.met), Count(one.late), Count(one.pending))
        if suppressed or one != Standing():
            yield Kept(rule, *counts, share_in_time(one, suppressed=suppressed))


def share_in_time(one: Standing, *, suppressed: bool) -> float | None:
    """The part of what was due that was done in time; suppressed: rounded, and only of enough cases."""
    due = one.met + one.late
    if not due:
        return None
    if not suppressed:
        return one.met / due
    if due < MANY and min(one.met, one.late) < LEAST:
        return None
    return round(one.met * STEP / due) / STEP
