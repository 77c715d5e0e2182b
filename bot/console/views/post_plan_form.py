"""The form of a plan and the rule that it makes. Pure: what cannot be read is left out; the rule's check says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from bot.clock import SHANGHAI
from bot.publishing.schedules import Every, OnDayOff, Rule

LAST_DAY = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanForm:
    """What stands in the fields."""

    every: str = Every.ONCE.value
    on: str = ""
    at: str = "09:00"
    weekdays: tuple[str, ...] = ()
    month_day: str = ""
    until: str = ""
    on_day_off: str = OnDayOff.KEEP.value
    channels: tuple[str, ...] = ()


def read_plan(texts: Mapping[str, str], weekdays: tuple[str, ...], channels: tuple[str, ...]) -> PlanForm:
    """The form that a browser sent."""
    plain = {name: texts.get(name, "") for name in ("every", "on", "at", "month_day", "until", "on_day_off")}
    return PlanForm(weekdays=weekdays, channels=channels, **plain)


def make_rule(form: PlanForm) -> Rule:
    """The rule of that form."""
    every = Every(form.every) if form.every in set(Every) else Every.ONCE
    on_day_off = OnDayOff(form.on_day_off) if form.on_day_off in set(OnDayOff) else OnDayOff.KEEP
    if every is Every.ONCE:
        return Rule(every=every, at=_instant(form.on, form.at))
    return Rule(
        every=every,
        at_time=_time(form.at),
        weekdays=_weekdays(form.weekdays) if every is Every.WEEK else (),
        month_day=_month_day(form.month_day) if every is Every.MONTH else 0,
        until=_date(form.until),
        on_day_off=OnDayOff.KEEP if every is Every.WORKDAY else on_day_off,
    )


def _weekdays(typed: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(sorted({int(day) for day in typed if day.isdecimal() and len(day) == 1}))


def _month_day(typed: str) -> int:
    if typed == str(LAST_DAY):
        return LAST_DAY
    return int(typed) if typed.isdecimal() and len(typed) <= 2 else 0  # noqa: PLR2004 - a day has two digits


def _instant(day: str, hour: str) -> datetime | None:
    on, at = _date(day), _time(hour)
    return datetime.combine(on, at, SHANGHAI).astimezone(UTC) if on and at else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None
