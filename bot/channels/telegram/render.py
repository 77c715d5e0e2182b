"""How a post looks in a Telegram channel: a photo with a caption where it is short, else a text. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bot.channels.telegram.limits import TEXT
from bot.channels.telegram.markup import ENTITIES, count, count_entities, has_pictures, render_markup, visible
from bot.publishing.hashtags import hashtags
from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Rendering, Severity
from bot.wording import Wording

CHANNEL = "telegram"
CAPTION = 1024
"""Characters of the caption of a photo."""

PICTURE_BYTES = 10_000_000
AS_PHOTO, AS_TEXT = "photo", "text"

CSS = """
body{margin:0;padding:12px;font:15px/1.5 -apple-system,"PingFang SC","Microsoft YaHei",sans-serif;background:#d6e4ef}
article{max-width:420px;border-radius:12px;overflow:hidden;background:#fff;color:#111}
div{padding:8px 12px 12px;white-space:pre-wrap;overflow-wrap:anywhere}
a{color:#168acd;text-decoration:none}
blockquote{margin:0;padding-left:8px;border-left:3px solid #168acd}
pre{white-space:pre-wrap;font-family:ui-monospace,monospace}
img{display:block;width:100%}
"""


@dataclass(frozen=True, slots=True)
class TelegramWords:
    """What stands around the author's words. page: of the link to the post's page; correction: before what is right."""

    page: str
    correction: str

    @classmethod
    def of(cls, wording: Wording) -> "TelegramWords":
        """As the wording has it."""
        return cls(page=wording("telegram.page"), correction=wording("telegram.correction"))


class TelegramRenderer:
    """Renders posts for a channel."""

    channel = CHANNEL
    limits = Limits(text=TEXT, pictures=1, picture_bytes=PICTURE_BYTES)

    def __init__(self, words: TelegramWords) -> None:
        self._words = words

    def render(self, content: Content, frame: Frame) -> Rendering:
        """Title, text, tags and the link to its page."""
        link = frame.page_of(content.slug)
        said = content.text_for(CHANNEL)
        parts = (
            f"<b>{escape(content.title, quote=False)}</b>",
            self._corrected(content, said),
            render_markup(said, frame.base_url),
            hashtags(content.tags),
            f'<a href="{escape(link)}">{escape(self._words.page, quote=False)}</a>' if link else "",
        )
        html = "\n\n".join(part for part in parts if part)
        form = AS_PHOTO if frame.cover and count(html) <= CAPTION else AS_TEXT
        return Rendering(channel=CHANNEL, parts={"text": html, "form": form}, cover=frame.cover, link=link)

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """What Telegram would refuse or not show."""
        where = f"variants.{CHANNEL}" if content.variants.get(CHANNEL) else "body"
        said, found = content.text_for(CHANNEL), []
        if not said.strip():
            found.append(Finding("empty", channel=CHANNEL, where=where))
        if self.count(rendering) > TEXT:
            data = {"count": str(self.count(rendering)), "limit": str(TEXT)}
            found.append(Finding("too_long", channel=CHANNEL, where=where, data=data))
        if has_pictures(said):
            found.append(Finding("telegram_pictures", Severity.WARNING, CHANNEL, where))
        marked = count_entities(rendering.parts["text"])
        if marked > ENTITIES:
            data = {"count": str(marked), "limit": str(ENTITIES)}
            found.append(Finding("telegram_marks", Severity.WARNING, CHANNEL, where, data=data))
        return found

    def count(self, rendering: Rendering) -> int:
        """How many of its characters the post takes, as Telegram counts."""
        return count(rendering.parts["text"])

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """How it will look: Telegram's HTML is HTML. The cover of a text comes with the preview of its page."""
        html = rendering.parts["text"]
        address = pictures.get(rendering.cover)
        image = f'<img src="{escape(address)}" alt="">' if address else ""
        text = "\n\n".join(part for part in (visible(html), rendering.link) if part)
        return Preview(html=f"<article>{image}<div>{html}</div></article>", css=CSS, text=text)

    def _corrected(self, content: Content, said: str) -> str:
        """What is put right, where the text does not say it itself."""
        correction = content.correction.strip()
        if not correction or correction in said:
            return ""
        return f"<blockquote>{escape(self._words.correction + correction, quote=False)}</blockquote>"
