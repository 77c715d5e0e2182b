"""What a worker does with a registered case: write, correct, consent, withdraw, ask for deletion, give a verdict.

The receipt was shown before; here only the id of the case is left. Every act is checked against the role table and
the state of the case, and written to timeline and audit log in the same unit of work.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.audit import WORKER, AuditEntry
from bot.clock import local_date
from bot.complaints.cases import Case, CaseFile, CaseMessage, Consent, Direction, Statement, TimelineEntry
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.clocks.rules import Start
from bot.complaints.desk.staff_telling import roster, tell_staff
from bot.complaints.desk.step_clocks import apply_step
from bot.complaints.lifecycle import CLOSED, Event, Fact, State, Step, Verdict, take
from bot.complaints.notices import Road
from bot.complaints.quantities.ranges import Bounds, Per
from bot.complaints.sensitive import agreed_to_sensitive, without_sensitive
from bot.complaints.worker.guesses import window
from bot.complaints.worker.numbers import DeskNumbers
from bot.complaints.worker.reaching import Chosen, choose
from bot.complaints.worker.refusals import NotFound, Refused, SlowDown, Why
from bot.complaints.worker.rights import (
    CONSENTED,
    CORRECTED,
    DELETION_ASKED,
    DISSATISFIED,
    FILES_ADDED,
    NOTICES_CHOSEN,
    RECALLED,
    cans,
)
from bot.complaints.worker.search_index import index_statement, said_site
from bot.complaints.worker.tracking import Can, Deletion, Kept
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_FIELDS = frozenset(field.name for field in fields(Statement))
_HOUR = 3600
_AGREED: Mapping[Chosen, frozenset[Consent]] = {
    Chosen.SHOWN: frozenset({Consent.NOTICES, Consent.CONTENT}),
    Chosen.NEUTRAL: frozenset({Consent.NOTICES}),
    Chosen.NONE: frozenset(),
}
"""To what a worker has agreed who gets news so."""

_MESSAGES = "case_message"


class WorkerActs:
    """The acts; `Follower` adds the door and the looks.

    All raise NotFound when the case is gone, Refused for what it does not take now, and Changed when somebody saved
    at the same time: do it again. None commits.
    """

    def __init__(self, keys: KeyRing, clocks: CaseClocks, numbers: DeskNumbers, roads: Collection[Road]) -> None:
        self._keys = keys
        self._clocks = clocks
        self._numbers = numbers
        self._roads = roads

    async def say(self, work: "UnitOfWork", case_id: str, text: str, now: datetime) -> None:
        """Add a message to the union; an awaited answer takes the case on. Raises SlowDown too."""
        case = await self._case(work, case_id, Can.SAY)
        text = text.strip()
        if not text:
            raise Refused(Why.EMPTY)
        if len(text) > self._numbers.worker.message_characters:
            raise Refused(Why.TOO_LONG)
        await self._check_pace(work, case_id, now)
        case = await self._heard(work, case, now)
        await self._write(work, case, text, now)
        await self._log(work, case, "worker.message")

    async def add_files(self, work: "UnitOfWork", case_id: str, files: Sequence[str], now: datetime) -> None:
        """Attach files that were taken for this worker and belong to no case yet."""
        case = await self._case(work, case_id, Can.ADD_FILES)
        if not files:
            raise Refused(Why.EMPTY)
        if len(await work.files.of_case(case_id)) + len(files) > self._numbers.worker.files_per_case:
            raise Refused(Why.TOO_MANY_FILES)
        case = await self._heard(work, case, now)
        if await work.files.attach(tuple(files), case_id) != len(set(files)):
            raise Refused(Why.NOT_YOUR_FILE)
        await self._enter(work, case, FILES_ADDED, now, {"count": str(len(set(files)))})
        await self._log(work, case, "worker.files_added", {"count": str(len(set(files)))})

    async def file(self, work: "UnitOfWork", case_id: str, file_id: str) -> CaseFile:
        """One of the worker's own files of the case, to be opened; the look is logged. Raises NotFound."""
        case = await self._case(work, case_id, Can.COPY)
        found = await work.files.find(file_id)
        if found is None or found[0].case != case.id or not is_of_worker(found[0]):
            raise NotFound
        await self._log(work, case, "worker.file_opened", {"file": file_id})
        return found[0]

    async def correct(self, work: "UnitOfWork", case_id: str, changes: Mapping[str, Any], now: datetime) -> None:
        """Say something anew: fields of `Statement` by name; what is not named stays. The earlier words are kept.

        What is sensitive is not taken where the worker did not agree to that at filing.
        """
        case = await self._case(work, case_id, Can.CORRECT)
        said = await work.cases.statement(case_id)
        if said is None:
            raise Refused(Why.CONTENT_DELETED)
        if set(changes) - _FIELDS:
            raise Refused(Why.FIELD)
        corrected = replace(said, **changes)
        if not agreed_to_sensitive(await work.timeline.of(case_id, public_only=True)):
            corrected = without_sensitive(corrected)
        if not corrected.narrative.strip():
            raise Refused(Why.EMPTY)
        if corrected == said:
            return
        figures = {"people": corrected.people.bounds, "money": total(corrected), **self._site(case, said, corrected)}
        case = await self._heard(work, case, now, **figures)
        await work.cases.add_statement(case_id, corrected, by=WORKER, now=now)
        await index_statement(work, self._keys, case_id, corrected)
        changed = " ".join(name for name in sorted(changes) if getattr(said, name) != getattr(corrected, name))
        await self._enter(work, case, CORRECTED, now, {"fields": changed})
        await self._log(work, case, "worker.corrected", {"fields": changed})

    async def change_passing_on(self, work: "UnitOfWork", case_id: str, bodies: Collection[str], now: datetime) -> None:
        """Agree that the matter goes to these bodies and no others; with none of them the consent is withdrawn.

        What was passed on before stays with whom it went to; who handles the case is told to let them know. A consent
        given while the union waits for the worker counts as an answer.
        """
        case = await self._case(work, case_id, Can.CHANGE_PASSING_ON)
        offered, before = self._numbers.bodies, frozenset(case.passing_on)
        if not set(bodies) <= set(offered):
            raise Refused(Why.BODY)
        agreed = tuple(body for body in offered if body in bodies)
        given, withdrawn = frozenset(agreed) - before, before - frozenset(agreed)
        if not given and not withdrawn:
            return
        if given and case.state is State.AWAITING_WORKER:
            case = await self._heard(work, case, now, passing_on=agreed)
        else:
            case = await work.cases.change(case, now, passing_on=agreed)
        changes = {"bodies": agreed, "given": sorted(given), "withdrawn": sorted(withdrawn)}
        data = {name: " ".join(codes) for name, codes in changes.items()}
        await self._enter(work, case, CONSENTED, now, data)
        await self._log(work, case, "worker.consented", data)
        await self._recall(work, case, withdrawn, now)

    async def choose_notices(
        self, work: "UnitOfWork", case_id: str, person: str, chosen: Chosen, now: datetime
    ) -> None:
        """Let news reach the conversation in which this person filed so from now on: a consent given or withdrawn.

        Written down as the consents at filing are. Without notices the account is no longer linked to the case.
        Raises Refused where that conversation gets no notices of the case. person: the keyed hash.
        """
        case = await self._case(work, case_id, Can.COPY)
        before = await choose(work, case_id, person, chosen)
        if before is None:
            raise Refused(Why.STATE)
        given, withdrawn = _AGREED[chosen] - _AGREED[before], _AGREED[before] - _AGREED[chosen]
        if not given and not withdrawn:
            return
        data = {"given": " ".join(sorted(given)), "withdrawn": " ".join(sorted(withdrawn))}
        await self._enter(work, case, NOTICES_CHOSEN, now, data)
        await self._log(work, case, "worker.notices_chosen", data)

    async def withdraw(self, work: "UnitOfWork", case_id: str, now: datetime) -> None:
        """Take the complaint back; its content stays until it is deleted."""
        case = await self._case(work, case_id, Can.WITHDRAW)
        step = Step(event=Event.WITHDRAW, facts=frozenset({Fact.WORKERS_WISH}))
        await self._take(work, case, step, now)

    async def restore(self, work: "UnitOfWork", case_id: str, now: datetime) -> None:
        """Take a withdrawn complaint up again."""
        case = await self._case(work, case_id, Can.RESTORE)
        step = Step(event=Event.RESTORE, facts=frozenset({Fact.WORKERS_WISH, Fact.CONTENT_KEPT}))
        await self._take(work, case, step, now)

    async def ask_deletion(self, work: "UnitOfWork", case_id: str, now: datetime) -> Deletion:
        """Write down that the worker wants the content deleted; a supervisor does it as the law allows. Repeatable."""
        case = await self._case(work, case_id, Can.ASK_DELETION)
        asked = await deletion_asked_at(work, case_id)
        if asked is None:
            case = await work.cases.change(case, now)
            await self._enter(work, case, DELETION_ASKED, now)
            await self._log(work, case, "worker.deletion_asked")
        public = await work.timeline.of(case_id, public_only=True)
        referred = any(entry.kind == Event.REFER for entry in public)
        return Deletion(asked or now, kept_of(case, referred=referred))

    async def give_verdict(
        self, work: "UnitOfWork", case_id: str, verdict: Verdict, now: datetime, comment: str = ""
    ) -> None:
        """The worker's own word on what came of it; the last one counts. A comment becomes a message.

        That nothing is solved is told to who has to act and to the supervisors: they decide on a second dispatch.
        """
        case = await self._case(work, case_id, Can.GIVE_VERDICT)
        comment = comment.strip()
        if len(comment) > self._numbers.worker.message_characters:
            raise Refused(Why.TOO_LONG)
        before = case.progress.verdict
        case = await self._take(work, case, Step(event=Event.FOLLOW_UP, verdict=verdict), now)
        if verdict is Verdict.NOT_SOLVED and before is not verdict:
            staff = await roster(work)
            members = {member.id: member for member in (*staff.responsible(case), *staff.supervisors(case))}
            key = f"{DISSATISFIED}:{case.id}:{case.version}"
            await tell_staff(work, members.values(), DISSATISFIED, key=key, now=now, roads=self._roads, case=case)
        if comment:
            await self._check_pace(work, case_id, now)
            case = await self._heard(work, case, now)
            await self._write(work, case, comment, now)

    # ---- what the acts share

    async def _recall(self, work: "UnitOfWork", case: Case, withdrawn: Collection[str], now: datetime) -> None:
        """Let staff see, and tell who has to act, that a body to which the case went may not use it any more."""
        went_to = {one.data.get("recipient", "") for one in await work.timeline.of(case.id) if one.kind == Event.REFER}
        recalled = sorted(went_to.intersection(withdrawn))
        for body in recalled:
            await self._enter(work, case, RECALLED, now, {"body": body}, public=False)
        if recalled:
            members, key = (await roster(work)).responsible(case), f"{RECALLED}:{case.id}:{case.version}"
            await tell_staff(work, members, RECALLED, key=key, now=now, roads=self._roads, case=case)

    def _site(self, case: Case, before: Statement, after: Statement) -> dict[str, str]:
        """The site that was named anew, unless triage has set another one meanwhile."""
        was, now = (said_site(self._keys, said, self._numbers.places) for said in (before, after))
        return {"site": now} if case.site == was != now else {}

    async def _case(self, work: "UnitOfWork", case_id: str, act: Can) -> Case:
        """The case, if it takes that act now. Raises NotFound, Refused."""
        case = await work.cases.find(case_id) if case_id else None
        if case is None:
            raise NotFound
        if act not in cans(case):
            raise Refused(Why.CONTENT_DELETED if case.content_deleted_at else _why_not(case))
        return case

    async def _take(self, work: "UnitOfWork", case: Case, step: Step, now: datetime) -> Case:
        """The case after that step, with its clocks, timeline and log."""
        moved = replace(case, progress=take(case.progress, step))
        held = await work.cases.change(case, now, progress=moved.progress, **_marks(case, moved, step.event, now))
        data = {"verdict": str(step.verdict)} if step.verdict else {}
        await self._enter(work, held, step.event, now, data)
        await apply_step(work, self._clocks, held, step.event, local_date(now))
        await self._log(work, held, f"worker.{step.event}", {"from": case.state, "to": held.state, **data})
        return await self._refresh(work, held, now)

    async def _heard(self, work: "UnitOfWork", case: Case, now: datetime, **figures: object) -> Case:
        """The case that has heard from its worker: an awaited answer takes it on, and a reply falls due."""
        progress = case.progress
        answered = case.state is State.AWAITING_WORKER
        if answered:
            progress = take(progress, Step(event=Event.WORKER_ANSWERED))
        case = await work.cases.change(case, now, progress=progress, **figures)
        if answered:
            await self._enter(work, case, Event.WORKER_ANSWERED, now)
            await apply_step(work, self._clocks, case, Event.WORKER_ANSWERED, local_date(now))
        await self._clocks.begin(work, case, Start.WORKER_WROTE, local_date(now))
        return await self._refresh(work, case, now)

    async def _refresh(self, work: "UnitOfWork", case: Case, now: datetime) -> Case:
        return await work.cases.change(case, now, **await self._clocks.due(work, case.id, local_date(now)))

    async def _write(self, work: "UnitOfWork", case: Case, text: str, now: datetime) -> None:
        message = CaseMessage(id=uuid4().hex, sent_at=now, by=WORKER, direction=Direction.FROM_WORKER, text=text)
        await work.messages.add(case.id, message)

    async def _check_pace(self, work: "UnitOfWork", case_id: str, now: datetime) -> None:
        said = await work.attempts.count(_MESSAGES, case_id, window(now, _HOUR))
        if said > self._numbers.worker.messages_per_hour:
            raise SlowDown(max(_HOUR - int(now.timestamp()) % _HOUR, 1))

    async def _enter(  # noqa: PLR0913 - one line of the timeline
        self,
        work: "UnitOfWork",
        case: Case,
        kind: str,
        now: datetime,
        data: Mapping[str, str] | None = None,
        *,
        public: bool = True,
    ) -> None:
        entry = TimelineEntry(id=uuid4().hex, happened_at=now, by=WORKER, kind=kind, data=data or {}, public=public)
        await work.timeline.add(case.id, entry)

    async def _log(self, work: "UnitOfWork", case: Case, action: str, data: Mapping[str, str] | None = None) -> None:
        await work.audit.append(AuditEntry(WORKER, action, case.id, data={"number": case.number, **(data or {})}))


def is_of_worker(file: CaseFile) -> bool:
    """Whether the worker added the file. What staff add is theirs, whoever took the complaint down among them."""
    return file.by == WORKER


def total(said: Statement) -> Bounds | None:
    """The sum that is at stake; what is counted by day or head is no sum until somebody has looked at it."""
    return said.money.bounds if said.money.per in {"", Per.TOTAL} else None


def kept_of(case: Case, *, referred: bool) -> tuple[Kept, ...]:
    """What stays when the content of this case is deleted; the page says so. referred: whether it ever was."""
    kept = [Kept.FIGURES, Kept.AUDIT, Kept.BACKUPS]
    if case.passing_on or referred or case.state is State.REFERRED:
        kept.append(Kept.PASSED_ON)
    if case.state not in CLOSED:
        kept.insert(0, Kept.WHILE_HANDLED)
    return tuple(kept)


async def deletion_asked_at(work: "UnitOfWork", case_id: str) -> datetime | None:
    """When the worker first asked for deletion; None when never."""
    public = await work.timeline.of(case_id, public_only=True)
    return next((entry.happened_at for entry in public if entry.kind == DELETION_ASKED), None)


def _why_not(case: Case) -> Why:
    return Why.MERGED if case.state is State.MERGED else Why.STATE


def _marks(case: Case, moved: Case, event: Event, now: datetime) -> dict[str, object]:
    """The other fields of a case that follow from a worker's step."""
    if event is Event.FOLLOW_UP:
        return {"ask_verdict_at": None, "call_back_due": False}
    closes, was_closed = moved.state in CLOSED, case.state in CLOSED
    if closes:
        return {"ask_verdict_at": None, "call_back_due": False} | ({} if was_closed else {"closed_at": now})
    return {"closed_at": None} if was_closed else {}
