"""Markdown -> the HTML that Telegram takes, and what of it counts. Pure.

Telegram knows no headings, lists or pictures within a text: a heading becomes bold, an item gets a bullet or its
number, a picture is left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.channels.telegram.limits import utf16

ENTITIES = 100
"""Telegram shows no more than so many bold, linked or otherwise marked passages in one message."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
_TAG = re.compile(r"</?(?:b|i|s|a|code|pre|blockquote)\b[^>]*>")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2018-\u201d\u2026\u2014]"
_BREAK = re.compile("\0")
_BREAK_IN_CHINESE = re.compile(f"(?<={_WIDE})\0|\0(?={_WIDE})")
"""A line break in a file of Chinese text is no space. As Markdown lets no zero through, that can stand for it."""

_PLAIN = {"softbreak": "\0", "hardbreak": "\n", "image": ""}
_PAGE = re.compile(r"/(?!/)")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SCHEMES = frozenset({"http", "https", "tel", "mailto"})
_MARKS = {"strong": "b", "em": "i", "s": "s"}
_BULLET, _RULE, _CELLS, _INDENT = "•", "———", " | ", "    "


def render_markup(markdown: str, base_url: str = "") -> str:
    """The text as Telegram's HTML. base_url: of our site, before links that name only a page of it."""
    parsed = _MARKDOWN.parse(markdown)
    for inline in parsed:
        for token in inline.children or ():
            address = str(token.attrGet("href") or "")
            if token.type == "link_open" and base_url and _PAGE.match(address):
                token.attrSet("href", f"{base_url}{address}")
    return _blocks(SyntaxTreeNode(parsed).children)


def has_pictures(markdown: str) -> bool:
    """Whether there are pictures in the text, which Telegram does not show."""
    return any(node.type == "image" for node in SyntaxTreeNode(_MARKDOWN.parse(markdown)).walk())


def visible(html: str) -> str:
    """What readers see of it."""
    return unescape(_TAG.sub("", html))


def count(html: str) -> int:
    """Its characters: of what is seen, in UTF-16 units, by which Telegram places its marks."""
    return utf16(visible(html))


def count_entities(html: str) -> int:
    """How many marked passages there are."""
    return sum(1 for tag in _TAG.findall(html) if not tag.startswith("</"))


def _blocks(nodes: Iterable[SyntaxTreeNode], depth: int = 0) -> str:
    said = ""
    for node in nodes:
        block = _BLOCKS.get(node.type, _paragraph)(node, depth)
        close = depth or node.type == "heading"  # what follows a heading stands right below it
        said += f"{block}\n" if close else f"{block}\n\n"
    return _EMPTY_LINES.sub("\n\n", said).strip("\n")


def _paragraph(node: SyntaxTreeNode, _depth: int = 0) -> str:
    return _inline(node)


def _heading(node: SyntaxTreeNode, _depth: int) -> str:
    said = _inline(node, within="b")
    return f"<b>{said}</b>" if said else ""


def _list(node: SyntaxTreeNode, depth: int) -> str:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    lines = []
    for number, item in enumerate(node.children):
        mark = _BULLET if first is None else f"{first + number}."
        lines.append(f"{_INDENT * depth}{mark} {_blocks(item.children, depth + 1)}")
    return "\n".join(lines)


def _quote(node: SyntaxTreeNode, depth: int) -> str:
    said = _blocks(node.children, depth)
    return said if "<blockquote>" in said else f"<blockquote>{said}</blockquote>"  # one within another is refused


def _code(node: SyntaxTreeNode, _depth: int) -> str:
    return f"<pre>{escape(node.content.rstrip(), quote=False)}</pre>"


def _table(node: SyntaxTreeNode, _depth: int) -> str:
    return "\n".join(_CELLS.join(map(_inline, row.children)) for row in node.walk() if row.type == "tr")


_BLOCKS: Mapping[str, Callable[[SyntaxTreeNode, int], str]] = {
    "heading": _heading,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "hr": lambda _node, _depth: _RULE,
    "table": _table,
}


def _inline(node: SyntaxTreeNode, within: str = "") -> str:
    """The running text below a node. within: the mark that it stands in already."""
    return _BREAK.sub(" ", _BREAK_IN_CHINESE.sub("", _joined(node, within))).strip()


def _joined(node: SyntaxTreeNode, within: str) -> str:
    return "".join(_piece(child, within) for child in node.children)


def _piece(node: SyntaxTreeNode, within: str) -> str:
    if node.type in _PLAIN:
        return _PLAIN[node.type]
    if node.type == "text":
        return escape(node.content, quote=False)
    if node.type == "code_inline":
        return f"<code>{escape(node.content, quote=False)}</code>"
    mark = _MARKS.get(node.type, "")
    said = _joined(node, within)
    if node.type == "link":
        address = str(node.attrs.get("href", ""))
        is_open = urlsplit(address).scheme in _SCHEMES
        return f'<a href="{escape(address)}">{said}</a>' if is_open and said else said
    return f"<{mark}>{said}</{mark}>" if mark and said and mark != within else said
