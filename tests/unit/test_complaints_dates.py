"""Times as workers type them, on Sunday 22 November 2026 unless a row says otherwise; ranges written by hand."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.dates import When, day_words, find_whens, period_words, read_when
from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.complaints.quantities.ranges import Doubt
from bot.wording import load_wording
from tests.sentences.dates import NO_TIME, OTHER_DAYS, TIMES

TODAY = date(2026, 11, 22)
LUNAR = TableLunarCalendar()
WORDS = load_wording(Path(__file__).parents[2] / "content" / "replies")

# what is typed | first day | last day ; then "now" where it goes on, or first and last day of the end


# today | what is typed | first day | last day : around New Year and the Spring Festival (17 February 2026)


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.strip("\n").splitlines()]


def ids(table: str) -> list[str]:
    return [f"row{number}" for number, _ in enumerate(rows(table), 1)]


def a_range(first: str, last: str) -> DayRange:
    return DayRange(date.fromisoformat(first), date.fromisoformat(last))


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(rows(TIMES)) >= 150
    for table in (TIMES, NO_TIME):
        typed = [row[0] for row in rows(table)]
        assert len(typed) == len(set(typed))


@pytest.mark.parametrize("row", rows(TIMES), ids=ids(TIMES))
def test_times_as_they_are_typed(row: tuple[str, ...]) -> None:
    typed, first, last, *end = row
    when = read_when(typed, TODAY, LUNAR)
    ends = None
    if end:
        ends = DayRange.on(TODAY) if end == ["now"] else a_range(*end)
    assert (typed, when.begins, when.ends) == (typed, a_range(first, last), ends)
    assert (when.said, when.doubt) == (typed, None)


@pytest.mark.parametrize(("typed", "doubt"), rows(NO_TIME), ids=ids(NO_TIME))
def test_what_names_no_one_past_time_is_kept_and_not_guessed(typed: str, doubt: str) -> None:
    when = read_when(typed, TODAY, LUNAR)
    assert (typed, when.begins, when.doubt, when.said) == (typed, None, Doubt(doubt), typed)


@pytest.mark.parametrize(("today", "typed", "first", "last"), rows(OTHER_DAYS), ids=ids(OTHER_DAYS))
def test_the_same_words_on_other_days(today: str, typed: str, first: str, last: str) -> None:
    """Before the Spring Festival the lunar year is still the old one: 去年腊月 is then a year earlier."""
    when = read_when(typed, date.fromisoformat(today), LUNAR)
    assert (typed, when.begins) == (typed, a_range(first, last))


def test_a_day_still_to_come_is_kept_apart() -> None:
    """A contract may run out next month; what has happened cannot."""
    when = read_when("2026年12月31日", TODAY, LUNAR)
    assert (when.begins, when.ahead) == (None, a_range("2026-12-31", "2026-12-31"))


def test_of_several_times_each_can_be_offered() -> None:
    found = find_whens("2024年5月入职，去年10月底离职", TODAY, LUNAR)
    assert [when.begins for when in found] == [a_range("2024-05-01", "2024-05-31"), a_range("2025-10-21", "2025-10-31")]


WORD = st.sampled_from(
    [
        *"0123456789一二两三四五六七八九十半几多来前后年月日号天周个初底中上下大去今明正腊冬春夏秋到至-/.，、",
        *(
            "去年",
            "前年",
            "今年",
            "上个月",
            "这个月",
            "个月",
            "星期",
            "礼拜",
            "农历",
            "闰",
            "2025年",
            "25年",
            "2024.",
            "3月",
            "十一",
        ),
        *(
            "春节",
            "过年",
            "国庆",
            "五一",
            "中秋",
            "清明",
            "腊月",
            "正月",
            "冬天",
            "麦收",
            "年底",
            "月初",
            "上半年",
            "季度",
        ),
        *(
            "之前",
            "以后",
            "前后",
            "期间",
            "之间",
            "到现在",
            "至今",
            "以来",
            "左右",
            "以上",
            "不到",
            "快",
            "大概",
            "超过",
            "从",
            "的",
            "了",
        ),
    ]
)
TYPED = st.lists(WORD, max_size=8).map("".join) | st.text(max_size=30)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(TYPED, DAYS)
def test_no_range_reaches_into_the_future_or_ends_before_it_begins(text: str, today: date) -> None:
    when = read_when(text, today, LUNAR)
    assert when.said == text
    assert (when.begins is None) is (when.doubt is not None)
    assert (when.ahead is not None) is (when.doubt is Doubt.FUTURE)
    if when.ahead:
        assert when.ahead.first > today
    for days in (when.begins, when.ends):
        if days:
            assert date(1949, 1, 1) <= days.first <= days.last <= today
    if when.begins and when.ends:
        assert when.begins.first <= when.ends.last


@given(st.dates(date(1950, 1, 1), date(2026, 11, 22)), DAYS)
def test_a_full_date_reads_as_itself_however_it_is_written(day: date, today: date) -> None:
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month:02}/{day.day:02}",
    ]
    for form in forms:
        when = read_when(form, today, LUNAR)
        assert (form, when.begins or when.ahead) == (form, DayRange.on(day))


@given(TYPED, DAYS)
def test_what_is_shown_back_reads_as_the_same_days_and_shows_the_same_again(text: str, today: date) -> None:
    when = read_when(text, today, LUNAR)
    if when.begins is None:
        return
    shown = shown_when(when, today)
    again = read_when(shown, today, LUNAR)
    assert (shown, again.begins, again.ends) == (shown, when.begins, when.ends)
    assert shown_when(again, today) == shown


@given(DAYS, st.integers(1, 40))
def test_more_months_never_begin_later(today: date, months: int) -> None:
    shorter, longer = (read_when(f"{count}个月了", today, LUNAR).begins for count in (months, months + 1))
    assert shorter is not None
    assert longer is not None
    assert longer.first < shorter.first
    assert longer.last < shorter.last


@given(DAYS, st.integers(1, 600))
def test_days_ago_hold_the_day_that_is_so_many_days_ago(today: date, count: int) -> None:
    begins = read_when(f"{count}天前", today, LUNAR).begins
    assert begins is not None
    assert begins.first <= today - timedelta(days=count) <= begins.last


def shown_when(when: When, today: date) -> str:
    assert when.begins is not None
    parts = {"begins": shown_days(when.begins, today)}
    if when.ends:
        parts["ends"] = shown_days(when.ends, today)
    key = period_words(when, today)
    return WORDS(key, **parts) if key else parts["begins"]


def shown_days(days: DayRange, today: date) -> str:
    key, fields = day_words(days, today)
    return WORDS(key, **fields)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("昨天", "2026年11月21日"),
        ("去年3月", "2025年3月"),
        ("11月", "2026年11月"),
        ("前年", "2024年"),
        ("今年", "2026年"),
        ("去年10月底", "2025年10月21日到2025年10月31日之间"),
        ("三月份到现在", "从2026年3月到现在"),
        ("去年10月到3月", "从2025年10月到2026年3月"),
    ],
)
def test_days_are_shown_as_people_write_them(typed: str, shown: str) -> None:
    assert shown_when(read_when(typed, TODAY, LUNAR), TODAY) == shown


def test_words_stay_out_of_what_is_printed() -> None:
    assert "腊月" not in repr(read_when("去年腊月", TODAY, LUNAR))


def test_a_long_text_takes_no_long_time() -> None:
    for text in ("去年" * 5000, "三" * 5000, "1." * 5000, "年前" * 5000, "3月到" * 5000, "大概" * 5000):
        assert read_when(text, TODAY, LUNAR).said == text


class NoTables:
    """A lunar calendar that knows nothing."""

    def year_of(self, day: date) -> int | None:
        return None

    def day(self, year: int, month: int, day: int, *, leap: bool = False) -> date | None:
        return None

    def month_length(self, year: int, month: int, *, leap: bool = False) -> int | None:
        return None

    def term(self, year: int, number: int) -> date | None:
        return None


@pytest.mark.parametrize("typed", ["去年腊月", "正月十五", "春节前", "清明", "年后", "大年初六", "去年小年"])
def test_without_lunar_tables_a_lunar_day_is_not_guessed(typed: str) -> None:
    when = read_when(typed, TODAY, NoTables())
    assert (when.begins, when.doubt) == (None, Doubt.UNCLEAR)


# From the calendar that the State Council's holidays follow: first days of lunar years, and Qingming.
NEW_YEARS = "2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26"
QINGMING = "2020-04-04 2021-04-04 2022-04-05 2023-04-05 2024-04-04 2025-04-04 2026-04-05"


def test_the_lunar_tables_agree_with_the_published_calendar() -> None:
    for text in NEW_YEARS.split():
        day = date.fromisoformat(text)
        assert LUNAR.day(day.year, 1, 1) == day
        assert (LUNAR.year_of(day), LUNAR.year_of(day - timedelta(days=1))) == (day.year, day.year - 1)
    for text in QINGMING.split():
        day = date.fromisoformat(text)
        assert LUNAR.term(day.year, 6) == day


def test_outside_of_the_lunar_tables_nothing_is_known() -> None:
    assert LUNAR.year_of(date(2150, 1, 1)) is None
    assert LUNAR.day(2150, 1, 1) is None
    assert LUNAR.month_length(2150, 1) is None
    assert LUNAR.term(2150, 6) is None
    assert LUNAR.day(2025, 12, 30) is None
    assert LUNAR.month_length(2026, 6, leap=True) is None
