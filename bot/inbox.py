"""One inbound message: drop repeats -> conversation -> handler -> record -> Reply.

A message is claimed by inserting its (channel, key); exactly one process wins. What the
handler wants to write is collected and happens in one transaction together with the prepared
reply and the conversation, guarded by the claim: so a message has its effects once, whatever
process dies when. A repeat gets the prepared reply, waiting for it if need be.
"""

import copy
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.clock import Clock
from bot.errors import StorageFull, StoreUnavailable
from bot.keyring import KeyRing
from bot.messages import Message, Reply

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore, UnitOfWork

log = structlog.get_logger(__name__)

CLAIM_LASTS = timedelta(seconds=8)
"""A claim older than this without a reply belongs to a process that died.

Longer than an answer takes and shorter than WeChat's last repeat after ten seconds.
"""

CONVERSATION_LASTS = timedelta(hours=24)
POLL_SECONDS = 0.1

Effect = Callable[["UnitOfWork"], Awaitable[object]]


@dataclass(slots=True)
class Turn:
    """One message being handled: what was said, what is remembered, what is to be written.

    Handlers change `memory` in place and hand writes to `then`; nothing is written when the
    message turns out to be another process's.
    """

    message: Message
    person: str
    now: datetime
    memory: dict[str, Any]
    effects: list[Effect] = field(default_factory=list)

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
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._handlers = handlers
        self._services = services
        self._apology = apology

    async def receive(self, message: Message, *, patience: float = 4.0) -> Reply | None:
        """Handle a message once and say what to reply; None says nothing.

        Repeats of the same (channel, key) get the same reply without being handled again; one
        that arrives while the first is in work waits up to `patience` seconds for it. When the
        database is full or away, the reply is an apology with the hotline, never an exception.
        """
        person = self._keys.person(message.channel, message.sender)
        try:
            claim = await self._claim(message, person)
            if claim is None:
                return await self._await_reply(message, person, patience)
            return await self._process(message, person, claim)
        except StorageFull:
            log.error("storage.full", channel=message.channel)
            return self._apology
        except StoreUnavailable as error:
            log.error("storage.unavailable", channel=message.channel, cause=error.detail)
            return self._apology

    async def _claim(self, message: Message, person: str) -> str | None:
        async with self._store.write() as work:
            claim = await work.inbound.claim(message.channel, message.key, person, self._clock.now())
            if claim is not None:
                await work.commit()
            return claim

    async def _await_reply(self, message: Message, person: str, patience: float) -> Reply | None:
        deadline = self._clock.now() + timedelta(seconds=patience)
        while True:
            async with self._store.read() as work:
                prepared = await work.inbound.find(message.channel, message.key)
            now = self._clock.now()
            if prepared is None or prepared.finished:
                log.info("inbound.repeated", channel=message.channel, person=person)
                return prepared.reply if prepared else None
            if prepared.claimed_at < now - CLAIM_LASTS:
                claim = await self._take_over(message, now)
                if claim is not None:
                    log.warning("inbound.taken_over", channel=message.channel, person=person)
                    return await self._process(message, person, claim)
            if now >= deadline:
                return None
            await self._clock.sleep(POLL_SECONDS)

    async def _take_over(self, message: Message, now: datetime) -> str | None:
        async with self._store.write() as work:
            claim = await work.inbound.take_over(message.channel, message.key, now - CLAIM_LASTS, now)
            await work.commit()
            return claim

    async def _process(self, message: Message, person: str, claim: str) -> Reply | None:
        now = self._clock.now()
        async with self._store.read() as work:
            memory = await work.conversations.find(person, now - CONVERSATION_LASTS)
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
            log.exception("handler.failed", handler=type(handler).__name__, channel=message.channel)
            turn.effects.clear()
            reply, turn.memory = self._apology, before
        async with self._store.write() as work:
            if not await work.inbound.finish(message.channel, message.key, claim, reply, self._clock.now()):
                return await self._reply_of_the_other(message)
            for effect in turn.effects:
                await effect(work)
            if turn.memory != before:
                await work.conversations.save(person, message.channel, turn.memory, now)
            await work.commit()
        log.info("inbound.handled", channel=message.channel, kind=message.kind, handler=type(handler).__name__)
        return reply

    async def _reply_of_the_other(self, message: Message) -> Reply | None:
        async with self._store.read() as work:
            prepared = await work.inbound.find(message.channel, message.key)
            return prepared.reply if prepared else None
