"""An entry as a form and as a file: each gives the other back, faults and all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.content import read_folder, skeleton
from bot.answers.entries import COMPLAINT_CATEGORIES, HEADINGS, Entry, Section, parse_entry, render_entry
from bot.answers.knowledge.form import EntryForm, form_of_fields, read_source, write_source
from bot.laws.citation import Citation
from bot.laws.front_matter import one_line
from bot.laws.typed_citation import parse_typed
from tests.builders import ROOT, an_entry

SHIPPED = read_folder(ROOT / "content" / "faq")


@pytest.mark.parametrize("topic", sorted(SHIPPED))
def test_every_shipped_entry_comes_back_letter_for_letter(topic: str) -> None:
    source = render_entry(SHIPPED[topic])
    form = read_source(source)
    assert form is not None
    assert write_source(topic, form) == source


CITED = st.builds(
    Citation,
    st.sampled_from(["劳动法", "关于《X》若干问题的意见", "工伤保险条例（2010 年）", "鲁人社发〔2025〕3号"]),
    st.integers(1, 9999),
    st.integers(0, 10),
    st.none() | st.integers(1, 40),
    st.none() | st.integers(1, 40),
)


@given(CITED)
def test_a_citation_is_read_as_it_is_shown(citation: Citation) -> None:
    assert parse_typed(citation.label) == citation


@pytest.mark.parametrize(
    ("typed", "citation"),
    [
        ("劳动合同法 85-1-2", Citation("劳动合同法", 85, 0, 1, 2)),
        ("劳动合同法 85--2", Citation("劳动合同法", 85, 0, None, 2)),
        ("劳动合同法　第八十五条第一款第（二）项", Citation("劳动合同法", 85, 0, 1, 2)),
        ("劳动合同法第三十条", Citation("劳动合同法", 30)),
        ("刑法 276之一", Citation("刑法", 276, 1)),
        ("《刑法》第二百七十六条之一第1款", Citation("刑法", 276, 1, 1)),
        ("《劳动法》", Citation("劳动法")),
        ("劳动法", Citation("劳动法")),
        ("《劳动法》哪一条", None),
        ("《劳动法", None),
        ("劳动法 第0条", Citation("劳动法 第0条")),
        ("", None),
    ],
    ids=range(12),
)
def test_citations_are_read_as_people_type_them(typed: str, citation: Citation | None) -> None:
    assert parse_typed(typed) == citation


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12)
LINES = st.lists(TEXT, max_size=3).map("\n".join)


@settings(max_examples=150)
@given(
    st.builds(
        EntryForm,
        title=TEXT, region=TEXT, effective_from=TEXT, effective_to=TEXT, checked_on=TEXT, review_by=TEXT,
        complaint_category=TEXT, related=LINES, citations=LINES, ask=LINES, short=LINES,
        sections=st.fixed_dictionaries({}, optional=dict.fromkeys(HEADINGS, LINES)),
    )
)  # fmt: skip
def test_whatever_is_typed_comes_back(form: EntryForm) -> None:
    """But for spaces around, and signs by which citations and topics are written."""
    again = read_source(write_source("wage.x", form))
    assert again is not None
    for name in ("title", "region", "complaint_category", "effective_to"):
        assert getattr(again, name) == one_line(getattr(form, name)), name
    assert again.ask.splitlines() == [line for raw in form.ask.splitlines() if (line := one_line(raw))]
    assert again.short.split() == form.short.split()
    for heading in HEADINGS:
        assert again.sections.get(heading, "").split() == form.sections.get(heading, "").split()
    assert read_source(write_source("wage.x", again)) == again, "a second time nothing changes"


@pytest.mark.parametrize("field", ["title", "region", "checked_on", "complaint_category", "ask", "citations", "short"])
def test_a_form_with_a_field_left_out_is_refused_by_the_parser_and_kept(field: str) -> None:
    form = read_source(render_entry(an_entry()))
    assert form is not None
    source = write_source("wage.arrears", replace(form, **{field: ""}))
    if field != "citations":
        with pytest.raises(Exception, match=field):
            parse_entry(source)
    assert getattr(read_source(source), field) == ""


@pytest.mark.parametrize(
    "source",
    [
        "no front matter",
        "---\n[1\n---\n",
        "---\njust text\n---\n",
        "---\nid: wage.x\nauthor: me\n---\n",
        "---\nid: wage.x\ntitle: [a, b]\n---\n",
        "---\nid: wage.x\ncitations: [{law: 劳动法, chapter: 3}]\n---\n",
        "---\nid: wage.x\nask: text\n---\n",
    ],
    ids=range(7),
)
def test_what_no_form_can_say_is_left_to_the_file(source: str) -> None:
    assert read_source(source) is None


def test_a_skeleton_is_a_form_to_fill_in() -> None:
    form = read_source(skeleton("wage.x", "全国", an_entry().checked_on))
    assert form is not None
    assert (form.title, form.region, form.complaint_category) == ("", "全国", "wage")
    assert "wage" in COMPLAINT_CATEGORIES


def test_a_heading_typed_within_a_section_goes_to_its_own() -> None:
    form = EntryForm(sections={"怎么办": "1. 催要\n## 证据\n- 工资条", "证据": "- 合同"})
    again = read_source(write_source("wage.x", form))
    assert again is not None
    assert again.sections["怎么办"] == "1. 催要"
    assert again.sections["证据"] == "- 工资条\n\n- 合同"


def test_fields_of_a_browser_make_a_form() -> None:
    form = form_of_fields({"title": "一", "section-0": "二", "section-5": "三", "seen": "x"})
    assert (form.title, form.sections["怎么办"], form.sections["提醒"]) == ("一", "二", "三")


def test_dates_are_kept_as_typed_where_they_are_none() -> None:
    entry: Entry = an_entry(sections=(*an_entry().sections[:3], Section("提醒", "- 一")))
    form = read_source(render_entry(entry))
    assert form is not None
    again = read_source(write_source("wage.arrears", replace(form, checked_on="2026-13-40", effective_to="明年")))
    assert again is not None
    assert (again.checked_on, again.effective_to) == ("2026-13-40", "明年")
