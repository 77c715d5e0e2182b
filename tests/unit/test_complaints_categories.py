"""Categories of complaints, as shipped and as an editor may break them."""

from pathlib import Path

import pytest

from bot.answers.entries import COMPLAINT_CATEGORIES
from bot.complaints.categories import Since, UnknownCategory, load_categories
from bot.complaints.clocks.rule_files import load_limit_rules
from bot.errors import ContentError
from tests.builders import ROOT

FILE = ROOT / "content" / "complaints" / "categories.yaml"
CLAIMS = load_limit_rules(ROOT / "content" / "complaints" / "limits.yaml").claims
SHIPPED = load_categories(FILE, CLAIMS)
ONE = "categories:\n  - {id: wage, title: 工资, hint: 欠薪, since: breach, claims: [wage_arrears], topics: [wage.]}\n"


def test_every_category_that_an_answer_names_can_be_complained_about() -> None:
    assert [name for name in COMPLAINT_CATEGORIES if name not in SHIPPED] == []


def test_only_complaints_about_union_staff_are_for_the_supervisor_alone() -> None:
    assert [category.id for category in SHIPPED if category.union_staff] == ["union_staff"]


@pytest.mark.parametrize(
    ("topic", "category"),
    [
        ("wage.arrears", "wage"),
        ("wage.overtime-pay", "wage"),
        ("dispute.routes", "other"),
        ("hours.annual-leave-pay", "hours"),
        ("unheard.of", None),
    ],
)
def test_a_topic_leads_to_its_category(topic: str, category: str | None) -> None:
    found = SHIPPED.of_topic(topic)
    assert (found and found.id) == category


def test_since_when_asks_for_the_accident_in_injuries() -> None:
    assert SHIPPED.get("injury").since is Since.ACCIDENT


def test_an_unknown_category_is_named() -> None:
    with pytest.raises(UnknownCategory, match="nothing"):
        SHIPPED.get("nothing")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "mapping with the list categories"),
        (ONE.replace("id: wage", "id: Wage"), "small letters"),
        (ONE.replace("since: breach", "since: never"), "never"),
        (ONE.replace("wage_arrears", "gold"), "no claim gold"),
        (ONE.replace("hint: 欠薪", "hint: ''"), "title and hint"),
        (ONE.replace("hint", "tip"), "unknown field tip"),
        (ONE + ONE.partition("\n")[2], "stands twice"),
        (ONE.replace("topics: [wage.]", "topics: wage."), "list of texts"),
        (ONE.replace("topics: [wage.]", "closer: [wage]"), "closer is a mapping"),
    ],
    ids=["no list", "id", "since", "claim", "words", "field", "twice", "topics", "closer"],
)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "categories.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=fault):
        load_categories(path, CLAIMS)
