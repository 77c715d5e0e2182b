"""What surrounds a dialogue: what may be chosen, what the channel can do, what day it is. And how it speaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from bot.complaints.quantities.seasons import LunarCalendar

if TYPE_CHECKING:
    from bot.complaints.intake.draft import Draft


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence by its key; fields may be sentences themselves."""

    key: str
    fields: Mapping[str, "str | int | Line"] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """Something to choose. `also`: what else people type for it; `hint`: a word of explanation behind the label."""

    code: str
    label: "str | Line"
    also: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What surrounds a dialogue.

    since: what "since when" asks in a category (breach, started, dismissed, accident). about_union_staff: categories
    that only the supervisor sees. knows_account: the platform knows whose account writes. abroad: it passes
    through servers outside the country. may_show: notices there may say what a cadre wrote. web_form: the form on the
    site, where the channel can show it. doubt: why what was said cannot all be true, empty when it can.
    """

    today: date
    lunar: LunarCalendar
    categories: tuple[Option, ...]
    districts: tuple[Option, ...] = ()
    bodies: tuple[Option, ...] = ()
    since: Mapping[str, str] = field(default_factory=dict)
    about_union_staff: frozenset[str] = frozenset()
    hotline: str = ""
    draft_hours: int = 24
    takes_files: bool = False
    may_notify: bool = False
    knows_account: bool = False
    abroad: bool = False
    may_show: bool = False
    web_form: str = ""
    doubt: "Callable[[Draft], str] | None" = None
