"""What the store hands back of a case beside the case itself."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.complaints.cases import Statement
from bot.complaints.clocks.deadlines import Clock


@dataclass(frozen=True, slots=True)
class SaidAt:
    """One version of what the worker said."""

    said_at: datetime
    by: str
    statement: Statement


class Warned(StrEnum):
    """How far the warnings of a clock have come."""

    NOT_YET = ""
    AMBER = "amber"  # the owner, in time
    OVERDUE = "overdue"  # the owner, too late
    ESCALATED = "escalated"  # the supervisor


@dataclass(frozen=True, slots=True)
class StoredClock:
    """One clock of a case as kept."""

    id: int
    case: str
    clock: Clock
    warned: str = Warned.NOT_YET


@dataclass(frozen=True, slots=True)
class Link:
    """Where news of a case may be told. grants: what the vendor lets us send there; each is good for once."""

    id: int
    channel: str
    address: str = field(repr=False)
    grants: tuple[str, ...] = ()


class FindingState(StrEnum):
    """What became of a finding of the radar."""

    OPEN = "open"
    MERGED = "merged"  # handled as one matter
    SEPARATE = "separate"  # looked at: they have nothing to do with one another


@dataclass(frozen=True, kw_only=True, slots=True)
class RadarFinding:
    """A possible collective matter. subject: the employer, the site or the case; cases: their ids, oldest first."""

    id: str
    kind: str
    subject: str
    district: str
    opened_on: date
    cases: tuple[str, ...]
    state: FindingState = FindingState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
