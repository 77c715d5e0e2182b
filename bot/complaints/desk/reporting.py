"""Figures for staff: the report of a range of days, for whoever may see statistics. Every look and export is logged."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.clocks.rules import Kind
from bot.complaints.desk.door import DeskPart
from bot.complaints.desk.refusals import NotAllowed
from bot.complaints.desk.rows import rule_title
from bot.complaints.desk.statistics import (
    CHANNELS,
    LONGEST_DAYS,
    Known,
    Report,
    make_report,
    quarters,
    sees_figures_only,
)
from bot.complaints.roles import Action, Viewer, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_OURS = frozenset({Kind.OWN, Kind.UNION})


class Reporting(DeskPart):
    """Reports."""

    async def report(self, work: "UnitOfWork", viewer: Viewer, first: date, last: date, *, now: datetime) -> Report:
        """The report from the first to the last day, both included, as far as they have come.

        A range that is too long begins later. Whoever sees figures only gets the whole quarters that hold the range.
        It only reads, so that counting holds nobody up: `log_report` writes. Raises NotAllowed.
        """
        if not may(viewer, Action.SEE_STATISTICS):
            raise NotAllowed(Action.SEE_STATISTICS)
        today = local_date(now)
        first, last = fitted(first, last, today)
        suppressed = sees_figures_only(viewer)
        periods = [(first, last)]
        if suppressed:  # that there was nothing before the desk opened is no secret
            opened = min(await work.statistics.began_on() or today, last)
            periods = list(quarters(max(first, opened), last))
        parts = [await work.statistics.tables(viewer, start, min(end, today)) for start, end in periods]
        course = await work.statistics.course(viewer, parts[0].first, parts[-1].last, today)
        return make_report(parts, course, await self._known(work, used=suppressed), suppressed=suppressed)

    async def log_report(self, work: "UnitOfWork", viewer: Viewer, report: Report, *, export: str = "") -> None:
        """Log that the report was looked at, or taken along in that format. Raises NotAllowed."""
        if export and not may(viewer, Action.EXPORT_STATISTICS):
            raise NotAllowed(Action.EXPORT_STATISTICS)
        data = {"first": report.first.isoformat(), "last": report.last.isoformat(), "format": export}
        await self._log(work, viewer, "statistics.export" if export else "statistics.see", data=data)

    def rule_titles(self, rules: Iterable[str], on: date) -> dict[str, str]:
        """The titles of these deadlines by id, as they are called on that day."""
        return {rule: rule_title(self._parts.rules, rule, on) for rule in rules}

    async def _known(self, work: "UnitOfWork", *, used: bool) -> Known:
        """What the configuration names; `used`: and whatever else any case ever had, so that no table tells it."""
        given = self._parts
        rules = dict.fromkeys(rule.id for rule in given.rules.rules if rule.kind in _OURS)
        found = [await work.statistics.codes(name) if used else () for name in ("category", "district", "channel")]
        return Known(
            categories=tuple(dict.fromkeys((*sorted(given.categories), *found[0]))),
            districts=tuple(dict.fromkeys((*given.districts, *found[1]))),
            channels=tuple(dict.fromkeys((*CHANNELS, *found[2]))),
            rules=tuple(rules),
        )


def fitted(first: date, last: date, today: date) -> tuple[date, date]:
    """The range in its order, not in the future, and not too long."""
    first, last = min(first, last, today), min(max(first, last), today)
    return max(first, last - timedelta(days=LONGEST_DAYS)), last
