"""What broadcasting asks of a channel, and how a call can end."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from bot.subscriptions.pacing import Rate

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Open = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]


@dataclass(frozen=True, slots=True)
class Told:
    """A post as a bulletin tells of it. page: its address; empty without a site."""

    title: str
    digest: str
    page: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bulletin:
    """What one subscriber is sent, in words; a channel sets it as it can.

    more: says that there is more on the site, where not all fits. stop, settings: what the buttons say that stop it
    and open the preferences. manage, stop_page: addresses only for this subscriber; empty without a site.
    """

    subject: str
    head: str
    items: tuple[Told, ...]
    foot: str
    more: str
    stop: str
    settings: str
    manage: str = field(default="", repr=False)
    stop_page: str = field(default="", repr=False)


class Ended(StrEnum):
    """How a call ended."""

    SENT = "sent"
    REFUSED = "refused"  # surely not sent, and never will be
    GONE = "gone"  # the same, and whom it was for takes nothing from us any more
    NO_GRANT = "no_grant"  # surely not sent: the platform knows of no grant that is left
    PUT_OFF = "put_off"  # surely not sent; later
    UNKNOWN = "unknown"  # it may have been sent


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of one call. rest: for how long; halts: it concerns the channel and not only this one address."""

    ended: Ended
    code: str = ""
    rest: timedelta | None = None
    halts: bool = False


SENT = Ending(Ended.SENT)


class BroadcastSender(Protocol):
    """How bulletins get to the subscribers of one channel."""

    @property
    def channel(self) -> str:
        """Its code."""
        ...

    @property
    def rate(self) -> Rate:
        """How fast it may be called."""
        ...

    @property
    def granted(self) -> bool:
        """Whether each bulletin uses up a grant of its subscriber."""
        ...

    async def send(self, address: str, bulletin: Bulletin, *, key: str) -> Ending:
        """Send it once. Never raises for what the platform does. key: the same for every attempt at it."""
        ...
