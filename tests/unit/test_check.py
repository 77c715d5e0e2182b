"""Checking a folder of entries: what must not go live is found, with file and line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.answers.check import FEWEST_PHRASINGS, Rules, check_folder, unresolved_citations
from bot.answers.content import export_entries, read_files
from bot.answers.entries import Entry, Section, render_entry
from bot.laws.citation import Citation
from bot.laws.findings import Finding, Level
from bot.laws.register import Document, Law, LawRegister
from tests.builders import an_entry

TODAY = date(2026, 11, 22)
JOBS = (
    "焊工司机保安厨师会计护士教师文员库管钳工裁缝油漆木匠瓦工电工"
    "店员快递美发模具质检采购保洁园丁搬运装卸叉车钻井采煤印刷纺织制鞋"
)
FACTS = (
    "欠薪加班罚款调岗押金社保工伤产假病假辞职裁员合同奖金提成年假"
    "夜班旷工体检培训搬迁派遣退休失业劝退降薪停工试用考勤医疗举报"
)


def a_law(name: str = "劳动合同法", **fields: object) -> Law:
    values: dict[str, object] = {
        "name": name,
        "title": f"中华人民共和国{name}",
        "kind": "法律",
        "status": "现行有效",
        "articles": 98,
        "effective": date(2008, 1, 1),
    }
    return Law(**{**values, **fields})  # type: ignore[arg-type]


def a_document(name: str, certainty: str, **fields: object) -> Document:
    return Document(name=name, source="来源", checked_on=TODAY, certainty=certainty, **fields)  # type: ignore[arg-type]


REGISTER = LawRegister(
    {
        law.name: law
        for law in (
            a_law(),
            a_law("刑法", articles=452, inserted=frozenset({(276, 1)})),
            a_law("合同法", status="已废止", note="由《民法典》代替"),
            a_law("医疗保障法", effective=date(2027, 1, 1)),
            a_law("工伤保险条例", title="工伤保险条例", articles=67, effective=date(2011, 1, 1)),
            a_law("有毒物品条例", title="有毒物品条例", status="已修改", note="条号可能有变"),
            a_law("超龄规定", title="超龄劳动者基本权益保障暂行规定", articles=24, effective=date(2026, 7, 1)),
        )
    },
    {
        document.name: document
        for document in (
            a_document("防暑降温措施管理办法", "medium", articles=frozenset({17}), number="安监总安健〔2012〕89号"),
            a_document("集体合同规定", "low"),
        )
    },
)


def phrasings(seed: int = 0) -> tuple[str, ...]:
    """Thirty phrasings that share next to nothing, and nothing with those of another seed."""
    pairs = [JOBS[i : i + 2] + FACTS[i : i + 2] for i in range(0, 2 * FEWEST_PHRASINGS, 2)]
    return tuple(f"{pair[seed % 4 :]}{pair[: seed % 4]}{chr(0x5000 + 97 * seed + n)}" for n, pair in enumerate(pairs))


def sound(topic: str = "wage.arrears", seed: int = 0, **fields: object) -> Entry:
    """An entry without findings."""
    values: dict[str, object] = {
        "ask": phrasings(seed),
        "citations": (Citation("劳动合同法", 30), Citation("劳动合同法", 85, item=1)),
        "sections": (
            Section("怎么办", "1. 先书面催要（《劳动合同法》第30条）。\n2. 不给就投诉（《劳动合同法》第85条第1项）。"),
            Section("证据", "- 工资流水"),
            Section("去哪里", "- 劳动监察12333"),
            Section("提醒", "- 注意时效。"),
        ),
    }
    return an_entry(topic, **{**values, **fields})


def with_step(text: str, *citations: Citation) -> Entry:
    """A sound entry with one more step, and what that cites."""
    entry = sound()
    steps = entry.section("怎么办")
    sections = (Section("怎么办", f"{steps}\n3. {text}"), *entry.sections[1:])
    return replace(entry, sections=sections, citations=(*entry.citations, *citations))


Check = Callable[..., list[Finding]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks entries as files of one folder."""

    def run(*entries: Entry, statutes: dict[tuple[str, int, int], str] | None = None, size: int = 100) -> list[Finding]:
        def bytes_of(entry: Entry, related: Sequence[Entry]) -> int:
            return size

        export_entries({entry.topic: render_entry(entry) for entry in entries}, tmp_path)
        rules = Rules(REGISTER, ("全国", "山东"), TODAY, 2048, bytes_of, statutes or {})
        return check_folder(tmp_path, rules)

    return run


def line_of(finding: Finding) -> str:
    """The line of the file that the finding points at."""
    return Path(finding.path).read_text(encoding="utf-8").split("\n")[finding.line - 1]


def test_a_sound_entry_has_no_findings(check: Check) -> None:
    assert check(sound()) == []


@pytest.mark.parametrize(
    ("fields", "what", "line"),
    [
        ({"region": "青岛"}, "青岛 is not a region", "region: 青岛"),
        ({"effective_from": date(2027, 1, 1)}, "not served before 2027-01-01", "effective_from: 2027-01-01"),
        ({"effective_to": date(2026, 11, 21)}, "not served since 2026-11-21", "effective_to: 2026-11-21"),
        ({"checked_on": date(2026, 11, 23)}, "lies in the future", "checked_on: 2026-11-23"),
        ({"review_by": date(2026, 11, 21)}, "overdue since 2026-11-21", "review_by: 2026-11-21"),
        ({"related": ("wage.gone",)}, "there is no entry wage.gone", "related: [wage.gone]"),
        ({"related": ("wage.arrears",)}, "names the entry itself", "related: [wage.arrears]"),
        ({"short": "**能**要回来。"}, "plain text", "**能**要回来。"),
        ({"short": "先看这里：\n- 一\n- 二"}, "plain text", "先看这里："),
        ({"short": "待填"}, "unfinished: 待填", "待填"),
        ({"short": "看 https://example.com 就行。"}, "links and HTML", "看 https://example.com 就行。"),
        ({"ask": phrasings()[:29]}, "29 phrasings, 30 are needed", "ask:"),
    ],
    ids=range(12),
)
def test_what_must_not_go_live_is_an_error(check: Check, fields: dict[str, object], what: str, line: str) -> None:
    found = [finding for finding in check(sound(**fields)) if what in finding.what]
    assert [finding.level for finding in found] == [Level.ERROR]
    assert line_of(found[0]) == line


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"review_by": date(2028, 6, 1)}, "more than a year after"),
        ({"short": "这" * 90 + "。"}, "first sentence has 91"),
        ({"effective_from": date(2007, 1, 1)}, "is law since 2008-01-01, the entry is served from 2007-01-01"),
    ],
    ids=range(3),
)
def test_what_wants_an_eye_is_a_warning(check: Check, fields: dict[str, object], what: str) -> None:
    found = [finding for finding in check(sound(**fields)) if what in finding.what]
    assert {finding.level for finding in found} == {Level.WARNING}


@pytest.mark.parametrize(
    ("text", "citation", "what"),
    [
        ("（《劳动合同法》第99条）", Citation("劳动合同法", 99), "there is no such article, the last is 98"),
        ("（《刑法》第276条之二）", Citation("刑法", 276, 2), "there is no such article"),
        ("（《合同法》第3条）", Citation("合同法", 3), "is repealed (由《民法典》代替)"),
        ("（《医疗保障法》第14条）", Citation("医疗保障法", 14), "is not in force before 2027-01-01"),
        ("（《未来法》第1条）", Citation("未来法", 1), "is not in content/laws"),
        ("（《集体合同规定》）", Citation("集体合同规定"), "is of low certainty"),
        ("（《防暑降温措施管理办法》第18条）", Citation("防暑降温措施管理办法", 18), "verified in documents.yaml: 17"),
        ("（《中华人民共和国刑法》第3条）", Citation("中华人民共和国刑法", 3), "the short name is 刑法"),
    ],
    ids=range(8),
)
def test_a_citation_that_does_not_resolve_is_an_error_on_its_line(
    check: Check, text: str, citation: Citation, what: str
) -> None:
    found = [f for f in check(with_step(text, citation)) if f.what.startswith(f"citations: {citation.label} ")]
    assert len(found) == 1
    assert what in found[0].what
    assert found[0].level is Level.ERROR
    assert citation.law in line_of(found[0])


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("（《刑法》第276条之一）", Citation("刑法", 276, 1)),
        ("（《防暑降温措施管理办法》第17条）", Citation("防暑降温措施管理办法", 17)),
        ("见安监总安健〔2012〕89号", Citation("防暑降温措施管理办法")),
        ("（《中华人民共和国刑法》第三条）", Citation("刑法", 3)),
        ("（刑法第3条）", Citation("刑法", 3)),
        ("（第47条）", Citation("劳动合同法", 47)),
        ("（该法第46条第1项、第47条）", Citation("劳动合同法", 46, item=1)),
    ],
    ids=range(7),
)
def test_what_is_cited_and_mentioned_is_sound(check: Check, text: str, citation: Citation) -> None:
    more = (Citation("劳动合同法", 47),) if "、第47条" in text else ()
    assert check(with_step(text, citation, *more)) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("（《劳动合同法》第38条）", "《劳动合同法》第38条 is mentioned in the text and missing in citations"),
        ("（《劳动合同法》第30、38条）", "《劳动合同法》第38条 is mentioned in the text and missing in citations"),
        ("（第38条）", "第38条 (reads as 《劳动合同法》) is missing in citations"),
        ("（《刑法》）", "《刑法》 is mentioned in the text and missing in citations"),
        ("（《劳动合同法》第85条第2项）", "《劳动合同法》第85条第2项: citations name 第85条第1项"),
        ("（《外星劳动条例》第3条）", "《外星劳动条例》第3条 is not in content/laws"),
    ],
    ids=range(6),
)
def test_a_mention_without_a_citation_is_an_error_on_its_line(check: Check, text: str, what: str) -> None:
    found = check(with_step(text))
    assert [(f.level, f.what) for f in found] == [(Level.ERROR, what)]
    assert line_of(found[0]) == f"3. {text}"


def test_an_unnamed_article_of_another_law_wants_its_name(check: Check) -> None:
    found = check(with_step("看《工伤保险条例》第17条，（第30条）", Citation("工伤保险条例", 17)))
    assert [(f.level, f.what) for f in found] == [
        (Level.WARNING, "第30条 reads as 《工伤保险条例》; name the law if 《劳动合同法》第30条 is meant")
    ]


def test_a_citation_that_the_text_does_not_rest_on_wants_an_eye(check: Check) -> None:
    found = check(replace(sound(), citations=(*sound().citations, Citation("劳动合同法", 38))))
    assert [(f.level, f.what) for f in found] == [
        (Level.WARNING, "citations: 《劳动合同法》第38条 is not mentioned in the text")
    ]


def test_an_amended_law_and_a_law_without_article_want_an_eye(check: Check) -> None:
    found = check(with_step("（《有毒物品条例》）", Citation("有毒物品条例")))
    assert [f.level for f in found] == [Level.WARNING, Level.WARNING]


def test_a_citation_twice_is_an_error(check: Check) -> None:
    found = check(replace(sound(), citations=(*sound().citations, Citation("劳动合同法", 30))))
    assert [(f.level, f.what) for f in found] == [(Level.ERROR, "citations: 《劳动合同法》第30条 stands twice")]


def test_a_short_form_that_does_not_fit_one_message_is_an_error(check: Check) -> None:
    assert check(sound(), size=2048) == []
    (finding,) = check(sound(), size=2051)
    assert "2051 bytes as a message, 2048 are possible (3 too many)" in finding.what


def test_unreadable_files_are_findings_and_the_others_are_checked(check: Check, tmp_path: Path) -> None:
    check(sound())
    (tmp_path / "wage/proof.md").write_text("---\nid: x\n---\n", encoding="utf-8")
    entry = sound("wage.bonus", 1, related=("wage.proof", "wage.none"))
    found = check(entry)
    assert {Path(f.path).name for f in found} == {"proof.md", "bonus.md"}
    assert [f.what for f in found if f.path.endswith("bonus.md")] == ["related: there is no entry wage.none"]


def test_phrasings_that_share_most_of_their_characters_are_an_error(check: Check) -> None:
    entry = sound(ask=(*phrasings(), "公司拖欠三个月工资怎么要", "公司拖欠五个月工资怎么要回"))
    (finding,) = check(entry)
    assert finding.level is Level.ERROR
    assert "公司拖欠五个月工资怎么要回 shares" in finding.what
    assert line_of(finding) == "  - 公司拖欠五个月工资怎么要回"


def test_nearly_one_phrasing_in_two_topics_is_an_error_that_names_both_places(check: Check, tmp_path: Path) -> None:
    one = sound(ask=(*phrasings(), "老板欠我三个月工资，人还跑了"))
    other = sound("wage.proof", 1, ask=(*phrasings(1), "老板欠我三个月工资人还跑了！"))
    (finding,) = check(one, other)
    assert finding.path == f"{tmp_path}/wage/proof.md"
    assert f"{tmp_path}/wage/arrears.md:" in finding.what
    assert line_of(finding) == "  - 老板欠我三个月工资人还跑了！"


@pytest.mark.parametrize(
    "frame", ["请问{}这种情况合法吗", "{}应该怎么办才合法呢", "我们单位现在遇到{}"], ids=["edges", "ending", "opening"]
)
def test_a_pattern_in_more_than_five_topics_is_an_error_in_each(check: Check, frame: str) -> None:
    def entries(number: int) -> list[Entry]:
        slots = ["甲乙丙", "子丑寅卯", "春夏秋冬", "东西南", "琴棋书画", "金木水火土"]
        return [
            sound(f"wage.t{n}", n, title=f"题{n}", ask=(*phrasings(n), frame.format(slots[n]))) for n in range(number)
        ]

    assert check(*entries(5)) == []
    found = check(*entries(6))
    assert len(found) == 6
    assert all("is found in 6 topics, 5 are allowed" in finding.what for finding in found)


def test_a_pattern_around_the_title_is_found_however_short(check: Check) -> None:
    titles = ["欠薪", "工伤认定", "产假天数", "试用期", "经济补偿", "年休假"]
    entries = [sound(f"wage.t{n}", n, title=t, ask=(*phrasings(n), f"{t}咋办")) for n, t in enumerate(titles)]
    assert len([f for f in check(*entries) if "pattern …咋办" in f.what]) == 6


ARTICLE = "用人单位有下列情形之一的：\n（一）未按照约定及时足额支付劳动报酬；\n（二）不支付加班费。\n前款情形另算。"


def test_paragraphs_and_items_are_checked_against_loaded_texts(check: Check) -> None:
    statutes = {("劳动合同法", 30, 0): ARTICLE, ("劳动合同法", 85, 0): ARTICLE}
    assert check(sound(), statutes=statutes) == []
    for citation, what in [
        (Citation("劳动合同法", 30, paragraph=3), "the article has 2 paragraphs"),
        (Citation("劳动合同法", 30, paragraph=2, item=1), "there is no such item"),
        (Citation("劳动合同法", 30, item=3), "there is no such item"),
    ]:
        entry = replace(sound(), citations=(citation, sound().citations[1]))
        assert [what in f.what for f in check(entry, statutes=statutes)] == [True]


def test_a_copied_passage_is_found_and_a_title_is_none(check: Check) -> None:
    text = "国家工作人员在执行公务时应当出示执法证件并且表明身份"
    statutes = {("劳动合同法", 30, 0): text, ("刑法", 1, 0): "依照中华人民共和国劳动合同法第八十五条的规定处理"}
    copied = with_step(f"记住：{text[:12]}，{text[12:]}。")
    (finding,) = check(copied, statutes=statutes)
    assert finding.what == f"copied from 《劳动合同法》第30条: {text[:20]}"
    assert line_of(finding).startswith("3. 记住")
    assert check(with_step("看《中华人民共和国劳动合同法》第30条"), statutes=statutes) == []


def test_an_import_refuses_what_may_not_be_cited(tmp_path: Path) -> None:
    entry = with_step("（《合同法》第3条）", Citation("合同法", 3))
    export_entries({entry.topic: render_entry(entry)}, tmp_path)
    files, _ = read_files(tmp_path)
    assert unresolved_citations(files, REGISTER, TODAY) == [
        f"{tmp_path}/wage/arrears.md:13: citations: 《合同法》第3条 is repealed (由《民法典》代替)"
    ]
