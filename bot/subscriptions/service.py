"""Subscribing, changing and stopping, whoever asks: a chat, the form of the site, a link in a mail.

In a chat the account is the proof. Of an address of mail it is the link that was sent there: until it has been opened
and confirmed nothing else is sent, and a form never changes what somebody has confirmed. A form says the same whatever
is known of the address.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.keyring import KeyRing
from bot.subscriptions.links import Links
from bot.subscriptions.subscribers import (
    EMAIL,
    LetterKind,
    Pace,
    Subscriber,
    SubscriberState,
    clean_topics,
)

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_TRIES, _LETTERS, _LETTERS_ALL = "subscribe", "subscribe_mail", "subscribe_mail_all"
_HOUR, _DAY = 3600, 86400
_S = SubscriberState


@dataclass(frozen=True, slots=True)
class Limits:
    """source_per_hour: forms from one address of the network; letters_per_day: to one mailbox; all_per_hour: in all."""

    source_per_hour: int = 20
    letters_per_day: int = 3
    all_per_hour: int = 500


class TooMany(Exception):
    """So many forms have come from there that this one is not taken."""


class Subscriptions:
    """The use cases. None of them commits. channels: those by which anybody can subscribe here."""

    def __init__(
        self, keys: KeyRing, links: Links, channels: Collection[str] = (), limits: Limits | None = None
    ) -> None:
        self._keys = keys
        self.links = links
        self.channels = frozenset(channels)
        self._limits = limits or Limits()

    async def subscribe(  # noqa: PLR0913, PLR0917 - what is wanted, by whom, and since when
        self, work: "UnitOfWork", channel: str, address: str, topics: Iterable[str], pace: Pace, now: datetime
    ) -> str:
        """Let this account of a chat be told of these topics from now on; the id. Safe to repeat."""
        known = await work.subscribers.find_person(channel, address)
        agreed = known.consented_at if known and known.is_active else now
        fields = {"topics": clean_topics(topics), "pace": pace, "state": _S.ACTIVE, "consented_at": agreed}
        return await work.subscribers.put(channel, address, fields, now, known)

    async def stop(self, work: "UnitOfWork", channel: str, address: str, now: datetime) -> bool:
        """Let nothing more be sent to this account; whether there was anything to stop. Safe to repeat."""
        known = await work.subscribers.find_person(channel, address)
        if known is None or known.state in (_S.STOPPED, _S.BLOCKED):
            return False
        return await work.subscribers.change(known.id, now, state=_S.STOPPED)

    async def find(self, work: "UnitOfWork", channel: str, address: str) -> Subscriber | None:
        """What this account has subscribed to; None for nothing that is active."""
        known = await work.subscribers.find_person(channel, address, held=False)
        return known if known is not None and known.is_active else None

    async def grant(self, work: "UnitOfWork", channel: str, address: str) -> None:
        """Count one more notice that the platform lets us send to this account, where it has subscribed."""
        known = await work.subscribers.find_person(channel, address)
        if known is not None:
            await work.subscribers.grant(known.id)

    async def ask(  # noqa: PLR0913, PLR0917 - the facts of a form
        self, work: "UnitOfWork", mailbox: str, topics: Iterable[str], pace: Pace, source: str, now: datetime
    ) -> None:
        """Ask the owner of that mailbox whether they want this. Raises TooMany for the source, never for the mailbox.

        Who has subscribed already gets a letter that says so, with the link under which it can be changed.
        """
        window = _window(now, _HOUR)
        if await work.attempts.count(_TRIES, self._keys.hash("subscribe source", source), window) > (
            self._limits.source_per_hour
        ):
            raise TooMany
        if not await self._may_write(work, mailbox, now):
            return
        known = await work.subscribers.find_person(EMAIL, mailbox)
        if known is not None and known.is_active:
            await work.subscribers.ask_letter(known.id, LetterKind.KNOWN, now)
            return
        fields = {"topics": clean_topics(topics), "pace": pace, "state": _S.PENDING, "consented_at": None}
        id = await work.subscribers.put(EMAIL, mailbox, fields, now, known)
        await work.subscribers.ask_letter(id, LetterKind.CONFIRM, now)

    async def confirm(self, work: "UnitOfWork", token: str, now: datetime) -> Subscriber | None:
        """Let what was asked for by mail begin; None for a link that is not ours, too old, or of what was stopped."""
        id = self.links.confirmed(token, now)
        known = await work.subscribers.find(id) if id else None
        if known is None or known.state not in (_S.PENDING, _S.ACTIVE):
            return None
        if known.state is _S.PENDING:
            await work.subscribers.change(known.id, now, state=_S.ACTIVE, consented_at=now)
        return known

    async def opened(self, work: "UnitOfWork", token: str) -> Subscriber | None:
        """The subscription that this link opens; None for a link that is not ours."""
        id = self.links.managed(token)
        return await work.subscribers.find(id) if id else None

    async def change(
        self, work: "UnitOfWork", token: str, topics: Iterable[str], pace: Pace, now: datetime
    ) -> Subscriber | None:
        """Change what the link opens, and begin anew what had ended; None for a link that is not ours.

        Whoever has the link has got something from us at that address: it needs no other confirmation.
        """
        known = await self.opened(work, token)
        if known is None:
            return None
        agreed = known.consented_at if known.is_active else now
        fields = {"topics": clean_topics(topics), "pace": pace, "state": _S.ACTIVE, "consented_at": agreed}
        await work.subscribers.change(known.id, now, **fields)
        return known

    async def stop_by_link(self, work: "UnitOfWork", token: str, now: datetime) -> bool:
        """Stop what the link opens; False for a link that is not ours. Safe to repeat."""
        known = await self.opened(work, token)
        if known is None:
            return self.links.managed(token) is not None  # ours, and forgotten meanwhile: nothing is sent
        if known.state in (_S.ACTIVE, _S.PENDING):
            await work.subscribers.change(known.id, now, state=_S.STOPPED)
        return True

    async def _may_write(self, work: "UnitOfWork", mailbox: str, now: datetime) -> bool:
        hashed, limits = self._keys.hash("subscribe mailbox", mailbox), self._limits
        if await work.attempts.count(_LETTERS, hashed, _window(now, _DAY)) > limits.letters_per_day:
            return False
        return await work.attempts.count(_LETTERS_ALL, "*", _window(now, _HOUR)) <= limits.all_per_hour


def _window(now: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
