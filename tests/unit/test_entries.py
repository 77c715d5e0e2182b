"""The file format of entries: nothing is lost, and every fault is named with its line."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.answers.entries import HEADINGS, Entry, Section, parse_entry, render_entry
from bot.errors import ContentError
from bot.laws.citation import Citation
from tests.builders import an_entry

AWKWARD = [
    "yes", "no", "null", "~", "true", "1e3", "0x1F", "2026-11-22", "12:30", "1_000", ".5", "-", "- x", "#", "a #b",
    "a: b", "a:", ":a", "'", '"', "\"'", "[x", "x]", "{x}", "a, b",
    "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">", "?",
    "? a", "a?b", "=", "<<", "---", "...", "🙏", "a\u2028b", "\x07bell", "\u00a0", "长" * 300,
    "\\n", "a\\b", "公司：不给",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
LINES = st.one_of(st.sampled_from(AWKWARD), ANY_TEXT).map(lambda text: " ".join(text.split())).filter(bool)
BODY = (
    st.lists(st.one_of(LINES, st.sampled_from(["", "- 工资条", "1. 先催要", "---", "# x", "  缩进"])), min_size=1)
    .map("\n".join)
    .map(lambda text: text.replace("\r", "\n"))
    .filter(lambda text: text.strip() and not any(line.startswith("## ") for line in text.split("\n")))
)
TOPICS = st.from_regex(r"[a-z]{1,8}(-[a-z]{1,4})?\.[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
DATES = st.dates()
CITATIONS = st.one_of(
    st.builds(Citation, LINES),
    st.builds(
        Citation,
        LINES,
        st.integers(1, 1999),
        st.integers(0, 10),
        st.none() | st.integers(1, 9),
        st.none() | st.integers(1, 30),
    ),
)
FEWEST = tuple(h for h in HEADINGS if h in ("怎么办", "证据", "去哪里", "提醒"))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any entry in the form that parsing gives it."""
    optional = draw(st.sets(st.sampled_from([h for h in HEADINGS if h not in FEWEST])))
    headings = [h for h in HEADINGS if h in FEWEST or h in optional]
    return Entry(
        topic=draw(TOPICS),
        title=draw(LINES),
        region=draw(LINES),
        effective_from=draw(DATES),
        effective_to=draw(st.none() | DATES),
        checked_on=draw(DATES),
        review_by=draw(DATES),
        complaint_category=draw(st.sampled_from(["wage", "other"])),
        citations=tuple(draw(st.lists(CITATIONS, max_size=4))),
        ask=tuple(draw(st.lists(LINES, min_size=1, max_size=5))),
        related=tuple(draw(st.lists(TOPICS, max_size=3))),
        short=_trimmed(draw(BODY)),
        sections=tuple(Section(h, _trimmed(draw(BODY))) for h in headings),
    )


def _trimmed(text: str) -> str:
    lines = text.split("\n")
    while not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines).rstrip()


@given(entries())
def test_rendering_loses_nothing(entry: Entry) -> None:
    assert parse_entry(render_entry(entry)) == entry


@given(entries())
def test_the_canonical_text_stays_as_it_is(entry: Entry) -> None:
    source = render_entry(entry)
    assert render_entry(parse_entry(source)) == source


@pytest.mark.parametrize("text", AWKWARD, ids=map(str, range(len(AWKWARD))))
def test_awkward_words_survive_in_every_field(text: str) -> None:
    line = " ".join(text.split())
    if not line:
        return
    entry = an_entry(title=line, ask=(line, "公司三个月没发工资"), citations=(Citation(line, 85, item=1),))
    assert parse_entry(render_entry(entry)) == entry


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@example("---\n---\n")
@example("---\nid: [\n---\n")
@example("---\na: 2026-13-45\n---\n")
@example("---\n" + "[" * 3000 + "\n---\n")
@example("---\n- a\n---\n")
def test_no_text_breaks_the_parser(source: str) -> None:
    """Whatever an editor saves, the answer is an entry or a list of faults with lines."""
    try:
        parse_entry(source, "x.md")
    except ContentError as error:
        assert all(fault.startswith("x.md:") for fault in error.faults)  # noqa: PT017 - both ways are right


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    entry = an_entry()
    assert parse_entry("\ufeff" + render_entry(entry).replace("\n", "\r\n")) == entry


def _faults(old: str, new: str, entry: Entry | None = None) -> list[str]:
    source = render_entry(entry or an_entry())
    assert old in source
    with pytest.raises(ContentError) as error:
        parse_entry(source.replace(old, new), "wage/arrears.md")
    return error.value.faults


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("id: wage.arrears", "id: Wage", 2, "id"),
        ("title: 单位拖欠工资怎么办", "title: 2026-01-01", 3, "title"),
        ("effective_from: 2020-01-01", "effective_from: soon", 5, "effective_from"),
        ("complaint_category: wage", "complaint_category: money", 8, "complaint_category"),
        ("related: []", "related: [wage]", 9, "related"),
        ("related: []", "related: wage.arrears", 9, "related"),
        ("article: 85", "article: 85x", 12, "citations"),
        ("  - {law: 劳动合同法, article: 30}", "  - 劳动合同法第30条", 11, "citations"),
        ("item: 1", "item: 0", 12, "citations"),
        ("law: 劳动合同法, article: 30", "article: 30", 11, "citations"),
        ("  - 老板拖着工资不给", "  - 123", 15, "ask"),
        ("  - 老板拖着工资不给", "  -", 15, "ask"),
        ("id: wage.arrears", "id: wage.arrears\nname: x", 3, "name"),
        ("## 证据", "## 证明", 22, "heading"),
        ("## 证据\n- 工资流水", "## 证据", 22, "heading"),
    ],
    ids=range(15),
)
def test_a_fault_is_named_with_file_line_and_field(old: str, new: str, line: int, field: str) -> None:
    faults = _faults(old, new)
    assert any(fault.startswith(f"wage/arrears.md:{line}: {field}") for fault in faults), faults


def test_all_faults_of_a_file_are_told_at_once() -> None:
    source = render_entry(an_entry()).replace("article: 30", "article: x").replace("- 工资流水", "").replace("##", "##")
    with pytest.raises(ContentError) as error:
        parse_entry(source.replace("checked_on: 2026-11-01", "checked_on: today"))
    assert len(error.value.faults) == 3


def test_a_missing_field_and_a_missing_heading_are_faults() -> None:
    assert "region: is missing" in _faults("region: 全国\n", "")[0]
    assert "headings missing: 提醒" in _faults("\n## 提醒\n- 注意时效。\n", "")[0]


def test_a_text_without_a_short_answer_is_a_fault() -> None:
    assert any("short answer" in fault for fault in _faults("工资应当按时足额发。\n", ""))


def test_an_entry_is_served_from_its_first_to_its_last_day() -> None:
    entry = replace(an_entry(), effective_from=date(2026, 1, 1), effective_to=date(2026, 12, 31))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [entry.is_effective(day) for day in days] == [False, True, True, False]


def test_a_topic_longer_than_the_tables_hold_is_a_fault_of_its_field() -> None:
    fits, too_long = f"wage.{'a' * 59}", f"wage.{'a' * 60}"
    assert parse_entry(render_entry(an_entry(fits))).topic == fits
    with pytest.raises(ContentError) as error:
        parse_entry(render_entry(an_entry(too_long)), "wage/a.md")
    assert error.value.faults == [f"wage/a.md:2: id: {too_long} has more than 64 characters"]


@pytest.mark.parametrize(
    ("day", "due", "near"),
    [
        (date(2026, 11, 1), False, False),
        (date(2026, 11, 2), False, True),
        (date(2027, 1, 1), False, True),
        (date(2027, 1, 2), True, False),
    ],
    ids=["61 days before", "60 days before", "on the day", "the day after"],
)
def test_a_review_is_near_for_sixty_days_and_then_due(day: date, due: bool, near: bool) -> None:
    entry = an_entry(review_by=date(2027, 1, 1))
    assert (entry.is_review_due(day), entry.is_review_near(day)) == (due, near)
