"""The limitation guard in general: what it refuses, what holds for every date, and the shipped table."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.clocks.holidays import library_calendar
from bot.complaints.clocks.rule_files import load_limit_rules
from bot.complaints.clocks.rules import PauseReason
from bot.complaints.limits.facts import Act, ContradictoryFacts, DayRange, Facts, Hindrance, Interruption
from bot.complaints.limits.limitation import Limit, Standing, assess, most_urgent
from bot.complaints.limits.rules import Count, Note, Route, UnknownClaim
from bot.errors import ContentError
from bot.laws.register_files import load_register
from bot.workdays import WorkCalendar
from tests.builders import ROOT

FILE = ROOT / "content" / "complaints" / "limits.yaml"
TABLE = load_limit_rules(FILE)
CALENDAR = library_calendar()
TODAY = date(2026, 11, 22)
PAST = {Standing.POSSIBLY_PAST, Standing.PARTLY_PAST}


def limit_of(claim: str, route: Route, facts: Facts) -> Limit:
    return next(limit for limit in assess(claim, facts, TABLE, CALENDAR).limits if limit.route is route)


def on(text: str) -> DayRange:
    return DayRange.on(date.fromisoformat(text))


# ---- what is refused


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"employed": True, "left": on("2026-05-01")}, "employed_but_left"),
        ({"employed": False, "left": on("2026-12-01")}, "left_in_future"),
        ({"started": on("2026-05-01"), "left": on("2026-04-01")}, "left_before_start"),
        ({"started": on("2026-12-01")}, "started_in_future"),
        ({"dismissed": on("2026-12-01")}, "dismissed_in_future"),
        ({"accident": on("2027-01-01")}, "accident_in_future"),
        ({"breach_began": on("2026-11-23")}, "breach_began_in_future"),
        ({"breach_began": on("2026-05-01"), "breach_ended": on("2026-04-01")}, "breach_ended_before_it_began"),
        ({"breach_ended": on("2026-12-01")}, "breach_ended_in_future"),
        ({"breach_ended": on("2026-04-01"), "breach_ongoing": True}, "breach_ended_and_ongoing"),
        ({"leave_year": 2027}, "leave_year_impossible"),
        ({"interruptions": (Interruption(Act.DEMAND, on("2026-12-01")),)}, "interruption_in_future"),
        ({"hindrances": (Hindrance(PauseReason.FORCE_MAJEURE, on("2026-12-01")),)}, "hindrance_in_future"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_true_together_is_refused_by_code(fields: dict[str, Any], code: str) -> None:
    """The dialogue asks again; nothing is silently put right."""
    with pytest.raises(ContradictoryFacts) as refused:
        Facts(today=TODAY, **fields)
    assert refused.value.code == code


def test_a_vague_date_that_may_still_be_true_is_not_refused() -> None:
    november = DayRange(date(2026, 11, 1), date(2026, 11, 30))
    Facts(today=TODAY, employed=True, left=november)
    Facts(today=TODAY, employed=False, left=november, started=november)


def test_ranges_and_hindrances_run_forwards() -> None:
    with pytest.raises(ValueError, match="no range of days"):
        DayRange(date(2026, 2, 2), date(2026, 2, 1))
    with pytest.raises(ValueError, match="before 1949"):
        DayRange.on(date(1900, 1, 1))
    with pytest.raises(ValueError, match="over before it began"):
        Hindrance(PauseReason.FORCE_MAJEURE, on("2026-02-02"), on("2026-02-01"))
    with pytest.raises(TypeError, match="a day is a date"):
        DayRange.on(datetime(2026, 2, 2, tzinfo=None))  # noqa: DTZ001 - what is refused


def test_a_claim_nobody_listed_is_refused() -> None:
    with pytest.raises(UnknownClaim):
        assess("lottery", Facts(today=TODAY), TABLE, CALENDAR)


# ---- what is told


def test_the_housing_fund_has_no_limit_to_warn_of_and_says_where_to_go() -> None:
    found = assess("housing_fund", Facts(today=TODAY, employed=True), TABLE, CALENDAR)
    assert (found.limits, found.notes) == ((), (Note.HOUSING_FUND_CENTRE,))
    assert "住房公积金管理条例:40" in found.citations


def test_articles_are_named_that_the_day_rests_on() -> None:
    facts = Facts(
        today=TODAY, employed=False, left=on("2025-10-03"), interruptions=(Interruption(Act.DEMAND, on("2026-05-04")),)
    )
    asked = limit_of("wage_arrears", Route.ARBITRATION, facts)
    assert {"劳动争议调解仲裁法:27:1", "劳动争议调解仲裁法:27:2", "劳动争议调解仲裁法:27:4"} <= set(asked.citations)
    moved = limit_of("wage_arrears", Route.ARBITRATION, replace(facts, interruptions=()))
    assert (moved.last_on, moved.moves_to) == (date(2026, 10, 3), date(2026, 10, 8))
    assert "民法典:203:1" in moved.citations
    assert "劳动争议调解仲裁法:27:2" not in moved.citations


def test_the_day_without_interruption_is_told_beside_the_one_with_it() -> None:
    """What was said is not proof: who cannot prove the demand has to know."""
    facts = Facts(
        today=TODAY, employed=False, left=on("2026-01-05"), interruptions=(Interruption(Act.DEMAND, on("2026-05-05")),)
    )
    found = limit_of("wage_arrears", Route.ARBITRATION, facts)
    assert (found.certain_on, found.last_on) == (date(2027, 1, 5), date(2027, 5, 5))


def test_the_most_urgent_limit_is_the_open_one_that_ends_first() -> None:
    facts = Facts(
        today=TODAY, employed=False, started=on("2025-03-10"), left=on("2026-06-01"), accident=on("2025-12-15")
    )
    names = ("wage_arrears", "double_wage", "injury_recognition", "housing_fund")
    found = most_urgent(assess(name, facts, TABLE, CALENDAR) for name in names)
    assert found is not None
    assert (found.claim, found.last_on) == ("injury_recognition", date(2026, 12, 15))
    assert most_urgent([assess("housing_fund", facts, TABLE, CALENDAR)]) is None


# ---- the shipped table


def test_every_article_of_the_shipped_table_is_law_in_force() -> None:
    register = load_register(ROOT / "content" / "laws")
    for citation in TABLE.citations():
        name, article, *_ = citation.split(":")
        law = register.laws.get(name)
        assert law is not None, citation
        assert law.has(int(article)), citation
        assert law.is_in_force(TODAY), citation


def test_every_way_of_counting_is_used_and_every_claim_says_where_it_leads() -> None:
    used = {rule.count for claim in TABLE.claims.values() for rule in claim.routes}
    assert used == set(Count)
    assert set(TABLE.periods) == set(Route)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("years: 1", "years: 0", "at least one"),
        ("count: employment_end", "count: payday", "count must be one of"),
        ("  - id: minimum_wage", "  - id: wage_arrears", "stands twice"),
        ("劳动争议调解仲裁法:27:4", "劳动争议调解仲裁法27条", "no citation"),
        ("notes: [housing_fund_centre]", "notes: [bank]", "notes must be one of"),
        ("    notes: [housing_fund_centre]\n", "", "without a limit it needs a note"),
        ("hindrances: [force_majeure, no", "hindrance: [force_majeure, no", "unknown field hindrance"),
        ("    suspension: [劳动争议调解仲裁法:27:3, 劳动人事争议仲裁办案规则:28]\n", "", "go together"),
        ("route: inspection, count: termination", "route: arbitration, count: termination", "a route stands twice"),
        ("  - id: inspection", "  - id: court", "id must be one of"),
        ("claims:", "claim:", "must be a mapping with the list claims and periods"),
    ],
)
def test_a_slip_in_the_file_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "limits.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=fault):
        load_limit_rules(path)


# ---- properties


DAYS = st.dates(date(2018, 1, 1), TODAY)
LENGTHS = st.integers(0, 120)
ACTS = st.sampled_from(Act)
REASONS = st.sampled_from(sorted(TABLE.periods[Route.ARBITRATION].hindrances))


@st.composite
def ranges(draw: st.DrawFn) -> DayRange:
    first = draw(DAYS)
    return DayRange(first, first + timedelta(days=draw(LENGTHS)))


interruptions = st.builds(Interruption, ACTS, ranges())


@st.composite
def hindrances(draw: st.DrawFn) -> Hindrance:
    since = draw(ranges())
    first = since.last + timedelta(days=draw(LENGTHS))
    until = draw(st.sampled_from([None, DayRange(first, first + timedelta(days=draw(LENGTHS)))]))
    return Hindrance(draw(REASONS), since, until)


EVENTS = st.tuples(st.lists(interruptions, max_size=3).map(tuple), st.lists(hindrances(), max_size=2).map(tuple))


def when_left(left: DayRange, events: tuple[Any, Any] = ((), ())) -> Limit:
    facts = Facts(today=TODAY, employed=False, left=left, interruptions=events[0], hindrances=events[1])
    return limit_of("unlawful_dismissal", Route.ARBITRATION, facts)


def last(limit: Limit) -> date:
    assert limit.last_on is not None
    return limit.last_on


@given(DAYS, st.integers(0, 400), EVENTS)
def test_a_later_earliest_day_never_gives_an_earlier_limit(first: date, later: int, events: tuple[Any, Any]) -> None:
    second = min(first + timedelta(days=later), TODAY)
    assert last(when_left(DayRange.on(first), events)) <= last(when_left(DayRange.on(second), events))


@given(DAYS, LENGTHS, EVENTS)
def test_only_the_earliest_day_of_a_vague_date_sets_the_limit(
    first: date, length: int, events: tuple[Any, Any]
) -> None:
    vague = when_left(DayRange(first, first + timedelta(days=length)), events)
    assert last(vague) == last(when_left(DayRange.on(first), events))


@given(ranges(), EVENTS)
def test_neither_interruption_nor_suspension_ever_shortens(left: DayRange, events: tuple[Any, Any]) -> None:
    plain, found = when_left(left), when_left(left, events)
    assert found.certain_on == last(plain)
    assert last(found) >= last(plain)


@given(ranges(), hindrances(), st.integers(1, 60))
def test_a_longer_hindrance_never_shortens(left: DayRange, hindrance: Hindrance, more: int) -> None:
    if hindrance.until is None:
        return
    until = DayRange(*(day + timedelta(days=more) for day in (hindrance.until.first, hindrance.until.last)))
    shorter, longer = (when_left(left, ((), (one,))) for one in (hindrance, replace(hindrance, until=until)))
    assert last(shorter) <= last(longer)


@given(ranges(), EVENTS)
def test_a_limit_is_possibly_past_only_behind_its_last_day_and_then_advice_is_urgent(
    left: DayRange, events: tuple[Any, Any]
) -> None:
    found = when_left(left, events)
    end = found.moves_to or last(found)
    assert (found.standing in PAST) == (end < TODAY)
    assert (Note.CONSULT_SOON in found.notes) == (found.standing is not Standing.OPEN)


@given(st.sampled_from(sorted(TABLE.claims)), st.sampled_from([True, False, None]), EVENTS, st.data())
def test_whatever_is_said_there_is_an_answer_without_a_date_nobody_gave(
    claim: str,
    employed: bool | None,
    events: tuple[Any, Any],
    data: st.DataObject,
) -> None:
    """Without any date no day is named; with dates no fault is raised, in a year without calendar neither."""
    nothing = Facts(today=TODAY, employed=employed, interruptions=events[0], hindrances=events[1])
    unknown = WorkCalendar(frozenset())
    for limit in assess(claim, nothing, TABLE, unknown).limits:
        assert (limit.last_on, limit.standing in {Standing.NO_DATE, Standing.NOT_RUNNING}) == (None, True)
        assert limit.notes
    names = ("accident", "diagnosed", "recognised", "assessed", "breach_began", "known", "dismissed")
    dates = {name: data.draw(st.none() | ranges(), label=name) for name in names}
    for limit in assess(claim, replace(nothing, **dates), TABLE, unknown).limits:
        assert limit.moves_to is None
        assert (limit.last_on is None) == (limit.since is None)
        assert limit.last_on is None or limit.since is None or limit.last_on > limit.since
