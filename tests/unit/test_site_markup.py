"""Telephone numbers and safe markup in texts."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.site.forms import clean_text, local_path
from bot.site.markup import Phones, dial, render_markdown

PHONES = Phones(["12351", "12333", "110", "120", "0530-12351"])


def linked(text: str, *, urgent: bool = False) -> list[str]:
    return re.findall(r'href="tel:(\d+)"', PHONES.paragraphs(text, urgent=urgent))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("请拨打12351咨询", ["12351"]),
        ("报警110，急救120。", ["110", "120"]),
        ("被打、被关：110", ["110"]),
        ("赔120元，干了110天", []),
        ("第120条、工资12351.5元、123510", []),
        ("电话0530-12351", ["053012351"]),
        ("编号A12351、112351", []),
    ],
    ids=["hotline", "short", "at the end", "amounts", "parts of numbers", "area code", "codes"],
)
def test_known_numbers_are_links_and_amounts_are_not(text: str, numbers: list[str]) -> None:
    assert linked(text) == numbers


def test_in_an_emergency_every_known_number_is_a_link() -> None:
    assert linked("请打110报警或者120急救", urgent=True) == ["110", "120"]
    assert PHONES.found("打110报警，再打110，或者12351") == ["110", "12351"]


def test_a_number_that_is_a_link_already_stays_one_link() -> None:
    assert PHONES.markdown("[12333](tel:12333)、12351").count("<a") == 2


def test_dialling_keeps_only_what_a_telephone_knows() -> None:
    assert dial("0530-123 51") == "tel:053012351"


@given(st.text())
def test_text_survives_as_text_and_brings_in_no_tags(text: str) -> None:
    rendered = PHONES.paragraphs(text)
    assert set(re.findall(r"</?([a-z0-9]+)", rendered)) <= {"p", "br", "a"}
    shown = html.unescape(re.sub(r"<[^>]+>", "", rendered))
    assert "".join(shown.split()) == "".join(text.split())


@given(st.text())
def test_markdown_yields_only_the_allowed_tags(text: str) -> None:
    tags = set(re.findall(r"<([a-z0-9]+)", render_markdown(text)))
    assert tags <= {"p", "br", "ol", "ul", "li", "strong", "em", "a", "h3", "h4", "blockquote", "code"}


@given(st.text())
def test_a_path_to_go_back_to_stays_on_this_site(text: str) -> None:
    for path in (local_path(text), local_path("/" + text)):
        assert path.startswith("/")
        assert not path.startswith(("//", "/\\"))
        assert path.isprintable()


@given(st.text(), st.integers(1, 100))
def test_cleaning_twice_changes_nothing_more(text: str, longest: int) -> None:
    clean = clean_text(text, longest)
    assert len(clean) <= longest
    assert clean_text(clean, longest) == clean
