"""Normalisation: what matching sees is the same however it was typed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.text import normalise

TRADITIONAL = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
COMPATIBLE = st.characters(min_codepoint=0xF900, max_codepoint=0xFAFF)
FULL_WIDTH = st.characters(min_codepoint=0xFF01, max_codepoint=0xFFEE)
NOISE = st.sampled_from(list("!?。,，~… \t\n\u3000\u200b\ufeff\u2028\x00İIİßſΣς㈠①㍿ﷺ…‥"))
SIGNS = st.one_of(TRADITIONAL, COMPATIBLE, FULL_WIDTH, NOISE, st.characters())


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("公司拖欠工資，沒簽合同！！！", "公司拖欠工资,没签合同!"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("N+1 和 2N", "n+1 和 2n"),
        ("工\u200b资\ufeff", "工资"),
        ("  什么\n\n时候　发 ", "什么 时候 发"),
        ("真的吗？？？", "真的吗?"),
        ("唉。。。。", "唉。"),
        ("", ""),
    ],
    ids=["traditional", "full width", "case", "invisible", "spaces", "repeated", "full stops", "empty"],
)
def test_ways_of_typing_the_same(typed: str, seen: str) -> None:
    assert normalise(typed) == seen


@given(st.text(SIGNS, max_size=60))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(TRADITIONAL, min_size=2, max_size=12))
def test_conversion_to_simplified_settles(text: str) -> None:
    """Phrase rules of the conversion may meet their own output."""
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=60))
def test_no_control_sign_survives(text: str) -> None:
    seen = normalise(text)
    assert all(char.isprintable() or char not in "\x00\x07\u200b\ufeff\u2028" for char in seen)
    assert seen == seen.strip()
    assert "  " not in seen


def test_fifty_characters_take_less_than_a_fifth_of_a_millisecond() -> None:
    text = "我在工地幹了三個月，老闆不給工資，打電話也不接，怎麼辦啊！！！去哪裡投訴能要回來嗎，沒簽合同"
    normalise(text)
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.0002


def _seconds(text: str) -> float:
    started = time.perf_counter()
    for _ in range(100):
        normalise(text)
    return (time.perf_counter() - started) / 100
