"""Weibo's own counting, against a slow twin that walks the text unit by unit as Weibo's page script does."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.weibo.counting import LIMIT, count

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
ASCII = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=":/")
ANYTHING = st.characters(exclude_categories=("Cs", "Cc"))
LINKS = st.builds(
    lambda path: f"https://desk.union.test/posts/{path}", st.text("abcdefghij-0123456789", min_size=1, max_size=180)
)


def slow_count(text: str) -> int:
    """Every link out of the text one by one; then one half for ASCII, two for every other UTF-16 unit."""
    halves, rest = 0, text.strip()
    while found := re.search(r"https?://[A-Za-z0-9.-]+[-A-Za-z0-9_$.+!*(),/:;@&=?~#%]*", rest):
        halves += 20 + max(0, len(found[0]) - 140)
        rest = rest[: found.start()] + rest[found.end() :]
    for unit in range(0, len(rest.encode("utf-16-le")), 2):
        low, high = rest.encode("utf-16-le")[unit : unit + 2]
        halves += 1 if high == 0 and low < 128 else 2
    return math.ceil(halves / 2)


@given(st.text(HAN, max_size=200))
def test_a_chinese_character_counts_one(text: str) -> None:
    assert count(text) == len(text)


@given(st.text(ASCII, max_size=300))
def test_ascii_counts_half_and_is_rounded_up(text: str) -> None:
    assert count(text) == math.ceil(len(text) / 2)


@given(st.text(HAN, max_size=150), st.text(ASCII.filter(str.isalnum), max_size=20), LINKS)
def test_a_text_with_its_page_is_counted_as_the_slow_twin_does(han: str, word: str, link: str) -> None:
    assert count(f"{han}{word} {link}") == slow_count(f"{han}{word} {link}")


@given(st.text(ANYTHING, max_size=80), LINKS)
def test_a_link_counts_ten_up_to_seventy_characters_whatever_stands_before_it(said: str, link: str) -> None:
    said = said.replace("http", "")
    with_link, marked = count(f"{said}。{link}"), count(f"{said}。{'链' * 10}")
    assert with_link == marked if len(link) <= 140 else with_link > marked


@given(st.text(ANYTHING, max_size=60), st.text(ANYTHING, max_size=60))
def test_two_texts_together_count_what_they_count_apart_but_for_one_rounding(one: str, other: str) -> None:
    one, other = (f"中{text.replace('://', '')}中" for text in (one, other))
    assert count(one) + count(other) - 1 <= count(one + other) <= count(one) + count(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a", 1),
        ("ab", 1),
        ("工会a", 3),
        ("12351，工会", 6),
        ("“工会”——", 6),
        ("😀", 2),
        ("https://desk.union.test/posts/a", 10),
        ("看https://desk.union.test/posts/a，再看http://a.cn", 24),
        ("https://a.cn/" + "x" * 127, 10),
        ("https://a.cn/" + "x" * 128, 11),
        ("https://a.cn/" + "x" * 129, 11),
        ("http://weibo.com/1642351362", 14),
        ("https://weibo.com/" + "1" * 40, 10),
        ("http://t.cn/A6x2Qz9", 10),
        ("http://t.cnn.com/a", 10),
        ("一\r\n二", 3),
        ("  一  ", 1),
        ("https://", 4),
        ("字" * 130 + "https://desk.union.test/posts/winter-wages-and-more", LIMIT),
    ],
    ids=str,
)
def test_known_texts(text: str, expected: int) -> None:
    """Weibo's own links count what they are when short; its short links stay as they are written."""
    assert count(text) == expected
