"""Telling workers by message that there is news, in neutral words, where they asked for it and the platform lets us.

The claim is the intent, and with it a grant that is good for once is spent; both stand in the database before anything
is sent. What could not be delivered, and what nobody knows of, stands in the timeline of the case: the cadre sees that
the worker may not have been told, and 12351 has the case on its list of calls at once. The worker finds everything
with the receipt in any case.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from uuid import uuid4

from bot.audit import SYSTEM, AuditEntry
from bot.clock import Clock
from bot.complaints.cases import Case, Direction, TimelineEntry
from bot.complaints.desk.door import NEWS
from bot.complaints.kept import Link
from bot.complaints.lifecycle import State
from bot.complaints.notices import Sending, StoredWorkerNotice
from bot.complaints.sending import Outcome, Result, attempt, record
from bot.complaints.worker.reaching import settle
from bot.complaints.worker.rights import CALL_BACK
from bot.complaints.worker.verdicts import ASK_VERDICT, can_be_called
from bot.metrics import Metrics

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

MOST_NOTICES = 50
"""With one knock; the rest waits for the next one."""

NO_GRANT = "no_grant"

NOT_TOLD, PERHAPS_TOLD = "notice_failed", "notice_unknown"
"""In the timeline: the worker was not told, or nobody knows."""

Transactions = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]


class WorkerCarrier(Protocol):
    """One channel that carries notices to workers."""

    @property
    def grant(self) -> str:
        """The kind of grant that it needs."""
        ...

    @property
    def once(self) -> bool:
        """Whether a grant is good for one notice only."""
        ...

    async def send(self, address: str, kind: str, *, key: str, now: datetime) -> None:
        """Say in neutral words that there is news of this kind.

        Raises VendorError; RecipientGone where the worker takes none, OutcomeUnknown where it may have been sent.
        """
        ...


@runtime_checkable
class ContentCarrier(Protocol):
    """One that can carry what a cadre wrote as well, to workers who chose that."""

    @property
    def shows(self) -> str:
        """The kind of grant that it needs for that, beside the other one."""
        ...

    async def send_content(self, address: str, texts: Sequence[str], *, key: str, now: datetime) -> None:
        """Send these messages of the union. Raises as `send` does."""
        ...


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A notice that is ours to send. carrier None: it may not be sent. texts: what it says besides, if anything."""

    stored: StoredWorkerNotice
    link: Link
    carrier: WorkerCarrier | None
    texts: tuple[str, ...] = field(default=(), repr=False)


class WorkerNotifier:
    """Sends what is due. carriers: by the name of their channel."""

    def __init__(
        self, *, write: Transactions, carriers: Mapping[str, WorkerCarrier], clock: Clock, metrics: Metrics
    ) -> None:
        self._write = write
        self._carriers = carriers
        self._clock = clock
        self._metrics = metrics

    async def run(self) -> Mapping[str, int]:
        """Send what is due; how many had which outcome. Safe to repeat, in several processes too."""
        figures = Counter(await self._give_up())
        for _ in range(MOST_NOTICES):
            claimed, there_was_one = await self._claim()
            if not there_was_one:
                break
            if claimed is None:
                figures["dropped"] += 1
                continue
            outcome = await self._send(claimed)
            await self._finish(claimed, outcome)
            figures[outcome.result.value] += 1
            if outcome.result is Result.PUT_OFF:  # the platform is away or busy: the next one would fare no better
                break
        return figures

    async def _give_up(self) -> dict[str, int]:
        now = self._clock.now()
        async with self._write() as work:
            given_up = await work.worker_notices.give_up(now)
            for stored in given_up:
                await _not_told(work, stored, stored.error, now, unknown=stored.state is Sending.UNKNOWN)
            await work.commit()
        for stored in given_up:
            record(self._metrics, "worker", stored.id, stored.state.value, stored.error)
        return dict(Counter(stored.state.value for stored in given_up))

    async def _claim(self) -> tuple[_Claimed | None, bool]:
        """The next notice, and whether there was one at all: what is of no use any more is dropped."""
        async with self._write() as work:
            due = await work.worker_notices.claim_due(self._clock.now(), 1)
            if not due:
                return None, False
            (stored,) = due
            claimed = await self._prepare(work, stored)
            if claimed is None:
                await work.worker_notices.drop_one(stored.id)
            await work.commit()
        return claimed, True

    async def _prepare(self, work: "UnitOfWork", stored: StoredWorkerNotice) -> _Claimed | None:
        """What the notice needs, a grant taken; None for one of no use."""
        case = await work.cases.find(stored.case)
        links = await work.links.of(stored.case) if case is not None else []
        link = next((link for link in links if link.id == stored.link), None)
        if case is None or link is None or not await is_wanted(work, case, stored.kind):
            return None
        carrier = self._carriers.get(link.channel)
        if carrier is None or carrier.grant not in link.grants:
            return _Claimed(stored, link, None)
        if carrier.once:
            await work.links.spend(link.id, carrier.grant)
            await settle(work, (case.id,))
        return _Claimed(stored, link, carrier, await _shown(work, case, stored, link, carrier))

    async def _send(self, claimed: _Claimed) -> Outcome:
        if claimed.carrier is None:
            return Outcome(Result.FAILED, NO_GRANT)
        stored, now = claimed.stored, self._clock.now()
        address, key = claimed.link.address, stored.id
        if claimed.texts and isinstance(claimed.carrier, ContentCarrier):
            sending = claimed.carrier.send_content(address, claimed.texts, key=key, now=now)
        else:
            sending = claimed.carrier.send(address, stored.kind, key=key, now=now)
        outcome = await attempt(sending)
        return outcome.after(stored.attempts, self._clock.now())

    async def _finish(self, claimed: _Claimed, outcome: Outcome) -> None:
        stored, now, unknown = claimed.stored, self._clock.now(), outcome.result is Result.UNKNOWN
        async with self._write() as work:
            await work.worker_notices.finish(
                stored.id, now, error=outcome.error, retry_at=outcome.retry_at, unknown=unknown
            )
            await self._settle_grants(work, claimed, outcome)
            if outcome.result not in (Result.SENT, Result.PUT_OFF):
                await _not_told(work, stored, outcome.error, now, unknown=unknown)
            await work.commit()
        record(self._metrics, claimed.link.channel, stored.id, outcome.result.value, outcome.error)

    async def _settle_grants(self, work: "UnitOfWork", claimed: _Claimed, outcome: Outcome) -> None:
        """A worker who takes no notices has granted nothing; what was not used is given back."""
        carrier = claimed.carrier
        if outcome.result is Result.GONE:
            await work.links.take_all(claimed.link.id)
        elif carrier is not None and carrier.once and outcome.result in (Result.PUT_OFF, Result.FAILED):
            await work.links.give(claimed.link.id, carrier.grant)
        else:
            return
        await settle(work, (claimed.stored.case,))


async def _shown(
    work: "UnitOfWork", case: Case, stored: StoredWorkerNotice, link: Link, carrier: WorkerCarrier
) -> tuple[str, ...]:
    """What the union wrote since the notice was planned, where the worker chose to get it so; that is logged."""
    if stored.kind != NEWS or not isinstance(carrier, ContentCarrier) or carrier.shows not in link.grants:
        return ()
    written = await work.messages.of(case.id, [Direction.TO_WORKER])
    texts = tuple(one.text for one in written if one.read_at is None and one.sent_at >= stored.made_at)
    if texts:
        data = {"number": case.number, "channel": link.channel}
        await work.audit.append(AuditEntry(SYSTEM, "case.content_sent", case.id, data=data))
    return texts


async def is_wanted(work: "UnitOfWork", case: Case, kind: str) -> bool:
    """Whether the notice still has something to say: nobody is called to what they have read or answered."""
    if case.content_deleted_at is not None:
        return False
    if kind == ASK_VERDICT:
        return case.state is State.RESOLVED
    if kind == NEWS:
        return bool(await work.messages.unread([case.id], Direction.TO_WORKER))
    return True


async def _not_told(
    work: "UnitOfWork", stored: StoredWorkerNotice, error: str, now: datetime, *, unknown: bool
) -> None:
    """Let the cadre see that the worker was not told, or perhaps not, and 12351 call them."""
    await _enter(work, stored.case, PERHAPS_TOLD if unknown else NOT_TOLD, now, notice=stored.kind, cause=error)
    case = await work.cases.find(stored.case)
    if case is None or not await is_wanted(work, case, stored.kind) or not await _may_be_called(work, case):
        return
    if await work.cases.mark_call_back(case.id, due=True):
        await _enter(work, case.id, CALL_BACK, now, notice=stored.kind)
        await work.audit.append(AuditEntry(SYSTEM, f"case.{CALL_BACK}", case.id, data={"number": case.number}))


async def _may_be_called(work: "UnitOfWork", case: Case) -> bool:
    """Not where the operator may not see the case: whoever handles it sees the line of the timeline."""
    return not (case.about_union_staff or case.quarantined) and await can_be_called(work, case)


async def _enter(work: "UnitOfWork", case_id: str, kind: str, now: datetime, **data: str) -> None:
    entry = TimelineEntry(id=uuid4().hex, happened_at=now, by=SYSTEM, kind=kind, data=data)
    await work.timeline.add(case_id, entry)
