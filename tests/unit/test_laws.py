"""The register of laws: what is shipped is sound, and a faulty file says where."""

from datetime import date
from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.laws.register import title_key
from bot.laws.register_files import load_register
from tests.builders import ROOT

LAWS = """\
reviewed_on: 2026-11-22
laws:
  - law: 劳动法
    title: 中华人民共和国劳动法
    aliases: [劳动基本法]
    kind: 法律
    issued: 2018-12-29
    effective: 1995-01-01
    status: 现行有效
    articles: 107
  - law: 刑法
    kind: 法律
    status: 现行有效
    articles: 452
    inserted: [276之一]
"""
DOCUMENTS = """\
documents:
  - title: 甲办法
    source: 网站
    checked_on: 2026-11-22
    certainty: medium
    articles: [17]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "laws.yaml").write_text(LAWS, encoding="utf-8")
    (tmp_path / "documents.yaml").write_text(DOCUMENTS, encoding="utf-8")
    return tmp_path


def test_a_law_is_found_by_every_name_it_goes_by(folder: Path) -> None:
    register = load_register(folder)
    for title in ("劳动法", "中华人民共和国劳动法", "劳动基本法", "劳动法（2018修正）", " 劳动 法 "):
        found = register.find(title)
        assert found is not None
        assert found.name == "劳动法"
    assert register.find("别的法") is None
    assert register.named("劳动基本法") is None


def test_articles_and_inserted_articles_are_known(folder: Path) -> None:
    law = load_register(folder).laws["刑法"]
    assert [law.has(*place) for place in ((1,), (452,), (453,), (0,), (276, 1), (276, 2), (275, 1))] == [
        True,
        True,
        False,
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("laws.yaml", "articles: 107", "articles: many", "laws.yaml:3: laws: articles must be a number"),
        ("laws.yaml", "效\n    articles: 452", "\n    articles: 452", "laws.yaml:11: laws: status"),
        ("laws.yaml", "276之一", "276-1", "laws.yaml:11: laws: inserted"),
        ("laws.yaml", "law: 刑法", "law: 劳动法", "劳动法 stands twice"),
        ("laws.yaml", "issued: 2018-12-29", "issued: 2018", "issued must be a date"),
        ("laws.yaml", "kind: 法律\n    issued", "sort: 法律\n    kind: 法律\n    issued", "unknown field sort"),
        ("laws.yaml", "[劳动基本法]", "[刑法]", "刑法 names both"),
        ("laws.yaml", "laws:", "law:", "must be a mapping with the list laws"),
        ("laws.yaml", "  - law: 刑法\n", "  - 刑法\n  - law: 刑法\n", "laws.yaml:11: laws: must be a mapping"),
        ("documents.yaml", "certainty: medium", "certainty: sure", "documents.yaml:2: documents: certainty"),
        ("documents.yaml", "    source: 网站\n", "", "documents: source must be text"),
        ("documents.yaml", "checked_on: 2026-11-22", "checked_on: today", "checked_on must be a date"),
        ("documents.yaml", "[17]", "[x]", "articles must be a list of article numbers"),
        ("documents.yaml", "documents:\n", "documents: [\n", "documents.yaml:2:"),
    ],
    ids=range(14),
)
def test_a_fault_names_file_and_line(folder: Path, file: str, old: str, new: str, fault: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_register(folder)
    assert any(fault in found for found in error.value.faults), error.value.faults


def test_a_missing_file_is_a_fault(folder: Path) -> None:
    (folder / "laws.yaml").unlink()
    with pytest.raises(ContentError, match="cannot be read"):
        load_register(folder)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("中华人民共和国劳动法（2018修正）", "劳动法"),
        ("最高人民法院关于适用〈中华人民共和国民事诉讼法〉的解释", "关于适用《民事诉讼法》的解释"),
        ("某某解释（一）", "某某解释（一）"),
        ("会议纪要（2019）", "会议纪要"),
        ("某办法（试行）", "某办法（试行）"),
    ],
    ids=range(5),
)
def test_titles_are_compared_without_what_does_not_matter(title: str, key: str) -> None:
    assert title_key(title) == key


def test_the_shipped_register_knows_what_entries_rest_on() -> None:
    register = load_register(ROOT / "content/laws")
    today = date(2026, 11, 22)
    assert len(register.laws) > 150
    assert register.laws["劳动合同法"].has(98)
    assert not register.laws["劳动合同法"].has(99)
    assert register.laws["刑法"].has(276, 1)
    assert register.laws["合同法"].is_repealed
    assert not register.laws["医疗保障法"].is_in_force(today)
    assert register.laws["医疗保障法"].is_in_force(date(2027, 1, 1))
    assert register.documents["中国工会章程"].certainty == "low"


def test_every_repealed_law_of_the_shipped_register_says_since_when() -> None:
    register = load_register(ROOT / "content/laws")
    assert all(law.note or law.name == "乡镇企业法" for law in register.laws.values() if law.is_repealed)
