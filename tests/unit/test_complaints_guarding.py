"""The limitation guard of a complaint: what was said becomes facts, and every code has words that claim no loss."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.cases import SaidDays, Statement
from bot.complaints.categories import load_categories
from bot.complaints.clocks.holidays import library_calendar
from bot.complaints.clocks.rule_files import load_limit_rules
from bot.complaints.limits.facts import Act, DayRange
from bot.complaints.limits.guarding import IMPOSSIBLE, Guard, Guarding, GuardLine, facts_of
from bot.complaints.limits.limitation import Standing
from bot.complaints.limits.rules import Note, Route
from bot.complaints.limits.words import GuardWords
from bot.wording import load_wording
from bot.workdays import WorkCalendar
from tests.builders import ROOT

CONTENT = ROOT / "content" / "complaints"
TABLE = load_limit_rules(CONTENT / "limits.yaml")
CATEGORIES = load_categories(CONTENT / "categories.yaml", TABLE.claims)
KNOWN = library_calendar()
YEARS = frozenset(range(2004, 2027))
CALENDAR = WorkCalendar(
    YEARS, frozenset(d for d in KNOWN.rest if d.year in YEARS), frozenset(d for d in KNOWN.work if d.year in YEARS)
)
GUARD = Guard(TABLE, CATEGORIES, CALENDAR)
WORDS = load_wording(ROOT / "content" / "replies")
SAY = GuardWords(WORDS, "12351")
TODAY = date(2026, 11, 22)
LOST = ("已过时效", "已经超过", "丧失", "不能再", "来不及")


def days(first: str, last: str = "", until: str = "") -> SaidDays:
    end = date.fromisoformat(until) if until else None
    start = date.fromisoformat(first)
    return SaidDays(first=start, last=date.fromisoformat(last or first), until_first=end, until_last=end)


def said(**fields: object) -> Statement:
    return Statement(narrative="拖着不给", **fields)  # type: ignore[arg-type]


def line_of(guarding: Guarding, route: Route) -> GuardLine:
    return next(line for line in guarding.lines if line.route is route)


def test_arrears_while_employed_have_no_last_day_for_arbitration() -> None:
    """调解仲裁法 27(4): in employment the year does not run for remuneration."""
    line = line_of(GUARD.guarding(said(employed=True, since=days("2024-01-01")), "wage", TODAY), Route.ARBITRATION)
    assert (line.standing, line.until) == (Standing.NOT_RUNNING, None)
    told = SAY.line(line)
    assert "不受一年限制" in told
    assert "第27条第4款" in told


def test_who_has_left_is_told_the_last_day_and_its_article() -> None:
    line = line_of(GUARD.guarding(said(employed=False, left=days("2026-03-01")), "wage", TODAY), Route.ARBITRATION)
    assert line.until == date(2027, 3, 1)
    assert "最晚2027年3月1日" in SAY.line(line)
    assert "《劳动争议调解仲裁法》第27条" in SAY.line(line)


def test_vague_days_count_from_the_earliest() -> None:
    left = days("2026-03-01", "2026-03-31")
    line = line_of(GUARD.guarding(said(employed=False, left=left), "wage", TODAY), Route.ARBITRATION)
    assert line.until == date(2027, 3, 1)
    assert "按最早的一天算" in SAY.line(line)


def test_a_breach_that_went_on_when_it_was_said_still_goes_on_later() -> None:
    """The page of a case computes anew every day; what was said is not over because nobody has said it again."""
    goes_on = said(employed=True, since=days("2026-08-01", until="2026-11-22"))
    later = TODAY + timedelta(days=60)
    line = line_of(GUARD.guarding(goes_on, "wage", later, said_on=TODAY), Route.INSPECTION)
    assert line.standing is Standing.NOT_RUNNING


def test_a_breach_that_was_over_counts_from_its_end() -> None:
    """监察条例 20(2)."""
    over = said(employed=True, since=days("2025-01-01", until="2025-06-30"))
    assert line_of(GUARD.guarding(over, "wage", TODAY), Route.INSPECTION).until == date(2027, 6, 30)


def test_since_when_means_the_accident_in_a_work_injury() -> None:
    line = line_of(GUARD.guarding(said(since=days("2026-02-10")), "injury", TODAY), Route.INJURY_APPLICATION)
    assert line.until == date(2027, 2, 10)


def test_who_mentions_an_accident_elsewhere_is_told_of_the_application_too() -> None:
    both = GUARD.guarding(said(employed=True, accident=days("2026-02-10")), "wage", TODAY)
    assert line_of(both, Route.INJURY_APPLICATION).until == date(2027, 2, 10)


def test_the_year_for_an_injury_that_may_be_over_names_what_may_save_it() -> None:
    """最高法工伤行政案件规定 7: time lost through no fault of the worker does not count."""
    line = line_of(GUARD.guarding(said(since=days("2025-10-03")), "injury", TODAY), Route.INJURY_APPLICATION)
    told = SAY.line(line, brief=True)
    assert line.standing is Standing.POSSIBLY_PAST
    assert "可能已超过，存在中断、中止情形，请尽快咨询" in told
    assert "《最高人民法院关于审理工伤保险行政案件若干问题的规定》第7条" in told


def test_arbitration_that_may_be_over_names_interruption_and_suspension() -> None:
    gone = said(employed=False, left=days("2025-09-01"))
    line = line_of(GUARD.guarding(gone, "wage", TODAY), Route.ARBITRATION)
    told = SAY.line(line)
    assert "可能已超过，存在中断、中止情形，请尽快咨询" in told
    assert "第27条第2款、第27条第3款" in told


def test_an_act_that_was_said_restarts_the_year() -> None:
    demanded = said(employed=False, left=days("2025-09-01"), extra={Act.DEMAND: "2026-05-01/2026-05-31"})
    line = line_of(GUARD.guarding(demanded, "wage", TODAY), Route.ARBITRATION)
    assert line.until == date(2027, 5, 1)
    assert "不算的话最晚2026年9月1日" in SAY.line(line)


def test_the_topic_somebody_came_from_makes_the_claim_closer() -> None:
    line = GUARD.guarding(said(employed=True), "hours", TODAY, topic="hours.annual-leave-pay").lines[0]
    assert line.claims == ("未休年休假工资",)


def test_claims_that_end_alike_are_told_once() -> None:
    line = line_of(GUARD.guarding(said(since=days("2026-02-01")), "termination", TODAY), Route.ARBITRATION)
    assert len(line.claims) == 3
    assert SAY.line(line).startswith("经济补偿、违法解除")
    assert SAY.line(line, brief=True).startswith("经济补偿等")


def test_claims_without_a_limit_say_where_to_go() -> None:
    guarding = GUARD.guarding(said(), "insurance", TODAY, topic="insurance.housing-fund")
    assert guarding.lines == ()
    assert "住房公积金管理中心" in SAY.lines(guarding)[0]


def test_what_contradicts_itself_gives_no_day_and_says_why() -> None:
    guarding = GUARD.guarding(said(employed=True, left=days("2026-03-01")), "wage", TODAY)
    assert guarding == Guarding(doubt="employed_but_left")
    assert "离职的日子却在以前" in SAY.lines(guarding)[0]


@pytest.mark.parametrize("extra", [{"started": "去年"}, {"leave_year": "二〇二五"}, {"known": "1900-01-01"}])
def test_what_cannot_be_read_is_doubted_and_not_raised(extra: dict[str, str]) -> None:
    assert GUARD.guarding(said(extra=extra), "wage", TODAY).doubt == IMPOSSIBLE


def test_an_unknown_category_has_no_limits() -> None:
    assert GUARD.guarding(said(), "no_more", TODAY) == Guarding()


def test_a_day_that_the_law_has_moved_is_told_once_it_alone_is_left() -> None:
    """民法典 203: the last day, 2026-10-03, is a holiday; on 2026-10-06 only the day behind the holidays is left."""
    gone = said(employed=False, left=days("2025-10-03"))
    line = line_of(GUARD.guarding(gone, "wage", date(2026, 10, 6)), Route.ARBITRATION)
    assert line.until == line.moves_to == date(2026, 10, 8)
    before = line_of(GUARD.guarding(gone, "wage", date(2026, 9, 28)), Route.ARBITRATION)
    assert before.until == date(2026, 10, 3)
    assert "依法顺延到2026年10月8日" in SAY.line(before)


def test_the_statement_becomes_facts_by_what_since_when_means() -> None:
    wage, contract = CATEGORIES.get("wage"), CATEGORIES.get("contract")
    statement = said(since=days("2026-01-01", "2026-01-31"))
    whole = DayRange(date(2026, 1, 1), date(2026, 1, 31))
    assert facts_of(statement, wage, TODAY, TODAY).breach_began == whole
    assert facts_of(statement, contract, TODAY, TODAY).started == whole


def a_line(standing: Standing, **fields: object) -> GuardLine:
    values: dict[str, object] = {
        "claims": ("拖欠、克扣工资",),
        "route": Route.ARBITRATION,
        "road": "申请劳动仲裁",
        "years": 1,
        "standing": standing,
        "until": date(2027, 1, 1),
        "certain_on": date(2026, 12, 1),
        "last_part_on": date(2027, 2, 1),
        "citations": ("劳动争议调解仲裁法:27:1",),
    }
    return GuardLine(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("note", list(Note), ids=str)
def test_every_note_has_words(note: Note) -> None:
    assert WORDS(f"limits.note.{note}", hotline="12351", certain="2026年1月1日")


@pytest.mark.parametrize("route", list(Route), ids=str)
@pytest.mark.parametrize("standing", list(Standing), ids=str)
def test_every_standing_of_every_road_has_words_that_claim_no_loss(standing: Standing, route: Route) -> None:
    told = SAY.line(a_line(standing, route=route))
    assert "依据：《劳动争议调解仲裁法》第27条第1款。" in told
    assert not any(word in told for word in LOST)
    if standing is Standing.POSSIBLY_PAST:
        assert "可能已超过" in told
        assert "存在中断、中止情形" in told
        assert "请尽快咨询" in told


def test_no_sentence_about_limits_says_that_a_right_is_lost() -> None:
    sentences = {key: WORDS(key, **dict.fromkeys(WORDS.fields(key), "x")) for key in WORDS.keys()}  # noqa: SIM118 - Wording is no mapping
    told = {key: text for key, text in sentences.items() if key.startswith("limits.")}
    assert {key: text for key, text in told.items() if any(word in text for word in LOST)} == {}


DAY = st.dates(date(2015, 1, 1), date(2028, 12, 31))
SAID = st.builds(
    lambda first, more, until: SaidDays(
        first=first, last=first and first + timedelta(days=more), until_first=until, until_last=until
    ),
    st.none() | DAY,
    st.integers(0, 400),
    st.none() | DAY,
)


@given(
    category=st.sampled_from([category.id for category in CATEGORIES]),
    employed=st.none() | st.booleans(),
    since=SAID,
    left=SAID,
    accident=SAID,
)
def test_whatever_was_said_the_guard_answers_and_its_words_can_be_made(
    category: str, employed: bool | None, since: SaidDays, left: SaidDays, accident: SaidDays
) -> None:
    """A complaint is registered whatever its dates: the guard must never stand in the way."""
    guarding = GUARD.guarding(said(employed=employed, since=since, left=left, accident=accident), category, TODAY)
    for brief in (False, True):
        for told in SAY.lines(guarding, brief=brief):
            assert not any(word in told for word in LOST)
    for line in guarding.lines:
        if line.standing in {Standing.OPEN, Standing.SOON}:
            assert line.until is not None
            assert line.until >= TODAY
