"""One inbound message: drop repeats -> conversation -> handler -> record -> Reply.

A message is claimed by inserting its (channel, key); exactly one process wins. What the
handler wants to write is collected and happens in one transaction together with the prepared
reply and the conversation, guarded by the claim: so a message has its effects once, whatever
process dies when. A repeat gets the prepared reply, waiting for it if need be. After the
window a message is forgotten, and what comes under its key is new.
"""

import copy
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.clock import Clock
from bot.errors import CannotOpen, StorageFull, StoreUnavailable
from bot.keyring import KeyRing
from bot.messages import Message, Reply
from bot.metrics import Metrics, NoMetrics

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore, UnitOfWork

log = structlog.get_logger(__name__)

CLAIM_LASTS = timedelta(seconds=8)
"""A claim older than this without a reply belongs to a process that died.

Longer than an answer takes and shorter than WeChat's last repeat after ten seconds.
"""

PATIENCE_SECONDS = 12.0
"""How long a repeat waits for the first copy: longer than the claim of a dead process lasts."""

WINDOW = timedelta(minutes=10)
CONVERSATION_LASTS = timedelta(hours=24)
FIRST_POLL_SECONDS = 0.05
SLOWEST_POLL_SECONDS = 0.5

Effect = Callable[["UnitOfWork"], Awaitable[object]]


@dataclass(slots=True)
class Turn:
    """One message being handled: what was said, what is remembered, what is to be written.

    Handlers change `memory` in place and hand writes to `then`; nothing is written when the
    message turns out to be another process's. Who answers a question says its `outcome`, for
    the figures.
    """

    message: Message
    person: str
    now: datetime
    memory: dict[str, Any]
    effects: list[Effect] = field(default_factory=list)
    outcome: str = ""

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
        self._apology = apology
        self._window = window
        self._metrics = metrics or NoMetrics()

    async def receive(self, message: Message, *, patience: float = PATIENCE_SECONDS) -> Reply | None:
        """Handle a message once and say what to reply; None says nothing.

        Repeats of the same (channel, key) inside the window get the same reply without being
        handled again; one that arrives while the first is in work waits up to `patience` seconds
        for it, and gets None when that was not enough. Never raises: when the database is full or
        away, or anything else is wrong, the reply is an apology with the hotline.
        """
        started = time.perf_counter()
        try:
            return await self._receive(message, patience)
        finally:
            self._metrics.reply(message.channel, time.perf_counter() - started)

    async def _receive(self, message: Message, patience: float) -> Reply | None:
        person = self._keys.person(message.channel, message.sender)
        try:
            claimed = await self._claim(message, person)
            if claimed is None:
                self._metrics.repeat(message.channel)
                return await self._await_reply(message, person, patience)
            return await self._process(message, person, *claimed, patience)
        except StorageFull:
            self._metrics.storage_error(full=True)
            log.error("storage.full", channel=message.channel)
        except StoreUnavailable as error:
            self._metrics.storage_error(full=False)
            log.error("storage.unavailable", channel=message.channel, cause=error.detail)
        except Exception:  # whatever it is, a person waits for an answer
            self._metrics.failure("inbox")
            log.exception("inbound.failed", channel=message.channel, kind=message.kind.value)
        return self._apology

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

    async def _claim(self, message: Message, person: str) -> tuple[str, dict[str, Any]] | None:
        """The claim and what is remembered of the person; None when the message is known."""
        now = self._clock.now()
        async with self._store.write() as work:
            claim = await work.inbound.claim(
                message.channel, message.key, person, now, forget_before=now - self._window
            )
            if claim is None:
                return None
            memory = await self._remembered(work, person, now)
            await work.commit()
        return claim, memory

    async def _remembered(self, work: "UnitOfWork", person: str, now: datetime) -> dict[str, Any]:
        try:
            return await work.conversations.find(person, now - CONVERSATION_LASTS)
        except CannotOpen as error:
            # A key is missing from the ring: the talk goes on without its past, the operator is told.
            log.error("conversation.unreadable", person=person, cause=error.detail)
            return {}

    async def _await_reply(self, message: Message, person: str, patience: float) -> Reply | None:
        deadline = self._clock.now() + timedelta(seconds=patience)
        pause = FIRST_POLL_SECONDS
        while True:
            async with self._store.read() as work:
                prepared = await work.inbound.find(message.channel, message.key)
            now = self._clock.now()
            if prepared is None or prepared.finished:
                log.info("inbound.repeated", channel=message.channel, person=person)
                return prepared.reply if prepared else None
            if prepared.claimed_at < now - CLAIM_LASTS:
                claimed = await self._take_over(message, person)
                if claimed is not None:
                    log.warning("inbound.taken_over", channel=message.channel, person=person)
                    return await self._process(message, person, *claimed, patience)
            if now >= deadline:
                log.warning("inbound.still_in_work", channel=message.channel, person=person)
                return None
            await self._clock.sleep(pause)
            pause = min(2 * pause, SLOWEST_POLL_SECONDS)

    async def _take_over(self, message: Message, person: str) -> tuple[str, dict[str, Any]] | None:
        now = self._clock.now()
        async with self._store.write() as work:
            claim = await work.inbound.take_over(message.channel, message.key, now - CLAIM_LASTS, now)
            if claim is None:
                return None
            memory = await self._remembered(work, person, now)
            await work.commit()
        return claim, memory

    async def _process(
        self, message: Message, person: str, claim: str, memory: dict[str, Any], patience: float
    ) -> Reply | None:
        now = self._clock.now()
        turn = Turn(message, person, now, memory)
        before = copy.deepcopy(memory)
        handler = next(handler for handler in self._handlers if handler.matches(turn))
        try:
            reply = await handler.handle(turn, self._services)
        except StoreUnavailable:
            raise
        except Exception:
            # A handler's fault must not leave the person without an answer, nor be retried into
            # the same fault: the apology becomes the prepared reply.
            self._metrics.failure(type(handler).__name__)
            log.exception("handler.failed", handler=type(handler).__name__, channel=message.channel)
            turn.effects.clear()
            reply, turn.memory, turn.outcome = self._apology, before, ""
        async with self._store.write() as work:
            finished = await work.inbound.finish(message.channel, message.key, claim, reply, self._clock.now())
            if finished:
                for effect in turn.effects:
                    await effect(work)
                if turn.memory != before:
                    await work.conversations.save(person, message.channel, turn.memory, now)
                await work.commit()
        if not finished:
            # Another process took the message over while this one was slow: its reply counts.
            return await self._await_reply(message, person, patience)
        if turn.outcome:
            self._metrics.question(message.channel, turn.outcome)
        log.info("inbound.handled", channel=message.channel, kind=message.kind.value, handler=type(handler).__name__)
        return reply
