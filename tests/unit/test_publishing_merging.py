"""Two people who write at the same time."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.publishing.merging import merge
from tests.newsroom import a_content

WORDS = st.sampled_from(["一", "二", "三"])
CHANGES = st.fixed_dictionaries(
    {}, optional={"title": WORDS, "digest": WORDS, "body": WORDS, "tags": st.tuples(WORDS), "correction": WORDS}
)
VARIANTS = st.dictionaries(st.sampled_from(["weibo", "site"]), WORDS)


def test_each_keeps_what_only_they_changed_and_what_both_changed_is_named() -> None:
    base = a_content(variants={"weibo": "旧", "site": "旧"})
    mine = replace(base, title="我的", digest="摘要", variants={"weibo": "我的", "site": "旧"})
    theirs = replace(base, title="别人的", body="正文", variants={"weibo": "别人的"})
    merged = merge(base, mine, theirs)
    assert (merged.content.title, merged.content.digest, merged.content.body) == ("我的", "摘要", "正文")
    assert merged.content.variants == {"weibo": "我的"}
    assert merged.contested == ("title", "variants.weibo")


@given(CHANGES, CHANGES, VARIANTS, VARIANTS)
def test_nothing_that_i_changed_is_ever_lost(
    mine: dict[str, Any], theirs: dict[str, Any], my_texts: dict[str, str], their_texts: dict[str, str]
) -> None:
    base = a_content()
    me, they = replace(base, **mine, variants=my_texts), replace(base, **theirs, variants=their_texts)
    merged = merge(base, me, they).content
    for name in (*mine, "variants"):
        if getattr(me, name) != getattr(base, name) and name != "variants":
            assert getattr(merged, name) == getattr(me, name)
    assert {channel: merged.variants[channel] for channel in my_texts} == my_texts


@given(CHANGES, VARIANTS)
def test_without_a_change_of_mine_it_is_theirs_and_without_theirs_it_is_mine(
    changes: dict[str, Any], texts: dict[str, str]
) -> None:
    base = a_content()
    changed = replace(base, **changes, variants=texts)
    assert merge(base, base, changed).content == changed
    assert merge(base, changed, base).content == changed
    assert merge(base, changed, changed).contested == ()
