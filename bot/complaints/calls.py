"""A call or a visit as it is taken down: what was typed, what is wrong with it by field, the filing that it makes.

Pure. A fault is a code; the console chooses the sentence. Who wants to stay unknown leaves no name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from bot.complaints.cases import Consent, Filing, Nature, Statement
from bot.complaints.phones import phone_digits
from bot.complaints.roles import Confidentiality
from bot.complaints.said_values import said_days, said_money, said_people
from bot.complaints.seasons import LunarCalendar

LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "channel": 16,
        "nature": 16,
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
        "urgent": 1,
        "agree": 1,
        "agree_sensitive": 1,
        "topic": 64,
    }
)
"""The fields, and how many characters of each are read."""

YES, NO, TICKED = "yes", "no", "1"


class Way(StrEnum):
    """How somebody came: the channel of the case."""

    CALL = "hotline"  # 来电
    VISIT = "visit"  # 来访


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands in the form. bodies: to whom the matter may be passed on."""

    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    bodies: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """The text of a field; empty when nothing was typed."""
        return self.texts.get(name, "")

    @property
    def is_claim(self) -> bool:
        """Whether somebody wants something done."""
        return self["nature"] == Nature.CLAIM

    @property
    def is_anonymous(self) -> bool:
        """Whether the caller stays unknown."""
        return self["confidentiality"] == Confidentiality.ANONYMOUS


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What may be chosen, by id. sensitive: categories that cannot be told without sensitive data."""

    categories: Collection[str]
    districts: Collection[str]
    bodies: Collection[str]
    sensitive: Collection[str] = ()
    about_staff: Collection[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredCall:
    """A question that was answered at once: counted, not registered."""

    id: str
    taken_at: datetime
    by: str
    channel: str
    category: str = ""
    district: str = ""
    topic: str = ""


def read_taken(texts: Mapping[str, str], bodies: Collection[str] = ()) -> Taken:
    """What was typed, each field cut to the length that is read."""
    read = {name: texts.get(name, "")[:longest] for name, longest in LONGEST.items()}
    return Taken(
        {name: text for name, text in read.items() if text}, tuple(dict.fromkeys(body[:32] for body in bodies))
    )


def faults_of(taken: Taken, offered: Offered) -> dict[str, str]:
    """What is wrong, by field in the order of the form: a code each."""
    checks: dict[str, Callable[[], str]] = {
        "channel": lambda: _chosen(taken["channel"], list(Way)),
        "nature": lambda: _chosen(taken["nature"], list(Nature)),
        "narrative": lambda: "" if taken["narrative"] else "missing",
        "category": lambda: _chosen(taken["category"], offered.categories),
        "district": lambda: _chosen(taken["district"], offered.districts),
        "employer": lambda: "missing" if taken.is_claim and not (taken["employer"] or taken["place"]) else "",
        "employed": lambda: "" if taken["employed"] in ("", YES, NO) else "unknown",
        "confidentiality": lambda: _chosen(taken["confidentiality"], list(Confidentiality)),
        "name": lambda: _name(taken),
        "phone": lambda: _phone(taken),
        "agree": lambda: "" if taken["agree"] == TICKED else "missing",
        "agree_sensitive": lambda: _sensitive(taken, offered),
        "bodies": lambda: "" if set(taken.bodies) <= set(offered.bodies) else "unknown",
    }
    found = {name: check() for name, check in checks.items()}
    return {name: code for name, code in found.items() if code}


def filing_of(taken: Taken, offered: Offered, today: date, lunar: LunarCalendar) -> Filing:
    """The filing of a form without faults."""
    consents = {Consent.PERSONAL_DATA}
    consents |= {Consent.SENSITIVE_DATA} if taken["agree_sensitive"] == TICKED else set()
    consents |= {Consent.PASSING_ON} if taken.bodies else set()
    return Filing(
        nature=Nature(taken["nature"]),
        category=taken["category"],
        district=taken["district"],
        confidentiality=Confidentiality(taken["confidentiality"]),
        channel=taken["channel"],
        statement=statement_of(taken, today, lunar),
        consents=frozenset(consents),
        passing_on=taken.bodies,
        topic=taken["topic"],
        urgent=taken["urgent"] == TICKED,
        about_union_staff=taken["category"] in offered.about_staff,
    )


def statement_of(taken: Taken, today: date, lunar: LunarCalendar) -> Statement:
    """What the caller said, quantities with the range they allow."""
    return Statement(
        narrative=taken["narrative"],
        wish=taken["wish"],
        employer=taken["employer"],
        site=taken["place"],
        name="" if taken.is_anonymous else taken["name"],
        phone=taken["phone"],
        contact=taken["contact"],
        since=said_days(taken["since"], today, lunar),
        employed={YES: True, NO: False}.get(taken["employed"]),
        left=said_days(taken["left"], today, lunar),
        accident=said_days(taken["accident"], today, lunar),
        people=said_people(taken["people"]),
        money=said_money(taken["money"]),
    )


def _chosen(value: str, offered: Collection[str]) -> str:
    if value in offered:
        return ""
    return "unknown" if value else "missing"


def _name(taken: Taken) -> str:
    return "missing" if taken["confidentiality"] == Confidentiality.NAMED and not taken["name"] else ""


def _phone(taken: Taken) -> str:
    if taken["phone"]:
        return "" if phone_digits(taken["phone"]) else "wrong"
    reachable = taken["contact"] or taken.is_anonymous or not taken["confidentiality"]
    return "" if reachable else "missing"


def _sensitive(taken: Taken, offered: Offered) -> str:
    return "missing" if taken["category"] in offered.sensitive and taken["agree_sensitive"] != TICKED else ""
