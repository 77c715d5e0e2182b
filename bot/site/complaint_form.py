"""The complaint form: what was typed, what is wrong with it by field, and the filing that it makes.

Pure. A fault is a code; its sentence is chosen by the page. Nothing that was typed is ever lost by a fault.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.complaints.cases import Consent, Filing, Nature, Statement
from bot.complaints.roles import Confidentiality
from bot.complaints.said_values import said_days, said_money, said_people
from bot.complaints.seasons import LunarCalendar
from bot.site.forms import clean_text
from bot.site.uploads import UploadForm

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
"""The text fields of the form in the order of the page, and how many characters of each are read."""

BODIES = "pass_to"
"""The field that names the bodies to which the matter may be passed on; it may have several values."""

YES, NO = "yes", "no"
TICKED = "1"
SHORTEST_STORY = 8

_PHONE = re.compile(r"\+?[0-9]{7,15}")
_BETWEEN_DIGITS = re.compile(r"[\s\-()（）—.]")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    texts: Mapping[str, str] = field(repr=False)
    bodies: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """The text of a field; empty when nothing was typed."""
        return self.texts.get(name, "")

    @property
    def is_anonymous(self) -> bool:
        """Whether the worker chose to stay unknown."""
        return self["confidentiality"] == Confidentiality.ANONYMOUS

    def hidden(self) -> list[tuple[str, str]]:
        """Everything as pairs of name and value, for a page that carries it on."""
        return [(name, text) for name, text in self.texts.items() if text] + [(BODIES, body) for body in self.bodies]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What may be chosen, by id."""

    categories: Collection[str]
    districts: Collection[str]
    bodies: Collection[str]
    sensitive: Collection[str] = ()
    """Categories that cannot be told without sensitive data, such as an injury."""
    about_staff: Collection[str] = ()
    """Categories that are about the staff of the union itself."""


def read_typed(form: UploadForm) -> Typed:
    """What was typed, each field cut to the length that is read."""
    texts = {name: clean_text(form.last(name), longest) for name, longest in LONGEST.items()}
    return Typed(texts, tuple(dict.fromkeys(body[:32] for body in form.all(BODIES) if body)))


def faults_of(typed: Typed, offered: Offered) -> dict[str, str]:
    """What is wrong, by field in the order of the page: a code each."""
    checks = {
        "confidentiality": _chosen(typed["confidentiality"], list(Confidentiality)),
        "category": _chosen(typed["category"], offered.categories),
        "narrative": _story(typed["narrative"]),
        "employer": "" if typed["employer"] or typed["place"] else "missing",
        "district": _chosen(typed["district"], offered.districts),
        "employed": "" if typed["employed"] in ("", YES, NO) else "unknown",
        "name": "missing" if typed["confidentiality"] == Confidentiality.NAMED and not typed["name"] else "",
        "phone": _phone(typed),
        BODIES: "" if set(typed.bodies) <= set(offered.bodies) else "unknown",
        "agree": "" if typed["agree"] == TICKED else "missing",
        "agree_sensitive": _sensitive(typed, offered),
    }
    return {name: code for name, code in checks.items() if code}


def statement_of(typed: Typed, today: date, lunar: LunarCalendar) -> Statement:
    """What the worker said, quantities with the range they allow. Who stays unknown leaves no name."""
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


def filing_of(  # noqa: PLR0913 - what makes a filing, all named
    typed: Typed, statement: Statement, offered: Offered, *, channel: str, person: str, draft: str
) -> Filing:
    """The filing of a form without faults. `person` is the keyed name under which the receipt waits.

    draft: the files of which are filed.
    """
    consents = {Consent.PERSONAL_DATA}
    if typed["agree_sensitive"] == TICKED:
        consents.add(Consent.SENSITIVE_DATA)
    if typed.bodies:
        consents.add(Consent.PASSING_ON)
    return Filing(
        nature=Nature.CLAIM,
        category=typed["category"],
        district=typed["district"],
        confidentiality=Confidentiality(typed["confidentiality"]),
        channel=channel,
        statement=statement,
        consents=frozenset(consents),
        passing_on=typed.bodies,
        topic=typed["topic"],
        about_union_staff=typed["category"] in offered.about_staff,
        draft=draft,
        person=person,
    )


def correction_faults(typed: Typed) -> dict[str, str]:
    """What is wrong with what is said anew, by field."""
    checks = {
        "narrative": _story(typed["narrative"]),
        "employer": "" if typed["employer"] or typed["place"] else "missing",
        "employed": "" if typed["employed"] in ("", YES, NO) else "unknown",
        "phone": "" if not typed["phone"] or is_phone(typed["phone"]) else "wrong",
    }
    return {name: code for name, code in checks.items() if code}


def corrections_of(typed: Typed, said: Statement, today: date, lunar: LunarCalendar) -> dict[str, Any]:
    """The fields of the statement that are said anew.

    Words that stayed the same keep the range they had then; name, phone and contact are replaced only where
    something was typed.
    """
    anew = statement_of(typed, today, lunar)
    same_words = {
        "since": anew.since.said == said.since.said,
        "left": anew.left.said == said.left.said,
        "accident": anew.accident.said == said.accident.said,
        "people": anew.people.said == said.people.said,
        "money": anew.money.said == said.money.said,
    }
    plain = ("narrative", "wish", "employer", "site", "employed")
    changed = [name for name in plain if getattr(anew, name) != getattr(said, name)]
    changed += [name for name, same in same_words.items() if not same]
    changed += [name for name in ("name", "phone", "contact") if getattr(anew, name)]
    return {name: getattr(anew, name) for name in changed}


def is_phone(text: str) -> bool:
    """Whether the text can be a telephone number, however it is grouped."""
    return _PHONE.fullmatch(_BETWEEN_DIGITS.sub("", text)) is not None


def _chosen(value: str, offered: Collection[str]) -> str:
    if value in offered:
        return ""
    return "unknown" if value else "missing"


def _story(text: str) -> str:
    if not text:
        return "missing"
    return "" if len(text) >= SHORTEST_STORY else "short"


def _phone(typed: Typed) -> str:
    if typed["phone"]:
        return "" if is_phone(typed["phone"]) else "wrong"
    reachable = typed["contact"] or typed.is_anonymous or not typed["confidentiality"]
    return "" if reachable else "missing"


def _sensitive(typed: Typed, offered: Offered) -> str:
    return "missing" if typed["category"] in offered.sensitive and typed["agree_sensitive"] != TICKED else ""
