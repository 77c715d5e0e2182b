"""Sums and numbers of people as workers type them; the ranges were written by hand, in yuan and people."""

from pathlib import Path

import cn2an
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.complaints.quantities.numerals import fold, read_numeral
from bot.complaints.quantities.typed import (
    Bounds,
    Doubt,
    Per,
    amount_words,
    find_amounts,
    people_words,
    per_words,
    read_amount,
    read_people,
)
from bot.wording import load_wording
from tests.sentences.quantities import AMOUNTS, NO_AMOUNT, NO_PEOPLE, PEOPLE

WORDS = load_wording(Path(__file__).parents[2] / "content" / "replies")

# what is typed | from | to (+ is open) | by what it is counted


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.strip("\n").splitlines()]


def ids(table: str) -> list[str]:
    return [f"row{number}" for number, _ in enumerate(rows(table), 1)]


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(rows(AMOUNTS)) + len(rows(PEOPLE)) >= 220
    for table in (AMOUNTS, NO_AMOUNT, PEOPLE, NO_PEOPLE):
        typed = [row[0] for row in rows(table)]
        assert len(typed) == len(set(typed))


@pytest.mark.parametrize("row", rows(AMOUNTS), ids=ids(AMOUNTS))
def test_sums_as_they_are_typed(row: tuple[str, ...]) -> None:
    typed, low, high, *per = row
    amount = read_amount(typed)
    expected = Bounds(round(float(low) * 100), None if high == "+" else round(float(high) * 100))
    assert (typed, amount.bounds, amount.per) == (typed, expected, Per(per[0]) if per else Per.TOTAL)
    assert (amount.said, amount.doubt) == (typed, None)


@pytest.mark.parametrize(("typed", "doubt"), rows(NO_AMOUNT), ids=ids(NO_AMOUNT))
def test_what_names_no_one_sum_is_kept_and_not_guessed(typed: str, doubt: str) -> None:
    amount = read_amount(typed)
    assert (typed, amount.bounds, amount.doubt) == (typed, None, Doubt(doubt))
    assert amount.said == typed


@pytest.mark.parametrize("row", rows(PEOPLE), ids=ids(PEOPLE))
def test_numbers_of_people_as_they_are_typed(row: tuple[str, ...]) -> None:
    typed, low, high = row
    people = read_people(typed)
    assert (typed, people.bounds) == (typed, Bounds(int(low), None if high == "+" else int(high)))
    assert (people.said, people.doubt) == (typed, None)


@pytest.mark.parametrize(("typed", "doubt"), rows(NO_PEOPLE), ids=ids(NO_PEOPLE))
def test_what_names_no_one_number_of_people_is_kept_and_not_guessed(typed: str, doubt: str) -> None:
    people = read_people(typed)
    assert (typed, people.bounds, people.doubt, people.said) == (typed, None, Doubt(doubt), typed)


def test_of_several_sums_each_can_be_offered() -> None:
    found = find_amounts("欠薪两万，押金500，欠薪20000元")
    assert [(amount.said, amount.bounds) for amount in found] == [
        ("20000元", Bounds(2_000_000, 2_000_000)),
        ("500", Bounds(50_000, 50_000)),
    ]


@given(st.integers(0, 10**9))
def test_a_plain_number_of_yuan_reads_as_itself(yuan: int) -> None:
    fen = Bounds(yuan * 100, yuan * 100)
    assert read_amount(f"{yuan}元").bounds == read_amount(f"{yuan:,}元").bounds == fen
    assert read_amount(f"{yuan}").bounds == (fen if yuan < 10**8 else None)  # a longer one is a phone number


@given(st.integers(1, 10**7))
def test_a_plain_number_of_people_reads_as_itself(people: int) -> None:
    assert read_people(f"{people}人").bounds == read_people(f"我们{people}个人").bounds == Bounds(people, people)


@given(st.integers(1, 10**9 - 1))
@example(10_000)
@example(110_000)
def test_chinese_numerals_read_as_another_library_writes_them(number: int) -> None:
    for style in ("low", "up"):
        numeral = cn2an.an2cn(str(number), style)
        span = read_numeral(fold(numeral))
        assert span is not None, numeral
        assert (numeral, span.low, span.high) == (numeral, number, number)


@given(st.integers(1, 9), st.sampled_from(["百", "千", "万"]), st.integers(1, 9))
def test_a_last_digit_counts_the_next_place_as_another_library_says(first: int, unit: str, last: int) -> None:
    numeral = f"{cn2an.an2cn(str(first))}{unit}{cn2an.an2cn(str(last))}"
    span = read_numeral(numeral)
    assert span is not None
    assert span.low == cn2an.cn2an(numeral, "smart")


PIECES = st.sampled_from(
    [
        *"零一二两三四五六七八九十百千万亿几多余来把0123456789.,，、-到至 ",
        *(
            "块",
            "元",
            "毛",
            "分",
            "人",
            "个",
            "号",
            "名",
            "月",
            "天",
            "年",
            "w",
            "k",
            "+",
            "￥",
            "$",
            "每",
            "一个月",
            "/",
        ),
        *(
            "大概",
            "不到",
            "将近",
            "至少",
            "最多",
            "以上",
            "左右",
            "出头",
            "以内",
            "我和",
            "还有",
            "一共",
            "欠",
            "没",
            "第",
        ),
    ]
)
TYPED = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)


@given(TYPED)
def test_whatever_is_typed_keeps_its_words_and_has_a_range_or_a_doubt(text: str) -> None:
    for read in (read_amount(text), read_people(text)):
        assert read.said == text
        assert (read.bounds is None) is (read.doubt is not None)
        if read.bounds and read.bounds.high is not None:
            assert 0 <= read.bounds.low <= read.bounds.high


@given(TYPED)
def test_what_is_shown_back_reads_as_the_same_sum_and_shows_the_same_again(text: str) -> None:
    amount = read_amount(text)
    if amount.bounds is None:
        return
    shown = shown_amount(amount.bounds, amount.per)
    again = read_amount(shown)
    assert again.bounds is not None, shown
    assert (again.bounds, again.per) == (amount.bounds, amount.per)
    assert shown_amount(again.bounds, again.per) == shown


@given(TYPED)
def test_what_is_shown_back_reads_as_the_same_number_of_people(text: str) -> None:
    people = read_people(text)
    if people.bounds is None:
        return
    shown = shown_people(people.bounds)
    again = read_people(shown)
    assert (shown, again.bounds) == (shown, people.bounds)


def shown_amount(bounds: Bounds, per: Per) -> str:
    key, fields = amount_words(bounds)
    return WORDS(per_words(per), amount=WORDS(key, **fields))


def shown_people(bounds: Bounds) -> str:
    key, fields = people_words(bounds)
    return WORDS(key, **fields)


def test_a_sum_is_shown_in_yuan_and_fen() -> None:
    assert shown_amount(Bounds(1_200_000, 1_200_000), Per.TOTAL) == "12000元"
    assert shown_amount(Bounds(350, 350), Per.PIECE) == "每件3.50元"
    assert shown_amount(Bounds(300_000, 400_000), Per.MONTH) == "每月3000元到4000元"
    assert shown_amount(Bounds(0, 500_000), Per.TOTAL) == "不超过5000元"
    assert shown_people(Bounds(21, 29)) == "21人到29人"
    assert shown_people(Bounds(100, None)) == "100人以上"


def test_words_stay_out_of_what_is_printed() -> None:
    assert "一万二" not in repr(read_amount("一万二"))
    assert "三十" not in repr(read_people("三十"))


@pytest.mark.parametrize("low_high", [(-1, 5), (5, 4), (-3, None)])
def test_what_is_no_range_is_refused(low_high: tuple[int, int | None]) -> None:
    with pytest.raises(ValueError, match="no range"):
        Bounds(*low_high)


def test_a_long_text_takes_no_long_time() -> None:
    """Only so much is looked at, and no pattern doubles its work with each sign."""
    for text in ("一" * 5000, "1," * 5000, "大概" * 5000, "3到" * 5000, "多" * 5000, "每月" * 5000):
        assert read_amount(text).said == text
        assert read_people(text).said == text
