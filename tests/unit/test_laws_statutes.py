"""Reading statute texts: all of a file or nothing, and every bad line by number."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.laws.statutes import paragraphs, parse_statutes


def a_line(**changes: object) -> str:
    row = {
        "law": "劳动法",
        "full_title": "中华人民共和国劳动法",
        "aliases": ["x"],
        "kind": "法律",
        "issued": "2018-12-29",
        "effective": "1995-01-01",
        "version": "2018-12-29",
        "status": "现行有效",
        "article": 3,
        "suffix": 0,
        "text": "劳动者享有权利。",
        "source": "somewhere",
    }
    row |= changes
    return json.dumps({key: value for key, value in row.items() if value is not None}, ensure_ascii=False)


def test_texts_are_read_by_law() -> None:
    lines = [a_line(), a_line(article=4), "", a_line(law="刑法", full_title="刑法", article=276, suffix=1)]
    file = parse_statutes(lines, "x.jsonl")
    assert {law: len(texts) for law, texts in file.laws.items()} == {"劳动法": 2, "刑法": 1}
    first = file.laws["劳动法"][0]
    assert (first.article, first.text) == (3, "劳动者享有权利。")
    assert (first.version, first.effective_on) == ("2018-12-29", date(1995, 1, 1))


def test_lines_without_text_are_left_out_and_counted() -> None:
    file = parse_statutes([a_line(), a_line(article=4, text=" ")], "x.jsonl")
    assert (len(file.laws["劳动法"]), file.without_text) == (1, 1)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "x.jsonl:2:"),
        ("[]", "x.jsonl:2: must be a JSON object"),
        (a_line(law=""), "x.jsonl:2: law must be text"),
        (a_line(law=None), "x.jsonl:2: law must be text"),
        (a_line(article="3"), "x.jsonl:2: article must be a number"),
        (a_line(article=None), "x.jsonl:2: article must be a number"),
        (a_line(article=True), "x.jsonl:2: article must be a number"),
        (a_line(suffix=-1), "x.jsonl:2: suffix must be a number"),
        (a_line(text=7), "x.jsonl:2: text must be text"),
        (a_line(effective="1995"), "x.jsonl:2: effective '1995' must be a date"),
        (a_line(), "x.jsonl:2: 劳动法 article 3 stands twice"),
    ],
    ids=range(11),
)
def test_a_bad_line_is_named_by_number(line: str, fault: str) -> None:
    with pytest.raises(ContentError) as error:
        parse_statutes([a_line(), line], "x.jsonl")
    assert [found.startswith(fault) for found in error.value.faults] == [True], error.value.faults


def test_all_bad_lines_are_named() -> None:
    with pytest.raises(ContentError) as error:
        parse_statutes(["{", a_line(), "[]", a_line(text=None, law="")], "x.jsonl")
    assert [fault.split(":")[1] for fault in error.value.faults] == ["1", "3", "4"]


@given(st.lists(st.text(max_size=30) | st.just(a_line()), max_size=4))
def test_no_line_breaks_the_reader(lines: list[str]) -> None:
    try:
        parse_statutes(lines, "x")
    except ContentError as error:
        assert error.faults  # noqa: PT017 - both ways are right


def test_paragraphs_and_their_items_are_told_apart() -> None:
    text = "有下列情形的：\n（一）甲；\n（二）乙。\n前款另算。\n又有：\n（一）丙；\n（十二）丁。"
    assert paragraphs(text) == [frozenset({1, 2}), frozenset(), frozenset({1, 12})]
    assert paragraphs("") == []
    assert paragraphs("（一）没有前文") == []
