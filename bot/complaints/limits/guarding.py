"""The limitation guard for one complaint: from what was said to the last days that matter, by code.

Pure. A statement and its category become `Facts`; each claim of the category is assessed, and roads that end
alike are told together. What contradicts itself gives no dates: `Guarding.doubt` says why, and the worker is asked.

Of `Statement.extra` these are read, each a day (2026-03-01) or a range of days (2026-03-01/2026-03-31): started,
dismissed, contract_signed, known, diagnosed, recognised, assessed; and as acts that interrupt demand, mediation,
complaint, inspection, arbitration, lawsuit, promise; leave_year is a year, has_iou is "yes".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.complaints.cases import SaidDays, Statement
from bot.complaints.categories import Categories, Category, Since
from bot.complaints.limits.facts import Act, ContradictoryFacts, DayRange, Facts, Interruption
from bot.complaints.limits.limitation import Assessment, Limit, Standing, assess
from bot.complaints.limits.rules import LimitTable, Note, Period, Route
from bot.workdays import WorkCalendar

IMPOSSIBLE = "impossible_day"
"""The doubt about a day that cannot be read or lies too long ago."""

INJURY = "injury_recognition"
"""The claim of `limits.yaml` that an accident concerns."""

_DAYS_OF_EXTRA = ("started", "dismissed", "contract_signed", "known", "diagnosed", "recognised", "assessed")
NAMES_OF_EXTRA = (*_DAYS_OF_EXTRA, "leave_year", "has_iou")
"""What is read of `Statement.extra` beside the acts; the console has a word for each."""

_YES = "yes"
_URGENCY = (
    Standing.PARTLY_PAST,
    Standing.SOON,
    Standing.POSSIBLY_PAST,
    Standing.OPEN,
    Standing.NO_DATE,
    Standing.REPORTED,
    Standing.NOT_RUNNING,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardLine:
    """One road for one or more claims that stand alike.

    road: its title. years: how long it is open. until: the last day to be relied on, None where none is known;
    moves_to: where the law moves it off a holiday. certain_on: the last day should no interruption or suspension
    be accepted. last_part_on: the last day for what arose last. core: of the citations those that set the
    limit and may save it, without those on the claims. notes: codes, each has words.
    """

    claims: tuple[str, ...]
    route: Route
    road: str
    years: int
    standing: Standing
    until: date | None = None
    moves_to: date | None = None
    certain_on: date | None = None
    last_part_on: date | None = None
    citations: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """Claims whose notes say where to go, limit or not."""

    claim: str
    notes: tuple[Note, ...]
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guarding:
    """What the guard has to say: the most urgent line first. doubt: the code of `ContradictoryFacts`, else empty."""

    lines: tuple[GuardLine, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    doubt: str = ""


class Guard:
    """Knows the limits, the categories and the calendar."""

    def __init__(self, table: LimitTable, categories: Categories, calendar: WorkCalendar) -> None:
        self._table = table
        self._categories = categories
        self._calendar = calendar

    def guarding(
        self, statement: Statement, category: str, today: date, *, said_on: date | None = None, topic: str = ""
    ) -> Guarding:
        """What has to be said about limits on that day. Never raises for what was said.

        said_on: the day of the statement, when that was another one: what went on then is not over since.
        topic: the FAQ topic from which the worker came.
        """
        if category not in self._categories:
            return Guarding()
        wanted = self._categories.get(category)
        try:
            facts = facts_of(statement, wanted, today, said_on or today)
        except ContradictoryFacts as error:
            return Guarding(doubt=error.code)
        except ValueError:
            return Guarding(doubt=IMPOSSIBLE)
        found = [assess(claim, facts, self._table, self._calendar) for claim in _claims(wanted, topic, statement)]
        return Guarding(tuple(self._lines(found, today)), tuple(self._elsewhere(found)))

    def doubt(self, statement: Statement, category: str, today: date) -> str:
        """Why what was said cannot all be true, by code; empty when it can. For asking before filing."""
        return self.guarding(statement, category, today).doubt

    def _lines(self, found: Iterable[Assessment], today: date) -> list[GuardLine]:
        alike: dict[Any, list[Limit]] = {}
        for assessment in found:
            for limit in assessment.limits:
                until = (limit.last_on, limit.moves_to, limit.certain_on, limit.last_part_on)
                if limit.standing is Standing.POSSIBLY_PAST:  # no day is told, so all of them are told once
                    until = (limit.last_on and date.min, None, None, None)
                why = _main_note(limit) if limit.last_on is None else None
                alike.setdefault((limit.route, limit.standing, until, why), []).append(limit)
        return sorted((self._line(limits, today) for limits in alike.values()), key=_urgency)

    def _line(self, limits: list[Limit], today: date) -> GuardLine:
        first = min(limits, key=lambda limit: limit.last_on or date.max)
        period = self._table.periods[first.route]
        citations = _each_once((*(one for limit in limits for one in limit.citations), *_saving(first, period)))
        setting = {citation.partition(":")[0] for citation in (*period.citations[:1], *_saving(first, period))}
        return GuardLine(
            claims=tuple(self._table.claim(limit.claim).title for limit in limits),
            route=first.route,
            road=period.title,
            years=period.years,
            standing=first.standing,
            until=_still_open(first, today),
            moves_to=first.moves_to,
            certain_on=first.certain_on,
            last_part_on=first.last_part_on,
            citations=citations,
            core=tuple(citation for citation in citations if citation.partition(":")[0] in setting),
            notes=_each_once(note for limit in limits for note in limit.notes),
        )

    def _elsewhere(self, found: Iterable[Assessment]) -> Iterable[Elsewhere]:
        for one in found:
            if one.notes:
                yield Elsewhere(claim=self._table.claim(one.claim).title, notes=one.notes, citations=one.citations)


def _still_open(limit: Limit, today: date) -> date | None:
    """The day to be relied on: what the law moves off a holiday counts once that day itself is over."""
    moved = limit.moves_to is not None and limit.last_on is not None and limit.last_on < today <= limit.moves_to
    return limit.moves_to if moved else limit.last_on


def _claims(category: Category, topic: str, statement: Statement) -> tuple[str, ...]:
    """The claims of the category; whoever speaks of an accident is told of the work-injury application as well."""
    injured = (INJURY,) if statement.accident.first is not None else ()
    return _each_once((*category.claims_for(topic), *injured))


def _saving(limit: Limit, period: Period) -> tuple[str, ...]:
    """Where a limit may be over, the articles by which it may not be."""
    past = limit.standing in {Standing.POSSIBLY_PAST, Standing.PARTLY_PAST}
    return (*period.interruption, *period.suspension) if past else ()


def facts_of(statement: Statement, category: Category, today: date, said_on: date) -> Facts:
    """What the statement tells about limits. Raises ContradictoryFacts, and ValueError for a day that is none."""
    said: dict[str, Any] = {
        "employed": statement.employed,
        "left": _range(statement.left),
        "accident": _range(statement.accident),
    }
    for name, days in _since(statement, category.since, said_on).items():
        said[name] = said.get(name) if said.get(name) is not None else days
    extra = statement.extra
    said |= {name: _read_days(extra[name]) for name in _DAYS_OF_EXTRA if extra.get(name)}
    if extra.get("leave_year"):
        said["leave_year"] = int(extra["leave_year"])
    acts = tuple(Interruption(act, _read_days(extra[act])) for act in Act if extra.get(act))
    return Facts(today=today, has_iou=extra.get("has_iou") == _YES, interruptions=acts, **said)


def _since(statement: Statement, meaning: Since, said_on: date) -> Mapping[str, Any]:
    """What "since when" means in the category. What goes on until the day it is said goes on."""
    days, until = _range(statement.since), _until(statement.since)
    match meaning:
        case Since.STARTED:
            return {"started": days}
        case Since.DISMISSED:
            return {"dismissed": days}
        case Since.ACCIDENT:
            return {"accident": days}
        case Since.BREACH:
            goes_on = until is not None and until.last >= said_on
            ended = None if goes_on else until
            return {"breach_began": days, "breach_ended": ended, "breach_ongoing": True if goes_on else None}


def _range(said: SaidDays) -> DayRange | None:
    return None if said.first is None else DayRange(said.first, said.last or said.first)


def _until(said: SaidDays) -> DayRange | None:
    return None if said.until_first is None else DayRange(said.until_first, said.until_last or said.until_first)


def _read_days(text: str) -> DayRange:
    first, _, last = text.partition("/")
    return DayRange(date.fromisoformat(first), date.fromisoformat(last or first))


def _main_note(limit: Limit) -> Note | None:
    """Why there is no day: it stands first."""
    return limit.notes[0] if limit.notes else None


def _urgency(line: GuardLine) -> tuple[int, date]:
    return _URGENCY.index(line.standing), line.until or date.max


def _each_once(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))
