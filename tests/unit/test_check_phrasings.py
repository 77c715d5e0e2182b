"""Comparing phrasings: nothing that is too alike gets past, however large the base."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.phrasings import MOST_SHARED, Phrasing, alike, near_duplicates, patterns, phrasing, plain_text

WORDS = st.lists(st.sampled_from(["公司", "老板", "三个月", "没发", "工资", "怎么", "要", "吗", "，"]), max_size=8)
TEXTS = st.lists(WORDS.map("".join).filter(lambda text: text.strip("，")), max_size=12)


def make(texts: list[str], topics: int = 3) -> list[Phrasing]:
    return [phrasing(f"t{number % topics}", number, text) for number, text in enumerate(texts)]


@given(TEXTS)
def test_the_fast_search_finds_what_comparing_all_pairs_finds(texts: list[str]) -> None:
    everything = make(texts)
    slow = {
        (one.position, other.position)
        for one, other in combinations(everything, 2)
        if one.topic != other.topic and (one.grams or other.grams or one.plain == other.plain)
        if _dice(one, other) > MOST_SHARED
    }
    fast = {(min(a.position, b.position), max(a.position, b.position)) for a, b, _ in near_duplicates(everything)}
    assert fast == slow


def _dice(one: Phrasing, other: Phrasing) -> float:
    total = len(one.grams) + len(other.grams)
    return 2 * len(one.grams & other.grams) / total if total else 1.0


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("公司拖欠三个月工资怎么办", "公司拖欠两个月工资怎么办", True),
        ("公司拖欠工资怎么办", "公司，拖欠工资，怎么办！", True),
        ("公司拖欠工资怎么办", "老板不发工钱找谁", False),
        ("欠薪", "公司欠薪三个月不发怎么投诉", True),
        ("啊", "啊", True),
    ],
    ids=["only the number", "only punctuation", "other words", "a part of it", "one character"],
)
def test_phrasings_of_one_topic_must_differ(one: str, other: str, are_alike: bool) -> None:
    assert bool(list(alike([phrasing("t", 0, one), phrasing("t", 1, other)]))) is are_alike


def test_numbers_and_punctuation_do_not_make_phrasings_different() -> None:
    assert plain_text("欠我 15000 元！") == plain_text("欠我3元")
    assert plain_text("干了三年，没签合同") == plain_text("干了12年没签合同")


def test_a_short_phrasing_inside_one_of_another_topic_is_no_duplicate() -> None:
    assert list(near_duplicates([phrasing("a", 0, "社保断缴"), phrasing("b", 1, "社保断缴三个月还能报销吗")])) == []


def test_five_topics_may_share_a_pattern_and_six_may_not() -> None:
    everything = [phrasing(f"t{n}", n, f"请问{slot}合法吗现在") for n, slot in enumerate("甲乙丙丁戊己")]
    longer = [phrasing(one.topic, one.position, one.text.replace("请问", "请问单位让我")) for one in everything]
    assert patterns(longer[:5], {}) == []
    ((pattern, ones),) = patterns(longer, {})
    assert len(ones) == 6
    assert "…" in pattern


def test_many_phrasings_of_one_topic_are_no_pattern() -> None:
    """A topic may repeat its own words; templates show across topics."""
    assert patterns([phrasing("t", n, f"请问产假{n}天合法吗现在") for n in range(20)], {}) == []
