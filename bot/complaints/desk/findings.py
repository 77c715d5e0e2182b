"""What the radar found, as the viewer may see it, and what people decide about it."""

from datetime import datetime
from typing import TYPE_CHECKING

from bot.complaints.cases import Case
from bot.complaints.desk.caseload import check_sees_lists
from bot.complaints.desk.collective import FindingKind, flag
from bot.complaints.desk.door import is_visible
from bot.complaints.desk.merging import Merging
from bot.complaints.desk.refusals import CaseHidden, Faulty, NotAllowed
from bot.complaints.desk.rows import employer_names
from bot.complaints.desk.values import FindingView, Seen
from bot.complaints.kept import FindingState, RadarFinding
from bot.complaints.lifecycle import CLOSED
from bot.complaints.roles import Action, Viewer, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class Findings(Merging):
    """Findings of the radar."""

    async def findings(self, work: "UnitOfWork", viewer: Viewer) -> list[FindingView]:
        """What is open and holds a case that the viewer may see, the oldest first; logged. Raises NotAllowed."""
        check_sees_lists(viewer)
        views = [await self._finding_view(work, viewer, finding) for finding in await work.radar.open_findings()]
        seen = [view for view in views if view.cases]
        await self._log(work, viewer, "finding.list", data={"total": str(len(seen))})
        return seen

    async def decide_finding(  # noqa: PLR0913 - what is decided about which finding
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        finding: str,
        *,
        together: bool,
        now: datetime,
        lead: str = "",
    ) -> None:
        """Close a finding: the cases are one matter and stay flagged, or the flags are taken away again.

        lead: the number of one of them, in which the others that are still open are handled from now on.
        Only who may triage all of the cases decides. Raises CaseHidden for a finding that is not for the viewer or is
        decided already, NotAllowed, Faulty.
        """
        found = await work.radar.find(finding)
        cases = await work.cases.find_many(found.cases) if found else []
        if found is None or found.state is not FindingState.OPEN or not any(is_visible(viewer, one) for one in cases):
            raise CaseHidden
        if not all(may(viewer, Action.TRIAGE, case.facts) for case in cases):
            raise NotAllowed(Action.TRIAGE)
        state = FindingState.MERGED if together else FindingState.SEPARATE
        if not await work.radar.decide(finding, state, by=viewer.id, now=now):
            raise CaseHidden
        await self._log(work, viewer, "finding.decide", case=finding, reason=state.value, data={"lead": lead})
        if together and lead:
            await self._unite(work, viewer, cases, lead, now)
        elif not together:
            await self._unflag(work, viewer, found, cases, now)

    async def _unite(self, work: "UnitOfWork", viewer: Viewer, cases: list[Case], lead: str, now: datetime) -> None:
        if lead not in {case.number for case in cases}:
            raise Faulty("lead", "unknown")
        for case in cases:
            if case.number != lead and case.state not in CLOSED:
                present = await self._open(work, viewer, case.id)
                await self.merge(work, viewer, case.id, Seen(present.version), lead, now=now)

    async def _unflag(
        self, work: "UnitOfWork", viewer: Viewer, found: RadarFinding, cases: list[Case], now: datetime
    ) -> None:
        """Take the flag from those of which no other open finding speaks and that nothing was merged into."""
        elsewhere = {case for finding in await work.radar.open_findings() for case in finding.cases}
        for case in cases:
            joined = case.progress.merged_into or await work.cases.joined(case.number)
            if case.collective and case.id not in elsewhere and not joined:
                await flag(work, case, found, together=False, by=viewer.id, now=now)

    async def _finding_view(self, work: "UnitOfWork", viewer: Viewer, finding: RadarFinding) -> FindingView:
        cases = await work.cases.find_many(finding.cases)
        seen = [case for case in cases if is_visible(viewer, case)]
        employer = cases[0].employer if cases and finding.kind != FindingKind.SITE else ""
        names = await employer_names(work, [employer] if employer else [])
        return FindingView(
            id=finding.id,
            kind=finding.kind,
            opened_on=finding.opened_on,
            employer=employer,
            employer_name=names.get(employer, ""),
            district=finding.district,
            cases=tuple((case.id, case.number) for case in seen),
            hidden=len(cases) - len(seen),
        )
