"""Following a complaint by its receipt: the door, what the worker sees, and the receipt itself."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.audit import WORKER, AuditEntry
from bot.clock import local_date
from bot.complaints.cases import Case, CaseFile, CaseMessage, Direction, Statement, TimelineEntry
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.lifecycle import State
from bot.complaints.limits.guarding import Guard, Guarding
from bot.complaints.notices import Road
from bot.complaints.receipts import Receipt
from bot.complaints.roles import Action, Viewer, may
from bot.complaints.sensitive import agreed_to_sensitive
from bot.complaints.worker.acts import WorkerActs, deletion_asked_at, is_of_worker
from bot.complaints.worker.guesses import GuessGuard
from bot.complaints.worker.numbers import DeskNumbers
from bot.complaints.worker.refusals import NotFound
from bot.complaints.worker.rights import REGISTERED, cans
from bot.complaints.worker.tracking import (
    Can,
    CaseCopy,
    PublicStep,
    ReceiptAgain,
    SaidThen,
    TrackedFile,
    TrackedMessage,
    Tracking,
    where_it_stands,
)
from bot.keyring import KeyRing
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_FOR_WORKERS = frozenset(
    {"reason", "recipient", "outcome", "verdict", "until", "channel", "fields", "count", "road"}
) | (frozenset({"bodies", "given", "withdrawn"}))
"""Details of the timeline that a worker may see: codes and days, never another case or anybody's id."""

_TALK = (Direction.FROM_WORKER, Direction.TO_WORKER)


class Follower(WorkerActs):
    """The worker's side of a registered case.

    `open` is the only door: whoever keeps a case id in a session got it there. All else takes that id.
    """

    def __init__(
        self,
        keys: KeyRing,
        clocks: CaseClocks,
        guard: Guard,
        numbers: DeskNumbers,
        roads: Collection[Road] = frozenset({Road.CONSOLE}),
    ) -> None:
        super().__init__(keys, clocks, numbers, roads)
        self._guard = guard
        self._guesses = GuessGuard(keys, numbers.guesses)

    async def open(self, work: "UnitOfWork", receipt: Receipt, source: str, now: datetime) -> Case:
        """The case of that receipt. source: the channel's person or the address (`guesses.source_of_address`).

        Raises NotFound, alike for a wrong receipt and for one that no longer opens anything, and SlowDown.
        COMMITS before it raises, as a wrong try counts whatever the caller does then: call it first in a
        transaction of its own, and never in the one of an inbox turn. On success the caller commits.
        """
        tried = await self._guesses.admit(work, source, now)
        case = await work.cases.find_receipt(self._keys.index_all("receipt", receipt.reveal()))
        if case is None or case.content_deleted_at is not None:
            await self._guesses.note_wrong(work, tried)
            await work.commit()
            raise NotFound
        await self._guesses.take_back(work, tried)
        await work.cases.mark_receipt_used(case.id, now)
        await work.receipts.confirm(case.id)
        await self._log(work, case, "worker.receipt_shown")
        return case

    async def tracking(self, work: "UnitOfWork", case_id: str, now: datetime) -> Tracking:
        """What the worker may see. Marks messages from the union as read and logs the look: a write."""
        case = await self._seen(work, case_id)
        unread = await work.messages.mark_read(case_id, Direction.TO_WORKER, now)
        if case.call_back_due and not _waits_for_verdict(case):
            await work.cases.mark_call_back(case.id, due=False)  # what they were to be told they have seen now
        await self._log(work, case, "worker.looked")
        return await self._tracking(work, case, now, unread)

    async def copy(self, work: "UnitOfWork", case_id: str, now: datetime) -> CaseCopy:
        """Everything of the case that is the worker's, to be taken along."""
        case = await self._case(work, case_id, Can.COPY)
        versions = tuple(
            SaidThen(said_at=one.said_at, by_worker=one.by == WORKER, said=_without_identity(one.statement))
            for one in await work.cases.statements(case_id)
        )
        await self._log(work, case, "worker.copied")
        return CaseCopy(made_at=now, tracking=await self._tracking(work, case, now, 0), versions=versions)

    async def show_receipt_again(self, work: "UnitOfWork", person: str, now: datetime) -> list[ReceiptAgain]:
        """Receipts of the last hours that this person filed in this channel, for the one more time there is.

        They are deleted with it. `person`: the keyed hash. Empty when there is none.
        """
        waiting = dict(await work.receipts.waiting(person, now)) if person else {}
        shown = [ReceiptAgain(case.id, case.number, waiting[case.id]) for case in await work.cases.find_many(waiting)]
        for case_id in waiting:
            await work.receipts.confirm(case_id)
            await work.audit.append(AuditEntry(WORKER, "worker.receipt_again", case_id))
        return shown

    async def confirm_receipt(self, work: "UnitOfWork", case_id: str) -> None:
        """The worker has the receipt: from now on only its hash exists. Safe to repeat."""
        await work.receipts.confirm(case_id)

    # ---- what a look is made of

    async def _seen(self, work: "UnitOfWork", case_id: str) -> Case:
        case = await work.cases.find(case_id) if case_id else None
        viewer = Viewer(role=Role.WORKER, receipt_for=case_id)
        if case is None or case.content_deleted_at is not None or not may(viewer, Action.SEE_CONTENT, case.facts):
            raise NotFound
        return case

    async def _tracking(self, work: "UnitOfWork", case: Case, now: datetime, unread: int) -> Tracking:
        said = await work.cases.statement(case.id)
        public = await work.timeline.of(case.id, public_only=True)
        files = [file for file in await work.files.of_case(case.id) if is_of_worker(file)]
        return replace(
            where_it_stands(case),
            verdict_asked=case.state is State.RESOLVED,
            deletion_asked=await deletion_asked_at(work, case.id) is not None,
            can=cans(case),
            next_steps=await self._clocks.next_steps(work, case, local_date(now)),
            steps=tuple(public_step(entry) for entry in public),
            messages=tuple(_tracked_message(message) for message in await work.messages.of(case.id, _TALK)),
            unread=unread,
            files=tuple(_tracked_file(file) for file in files),
            said=_without_identity(said) if said else None,
            sensitive=agreed_to_sensitive(public),
            name_given=bool(said and said.name),
            phone_given=bool(said and said.phone),
            contact_given=bool(said and said.contact),
            guard=self._guarding(case, said, public, now),
        )

    def _guarding(self, case: Case, said: Statement | None, public: list[TimelineEntry], now: datetime) -> Guarding:
        """The limits as they stand today: they run on whatever the union does, after closing too."""
        if said is None or case.state is State.WITHDRAWN:
            return Guarding()
        topic = next((entry.data.get("topic", "") for entry in public if entry.kind == REGISTERED), "")
        said_on = local_date(case.registered_at)
        return self._guard.guarding(said, case.category, local_date(now), said_on=said_on, topic=topic)


def _waits_for_verdict(case: Case) -> bool:
    """Whether the worker was asked in vain on every day there is: only their word ends that."""
    return case.state is State.RESOLVED and case.ask_verdict_at is None


def _without_identity(said: Statement) -> Statement:
    """What may be shown to whoever holds the receipt: it may have been found."""
    return replace(said, name="", phone="", contact="")


def public_step(entry: TimelineEntry) -> PublicStep:
    """A public line of the timeline, without anything that is not for the worker."""
    return PublicStep(
        happened_at=entry.happened_at,
        kind=entry.kind,
        by_worker=entry.by == WORKER,
        data={name: value for name, value in entry.data.items() if name in _FOR_WORKERS},
        note=entry.note,
    )


def _tracked_message(message: CaseMessage) -> TrackedMessage:
    return TrackedMessage(
        id=message.id,
        sent_at=message.sent_at,
        from_worker=message.direction is Direction.FROM_WORKER,
        text=message.text,
        read=message.read_at is not None,
    )


def _tracked_file(file: CaseFile) -> TrackedFile:
    return TrackedFile(
        id=file.id,
        name=file.meta.name,
        media_type=file.meta.media_type,
        size=file.size,
        sha256=file.meta.sha256,
        state=file.state,
        added_at=file.added_at,
        by_worker=True,
    )
