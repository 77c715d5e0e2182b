"""Which instant a rule gives next, with holidays and make-up days. Pure.

The triggers give the plain instants; here what falls on a day off is kept, skipped, or moved to the working day
before or behind. In a year whose holidays nobody knows nothing is moved: it is kept, and the year is named so that
somebody can be told. A rule for working days takes Monday to Friday there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import SHANGHAI, local_date
from bot.publishing.ports import Triggers, Workdays
from bot.publishing.schedules import Every, OnDayOff, Rule, rule_document
from bot.workdays import SATURDAY, UnknownYear

_DAY = timedelta(days=1)
FARTHEST = timedelta(days=21)
"""No row of days off in China is as long: nothing is moved any farther."""

MOST_SKIPPED = 800
"""So many plain instants are looked at before a rule is taken to give nothing more: two years of days."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which something goes out. plain_at: when it would have been due without holidays.

    unknown_year: the year without a calendar that kept it where it was; 0 where there is none.
    """

    at: datetime
    plain_at: datetime
    unknown_year: int = 0


class Recurrence:
    """Reckons what rules give."""

    def __init__(self, triggers: Triggers, workdays: Workdays) -> None:
        self._triggers = triggers
        self._workdays = workdays

    def next_after(self, rule: Rule, after: datetime) -> Occurrence | None:
        """The first occurrence behind that instant; None when there is none any more.

        Raises ValueError for a rule that says nothing.
        """
        moves = rule.on_day_off in (OnDayOff.NEXT, OnDayOff.PREVIOUS) and rule.every is not Every.WORKDAY
        found: Occurrence | None = None
        for plain_at in self._plain(rule, after - FARTHEST if moves else after):
            if found is not None and plain_at - FARTHEST > found.at:
                break  # nothing behind this can be moved before what was found
            occurrence = self._moved(rule, plain_at)
            if occurrence is None or occurrence.at <= after or _is_over(rule, occurrence.at):
                continue
            if found is None or occurrence.at < found.at:
                found = occurrence
            if not moves:
                break
        return found

    def between(self, rule: Rule, after: datetime, last: datetime) -> Iterator[Occurrence]:
        """Every occurrence behind `after`, up to and with `last`."""
        occurrence = self.next_after(rule, after)
        while occurrence is not None and occurrence.at <= last:
            yield occurrence
            occurrence = self.next_after(rule, occurrence.at)

    def first(self, rule: Rule, after: datetime, count: int) -> list[Occurrence]:
        """The next so many occurrences, to be shown to whoever plans."""
        found: list[Occurrence] = []
        while len(found) < count:
            occurrence = self.next_after(rule, found[-1].at if found else after)
            if occurrence is None:
                break
            found.append(occurrence)
        return found

    def _plain(self, rule: Rule, after: datetime) -> Iterator[datetime]:
        document = rule_document(rule)
        for _ in range(MOST_SKIPPED):
            at = self._triggers.next_after(document, after)
            if at is None or (rule.until is not None and local_date(at) > rule.until + FARTHEST):
                return
            yield at
            after = at

    def _moved(self, rule: Rule, plain_at: datetime) -> Occurrence | None:
        """Where it goes with the holidays; None where it is skipped."""
        policy = OnDayOff.SKIP if rule.every is Every.WORKDAY else rule.on_day_off
        if policy is OnDayOff.KEEP:
            return Occurrence(plain_at, plain_at)
        day = local_date(plain_at)
        try:
            if self._workdays.is_working(day):
                return Occurrence(plain_at, plain_at)
            if policy is OnDayOff.SKIP:
                return None
            moved = self._working(day, _DAY if policy is OnDayOff.NEXT else -_DAY)
        except UnknownYear as unknown:
            if rule.every is Every.WORKDAY and day.weekday() >= SATURDAY:
                return None
            return Occurrence(plain_at, plain_at, unknown.year)
        return Occurrence(_at(moved, plain_at), plain_at)

    def _working(self, day: date, step: timedelta) -> date:
        while not self._workdays.is_working(day):
            day += step
        return day


def _at(day: date, instant: datetime) -> datetime:
    """The same time of another day in China."""
    hour: time = instant.astimezone(SHANGHAI).time()
    return datetime.combine(day, hour, SHANGHAI).astimezone(instant.tzinfo)


def _is_over(rule: Rule, at: datetime) -> bool:
    return rule.until is not None and local_date(at) > rule.until
