"""What staff have to be told about posts and channels. The alert is put down with the change it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class AlertKind(StrEnum):
    """Why staff are told."""

    REVIEW = "review"  # it was handed in, or has come to the next level
    CONFIRM = "confirm"  # it is due: a person confirms, or publishes by hand
    ADMINISTRATOR = "administrator"  # the account's administrator has to confirm in the platform
    UNKNOWN = "unknown"  # nobody knows whether it is out
    LOOK = "look"  # the platform cannot tell either: a person has to look
    HELD = "held"  # the check when it was due found something
    EXPIRED = "expired"  # too late, not sent
    REFUSED = "refused"  # for good
    CAME_OUT = "came_out"  # after it was withdrawn: it was on its way
    TAKEN_DOWN = "taken_down"  # the platform has removed what was published
    REAUTHORISE = "reauthorise"  # the channel has to be authorised again
    EXPIRES = "expires"  # its authorisation ends soon
    RESTING = "resting"  # the channel fails again and again
    UNKNOWN_YEAR = "unknown_year"  # holidays of that year are not known: planned as if there were none


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One matter. once: what makes it this one and no other; the same one is not told again.

    data: codes and numbers that its words need. to: the accounts that are told; None for those whose work it is.
    """

    kind: AlertKind
    once: str
    post: str = ""
    channel: str = ""
    delivery: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    to: frozenset[str] | None = None


class Alerts(Protocol):
    """Tells staff."""

    async def tell(self, work: "UnitOfWork", alert: Alert) -> None:
        """Put it down in the same transaction as what it is about. Safe to repeat."""
        ...
