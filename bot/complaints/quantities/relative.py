"""Points counted from today: 昨天, 上周三, 上个月15号, 15号, 月底, 前几天; and dates in figures.

Pure. What only hints (最近, 前段时间) gets the widest range that people mean by it.
"""

import re
from datetime import date, timedelta

from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.in_year import FIRST_YEAR, PARTS_OF_MONTH, day_in_month
from bot.complaints.quantities.points import Point, fixed, in_month, in_week, month_slot, week_slot, year_slot
from bot.complaints.quantities.seasons import months

_MONTHS = 12
_WEEKEND = (5, 6)

_DAYS_AGO = {
    **dict.fromkeys(("今天", "今儿", "今日", "今早", "今晚", "刚才", "当天下午"), (0, 0)),
    **dict.fromkeys(("昨天", "昨儿", "昨日", "昨晚", "昨夜"), (1, 1)),
    **dict.fromkeys(("前天", "前儿", "前日", "前晚"), (2, 2)),
    **dict.fromkeys(("大前天", "大前儿"), (3, 3)),
    **dict.fromkeys(("明天", "明儿", "明日", "明早"), (-1, -1)),
    **dict.fromkeys(("后天", "后儿"), (-2, -2)),
    **dict.fromkeys(("前两天", "前俩天", "头两天"), (1, 4)),
    **dict.fromkeys(("前几天", "前几日", "头几天"), (2, 9)),
    **dict.fromkeys(("前些天", "前些日子"), (2, 60)),
    **dict.fromkeys(("这两天",), (0, 3)),
    **dict.fromkeys(("这几天", "近几天"), (0, 9)),
    **dict.fromkeys(("最近", "近来", "近期", "近日"), (0, 31)),
    **dict.fromkeys(("这段时间", "这阵子", "这一阵子"), (0, 62)),
    **dict.fromkeys(("前段时间", "前一段时间", "前阵子", "前一阵子", "前一阵", "不久前", "前不久"), (3, 92)),
    **dict.fromkeys(("前两个月", "头两个月"), (30, 93)),
    **dict.fromkeys(("前几个月", "头几个月"), (60, 275)),
    **dict.fromkeys(("前两年", "头两年"), (365, 1096)),
    **dict.fromkeys(("前几年", "头几年"), (730, 2192)),
}
_BY_LENGTH = "|".join(sorted(_DAYS_AGO, key=len, reverse=True))
_WORD = re.compile(
    rf"(?<!大)(?P<word>{_BY_LENGTH})(?!的?[\d一二三四五六七八九十半几][\d个天周月年十多])|(?P<far>大前[天儿])"
)

_WEEK = re.compile(
    r"(?<![\d一二两三四五六七八九十几多半])(?P<which>上上个?|上个?|前个|这个?|本|下个?)?(?:周|星期|礼拜)(?:(?P<day>[一二三四五六日天末])|(?P<figure>[1-7])(?![\d个天次]))?(?!薪|工资|[一-九]?次)"
)
_WEEKS_AGO = {"上上": 2, "前": 2, "上": 1, "这": 0, "本": 0, "下": -1}
_WEEKDAYS = {**{sign: (value, value) for value, sign in enumerate("一二三四五六日")}, "天": (6, 6), "末": _WEEKEND}

_MONTH = re.compile(r"(?P<which>大?上上个?|大上个?|上一?个?|前个|这个?|本|当|下个?)月(?:份)?")
_MONTHS_AGO = {"大上上": 3, "上上": 2, "大上": 2, "上一": 1, "上": 1, "前": 2, "这": 0, "本": 0, "当": 0, "下": -1}
_QUARTER = re.compile(r"(?P<which>上上|上|这|本)一?个?季度")

_DAY = re.compile(r"(?<![\d.])(?:\d{1,2}|[一二三四五六七八九十]{1,3})[几多来]?(?:号|日)(?![楼院线码门店人])")
_PART = re.compile("(?<![个数])月(?P<part>初|中|底|末)(?!期)")

_FIGURES = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d\d)(?:(?P<sep>[-/.])(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?|(?P<month2>0[1-9]|1[0-2])(?P<day2>[0-3]\d)?)(?![\d年万千块元])[日号]?"
)
_YEAR_ALONE = re.compile(r"(?:19[5-9]|20\d)\d$")
_SHORT_FIGURES = re.compile(r"(?<![\d.])(?P<year>\d\d)(?P<sep>[./-])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})(?!\d)")
_MONTH_AND_DAY = re.compile(r"^(?P<month>1[0-2]|0?[1-9])[./-](?P<day>\d{1,2})(?:[日号]|$)")


class RelativeReader:
    """Reads points that are counted from a present day, and dates in figures."""

    def __init__(self, today: date) -> None:
        self._today = today

    def read(self, text: str, position: int) -> Point | None:
        """The point that the folded text names there, or None."""
        readers = (self._figures, self._words, self._week, self._month, self._quarter, _day, _part)
        return next((point for read in readers if (point := read(text, position))), None)

    def _figures(self, text: str, position: int) -> Point | None:
        if match := _MONTH_AND_DAY.match(text) if position == 0 else None:
            month, day = int(match["month"]), int(match["day"])
            return Point(match.end(), lambda year: in_month(year * _MONTHS + month - 1, day, day), year_slot)
        if match := _YEAR_ALONE.match(text) if position == 0 else None:
            return fixed(months(int(match[0]), 1, _MONTHS), match.end())
        if match := _FIGURES.match(text, position):
            month, day = int(match["month"] or match["month2"]), int(match["day"] or match["day2"] or 0)
            return fixed(_on(int(match["year"]), month, day), match.end())
        if match := _SHORT_FIGURES.match(text, position):
            year, month, day = (int(match[name]) for name in ("year", "month", "day"))
            century = self._today.year // 100 * 100
            return fixed(_on(century + year, month, day), match.end())
        return None

    def _words(self, text: str, position: int) -> Point | None:
        match = _WORD.match(text, position)
        if match is None:
            return None
        near, far = _DAYS_AGO[match[0]]
        return fixed(DayRange(self._ago(far), self._ago(near)), match.end())

    def _ago(self, days: int) -> date:
        return self._today - timedelta(days=days)

    def _week(self, text: str, position: int) -> Point | None:
        match = _WEEK.match(text, position)
        if match is None or (not match["which"] and not match["day"] and not match["figure"]):
            return None
        sign = match["day"] or ("一二三四五六日"[int(match["figure"]) - 1] if match["figure"] else "")
        first, last = _WEEKDAYS.get(sign, (0, 6))
        slot = None
        if match["which"]:
            slot = week_slot(self._today) - _WEEKS_AGO[match["which"].removesuffix("个")]
        return Point(match.end(), lambda week: in_week(week, first, last), week_slot, slot)

    def _month(self, text: str, position: int) -> Point | None:
        match = _MONTH.match(text, position)
        if match is None:
            return None
        end, span = day_in_month(text, match.end())
        slot = month_slot(self._today) - _MONTHS_AGO[match["which"].removesuffix("个")]
        return Point(end, lambda month: in_month(month, *span), month_slot, slot)

    def _quarter(self, text: str, position: int) -> Point | None:
        match = _QUARTER.match(text, position)
        if match is None:
            return None
        ago = {"上上": 2, "上": 1}.get(match["which"], 0)
        first = (month_slot(self._today) // 3 - ago) * 3
        start, end = in_month(first, 1, 1), in_month(first + 2, 1, 31)
        return fixed(DayRange(start.first, end.last) if start and end else None, match.end())


def _on(year: int, month: int, day: int) -> DayRange | None:
    """A day, or with day 0 a whole month; None when there is no such day."""
    if not (1 <= month <= _MONTHS and year >= FIRST_YEAR):
        return None
    return in_month(year * _MONTHS + month - 1, *((day, day) if day else (1, 31)))


def _day(text: str, position: int) -> Point | None:
    """15号, 二十几号: of the month that had it last."""
    if not _DAY.match(text, position):
        return None
    end, span = day_in_month(text, position)
    return Point(end, lambda month: in_month(month, *span), month_slot)


def _part(text: str, position: int) -> Point | None:
    """月初, 月底: of the month in which it was last."""
    match = _PART.match(text, position)
    if match is None:
        return None
    span = PARTS_OF_MONTH[match["part"]]
    return Point(match.end(), lambda month: in_month(month, *span), month_slot)
