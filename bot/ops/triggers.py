"""When something recurs, by APScheduler's triggers: reckoning only, nothing is scheduled here.

The hours and days are those of Asia/Shanghai. Schedules are rows of our own; this says which instant comes next.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from bot.clock import SHANGHAI
from bot.publishing.schedules import Every, Rule, parse_rule

_LEAST = timedelta(microseconds=1)
_RULES = 4096
_SHORT_MONTHS: Mapping[int, str] = {31: "2,4,6,9,11", 30: "2", 29: "2"}
"""Months that may be too short for that day: there the last day stands for it."""


class ApschedulerTriggers:
    """The port `Triggers`."""

    def next_after(self, rule: Mapping[str, str], after: datetime) -> datetime | None:
        """The first instant behind `after`, in UTC, of a rule reckoned in Asia/Shanghai; None when there is none.

        Raises ValueError, KeyError for what is no rule.
        """
        trigger = _trigger(tuple(sorted(rule.items())))
        # A trigger gives the instant itself where it fits, and whole seconds only.
        fires: datetime | None = trigger.get_next_fire_time(None, (after + _LEAST).astimezone(SHANGHAI))
        return fires.astimezone(UTC) if fires is not None and fires > after else None


@lru_cache(maxsize=_RULES)
def _trigger(document: tuple[tuple[str, str], ...]) -> Any:
    rule = parse_rule(dict(document))
    if rule.every is Every.ONCE:
        if rule.at is None:
            raise ValueError("at is missing")
        return DateTrigger(rule.at, SHANGHAI)
    if rule.at_time is None:
        raise ValueError("at_time is missing")
    if rule.every is Every.WEEK:
        if not rule.weekdays:
            raise ValueError("weekdays are missing")
        return _cron(rule, day_of_week=",".join(str(day - 1) for day in rule.weekdays))
    if rule.every is Every.MONTH:
        return _monthly(rule)
    return _cron(rule)


def _monthly(rule: Rule) -> Any:
    if rule.month_day == -1:
        return _cron(rule, day="last")
    if rule.month_day in _SHORT_MONTHS:
        where_short = _cron(rule, month=_SHORT_MONTHS[rule.month_day], day="last")
        return OrTrigger([_cron(rule, day=rule.month_day), where_short])
    return _cron(rule, day=rule.month_day)


def _cron(rule: Rule, **fields: Any) -> CronTrigger:
    at_time = rule.at_time
    assert at_time is not None  # noqa: S101 - looked at above
    return CronTrigger(hour=at_time.hour, minute=at_time.minute, second=at_time.second, timezone=SHANGHAI, **fields)
