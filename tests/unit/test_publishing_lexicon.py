"""Words that a post had better not say: what is found, what is left alone, and a list that can be trusted."""

from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.publishing.lexicon import load_sensitive
from tests.builders import ROOT

LEXICON = load_sensitive(ROOT / "content" / "lexicon" / "sensitive.yaml")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("打13812345678", ["mobile_number"]),
        ("打138 1234 5678", ["mobile_number"]),
        ("打12333、12351、0530-5310000", []),
        ("身份证372901199001011234", ["id_number", "bank_card"]),
        ("2026年11月22日至2027年1月31日，20260101", []),
        ("卡号6222021234567890123", ["bank_card"]),
        ("写到zhangsan@qq.com", ["mail_of_person"]),
        ("职工张伟说，", ["real_name"]),
        ("职工王某说，职工李师傅说，职工安全说明", []),
        ("此件不公开", ["secret_mark"]),
        ("金额待核实", ["unfinished"]),
        ("待核实的情况", []),
        ("最高人民法院、最低工资、最优惠、国家级技能大赛", []),
        ("全国第一、最权威", ["absolute", "absolute"]),
        ("保证拿到", ["promise"]),
        ("转发到3个群即可领礼品", ["induced_sharing"]),
        ("残疾人、听力残疾", []),
        ("聋子", ["disabled_people"]),
        ("人力资源和社会保障局", []),
        ("社会保障局", ["wrong_name"]),
        ("人力资源与社会保障局", ["wrong_name"]),
    ],
    ids=range(21),
)
def test_what_is_found_and_what_is_harmless(text: str, rules: list[str]) -> None:
    assert [hit.rule.id for hit in LEXICON.find(text)] == rules


def test_every_rule_says_what_to_write_instead() -> None:
    assert all(len(rule.hint) > 5 for rule in LEXICON.rules)


def test_a_faulty_list_is_told_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "sensitive.yaml"
    path.write_text(
        "rules:\n"
        "  - {id: good, severity: error, hint: 换掉, words: [坏]}\n"
        "  - {id: good, severity: odd, hint: '', patterns: ['(']}\n"
        "  - {id: Bad Name, severity: warning, hint: 换掉, colour: red}\n",
        encoding="utf-8",
    )
    with pytest.raises(ContentError) as refused:
        load_sensitive(path)
    assert [fault.removeprefix(f"{path}:").split(": ")[0] for fault in refused.value.faults] == ["3"] * 4 + [
        "4"
    ] * 3 + ["3"]
