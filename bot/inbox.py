"""One inbound message: drop repeats -> conversation -> handler -> record -> Reply.

What the handler wants to write is collected and happens in one transaction together with the
message's key, its prepared reply and the conversation. The key is unique, so a message has its
effects once, whatever process dies when: who comes second, in this process or another, writes
nothing and gives the reply that is there. One person's messages are handled one after the
other in this process; when another process has written the same conversation meanwhile, or
somebody else was first otherwise, nothing is written and the message is handled anew from what
is there now. After the window a message is forgotten, and what comes under its key is new.
"""

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

import structlog

from bot.clock import Clock
from bot.errors import CannotOpen, LostRace, StorageFull, StoreUnavailable
from bot.keyring import KeyRing
from bot.messages import Message, Reply
from bot.metrics import Metrics, NoMetrics

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore, UnitOfWork

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=10)
CONVERSATION_LASTS = timedelta(hours=24)
MOST_TRIES = 10
"""Each time one is lost, another message of the same person was written: who sends fewer than that many
at once gets every answer."""


class ConversationMoved(LostRace):
    """The same conversation went on elsewhere."""


Effect = Callable[["UnitOfWork"], Awaitable[object]]

Keep = Callable[["UnitOfWork", Reply | None], Awaitable[object]]
"""What a channel writes down of a reply, in the transaction that keeps it."""


@dataclass(slots=True)
class Turn:
    """One message being handled: what was said, what is remembered, what is to be written.

    Handlers change `memory` in place and hand writes to `then`; nothing is written when the
    message turns out to have been handled elsewhere meanwhile, and everything is done anew, by
    another turn, when somebody else was first: whatever else a handler did by then has to be
    harmless. Who answers a question says its `outcome`, for the figures. `version` is that of
    the memory as it was read.
    """

    message: Message
    person: str
    now: datetime
    memory: dict[str, Any]
    effects: list[Effect] = field(default_factory=list)
    outcome: str = ""
    version: int = 0

    @property
    def source(self) -> str:
        """Whose tries are counted together: the address where the channel tells one, else the person."""
        return self.message.source or self.person

    def then(self, effect: Effect) -> None:
        """Write this in the transaction that keeps the reply."""
        self.effects.append(effect)


class Handler(Protocol):
    """One thing the bot does with a message."""

    def matches(self, turn: Turn) -> bool:
        """Whether this handler takes the message. Changes nothing."""
        ...

    async def handle(self, turn: Turn, services: Any) -> Reply | None:
        """What to say; None says nothing."""
        ...


class Inbox:
    """The door through which every channel's messages come in."""

    def __init__(  # noqa: PLR0913 - the parts are named and handed in by the composition root
        self,
        *,
        store: "SqlStore",
        keys: KeyRing,
        clock: Clock,
        handlers: Sequence[Handler],
        services: Any,
        apology: Reply,
        window: timedelta = WINDOW,
        metrics: Metrics | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._handlers = handlers
        self._services = services
        self.apology = apology
        self._window = window
        self._metrics = metrics or NoMetrics()
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, message: Message, keep: Keep | None = None) -> Reply | None:
        """Handle a message once and say what to reply; None says nothing.

        `keep` is done with the reply in the transaction that has the effects: not for repeats, and not for an
        apology that is written nowhere. Repeats of the same (channel, key) inside the window get the same reply
        and change nothing; one that arrives while the first is in work waits for it. Never raises: when the
        database is full or away, or anything else is wrong, the reply is an apology with the
        hotline, and a repeat is handled anew.
        """
        started = time.perf_counter()
        try:
            return await self._receive(message, keep)
        finally:
            self._metrics.reply(message.channel, time.perf_counter() - started)

    async def _receive(self, message: Message, keep: Keep | None) -> Reply | None:
        person = self._keys.person(message.channel, message.sender)
        # Held by those who stand in line; gone with the last of them.
        line = self._lines.setdefault(person, asyncio.Lock())
        try:
            async with line:
                return await self._take(message, person, keep)
        except StorageFull:
            self._metrics.storage_error(full=True)
            log.error("storage.full", channel=message.channel)
        except StoreUnavailable as error:
            self._metrics.storage_error(full=False)
            log.error("storage.unavailable", channel=message.channel, cause=error.detail)
        except Exception:  # whatever it is, a person waits for an answer
            self._metrics.failure("inbox")
            log.exception("inbound.failed", channel=message.channel, kind=message.kind.value)
        return self.apology

    async def forget_expired(self) -> int:
        """Delete prepared replies after the window and conversations that rest; how many there were.

        Safe to repeat. Raises StoreUnavailable.
        """
        now = self._clock.now()
        async with self._store.write() as work:
            gone = await work.inbound.delete_before(now - self._window)
            gone += await work.conversations.delete_before(now - CONVERSATION_LASTS)
            await work.commit()
        return gone

    async def _take(self, message: Message, person: str, keep: Keep | None) -> Reply | None:
        for tried in range(1, MOST_TRIES + 1):
            try:
                return await self._take_once(message, person, keep)
            except LostRace as lost:
                log.info("inbound.lost_race", channel=message.channel, cause=type(lost).__name__, tried=tried)
        self._metrics.failure("contention")
        log.error("inbound.contended", channel=message.channel, person=person)
        return self.apology

    async def _take_once(self, message: Message, person: str, keep: Keep | None) -> Reply | None:
        now = self._clock.now()
        async with self._store.read() as work:
            prepared = await work.inbound.find(message.channel, message.key, now - self._window)
            memory, version = ({}, 0) if prepared else await self._remembered(work, person, now)
        if prepared is not None:
            return self._repeated(message, person, prepared.reply)
        return await self._handle(Turn(message, person, now, memory, version=version), keep)

    def _repeated(self, message: Message, person: str, reply: Reply | None) -> Reply | None:
        self._metrics.repeat(message.channel)
        log.info("inbound.repeated", channel=message.channel, person=person)
        return reply

    async def _remembered(self, work: "UnitOfWork", person: str, now: datetime) -> tuple[dict[str, Any], int]:
        try:
            found = await work.conversations.find(person, now - CONVERSATION_LASTS)
        except CannotOpen as error:
            # A key is missing from the ring: the talk goes on without its past, the operator is told.
            log.error("conversation.unreadable", person=person, cause=error.detail)
            return {}, await work.conversations.version(person)
        return found.state, found.version

    async def _handle(self, turn: Turn, keep: Keep | None) -> Reply | None:
        message, before = turn.message, copy.deepcopy(turn.memory)
        handler = next(handler for handler in self._handlers if handler.matches(turn))
        try:
            reply = await handler.handle(turn, self._services)
        except (StoreUnavailable, LostRace):
            raise
        except Exception:
            # A handler's fault must not leave the person without an answer, nor be retried into
            # the same fault: the apology becomes the prepared reply.
            self._metrics.failure(type(handler).__name__)
            log.exception("handler.failed", handler=type(handler).__name__, channel=message.channel)
            turn.effects.clear()
            reply, turn.memory, turn.outcome = self.apology, before, ""
        if not await self._write(turn, reply, keep, changed=turn.memory != before):
            return await self._reply_of_the_other(turn)
        if turn.outcome:
            self._metrics.question(message.channel, turn.outcome)
        log.info("inbound.handled", channel=message.channel, kind=message.kind.value, handler=type(handler).__name__)
        return reply

    async def _write(self, turn: Turn, reply: Reply | None, keep: Keep | None, *, changed: bool) -> bool:
        """Write everything of a turn at once; False when the message has been handled elsewhere meanwhile.

        Raises LostRace when somebody else was first, and then nothing is written.
        """
        message, now = turn.message, self._clock.now()
        async with self._store.write() as work:
            kept = await work.inbound.keep(
                message.channel, message.key, turn.person, reply, now, forget_before=now - self._window
            )
            if not kept:
                return False
            # the memory first: who was not the first learns it before doing anything else, and an effect may forget it
            if changed and not await work.conversations.save(
                turn.person, message.channel, turn.memory, now, turn.version
            ):
                raise ConversationMoved
            for effect in turn.effects:
                await effect(work)
            if keep is not None:
                await keep(work, reply)
            await work.commit()
        return True

    async def _reply_of_the_other(self, turn: Turn) -> Reply | None:
        message = turn.message
        async with self._store.read() as work:
            prepared = await work.inbound.find(message.channel, message.key)
        return self._repeated(message, turn.person, prepared.reply if prepared else None)
