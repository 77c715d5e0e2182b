"""The 12351 desk: calls taken down, receipts that callers give, and call-backs. All of it is logged.

What an operator may do with a case follows from the role table: with a case that its caller's receipt opens, with one
that waits for a call-back, with one just taken down. Number and receipt are read out from `read_out`, which works for
whoever took the call, for an hour and until the caller has them.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.clock import local_date
from bot.complaints.cases import Case, CaseMessage, Direction, Filing, Nature, Statement
from bot.complaints.clocks.rules import Start
from bot.complaints.desk.calls import AnsweredCall
from bot.complaints.desk.codes import ContactWay, ReopenReason
from bot.complaints.desk.door import DeskParts
from bot.complaints.desk.refusals import CaseHidden, Faulty, NotAllowed
from bot.complaints.desk.staff_telling import roster, tell_staff
from bot.complaints.desk.steps import Steps
from bot.complaints.desk.values import Seen
from bot.complaints.lifecycle import Event, Fact, State, Step, Verdict, events_from
from bot.complaints.limits.guarding import Guard, Guarding
from bot.complaints.receipts import Receipt
from bot.complaints.roles import TABLE, Action, Viewer, may
from bot.complaints.worker.following import Follower, public_step
from bot.complaints.worker.refusals import NotFound
from bot.complaints.worker.registering import Registrar
from bot.complaints.worker.rights import CALL_BACK
from bot.complaints.worker.tracking import NextStep, Tracking, where_it_stands
from bot.errors import CannotOpen

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

READ_FOR = timedelta(hours=1)
"""How long number and receipt can be read out again by whoever took the call."""

PASS_FOR = timedelta(minutes=30)
"""How long a receipt that a caller gave keeps the case open for the operator."""

LONGEST_WORDS = 2000
MOST_TRIES = 3
"""So often a worker who does not answer is called; after that the case is listed no more."""

TRIED = "call_tried"
GIVEN_UP = "call_given_up"
TOLD = "call_told"
"""Kinds of lines of the timeline."""

_CONTEXT = "hotline:pass"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOut:
    """What is read to the caller. receipt: None once the caller has it; then only number and state are left."""

    case_id: str
    number: str
    state: State
    receipt: Receipt | None = None
    next_steps: tuple[NextStep, ...] = ()
    guard: Guarding = field(default_factory=Guarding)
    said: Statement | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallerCase:
    """A case as its caller's receipt shows it to the operator: where it stands, nothing of its content."""

    tracking: Tracking
    seen: Seen
    may_relay: bool
    may_withdraw: bool
    may_judge: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkersWord:
    """What the worker says came of a case. said: in their words; again: why it is handled once more, if it is."""

    verdict: Verdict
    said: str = field(default="", repr=False)
    again: str = ""


class Hotline(Steps):
    """The service."""

    def __init__(self, parts: DeskParts, registrar: Registrar, follower: Follower, guard: Guard) -> None:
        super().__init__(parts)
        self._registrar = registrar
        self._follower = follower
        self._guard = guard

    # ---- taking a call

    async def register(self, work: "UnitOfWork", viewer: Viewer, filing: Filing, form: str, *, now: datetime) -> str:
        """Register what a caller said; the id of the case. `form`: the form that was sent, however often.

        A question that could not be answered at once starts the clock for calling back.
        Raises NotAllowed, and NumberTaken: then do it again.
        """
        _check_takes_calls(viewer)
        case_id = self._call_id(viewer, form)
        if await work.cases.find(case_id) is not None:
            return case_id
        filing = replace(filing, logged_by=viewer.id, person="", notify="", grants=(), quarantined=False)
        made = self._registrar.prepare(filing, now)
        case = await self._registrar.register(
            work, filing, case_id=case_id, number=made.number, receipt=made.receipt, now=now
        )
        if filing.nature is Nature.CONSULTATION:
            await self._parts.clocks.begin(work, case, Start.CALL_ENDED, local_date(now))
            await self._save(work, case, now)
        await work.receipts.keep(case_id, self._reader(viewer, case_id), made.receipt, now + READ_FOR)
        return case_id

    async def count_answered(self, work: "UnitOfWork", viewer: Viewer, call: AnsweredCall, form: str) -> bool:
        """Count a question that was answered at once, without a case and without anything of what was said.

        False when this form was sent before. Raises NotAllowed.
        """
        _check_takes_calls(viewer)
        counted = await work.calls.add(replace(call, id=self._call_id(viewer, form), by=viewer.id))
        if counted:
            await self._log(work, viewer, "call.answered", data={"channel": call.channel, "topic": call.topic})
        return counted

    async def read_out(self, work: "UnitOfWork", viewer: Viewer, case_id: str, *, now: datetime) -> ReadOut:
        """Number, receipt, next steps and limits of a case that the viewer took down. Raises CaseHidden."""
        case = await self._taken_by(work, viewer, case_id)
        receipt = dict(await work.receipts.waiting(self._reader(viewer, case_id), now)).get(case_id)
        if receipt is None:
            if not may(viewer, Action.SEE_STATE, case.facts):
                raise CaseHidden
            return ReadOut(case_id=case.id, number=case.number, state=case.state)
        said, today = await work.cases.statement(case.id), local_date(now)
        topic = next((entry.data.get("topic", "") for entry in await work.timeline.of(case.id, public_only=True)), "")
        guard = self._guard.guarding(said, case.category, today, topic=topic) if said else Guarding()
        await self._log(work, viewer, "call.read_out", case=case.id, data={"number": case.number})
        return ReadOut(
            case_id=case.id,
            number=case.number,
            state=case.state,
            receipt=receipt,
            next_steps=await self._parts.clocks.next_steps(work, case, today),
            guard=guard,
            said=said,
        )

    async def caller_has_receipt(self, work: "UnitOfWork", viewer: Viewer, case_id: str) -> None:
        """The caller has written it down: from now on only its hash exists. Safe to repeat. Raises CaseHidden."""
        case = await self._taken_by(work, viewer, case_id)
        if await work.receipts.confirm(case.id):
            await self._log(work, viewer, "call.receipt_told", case=case.id, data={"number": case.number})

    # ---- a caller with a receipt

    async def open_receipt(self, work: "UnitOfWork", viewer: Viewer, receipt: Receipt, *, now: datetime) -> str:
        """A pass for the case of the receipt that a caller gives, for this operator and half an hour.

        Wrong ones count for the operator as they do for everybody: raises NotFound and SlowDown as `Follower.open`,
        which COMMITS before it does so; NotAllowed.
        """
        if not TABLE[viewer.role].get(Action.RELAY_MESSAGE) or not viewer.active:
            raise NotAllowed(Action.RELAY_MESSAGE)
        case = await self._follower.open(work, receipt, f"staff:{viewer.id}", now)
        if not may(replace(viewer, receipt_for=case.id), Action.SEE_STATE, case.facts):
            raise NotFound
        await self._log(work, viewer, "call.receipt_given", case=case.id, data={"number": case.number})
        return self._make_pass(viewer, case.id, now)

    def with_pass(self, viewer: Viewer, given: str, now: datetime) -> Viewer:
        """The operator, as whoever was shown the receipt for which the pass was made. Raises CaseHidden."""
        try:
            sealed = base64.urlsafe_b64decode(given.encode())
            known = json.loads(self._parts.keys.open(sealed, _CONTEXT))
        except (binascii.Error, ValueError, CannotOpen):
            raise CaseHidden from None
        if known["staff"] != viewer.id or now >= datetime.fromisoformat(known["until"]):
            raise CaseHidden
        return replace(viewer, receipt_for=known["case"])

    async def caller_case(self, work: "UnitOfWork", viewer: Viewer, *, now: datetime) -> CallerCase:
        """The case of the receipt that was shown. Raises CaseHidden."""
        case = await self._open(work, viewer, viewer.receipt_for)
        if case.content_deleted_at is not None:
            raise CaseHidden
        events = events_from(case.state)
        await self._log(work, viewer, "call.see", case=case.id, data={"number": case.number})
        return CallerCase(
            tracking=await self._tracking(work, case, now),
            seen=Seen(case.version, now),
            may_relay=may(viewer, Action.RELAY_MESSAGE, case.facts),
            may_withdraw=Event.WITHDRAW in events and may(viewer, Action.RECORD_WITHDRAWAL, case.facts),
            may_judge=Event.FOLLOW_UP in events and may(viewer, Action.RECORD_VERDICT, case.facts),
        )

    async def relay(self, work: "UnitOfWork", viewer: Viewer, case_id: str, text: str, *, now: datetime) -> None:
        """Take down what a caller adds; an awaited answer takes the case on. Raises as `_hold`, Faulty."""
        case = await self._hold(work, viewer, case_id, None, now, Action.RELAY_MESSAGE)
        if case.content_deleted_at is not None:
            raise CaseHidden
        text = _words(text, "text")
        if case.state is State.AWAITING_WORKER:
            case = await self._carry_out(work, viewer, case, Step(event=Event.WORKER_ANSWERED), now=now)
        message = CaseMessage(id=uuid4().hex, sent_at=now, by=viewer.id, direction=Direction.FROM_WORKER, text=text)
        await work.messages.add(case.id, message)
        await self._parts.clocks.begin(work, case, Start.WORKER_WROTE, local_date(now))
        await self._log(work, viewer, "call.message", case=case.id, data={"number": case.number})
        await self._save(work, case, now)

    async def withdraw(  # noqa: PLR0913 - who takes back which case in what words
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, said: str, *, now: datetime
    ) -> None:
        """Record that the caller takes the case back, in their words. Raises as `take_step`."""
        step = Step(event=Event.WITHDRAW, facts=frozenset({Fact.WORKERS_WISH}))
        await self.take_step(work, viewer, case_id, seen, step, now=now, note=_words(said, "said"))

    # ---- what came of it

    async def record_word(  # noqa: PLR0913 - who records which word for which case
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, word: WorkersWord, *, now: datetime
    ) -> None:
        """Record what the worker says came of it; handled once more when they want that, and those who act are told.

        Raises CaseHidden, NotAllowed, Conflict, Faulty, StepRefused.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.RECORD_VERDICT)
        if word.again:
            self._check(viewer, case, Action.REOPEN)
            _check_again(word)
        step = Step(event=Event.FOLLOW_UP, verdict=word.verdict)
        case = await self._carry_out(work, viewer, case, step, now=now, note=_words(word.said, "said", needed=False))
        if word.again:
            again = Step(event=Event.REOPEN, reason=word.again)
            case = await self._carry_out(work, viewer, case, again, now=now)
            await self._tell_again(work, case, now)

    async def record_told(self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, *, now: datetime) -> None:
        """Record that the worker was told there is news; listed no more. Raises CaseHidden, NotAllowed, Conflict."""
        case = await self._listed(work, viewer, case_id, seen, now)
        await self._enter(work, case, TOLD, by=viewer.id, now=now, data={"way": ContactWay.PHONE.value})
        await self._log(work, viewer, "call.told", case=case.id, data={"number": case.number})
        await self._save(work, case, now, call_back_due=False)

    async def record_no_answer(
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, *, now: datetime
    ) -> bool:
        """Record that nobody answered; whether the case is still listed. Raises CaseHidden, NotAllowed, Conflict."""
        case = await self._listed(work, viewer, case_id, seen, now)
        tries = await self.tries(work, case_id) + 1
        way = {"way": ContactWay.NOT_REACHED.value}
        await self._enter(work, case, TRIED, by=viewer.id, now=now, data=way)
        await self._log(work, viewer, "call.not_reached", case=case.id, data={"number": case.number})
        listed = tries < MOST_TRIES
        if not listed:
            await self._enter(work, case, GIVEN_UP, by=viewer.id, now=now)
        await self._save(work, case, now, call_back_due=listed)
        return listed

    async def tries(self, work: "UnitOfWork", case_id: str) -> int:
        """How often the worker was called in vain since the case was listed."""
        kinds = [entry.kind for entry in await work.timeline.of(case_id)]
        listed = max((place for place, kind in enumerate(kinds) if kind == CALL_BACK), default=-1)
        return kinds[listed + 1 :].count(TRIED)

    # ---- what these share

    async def _listed(self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, now: datetime) -> Case:
        case = await self._hold(work, viewer, case_id, seen, now, Action.RECORD_VERDICT)
        if not case.call_back_due:
            raise NotAllowed(Action.RECORD_VERDICT)
        return case

    async def _taken_by(self, work: "UnitOfWork", viewer: Viewer, case_id: str) -> Case:
        case = await work.cases.find(case_id)
        if case is None or case.logged_by != viewer.id or not may(viewer, Action.LOG_CALL):
            raise CaseHidden
        return case

    async def _tracking(self, work: "UnitOfWork", case: Case, now: datetime) -> Tracking:
        messages = await work.messages.of(case.id, {Direction.TO_WORKER})
        return replace(
            where_it_stands(case),
            reachable=True,  # the caller is on the telephone
            next_steps=await self._parts.clocks.next_steps(work, case, local_date(now)),
            steps=tuple(public_step(entry) for entry in await work.timeline.of(case.id, public_only=True)),
            unread=sum(message.read_at is None for message in messages),
        )

    async def _tell_again(self, work: "UnitOfWork", case: Case, now: datetime) -> None:
        staff = await roster(work)
        members = {member.id: member for member in (*staff.responsible(case), *staff.supervisors(case))}
        key = f"reopened:{case.id}:{case.version}"
        await tell_staff(work, members.values(), "reopened", key=key, now=now, roads=self._parts.roads, case=case)

    def _call_id(self, viewer: Viewer, form: str) -> str:
        """One form makes one case, and nobody chooses its id."""
        return self._parts.keys.hash("call", f"{viewer.id}\0{form}")

    def _reader(self, viewer: Viewer, case_id: str) -> str:
        return self._parts.keys.hash("call reader", f"{viewer.id}\0{case_id}")

    def _make_pass(self, viewer: Viewer, case_id: str, now: datetime) -> str:
        known = {"case": case_id, "staff": viewer.id, "until": (now + PASS_FOR).isoformat()}
        return base64.urlsafe_b64encode(self._parts.keys.seal(json.dumps(known).encode(), _CONTEXT)).decode()


def _check_takes_calls(viewer: Viewer) -> None:
    if not may(viewer, Action.LOG_CALL):
        raise NotAllowed(Action.LOG_CALL)


def _check_again(word: WorkersWord) -> None:
    if word.verdict is Verdict.SOLVED:
        raise Faulty("again", "unfit")
    if word.again not in set(ReopenReason):
        raise Faulty("again", "unknown")


def _words(text: str, field_name: str, *, needed: bool = True) -> str:
    text = text.strip()
    if needed and not text:
        raise Faulty(field_name, "missing")
    if len(text) > LONGEST_WORDS:
        raise Faulty(field_name, "too_long")
    return text
