"""Receipts: check digit, what people type and read out, and digits that never show by accident. All are invented."""

import copy
import json
import logging
import pickle
import string
import traceback
from collections import Counter
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.receipts import (
    _DAMM,
    ENTROPY_BITS,
    Fault,
    NotAReceipt,
    Receipt,
    check_digit,
    fault_words,
    hide_receipts,
    new_receipt,
    parse_receipt,
)
from bot.wording import load_wording

REPLIES = Path(__file__).parents[2] / "content" / "replies"
FIFTEEN = st.text(string.digits, min_size=15, max_size=15)
RECEIPTS = FIFTEEN.map(lambda digits: digits + check_digit(digits))

DIGITS = "572" + "0" * 12 + check_digit("572" + "0" * 12)
SAMPLE = "1234567890123450"


def test_the_check_digit_is_damms() -> None:
    """The example of Damm's own text: 572 is followed by 4."""
    assert check_digit("572") == "4"
    assert check_digit("5724") == "0"


def test_the_sample_of_these_tests_is_right() -> None:
    assert check_digit(SAMPLE[:-1]) == SAMPLE[-1]


def test_the_table_proves_both_promises_for_all_numbers() -> None:
    """A Latin square finds each wrong digit; (c.x).y never equals (c.y).x, so each swap is found, wherever it is."""
    digits = range(10)
    assert all(sorted(row) == list(digits) for row in (*_DAMM, *zip(*_DAMM, strict=True)))
    assert all(_DAMM[_DAMM[c][x]][y] != _DAMM[_DAMM[c][y]][x] for c in digits for x in digits for y in digits if x != y)
    assert all(_DAMM[x][x] == 0 for x in digits)


@given(RECEIPTS, st.integers(0, 15), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(digits: str, place: int, more: int) -> None:
    wrong = str((int(digits[place]) + more) % 10)
    with pytest.raises(NotAReceipt) as refused:
        parse_receipt(digits[:place] + wrong + digits[place + 1 :])
    assert refused.value.fault is Fault.CHECK


@given(RECEIPTS, st.integers(0, 14))
def test_every_swap_of_neighbours_is_found(digits: str, place: int) -> None:
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped == digits:
        return
    with pytest.raises(NotAReceipt):
        parse_receipt(swapped)


@given(RECEIPTS)
def test_what_is_shown_is_read_back(digits: str) -> None:
    receipt = Receipt(digits)
    assert parse_receipt(receipt.grouped()) == receipt
    assert receipt.reveal() == digits
    assert [len(group) for group in receipt.grouped().split()] == [4, 4, 4, 4]


SIGNS = [
    "0零〇洞０○",
    "1一幺１壹",
    "2二两２贰",
    "3三３叁",
    "4四４肆",
    "5五５伍",
    "6六６陆",
    "7七拐７柒",
    "8八８捌",
    "9九勾９玖",
]


@given(RECEIPTS, st.data())
def test_any_mix_of_signs_and_separators_is_read(digits: str, data: st.DataObject) -> None:
    between = st.sampled_from(["", "", " ", "  ", "-", "－", "—", "　", "·", "，", "、", "."])
    typed = "".join(data.draw(st.sampled_from(SIGNS[int(digit)])) + data.draw(between) for digit in digits)
    assert parse_receipt(typed).reveal() == digits


TYPED = {
    "plain": "1234567890123450",
    "in fours": "1234 5678 9012 3450",
    "with hyphens": "1234-5678-9012-3450",
    "with dashes": "1234—5678–9012－3450",
    "full width": "１２３４ ５６７８ ９０１２ ３４５０",
    "wide spaces": "1234　5678　9012　3450",
    "in twos": "12 34 56 78 90 12 34 50",
    "in fives and a rest": "12345 67890 12345 0",
    "with words": "登记凭证：1234 5678 9012 3450，谢谢",
    "in a question": "我的凭证是1234567890123450现在办到哪了",
    "read aloud": "一二三四五六七八九零一二三四五零",
    "read aloud with yao": "幺二三四，五六七八，九零幺二，三四五零",
    "read aloud by radio": "幺两三四五六拐八勾洞幺两三四五零",
    "capitals": "壹贰叁肆伍陆柒捌玖零壹贰叁肆伍零",
    "letters for figures": "l234 5678 9Ol2 3450",
    "on two lines": "1234 5678\n9012 3450",
    "with a number in front": "2、1234 5678 9012 3450",
    "after a phone number": "13800000000 1234 5678 9012 3450",
    "twice": "1234567890123450 1234 5678 9012 3450",
    "after a day": "3月5日登记的1234 5678 9012 3450",
}


@pytest.mark.parametrize("text", TYPED.values(), ids=TYPED.keys())
def test_ways_of_typing_a_receipt(text: str) -> None:
    assert parse_receipt(text).reveal() == SAMPLE


REFUSED = {
    "nothing": ("", Fault.MISSING),
    "words": ("我想查一下我的投诉", Fault.MISSING),
    "phone": ("13800000000", Fault.MISSING),
    "day": ("2026年11月22日", Fault.MISSING),
    "fifteen": ("123456789012345", Fault.LENGTH),
    "seventeen": ("12345678901234500", Fault.LENGTH),
    "id number": ("371702199001011234", Fault.LENGTH),
    "wrong": ("1234567890123451", Fault.CHECK),
    "wrong in fours": ("1234 5678 9012 3460", Fault.CHECK),
    "two": (f"1234567890123450，{DIGITS}", Fault.SEVERAL),
}


@pytest.mark.parametrize(("text", "fault"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_receipt_says_why(text: str, fault: Fault) -> None:
    with pytest.raises(NotAReceipt) as refused:
        parse_receipt(text)
    assert refused.value.fault is fault
    assert load_wording(REPLIES)(fault_words(fault))


@pytest.mark.parametrize(
    "digits", ["", "12", "1234567890123451", "１２３４５６７８９０１２３４５０", "12345678901234-5"]
)
def test_a_receipt_is_made_of_sixteen_right_digits_only(digits: str) -> None:
    with pytest.raises(NotAReceipt):
        Receipt(digits)


def test_no_way_of_printing_shows_the_digits(caplog: pytest.LogCaptureFixture) -> None:
    receipt = Receipt(SAMPLE)
    with structlog.testing.capture_logs() as entries:
        structlog.get_logger().info("receipt.asked", receipt=receipt)
    rendered = structlog.processors.JSONRenderer(ensure_ascii=False)(None, "info", entries[0])
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("asked %s %r", receipt, receipt)
    shown = [repr(receipt), str(receipt), f"{receipt}", f"{receipt!r:>40}", str([receipt]), str({"r": receipt})]
    for text in [*shown, str(rendered), caplog.text, str(vars(NotAReceipt(Fault.CHECK)))]:
        assert "1234" not in text
        assert "3450" not in text


def test_an_error_about_a_receipt_holds_no_digits() -> None:
    with pytest.raises(NotAReceipt) as refused:
        parse_receipt("1234 5678 9012 3451")
    shown = "".join(traceback.format_exception_only(refused.value))
    assert "1234" not in shown + repr(refused.value.args) + repr(vars(refused.value))


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps], ids=lambda way: way.__name__)
def test_a_receipt_is_not_written_down(way: object) -> None:
    with pytest.raises(TypeError):
        way(Receipt(SAMPLE))  # type: ignore[operator]


def test_receipts_compare_by_their_digits() -> None:
    assert Receipt(SAMPLE) == Receipt(SAMPLE)
    assert Receipt(SAMPLE) != Receipt(DIGITS)
    assert Receipt(SAMPLE) != SAMPLE
    assert len({Receipt(SAMPLE), Receipt(SAMPLE)}) == 1


def test_a_new_receipt_draws_fifteen_digits_and_may_begin_with_zeros() -> None:
    asked: list[int] = []

    def below(limit: int) -> int:
        asked.append(limit)
        return 7

    receipt = new_receipt(below)
    assert asked == [10**15]
    assert receipt.reveal() == "000000000000007" + check_digit("000000000000007")


def test_new_receipts_differ_and_use_all_digits() -> None:
    drawn = [new_receipt().reveal() for _ in range(300)]
    assert len(set(drawn)) == 300
    counts = Counter("".join(drawn))
    assert set(counts) == set(string.digits)
    assert min(counts.values()) > 350  # 480 expected; fewer once in ten million runs


def test_entropy_is_what_the_docstring_says() -> None:
    assert round(ENTROPY_BITS, 1) == 49.8


@pytest.mark.parametrize("text", [text for text in TYPED.values() if "13800000000" not in text])
def test_hiding_leaves_no_receipt_in_a_text(text: str) -> None:
    hidden = hide_receipts(text, "[凭证]")
    assert "[凭证]" in hidden
    with pytest.raises(NotAReceipt):
        parse_receipt(hidden)


def test_hiding_keeps_what_is_no_receipt() -> None:
    text = "2026年11月22日，欠我12000元，电话13800000000"
    assert hide_receipts(text, "[凭证]") == text
    assert hide_receipts("凭证1234 5678 9012 3450查一下", "[凭证]") == "凭证[凭证]查一下"
    assert hide_receipts("㍿1234567890123450", "[凭证]") == "[凭证]"
