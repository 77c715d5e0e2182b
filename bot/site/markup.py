"""Text and Markdown -> safe HTML, with telephone numbers that can be tapped."""

import re
from collections.abc import Iterable
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

TAGS = {"p", "br", "ol", "ul", "li", "strong", "em", "a", "h3", "h4", "blockquote", "code"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "tel", "mailto"}

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
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


def dial(number: str) -> str:
    """The address that calls a number."""
    return "tel:" + re.sub(r"[^0-9+*#]", "", number)


def _linked(html: str, pattern: re.Pattern[str]) -> Markup:
    """The HTML with the numbers in its text made links; what is a link already stays."""
    pieces = _PIECES.split(html)
    for i in range(0, len(pieces), 2):  # the odd pieces are the tags
        pieces[i] = pattern.sub(lambda m: f'<a class="tel" href="{dial(m[0])}">{m[0]}</a>', pieces[i])
    return Markup("".join(pieces))  # noqa: S704 - escaped or sanitised above
