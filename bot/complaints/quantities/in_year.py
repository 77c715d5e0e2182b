"""Points of the year: 2025年3月5日, 去年10月底, 三四月份, 腊月二十三, 国庆节, 前年冬天, 今年上半年.

Pure. Without a year a point recurs. People count 腊月 by the lunar year and everything else by the
one on the wall, which differs in the weeks before the Spring Festival.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.numerals import read_numeral
from bot.complaints.quantities.points import Point, in_month, year_slot
from bot.complaints.quantities.seasons import (
    BARE_PARTS,
    FESTIVALS,
    LAST_LUNAR_MONTH,
    LATE_LUNAR,
    PARTS,
    SEASONS,
    LunarCalendar,
    months,
    run,
)

FIRST_YEAR = 1950
_MONTHS = 12

_CN = "[零一二两三四五六七八九十]"
_CN_VALUE = {sign: str(value) for value, sign in enumerate("零一二三四五六七八九")}
_YEAR = re.compile(
    r"(?<!\d)(?:(?P<four>(?:19|20)\d\d)|(?P<words>[一二][零九][零一二三四五六七八九]{2})"
    r"|(?P<two>\d\d)|(?P<two_words>[零一二][零一二三四五六七八九]))年(?!前|龄|代)"
    r"|(?<!\d)(?P<ago>\d{1,2}|[一二两三四五六七八九十])年(?:以|之)?前的(?!我|事)"
    r"|(?P<relative>大前年|(?<!几)前年|去年|上一?年|头年|今年|本年|明年|后年)"
)
_RELATIVE = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "上年": -1,
    "上一年": -1,
    "头年": -1,
    "今年": 0,
    "本年": 0,
    "明年": 1,
    "后年": 2,
}
_BETWEEN = re.compile("[的,、]?")
_YEAR_MAY_FOLLOW = re.compile("入职|进厂|进公司|来的?|开始|起|到|至|-|那|的时候|签|干到|离职|辞职|底|初")
_YEAR_MAY_LEAD = re.compile("(?:到|至|-|从|自|在|打)$")
_NEIGHBOURS = frozenset({"一二", "二三", "三四", "四五", "五六", "六七", "七八", "八九"})

_DAY_SUFFIX = r"(?:(?:号|日)(?![楼院线码门店])|(?![\d.]|[个天年月块元万千百多人点周几来直共起样下些般次分毛家份倍%]))"
_DAY = re.compile(rf"(?P<day>\d{{1,2}}|{_CN}{{1,3}}){_DAY_SUFFIX}")
_SOME_DAY = re.compile("(?P<tens>十|二十|三十|[123]0)[几多来][号日]")
_MONTH = re.compile(
    r"(?<![\d第.])(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])(?P<second>[二三四五六七八九])?月(?!前|薪|工资\d|租)份?"
)
PART_OF_MONTH = re.compile("月?(?P<part>初|上旬|中旬|中|下旬|底|末|尾)(?!期|介)")
PARTS_OF_MONTH = {
    **dict.fromkeys(("初", "上旬"), (1, 10)),
    **dict.fromkeys(("中", "中旬"), (11, 20)),
    **dict.fromkeys(("底", "末", "尾", "下旬"), (21, 31)),
}
_LUNAR = re.compile(
    r"(?P<said>农历|阴历|旧历|老历)?(?P<leap>闰)?(?P<month>正|腊|冬|十[一二]?|[一二三四五六七八九]|(?<!\d)\d{1,2})月份?"
    r"(?:(?P<day>初[一二三四五六七八九十]|(?:二十|三十|十)[一二三四五六七八九]?|\d{1,2}(?!\d))[日号]?|(?P<part>初|上旬|中旬|下旬|底|末|尾|里|头))?"
)
_LUNAR_NAMES = {"正": 1, "冬": 11, "腊": 12}
_NEW_YEAR_DAY = re.compile("(?:大年|过年|年)初(?P<day>[一二三四五六七八九十])")

_NAMES = {**FESTIVALS, **SEASONS, **PARTS, **LATE_LUNAR}
_NAMED = re.compile("|".join(sorted(_NAMES, key=len, reverse=True)))
_BESIDE_NEW_YEAR = frozenset({"年前", "年后"})
_COUNTED = re.compile(r"[\d一二两三四五六七八九十几半多每大]$")
_CN_SIGNS = frozenset("一二三四五六七八九十")
_DAY_GOES_ON = re.compile("[一二三四五六七八九十号日]")
_BARE_GOES_ON = re.compile("[薪介中级班层午间旬]")
"""去年底薪, 今年中介: the sign belongs to the next word."""
_NUMBERS = frozenset({"十一", "五一", "六一", "七一", "八一", "三八", "五四"})
_NO_NUMBER_AROUND = re.compile(
    f"(?<!{_CN})(?<![第\\d])(?:{'|'.join(_NUMBERS)})(?!{_CN})(?![\\d]|[个月号日天年人点万块元名位岁路])"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A year as said. `lunar` is the one that is meant for the last lunar month."""

    value: int
    lunar: int
    relative: bool
    end: int


class YearReader:
    """Reads points of the year, for one present day."""

    def __init__(self, today: date, lunar: LunarCalendar) -> None:
        self._today = today
        self._lunar = lunar

    def read(self, text: str, position: int) -> Point | None:
        """The point that the folded text names there, or None."""
        said = self._year(text, position)
        if said is None:
            return self._in_year(text, position, None)
        start = _BETWEEN.match(text, said.end).end()  # type: ignore[union-attr]  # matches nothing too
        return self._in_year(text, start, said) or self._whole_year(text, said, position)

    def _relative(self, offset: int, end: int) -> Said:
        lunar = self._lunar.year_of(self._today) or self._today.year
        return Said(self._today.year + offset, lunar + offset, relative=True, end=end)

    def _year(self, text: str, position: int) -> Said | None:
        match = _YEAR.match(text, position)
        if match is None:
            return None
        if match["relative"]:
            return self._relative(_RELATIVE[match["relative"]], match.end())
        if match["ago"]:  # 两年前的冬天
            return self._relative(-_number(match["ago"]), match.end())
        digits = "".join(_CN_VALUE.get(sign, sign) for sign in match[0][:-1])
        value = int(digits) if len(digits) > 2 else self._century(int(digits))  # noqa: PLR2004 - 25年
        return Said(value, value, relative=False, end=match.end())

    def _century(self, short: int) -> int:
        century = self._today.year // 100 * 100
        return century + short if century + short <= self._today.year + 1 else century - 100 + short

    def _whole_year(self, text: str, said: Said, position: int) -> Point | None:
        written = text[position : said.end - 1]
        if "前的" in text[position : said.end]:
            return None
        short = not said.relative and len(written) == 2  # noqa: PLR2004 - 15年 may be a duration
        told = _YEAR_MAY_FOLLOW.match(text, said.end) or _YEAR_MAY_LEAD.search(text[:position])
        if short and (written in _NEIGHBOURS or not told):
            return None
        return Point(said.end, _whole, year_slot, said.value)

    def _in_year(self, text: str, position: int, said: Said | None) -> Point | None:
        for read in (self._lunar_date, self._named, _date):
            if point := read(text, position, said):
                return point
        return None

    def _lunar_date(self, text: str, position: int, said: Said | None) -> Point | None:
        if match := _NEW_YEAR_DAY.match(text, position):
            return self._point(
                partial(self._lunar_days, 1, leap=False, span=_lunar_span(f"初{match['day']}", None)), match.end(), said
            )
        match = _LUNAR.match(text, position)
        if match is None or not (
            match["said"] or match["leap"] or match["month"] in _LUNAR_NAMES or (match["day"] or "").startswith("初")
        ):
            return None
        month = _LUNAR_NAMES.get(match["month"]) or _number(match["month"])
        days = partial(self._lunar_days, month, leap=bool(match["leap"]), span=_lunar_span(match["day"], match["part"]))
        return self._point(days, match.end(), said, late=month == LAST_LUNAR_MONTH)

    def _lunar_days(self, month: int, year: int, *, leap: bool, span: tuple[int, int]) -> DayRange | None:
        length = self._lunar.month_length(year, month, leap=leap)
        if length is None or span[0] > length:
            return None
        return run(self._lunar.day(year, month, span[0], leap=leap), min(span[1], length) - span[0] + 1)

    def _named(self, text: str, position: int, said: Said | None) -> Point | None:
        match = _NAMED.match(text, position)
        if match is None or (match[0] in BARE_PARTS and (said is None or _BARE_GOES_ON.match(text, match.end()))):
            return None
        if match[0] in _BESIDE_NEW_YEAR and _COUNTED.search(text[:position]):  # 多年前
            return None
        if match[0][-1] in _CN_SIGNS and _DAY_GOES_ON.match(text, match.end()):  # 二月二十号
            return None
        if match[0] in _NUMBERS and not _NO_NUMBER_AROUND.match(text, position):
            return None
        named = _NAMES[match[0]]
        return self._point(lambda year: named(year, self._lunar), match.end(), said, late=match[0] in LATE_LUNAR)

    def _point(self, on: Callable[[int], DayRange | None], end: int, said: Said | None, *, late: bool = False) -> Point:
        def within(year: int) -> DayRange | None:
            return on(year) if FIRST_YEAR <= year <= self._today.year + 10 else None

        if said is None:
            return Point(end, within, year_slot)
        slot = said.lunar if late else said.value
        if said.relative and said.value == self._today.year and self._is_going_on(within, slot):
            slot -= 1  # 今年冬天, said in January, began last year
        return Point(end, within, year_slot, slot)

    def _is_going_on(self, on: Callable[[int], DayRange | None], year: int) -> bool:
        days, before = on(year), on(year - 1)
        return bool(days and before and days.first > self._today and before.last >= date(self._today.year, 1, 1))


def _whole(year: int) -> DayRange | None:
    return months(year, 1, 12) if year >= FIRST_YEAR else None


def _number(text: str) -> int:
    span = read_numeral(text)
    return int(span.low) if span and span.exact else 0


def _lunar_span(day: str | None, part: str | None) -> tuple[int, int]:
    if day:
        number = _number(day.removeprefix("初"))
        return number, number
    return PARTS_OF_MONTH.get(part or "", (1, 30))


def _date(text: str, position: int, said: Said | None) -> Point | None:
    """3月5号, 三月底, 三四月份."""
    match = _MONTH.match(text, position)
    if match is None:
        return None
    first = last = _number(match["month"])
    if match["second"]:
        last = _number(match["second"]) + (10 if first > 10 else 0)  # noqa: PLR2004 - 十一二月
        if last != first + 1 or match["month"] == "十":
            return None
    end, span = match.end(), (1, 31)
    if first == last:
        end, span = day_in_month(text, end)
    slot = said.value if said else None
    return Point(end, partial(_in_months, first, last, span), year_slot, slot)


def day_in_month(text: str, position: int) -> tuple[int, tuple[int, int]]:
    """Where a day or part of a month ends, and from which day to which it reaches; the whole month without one."""
    if text.startswith("的", position) and _DAY.match(text, position + 1):  # 上个月的15号
        position += 1
    if match := _SOME_DAY.match(text, position):  # 二十几号
        tens = _number(match["tens"])
        return match.end(), (tens + 1, tens + 9)
    if match := _DAY.match(text, position):
        number = _number(match["day"])
        return match.end(), (number, number)
    if match := PART_OF_MONTH.match(text, position):
        return match.end(), PARTS_OF_MONTH[match["part"]]
    return position, (1, 31)


def _in_months(first: int, last: int, span: tuple[int, int], year: int) -> DayRange | None:
    if not (1 <= first <= last <= _MONTHS and year >= FIRST_YEAR):
        return None
    start, end = in_month(year * _MONTHS + first - 1, *span), in_month(year * _MONTHS + last - 1, *span)
    return DayRange(start.first, end.last) if start and end else None
