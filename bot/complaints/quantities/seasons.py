"""Days that have names: festivals, holidays, seasons, parts of the year; each a range of days in a year.

Pure; the lunar calendar is handed in. A name that people use loosely has a wide range: 春天 begins with
立春 and ends with May, 过年 lasts from New Year's Eve to 元宵.
"""

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Protocol

from bot.complaints.limits.facts import DayRange

LAST_LUNAR_MONTH = 12  # 腊月


class LunarCalendar(Protocol):
    """Lunar days and solar terms; None where the tables do not reach or the day does not exist."""

    def year_of(self, day: date) -> int | None:
        """The lunar year that the day belongs to."""
        ...

    def day(self, year: int, month: int, day: int, *, leap: bool = False) -> date | None:
        """The day of a lunar date."""
        ...

    def month_length(self, year: int, month: int, *, leap: bool = False) -> int | None:
        """The number of days of a lunar month."""
        ...

    def term(self, year: int, number: int) -> date | None:
        """The day of a solar term, counted from 小寒 (0) to 冬至 (23)."""
        ...


Named = Callable[[int, LunarCalendar], DayRange | None]


def run(first: date | None, days: int) -> DayRange | None:
    """So many days from that one on."""
    return None if first is None else DayRange(first, first + timedelta(days=days - 1))


def months(year: int, first: int, last: int) -> DayRange:
    """Whole months of one year."""
    return DayRange(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def _solar(month: int, day: int, days: int = 1) -> Named:
    return lambda year, _: run(date(year, month, day), days)


def _between(first: tuple[int, int], last: tuple[int, int], *, years: int = 0) -> Named:
    """From day to day, the last one so many years later; 2-29 is the last of February."""

    def named(year: int, _: LunarCalendar) -> DayRange:
        month, day = last
        day = min(day, calendar.monthrange(year + years, month)[1])
        return DayRange(date(year, *first), date(year + years, month, day))

    return named


def _lunar(month: int, day: int, days: int = 1) -> Named:
    return lambda year, lunar: run(lunar.day(year, month, day), days)


def _term(number: int, days: int = 1) -> Named:
    return lambda year, lunar: run(lunar.term(year, number), days)


def _new_year(before: int, days: int) -> Named:
    """Days around the first of the lunar year, so many of them before it."""

    def named(year: int, lunar: LunarCalendar) -> DayRange | None:
        first = lunar.day(year, 1, 1)
        return None if first is None else run(first - timedelta(days=before), days)

    return named


def _each(names: str, named: Named) -> dict[str, Named]:
    return dict.fromkeys(names.split(), named)


FESTIVALS: Mapping[str, Named] = {
    **_each("元旦 阳历年 新历年", _solar(1, 1, 3)),
    **_each("情人节", _solar(2, 14)),
    **_each("三八节 三八妇女节 妇女节 三八", _solar(3, 8)),
    **_each("五一 五一节 五一劳动节 劳动节", _solar(5, 1, 5)),
    **_each("五四 五四青年节", _solar(5, 4)),
    **_each("六一 六一儿童节 儿童节", _solar(6, 1)),
    **_each("七一 建党节", _solar(7, 1)),
    **_each("八一 八一建军节 建军节", _solar(8, 1)),
    **_each("教师节", _solar(9, 10)),
    **_each("国庆 国庆节 十一国庆 十一国庆节 十一 十一黄金周 十月一", _solar(10, 1, 7)),
    **_each("双十一 双11 光棍节", _solar(11, 11)),
    **_each("双十二 双12", _solar(12, 12)),
    **_each("平安夜", _solar(12, 24)),
    **_each("圣诞 圣诞节", _solar(12, 25)),
    **_each("春节 大年 农历新年 新春", _new_year(1, 8)),
    **_each("过年 过大年 过春节", _new_year(1, 16)),
    **_each("除夕 大年三十 年三十 大年夜 年夜 三十晚上", _new_year(1, 1)),
    **_each("年前", _new_year(30, 30)),
    **_each("年后 过完年 过了年 过罢年", _new_year(0, 46)),
    **_each("元宵 元宵节 灯节 正月十五", _lunar(1, 15)),
    **_each("二月二 龙抬头", _lunar(2, 2)),
    **_each("端午 端午节 五月端午 五月单五 端阳", _lunar(5, 5, 3)),
    **_each("七夕 七夕节", _lunar(7, 7)),
    **_each("中秋 中秋节 八月十五 仲秋 八月节", _lunar(8, 15, 3)),
    **_each("重阳 重阳节 九月九", _lunar(9, 9)),
    **_each("清明 清明节 寒食", _term(6, 3)),
    **_each("冬至", _term(23)),
    **_each("立春", _term(2)),
    **_each("立夏", _term(8)),
    **_each("立秋", _term(14)),
    **_each("立冬", _term(20)),
    **_each("夏至", _term(11)),
}

LATE_LUNAR: Mapping[str, Named] = {
    **_each("腊八 腊八节", _lunar(12, 8)),
    **_each("小年 祭灶", _lunar(12, 23, 2)),
}
"""In the last lunar month, so by the lunar year: 去年小年 fell in this solar year."""

SEASONS: Mapping[str, Named] = {
    **_each("开春 春上 初春 打春", _between((2, 3), (3, 31))),
    **_each("春天 春季 春里 春", _between((2, 3), (5, 31))),
    **_each("入夏", _between((5, 1), (6, 15))),
    **_each("夏天 夏季 夏里 热天 夏", _between((5, 5), (8, 31))),
    **_each("三伏 三伏天 伏天 大热天", _between((7, 10), (8, 25))),
    **_each("入秋", _between((8, 7), (9, 30))),
    **_each("秋天 秋季 秋里 秋上 秋", _between((8, 7), (11, 30))),
    **_each("入冬 初冬", _between((11, 1), (12, 15))),
    **_each("冬天 冬季 冬里 冬", _between((11, 7), (2, 29), years=1)),
    **_each("麦收 收麦 收麦子 麦季 割麦 割麦子 麦口 麦忙 三夏 夏收", _between((5, 20), (6, 20))),
    **_each("收完麦子 收完麦 割完麦子 割完麦 麦后", _between((6, 5), (7, 10))),
    **_each("秋收 收秋 三秋 收玉米 收棒子 掰棒子", _between((9, 10), (10, 20))),
    **_each("种麦 种麦子 耩麦子", _between((10, 1), (10, 31))),
    **_each("种完麦子 种完麦 秋后", _between((10, 10), (11, 15))),
    **_each("暑假 暑期", _between((7, 1), (8, 31))),
    **_each("寒假", _between((1, 5), (2, 29))),
}

PARTS: Mapping[str, Named] = {
    **_each("年初 初 年头上 开年 头上", _between((1, 1), (2, 29))),
    **_each("年中 中 年中间", _between((5, 16), (8, 15))),
    **_each("年底 年末 底 末 年尾 年终 年根", _between((11, 1), (12, 31))),
    **_each("上半年", _between((1, 1), (6, 30))),
    **_each("下半年", _between((7, 1), (12, 31))),
    **_each("一季度 第一季度 头季度", _between((1, 1), (3, 31))),
    **_each("二季度 第二季度", _between((4, 1), (6, 30))),
    **_each("三季度 第三季度", _between((7, 1), (9, 30))),
    **_each("四季度 第四季度", _between((10, 1), (12, 31))),
}

BARE_PARTS = frozenset({"初", "中", "底", "末", "头上", "春", "夏", "秋", "冬"})
"""These mean a part of the year only right behind one: 去年底."""
