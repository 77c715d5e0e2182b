"""Notices as values: to staff (what is due, by which road) and to workers (there is news, in neutral words).

A notice holds codes, the case number and days; never what somebody said or who they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Road(StrEnum):
    """By what a notice to staff goes."""

    CONSOLE = "console"  # the badge: it is not sent, it waits to be seen
    MAIL = "mail"
    WECOM = "wecom"
    TELEGRAM = "telegram"


GROUPS = frozenset({Road.WECOM, Road.TELEGRAM})
"""Roads that lead to a group: everybody in it reads what goes there."""


WORDS_ONLY = frozenset({"title", "due", "year", "cases", "channel", "day"})
"""What of the data of a notice may go into its words, wherever they are read."""


class Sending(StrEnum):
    """Where a notice stands. A notice that is claimed is being sent by somebody."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"  # given up; shown to staff
    UNKNOWN = "unknown"  # nobody knows whether it went out; shown to staff, and no machine sends it again


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffNotice:
    """One notice to one member of staff (or, with no `staff`, to the group) by one road.

    key: what makes it this notice and no other; one with the key of an earlier one is not made again.
    number: the case number as shown. data: codes and days that its words need.
    """

    key: str
    road: Road
    kind: str
    staff: str = ""
    number: str = ""
    case: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredStaffNotice:
    """A notice to staff as kept."""

    id: str
    notice: StaffNotice
    made_at: datetime
    state: Sending
    attempts: int
    error: str
    sent_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredWorkerNotice:
    """A notice to a worker as kept. link: the id of the link over which it goes."""

    id: str
    case: str
    link: int
    kind: str
    made_at: datetime
    state: Sending
    attempts: int
    error: str
    sent_at: datetime | None
