"""What is wrong with a rule for when a post goes out. Pure."""

from datetime import datetime

from bot.clock import local_date
from bot.publishing.recurrence import Occurrence
from bot.publishing.rendering import Finding, Severity
from bot.publishing.schedules import Every, Rule

_DAYS_OF_WEEK = frozenset(range(1, 8))
_DAYS_OF_MONTH = frozenset({-1, *range(1, 32)})


def check_rule(rule: Rule, now: datetime) -> list[Finding]:
    """What keeps a rule from being one: errors, by field."""
    if rule.every is Every.ONCE:
        return _check_once(rule, now)
    findings = []
    if rule.at_time is None:
        findings.append(Finding("time_missing", where="at_time"))
    if rule.every is Every.WEEK and (not rule.weekdays or not _DAYS_OF_WEEK.issuperset(rule.weekdays)):
        findings.append(Finding("weekdays_missing", where="weekdays"))
    if rule.every is Every.MONTH and rule.month_day not in _DAYS_OF_MONTH:
        findings.append(Finding("month_day_wrong", where="month_day"))
    if rule.until is not None and rule.until < local_date(now):
        findings.append(Finding("time_past", where="until"))
    return findings


def _check_once(rule: Rule, now: datetime) -> list[Finding]:
    if rule.at is None or rule.at.tzinfo is None:
        return [Finding("time_missing", where="at")]
    return [Finding("time_past", where="at")] if rule.at <= now else []


def unknown_years(occurrences: list[Occurrence]) -> list[Finding]:
    """A warning for each year whose holidays are not known and in which something was kept where it is."""
    years = sorted({each.unknown_year for each in occurrences if each.unknown_year})
    return [Finding("unknown_year", Severity.WARNING, where="rule", data={"year": str(year)}) for year in years]
