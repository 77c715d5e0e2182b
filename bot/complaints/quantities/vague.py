"""Numbers with the words around them: 大概三千, 不到十个, 八千到一万, 二十人以上.

Pure. What each word does to a number stands in one table; the same words serve sums, people and durations.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache

from bot.complaints.quantities.numerals import NUMERAL, Span, read_numeral

_TENTH = Fraction(1, 10)
_FAR_APART = 100
"""3到5000: nobody knows whether 3 or 3000 is meant."""


def _as_said(span: Span) -> Span:
    return span


def _about(span: Span) -> Span:
    """A tenth either way; what is vague already stays as it is."""
    if not span.exact or span.high is None:
        return span
    return replace(span, low=span.low * (1 - _TENTH), high=span.high * (1 + _TENTH))


def _nearly(span: Span) -> Span:
    return replace(span, low=span.low * (1 - _TENTH), above=False, below=span.exact)


def _under(span: Span) -> Span:
    """One place less, and not the number itself; of a single place (一万) the upper half."""
    return replace(span, low=max(span.low - span.step, span.low / 2), above=False, below=True)


def _at_most(span: Span) -> Span:
    return replace(span, low=Fraction(0), above=False)


def _at_least(span: Span) -> Span:
    return replace(span, high=None, below=False)


def _over(span: Span) -> Span:
    return replace(span, high=None, above=True, below=False)


def _a_little_over(span: Span) -> Span:
    return span if span.high is None else replace(span, high=span.high + span.step * 3 * _TENTH, above=span.exact)


def _and_a_bit(span: Span) -> Span:
    """多 behind the unit (一年多): less than one unit more."""
    return span if span.high is None else replace(span, high=span.high + 1, above=span.exact, below=True)


Change = Callable[[Span], Span]

_BEFORE: dict[str, Change] = {
    **dict.fromkeys(
        ("大概", "大约", "大约莫", "约莫", "约", "差不多", "估计", "估摸", "可能", "应该", "好像", "大致"), _about
    ),
    **dict.fromkeys(("也就", "得有", "怎么也有", "平均"), _about),
    **dict.fromkeys(("将近", "接近", "快要", "快到", "快", "近", "小", "差点", "差一点"), _nearly),
    **dict.fromkeys(("不到", "不足", "不满", "未满", "没到", "没有", "少于", "低于", "小于", "不够", "没满"), _under),
    **dict.fromkeys(("最多", "至多", "顶多", "不超过", "不超", "不多于", "没超过", "不大于", "撑死"), _at_most),
    **dict.fromkeys(("至少", "最少", "起码", "不少于", "不低于", "不下于", "不下", "少说", "足有"), _at_least),
    **dict.fromkeys(("超过", "多于", "大于", "高于", "不止", "不只", "超", "何止"), _over),
    **dict.fromkeys(
        ("总共", "一共", "共", "合计", "整整", "足足", "刚好", "正好", "只有", "就", "有", "才", "只"), _as_said
    ),
    **dict.fromkeys(("是", "已经", "已", "都", "满", "了"), _as_said),
}
_BEFORE_BARE: dict[str, Change] = {"上": _at_least, "成": _at_least, "过": _over}
"""Only before a unit that has no digit: 上百, 过万. 给过3000 is no vague number."""
_AFTER: dict[str, Change] = {
    **dict.fromkeys(("左右", "上下", "差不多", "的样子", "大概", "吧"), _about),
    **dict.fromkeys(("以上", "往上", "朝上", "起步", "打底", "开外", "+", "及以上", "或以上", "或者以上"), _at_least),
    **dict.fromkeys(("不止", "还多", "还要多"), _over),
    **dict.fromkeys(("以内", "之内", "以下", "封顶"), _at_most),
    **dict.fromkeys(("不到", "不足", "不满"), _under),
    **dict.fromkeys(("出头", "挂零", "冒头"), _a_little_over),
    **dict.fromkeys(("多", "余", "多点"), _and_a_bit),
    **dict.fromkeys(("整", "整整"), _as_said),
}
_AFTER["吧"] = _as_said


def _either(words: dict[str, Change]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_BEFORE_PATTERN = rf"(?:{_either(_BEFORE)}|(?:上|成|过)(?=[百千万亿]))"
_AFTER_PATTERN = rf"(?:{_either(_AFTER)})(?!少)"
_WORD_BEFORE = re.compile(_either(_BEFORE | _BEFORE_BARE))
_BARE = re.compile("[百千万亿]+")
_COUNTED_IN = re.compile(r"(?P<number>.*[^百千万亿])(?P<unit>[百千万亿]+)")


@cache
def phrase(unit: str) -> re.Pattern[str]:
    """Pattern of a number with its words, in folded text; `unit` is a pattern without named groups."""
    return re.compile(
        rf"(?P<before>(?:{_BEFORE_PATTERN}){{0,3}})的?"
        rf"(?P<first>{NUMERAL})(?P<unit>{unit})?(?P<after>{_AFTER_PATTERN})?(?P<late_unit>{unit})?"
        rf"(?:(?:到|至(?![少多今])|-|或者?|还是)(?P<before2>{_BEFORE_PATTERN})?"
        rf"(?P<second>{NUMERAL})(?P<unit2>{unit})?(?P<after2>{_AFTER_PATTERN})?(?P<late_unit2>{unit})?(?:之间)?)?"
    )


def read_phrase(match: re.Match[str]) -> Span | None:
    """What a match of `phrase` means; None when it is no number or may mean two things."""
    if not match["second"]:
        return _with_words(match["before"], match["first"], match["after"])
    second = _with_words(match["before2"] or "", match["second"], match["after2"], ranged=True)
    number = match["first"]
    first_unit = match["unit"] or match["late_unit"]
    if not first_unit and (shared := _shared_unit(number, match["second"])):
        number += shared
    first = _with_words(match["before"], number, match["after"], ranged=True)
    if first is None or second is None or first.high is None:
        return None
    lone = first.exact and len(number) == 1 and not first_unit
    if lone and second.low > first.low * _FAR_APART:
        return None
    return _joined(first, second)


def _with_words(before: str, number: str, after: str | None, *, ranged: bool = False) -> Span | None:
    """The number with its words; in a range 大概 and 左右 add nothing."""
    words = _WORD_BEFORE.findall(before)
    if _BARE.fullmatch(number):
        if not words or _change_before(words[-1]) is _as_said:
            return None
        number = f"一{number}"
    span = read_numeral(number)
    if span is None:
        return None
    for change in _changes(words, after):
        if not (ranged and change is _about):
            span = change(span)
    return span


def _changes(words: list[str], after: str | None) -> list[Change]:
    """The word behind works first, then those in front from the inside out."""
    behind = [_AFTER[after]] if after else []
    return behind + [_change_before(word) for word in reversed(words)]


def _change_before(word: str) -> Change:
    return _BEFORE.get(word) or _BEFORE_BARE[word]


def _shared_unit(first: str, second: str) -> str:
    """The unit of the second number that the first lacks: 万 in 3到5万; none in 5000到1万."""
    counted = _COUNTED_IN.fullmatch(second)
    if counted is None or _COUNTED_IN.fullmatch(first):
        return ""
    here, there = read_numeral(first), read_numeral(counted["number"])
    return counted["unit"] if here and there and here.low < there.low else ""


def _joined(first: Span, second: Span) -> Span:
    low, high = sorted((first, second), key=lambda span: span.low)
    top = None if high.high is None or low.high is None else max(low.high, high.high)
    return Span(low.low, top, second.step, above=low.above, below=high.below)
