"""A report in words: rows for the page and sheets for export, both of the same figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.complaints.desk.statistics import ANSWERED, HOURS, Kept, Report, Took
from bot.complaints.desk.suppression import Count, Shown
from bot.console.sheets import Sheet, Value
from bot.console.words import NOTHING, Words
from bot.wording import Wording

TABLES = {
    "categories": "category",
    "districts": "district",
    "states": "state",
    "channels": "channel",
    "verdicts": "verdict",
    "used": "used",
}
"""The tables of a report, and what kind of code each is of."""

_ONLY_WHERE_USED = frozenset({"channels"})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table with its bar; `part` is its length in hundredths of the longest."""

    name: str
    count: Count
    share: str
    part: float


class FigureWords:
    """Makes words of the figures of one report. `rules`: the titles of deadlines by id."""

    def __init__(self, wording: Wording, words: Words, rules: Mapping[str, str]) -> None:
        self._wording = wording
        self._words = words
        self._rules = rules

    def count(self, count: Count) -> str:
        """A number of cases, as far as it is shown."""
        if not count.hidden:
            return f"{count.value:,}"
        return self._say("at_least", count=f"{count.value:,}") if count.value else self._say("hidden")

    def hours(self, hours: int | None, *, whole_days: bool = False) -> str:
        """A length of time; nothing where it is not shown."""
        if hours is None:
            return NOTHING
        if whole_days:
            days = hours // HOURS
            return self._say("days", days=days) if days else self._say("under_a_day")
        return self._say("hours", hours=hours) if hours < HOURS else self._say("days", days=f"{hours / HOURS:.1f}")

    def percent(self, share: float | None, *, suppressed: bool = False) -> str:
        """A share; a suppressed one is rounded already."""
        if share is None:
            return self._say("hidden") if suppressed else NOTHING
        return f"{share:.0%}" if suppressed else f"{share:.1%}"

    def lines(self, report: Report, table: str) -> list[Line]:
        """The rows of one of `TABLES`, in the order in which the configuration names them."""
        shown: Shown = getattr(report, table)
        kind = TABLES[table]
        order = {code: place for place, code in enumerate(self._words.labels(kind))}
        codes = sorted(shown.counts, key=lambda code: order.get(code, len(order)))
        longest = max((count.value for count in shown.counts.values()), default=0) or 1
        return [
            Line(
                self._words.label(kind, code),
                shown.counts[code],
                self.percent(shown.counts[code].share_of(shown.total), suppressed=report.suppressed),
                round(100 * shown.counts[code].value / longest, 1),
            )
            for code in codes
            if table not in _ONLY_WHERE_USED or shown.counts[code] != Count(0)
        ]

    def rule(self, kept: Kept) -> str:
        """The title of a deadline."""
        return self._rules.get(kept.rule, kept.rule)

    def sheets(self, report: Report) -> Iterator[Sheet]:
        """The whole report for a spreadsheet."""
        yield Sheet(self._say("summary"), self._heads("item", "figure"), [*self._summary(report)])
        weeks = [(week.first.isoformat(), self._value(week.came), self._value(week.went)) for week in report.weeks]
        yield Sheet(self._say("weeks"), self._heads("week", "came", "went"), weeks)
        natures = [self._words.label("nature", nature) for nature in ANSWERED]
        answered = [
            (week.first.isoformat(), *(self._value(week.counts[nature]) for nature in ANSWERED))
            for week in report.answered_weeks
        ]
        yield Sheet(self._say("answered"), [*self._heads("week"), *natures], answered)
        for table in TABLES:
            rows = [(line.name, self._value(line.count), line.share) for line in self.lines(report, table)]
            yield Sheet(self._say(table), self._heads("item", "count", "share"), rows)
        heads = self._heads("rule", "met", "late", "pending", "on_time")
        yield Sheet(self._say("kept"), heads, [*self._kept(report)])

    def _summary(self, report: Report) -> Iterator[Sequence[Value]]:
        suppressed = report.suppressed
        used = report.used.counts["used"].share_of(report.used.total)
        yield self._say("range"), f"{report.first} – {report.last}"
        yield self._say("came"), self._value(report.came)
        yield self._say("went"), self._value(report.went)
        yield self._say("answered"), self._value(report.answered.total)
        yield self._say("on_time"), self.percent(report.kept_share, suppressed=suppressed)
        yield self._say("receipts"), self.percent(used, suppressed=suppressed)
        yield from self._lengths("acceptance", report.acceptance, whole_days=suppressed)
        yield from self._lengths("closing", report.closing, whole_days=suppressed)
        yield self._say("note"), self._say("suppressed" if suppressed else "exact")

    def _lengths(self, name: str, took: Took, *, whole_days: bool) -> Iterable[Sequence[Value]]:
        for share, hours in (("median", took.median), ("ninety", took.ninety)):
            yield f"{self._say(name)}：{self._say(share)}", self.hours(hours, whole_days=whole_days)

    def _kept(self, report: Report) -> Iterator[Sequence[Value]]:
        for one in report.kept:
            counts = [self._value(count) for count in (one.met, one.late, one.pending)]
            yield self.rule(one), *counts, self.percent(one.share, suppressed=report.suppressed)

    def _value(self, count: Count) -> Value:
        return self.count(count) if count.hidden else count.value

    def _heads(self, *names: str) -> list[str]:
        return [self._say(name) for name in names]

    def _say(self, name: str, **fields: object) -> str:
        return self._wording(f"console.figures.{name}", **fields)
