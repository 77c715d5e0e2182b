"""How a send ends: sent, refused, unknown, or waiting for somebody's word. Pure.

A platform's time-out is `Unknown`: it may have acted. Unknown is never sent again by machine; it is reconciled by
asking the platform, else by a person.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has said that it is out there. vendor_id: its name for it; address: where it can be read."""

    vendor_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform has surely not acted. permanent: the same call cannot help.

    reauthorise: the account has to be authorised again by a person; everything of the channel waits for that.
    retry_after: what the platform asks for. halts: the whole channel should rest (quota, rate limit).
    """

    code: str
    permanent: bool
    detail: str = ""
    retry_after: timedelta | None = None
    reauthorise: bool = False
    halts: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the platform has acted."""

    code: str
    detail: str = ""


class Awaited(StrEnum):
    """Whose word is awaited."""

    PLATFORM = "platform"  # its event, or the answer when it is asked again
    PERSON = "person"  # somebody confirms or publishes by hand
    ADMINISTRATOR = "administrator"  # the account's administrator confirms in the platform


@dataclass(frozen=True, slots=True)
class Waiting:
    """The platform has taken it, or a person has been asked: published is what is said later."""

    awaited: Awaited
    code: str = ""
    detail: str = ""
    vendor_id: str = ""
    address: str = ""


Outcome = Sent | Refused | Unknown | Waiting
