"""Days that count: which days are worked in China, and how periods of days, months and years end.

Holidays and the weekend days worked in exchange (调休) change every year by notice of the State
Council, so a calendar knows some years and says so of the others: it never takes a plain weekday
for a working day. Periods follow 民法典 200 to 203: the day of the event does not count, a month
or a year ends on the corresponding day, and where there is none on the last of the month.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.errors import GonghuiError

SATURDAY = 5
_DAY = timedelta(days=1)
_MONTHS = 12


class UnknownYear(GonghuiError):
    """The holidays of that year are not known."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(str(year))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working days of the years that it knows.

    rest: days off by notice; a weekend is off without being named. work: weekend days worked in exchange.
    Raises ValueError when a day stands in both, lies in a year that is not known, or is no weekend day.
    """

    years: frozenset[int]
    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse days that contradict one another."""
        for day in self.rest | self.work:
            check_day(day)
            if day.year not in self.years:
                raise ValueError(f"{day} lies in a year that this calendar does not know")
        for day in self.rest & self.work:
            raise ValueError(f"{day} is named as a day off and as a working day")
        for day in self.work:
            if day.weekday() < SATURDAY:
                raise ValueError(f"{day} is no Saturday or Sunday, so it cannot be worked in exchange")

    def is_working(self, day: date) -> bool:
        """Whether that day is worked. Raises UnknownYear."""
        if check_day(day).year not in self.years:
            raise UnknownYear(day.year)
        return day in self.work or (day.weekday() < SATURDAY and day not in self.rest)

    def next_working(self, day: date) -> date:
        """That day when it is worked, else the first working day behind it. Raises UnknownYear."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add_working(self, day: date, count: int) -> date:
        """The last of so many working days behind that day, which does not count. Raises UnknownYear."""
        check_count(count)
        while count:
            day += _DAY
            count -= self.is_working(day)
        return day

    def count_working(self, after: date, until: date) -> int:
        """How many working days lie behind the first day, up to and with the last. Raises UnknownYear."""
        return sum(self.is_working(day) for day in days_between(after, until))

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years touched from the first to the last day whose holidays are not known."""
        return tuple(year for year in range(check_day(first).year, check_day(last).year + 1) if year not in self.years)


def add_days(day: date, count: int) -> date:
    """The last of so many calendar days behind that day, which does not count."""
    return check_day(day) + timedelta(days=check_count(count))


def add_months(day: date, count: int) -> date:
    """The corresponding day so many months later; without one, the last day of that month."""
    months = check_day(day).year * _MONTHS + day.month - 1 + check_count(count)
    year, month = divmod(months, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_years(day: date, count: int) -> date:
    """The corresponding day so many years later; 28 February for a leap day without one."""
    return add_months(day, check_count(count) * _MONTHS)


def days_between(after: date, until: date) -> Iterator[date]:
    """Every day behind the first, up to and with the last."""
    day = check_day(after)
    check_day(until)
    while day < until:
        day += _DAY
        yield day


def merged(known: WorkCalendar, plans: Iterable[WorkCalendar]) -> WorkCalendar:
    """One calendar of all; what a later plan says of a day replaces what was said before."""
    years, rest, work = known.years, known.rest, known.work
    for plan in plans:
        years |= plan.years
        rest = (rest - plan.work) | plan.rest
        work = (work - plan.rest) | plan.work
    return WorkCalendar(years, rest, work)


def check_day(day: date) -> date:
    """That day. Raises TypeError for an instant, whose day depends on where one stands, and for anything else."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise TypeError(f"a day is a date, not {type(day).__name__}")
    return day


def check_count(count: int) -> int:
    """That count. Raises ValueError below one and TypeError for what is no whole number."""
    if type(count) is not int:
        raise TypeError(f"a number of days, months or years is whole, not {type(count).__name__}")
    if count < 1:
        raise ValueError(f"a period has at least one day, month or year, not {count}")
    return count
