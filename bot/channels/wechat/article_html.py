"""Markdown -> the HTML that WeChat keeps: text structure with inline styles, pictures as `media:<sha256>`. Pure.

WeChat drops classes, style sheets, scripts and links to anywhere but its own articles, and filters pictures that it
does not host. So a link to elsewhere becomes text with its address behind it, and a foreign picture its description.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import urlsplit

import css_inline
import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.channels.wechat.article_css import ARTICLE
from bot.publishing.rendering import MEDIA

ARTICLE_HOST = "mp.weixin.qq.com"
"""The only host that a link in an article may lead to."""

PICTURE = re.compile(rf"{MEDIA}[0-9a-f]{{64}}")

_TAGS = {
    *("section", "p", "br", "h2", "h3", "ul", "ol", "li", "strong", "em", "s", "a", "blockquote", "code", "pre", "hr"),
    *("img", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"*": {"style"}, "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "media"}
_BETWEEN = re.compile(r">\s*\n\s*<")
_HEADINGS = {"h1": "h2", "h2": "h2"}
_LEAST_HEADING = "h3"

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").enable("strikethrough")


@dataclass(frozen=True, slots=True)
class Link:
    """A link or a picture in a text. line: counted from 1, 0 if unknown."""

    address: str
    line: int
    picture: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether WeChat shows it."""
        return is_ours(self.address) if self.picture else is_article(self.address)


def is_article(address: str) -> bool:
    """Whether it is the address of an article in WeChat."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname == ARTICLE_HOST


def is_ours(address: str) -> bool:
    """Whether it names a picture of ours."""
    return PICTURE.fullmatch(address) is not None


def body_html(markdown: str) -> str:
    """The text as HTML without styles. Raw HTML in it is shown as text."""
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _HEADINGS.get(token.tag, _LEAST_HEADING)
        if token.children is not None:
            token.children = list(_joined(list(_readable(token.children))))
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def links(markdown: str) -> list[Link]:
    """All links and pictures of a text, in order."""
    found = []
    for token in _MARKDOWN.parse(markdown):
        line = token.map[0] + 1 if token.map else 0
        for child in token.children or ():
            if child.type == "link_open":
                found.append(Link(str(child.attrs.get("href", "")), line))
            elif child.type == "image":
                found.append(Link(str(child.attrs.get("src", "")), line, picture=True))
    return found


def inlined(html: str) -> str:
    """The HTML of an article with its styles in every element, and nothing that WeChat would drop."""
    styled = _inliner().inline_fragment(f'<section class="article">{html}</section>', ARTICLE)
    clean = nh3.clean(styled, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    return _BETWEEN.sub("><", clean).strip()  # WeChat makes an empty item of a line end between two items


def plain(html: str) -> str:
    """The text alone, a line for every block: to be copied by hand."""
    broken = re.sub(r"</(?:p|h2|h3|li|blockquote|pre|tr|section)>|<br\s*/?>", "\n", html)
    text = unescape(re.sub(r"<[^>]+>", "", broken)).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\n{2,}", "\n\n", re.sub(r"[ \t]*\n[ \t]*", "\n", text)).strip()


def _readable(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with links to elsewhere as text and foreign pictures as their descriptions."""
    open_links: list[tuple[str, str]] = []
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            open_links.append((address, ""))
            if is_article(address):
                yield token
        elif token.type == "link_close":
            address, said = open_links.pop()
            if is_article(address):
                yield token
            elif address and address != said:
                yield _text(f"（{address}）")
        elif token.type == "image" and not is_ours(str(token.attrs.get("src", ""))):
            yield _text(token.content)
        else:
            open_links = [(address, said + token.content) for address, said in open_links]
            yield token


def _joined(tokens: list[Token]) -> Iterator[Token]:
    """The tokens without the ends of lines: between Chinese characters a browser would show a space for one."""
    for number, token in enumerate(tokens):
        if token.type != "softbreak":
            yield token
            continue
        before = "".join(one.content for one in tokens[:number])[-1:]
        behind = "".join(one.content for one in tokens[number + 1 :])[:1]
        yield _text(" " if before.isascii() and behind.isascii() else "")


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)
