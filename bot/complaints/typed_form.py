"""A complaint as somebody types it into a form, at home or at the telephone desk: what both forms have in common.

Pure. A fault is a code by field; whoever shows the form chooses the sentence. Who stays unknown leaves no name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from bot.complaints.cases import Consent, Statement
from bot.complaints.quantities.said_values import said_days, said_money, said_people
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.roles import Confidentiality
from bot.complaints.sensitive import without_sensitive
from bot.complaints.worker.phones import phone_digits

LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "topic": 64,
        "confidentiality": 16,
        "category": 32,
        "district": 32,
        "employer": 100,
        "place": 100,
        "narrative": 5000,
        "wish": 1000,
        "since": 100,
        "employed": 8,
        "left": 100,
        "accident": 100,
        "people": 100,
        "money": 100,
        "name": 40,
        "phone": 40,
        "contact": 100,
        "agree": 1,
        "agree_sensitive": 1,
    }
)
"""The text fields in the order of the page, and how many characters of each are read."""

LONGEST_BODY = 32
YES, NO, TICKED = "yes", "no", "1"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form. bodies: to whom the matter may be passed on."""

    texts: Mapping[str, str] = field(repr=False)
    bodies: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """The text of a field; empty when nothing was typed."""
        return self.texts.get(name, "")

    @property
    def is_anonymous(self) -> bool:
        """Whether the worker chose to stay unknown."""
        return self["confidentiality"] == Confidentiality.ANONYMOUS

    @property
    def agrees_to_sensitive(self) -> bool:
        """Whether the worker agreed to sensitive data being kept."""
        return self["agree_sensitive"] == TICKED


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What may be chosen, by id.

    about_staff: categories that are about the staff of the union itself.
    """

    categories: Collection[str]
    districts: Collection[str]
    bodies: Collection[str]
    about_staff: Collection[str] = ()


def read_bodies(chosen: Collection[str]) -> tuple[str, ...]:
    """The bodies that were chosen, each once."""
    return tuple(dict.fromkeys(body[:LONGEST_BODY] for body in chosen if body))


def common_faults(typed: Typed, offered: Offered) -> dict[str, str]:
    """What is wrong with what every form asks for, by field: a code, or empty where nothing is."""
    needs_name = typed["confidentiality"] == Confidentiality.NAMED and not typed["name"]
    return {
        "confidentiality": fault_of_choice(typed["confidentiality"], list(Confidentiality)),
        "category": fault_of_choice(typed["category"], offered.categories),
        "district": fault_of_choice(typed["district"], offered.districts),
        "employed": "" if typed["employed"] in ("", YES, NO) else "unknown",
        "name": "missing" if needs_name else "",
        "phone": _fault_of_phone(typed),
        "bodies": "" if set(typed.bodies) <= set(offered.bodies) else "unknown",
        "agree": "" if typed["agree"] == TICKED else "missing",
    }


def fault_of_choice(value: str, offered: Collection[str]) -> str:
    """What is wrong with what was chosen."""
    if value in offered:
        return ""
    return "unknown" if value else "missing"


def statement_of(typed: Typed, today: date, lunar: LunarCalendar) -> Statement:
    """What was said and may be kept: nothing sensitive without the consent to it."""
    said = everything_said(typed, today, lunar)
    return said if typed.agrees_to_sensitive else without_sensitive(said)


def everything_said(typed: Typed, today: date, lunar: LunarCalendar) -> Statement:
    """What was said, quantities with the range they allow."""
    return Statement(
        narrative=typed["narrative"],
        wish=typed["wish"],
        employer=typed["employer"],
        site=typed["place"],
        name="" if typed.is_anonymous else typed["name"],
        phone=typed["phone"],
        contact=typed["contact"],
        since=said_days(typed["since"], today, lunar),
        employed={YES: True, NO: False}.get(typed["employed"]),
        left=said_days(typed["left"], today, lunar),
        accident=said_days(typed["accident"], today, lunar),
        people=said_people(typed["people"]),
        money=said_money(typed["money"]),
    )


def consents_of(typed: Typed) -> frozenset[Consent]:
    """What a form without faults agrees to."""
    consents = {Consent.PERSONAL_DATA}
    if typed.agrees_to_sensitive:
        consents.add(Consent.SENSITIVE_DATA)
    if typed.bodies:
        consents.add(Consent.PASSING_ON)
    return frozenset(consents)


def _fault_of_phone(typed: Typed) -> str:
    if typed["phone"]:
        return "" if phone_digits(typed["phone"]) else "wrong"
    reachable = typed["contact"] or typed.is_anonymous or not typed["confidentiality"]
    return "" if reachable else "missing"
