"""The Markdown of posts: its links and pictures with their lines, and what is left as plain text. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.publishing.rendering import MEDIA

PICTURE = re.compile(rf"{MEDIA}([0-9a-f]{{64}})")
"""How a body names a picture."""

_PARSER = MarkdownIt("commonmark", {"html": False})
# Allows what is shown as text everywhere else, in order to find it: HTML, and links to anything.
_FINDS_HTML = MarkdownIt("commonmark")


class _AnyLink(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - as the library calls it
        return True


_FINDS_LINKS = _AnyLink("commonmark", {"html": False})
_BARE_ADDRESS = re.compile(r"https?://[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff<>\"'）]+")
_BULLET = "· "


@dataclass(frozen=True, slots=True)
class Target:
    """Something that the body points at. line: in the body, from 1."""

    address: str
    text: str
    line: int
    is_picture: bool = False

    @property
    def picture(self) -> str:
        """The sha256 of a picture of ours; empty for others."""
        match = PICTURE.fullmatch(self.address) if self.is_picture else None
        return match[1] if match else ""


def targets(body: str) -> list[Target]:
    """All links and pictures of a body, addresses written without brackets among them, in order."""
    found = []
    for block in _FINDS_LINKS.parse(body):
        line = (block.map[0] if block.map else 0) + 1
        inline = block.children or []
        for number, token in enumerate(inline):
            line += token.type in ("softbreak", "hardbreak")
            if token.type == "link_open":
                text = _text_until(inline[number + 1 :], "link_close")
                found.append(Target(str(token.attrGet("href") or ""), text, line))
            elif token.type == "image":
                found.append(Target(str(token.attrGet("src") or ""), token.content, line, is_picture=True))
            elif token.type == "text" and not _inside_link(inline[:number]):
                found += [Target(match[0], match[0], line) for match in _BARE_ADDRESS.finditer(token.content)]
    return found


def pictures(body: str) -> tuple[str, ...]:
    """The sha256 of the pictures of ours in a body, each once."""
    return tuple(dict.fromkeys(target.picture for target in targets(body) if target.picture))


def html_lines(body: str) -> list[int]:
    """The lines on which raw HTML begins."""
    found = []
    for block in _FINDS_HTML.parse(body):
        line = (block.map[0] if block.map else 0) + 1
        if block.type == "html_block":
            found.append(line)
        for token in block.children or []:
            line += token.type in ("softbreak", "hardbreak")
            if token.type == "html_inline":
                found.append(line)
    return found


def plain_text(body: str) -> str:
    """The words of a body as plain text: headings on lines of their own, items with marks, links as their words."""
    return re.sub(r"\n{3,}", "\n\n", "".join(_plain(_PARSER.parse(body)))).strip()


def _plain(tokens: list[Token]) -> Iterator[str]:
    numbers: list[int | None] = []
    for token in tokens:
        match token.type:
            case "inline":
                yield _text_until(token.children or [], "")
            case "fence" | "code_block":
                yield f"{token.content.rstrip()}\n\n"
            case "list_item_open":
                yield _mark(numbers)
            case _:
                yield _break(token, numbers)


def _break(token: Token, numbers: list[int | None]) -> str:
    """The line ends that a block ends with; lists are entered and left on the way."""
    if token.type in ("ordered_list_open", "bullet_list_open"):
        numbers.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
    elif token.type in ("ordered_list_close", "bullet_list_close"):
        numbers.pop()
        return "" if numbers else "\n"
    elif token.type == "paragraph_close":
        return "\n" if numbers else "\n\n"
    return "\n" if token.type == "heading_close" else ""


def _mark(numbers: list[int | None]) -> str:
    number = numbers[-1]
    if number is None:
        return _BULLET
    numbers[-1] = number + 1
    return f"{number}. "


def _text_until(tokens: list[Token], end: str) -> str:
    words = []
    for token in tokens:
        if token.type == end:
            break
        words.append("\n" if token.type in ("softbreak", "hardbreak") else token.content)
    return "".join(words)


def _inside_link(before: list[Token]) -> bool:
    opened = sum(token.type == "link_open" for token in before)
    return opened > sum(token.type == "link_close" for token in before)
