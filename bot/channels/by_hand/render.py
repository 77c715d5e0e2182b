"""The pack for a platform without an API: title, text, tags, link and pictures, each ready to copy. Pure."""

from collections.abc import Mapping, Sequence
from html import escape

from bot.publishing.hashtags import hashtags
from bot.publishing.markdown_text import pictures as pictures_of
from bot.publishing.markdown_text import plain_text
from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Rendering

FAMILY = "by_hand"

CSS = """
body{margin:0;padding:16px;font:16px/1.7 -apple-system,"PingFang SC","Microsoft YaHei",sans-serif;color:#222}
body{background:#fff;overflow-wrap:anywhere}
h1{font-size:20px;margin:0 0 12px}
p{margin:0 0 12px;white-space:pre-wrap}
.tags{color:#666}
img{display:block;max-width:100%;margin:0 0 12px}
"""


class ByHandRenderer:
    """Makes the pack for one platform. title, text: the longest there, by the settings; 0 is not checked."""

    def __init__(self, platform: str, *, title: int = 0, text: int = 0) -> None:
        self.channel = f"{FAMILY}.{platform}"
        self.limits = Limits(title=title, text=text)

    def render(self, content: Content, frame: Frame) -> Rendering:
        """The platform's own text where the post has one, else the whole body as plain text.

        What is put right stands above the body, unless that says it itself, as the notice of a correction does.
        """
        body = content.text_for(self.channel)
        text = plain_text(body)
        is_said = body is not content.body or content.correction.strip() in text
        said = [part for part in ("" if is_said else content.correction, text) if part]
        parts = {
            "title": content.title,
            "digest": content.digest,
            "text": "\n\n".join(said),
            "tags": hashtags(content.tags),
        }
        link = frame.page_of(content.slug)
        return Rendering(channel=self.channel, parts=parts, cover=frame.cover, media=pictures_of(body), link=link)

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """What is longer than the platform takes."""
        own = self.channel in content.variants
        found = []
        for part, where, limit in (
            ("title", "title", self.limits.title),
            ("text", f"variants.{self.channel}" if own else "body", self.limits.text),
        ):
            length = len(rendering.parts[part])
            if limit and length > limit:
                data = {"count": str(length), "limit": str(limit)}
                found.append(Finding("too_long", channel=self.channel, where=where, data=data))
        return found

    def count(self, rendering: Rendering) -> int:
        """How many characters the text has."""
        return len(rendering.parts["text"])

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """The pack as it is offered; `text` is all of it, to be copied at once."""
        parts = rendering.parts
        html = f"<h1>{escape(parts['title'])}</h1>"
        for digest in dict.fromkeys(filter(None, (rendering.cover, *rendering.media))):
            address = pictures.get(digest)
            html += f'<img src="{escape(address)}" alt="">' if address else ""
        html += "".join(f"<p>{escape(part)}</p>" for part in parts["text"].split("\n\n"))
        html += f'<p class="tags">{escape(parts["tags"])}</p>' if parts["tags"] else ""
        html += f'<p><a href="{escape(rendering.link)}">{escape(rendering.link)}</a></p>' if rendering.link else ""
        whole = (parts["title"], parts["text"], parts["tags"], rendering.link)
        return Preview(html=html, css=CSS, text="\n\n".join(part for part in whole if part))
