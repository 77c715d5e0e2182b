"""Receipts: sixteen digits that open a case to whoever holds them.

Fifteen random digits (49.8 bits) and a check digit by H. M. Damm's method: it finds every wrong digit
and every swap of neighbours, as Verhoeff's does, with one table and no positions to count, so that
anybody can check it by hand. Guessing is bounded by the limits on asking, not by the check digit.

A receipt never shows its digits by accident: neither printing, formatting, logging nor an error does.
Only its keyed hash is stored.
"""

import hmac
import math
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Never, SupportsIndex

from bot.errors import GonghuiError

LENGTH = 16
ENTROPY_BITS = math.log2(10 ** (LENGTH - 1))
"""What somebody who guesses has to find out: 49.8 bits."""

_GROUP = 4
_LONGEST = 500
_NEARLY = 12
"""So many digits were meant to be a receipt: a phone number has eleven."""

_DAMM = (
    # a totally anti-symmetric quasigroup of order 10
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

_READ_ALOUD = str.maketrans(
    # as numbers are read out in Chinese, 洞幺两拐勾 on the radio, and the letters that a hurried hand takes for digits
    {
        **dict.fromkeys("零\u3007○洞oO", "0"),
        **dict.fromkeys("一幺壹lI", "1"),
        **dict.fromkeys("二两贰", "2"),
        **dict.fromkeys("三叁", "3"),
        **dict.fromkeys("四肆", "4"),
        **dict.fromkeys("五伍", "5"),
        **dict.fromkeys("六陆", "6"),
        **dict.fromkeys("七拐柒", "7"),
        **dict.fromkeys("八捌", "8"),
        **dict.fromkeys("九勾玖", "9"),
    }
)
_BETWEEN = r"[\s\-\u2010-\u2015\u2212_.,·、/]"
_RUN = re.compile(rf"[0-9](?:{_BETWEEN}*[0-9])*")
_SEPARATORS = re.compile(_BETWEEN)


class Fault(StrEnum):
    """Why a text is no receipt."""

    MISSING = "missing"  # 没有看到凭证号
    LENGTH = "length"  # 位数不对
    CHECK = "check"  # 有数字输错
    SEVERAL = "several"  # 不止一个


class NotAReceipt(GonghuiError):
    """This is no receipt."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"[{fault}]")


class Receipt:
    """Sixteen digits that are right. Raises NotAReceipt for others."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        if len(digits) != LENGTH or not (digits.isascii() and digits.isdecimal()):
            raise NotAReceipt(Fault.LENGTH)
        if check_digit(digits[:-1]) != digits[-1]:
            raise NotAReceipt(Fault.CHECK)
        self._digits = digits

    def reveal(self) -> str:
        """The digits, for the keyed hash and nothing else."""
        return self._digits

    def grouped(self) -> str:
        """The digits in fours, to be shown to the worker and read out."""
        return " ".join(self._digits[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))

    def __eq__(self, other: object) -> bool:
        """Whether both have the same digits, in the same time for all."""
        return isinstance(other, Receipt) and hmac.compare_digest(self._digits, other._digits)

    def __hash__(self) -> int:
        """Equal receipts have equal hashes."""
        return hash(self._digits)

    def __repr__(self) -> str:
        """No digits."""
        return "Receipt(...)"

    def __reduce_ex__(self, _: SupportsIndex) -> Never:
        """Refuse to be pickled or copied: digits leave by `reveal` and `grouped` alone."""
        raise TypeError("a receipt is not written down")


def new_receipt(below: Callable[[int], int] = secrets.randbelow) -> Receipt:
    """A receipt nobody can foretell. `below` draws a number from zero up to its argument."""
    digits = f"{below(10 ** (LENGTH - 1)):0{LENGTH - 1}}"
    return Receipt(digits + check_digit(digits))


def check_digit(digits: str) -> str:
    """The digit that makes these right when it is put behind them."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def parse_receipt(text: str) -> Receipt:
    """The one receipt in what somebody typed or took down on the phone.

    Spaces, dashes, full width, numerals as read aloud and words around it do not matter. Raises NotAReceipt.
    """
    runs = [_groups(run) for run in _runs(text)]
    whole = {digits for groups in runs for digits in _of_right_length(groups)}
    right = {digits for digits in whole if check_digit(digits[:-1]) == digits[-1]}
    if len(right) == 1:
        return Receipt(right.pop())
    if right:
        raise NotAReceipt(Fault.SEVERAL)
    if whole:
        raise NotAReceipt(Fault.CHECK)
    longest = max((len("".join(groups)) for groups in runs), default=0)
    raise NotAReceipt(Fault.LENGTH if longest >= _NEARLY else Fault.MISSING)


def hide_receipts(text: str, mark: str) -> str:
    """The text with a mark for every run of digits that is long enough to be a receipt, right or wrong."""
    folded = _fold(text)
    if len(folded) != len(text):  # what folding lengthens cannot be cut by place
        return mark if any(len(_SEPARATORS.sub("", run)) >= LENGTH for run in _runs(text)) else text
    parts, position = [], 0
    for match in _RUN.finditer(folded):
        if len(_SEPARATORS.sub("", match[0])) >= LENGTH:
            parts += [text[position : match.start()], mark]
            position = match.end()
    return "".join([*parts, text[position:]])


def fault_words(fault: Fault) -> str:
    """Key of the sentence that tells the worker what is wrong."""
    return f"complaint.receipt.fault.{fault}"


def _runs(text: str) -> Iterator[str]:
    return (match[0] for match in _RUN.finditer(_fold(text[:_LONGEST])))


def _groups(run: str) -> list[str]:
    return [group for group in _SEPARATORS.split(run) if group]


def _of_right_length(groups: list[str]) -> Iterator[str]:
    """Groups next to one another that make sixteen digits: another number may stand beside the receipt."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) == LENGTH:
                yield digits
            if len(digits) >= LENGTH:
                break


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_READ_ALOUD)
