"""How Weibo counts a text: its own rule, as its pages apply it. Pure.

ASCII counts half a character and everything else a whole one (what needs two UTF-16 units, most emoji, counts two).
A link counts ten, whatever its length up to 70 characters; Weibo's own short links stay in the text as they are.
"""

import re

LIMIT = 140
"""Characters of one post that is shared by an application."""

LINK = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+[-A-Za-z0-9_$.+!*(),/:;@&=?~#%]*", re.IGNORECASE)

_LINK_HALVES, _LONG_LINK_HALVES, _SHORT_LINK_HALVES = 20, 140, 41
_SHORTENED = re.compile(r"https?://t\.cn(?=[/?#:]|$)", re.IGNORECASE)
_WEIBO = re.compile(r"https?://(?:t\.sina\.com\.cn|t\.sina\.cn|weibo\.com|weibo\.cn)(?=[/?#:]|$)", re.IGNORECASE)


def count(text: str) -> int:
    """The characters of a text by Weibo's counting."""
    text = text.replace("\r\n", "\n").strip()
    links = [link for link in LINK.findall(text) if not _SHORTENED.match(link)]
    rest = LINK.sub(lambda found: found[0] if _SHORTENED.match(found[0]) else "", text)
    halves = _halves(rest) + sum(_link_halves(link) for link in links)
    return -(-halves // 2)


def _link_halves(link: str) -> int:
    length = len(link)  # a link is ASCII
    if _WEIBO.match(link) and length <= _SHORT_LINK_HALVES:
        return length
    return _LINK_HALVES + max(0, length - _LONG_LINK_HALVES)


def _halves(text: str) -> int:
    return sum(1 if char.isascii() else 2 * (1 + (char > "\uffff")) for char in text)
