"""How a post looks to a portal: title, HTML and plain text, tags, citations, pictures. Pure."""

from collections.abc import Mapping, Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt

from bot.channels.webhook.document import address_of
from bot.publishing.markdown_text import pictures as pictures_of
from bot.publishing.markdown_text import plain_text
from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import MEDIA, Finding, Rendering, Severity

FAMILY = "webhook"

TAGS = {"p", "br", "ol", "ul", "li", "strong", "em", "a", "h2", "h3", "h4", "blockquote", "code", "pre", "hr", "img"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "img": {"src", "alt"}}
SCHEMES = {"http", "https", "tel", "mailto", MEDIA.rstrip(":")}

_MARKDOWN = MarkdownIt("commonmark", {"html": False})

CSS = """
body{margin:0;padding:16px;font:16px/1.75 -apple-system,"PingFang SC","Microsoft YaHei",sans-serif;color:#222}
body{background:#fff;overflow-wrap:anywhere}
h1{font-size:22px;line-height:1.4;margin:0 0 8px}
h2,h3,h4{font-size:18px;margin:20px 0 8px}
.about{color:#666;font-size:14px;margin:0 0 16px}
img{display:block;max-width:100%}
"""


class WebhookRenderer:
    """Renders posts for one target. Portals state no limits."""

    limits = Limits()

    def __init__(self, target: str) -> None:
        self.channel = f"{FAMILY}.{target}"

    def render(self, content: Content, frame: Frame) -> Rendering:
        """Everything that a portal needs to show the post in its own clothes."""
        body = content.text_for(self.channel)
        parts = {
            "slug": content.slug,
            "title": content.title,
            "digest": content.digest,
            "author": content.author,
            "region": content.region,
            "correction": content.correction,
            "tags": "\n".join(content.tags),
            "citations": "\n".join(citation.label for citation in content.citations),
            "html": nh3.clean(
                _MARKDOWN.render(body), tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None
            ),
            "text": plain_text(body),
            "media_base": f"{frame.base_url}/media/" if frame.base_url else "",
        }
        link = frame.page_of(content.slug)
        return Rendering(channel=self.channel, parts=parts, cover=frame.cover, media=pictures_of(body), link=link)

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """Pictures that have no address, as there is no site."""
        pictures = [*rendering.media, *filter(None, [rendering.cover])]
        if pictures and not address_of(rendering, pictures[0]):
            return (Finding("pictures_nowhere", Severity.WARNING, self.channel, "cover"),)
        return ()

    def count(self, rendering: Rendering) -> int:
        """How many characters the plain text has."""
        return len(rendering.parts["text"])

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """How it may look there: the portal decides."""
        parts, html = rendering.parts, rendering.parts["html"]
        for digest in rendering.media:
            html = html.replace(f"{MEDIA}{digest}", escape(pictures.get(digest, "")))
        about = " · ".join(escape(part) for part in (parts["author"], *parts["tags"].split("\n")) if part)
        cover = pictures.get(rendering.cover, "") if rendering.cover else ""
        head = f"<h1>{escape(parts['title'])}</h1>" + (f'<p class="about">{about}</p>' if about else "")
        head += f'<p><img src="{escape(cover)}" alt=""></p>' if cover else ""
        said = "".join(f"<p>{escape(parts[name])}</p>" for name in ("digest", "correction") if parts[name])
        return Preview(html=head + said + html, css=CSS, text=f"{parts['title']}\n\n{parts['text']}")
