"""Merging cases of one matter into a leading one, and taking one out again. Workers learn nothing of one another."""

from datetime import datetime
from typing import TYPE_CHECKING

from bot.complaints.cases import Case
from bot.complaints.desk.door import JOINED, JOINS, check_names_none, is_visible, others_of
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.steps import Steps
from bot.complaints.desk.values import Seen
from bot.complaints.errors import Changed
from bot.complaints.lifecycle import Event, Fact, Step, can_be_joined
from bot.complaints.roles import Action, Viewer, may, may_bring_about

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class Merging(Steps):
    """Merging and splitting."""

    async def merge(  # noqa: PLR0913 - which case joins which
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        target_number: str,
        *,
        now: datetime,
        note_to_worker: str = "",
    ) -> Case:
        """Let the case join another one, in which it is handled from now on; both count as a collective matter.

        The viewer must be allowed to merge both. A target that is not for the viewer is refused like one that does
        not exist (`Faulty("target", "unknown")`), one that is closed, the same, or (with
        one of the two) about union staff with `unfit`. Neither worker is told
        of the other: a text for them that names another of these cases is refused (`Faulty("text", "other_case")`).
        Raises CaseHidden, NotAllowed, Conflict, Faulty, StepRefused.
        """
        case = await self._hold(work, viewer, case_id, seen, now)
        if not may_bring_about(viewer, Event.MERGE, case.facts):
            raise NotAllowed(Action.MERGE)
        target = await self._target(work, viewer, target_number)
        if not can_be_joined(case.number, target.number, target.state):
            raise Faulty("target", "unfit")
        if target.about_union_staff is not case.about_union_staff:
            raise Faulty("target", "unfit")
        check_names_none(note_to_worker, await others_of(work, target) | {target.number})
        await self._joins(work, viewer, target, case, now)
        # Where it went is for staff: the worker's part of the timeline does not name another case.
        await self._enter(work, case, JOINS, by=viewer.id, now=now, data={"number": target.number})
        step = Step(event=Event.MERGE, target=target.number, facts=frozenset({Fact.TARGET_STANDS}))
        merged = await self._carry_out(work, viewer, case, step, now=now, note_to_worker=note_to_worker)
        return await work.cases.change(merged, now, collective=True)

    async def split(  # noqa: PLR0913 - which case leaves and why
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        reason: str,
        *,
        now: datetime,
        note_to_worker: str = "",
    ) -> Case:
        """Take a case out of the one it was merged into. Raises as `take_step`."""
        step = Step(event=Event.SPLIT, reason=reason)
        return await self.take_step(work, viewer, case_id, seen, step, now=now, note_to_worker=note_to_worker)

    async def _target(self, work: "UnitOfWork", viewer: Viewer, number: str) -> Case:
        """The leading case. Raises Faulty for one that the viewer may not see, as for one that does not exist."""
        target = await work.cases.find_number(number.strip().upper())
        if target is None or not is_visible(viewer, target):
            raise Faulty("target", "unknown")
        if not may(viewer, Action.MERGE, target.facts):
            raise NotAllowed(Action.MERGE)
        return target

    async def _joins(self, work: "UnitOfWork", viewer: Viewer, target: Case, case: Case, now: datetime) -> None:
        """Note at the leading case who joined it; nothing of it is public."""
        await self._enter(work, target, JOINED, by=viewer.id, now=now, data={"number": case.number})
        try:
            await work.cases.change(target, now, collective=True)
        except Changed:
            raise Faulty("target", "busy") from None
