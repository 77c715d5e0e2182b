"""Differences between versions: nothing is invented and nothing is left out."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.laws.citation import Citation
from bot.publishing.diffing import Change, diff
from bot.publishing.posts import Cover
from tests.newsroom import a_content

texts = st.lists(
    st.sampled_from(["一", "二二", "三三三", "", "工资应当按月足额支付", "工资应当按月支付"]), max_size=8
).map("\n".join)


@given(texts, texts)
def test_both_versions_can_be_read_from_the_difference(old: str, new: str) -> None:
    parts = diff(a_content(body=old), a_content(body=new))
    if old == new:
        assert parts == []
        return
    (part,) = parts
    kept_or = {change: [line.text for line in part.lines if line.change in (Change.KEPT, change)] for change in Change}
    assert "\n".join(kept_or[Change.REMOVED]) == old
    assert "\n".join(kept_or[Change.ADDED]) == new
    for line in part.lines:
        assert line.change is Change.KEPT or "".join(text for text, _ in line.parts) == line.text


def test_each_field_that_differs_is_a_part() -> None:
    old = a_content(variants={"weibo": "短", "telegram": "一"})
    new = replace(
        old,
        title="新",
        tags=("欠薪",),
        cover=Cover(("新",)),
        citations=(Citation("劳动法", 50),),
        variants={"weibo": "更短", "mastodon": "二"},
    )
    fields = [part.field for part in diff(old, new)]
    assert fields == ["title", "tags", "cover", "citations", "variants.mastodon", "variants.telegram", "variants.weibo"]
    (citations,) = [part for part in diff(old, new) if part.field == "citations"]
    assert [(line.change, line.text) for line in citations.lines] == [
        (Change.REMOVED, "《劳动合同法》第30条"),
        (Change.ADDED, "《劳动法》第50条"),
    ]


def test_what_changed_within_a_line_is_marked() -> None:
    (part,) = diff(a_content(body="工资应当按月支付"), a_content(body="工资应当按月足额支付"))
    assert part.lines[1].parts == (("工资应当按月", False), ("足额", True), ("支付", False))


def test_against_nothing_every_field_that_says_something_is_new() -> None:
    parts = diff(None, a_content())
    assert {line.change for part in parts for line in part.lines} == {Change.ADDED}
    assert "digest" in {part.field for part in parts}
    assert "season" not in {part.field for part in parts}
