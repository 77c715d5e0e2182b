"""How a post looks on Weibo: its short text and the address of its page, with the cover as picture. Pure."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlsplit

from bot.channels.weibo.counting import LIMIT, LINK, count
from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Rendering, Severity
from bot.publishing_settings import is_under

CHANNEL = "weibo"
PICTURE_BYTES = 5_000_000
"""A picture has to be smaller than that."""

_TOPIC = re.compile(r"[#\uff03][^#\uff03\n]+[#\uff03]")  # in full width too
_LINE_ENDS = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v]*")

CSS = """
body{margin:0;padding:12px;font:16px/1.6 -apple-system,"PingFang SC","Microsoft YaHei",sans-serif}
body{color:#333;background:#fff}
p{margin:0 0 10px;white-space:pre-wrap;overflow-wrap:anywhere}
a{color:#c2550a;text-decoration:none}
img{display:block;max-width:100%;border-radius:8px}
"""


class WeiboRenderer:
    """Renders posts for Weibo. safe_domain: the application's 安全域名, under which every post's page has to be."""

    channel = CHANNEL
    limits = Limits(text=LIMIT, pictures=1, picture_bytes=PICTURE_BYTES)

    def __init__(self, safe_domain: str) -> None:
        self._safe_domain = safe_domain

    def render(self, content: Content, frame: Frame) -> Rendering:
        """The post's own text for Weibo, else its digest, with the address of its page behind it."""
        link = frame.page_of(content.slug)
        _, said = _source(content)
        said = _LINE_ENDS.sub("\n", said.strip())
        return Rendering(channel=CHANNEL, parts={"text": f"{said} {link}".strip()}, cover=frame.cover, link=link)

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """What Weibo would refuse: too long, a topic, no page of ours under the safe domain."""
        where, said = _source(content)
        text, link = rendering.parts["text"], rendering.link
        found = []
        if not said.strip():
            found.append(_finding("empty", where))
        if self.count(rendering) > LIMIT:
            data = {"count": str(self.count(rendering)), "limit": str(LIMIT)}
            found.append(_finding("too_long", where, **data))
        if topic := _TOPIC.search(LINK.sub(" ", text)):
            found.append(_finding("weibo_topic", where, topic=topic[0]))
        if not link:
            found.append(_finding("weibo_no_page", "channels"))
        elif not is_under(link, self._safe_domain):
            host = urlsplit(link).hostname or link
            found.append(_finding("weibo_domain", "channels", host=host, domain=self._safe_domain))
        if said.strip() and where != "variants.weibo":
            found.append(Finding("own_text_missing", Severity.WARNING, CHANNEL, "variants.weibo"))
        return found

    def count(self, rendering: Rendering) -> int:
        """How many of its characters the post takes, as Weibo counts."""
        return count(rendering.parts["text"])

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """How it will look."""
        text, pieces, end = rendering.parts["text"], [], 0
        for found in LINK.finditer(text):
            pieces += [escape(text[end : found.start()]), f'<a href="{escape(found[0])}">{escape(found[0])}</a>']
            end = found.end()
        html = f"<p>{''.join(pieces)}{escape(text[end:])}</p>"
        if address := pictures.get(rendering.cover):
            html += f'<img src="{escape(address)}" alt="">'
        return Preview(html=html, css=CSS, text=text)


def _source(content: Content) -> tuple[str, str]:
    """Which field of the post is said on Weibo, and what stands in it. What is put right is said with the digest."""
    own = content.variants.get(CHANNEL, "")
    if own.strip():
        return f"variants.{CHANNEL}", own
    said = "\n".join(part for part in (content.correction, content.digest) if part.strip())
    return ("digest", said) if said else ("title", content.title)


def _finding(code: str, where: str, **data: str) -> Finding:
    return Finding(code, Severity.ERROR, CHANNEL, where, data=data)
