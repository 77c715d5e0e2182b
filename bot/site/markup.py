"""Text and Markdown -> safe HTML, with telephone numbers that can be tapped."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

TAGS = {"p", "br", "ol", "ul", "li", "strong", "em", "a", "h3", "h4", "blockquote", "code"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "tel", "mailto"}

POST_TAGS = TAGS | {"h2", "hr", "img", "pre"}
POST_ATTRIBUTES = ATTRIBUTES | {"img": {"src", "alt"}}
PICTURE = re.compile(r"media:([0-9a-f]{64})")
"""How a post names a picture of its own."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_PICTURE_SOURCE = re.compile(f'src="{PICTURE.pattern}"')
_PIECES = re.compile(r"(<a\b.*?</a>|<[^>]+>)", re.DOTALL)
_SHORT = 3
_BEFORE = r"(?<![0-9A-Za-z.\-])"
# A three-digit number counts as a telephone number only where no word follows: 120 of 120元 is none.
_AFTER_SHORT = r"(?![0-9A-Za-z.%]|[\u4e00-\u9fff])"
_AFTER = r"(?![0-9A-Za-z]|\.[0-9])"


@lru_cache(maxsize=1024)
def render_markdown(text: str) -> str:
    """Markdown as HTML without anything but text structure and links; raw HTML is shown as text."""
    return nh3.clean(_MARKDOWN.render(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)


def render_post(text: str) -> str:
    """The Markdown of a post as HTML: with headings from h2 on, and with pictures of its own, which stay `media:`.

    A picture from elsewhere becomes its description, as no page of ours loads anything from elsewhere.
    """
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        token.tag = "h2" if token.tag == "h1" else token.tag
        token.children = [_own_picture(child) for child in token.children] if token.children else token.children
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    schemes = SCHEMES | {"media"}
    return nh3.clean(str(html), tags=POST_TAGS, attributes=POST_ATTRIBUTES, url_schemes=schemes).strip()


def find_pictures(html: str) -> tuple[str, ...]:
    """The pictures in the HTML of a post, each once, in order."""
    return tuple(dict.fromkeys(_PICTURE_SOURCE.findall(html)))


def place_pictures(html: str, address: Callable[[str], str]) -> str:
    """The HTML of a post with the addresses of its pictures, by their sha256; these load when they come into sight."""
    return _PICTURE_SOURCE.sub(lambda m: f'src="{escape(address(m[1]))}" loading="lazy" decoding="async"', html)


def _own_picture(token: Token) -> Token:
    if token.type != "image" or PICTURE.fullmatch(str(token.attrGet("src") or "")):
        return token
    return Token("text", "", 0, content=token.content)


class Phones:
    """Finds the known telephone numbers in texts. `numbers` are written as people read them."""

    def __init__(self, numbers: Iterable[str]) -> None:
        known = sorted(set(numbers), key=len, reverse=True)
        short = "|".join(re.escape(n) for n in known if len(n) <= _SHORT)
        long = "|".join(re.escape(n) for n in known if len(n) > _SHORT)
        self._calm = re.compile(f"{_BEFORE}(?:(?:{long}){_AFTER}|(?:{short}){_AFTER_SHORT})")
        self._urgent = re.compile(f"{_BEFORE}(?:{long}|{short}){_AFTER}")

    def found(self, text: str) -> list[str]:
        """The numbers that stand in an urgent text, each once, in order."""
        return list(dict.fromkeys(self._urgent.findall(text)))

    def paragraphs(self, text: str, *, urgent: bool = False) -> Markup:
        """Plain text as paragraphs with line breaks."""
        pattern = self._urgent if urgent else self._calm
        parts = (part.strip() for part in re.split(r"\n\s*\n", text.strip()))
        html = ("<p>" + "<br>".join(str(escape(line)) for line in part.splitlines()) + "</p>" for part in parts if part)
        return _linked("".join(html), pattern)

    def markdown(self, text: str) -> Markup:
        """Markdown as HTML."""
        return _linked(render_markdown(text), self._calm)

    def html(self, html: str) -> Markup:
        """HTML of ours, sanitised already."""
        return _linked(html, self._calm)


def dial(number: str) -> str:
    """The address that calls a number."""
    return "tel:" + re.sub(r"[^0-9+*#]", "", number)


def _linked(html: str, pattern: re.Pattern[str]) -> Markup:
    """The HTML with the numbers in its text made links; what is a link already stays."""
    pieces = _PIECES.split(html)
    for i in range(0, len(pieces), 2):  # the odd pieces are the tags
        pieces[i] = pattern.sub(lambda m: f'<a class="tel" href="{dial(m[0])}">{m[0]}</a>', pieces[i])
    return Markup("".join(pieces))  # noqa: S704 - escaped or sanitised above
