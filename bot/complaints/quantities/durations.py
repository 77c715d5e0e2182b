"""How long something has gone on or is past: 拖了仨月, 快两年了, 一年零三个月, 半个多月, 十来天.

Pure. People round, so a plain number of months is half a month longer or shorter, and the range of days
is wide on both sides. An open number (半年以上) reaches back twice as far as it says.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.numerals import Span, read_numeral
from bot.complaints.quantities.vague import phrase, read_phrase

_MONTHS = 12
_DAYS_IN_MONTH = Fraction(487, 16)
_EARLIEST = date(1950, 1, 1)
"""Before that nobody now at work had begun."""
_HALF_OF_IT = Fraction(1, 2)
_COUNTED_DAYS = 3
"""So few days are counted, more are rounded."""

_SPECIAL = tuple(
    (re.compile(words), low, high)  # from the least to the most, in months
    for words, low, high in (
        ("十天半个?月|十来天半个?月|十天八天", "1/4", "3/5"),
        ("大半个月", "1/2", "9/10"),
        ("小半个月", "1/5", "1/2"),
        ("半个?多月|半个月多|半拉月", "2/5", "1"),
        ("个把月|月把", "4/5", "3/2"),
        ("月余", "1", "3/2"),
        ("大半年|半年多|半年来年|多半年", "6", "10"),
        ("小半年", "3", "6"),
        ("年把|一年半载", "6", "18"),
    )
)
_NUMBER = r"\d{1,2}|[一二两三四五六七八九十]{1,3}"
_COMPOUND = re.compile(rf"(?P<years>{_NUMBER})年(?:零|又|多|加|外加)?(?P<months>{_NUMBER})个月(?P<half>半)?")
_MONTHS_AND_DAYS = re.compile(rf"(?P<months>{_NUMBER})个月(?:零|又|多|加)?(?P<days>{_NUMBER})天")
_LESS = frozenset({"将近", "接近", "快", "快要", "近", "不到", "不足", "不满"})
_MORE = frozenset({"超过", "至少", "最少", "起码", "不止", "以上"})
_HALF = re.compile(
    rf"(?P<before>{'|'.join(sorted(_LESS | _MORE - {'以上'}))}|差不多|大概|大约|有|整整)?"
    rf"(?:(?P<number>{_NUMBER})(?P<unit>年|个月|个?星期|个?礼拜|周)半|半(?P<half_unit>个?月|年|个星期|个礼拜))"
    "(?P<after>左右|以上|不到|的样子|上下)?"
)
_DAYS = frozenset({"天", "日"})
_UNITS: Mapping[str, tuple[int, bool]] = {
    **dict.fromkeys(("年",), (12, False)),
    **dict.fromkeys(("个季度", "季度"), (3, False)),
    **dict.fromkeys(("个月", "月"), (1, False)),
    **dict.fromkeys(("周", "个星期", "星期", "个礼拜", "礼拜"), (7, True)),
    **dict.fromkeys(_DAYS, (1, True)),
}
_COUNT = phrase("(?:个(?:月|星期|礼拜|季度)|季度|年|天|日(?!薪|工资)|周|星期|礼拜)")
_UNIT_GROUPS = ("unit", "late_unit", "unit2", "late_unit2")
_THE_LAST = re.compile("(?<![将接])近$")

_PAST = re.compile("(?:之?前|以前)(?!后)")
_AFTERWARDS = re.compile("(?:之?后|以后|之?内)")
_NEVER_BEFORE = re.compile(r"(?:每|第|头|试用期|合同期?|签了?|[\d一二两三四五六七八九十百几半]|约定|工期)$")
_NEVER_AFTER = re.compile(
    r"[\d一二三四五六七八九十]+[\d十百千万块]|(?:给|发|挣|才|开|工资)\d|合同|试用期|工龄|打鱼|两头|到晚|到头|[干上]\d|休"
)
_YEAR_OR_YEARS = re.compile(r"\d\d年")
"""23年 may be 2023, or 23 years, unless a word tells."""
_LASTED_BEFORE = re.compile("[了有满快近约干做过拖]$")
_LASTED_AFTER = re.compile("前|以前|之前|了|多|没|来")


@dataclass(frozen=True, slots=True)
class Duration:
    """When what has lasted so long began, None when that is not clear. `past`: it is only said to be so long ago."""

    end: int
    began: DayRange | None
    past: bool = False


@dataclass(frozen=True, slots=True)
class _Length:
    """From the least to the most, in months or in days."""

    low: Fraction
    high: Fraction
    in_days: bool = False


_Found = tuple[int, _Length | None]


def read_duration(text: str, position: int, today: date) -> Duration | None:
    """The duration that the folded text names there, or None when it names none."""
    found = _special(text, position) or _compound(text, position) or _half(text, position) or _count(text, position)
    if found is None or _NEVER_BEFORE.search(text[:position]) or _NEVER_AFTER.match(text, found[0]):
        return None
    end, length = found
    if length is None or _AFTERWARDS.match(text, end):
        return Duration(end, None)
    past = _PAST.match(text, end)
    return Duration(past.end() if past else end, _began(today, length), past=bool(past))


def _special(text: str, position: int) -> _Found | None:
    for pattern, low, high in _SPECIAL:
        if match := pattern.match(text, position):
            return match.end(), _Length(Fraction(low), Fraction(high))
    return None


def _compound(text: str, position: int) -> _Found | None:
    """一年零三个月, 两个月零五天."""
    if match := _MONTHS_AND_DAYS.match(text, position):
        months, days = read_numeral(match["months"]), read_numeral(match["days"])
        if not (months and days and months.exact and days.exact):
            return match.end(), None
        total = months.low + days.low / _DAYS_IN_MONTH
        return match.end(), _Length(total - 1 / _DAYS_IN_MONTH, total + 1 / _DAYS_IN_MONTH)
    match = _COMPOUND.match(text, position)
    if match is None:
        return None
    years, months = read_numeral(match["years"]), read_numeral(match["months"])
    if not (years and months and years.exact and months.exact):
        return match.end(), None
    total = years.low * _MONTHS + months.low + (_HALF_OF_IT if match["half"] else 0)
    return match.end(), _Length(total - _HALF_OF_IT, total + _HALF_OF_IT)


def _half(text: str, position: int) -> _Found | None:
    """半年, 两年半, 一个月半, with the words that may stand around them."""
    match = _HALF.match(text, position)
    if match is None:
        return None
    one, in_days = _UNITS[match["unit"] or match["half_unit"]]
    number = read_numeral(match["number"]) if match["number"] else None
    if match["number"] and not (number and number.exact):
        return match.end(), None
    total = ((number.low if number else 0) + _HALF_OF_IT) * one
    word = match["before"] or match["after"] or ""
    if word in _LESS:
        return match.end(), _Length(total * Fraction(2, 3), total, in_days)
    if word in _MORE:
        return match.end(), _Length(total, total * 2, in_days)
    slack = Fraction(one) / 8
    return match.end(), _Length(total - slack, total + slack, in_days)


def _count(text: str, position: int) -> _Found | None:
    """三个月, 快两年, 十来天, 两到三个月."""
    match = _COUNT.match(text, position)
    units = {match[name] for name in _UNIT_GROUPS if match[name]} if match else set()
    if match is None or not units:
        return None
    span, end = read_phrase(match), match.end()
    if span is None or len(units) > 1 or _may_be_a_year(text, position, end):  # 三个月到一年
        return end, None
    unit = units.pop()
    if _THE_LAST.search(match["before"]) and span.high is not None:  # 近三个月
        span = Span(span.high, span.high, span.step)
    low, high = _widened(span, unit)
    one, in_days = _UNITS[unit]
    return end, _Length(low * one, high * one, in_days)


def _may_be_a_year(text: str, position: int, end: int) -> bool:
    if not _YEAR_OR_YEARS.fullmatch(text[position:end]):
        return False
    return not (_LASTED_BEFORE.search(text[:position]) or _LASTED_AFTER.match(text, end))


def _widened(span: Span, unit: str) -> tuple[Fraction, Fraction]:
    """From least to most, wider where people round."""
    if span.high is None:
        return span.low, span.low * 2
    if span.low == span.high or not (span.above or span.below):
        slack = _slack(span.high, unit)
        return max(span.low - slack, Fraction(0)), span.high + slack
    if span.below and not span.above:  # 快两年
        return min(span.low, span.high * Fraction(3, 4)), span.high
    return span.low, span.high


def _slack(number: Fraction, unit: str) -> Fraction:
    """How far off a plain number may be, in its own unit."""
    if unit in _DAYS:
        return Fraction(0) if number <= _COUNTED_DAYS else max(Fraction(1), number / 10)
    if unit == "年":
        return max(Fraction(1, 4), number / 8)
    return max(_HALF_OF_IT, number / 12)


def _began(today: date, length: _Length) -> DayRange | None:
    most = (today - _EARLIEST).days // (1 if length.in_days else ceil(_DAYS_IN_MONTH))
    if length.high > most:
        return None
    return DayRange(_ago(today, length.high, length, ceil), _ago(today, length.low, length, floor))


def _ago(today: date, much: Fraction, length: _Length, whole: Callable[[Fraction], int]) -> date:
    if length.in_days:
        return today - timedelta(days=whole(much))
    months = floor(much)
    year, month = divmod(today.year * _MONTHS + today.month - 1 - months, _MONTHS)
    day = date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    return day - timedelta(days=whole((much - months) * _DAYS_IN_MONTH))
