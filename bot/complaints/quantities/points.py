"""A point in time that words name: days that recur, and those that are meant.

Pure. A point knows its days in every year (month, week) that may be meant, as the sentence around it
decides which one it is: the latest that has begun, or the first behind another.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.complaints.limits.facts import DayRange

_MONTHS = 12
_WEEK = 7
_TRIES = 10


Shift = Callable[[DayRange], DayRange]


def _unmoved(days: DayRange) -> DayRange:
    return days


@dataclass(frozen=True, slots=True)
class Point:
    """`on(slot)` are the days in a year, month or week; None where there are none. The words end at `end`.

    `slot_of` tells the slot of a day; `slot` is set when the words name it: 2025年3月 does, 3月 does not.
    """

    end: int
    on: Callable[[int], DayRange | None]
    slot_of: Callable[[date], int]
    slot: int | None = None
    shift: Shift = _unmoved

    def latest(self, limit: date) -> DayRange | None:
        """The days that are named, else the latest that have begun by that day; shifted by what stands behind."""
        here = self.slot_of(limit)
        return self._first(range(here + 1, here - _TRIES, -1), lambda days: days.first <= limit)

    def earliest(self, since: date) -> DayRange | None:
        """The days that are named, else the first that end on that day or later; shifted by what stands behind."""
        here = self.slot_of(since)
        return self._first(range(here - 1, here + _TRIES), lambda days: days.last >= since)

    def _first(self, slots: Iterable[int], fits: Callable[[DayRange], bool]) -> DayRange | None:
        if self.slot is not None:
            days = self.on(self.slot)
        else:
            days = next((days for slot in slots if (days := self.on(slot)) and fits(days)), None)
        return self.shift(days) if days else None


def fixed(days: DayRange | None, end: int) -> Point:
    """A point that is the same in whatever sentence."""
    return Point(end, lambda _: days, year_slot, slot=0)


def year_slot(day: date) -> int:
    """The year of a day."""
    return day.year


def month_slot(day: date) -> int:
    """The month of a day, counted through the years."""
    return day.year * _MONTHS + day.month - 1


def in_month(slot: int, first: int, last: int) -> DayRange | None:
    """From day to day of a month; None when it has no such first day, shorter when it has no such last one."""
    year, month = divmod(slot, _MONTHS)
    try:
        start = date(year, month + 1, first)
    except ValueError:
        return None
    following = date(year + (month + 1) // _MONTHS, (month + 1) % _MONTHS + 1, 1)
    return DayRange(start, min(start + timedelta(days=last - first), following - timedelta(days=1)))


def week_slot(day: date) -> int:
    """The week of a day, from Monday on, counted through the years."""
    return (day.toordinal() - 1) // _WEEK


def in_week(slot: int, first: int, last: int) -> DayRange:
    """From weekday to weekday (Monday is 0) of a week."""
    monday = date.fromordinal(slot * _WEEK + 1)
    return DayRange(monday + timedelta(days=first), monday + timedelta(days=last))
