"""When a post goes out: once, every week, month or workday; and what happens on holidays. Pure values.

Instants are UTC; hours and days are those of Asia/Shanghai. Which instant comes next is reckoned behind the
`Triggers` port; `recurrence` moves or skips what falls on a day off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Every(StrEnum):
    """How often."""

    ONCE = "once"  # 一次
    WEEK = "week"  # 每周
    MONTH = "month"  # 每月
    WORKDAY = "workday"  # 每个工作日


class OnDayOff(StrEnum):
    """What happens when the day is a statutory holiday or a weekend day off."""

    KEEP = "keep"  # 照常
    SKIP = "skip"  # 跳过
    NEXT = "next"  # 顺延到下一工作日
    PREVIOUS = "previous"  # 提前到上一工作日


class ScheduleState(StrEnum):
    """Where a schedule stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When. once: the instant `at`. week: `weekdays` (1 Monday to 7). month: `month_day` 1 to 31, or -1 for the last.

    at_time: in Asia/Shanghai, for all but ONCE. until: the last day, included.
    """

    every: Every
    at: datetime | None = None
    at_time: time | None = None
    weekdays: tuple[int, ...] = ()
    month_day: int = 0
    until: date | None = None
    on_day_off: OnDayOff = OnDayOff.KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A rule for a post on some channels. next_at: when it is due next; None when it has ended.

    version grows with every change, so that two people do not overwrite one another.
    """

    id: str
    post: str
    rule: Rule
    channels: tuple[str, ...]
    state: ScheduleState
    next_at: datetime | None
    by: str
    made_at: datetime
    version: int = 1


def rule_document(rule: Rule) -> dict[str, str]:
    """The rule as plain words for a row; `parse_rule` reads it back."""
    document = {"every": rule.every.value, "on_day_off": rule.on_day_off.value}
    document |= {"at": rule.at.isoformat()} if rule.at else {}
    document |= {"at_time": rule.at_time.strftime("%H:%M")} if rule.at_time else {}
    document |= {"weekdays": ",".join(map(str, rule.weekdays))} if rule.weekdays else {}
    document |= {"month_day": str(rule.month_day)} if rule.month_day else {}
    return document | ({"until": rule.until.isoformat()} if rule.until else {})


def parse_rule(document: Mapping[str, str]) -> Rule:
    """The rule of those words. Raises ValueError, KeyError."""
    at, at_time, until = document.get("at"), document.get("at_time"), document.get("until")
    return Rule(
        every=Every(document["every"]),
        at=datetime.fromisoformat(at) if at else None,
        at_time=time.fromisoformat(at_time) if at_time else None,
        weekdays=tuple(int(day) for day in document.get("weekdays", "").split(",") if day),
        month_day=int(document.get("month_day", 0)),
        until=date.fromisoformat(until) if until else None,
        on_day_off=OnDayOff(document["on_day_off"]),
    )
