"""Every code that the console shows has its word, and figures read as staff write them."""

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from bot.audit import Break
from bot.complaints.cases import Nature
from bot.complaints.clocks.deadlines import State as ClockState
from bot.complaints.clocks.rules import Kind, Unit
from bot.complaints.desk.redaction import Mark
from bot.complaints.desk.template_texts import TemplateTexts
from bot.complaints.lifecycle import Fact, State, Verdict
from bot.complaints.limits.facts import Act
from bot.complaints.limits.guarding import NAMES_OF_EXTRA
from bot.complaints.quantities.ranges import Bounds
from bot.complaints.roles import Confidentiality
from bot.console.case_words import CaseWords
from bot.console.views.cases import BUILT_IN, COLUMNS
from bot.console.words import TONES, Words, day, local, size
from bot.roles import Role
from bot.staff.members import STAFF_ROLES
from bot.wording import load_wording
from tests.builders import ROOT

WORDING = load_wording(ROOT / "content" / "replies")
WORDS = Words(WORDING, {"district": {"mudan": "牡丹区"}})

KINDS: dict[str, type[StrEnum]] = {
    "state": State,
    "verdict": Verdict,
    "role": Role,
    "confidentiality": Confidentiality,
    "nature": Nature,
    "clock_state": ClockState,
    "clock_kind": Kind,
    "unit": Unit,
    "lacking": Fact,
    "mark": Mark,
    "audit_break": Break,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_code_has_a_word(kind: str) -> None:
    assert [code for code in KINDS[kind] if WORDS.label(kind, code) == str(code)] == []


def test_every_view_column_and_role_is_told_in_words() -> None:
    told = {"view": BUILT_IN, "column": COLUMNS, "role_about": STAFF_ROLES}
    assert [code for kind, codes in told.items() for code in codes if WORDS.label(kind, code) == str(code)] == []


def test_what_else_was_said_is_told_in_words_and_never_as_a_code() -> None:
    words = CaseWords(WORDING, WORDS, TemplateTexts(()), {}, {})
    known = words.extras(dict.fromkeys((*NAMES_OF_EXTRA, *Act), "2026-03-01"))
    assert [name for name, _ in known if name.isascii() or name == "其他说明"] == []
    said = {"has_iou": "yes", "demand": "2026-03-01/2026-03-31", "known": "2026-03-01", "card": "没签合同"}
    assert words.extras(said) == [
        ("有欠条", "是"),
        ("向单位要过", "2026-03-01 至 2026-03-31"),
        ("知道权益受侵害", "2026-03-01"),
        ("其他说明", "没签合同"),
    ]


def test_every_state_has_its_colour() -> None:
    assert set(TONES) == set(State)


def test_names_of_the_configuration_come_first_and_unknown_codes_stay() -> None:
    assert WORDS.label("district", "mudan") == "牡丹区"
    assert WORDS.label("district", "elsewhere") == "elsewhere"
    assert WORDS.label("district", "") == "—"


@pytest.mark.parametrize(
    ("bounds", "people", "money", "short"),
    [
        (None, "—", "—", "—"),
        (Bounds(2000, 2000), "2,000人", "20元", "2,000"),
        (Bounds(100, 2950), "100人到2,950人", "1元到29.50元", "100–2,950"),
        (Bounds(100, None), "100人以上", "1元以上", "≥ 100"),
        (Bounds(0, 100), "不超过100人", "不超过1元", "0–100"),
    ],
    ids=["none", "exact", "between", "at-least", "at-most"],
)
def test_ranges_are_read_as_they_are_said(bounds: Bounds | None, people: str, money: str, short: str) -> None:
    assert (WORDS.people(bounds), WORDS.money(bounds), WORDS.short(bounds)) == (people, money, short)


def test_a_deadline_says_how_far_away_it_is() -> None:
    today = date(2026, 11, 22)
    told = [WORDS.due(date(2026, 11, d), today) for d in (20, 22, 25)]
    assert told == ["超 2 天", "今天到期", "还有 3 天"]


def test_times_are_those_of_the_clock_on_the_wall() -> None:
    assert local(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)) == "2026-11-23 04:30"
    assert (local(None), day(None)) == ("—", "—")
    assert [size(n) for n in (10, 2048, 3 * 2**20)] == ["10 B", "2 KB", "3.0 MB"]
