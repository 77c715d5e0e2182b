"""Updates that have been kept -> answers that have gone out.

An update is kept before anybody is told that we took it, and belongs to the process that kept it for as long as that
renews its lease; what a dead process left, any other takes up. The reply is kept with the update in the transaction
that has its effects (`Inbox.receive`), so it is worked out once however often it has to be sent: a reply that Telegram
does not take now waits in the row. One person's updates are answered in their order.

A reply of which nobody knows whether it arrived is sent again: after a crash between the sending and the note of it,
and where a connection breaks before Telegram's answer. So an answer may come more than once, and never gets lost.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

import structlog

from bot.channels.telegram.endings import Endings, Transactions, pause_since
from bot.channels.telegram.outcomes import Gone, Later, NotTaken, SendOutcome
from bot.channels.telegram.parse import CHANNEL, SHORTENED, Address, BotName, Parsed, parse_update, update_id
from bot.channels.telegram.replies import Outgoing, ReplyWords, render_reply
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.inbox import Keep
from bot.messages import Message, Reply
from bot.metrics import Metrics
from bot.stored_updates import Arrival, StoredUpdate

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=1)
"""So long what a dead process was at work on waits for another one."""

AT_ONCE = 64
"""Updates that are being answered at the same time."""

PICKED_UP = 100
"""What one knock takes up of what waits."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 300, 900))
"""Between tries to send a reply, the last one again and again."""

KEEP_TRYING = timedelta(hours=24)
MOST_FAULTS = 4
"""So often an update may make us stumble."""

KNOWN_FOR = timedelta(hours=26)
"""Telegram repeats what we did not take for a day."""

ARRIVALS_EVERY = timedelta(milliseconds=40)
"""What arrives sooner after the last transaction waits for so long, so that others share its own."""

DRAIN_SECONDS = 10.0
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Receive(Protocol):
    """`Inbox.receive`."""

    async def __call__(self, message: Message, keep: Keep | None = None) -> Reply | None:
        """Handle a message once; `keep` is done in the transaction that has its effects."""
        ...


class Calls(Protocol):
    """What is asked of Telegram."""

    async def send(self, to: Address, message: Outgoing) -> SendOutcome:
        """Send one message. Raises nothing that Telegram says."""
        ...

    async def note_tap(self, callback: str) -> None:
        """Let the button stop turning. What goes wrong with that is nobody's business."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweringParts:
    """What answering is made of.

    person: the keyed hash of a sender. offered: the actions that were last offered to a sender. shorten: the keyed
    name of an action. owner: this process, by a name that no other ever has. apology: the reply that says that nothing
    was written.
    """

    write: Transactions
    receive: Receive
    calls: Calls
    clock: Clock
    metrics: Metrics
    person: Callable[[str], str]
    offered: Callable[[str], Awaitable[Sequence[str]]]
    shorten: Callable[[str], str]
    words: ReplyWords
    owner: str
    apology: Reply
    base_url: str = ""


class _PutOffError(Exception):
    """Later."""

    def __init__(self, after: timedelta, sent: int) -> None:
        self.after, self.sent = after, sent
        super().__init__()


class _StumbledError(Exception):
    """Something that nobody foresaw, or a reply of which nothing was written; so many pieces had gone out."""

    def __init__(self, sent: int) -> None:
        self.sent = sent
        super().__init__()


class _GiveUpError(Exception):
    """Nobody waits for it any more."""


@dataclass(slots=True)
class _Batch:
    """What is to be kept with the next transaction."""

    arrivals: dict[int, Arrival] = field(default_factory=dict)
    parsed: dict[int, Parsed] = field(default_factory=dict)
    kept: "asyncio.Future[None] | None" = None


class Answering:
    """Takes updates in, answers them, and takes up what was left."""

    def __init__(self, parts: AnsweringParts, name: BotName) -> None:
        self._parts = parts
        self.name = name
        self._batch = _Batch()
        self._keeper: asyncio.Task[None] | None = None
        self._kept_at: datetime | None = None
        self._endings = Endings(parts.write, parts.clock, name.id)
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._taps: set[asyncio.Task[None]] = set()
        self._leased_until: datetime | None = None
        self._halted_until: datetime | None = None

    async def take(self, update: Mapping[str, Any]) -> None:
        """Keep the update; returns when it is in the database. Safe to repeat: it is answered once.

        Raises BadUpdate, StoreUnavailable. Those that come while one transaction is at work share the next.
        """
        arrival, parsed = self._arrival(update)
        batch = self._batch
        if batch.kept is None:
            batch.kept = asyncio.get_running_loop().create_future()
        batch.arrivals[arrival.id], batch.parsed[arrival.id] = arrival, parsed
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep_batches())
        await asyncio.shield(batch.kept)

    async def take_polled(self, updates: Sequence[Mapping[str, Any]], next_update: int) -> bool:
        """Keep what was asked for, and what is asked for next; False where another process asks by now."""
        found = [self._arrival(update) for update in updates]
        return await self._keep([one for one, _ in found], {one.id: parsed for one, parsed in found}, next_update)

    async def pick_up(self) -> Mapping[str, int]:
        """Renew what is at work, and take up what waits: its time has come, or its process is gone. Safe to repeat."""
        now, until = self._parts.clock.now(), self._parts.clock.now() + LEASE
        held = (*self._at_work, *self._endings.held)
        renewing = held and (self._leased_until is None or now >= self._leased_until - LEASE / 2)
        async with self._parts.write() as work:
            if renewing:
                await work.telegram_updates.renew(self.name.id, self._parts.owner, held, until)
            room = max(0, PICKED_UP - len(self._at_work))
            claimed = await work.telegram_updates.claim(self.name.id, self._parts.owner, now, until, room)
            await work.commit()
        if renewing:
            self._leased_until = until
        for stored in claimed:
            self._begin(stored, parse_update(json.loads(stored.body), now, self.name))
        return {"updates": len(claimed)}

    async def drain(self) -> None:
        """Give what is at work some time to be finished; the rest another process takes up."""
        if waiting := {*self._at_work.values(), *self._taps}:
            await asyncio.wait(waiting, timeout=DRAIN_SECONDS)
        for task in (*self._at_work.values(), *self._taps):
            task.cancel()
        if self._keeper is not None:
            await asyncio.wait({self._keeper}, timeout=DRAIN_SECONDS)
        await self._endings.wait(DRAIN_SECONDS)

    def _arrival(self, update: Mapping[str, Any]) -> tuple[Arrival, Parsed]:
        id = update_id(update)
        written = _as_json(update)
        try:
            body = written.encode()
        except UnicodeEncodeError:  # half a character, which nothing can keep
            body = written.encode(errors="replace")
            update = json.loads(body)
        parsed = parse_update(update, self._parts.clock.now(), self.name)
        return Arrival(id, self._parts.person(parsed.sender) if parsed.sender else "", body), parsed

    async def _keep_batches(self) -> None:
        while self._batch.kept is not None:
            await pause_since(self._parts.clock, self._kept_at, ARRIVALS_EVERY)
            self._kept_at = self._parts.clock.now()
            batch, self._batch = self._batch, _Batch()
            assert batch.kept is not None  # noqa: S101 - for the type checker
            try:
                await self._keep(list(batch.arrivals.values()), batch.parsed)
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                if not batch.kept.cancelled():
                    batch.kept.set_exception(error)
                    batch.kept.exception()  # whoever waited may have gone
            else:
                batch.kept.set_result(None)

    async def _keep(
        self, arrivals: Sequence[Arrival], parsed: Mapping[int, Parsed], next_update: int | None = None
    ) -> bool:
        parts, now = self._parts, self._parts.clock.now()
        async with parts.write() as work:
            if next_update is not None and not await work.telegram_updates.polled_to(
                self.name.id, parts.owner, next_update
            ):
                return False
            _, ours = await work.telegram_updates.add_all(self.name.id, arrivals, parts.owner, now, now + LEASE)
            await work.commit()
        for arrival in arrivals:
            if arrival.id in ours:
                self._begin(StoredUpdate(arrival.id, now, arrival.body, attempts=1), parsed[arrival.id])
        return True

    def _begin(self, stored: StoredUpdate, parsed: Parsed) -> None:
        if stored.id in self._at_work:
            return
        # one who taps waits for the button to stop turning, whatever else is in work
        if parsed.callback:
            tap = asyncio.create_task(self._note_tap(parsed.callback))
            self._taps.add(tap)
            tap.add_done_callback(self._taps.discard)
        task = asyncio.create_task(self._work_on(stored, parsed))
        self._at_work[stored.id] = task
        task.add_done_callback(lambda _: self._at_work.pop(stored.id, None))

    async def _note_tap(self, callback: str) -> None:
        with suppress(Exception):  # too late, or Telegram is away: the answer says all that has to be said
            await self._parts.calls.note_tap(callback)

    async def _work_on(self, stored: StoredUpdate, parsed: Parsed) -> None:
        line = self._lines.setdefault(parsed.sender or str(stored.id), asyncio.Lock())
        try:
            async with line, self._room:
                await self._answer(stored, parsed)
        except _PutOffError as later:
            await self._put_off(stored, later.after, later.sent)
        except _GiveUpError:
            self._parts.metrics.failure("telegram_send")
            log.error("telegram.given_up", update=stored.id, attempts=stored.attempts)
            await self._give_up(stored)
        except StoreUnavailable as error:
            log.error("storage.unavailable", channel=CHANNEL, cause=error.detail)  # the lease ends, and it is taken up
        except Exception as error:  # one update that nobody foresaw must not be lost at once, nor be tried for ever
            self._parts.metrics.failure("telegram")
            log.exception("telegram.failed", update=stored.id, faults=stored.faults)
            if stored.faults + 1 < MOST_FAULTS:
                sent = error.sent if isinstance(error, _StumbledError) else stored.sent
                await self._put_off(stored, PAUSES[stored.faults + 1], sent, stumbled=True)
            else:
                await self._give_up(stored)

    async def _answer(self, stored: StoredUpdate, parsed: Parsed) -> None:
        if parsed.needs_name:
            raise self._again(stored, _pause(stored), stored.sent)
        replies = list(stored.replies)
        for message in parsed.messages[len(replies) :]:
            replies.append(await self._reply(stored, message, replies))
        if parsed.address is not None:
            await self._send(stored, parsed.address, [reply for reply in replies if reply is not None])
        self._endings.add(stored.id)

    async def _reply(self, stored: StoredUpdate, message: Message, before: Sequence[Reply | None]) -> Reply | None:
        written: list[Reply | None] = []

        async def keep(work: "UnitOfWork", reply: Reply | None) -> None:
            written[:] = [reply]
            await work.telegram_updates.keep_replies(self.name.id, stored.id, [*before, reply])

        parts = self._parts
        reply = await parts.receive(await self._lengthened(message), keep)
        if reply is parts.apology and not (written and written[0] is reply) and stored.faults + 1 < MOST_FAULTS:
            raise _StumbledError(stored.sent)  # nothing was written
        return reply

    async def _lengthened(self, message: Message) -> Message:
        """The action that a button could not carry, from what was last offered; an old one stays what it is."""
        if not message.action.startswith(SHORTENED):
            return message
        name = message.action.removeprefix(SHORTENED)
        offered = await self._parts.offered(message.sender)
        action = next((one for one in offered if self._parts.shorten(one) == name), message.action)
        return replace(message, action=action)

    async def _send(self, stored: StoredUpdate, to: Address, replies: Sequence[Reply]) -> None:
        """Send what has not gone out yet."""
        parts = self._parts
        pieces = [
            piece for reply in replies for piece in render_reply(reply, parts.base_url, parts.words, parts.shorten)
        ]
        for number, piece in enumerate(pieces[stored.sent :], stored.sent):
            outcome = await self._send_one(stored, to, piece, number)
            if isinstance(outcome, Later) and outcome.chat:
                to = Address(outcome.chat)
                outcome = await self._send_one(stored, to, piece, number)
            if isinstance(outcome, Gone):
                log.info("telegram.gone", update=stored.id)
                return
            if isinstance(outcome, NotTaken):
                parts.metrics.failure("telegram_send")
                log.error("telegram.not_taken", update=stored.id, cause=outcome.code)
            elif isinstance(outcome, Later):
                raise self._later(stored, outcome, number)

    async def _send_one(self, stored: StoredUpdate, to: Address, piece: Outgoing, number: int) -> SendOutcome:
        halted = self._halted_until
        if halted is not None and (rest := halted - self._parts.clock.now()) > timedelta(0):
            raise self._again(stored, rest, number)
        try:
            return await self._parts.calls.send(to, piece)
        except Exception as error:
            raise _StumbledError(number) from error

    def _later(self, stored: StoredUpdate, outcome: Later, number: int) -> Exception:
        now = self._parts.clock.now()
        pause = outcome.after or _pause(stored)
        if outcome.halts:
            self._halted_until = max(self._halted_until or now, now + pause)
        log.warning("telegram.put_off", update=stored.id, cause=outcome.code, seconds=round(pause.total_seconds()))
        return self._again(stored, pause, number)

    def _again(self, stored: StoredUpdate, pause: timedelta, number: int) -> Exception:
        """What waits for Telegram waits for a day."""
        is_late = self._parts.clock.now() - stored.received_at > KEEP_TRYING
        return _GiveUpError() if is_late else _PutOffError(pause, number)

    async def _put_off(self, stored: StoredUpdate, after: timedelta, sent: int, *, stumbled: bool = False) -> None:
        now = self._parts.clock.now()
        with suppress(StoreUnavailable):  # then the lease ends, and the update is taken up
            async with self._parts.write() as work:
                owner = self._parts.owner
                await work.telegram_updates.put_off(
                    self.name.id, stored.id, owner, now + after, sent, stumbled=stumbled
                )
                await work.commit()

    async def _give_up(self, stored: StoredUpdate) -> None:
        with suppress(StoreUnavailable):
            async with self._parts.write() as work:
                await work.telegram_updates.finish(self.name.id, [stored.id], failed=True)
                await work.commit()


def _pause(stored: StoredUpdate) -> timedelta:
    """How long the next try waits."""
    return PAUSES[min(stored.attempts, len(PAUSES)) - 1]
