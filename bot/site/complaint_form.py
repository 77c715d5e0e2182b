"""The complaint form of the site: how it is read, what is wrong with it, and the filing that it makes.

Pure. Nothing that was typed is ever lost by a fault.
"""

from datetime import date
from typing import Any

from bot.complaints.cases import Filing, Nature, Statement
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.roles import Confidentiality
from bot.complaints.typed_form import (
    LONGEST,
    NO,
    YES,
    Offered,
    Typed,
    common_faults,
    consents_of,
    everything_said,
    read_bodies,
)
from bot.complaints.worker.phones import phone_digits
from bot.site.forms import clean_text
from bot.site.uploads import UploadForm

BODIES = "pass_to"
"""The field that names the bodies to which the matter may be passed on; it may have several values."""

SHORTEST_STORY = 8

_ORDER = (
    "confidentiality",
    "category",
    "narrative",
    "employer",
    "district",
    "employed",
    "name",
    "phone",
    BODIES,
    "agree",
)
"""The fields as they stand on the page."""


def read_typed(form: UploadForm) -> Typed:
    """What was typed, each field cut to the length that is read."""
    texts = {name: clean_text(form.last(name), longest) for name, longest in LONGEST.items()}
    return Typed(texts, read_bodies(form.all(BODIES)))


def hidden_fields(typed: Typed) -> list[tuple[str, str]]:
    """Everything as pairs of name and value, for a page that carries it on."""
    return [(name, text) for name, text in typed.texts.items() if text] + [(BODIES, body) for body in typed.bodies]


def faults_of(typed: Typed, offered: Offered) -> dict[str, str]:
    """What is wrong, by field in the order of the page: a code each."""
    checks = common_faults(typed, offered) | _faults_of_the_matter(typed)
    checks[BODIES] = checks.pop("bodies")
    return {name: checks[name] for name in _ORDER if checks[name]}


def filing_of(  # noqa: PLR0913 - what makes a filing, all named
    typed: Typed, statement: Statement, offered: Offered, *, channel: str, person: str, draft: str
) -> Filing:
    """The filing of a form without faults. `person` is the keyed name under which the receipt waits.

    draft: the files of which are filed.
    """
    return Filing(
        nature=Nature.CLAIM,
        category=typed["category"],
        district=typed["district"],
        confidentiality=Confidentiality(typed["confidentiality"]),
        channel=channel,
        statement=statement,
        consents=consents_of(typed),
        passing_on=typed.bodies,
        topic=typed["topic"],
        about_union_staff=typed["category"] in offered.about_staff,
        draft=draft,
        person=person,
    )


def correction_faults(typed: Typed) -> dict[str, str]:
    """What is wrong with what is said anew, by field."""
    checks = _faults_of_the_matter(typed)
    checks |= {
        "employed": "" if typed["employed"] in ("", YES, NO) else "unknown",
        "phone": "" if not typed["phone"] or phone_digits(typed["phone"]) else "wrong",
    }
    return {name: code for name, code in checks.items() if code}


def corrections_of(typed: Typed, said: Statement, today: date, lunar: LunarCalendar) -> dict[str, Any]:
    """The fields of the statement that are said anew.

    Words that stayed the same keep the range they had then; name, phone and contact are replaced only where
    something was typed. What may not be kept `WorkerActs.correct` leaves out.
    """
    anew = everything_said(typed, today, lunar)
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


def _faults_of_the_matter(typed: Typed) -> dict[str, str]:
    story = typed["narrative"]
    short = "" if len(story) >= SHORTEST_STORY else "short"
    return {
        "narrative": short if story else "missing",
        "employer": "" if typed["employer"] or typed["place"] else "missing",
    }
