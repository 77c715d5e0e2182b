"""How a post looks on a microblog with Mastodon's API: title, short text, tags, the address of its page. Pure."""

import re
from collections.abc import Mapping, Sequence
from html import escape

from bot.channels.mastodon.counting import LINK, count
from bot.publishing.hashtags import hashtags
from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Rendering, Severity

CHANNEL = "mastodon"
CHARACTERS = 500
"""What a server takes that was set up as it comes; the setting says otherwise."""

PICTURES = 4
PICTURE_BYTES = 8_000_000

_SHORT = ("mastodon", "weibo")
"""Channels whose own text is short enough; the first one that the post has is taken."""

_LINE_ENDS = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v]*")
_EMPTY_LINES = re.compile(r"\n{3,}")
_MARKED = re.compile(rf"(?P<link>{LINK.pattern})|(?P<tag>#\w+)")

CSS = """
body{margin:0;padding:12px;font:16px/1.6 -apple-system,"PingFang SC","Microsoft YaHei",sans-serif}
body{color:#222;background:#fff}
p{margin:0 0 12px;overflow-wrap:anywhere;white-space:pre-wrap}
a{color:#563acc;text-decoration:none}
img{display:block;max-width:100%;border-radius:8px}
"""


class MastodonRenderer:
    """Renders posts for one server. characters: what one post takes there."""

    channel = CHANNEL

    def __init__(self, characters: int = CHARACTERS) -> None:
        self.limits = Limits(text=characters, pictures=PICTURES, picture_bytes=PICTURE_BYTES)

    def render(self, content: Content, frame: Frame) -> Rendering:
        """Title, the short text, tags and the address of the post's page, with the cover as picture."""
        link = frame.page_of(content.slug)
        _, said = _source(content)
        title = "" if said.strip() == content.title.strip() else content.title
        parts = (_tidy(part) for part in (title, said, hashtags(content.tags), link))
        text = "\n\n".join(part for part in parts if part)
        return Rendering(channel=CHANNEL, parts={"text": text, "alt": content.title}, cover=frame.cover, link=link)

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """What the server would refuse, and a short text that nobody has written."""
        where, said = _source(content)
        found = []
        if not said.strip():
            found.append(Finding("empty", channel=CHANNEL, where=where))
        if self.count(rendering) > self.limits.text:
            data = {"count": str(self.count(rendering)), "limit": str(self.limits.text)}
            found.append(Finding("too_long", channel=CHANNEL, where=where, data=data))
        if said.strip() and not where.startswith("variants."):
            found.append(Finding("own_text_missing", Severity.WARNING, CHANNEL, f"variants.{CHANNEL}"))
        return found

    def count(self, rendering: Rendering) -> int:
        """How many of its characters the post takes, as the server counts."""
        return count(rendering.parts["text"])

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """How it will look."""
        text = rendering.parts["text"]
        html = "".join(f"<p>{_marked(part)}</p>" for part in text.split("\n\n"))
        if address := pictures.get(rendering.cover):
            html += f'<img src="{escape(address)}" alt="{escape(rendering.parts["alt"])}">'
        return Preview(html=html, css=CSS, text=text)


def _source(content: Content) -> tuple[str, str]:
    """Which field of the post is said here, and what stands in it. What is put right is said with it."""
    for channel in _SHORT:
        if content.variants.get(channel, "").strip():
            return f"variants.{channel}", content.variants[channel]
    said = "\n\n".join(part for part in (content.correction, content.digest) if part.strip())
    return ("digest", said) if said else ("title", content.title)


def _tidy(text: str) -> str:
    return _EMPTY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text.strip()))


def _marked(text: str) -> str:
    pieces, end = [], 0
    for found in _MARKED.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        where = f' href="{escape(found[0])}"' if found["link"] else ""
        pieces.append(f"<a{where}>{escape(found[0])}</a>")
        end = found.end()
    return "".join(pieces) + escape(text[end:])
