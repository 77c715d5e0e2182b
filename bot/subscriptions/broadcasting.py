"""Sending what is planned: slots taken ahead, intents committed shortly before the calls, outcomes after them.

A worker is one pipeline. In one transaction it writes down what has come back, takes more, and commits the intent of
the next few; then it calls each at its slot, without waiting for those before. So a channel is used as fast as it may
be however long it takes to answer, and whoever dies leaves no more than a few of which nobody knows.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import uuid4

import structlog

from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.subscriptions.bulletins import BulletinWriter
from bot.subscriptions.issues import Issue
from bot.subscriptions.ledger import PAUSE, Claimed, Code, Outcome, RecipientState, Taken
from bot.subscriptions.making import channels_with_grants
from bot.subscriptions.pacing import SHORT_PAUSE, Rate
from bot.subscriptions.ports import BroadcastSender, Ended, Ending, Open

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""Longer than any call may take: who is silent for so long after the intent is dead."""

TAKEN_FOR = timedelta(seconds=20)
"""What was taken and not begun so long after its slot another may take: its intent would find it gone."""

GROUP, GROUP_SECONDS = 4, 0.25
"""So many intents are committed together, and none for later than that: what is unknown after a kill are these few and
those whose outcome had not been written down yet."""

TAKEN_AHEAD, AHEAD_SECONDS = 3 * GROUP, 8.0
"""So many are taken at once, on a slow channel fewer: others would wait for them."""

MOST_ON_THE_WIRE = 60
LEAD = timedelta(milliseconds=250)
"""So long before their slots the intents are committed."""

LONGEST_RUN = timedelta(minutes=5)
"""After that nothing more is taken and the knock ends; the next one goes on."""

ISSUE_KNOWN_FOR = timedelta(seconds=10)
"""Then an issue is read again: a post of it may have been taken back."""

_LONG_WAIT = 0.5

_KNOWN_ISSUES = 16
_S = RecipientState


@dataclass(slots=True)
class _Run:
    """One worker on one channel. worker: a name that is used for this run only."""

    sender: BroadcastSender
    worker: str
    until: datetime
    taken: deque[Claimed] = field(default_factory=deque)
    back: dict[int, Outcome] = field(default_factory=dict)
    on_the_wire: set[asyncio.Task[None]] = field(default_factory=set)
    paused_until: datetime | None = None
    has_more: bool = True
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    figures: Counter[str] = field(default_factory=Counter)

    @property
    def group(self) -> int:
        """How many intents are committed together."""
        return _within(self.sender.rate, GROUP_SECONDS, GROUP)

    @property
    def ahead(self) -> int:
        """How many are taken at once."""
        return _within(self.sender.rate, AHEAD_SECONDS, TAKEN_AHEAD)


class Broadcaster:
    """Brings planned bulletins out. senders: by channel; worker: the name of this process."""

    def __init__(  # noqa: PLR0913 - what it is made of, all named
        self,
        *,
        write: Open,
        senders: Mapping[str, BroadcastSender],
        writer: BulletinWriter,
        clock: Clock,
        worker: str,
        lease: timedelta = LEASE,
    ) -> None:
        self._write = write
        self._senders = senders
        self._writer = writer
        self._clock = clock
        self._worker = worker
        self._lease = lease
        self._issues: OrderedDict[str, tuple[Issue, datetime]] = OrderedDict()
        self._is_stopping = False

    def stop(self) -> None:
        """Begin nothing more; what is on the wire is waited for by whoever runs `drain`."""
        self._is_stopping = True

    async def sweep(self) -> Mapping[str, int]:
        """Settle what dead workers have left; how much. Safe to repeat. Raises StoreUnavailable."""
        now = self._clock.now()
        async with self._write() as work:
            again, unknown = await work.broadcasts.sweep(now, channels_with_grants(self._senders))
            await work.commit()
        if unknown:
            log.error("broadcast.unknown", recipients=unknown)
        return {"again": again, "unknown": unknown}

    async def drain(self, channel: str, longest: timedelta = LONGEST_RUN) -> Mapping[str, int]:
        """Send what is due on the channel, for a while; how many had which outcome.

        Safe to repeat, in several processes too. Raises StoreUnavailable: what came back and could not be written down
        is unknown in the end.
        """
        name = f"{self._worker[:40]}#{uuid4().hex[:12]}"
        run = _Run(self._senders[channel], name, self._clock.now() + longest)
        try:
            while await self._step(run):
                await self._wait(run)
        finally:
            await self._part(run)
        return run.figures

    async def _step(self, run: _Run) -> bool:
        """Write, take, and begin the next few; False when there is nothing more to do."""
        now = self._clock.now()
        if self._is_paused(run, now):
            self._let_go(run, now)
        ends = self._is_stopping or (run.paused_until is not None and run.paused_until > now + SHORT_PAUSE)
        if ends:
            return False
        run.has_more = run.has_more and now < run.until
        for one in await self._commit(run, now):
            task = asyncio.ensure_future(self._send(run, one))
            run.on_the_wire.add(task)
            task.add_done_callback(run.on_the_wire.discard)
        return bool(run.on_the_wire or run.taken or run.back or run.has_more)

    def _let_go(self, run: _Run, now: datetime) -> None:
        """Give back what would be sent in a pause: it takes slots behind it."""
        for one in [one for one in run.taken if run.paused_until and one.slot < run.paused_until]:
            run.taken.remove(one)
            run.back[one.id] = Outcome(state=_S.PLANNED, next_at=now)

    async def _commit(self, run: _Run, now: datetime) -> list[Claimed]:
        """One transaction: outcomes in, more taken, the intent of the next few."""
        back, soon = dict(run.back), now + LEAD + timedelta(seconds=GROUP_SECONDS)
        async with self._write() as work:
            if back:
                await self._note(work, run, back, now)
            more = Taken(is_all=not run.has_more)
            if run.has_more and len(run.taken) <= run.group:
                more = await work.broadcasts.claim(
                    channel=run.sender.channel,
                    worker=run.worker,
                    now=now,
                    held_for=TAKEN_FOR,
                    begin=now + LEAD,
                    limit=run.ahead,
                    rate=run.sender.rate,
                    granted=run.sender.granted,
                )
            group = list(takewhile(lambda one: one.slot <= soon, [*run.taken, *more.claimed]))[: run.group]
            pause = await work.broadcasts.paused_until(run.sender.channel)
            if pause is not None:  # another process has been told to wait
                run.paused_until = max(pause, run.paused_until or pause)
            mine = await work.broadcasts.intend(group, run.worker, now + self._lease)
            for id in {one.issue for one in group if not self._is_known(one.issue, now)}:
                issue = await work.broadcasts.issue(id)
                if issue is not None:
                    self._remember(issue, now)
            await work.commit()
        for number in back:
            del run.back[number]
        run.taken.extend(more.claimed)
        run.has_more = not more.is_all
        for _ in group:
            run.taken.popleft()
        return [one for one in group if one.id in mine]

    async def _write_back(self, run: _Run, now: datetime) -> None:
        back = dict(run.back)
        async with self._write() as work:
            await self._note(work, run, back, now)
            await work.commit()
        for id in back:
            del run.back[id]

    async def _note(self, work: object, run: _Run, back: Mapping[int, Outcome], now: datetime) -> None:
        broadcasts = work.broadcasts  # type: ignore[attr-defined]  # a unit of work, which the store defines
        await broadcasts.finish(back, run.worker, now, granted=run.sender.granted)
        if run.paused_until is not None:
            await broadcasts.pause(run.sender.channel, run.paused_until)

    async def _wait(self, run: _Run) -> None:
        """Until the next few are nearly due, or something has come back and nothing else is to do."""
        if len(run.on_the_wire) >= MOST_ON_THE_WIRE or (not run.taken and not run.has_more):
            if run.on_the_wire:
                await asyncio.wait(set(run.on_the_wire), return_when=asyncio.FIRST_COMPLETED)
            return
        if run.taken:
            seconds = (run.taken[0].slot - LEAD - self._clock.now()).total_seconds()
            if seconds > _LONG_WAIT and run.on_the_wire:  # a slow channel: what comes back is written down at once
                waiting = asyncio.ensure_future(self._clock.sleep(seconds))
                await asyncio.wait({waiting, *run.on_the_wire}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
            elif seconds > 0:
                await self._clock.sleep(seconds)

    async def _send(self, run: _Run, one: Claimed) -> None:
        """Call the channel at the slot, and keep what came of it."""
        async with run.gate:  # one after the other, in the order of their slots
            await self._until_slot(run, one)
            now = self._clock.now()
        issue, _ = self._issues.get(one.issue, (None, now))
        if self._is_paused(run, now):
            run.back[one.id] = Outcome(state=_S.PLANNED, next_at=now)
            return
        if issue is None or now > one.slot + run.sender.rate.tolerance:  # missed: it takes another slot
            run.figures["missed"] += 1
            run.back[one.id] = Outcome(state=_S.PLANNED, next_at=now)
            return
        if not issue.items_for(one.topics):  # planned for what they do not want any more, or for what was taken back
            run.figures["changed"] += 1
            run.back[one.id] = Outcome(state=_S.REFUSED, code=Code.CHANGED)
            return
        try:
            bulletin = self._writer.write(issue, one.subscriber, one.topics)
            ending = await run.sender.send(one.address, bulletin, key=f"{one.issue}{one.subscriber[:16]}")
        except Exception:  # a sender must not raise; what it did before nobody knows
            log.exception("broadcast.sender_failed", channel=run.sender.channel)
            ending = Ending(Ended.UNKNOWN, "failed")
        run.figures[ending.ended.value] += 1
        if ending.halts and ending.rest is not None:
            later = self._clock.now() + ending.rest
            run.paused_until = max(later, run.paused_until or later)
            log.warning("broadcast.paused", channel=run.sender.channel, cause=ending.code)
        run.back[one.id] = _outcome(ending, self._clock.now())

    async def _until_slot(self, run: _Run, one: Claimed) -> None:
        """Wait for the slot; in a pause nobody waits, as nothing is sent."""
        seconds = (one.slot - self._clock.now()).total_seconds()
        if seconds > 0 and not (run.paused_until and one.slot < run.paused_until):
            await self._clock.sleep(seconds)

    async def _part(self, run: _Run) -> None:
        """Wait for what is on the wire, write it down, and give back what nobody was asked for."""
        if run.on_the_wire:
            await asyncio.wait(set(run.on_the_wire))
        now = self._clock.now()
        for one in run.taken:
            run.back[one.id] = Outcome(state=_S.PLANNED, next_at=now)
        run.taken.clear()
        if run.back:
            try:
                await self._write_back(run, now)
            except StoreUnavailable as error:
                log.error("broadcast.outcomes_lost", recipients=len(run.back), cause=error.detail)
                raise

    def _is_paused(self, run: _Run, now: datetime) -> bool:
        return run.paused_until is not None and run.paused_until > now

    def _is_known(self, id: str, now: datetime) -> bool:
        return id in self._issues and now - self._issues[id][1] < ISSUE_KNOWN_FOR

    def _remember(self, issue: Issue, now: datetime) -> None:
        self._issues[issue.id] = (issue, now)
        self._issues.move_to_end(issue.id)
        while len(self._issues) > _KNOWN_ISSUES:
            self._issues.popitem(last=False)


def _outcome(ending: Ending, now: datetime) -> Outcome:
    match ending.ended:
        case Ended.SENT:
            return Outcome(state=_S.SENT)
        case Ended.UNKNOWN:
            return Outcome(state=_S.UNKNOWN, code=ending.code)
        case Ended.PUT_OFF:
            next_at = now + (ending.rest or PAUSE)
            return Outcome(state=_S.PLANNED, code=ending.code, next_at=next_at, counted=not ending.halts)
        case _:
            ended = ending.ended
            return Outcome(
                state=_S.REFUSED, code=ending.code, blocks=ended is Ended.GONE, ungrants=ended is Ended.NO_GRANT
            )


def _within(rate: Rate, seconds: float, most: int) -> int:
    """How many slots there are in that time: at least one."""
    return min(most, max(1, int(rate.per_second * seconds)))
