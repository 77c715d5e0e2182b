"""The steps of a case: checked against roles and lifecycle, with clocks, timeline and what the worker is told."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.cases import Case, TimelineEntry
from bot.complaints.desk.codes import REASONS, Outcome
from bot.complaints.desk.door import DeskPart, check_text
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.step_clocks import apply_step
from bot.complaints.desk.step_forms import BY_DESK, TELLING
from bot.complaints.desk.values import Seen
from bot.complaints.lifecycle import CLOSED, NEEDS, Event, Fact, Progress, State, Step, take
from bot.complaints.roles import EVENT_ACTIONS, Action, Viewer, may, may_bring_about

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

UNTIL = "until"
"""In the timeline, with ASK_WORKER: the last day on which the worker's answer is awaited."""

OWN_FORM = frozenset({Event.REFER, Event.MERGE})
"""Steps that need more than a step says: `refer` and `merge`."""

FEEDBACK = "union.feedback"


class Steps(DeskPart):
    """Taking steps."""

    async def take_step(  # noqa: PLR0913 - the fields of the form of a step, named
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        step: Step,
        *,
        now: datetime,
        note_to_worker: str = "",
        note: str = "",
        answer_until: date | None = None,
        tell_members: bool = False,
    ) -> Case:
        """The case after the step. The worker gets the note as a message; the other note is internal.

        What the desk can see for itself (owner, waiting time, text for the worker) counts, whatever `step.facts` says;
        of those only WORKERS_WISH is taken, with an internal note on how it was said. tell_members: the cases
        merged into this one, as far as the viewer may write to them, get the message too.
        Raises CaseHidden, NotAllowed, Conflict, Faulty, StepRefused.
        """
        if step.event in OWN_FORM:
            raise Faulty("event", "own_form")
        case = await self._hold(work, viewer, case_id, seen, now)
        _check_event(viewer, case, step.event)
        step = await self._completed(work, case, step, note_to_worker, note, local_date(now))
        until = self._until(step.event, answer_until, local_date(now))
        data = {UNTIL: until.isoformat()} if until else {}
        case = await self._carry_out(
            work, viewer, case, step, now=now, note_to_worker=note_to_worker, note=note, data=data
        )
        if tell_members and note_to_worker.strip():
            await self._tell_members(work, viewer, case, note_to_worker, now)
        return case

    async def held_facts(self, work: "UnitOfWork", case: Case, today: date) -> frozenset[Fact]:
        """The facts that hold of the case whatever a form brings."""
        holding = {
            Fact.OWNER: bool(case.owner),
            Fact.CONTENT_KEPT: case.content_deleted_at is None,
            Fact.WAIT_OVER: case.state is State.AWAITING_WORKER
            and wait_is_over(await work.timeline.of(case.id), today),
        }
        return frozenset(fact for fact, holds in holding.items() if holds)

    async def _carry_out(  # noqa: PLR0913 - what a step consists of, named
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case: Case,
        step: Step,
        *,
        now: datetime,
        note_to_worker: str = "",
        note: str = "",
        data: dict[str, str] | None = None,
        public: bool = True,
    ) -> Case:
        """Write a step that has been checked, for a held case. Raises StepRefused, Faulty."""
        progress = take(case.progress, step)
        today, told = local_date(now), check_text(note_to_worker, "note_to_worker", needed=False)
        note = check_text(note, "note", needed=False)
        details = {"reason": step.reason, "recipient": step.recipient, "outcome": step.outcome}
        details |= {"verdict": step.verdict or "", **(data or {})}
        if told:
            details["message"] = (await self._tell_worker(work, case, told, viewer.id, now)).id
        if note:
            await self._write_note(work, case, note, viewer.id, now)
        await self._enter(work, case, step.event, by=viewer.id, now=now, data=details, public=public)
        moved = replace(case, progress=progress)
        await apply_step(work, self._parts.clocks, moved, step.event, today)
        if told and step.event is Event.RESOLVE and await _can_be_reached(work, case.id):
            await self._parts.clocks.stop(work, case.id, today, FEEDBACK)
        await self._log(
            work, viewer, f"case.{step.event}", case=case.id, reason=step.reason, data=_logged(case, progress)
        )
        fields = self._fields_after(case, progress, step.event, now, told=bool(told))
        return await self._save(work, case, now, progress=progress, **fields)

    async def _completed(  # noqa: PLR0913, PLR0917 - the parts of the form
        self, work: "UnitOfWork", case: Case, step: Step, note_to_worker: str, note: str, today: date
    ) -> Step:
        """The step with the facts that hold. Raises Faulty for codes nobody knows."""
        _check_codes(step)
        facts = set(await self.held_facts(work, case, today)) & BY_DESK
        if note_to_worker.strip():
            facts |= TELLING
        if Fact.WORKERS_WISH in step.facts & NEEDS[step.event]:
            check_text(note, "note")
            facts.add(Fact.WORKERS_WISH)
        return replace(step, facts=frozenset(facts), recipient="", target="")

    def _until(self, event: Event, wanted: date | None, today: date) -> date | None:
        if event is not Event.ASK_WORKER:
            return None
        until = wanted or today + timedelta(days=self._parts.answer_days)
        if until <= today:
            raise Faulty("answer_until", "past")
        return until

    def _fields_after(
        self, case: Case, progress: Progress, event: Event, now: datetime, *, told: bool
    ) -> dict[str, object]:
        fields: dict[str, object] = {}
        if told and case.first_contact_at is None:
            fields["first_contact_at"] = now
        if event is Event.ACCEPT and case.accepted_at is None:
            fields["accepted_at"] = now
        closes, was_closed = progress.state in CLOSED, case.state in CLOSED
        if closes and not was_closed:
            fields["closed_at"] = now
        elif was_closed and not closes:
            fields |= {"closed_at": None, "ask_verdict_at": None, "call_back_due": False}
        if event is Event.RESOLVE:
            fields["ask_verdict_at"] = now + timedelta(days=self._parts.ask_again_days)
        elif event is Event.FOLLOW_UP:
            fields |= {"ask_verdict_at": None, "call_back_due": False}
        return fields

    async def _tell_members(self, work: "UnitOfWork", viewer: Viewer, lead: Case, text: str, now: datetime) -> None:
        """Send the message to the workers of the cases that were merged into this one, each with their own number."""
        for member in await work.cases.joined(lead.number):
            if not may_write(viewer, member):
                continue
            held = await work.cases.change(member, now)
            theirs = check_text(text, "text").replace(lead.number, member.number)
            await self._tell_worker(work, held, theirs, viewer.id, now)
            await self._log(work, viewer, "case.message", case=member.id, data={"with": lead.id})
            await self._save(work, held, now, first_contact_at=held.first_contact_at or now)


def wait_is_over(timeline: list[TimelineEntry], today: date) -> bool:
    """Whether the day until which the worker was asked to answer last is past."""
    asked = [entry for entry in timeline if entry.kind == Event.ASK_WORKER and UNTIL in entry.data]
    return bool(asked) and date.fromisoformat(asked[-1].data[UNTIL]) < today


def may_write(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may send the worker of the case a message."""
    return case.content_deleted_at is None and may(viewer, Action.WRITE_TO_WORKER, case.facts)


def _check_event(viewer: Viewer, case: Case, event: Event) -> None:
    if not may_bring_about(viewer, event, case.facts):
        raise NotAllowed(min(EVENT_ACTIONS[event]))


def _check_codes(step: Step) -> None:
    """Raises Faulty for a reason or an outcome that the step does not take."""
    if step.reason and step.reason not in set(REASONS.get(step.event, ())):
        raise Faulty("reason", "unknown")
    if step.outcome and (step.event is not Event.RESOLVE or step.outcome not in set(Outcome)):
        raise Faulty("outcome", "unknown")


async def _can_be_reached(work: "UnitOfWork", case_id: str) -> bool:
    return any(link.grants for link in await work.links.of(case_id))


def _logged(case: Case, progress: Progress) -> dict[str, str]:
    return {
        "number": case.number,
        "from": case.state,
        "to": progress.state,
        "recipient": progress.recipient,
        "outcome": progress.outcome if progress.state is State.RESOLVED else "",
        "target": progress.merged_into,
    }
