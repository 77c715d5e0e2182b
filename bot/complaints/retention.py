"""How long things are kept, and their end: by rules of the settings, told beforehand, never breaking the audit log.

Small things (texts of the audit log, votes, notices that are done with, who answered a call) go by themselves. The
content of closed cases goes when somebody who may has agreed to it, case by case, unless the settings say that nobody
need be asked.
What stays of a case is what statistics are made of: number, codes, days.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.audit import SYSTEM, AuditEntry
from bot.clock import SHANGHAI, local_date
from bot.complaints.cases import Case
from bot.complaints.desk.codes import DeletionReason
from bot.complaints.desk.erasing import erase
from bot.complaints.errors import Changed
from bot.complaints.lifecycle import State

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

MOST_AT_ONCE = 200
"""So many cases are shown, and deleted in one transaction, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionRules:
    """For how long. categories: years of their closed cases where they differ from `closed_years`."""

    closed_years: int = 3
    withdrawn_years: int = 1
    categories: Mapping[str, int] = field(default_factory=dict)
    audit_text_years: int = 3
    vote_days: int = 730
    notice_days: int = 180
    call_days: int = 730
    needs_approval: bool = True

    def years(self, case: Case) -> int:
        """How many years after its end the content of a case is kept."""
        if case.state is State.WITHDRAWN:
            return self.withdrawn_years
        return self.categories.get(case.category, self.closed_years)

    def is_over(self, case: Case, now: datetime) -> bool:
        """Whether the content of a case has been kept for long enough."""
        if case.closed_at is None or case.content_deleted_at is not None:
            return False
        return case.closed_at < years_before(now, self.years(case))


@dataclass(frozen=True, slots=True)
class DueCase:
    """One case whose content is to go, without anything of that content. due_on: since when."""

    case: Case
    due_on: date
    years: int


@dataclass(frozen=True, slots=True)
class Expired:
    """How many of the small things went."""

    audit_texts: int
    votes: int
    notices: int
    calls: int

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.audit_texts or self.votes or self.notices or self.calls)


class Retention:
    """Applies the rules. Methods commit nothing: without a commit everything was a rehearsal."""

    def __init__(self, rules: RetentionRules) -> None:
        self.rules = rules

    async def due(self, work: "UnitOfWork", now: datetime, *, limit: int = MOST_AT_ONCE) -> list[DueCase]:
        """Cases whose content has been kept for long enough, the longest closed first."""
        rules, special = self.rules, self.rules.categories
        found = await work.cases.closed_before(years_before(now, rules.withdrawn_years), limit, withdrawn=True)
        found += await work.cases.closed_before(
            years_before(now, rules.closed_years), limit, without=special, withdrawn=False
        )
        for category, years in special.items():
            found += await work.cases.closed_before(
                years_before(now, years), limit, categories=[category], withdrawn=False
            )
        due = [self._due(case) for case in found]
        return sorted(due, key=lambda one: (one.case.closed_at, one.case.id))[:limit]

    async def delete(
        self, work: "UnitOfWork", ids: Collection[str], *, by: str, now: datetime
    ) -> tuple[list[str], list[str]]:
        """Delete the content of those of the cases that are due: their ids, and those of files of no more use.

        What is not due, any more or at all, is left alone: a case may have been opened again meanwhile.
        """
        due = {one.case.id for one in await self.due(work, now)}
        deleted: list[str] = []
        files: list[str] = []
        for case in await work.cases.find_many(due.intersection(ids)):
            if not self.rules.is_over(case, now):
                continue  # opened again since it was found to be due
            try:
                held = await work.cases.change(case, now)
            except Changed:
                continue  # somebody is at it
            files += await erase(work, held, by=by, reason=DeletionReason.RETENTION_OVER, now=now)
            deleted.append(case.id)
        if deleted:
            await work.audit.append(AuditEntry(by, "retention.approved", data={"cases": str(len(deleted))}))
        return deleted, files

    async def expire(self, work: "UnitOfWork", now: datetime) -> Expired:
        """Delete the small things whose time is over; how many of each."""
        rules = self.rules
        notices_before = now - timedelta(days=rules.notice_days)
        expired = Expired(
            audit_texts=await work.audit.delete_texts_before(years_before(now, rules.audit_text_years)),
            votes=await work.votes.delete_before(now - timedelta(days=rules.vote_days)),
            notices=await work.notices.delete_before(notices_before)
            + await work.worker_notices.delete_before(notices_before),
            calls=await work.calls.reduce_before(now - timedelta(days=rules.call_days)),
        )
        if expired.votes or expired.notices or expired.calls:
            data = {name: str(getattr(expired, name)) for name in ("votes", "notices", "calls")}
            await work.audit.append(AuditEntry(SYSTEM, "retention.expired", data=data))
        return expired

    def _due(self, case: Case) -> DueCase:
        years = self.rules.years(case)
        closed = local_date(case.closed_at) if case.closed_at else date.min
        return DueCase(case, _same_day(closed, closed.year + years), years)


def years_before(now: datetime, years: int) -> datetime:
    """The same time of the same day so many years earlier, in China; the last of February for a leap day."""
    local = now.astimezone(SHANGHAI)
    day = _same_day(local.date(), local.year - years)
    return datetime.combine(day, local.timetz()).astimezone(now.tzinfo)


def _same_day(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # the 29th of February
        return day.replace(year=year, day=28)
