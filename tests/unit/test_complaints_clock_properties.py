"""What holds for every shipped rule of a clock, whatever the dates."""

import math
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.clocks.deadlines import Clock, Colour, Event, Extend, Pause, Restart, Resume, State, Stop, standing
from bot.complaints.clocks.holidays import load_calendar
from bot.complaints.clocks.rule_files import load_clock_rules
from bot.complaints.clocks.rules import ClockRule, Kind, Unit
from tests.builders import ROOT

CONTENT = ROOT / "content" / "complaints"
CALENDAR = load_calendar(CONTENT / "holidays.yaml")
RULES = [
    replace(rule, valid_from=date(2004, 1, 1))  # so that any known day may start it
    for rule in load_clock_rules(CONTENT / "deadlines.yaml").rules
]
STARTS = st.dates(date(2005, 1, 1), date(2023, 6, 30))
OFFSETS = st.integers(0, 90)


def having(name: str) -> st.SearchStrategy[ClockRule]:
    return st.sampled_from([rule for rule in RULES if getattr(rule, name)])


def last_day(rule: ClockRule, start: date, *events: Event) -> date:
    due = standing(Clock(rule, start, events), start, CALENDAR).due
    assert due is not None
    assert due.on is not None
    return due.on


def test_there_are_rules_of_every_sort_to_try() -> None:
    for name in ("pauses", "restarts", "extension", "moves"):
        assert [rule for rule in RULES if getattr(rule, name)], name
    assert {rule.unit for rule in RULES} == set(Unit)
    assert {rule.kind for rule in RULES} == set(Kind)


@given(having("pauses"), STARTS, OFFSETS, OFFSETS)
def test_pausing_never_shortens_and_a_longer_pause_never_shortens(
    rule: ClockRule, start: date, since: int, length: int
) -> None:
    first = start + timedelta(days=since)
    begun = Pause(first, min(rule.pauses))
    ends = [last_day(rule, start, begun, Resume(first + timedelta(days=length + more))) for more in (0, 1)]
    assert last_day(rule, start) <= ends[0] <= ends[1]


@given(having("pauses"), STARTS, OFFSETS, st.integers(0, 400))
def test_while_paused_nothing_becomes_overdue(rule: ClockRule, start: date, since: int, later: int) -> None:
    """A pause that begins in time holds the clock for however long it lasts."""
    first = start + timedelta(days=since)
    in_time = first <= last_day(rule, start)
    clock = Clock(rule, start, (Pause(first, min(rule.pauses)),))
    found = standing(clock, first + timedelta(days=later), CALENDAR)
    assert found.state is State.PAUSED or not in_time
    stopped = standing(clock.then(Stop(first + timedelta(days=later))), first, CALENDAR)
    assert stopped.state is State.MET or not in_time


@given(st.sampled_from(RULES), STARTS, st.integers(0, 60))
def test_a_later_start_never_ends_a_clock_earlier(rule: ClockRule, start: date, later: int) -> None:
    assert last_day(rule, start) <= last_day(rule, start + timedelta(days=later))


@given(st.sampled_from(RULES), STARTS)
def test_a_last_day_lies_behind_the_event_and_is_worked_where_it_has_to_be(rule: ClockRule, start: date) -> None:
    end = last_day(rule, start)
    assert end > start
    assert CALENDAR.is_working(end) or (rule.unit is not Unit.WORKING and not rule.moves)


@given(having("extension"), STARTS, st.integers(1, 10), st.integers(0, 5))
def test_extending_never_shortens(rule: ClockRule, start: date, by: int, on: int) -> None:
    """It may change nothing where both ends move out of one holiday."""
    longer = last_day(rule, start, Extend(start + timedelta(days=on), by))
    assert longer >= last_day(rule, start)
    assert longer > last_day(rule, start) or rule.moves


@given(having("restarts"), STARTS, st.integers(0, 15))
def test_a_restart_in_time_counts_like_a_clock_begun_that_day(rule: ClockRule, start: date, on: int) -> None:
    day = min(start + timedelta(days=on), last_day(rule, start))
    assert last_day(rule, start, Restart(day, min(rule.restarts))) == last_day(rule, day)


@given(st.sampled_from(RULES), STARTS, st.integers(0, 800))
def test_from_one_day_to_the_next_nothing_becomes_less_urgent(rule: ClockRule, start: date, today: int) -> None:
    order = [Colour.GREEN, Colour.AMBER, Colour.RED]
    clock = Clock(rule, start)
    now, then = (standing(clock, start + timedelta(days=today + more), CALENDAR) for more in (0, 1))
    assert order.index(now.colour) <= order.index(then.colour)
    assert (now.remaining or 0) >= (then.remaining or 0)
    assert now.overdue_by <= then.overdue_by


@given(st.sampled_from(RULES), STARTS, st.integers(-40, 0))
def test_a_clock_is_amber_from_the_day_of_warning_to_the_last_day(rule: ClockRule, start: date, before: int) -> None:
    clock = Clock(rule, start)
    due = last_day(rule, start)
    day = max(due + timedelta(days=before), start)
    found = standing(clock, day, CALENDAR)
    assert found.warn_on is not None
    assert found.warn_on == standing(clock, due + timedelta(days=1), CALENDAR).warn_on
    assert (found.colour is Colour.AMBER) == (found.warn_on <= day <= due)


@given(st.sampled_from([rule for rule in RULES if rule.unit is Unit.WORKING]), STARTS)
def test_on_the_day_of_warning_its_share_of_the_working_days_is_left(rule: ClockRule, start: date) -> None:
    found = standing(Clock(rule, start), start, CALENDAR)
    assert found.warn_on is not None
    share = math.ceil(rule.count * rule.warn_share)
    due = last_day(rule, start)
    left = CALENDAR.count_working(found.warn_on, due)
    assert left <= share < CALENDAR.count_working(found.warn_on - timedelta(days=1), due)
