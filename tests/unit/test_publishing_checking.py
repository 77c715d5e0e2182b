"""Checking posts: what stops one, what is only said, and where."""

from datetime import date
from typing import Any

import pytest

from bot.laws.citation import Citation
from bot.laws.statutes import StatuteChecker
from bot.publishing.checking import Known
from bot.publishing.citations import statute_findings
from bot.publishing.markdown_text import html_lines, plain_text, targets
from bot.publishing.posts import Cover
from bot.publishing.rendering import Finding, Severity
from tests.newsroom import a_content
from tests.newsroom_desk import BASE, a_newsroom, the_newsroom

TODAY = date(2026, 11, 22)
PICTURE = "ab" * 32
GOOD = a_content(
    tags=("欠薪",),
    checked_on=date(2026, 11, 1),
    review_by=date(2027, 6, 1),
    effective_from=date(2022, 1, 1),
    variants={"mastodon": "先留证据，再投诉。"},
)
BODY = GOOD.body


def found(known: Known | None = None, **changes: Any) -> list[Finding]:
    return the_newsroom().checker.check(a_content(**{**_fields(), **changes}), TODAY, known)


def told(known: Known | None = None, **changes: Any) -> set[tuple[str, str]]:
    return {(finding.code, finding.where) for finding in found(known, **changes)}


def _fields() -> dict[str, Any]:
    return {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__}


def test_nothing_is_said_of_a_good_post() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"slug": "Wages!"}, "slug_form", "slug"),
        ({"title": ""}, "title_missing", "title"),
        ({"channels": ()}, "no_channels", "channels"),
        ({"channels": ("site", "fax")}, "unknown_channel", "channels[1]"),
        ({"variants": {"fax": "短"}}, "unknown_channel", "variants.fax"),
        ({"effective_to": date(2026, 11, 21)}, "expired", "effective_to"),
        ({"checked_on": date(2026, 11, 23)}, "checked_in_future", "checked_on"),
        ({"review_by": date(2026, 11, 21)}, "review_overdue", "review_by"),
        ({"region": "火星"}, "unknown_region", "region"),
        ({"related": ("wage.arrears", "wage.none")}, "unknown_topic", "related[1]"),
        ({"cover": Cover(("一", "二", "三"))}, "cover_lines", "cover"),
        ({"cover": Cover(("一二三四五六七八九十一",))}, "cover_line_long", "cover.lines[0]"),
        ({"body": f"{BODY}\n\n<b>粗</b>"}, "html", "body"),
        ({"body": f"{BODY}\n\n[这里](javascript:alert)"}, "link_form", "body"),
        ({"body": f"{BODY}\n\n见 http://[a 一页"}, "link_form", "body"),
        ({"body": f"{BODY}\n\n见 http://℀.example/ 一页"}, "link_form", "body"),
        ({"variants": {"mastodon": "[短](javascript:alert)"}}, "link_form", "variants.mastodon"),
        ({"body": f"{BODY}\n\n![图](https://a.example/x.png)"}, "picture_elsewhere", "body"),
        ({"title": "打13812345678要钱"}, "sensitive", "title"),
        ({"citations": ()}, "citation_text_not_cited", "body"),
        ({"citations": (*GOOD.citations, Citation("劳动合同法", 999))}, "citation_no_such_article", "citations[1]"),
        ({"citations": (*GOOD.citations, Citation("不存在的法", 1))}, "citation_unknown_law", "citations[1]"),
        ({"body": "字" * 600, "variants": {}, "digest": "字" * 600}, "too_long", "digest"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stops_a_post(changes: dict[str, Any], code: str, where: str) -> None:
    findings = found(**changes)
    assert (code, where) in {(f.code, f.where) for f in findings if f.severity is Severity.ERROR}
    assert findings[0].severity is Severity.ERROR, "errors come first"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"digest": ""}, "digest_missing"),
        ({"cover": Cover(())}, "cover_missing"),
        ({"effective_from": date(2027, 1, 1)}, "not_yet_effective"),
        ({"review_by": None}, "review_missing"),
        ({"review_by": date(2028, 1, 1)}, "review_late"),
        ({"variants": {"mastodon": "短", "wechat": "长"}}, "variant_unused"),
        ({"channels": ("mastodon", "site", "wechat")}, "channel_off"),
        ({"body": f"{BODY}\n\n<http://a.example/>"}, "link_insecure"),
        ({"citations": (*GOOD.citations, Citation("劳动法", 50))}, "citation_not_in_text"),
        ({"body": f"{BODY}\n\n保证拿到钱"}, "sensitive"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_only_said(changes: dict[str, Any], code: str) -> None:
    findings = found(**changes)
    assert code in {finding.code for finding in findings}
    assert {finding.severity for finding in findings} == {Severity.WARNING}


def test_what_a_channel_that_is_off_would_not_take_stops_nothing() -> None:
    """Nothing is approved for it, so nothing wrong can go there."""
    findings = found(channels=("mastodon", "site", "weibo"), variants={"mastodon": "短", "weibo": "长" * 200})
    weibo = [(finding.code, finding.severity) for finding in findings if finding.channel == "weibo"]
    assert ("too_long", Severity.WARNING) in weibo
    strict = a_newsroom(
        channels={"mastodon": {"enabled": True}, "weibo": {"enabled": True, "safe_domain": "example.org"}}
    )
    content = a_content(channels=("weibo",), variants={"weibo": "长" * 200})
    assert ("too_long", Severity.ERROR) in {(f.code, f.severity) for f in strict.checker.check(content, TODAY)}


def test_a_post_for_channels_that_are_all_off_cannot_go_on() -> None:
    assert ("no_channel_on", "channels") in told(channels=("wechat",), variants={})


def test_links_to_posts_and_pictures_are_looked_up_where_somebody_has_looked() -> None:
    body = f"{BODY}\n\n[另一篇](/posts/other)、[全址]({BASE}/posts/gone#a)\n\n![图](media:{PICTURE})"
    known = Known(slugs={"other"}, pictures=set())
    findings = found(known, body=body)
    assert {(f.code, f.line, f.data.get("address", "")) for f in findings} == {
        ("link_unknown", 3, f"{BASE}/posts/gone#a"),
        ("picture_unknown", 5, ""),
    }
    assert found(Known(slugs={"other", "gone"}, pictures={PICTURE}), body=body) == []
    assert found(body=body) == []


def test_a_post_written_ahead_of_a_law_may_cite_it() -> None:
    citation = Citation("住房公积金管理条例", 24)
    body = "《住房公积金管理条例》第24条"
    early = a_content(citations=(citation,), body=body, effective_from=date(2026, 9, 20), checked_on=date(2026, 8, 1))
    codes = {finding.code for finding in the_newsroom().checker.check(early, date(2026, 8, 10))}
    assert "not_yet_effective" in codes
    assert "citation_not_in_force" not in codes
    late = a_content(citations=(citation,), body=body, effective_from=date(2026, 1, 1))
    assert "citation_not_in_force" in {f.code for f in the_newsroom().checker.check(late, date(2026, 8, 10))}


def test_loaded_texts_find_places_that_are_not_there_and_sentences_that_were_copied() -> None:
    text = "用人单位应当按照劳动合同约定和国家规定，向劳动者及时足额支付劳动报酬。"
    statutes = StatuteChecker({("劳动合同法", 30, 0): text})
    copied = a_content("copied", body=f"开头\n{text}（《劳动合同法》第30条）")
    wrong = a_content("wrong", citations=(Citation("劳动合同法", 30, paragraph=5),))
    findings = statute_findings(statutes, [copied, wrong])
    assert [(f.code, f.where, f.line) for f in findings["copied"]] == [("citation_copied", "body", 2)]
    assert [(f.code, f.where) for f in findings["wrong"]] == [("citation_no_such_place", "citations[0]")]


def test_links_pictures_and_html_are_found_with_their_lines() -> None:
    body = f"一\n二 [a](https://a.example) 三\n\n- <https://b.example>\n- ![图](media:{PICTURE})\n\n看 https://c.example/d，好"
    assert [(target.address, target.line) for target in targets(body)] == [
        ("https://a.example", 2),
        ("https://b.example", 4),
        (f"media:{PICTURE}", 5),
        ("https://c.example/d", 7),
    ]
    assert targets(body)[2].picture == PICTURE
    assert html_lines("一\n<b>二</b>\n\n<div>\n三") == [2, 2, 4]


def test_plain_text_keeps_every_word_and_no_mark() -> None:
    body = "## 怎么办\n先**留**证据\n\n1. 拍照\n2. 投诉\n\n- [网址](https://a.example)\n- 尾"
    assert plain_text(body) == "怎么办\n先留证据\n\n1. 拍照\n2. 投诉\n\n· 网址\n· 尾"
