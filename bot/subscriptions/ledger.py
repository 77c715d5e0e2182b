"""One line of the broadcast ledger: one issue for one subscriber, and what may lead from one state to another. Pure.

The intent is committed before the call and the outcome after it, as with the deliveries of posts: what a dead process
left in `CLAIMED` was never asked of the platform and is planned again; what it left in `SENDING` may be out there. It
becomes `UNKNOWN`, staff see it, and no machine ever sends it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

MOST_ATTEMPTS = 5
"""After so many refusals that might pass by themselves it is refused for good."""

PAUSE = timedelta(minutes=10)
"""What lies between two attempts, where the platform does not say."""


class RecipientState(StrEnum):
    """Where it stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"  # a worker has taken it; nobody has been asked for anything
    SENDING = "sending"  # the intent is committed
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


OPEN = (RecipientState.PLANNED, RecipientState.CLAIMED, RecipientState.SENDING)


class Code(StrEnum):
    """Why something was not sent, where no platform says it."""

    STOPPED = "stopped"  # unsubscribed since it was planned
    NO_GRANT = "no_grant"  # every notice that WeChat allowed has been sent
    EXPIRED = "expired"  # it waited too long
    WITHDRAWN = "withdrawn"  # the post was taken back meanwhile
    INTERRUPTED = "interrupted"  # the process died between asking and hearing
    UNREADABLE = "unreadable"  # the key that sealed the address is gone
    CHANGED = "changed"  # its topics are no longer among those of the subscriber


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What a worker has taken: it may be sent from the slot on, and before the lease is over."""

    id: int
    issue: str
    subscriber: str
    slot: datetime
    topics: tuple[str, ...]
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker has taken at once. is_all: nothing more was due."""

    claimed: tuple[Claimed, ...] = ()
    is_all: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is written down of it. next_at: when it is tried again; counted: whether that counts as an attempt.

    blocks: the subscriber takes nothing any more; ungrants: the platform says that no grant is left.
    """

    state: RecipientState
    code: str = ""
    next_at: datetime | None = None
    counted: bool = False
    blocks: bool = False
    ungrants: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """One of which nobody knows whether it arrived, as staff see it. is_new: no staff has looked at it."""

    id: int
    issue: str
    subscriber: str
    channel: str
    code: str
    at: datetime | None
    is_new: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How far an issue has come: how many of its recipients are in which state, by (channel, state)."""

    issue: str
    counts: Mapping[tuple[str, RecipientState], int]

    def of(self, state: RecipientState) -> int:
        """How many are in that state, over all channels."""
        return sum(number for (_, each), number in self.counts.items() if each is state)

    @property
    def is_over(self) -> bool:
        """Whether everybody has come to an end."""
        return not any(self.of(state) for state in OPEN)
