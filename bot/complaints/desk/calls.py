"""A call or a visit as it is taken down: what the form asks beside what every form asks, and the filing that it makes.

Pure. A fault is a code; the console chooses the sentence.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.complaints.cases import Filing, Nature
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.roles import Confidentiality
from bot.complaints.typed_form import (
    LONGEST,
    TICKED,
    Offered,
    Typed,
    common_faults,
    consents_of,
    fault_of_choice,
    read_bodies,
    statement_of,
)

_LONGEST = {**LONGEST, "channel": 16, "nature": 16, "urgent": 1}

_ORDER = (
    "channel",
    "nature",
    "narrative",
    "category",
    "district",
    "employer",
    "employed",
    "confidentiality",
    "name",
    "phone",
    "agree",
    "bodies",
)
"""The fields as they stand in the form."""


class Way(StrEnum):
    """How somebody came: the channel of the case."""

    CALL = "hotline"  # 来电
    VISIT = "visit"  # 来访


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredCall:
    """A question or suggestion that was answered at once: counted, not registered."""

    id: str
    taken_at: datetime
    by: str
    channel: str
    nature: Nature = Nature.CONSULTATION
    category: str = ""
    district: str = ""
    topic: str = ""


def read_taken(texts: Mapping[str, str], bodies: Collection[str] = ()) -> Typed:
    """What was typed, each field cut to the length that is read."""
    read = {name: texts.get(name, "")[:longest] for name, longest in _LONGEST.items()}
    return Typed({name: text for name, text in read.items() if text}, read_bodies(bodies))


def nature_answered(taken: Typed) -> Nature:
    """As what a call that was answered at once counts: whoever wanted no suggestion passed on has asked something."""
    return Nature.SUGGESTION if taken["nature"] == Nature.SUGGESTION else Nature.CONSULTATION


def is_claim(taken: Typed) -> bool:
    """Whether somebody wants something done."""
    return taken["nature"] == Nature.CLAIM


def faults_of(taken: Typed, offered: Offered) -> dict[str, str]:
    """What is wrong, by field in the order of the form: a code each."""
    named = taken["employer"] or taken["place"]
    checks = common_faults(taken, offered) | {
        "channel": fault_of_choice(taken["channel"], list(Way)),
        "nature": fault_of_choice(taken["nature"], list(Nature)),
        "narrative": "" if taken["narrative"] else "missing",
        "employer": "missing" if is_claim(taken) and not named else "",
    }
    return {name: checks[name] for name in _ORDER if checks[name]}


def filing_of(taken: Typed, offered: Offered, today: date, lunar: LunarCalendar) -> Filing:
    """The filing of a form without faults."""
    return Filing(
        nature=Nature(taken["nature"]),
        category=taken["category"],
        district=taken["district"],
        confidentiality=Confidentiality(taken["confidentiality"]),
        channel=taken["channel"],
        statement=statement_of(taken, today, lunar),
        consents=consents_of(taken),
        passing_on=taken.bodies,
        topic=taken["topic"],
        urgent=taken["urgent"] == TICKED,
        about_union_staff=taken["category"] in offered.about_staff,
    )
