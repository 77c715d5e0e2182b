"""Fitting text into a limit: nothing is lost, nothing is too long, and sentences stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fitting import SENTENCE_ENDS, pieces, split, utf8_bytes

CHINESE = st.text(alphabet="工资拖欠了怎么办的，。！？；“”（）\n 12a😭👨\u200d👩\u0301", max_size=120)
TEXTS = st.one_of(CHINESE, st.text(max_size=120))


@given(text=TEXTS, limit=st.integers(0, 200))
def test_what_is_shown_and_the_rest_are_the_text(text: str, limit: int) -> None:
    shown, rest = split(text, limit)
    assert shown + rest == text


@given(text=TEXTS, limit=st.integers(0, 200))
def test_what_is_shown_never_weighs_more_than_the_limit(text: str, limit: int) -> None:
    assert utf8_bytes(split(text, limit)[0]) <= limit


@given(text=TEXTS, limit=st.integers(4, 200))
def test_all_pieces_together_are_the_text_and_each_fits(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert "".join(found) == text
    assert all(0 < utf8_bytes(piece) <= limit for piece in found)


@given(
    sentences=st.lists(st.text(alphabet="工资拖欠怎么办，、", min_size=1, max_size=12), min_size=1, max_size=12),
    limit=st.integers(0, 300),
)
def test_a_cut_comes_after_a_sentence_wherever_one_ends_within_the_limit(sentences: list[str], limit: int) -> None:
    text = "".join(f"{sentence}。" for sentence in sentences)
    shown, rest = split(text, limit)
    if rest and "。" in text.encode()[:limit].decode(errors="ignore"):
        assert shown.endswith("。")
        assert utf8_bytes(shown) + utf8_bytes(rest.partition("。")[0] + "。") > limit


@given(text=TEXTS, limit=st.integers(0, 200))
def test_other_units_are_counted_as_well(text: str, limit: int) -> None:
    """Telegram counts UTF-16 units."""

    def units(part: str) -> int:
        return len(part.encode("utf-16-le", errors="surrogatepass")) // 2

    shown, rest = split(text, limit, units)
    assert shown + rest == text
    assert units(shown) <= limit


def test_a_text_that_fits_is_left_alone() -> None:
    assert split("没有句号", 12) == ("没有句号", "")


def test_a_sentence_keeps_its_closing_quote() -> None:
    assert split("他说：“不给！”后来走了很远很远", 27) == ("他说：“不给！”", "后来走了很远很远")


def test_without_a_sentence_the_cut_comes_after_a_clause() -> None:
    assert split("先书面催要，再去投诉或者申请仲裁", 30) == ("先书面催要，", "再去投诉或者申请仲裁")


def test_without_any_mark_no_character_is_torn() -> None:
    assert split("工资😭", 9) == ("工资", "😭")


def test_a_family_of_joined_emoji_stays_together() -> None:
    family = "👨\u200d👩\u200d👧"
    assert split(f"我{family}", 14) == ("我", family)


def test_marks_in_a_row_end_one_sentence() -> None:
    assert split("好。什么！！！这样", 21) == ("好。什么！！！", "这样")
    assert split("好。什么！！！这样", 18) == ("好。", "什么！！！这样")


def test_a_number_is_not_the_end_of_a_sentence() -> None:
    assert split("每月3.5天，一共", 12)[0] != "每月3."


def test_a_limit_below_one_character_is_an_error() -> None:
    with pytest.raises(ValueError, match="weighs more"):
        pieces("工", 2)


def test_line_ends_count_as_sentence_ends() -> None:
    assert "\n" in SENTENCE_ENDS
    assert split("第一步\n第二步", 12) == ("第一步\n", "第二步")
