"""What a channel may be given in a day and in a month, and what planning says when that is overdrawn. Pure.

WeChat's mass send: an account calls once a day, and each follower receives four in a calendar month.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.publishing.rendering import Finding, Severity

DAY, MONTH = "budget_day", "budget_month"


@dataclass(frozen=True, slots=True)
class Budget:
    """So many posts in a day and in a calendar month of China; 0: as many as one likes."""

    per_day: int = 0
    per_month: int = 0


Budgets = Mapping[str, Budget]
"""By channel; one that is not named has none."""


def overdrawn(channel: str, budget: Budget, days: Iterable[date], new: Iterable[date]) -> list[Finding]:
    """What is too much when these days are added to those on which something goes out already: warnings.

    Each day and each month is named once, the earliest first.
    """
    new_days = sorted(new)
    by_day = Counter([*days, *new_days])
    by_month: Counter[str] = Counter()
    for day, number in by_day.items():
        by_month[_month(day)] += number
    days_over = [day for day in dict.fromkeys(new_days) if 0 < budget.per_day < by_day[day]]
    months = dict.fromkeys(_month(day) for day in new_days)
    months_over = [month for month in months if 0 < budget.per_month < by_month[month]]
    return [
        *(_finding(DAY, channel, day.isoformat(), by_day[day], budget.per_day) for day in days_over),
        *(_finding(MONTH, channel, month, by_month[month], budget.per_month) for month in months_over),
    ]


def _month(day: date) -> str:
    return f"{day.year}-{day.month:02}"


def _finding(code: str, channel: str, when: str, count: int, limit: int) -> Finding:
    data = {"when": when, "count": str(count), "limit": str(limit)}
    return Finding(code, Severity.WARNING, channel=channel, data=data)
