"""The work calendar in force: what `chinesecalendar` knows, and `content/complaints/holidays.yaml` on top.

The library knows the years up to its release. Later years are written into the file when the notice
of the State Council is out. A plan may name days of the December before it, and correct a known year.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import chinese_calendar

from bot.complaints.yaml_file import read_yaml
from bot.errors import ContentError
from bot.workdays import SATURDAY, WorkCalendar, days_between, merged

_FIELDS = frozenset({"notice", "checked_on", "rest", "work"})
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_ALWAYS_OFF = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
"""Days off in every year by 全国年节及纪念日放假办法 2; a plan without them holds a slip of the pen."""

_LONGEST = 31
_DECEMBER = 12


def library_calendar() -> WorkCalendar:
    """The years that the library knows."""
    rest = frozenset(chinese_calendar.holidays)
    work = frozenset(day for day in chinese_calendar.workdays if day.weekday() >= SATURDAY)
    return WorkCalendar(frozenset(day.year for day in rest), rest, work)


def load_calendar(path: Path) -> WorkCalendar:
    """The library's years and the plans of the file. Raises ContentError with every fault."""
    known = library_calendar()
    value = read_yaml(path)
    plans = value.get("years") if isinstance(value, dict) else None
    if not isinstance(plans, dict):
        raise ContentError([f"{path}: must be a mapping with the mapping years (years: {{}} when there are none)"])
    faults: list[str] = []
    read: list[WorkCalendar] = []
    for year, raw in plans.items():
        try:
            read.append(_plan(year, raw, known.years, frozenset(plans)))
        except (ValueError, TypeError) as error:
            faults.append(f"{path}: years: {year}: {error}")
    if faults:
        raise ContentError(faults)
    return merged(known, sorted(read, key=lambda plan: max(plan.years)))


def _plan(year: Any, raw: Any, known: frozenset[int], planned: frozenset[Any]) -> WorkCalendar:
    if type(year) is not int or not isinstance(raw, Mapping):
        raise ValueError("a plan is a year with its notice, checked_on, rest and work")
    if unknown := sorted(map(str, set(raw) - _FIELDS)):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    if not isinstance(raw.get("notice"), str) or not raw["notice"].strip() or type(raw.get("checked_on")) is not date:
        raise ValueError("needs notice (the document) and checked_on (a date)")
    rest, work = (frozenset(_days(raw.get(field) or [], field)) for field in ("rest", "work"))
    _check_plan(year, rest, work, complete=year not in known)
    touched = frozenset({year, *(day.year for day in rest | work)})
    if not touched <= known | planned:  # else one day of December would make a whole year count as known
        raise ValueError(f"names days of {year - 1}, whose own plan is missing")
    return WorkCalendar(touched, rest, work)


def _check_plan(year: int, rest: frozenset[date], work: frozenset[date], *, complete: bool) -> None:
    for day in sorted(rest | work):
        if day.year != year and (day.year, day.month) != (year - 1, _DECEMBER):
            raise ValueError(f"{day} is neither of {year} nor of the December before")
    missing = [f"{month}-{day}" for month, day in _ALWAYS_OFF if date(year, month, day) not in rest]
    if complete and missing:
        raise ValueError(f"rest lacks days that are off in every year: {', '.join(missing)}")


def _days(raw: Any, field: str) -> Iterator[date]:
    if not isinstance(raw, list):
        raise TypeError(f"{field} must be a list of days (2026-10-01) and ranges (2026-10-01..2026-10-07)")
    for item in raw:
        yield from _range(item, field)


def _range(item: Any, field: str) -> list[date]:
    if type(item) is date:
        return [item]
    match = _RANGE.fullmatch(str(item))
    if match is None:
        raise ValueError(f"{field}: {item!r} is neither a day nor a range such as 2026-10-01..2026-10-07")
    first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
    days = [first, *days_between(first, last)]
    if last <= first or len(days) > _LONGEST:
        raise ValueError(f"{field}: {item} is not a range of two to {_LONGEST} days")
    return days
