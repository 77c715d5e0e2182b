"""Which cases somebody wants to see, of those that they may see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bot.complaints.cases import Nature
from bot.complaints.lifecycle import State
from bot.complaints.roles import Confidentiality

OVERDUE = "overdue"
AMBER = "amber"

SORTS = frozenset(
    {
        "registered_at",
        "changed_at",
        "number",
        "category",
        "district",
        "state",
        "confidentiality",
        "owner",
        "urgent",
        "people",
        "money",
        "next_due",
    }
)
"""By what a list can be sorted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """All conditions hold together; an empty one restricts nothing. Raises ValueError for what makes no sense.

    mine: the account that owns the case or helps with it. due: `OVERDUE`, or `AMBER` for those that end soon; both
    need `today`. urgent, collective, call_back_due: True gives only those. quarantined: True only those, False none of
    them. number: its beginning. phone_hashes: blind indexes of one number under every key, from `KeyRing.index_all`.
    registered_from, registered_to: days in China, both included.
    """

    states: Collection[State] = ()
    categories: Collection[str] = ()
    districts: Collection[str] = ()
    natures: Collection[Nature] = ()
    confidentiality: Collection[Confidentiality] = ()
    owner: str = ""
    mine: str = ""
    unassigned: bool = False
    due: str = ""
    urgent: bool = False
    collective: bool = False
    call_back_due: bool = False
    quarantined: bool | None = None
    employer: str = ""
    site: str = ""
    number: str = ""
    phone_hashes: tuple[str, ...] = ()
    registered_from: date | None = None
    registered_to: date | None = None
    today: date | None = None

    def __post_init__(self) -> None:
        """Refuse a due date without a day to compare it with, and one nobody knows."""
        if self.due not in {"", OVERDUE, AMBER}:
            raise ValueError(f"{self.due!r} is not one of {OVERDUE}, {AMBER}")
        if self.due and self.today is None:
            raise ValueError("what is due depends on today")
