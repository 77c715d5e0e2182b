"""When posts go out: APScheduler's triggers with holidays, make-up days and month ends."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SHANGHAI, local_date
from bot.complaints.clocks.holidays import load_calendar
from bot.ops.triggers import ApschedulerTriggers
from bot.publishing.recurrence import Recurrence
from bot.publishing.schedules import Every, OnDayOff, Rule
from bot.workdays import WorkCalendar
from tests.builders import ROOT

CALENDAR = load_calendar(ROOT / "content" / "complaints" / "holidays.yaml")
RECURRENCE = Recurrence(ApschedulerTriggers(), CALENDAR)
NINE = time(9)


def at(*day: int) -> datetime:
    """Nine o'clock on that day in China."""
    return datetime.combine(date(*day), NINE, SHANGHAI).astimezone(UTC)


def days(rule: Rule, after: datetime, count: int) -> list[date]:
    return [local_date(each.at) for each in RECURRENCE.first(rule, after, count)]


def weekly(*weekdays: int, on_day_off: OnDayOff = OnDayOff.KEEP, until: date | None = None) -> Rule:
    return Rule(every=Every.WEEK, at_time=NINE, weekdays=weekdays, on_day_off=on_day_off, until=until)


def monthly(day: int, on_day_off: OnDayOff = OnDayOff.KEEP) -> Rule:
    return Rule(every=Every.MONTH, at_time=NINE, month_day=day, on_day_off=on_day_off)


def test_once_is_due_once_and_never_after() -> None:
    rule = Rule(every=Every.ONCE, at=at(2026, 12, 1))
    found = RECURRENCE.next_after(rule, at(2026, 11, 1))
    assert found
    assert found.at == at(2026, 12, 1)
    assert RECURRENCE.next_after(rule, at(2026, 12, 1)) is None


def test_hours_are_those_of_china_whatever_the_instant_they_are_reckoned_from() -> None:
    found = RECURRENCE.next_after(weekly(1), datetime(2026, 11, 29, 16, 30, tzinfo=UTC))  # Monday there, Sunday in UTC
    assert found
    assert found.at == at(2026, 11, 30)


@pytest.mark.parametrize(
    ("month_day", "expected"),
    [
        (31, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
        (30, [date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 30)]),
        (29, [date(2026, 1, 29), date(2026, 2, 28), date(2026, 3, 29), date(2026, 4, 29)]),
        (-1, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
        (15, [date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)]),
    ],
)
def test_a_month_that_is_too_short_has_its_last_day(month_day: int, expected: list[date]) -> None:
    assert days(monthly(month_day), at(2025, 12, 31), 4) == expected


def test_a_leap_day_is_the_last_of_its_february() -> None:
    assert days(monthly(-1), at(2028, 2, 1), 1) == [date(2028, 2, 29)]
    assert days(monthly(29), at(2028, 2, 1), 1) == [date(2028, 2, 29)]
    assert days(monthly(30), at(2028, 2, 1), 1) == [date(2028, 2, 29)]


def test_national_day_is_skipped_moved_behind_or_moved_before() -> None:
    """1 to 7 October 2026 are off; 20 September and 10 October are worked in exchange."""
    assert days(weekly(4), at(2026, 9, 30), 1) == [date(2026, 10, 1)]
    assert days(weekly(4, on_day_off=OnDayOff.SKIP), at(2026, 9, 30), 1) == [date(2026, 10, 8)]
    assert days(monthly(1, OnDayOff.NEXT), at(2026, 9, 30), 1) == [date(2026, 10, 8)]
    assert days(monthly(1, OnDayOff.PREVIOUS), at(2026, 9, 29), 1) == [date(2026, 9, 30)]


def test_what_was_moved_before_an_instant_does_not_come_back_behind_it() -> None:
    assert days(monthly(1, OnDayOff.PREVIOUS), at(2026, 9, 30), 1) == [date(2026, 10, 30)]  # 1 November is a Sunday


def test_what_was_due_on_a_holiday_before_is_found_where_it_was_moved_to() -> None:
    assert days(monthly(1, OnDayOff.NEXT), at(2026, 10, 3), 1) == [date(2026, 10, 8)]


def test_several_days_moved_to_the_same_working_day_are_one_occurrence() -> None:
    rule = weekly(*range(1, 8), on_day_off=OnDayOff.NEXT)
    assert days(rule, at(2026, 9, 30), 2) == [date(2026, 10, 8), date(2026, 10, 9)]


def test_working_days_leave_holidays_out_and_take_make_up_days_in() -> None:
    rule = Rule(every=Every.WORKDAY, at_time=NINE)
    assert days(rule, at(2026, 9, 30), 4) == [date(2026, 10, day) for day in (8, 9, 10, 12)]  # the 10th is a Saturday


def test_the_last_day_is_included_and_nothing_is_moved_behind_it() -> None:
    assert days(weekly(4, until=date(2026, 10, 1)), at(2026, 9, 20), 5) == [date(2026, 9, 24), date(2026, 10, 1)]
    rule = weekly(4, on_day_off=OnDayOff.NEXT, until=date(2026, 10, 7))
    assert days(rule, at(2026, 9, 25), 5) == []


def test_in_a_year_without_a_calendar_everything_stays_where_it_is_and_says_so() -> None:
    for policy in OnDayOff:
        found = RECURRENCE.next_after(monthly(1, policy), at(2040, 9, 30))
        assert found
        assert local_date(found.at) == date(2040, 10, 1)
        assert found.unknown_year == (0 if policy is OnDayOff.KEEP else 2040)
    rule = Rule(every=Every.WORKDAY, at_time=NINE)
    assert days(rule, at(2040, 11, 2), 2) == [date(2040, 11, 5), date(2040, 11, 6)]  # the 3rd is a Saturday


def test_a_rule_that_falls_only_on_days_off_ends() -> None:
    never = Recurrence(ApschedulerTriggers(), WorkCalendar(frozenset(range(2026, 2060)), frozenset()))
    assert never.next_after(weekly(7, on_day_off=OnDayOff.SKIP), at(2026, 1, 1)) is None


@pytest.mark.parametrize(
    "document",
    [
        {"every": "week", "on_day_off": "keep", "at_time": "09:00"},
        {"every": "month", "on_day_off": "keep"},
        {"every": "once", "on_day_off": "keep"},
    ],
    ids=["week", "month", "once"],
)
def test_half_a_rule_is_refused(document: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="missing"):
        ApschedulerTriggers().next_after(document, at(2026, 1, 1))


rules = st.builds(
    Rule,
    every=st.sampled_from([Every.WEEK, Every.MONTH, Every.WORKDAY]),
    at_time=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda chosen: tuple(sorted(chosen))),
    month_day=st.sampled_from([-1, *range(1, 32)]),
    on_day_off=st.sampled_from(OnDayOff),
)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware there


@given(rule=rules, after=instants)
def test_occurrences_only_ever_grow_and_fall_where_the_policy_says(rule: Rule, after: datetime) -> None:
    found = RECURRENCE.first(rule, after, 4)
    instants = [after, *(each.at for each in found)]
    assert all(one < other for one, other in pairwise(instants))
    for each in found:
        assert each.at.astimezone(SHANGHAI).time() == rule.at_time
        day = local_date(each.at)
        if rule.every is Every.WORKDAY or rule.on_day_off is not OnDayOff.KEEP:
            assert each.unknown_year or CALENDAR.is_working(day)
        assert abs(each.at - each.plain_at) < timedelta(days=15)


@given(rule=rules, after=instants, seconds=st.integers(0, 40 * 86400))
def test_no_occurrence_is_lost_whenever_it_is_asked_for(rule: Rule, after: datetime, seconds: int) -> None:
    """The next one, seen from any instant before it, is the same one."""
    found = RECURRENCE.first(rule, after, 3)
    asked_at = after + timedelta(seconds=seconds)
    behind = [each.at for each in found if each.at > asked_at]
    if behind:
        answer = RECURRENCE.next_after(rule, asked_at)
        assert answer
        assert answer.at == behind[0]
