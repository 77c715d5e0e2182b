"""Reports: periods, quantiles, shares, and that a suppressed report is the same for another set of cases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.complaints.desk.statistics import (
    OUTCOMES,
    USED,
    Course,
    Known,
    Report,
    Standing,
    Tables,
    make_report,
    outcome,
    quantile,
    quarters,
    sees_figures_only,
    share_in_time,
    weeks_of,
)
from bot.complaints.desk.suppression import HIDDEN, LEAST, Count
from bot.complaints.lifecycle import State, Verdict
from bot.complaints.roles import Viewer
from bot.roles import Role

KNOWN = Known(categories=("wage", "injury", "hours"), districts=("north", "south"), rules=("own.acceptance",))
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 22)
HALF, NINE_TENTHS = Fraction(1, 2), Fraction(9, 10)


def counted(**given_values: object) -> Tables:
    return Tables(first=FIRST, last=LAST, **given_values)  # type: ignore[arg-type]


def test_the_first_week_begins_with_the_period_and_the_others_on_mondays() -> None:
    assert list(weeks_of(date(2026, 10, 1), date(2026, 10, 13))) == [
        date(2026, 10, 1),
        date(2026, 10, 5),
        date(2026, 10, 12),
    ]
    assert list(weeks_of(date(2026, 10, 5), date(2026, 10, 5))) == [date(2026, 10, 5)]


@given(st.dates(date(2000, 1, 1), date(2080, 1, 1)), st.integers(0, 1200))
def test_quarters_hold_every_day_of_the_range_exactly_once(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = list(quarters(first, last))
    assert found[0][0] <= first
    assert found[-1][1] >= last
    for (start, end), (after, _) in pairwise(found):
        assert after == end + timedelta(days=1)
        assert (start.day, (start.month - 1) % 3) == (1, 0)


@given(st.dictionaries(st.integers(0, 500), st.integers(1, 9), max_size=20))
def test_a_quantile_is_the_least_length_that_enough_cases_kept_to(hours: dict[int, int]) -> None:
    everything = sorted(length for length, number in hours.items() for _ in range(number))
    for share in (HALF, NINE_TENTHS):
        found = quantile(hours, share)
        if not everything:
            assert found is None
            continue
        assert found is not None
        assert sum(length <= found for length in everything) >= share * len(everything)
        assert sum(length < found for length in everything) < share * len(everything)


@pytest.mark.parametrize(
    ("cases", "share", "found"), [(10, HALF, 24), (9, HALF, None), (50, NINE_TENTHS, 24), (49, NINE_TENTHS, None)]
)
def test_a_suppressed_quantile_has_enough_cases_on_either_side(cases: int, share: Fraction, found: int | None) -> None:
    assert quantile({24: cases}, share, beside=LEAST) == found


@pytest.mark.parametrize(
    ("met", "late", "exact", "suppressed"),
    [(0, 0, None, None), (3, 1, 0.75, None), (46, 54, 0.46, 0.45), (197, 3, 0.985, 1.0), (196, 3, 196 / 199, None)],
)
def test_shares_of_what_was_kept(met: int, late: int, exact: float | None, suppressed: float | None) -> None:
    assert share_in_time(Standing(met, late, 9), suppressed=False) == exact
    assert share_in_time(Standing(met, late, 9), suppressed=True) == suppressed


def test_verdicts_and_states_come_from_the_same_counts() -> None:
    solved = outcome(State.FOLLOWED_UP, Verdict.SOLVED)
    report = make_report(
        [counted(outcomes={"registered": 7, solved: 6, outcome(State.FOLLOWED_UP, Verdict.PARTLY): 8}, used=9)],
        Course(),
        KNOWN,
        suppressed=False,
    )
    assert report.states.counts["followed_up"] == Count(14)
    assert report.verdicts.counts == {"solved": Count(6), "partly": Count(8), "not_solved": Count(0)}
    assert report.verdicts.total == Count(14)
    assert report.used.counts[USED].share_of(report.used.total) == 9 / 21


def test_days_are_counted_in_their_weeks() -> None:
    came = {date(2026, 10, 4): 2, date(2026, 10, 5): 3, date(2026, 10, 11): 4, date(2026, 11, 22): 1}
    course = Course(came=came, went={date(2026, 10, 5): 8, date(2026, 9, 30): 4})
    weeks = make_report([counted()], course, KNOWN, suppressed=False).weeks
    assert [week.came.value for week in weeks] == [2, 7, 0, 0, 0, 0, 0, 1]
    assert weeks[1].went == Count(8)


def test_answered_calls_are_counted_by_kind_and_week_and_suppressed_like_the_rest() -> None:
    """Of a hidden week neither the other weeks nor the total tell the count."""
    asked = {date(2026, 10, 5): 9, date(2026, 10, 12): 2, date(2026, 10, 20): 7}
    course = Course(answered={"consultation": asked, "suggestion": {date(2026, 10, 6): 3}})
    exact, hidden = (make_report([counted()], course, KNOWN, suppressed=one) for one in (False, True))
    assert [week.counts["consultation"].value for week in exact.answered_weeks] == [0, 9, 2, 7, 0, 0, 0, 0]
    assert (exact.answered.counts["suggestion"], exact.answered.total) == (Count(3), Count(21))
    assert [week.counts["consultation"] for week in hidden.answered_weeks][:4] == [HIDDEN, Count(9), HIDDEN, Count(7)]
    assert {week.counts["suggestion"] for week in hidden.answered_weeks} == {HIDDEN}
    assert hidden.answered.counts == {"consultation": Count(18), "suggestion": HIDDEN}
    assert hidden.answered.total == Count(18, hidden=True)


def test_quarters_are_suppressed_one_by_one_and_then_added() -> None:
    """What is hidden in one quarter stays hidden in the year: subtracting quarters from years gives nothing."""
    autumn = counted(categories={"wage": 20, "injury": 9, "hours": 7}, outcomes={"registered": 36})
    summer = replace(autumn, first=date(2026, 7, 1), last=date(2026, 9, 30), categories={"wage": 33, "injury": 3})
    report = make_report([summer, autumn], Course(), KNOWN, suppressed=True)
    assert report.categories.counts == {
        "wage": Count(53),
        "injury": Count(9, hidden=True),
        "hours": Count(7, hidden=True),
    }
    assert report.categories.total == Count(72)


@pytest.mark.parametrize("role", list(Role))
def test_exact_figures_are_for_who_sees_cases(role: Role) -> None:
    listed = {Role.CADRE, Role.SUPERVISOR, Role.OPERATOR}
    assert sees_figures_only(Viewer(role=role)) == (role not in listed)


@st.composite
def periods(draw: st.DrawFn) -> tuple[Tables, Course]:
    total = draw(st.integers(0, 70))

    def spread(codes: tuple[str, ...]) -> dict[str, int]:
        found = dict.fromkeys(codes, 0)
        for code in draw(st.lists(st.sampled_from(codes), min_size=total, max_size=total)):
            found[code] += 1
        return found

    days = tuple((FIRST + timedelta(days=7 * week)).isoformat() for week in range(8))
    tables = counted(
        categories=spread(KNOWN.categories),
        districts=spread(KNOWN.districts),
        channels=spread(KNOWN.channels),
        outcomes=dict.fromkeys(OUTCOMES, 0) | spread(OUTCOMES[::2]),
        used=draw(st.integers(0, total)),
    )
    course = Course(
        came={date.fromisoformat(day): number for day, number in spread(days).items()},
        went={FIRST + timedelta(days=7 * week): draw(st.integers(0, 9)) for week in range(8)},
        to_acceptance={draw(st.integers(0, 300)): total} if total else {},
        clocks={"own.acceptance": Standing(draw(st.integers(0, 30)), draw(st.integers(0, 9)), 2)},
    )
    return tables, course


def moved(table: dict[str, int], code: str) -> Iterator[dict[str, int]]:
    """The same number of cases, otherwise spread, with another count there."""
    for other, number in table.items():
        if number != table[code]:
            yield table | {code: number, other: table[code]}
        for one, two in ((code, other), (other, code)):
            if one != two and table[one]:
                yield table | {one: table[one] - 1, two: table[two] + 1}


def report_of(part: Tables, course: Course) -> Report:
    return make_report([part], course, KNOWN, suppressed=True)


@settings(max_examples=25, deadline=None)
@given(periods(), st.sampled_from(["categories", "districts", "channels", "outcomes"]))
def test_no_hidden_count_can_be_derived_from_the_whole_report(given_: tuple[Tables, Course], name: str) -> None:
    """For every hidden count other cases would have given the very same report: nothing in it tells them apart."""
    part, course = given_
    report, table = report_of(part, course), dict(getattr(part, name))
    if part.total < LEAST:
        assert report.came == HIDDEN
        return
    for code in table:
        if is_hidden(report, name, code):
            alike = (report_of(replace(part, **{name: other}), course) for other in moved(table, code))
            assert report in alike, code


def is_hidden(report: Report, name: str, code: str) -> bool:
    """Whether that very count is hidden; of followed-up cases the verdicts are shown one by one."""
    state, _, verdict = code.partition(":")
    if verdict:
        return report.verdicts.counts[verdict].hidden
    return (report.states if name == "outcomes" else getattr(report, name)).counts[state].hidden


@given(periods())
def test_a_suppressed_report_gives_no_counts_of_clocks(given_: tuple[Tables, Course]) -> None:
    kept = report_of(*given_).kept
    assert all(one.met == one.late == one.pending == HIDDEN for one in kept)
    assert len(kept) == len(KNOWN.rules)
