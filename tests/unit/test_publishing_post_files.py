"""Posts as files: every fault with its line, nothing lost on the way to a file and back."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.laws.citation import Citation
from bot.publishing.post_files import parse_post, read_post, read_posts, render_post, tidied
from bot.publishing.posts import Content, Cover, Season, Tone
from bot.publishing.rendering import Finding

FILE = """\
---
id: winter-wages
title: 年底前，把工资要到手
tags: [欠薪, 农民工]
season: {from: "11-15", to: "01-31"}
effective_from: 2022-01-01
cover: {lines: [年底前, 把工资要到手], tone: blue}
channels: [wechat, webhook.portal]
citations:
  - {law: 劳动合同法, article: 85, item: 1}
variants:
  weibo: >-
    先留证据，
    再投诉。
---

一年到头，就盼着把工钱带回家。

## 怎么办
- 去投诉
"""

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12)
lines = st.lists(words, max_size=4).map("\n".join)
names = st.lists(words.filter(lambda text: text.strip() != ""), max_size=3).map(tuple)
days = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
places = st.sampled_from([None, Season((11, 15), (1, 31)), Season((2, 29), (3, 1))])
citations = st.lists(
    st.builds(
        Citation,
        st.sampled_from(["劳动合同法", "违反《劳动法》有关规定的办法", "a: b, c"]),
        st.just(85),
        item=st.just(2),
    ),
    max_size=2,
).map(tuple)
contents = st.builds(
    Content,
    slug=st.sampled_from(["a", "winter-wages-2"]),
    title=words.filter(lambda text: text.strip() != ""),
    body=lines.filter(lambda text: text.strip() != ""),
    digest=words,
    author=words,
    tags=names,
    region=words,
    cover=st.builds(Cover, names, st.sampled_from(Tone), st.sampled_from(["", "ab" * 32])),
    season=places,
    channels=st.lists(st.sampled_from(["wechat", "by_hand.toutiao"]), unique=True).map(tuple),
    related=names,
    citations=citations,
    variants=st.dictionaries(st.sampled_from(["weibo", "webhook.portal"]), lines),
    effective_from=days,
    effective_to=days,
    checked_on=days,
    review_by=days,
    correction=words,
)


def test_a_file_says_what_it_says() -> None:
    content = parse_post(FILE)
    assert (content.slug, content.title, content.tags) == ("winter-wages", "年底前，把工资要到手", ("欠薪", "农民工"))
    assert content.season == Season((11, 15), (1, 31))
    assert content.cover == Cover(("年底前", "把工资要到手"), Tone.BLUE)
    assert content.citations == (Citation("劳动合同法", 85, item=1),)
    assert content.variants == {"weibo": "先留证据， 再投诉。"}
    assert content.body.startswith("一年到头")
    assert content.body.endswith("- 去投诉")


@settings(max_examples=60)
@given(contents)
def test_nothing_is_lost_on_the_way_to_a_file_and_back(content: Content) -> None:
    content = tidied(content)
    if content.title and content.body:
        assert parse_post(render_post(content)) == content


@settings(max_examples=40)
@given(contents)
def test_tidying_twice_changes_nothing_more(content: Content) -> None:
    assert tidied(tidied(content)) == tidied(content)


def test_all_faults_are_told_at_once_each_with_its_line() -> None:
    source = FILE.replace("winter-wages", "Winter Wages").replace("2022-01-01", "gestern")
    source = (
        source.replace('"11-15"', '"02-30"').replace("tone: blue", "tone: pink").replace("article: 85", "article: x")
    )
    source = source.replace("  weibo: >-\n    先留证据，\n    再投诉。", "  Weibo!: 短").replace(
        "title:", "colour: 1\ntitle:"
    )
    with pytest.raises(ContentError) as refused:
        parse_post(source, "posts/a.md")
    told = sorted(fault.split(": ")[0] + " " + fault.split(": ")[1] for fault in refused.value.faults)
    assert told == [
        "posts/a.md:11 citations",
        "posts/a.md:12 variants",
        "posts/a.md:2 id",
        "posts/a.md:3 colour",
        "posts/a.md:6 season",
        "posts/a.md:7 effective_from",
        "posts/a.md:8 cover",
    ]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("no front matter", "a.md:1"),
        ("---\n- a list\n---\ntext\n", "a.md:2"),
        ("---\nid: a\n---\ntext\n", "title: is missing"),
        ("---\nid: a\ntitle: 题\n---\n\n \n", "a.md:5: the text is missing"),
        ("---\nid: [\n---\nx\n", "a.md:"),
    ],
    ids=["no-front-matter", "a-list", "no-title", "no-text", "no-yaml"],
)
def test_what_is_no_post_is_refused_in_words(source: str, fault: str) -> None:
    with pytest.raises(ContentError, match=fault):
        parse_post(source, "a.md")


def test_a_finding_is_shown_at_its_line() -> None:
    file = read_post(FILE, Path("a.md"))
    found = [("title", 0), ("cover.lines[1]", 0), ("citations[0]", 0), ("variants.weibo", 0), ("body", 3), ("slug", 0)]
    lines = [file.line_of(Finding("any", where=where, line=line)) for where, line in found]
    assert [file.source.split("\n")[line - 1].strip()[:6] for line in lines] == [
        "title:",
        "cover:",
        "- {law",
        "weibo:",
        "## 怎么办",
        "id: wi",
    ]


def test_a_folder_is_read_to_its_end_whatever_is_wrong_with_one(tmp_path: Path) -> None:
    (tmp_path / "winter-wages.md").write_text(FILE, encoding="utf-8")
    (tmp_path / "other.md").write_text(FILE, encoding="utf-8")
    (tmp_path / "latin.md").write_bytes(b"\xff\xfe")
    files, faults = read_posts(tmp_path)
    assert [file.path.name for file in files] == ["other.md", "winter-wages.md"]
    assert sorted(fault.rpartition("/")[2].split(": ", 1)[1] for fault in faults) == [
        "id: winter-wages must be other, as the file is named",
        "is not UTF-8 text",
    ]
