"""Asking the worker once more what came of a case, and then by telephone.

The cadre's word on the outcome and the worker's are two things; the page of a closed case asks from the first day on.
On each of the days in `complaints.follow_up_days` but the last a neutral notice goes out where the worker granted one,
else the next visit asks. On the last one, without an answer, the case is listed for a call-back by 12351.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from bot.audit import SYSTEM, AuditEntry
from bot.complaints.cases import Case, TimelineEntry
from bot.complaints.lifecycle import Event, State
from bot.complaints.worker.numbers import DeskNumbers
from bot.complaints.worker.rights import CALL_BACK, VERDICT_ASKED

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

ASK_VERDICT = "verdict"
"""The kind of the neutral notice to the worker: please say whether it helped."""

BY_NOTICE = "notice"
ON_NEXT_VISIT = "visit"


class VerdictAsking:
    """Asks once more after some days, then lists the case for a call-back by 12351."""

    def __init__(self, numbers: DeskNumbers) -> None:
        self._days = numbers.ask_days

    async def run(self, work: "UnitOfWork", now: datetime, limit: int = 100) -> int:
        """Ask where it is due; how many cases were looked at. Safe to repeat. Does not commit."""
        due = await work.cases.asking_verdict(now, limit)
        for case in due:
            await self._ask(work, case, now)
        return len(due)

    async def _ask(self, work: "UnitOfWork", case: Case, now: datetime) -> None:
        if case.state is not State.RESOLVED:
            await work.cases.change(case, now, ask_verdict_at=None)
            return
        asked = await self._times_asked(work, case)
        if asked + 1 >= len(self._days):
            await self._list_for_call(work, case, now)
        else:
            road = await self._notify(work, case, now)
            await work.cases.change(case, now, ask_verdict_at=self._next(case, asked + 1, now))
            await self._enter(work, case, VERDICT_ASKED, now, road)

    def _next(self, case: Case, asked: int, now: datetime) -> datetime:
        """When to ask next, having asked so often; never at once again, however late this time was."""
        planned = (case.closed_at or now) + timedelta(days=self._days[asked])
        return max(planned, now + timedelta(days=1))

    async def _times_asked(self, work: "UnitOfWork", case: Case) -> int:
        """How often the worker was asked since the case was closed last."""
        kinds = [entry.kind for entry in await work.timeline.of(case.id)]
        closed = max((place for place, kind in enumerate(kinds) if kind == Event.RESOLVE), default=-1)
        return kinds[closed + 1 :].count(VERDICT_ASKED)

    async def _notify(self, work: "UnitOfWork", case: Case, now: datetime) -> str:
        """Plan a notice over a link that allows one; by which road the worker is asked."""
        for link in await work.links.of(case.id):
            if link.grants:
                await work.worker_notices.add(case.id, link.id, ASK_VERDICT, now)
                return BY_NOTICE
        return ON_NEXT_VISIT

    async def _list_for_call(self, work: "UnitOfWork", case: Case, now: datetime) -> None:
        """Let an operator call; a case without any number of the worker's stays with the next visit."""
        callable_ = await can_be_called(work, case)
        await work.cases.change(case, now, ask_verdict_at=None, call_back_due=callable_)
        if callable_:
            await self._enter(work, case, CALL_BACK, now, "")

    async def _enter(self, work: "UnitOfWork", case: Case, kind: str, now: datetime, road: str) -> None:
        data = {"road": road} if road else {}
        entry = TimelineEntry(id=uuid4().hex, happened_at=now, by=SYSTEM, kind=kind, data=data)
        await work.timeline.add(case.id, entry)
        await work.audit.append(AuditEntry(SYSTEM, f"case.{kind}", case.id, data={"number": case.number, **data}))
        log.info("verdict.asked", case=case.id, kind=kind, road=road)


async def can_be_called(work: "UnitOfWork", case: Case) -> bool:
    """Whether the worker has left anything by which 12351 could reach them."""
    said = await work.cases.statement(case.id)
    return said is not None and bool(said.phone or said.contact)
