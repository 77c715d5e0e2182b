"""When something happened or began, as workers type it: kept as said, and as ranges of days.

Pure; the present day and the lunar calendar are handed in. Nothing is guessed in silence: words that
may mean two things, or name several times, have no range and say why. A day without a year is the
latest that has begun, and no day of a range lies in the future.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.durations import read_duration
from bot.complaints.quantities.in_year import YearReader
from bot.complaints.quantities.numerals import fold
from bot.complaints.quantities.points import Point, Shift, fixed
from bot.complaints.quantities.ranges import Doubt
from bot.complaints.quantities.relative import RelativeReader
from bot.complaints.quantities.seasons import LunarCalendar, months

LONGEST = 300
"""Characters that are looked at: a longer answer is a story, not a day."""


@dataclass(frozen=True, slots=True)
class When:
    """A time as said. `begins`: the days on which it happened or began, None with a `doubt` why.

    `ends` is set when the words give an end: today for what goes on (到现在, 三个月了). `ahead` holds
    the days that are still to come, as when a contract runs out.
    """

    said: str = field(repr=False)
    begins: DayRange | None
    ends: DayRange | None = None
    doubt: Doubt | None = None
    ahead: DayRange | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A time and where it stands in the text as it was read."""

    start: int
    end: int
    when: When


_CN_MONTH = "十[一二]?|[一二三四五六七八九]"
_PREPARED = (
    (re.compile("(?<!半)个(多|半|来)(月|星期|礼拜|季度)"), r"个\2\1"),
    (re.compile("(个(?:月|星期|礼拜)|年|天)来(?!的|了|到|上|干|这|公司|单位)"), r"\1左右"),
    (re.compile(rf"(?<!\d)(\d{{1,2}}|{_CN_MONTH})(?:到|至|-)(?=(?:\d{{1,2}}|{_CN_MONTH})月)"), r"\1月到"),
    (
        re.compile(
            r"(月)(\d{1,2}|[一二三四五六七八九十]{1,3})(?:到|至|-)(?=(?:\d{1,2}|[一二三四五六七八九十]{1,3})[号日])"
        ),
        r"\1\2号到",
    ),
    (re.compile(r"(?:今年|我|年龄|岁数)?[\d一二三四五六七八九十]{1,3}(?:周岁|岁)"), "□"),
    (
        re.compile(
            "(?:三天两头|一天到晚|一年到头|大白天|半天|每个?月\\d{1,2}[号日]|每[天周月年]|每个?(?:月|星期|礼拜)|[白夜]天)"
        ),
        "□",
    ),
)

_STOPS = (
    "份|假期?|放假|小?长假|节|的时候|时候|期间|那(?:天|会儿?|时候?|阵子?|几天|年|月)|当[天时]|里"
    "|晚上|夜里|[上下]午|早上|中午|号"
)
_BEHIND = re.compile(
    rf"(?:{_STOPS}){{0,4}}(?:(?P<around>前后|左右|上下)"
    r"|(?P<before>之前|以前|前|头里|跟前)(?P<few>[几两一三四五][天日])?(?![年半])"
    "|(?P<after>之后|以后|过后|后)(?P<few_after>[几两一三四五][天日])?)?"
)
_NEAR_BEFORE = re.compile("(?:快|快到|临近|临|眼看|要|还没)$")
_TO = re.compile("(?:开始|起)?,?(?:一直|直)?(?:干|做|拖|欠|工作)?(?:到|至(?!今)|-)了?")
_BETWEEN = re.compile("(?:之间|中间|期间|间)")
_UNTIL_NOW = re.compile(
    "(?:开始|起|就)?[,]?(?:一直|直)?(?:干|做|拖|欠|工作)?(?:至今|(?:到|至)(?:现在|今天|今日|目前|如今|这会儿?|眼下|今儿)|以来)"
)

_EARLIEST = date(1949, 1, 1)
_FEW = 10
_NEAR = 30
_SHORT = 16
_ONE_DAY = timedelta(days=1)


def read_when(text: str, today: date, lunar: LunarCalendar) -> When:
    """The one time that the text names; else no days, and why."""
    found = _each_once(find_whens(text, today, lunar))
    if len(found) == 1:
        return replace(found[0], said=text)
    return When(text, None, doubt=Doubt.SEVERAL if found else Doubt.NOTHING)


def find_whens(text: str, today: date, lunar: LunarCalendar) -> list[When]:
    """Every time that the text names, in order."""
    return _Finder(text, today, lunar).find()


def find_placed(text: str, today: date, lunar: LunarCalendar) -> tuple[str, list[Placed]]:
    """The text as it was read, of which at most `LONGEST` signs are, and where in it each time stands."""
    finder = _Finder(text, today, lunar)
    return finder.text, finder.placed()


def _each_once(whens: Iterable[When]) -> list[When]:
    return list({(when.begins, when.ends, when.doubt, when.ahead): when for when in whens}.values())


class _Finder:
    def __init__(self, text: str, today: date, lunar: LunarCalendar) -> None:
        text = fold(text[:LONGEST])
        for pattern, instead in _PREPARED:
            text = pattern.sub(instead, text)
        self.text = self._text = text
        self._today = today
        self._readers = (YearReader(today, lunar), RelativeReader(today))

    def find(self) -> list[When]:
        return [one.when for one in self.placed()]

    def placed(self) -> list[Placed]:
        found: list[Placed] = []
        position = 0
        while position < len(self._text):
            end, when = self._at(position)
            if when:
                found.append(Placed(position, end, when))
            position = max(end, position + 1)
        return found

    def _at(self, position: int) -> tuple[int, When | None]:
        if point := self._phrase(position):
            return self._period(position, point)
        duration = read_duration(self._text, position, self._today)
        if duration is None:
            return position, None
        ends = None if duration.past else DayRange.on(self._today)
        return duration.end, self._when(position, duration.end, duration.began, ends)

    def _phrase(self, position: int) -> Point | None:
        """A point with what stands around it, or the days between two points."""
        first = self._point(position)
        if first is None:
            return None
        to = _TO.match(self._text, first.end)
        second = self._point(to.end()) if to else None
        between = _BETWEEN.match(self._text, second.end) if second else None
        if second and between:
            days = self._from_to(first, second)
            return fixed(DayRange(days[0].first, days[1].last) if days else None, between.end())
        return self._moved(first, position)

    def _point(self, position: int) -> Point | None:
        return next((point for reader in self._readers if (point := reader.read(self._text, position))), None)

    def _moved(self, point: Point, position: int) -> Point:
        """The point with 前, 后, 前后 and the like."""
        match = _BEHIND.match(self._text, point.end)
        if match is None:
            return point
        shift: Shift = point.shift
        if match["around"]:
            shift = _around
        elif match["before"] or _NEAR_BEFORE.search(self._text[:position]):
            shift = _before_few if match["few"] else _before
        elif match["after"]:
            shift = _after_few if match["few_after"] else _after
        return replace(point, end=match.end(), shift=shift)

    def _period(self, position: int, point: Point) -> tuple[int, When]:
        """The point alone, or what lasted from it to another one or to this day."""
        if now := _UNTIL_NOW.match(self._text, point.end):
            days = point.latest(self._today)
            return now.end(), self._when(position, now.end(), days, DayRange.on(self._today))
        to = _TO.match(self._text, point.end)
        second = self._phrase(to.end()) if to else None
        if second is None:
            return point.end, self._when(position, point.end, point.latest(self._today), None)
        both = self._from_to(point, second)
        begins, ends = both or (None, None)
        return second.end, self._when(position, second.end, begins, ends)

    def _from_to(self, first: Point, second: Point) -> tuple[DayRange, DayRange] | None:
        """Both ends; one that names no year follows the other. None when they are out of order."""
        if first.slot is not None:
            begins = first.latest(self._today)
            ends = second.earliest(begins.first) if begins else None
        else:
            ends = second.latest(self._today)
            begins = first.latest(ends.last) if ends else None
        if begins is None or ends is None or ends.last < begins.first:
            return None
        return begins, ends

    def _when(self, start: int, end: int, begins: DayRange | None, ends: DayRange | None) -> When:
        said = self._text[start:end]
        if begins is None:
            return When(said, None, doubt=Doubt.UNCLEAR)
        if begins.first > self._today:
            return When(said, None, doubt=Doubt.FUTURE, ahead=begins)
        return When(said, _as_far_as(begins, self._today), self._gone(ends))

    def _gone(self, ends: DayRange | None) -> DayRange | None:
        """The end, unless it is still to come."""
        return _as_far_as(ends, self._today) if ends and ends.first <= self._today else None


def day_words(days: DayRange, today: date) -> tuple[str, dict[str, int]]:
    """Key and fields of the sentence for days: a day, a month or year as far as it has gone, or from day to day."""
    fields = {"year": days.first.year, "month": days.first.month, "day": days.first.day}
    fields |= {"last_year": days.last.year, "last_month": days.last.month, "last_day": days.last.day}
    if days.first == days.last:
        return "complaint.when.day", fields
    if days == _as_far_as(months(days.first.year, days.first.month, days.first.month), today):
        return "complaint.when.month", fields
    if days == _as_far_as(months(days.first.year, 1, 12), today):
        return "complaint.when.year", fields
    return "complaint.when.between", fields


def period_words(when: When, today: date) -> str | None:
    """Key of the sentence that puts `{begins}` and `{ends}` together; None when only a beginning was said."""
    if when.ends is None:
        return None
    return "complaint.when.since" if when.ends == DayRange.on(today) else "complaint.when.from_to"


def _as_far_as(days: DayRange, today: date) -> DayRange:
    return DayRange(days.first, max(days.first, min(days.last, today)))


def _length(days: DayRange) -> int:
    return (days.last - days.first).days + 1


def _reach(days: DayRange) -> timedelta:
    """How far 前 and 后 go: a month from a festival, twice as long as a longer time."""
    return timedelta(days=_NEAR if _length(days) <= _SHORT else 2 * _length(days))


def _before(days: DayRange) -> DayRange:
    return DayRange(max(days.first - _reach(days), _EARLIEST), days.first - _ONE_DAY)


def _after(days: DayRange) -> DayRange:
    return DayRange(days.last + _ONE_DAY, days.last + _reach(days))


def _before_few(days: DayRange) -> DayRange:
    return DayRange(days.first - _FEW * _ONE_DAY, days.first - _ONE_DAY)


def _after_few(days: DayRange) -> DayRange:
    return DayRange(days.last + _ONE_DAY, days.last + _FEW * _ONE_DAY)


def _around(days: DayRange) -> DayRange:
    slack = _ONE_DAY * (_NEAR // 2 if _length(days) > 1 else 7)
    return DayRange(days.first - slack, days.last + slack)
