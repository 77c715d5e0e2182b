"""How a post looks as an article in the WeChat account, and what WeChat would not take of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from itertools import groupby

from bot.channels.wechat.article_css import PREVIEW
from bot.channels.wechat.article_html import PICTURE, body_html, inlined, links, plain
from bot.channels.wechat.parse import CHANNEL
from bot.covers import SQUARE
from bot.laws.citation import Citation
from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import MEDIA, Finding, Rendering, Severity
from bot.wording import Wording

LIMITS = Limits(
    title=32,
    author=16,
    digest=128,
    text=19_999,
    body_bytes=1024 * 1024 - 1,
    pictures=100,
    picture_bytes=1024 * 1024 - 1,
)
"""Characters of title, author and digest; of the HTML characters and bytes; bytes of one picture (JPEG or PNG)."""

LONGEST_LINK = 1024
"""Bytes of the address behind 阅读原文."""

_CROP = "_".join(f"{part:.6f}".rstrip("0").rstrip(".") for part in SQUARE)
_LEFT_OVER = "**"


class WeChatArticle:
    """Renders posts as articles. `wording` has what stands around them."""

    channel = CHANNEL
    limits = LIMITS

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def render(self, content: Content, frame: Frame) -> Rendering:
        """The article. `square` says which part of a drawn cover is shown where an article is shared."""
        text = content.text_for(CHANNEL)
        html = inlined(body_html(text) + self._basis(content) + self._foot(frame, content))
        parts = {
            "title": content.title.strip(),
            "author": (content.author or frame.federation).strip(),
            "digest": content.digest.strip(),
            "body": html,
        }
        if frame.cover and not content.cover.image:
            parts["square"] = _CROP
        pictures = dict.fromkeys(found[0].removeprefix(MEDIA) for found in PICTURE.finditer(html))
        link = frame.page_of(content.slug)
        return Rendering(channel=CHANNEL, parts=parts, cover=frame.cover, media=tuple(pictures), link=link)

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """What WeChat would refuse or drop: lengths, pictures, links, no cover."""
        return [*_lengths(rendering, content), *_missing(rendering), *_dropped(content, rendering)]

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """The card in the list of messages, then the page, as WeChat's app shows them."""
        parts = {name: escape(part) for name, part in rendering.parts.items() if name != "body"}
        cover = pictures.get(rendering.cover)
        shown = f'<img src="{escape(cover)}" alt="">' if cover else ""
        digest = f'<p class="digest">{parts["digest"]}</p>' if parts["digest"] else ""
        body = PICTURE.sub(lambda found: _address(found[0], pictures), rendering.parts["body"])
        link = escape(rendering.link)
        original = self._wording("article.read_original")
        more = f'<p class="original"><a href="{link}" target="_blank">{original}</a></p>' if link else ""
        html = (
            f'<div class="card">{shown}<p>{parts["title"]}</p>{digest}</div>'
            f'<div class="page"><h1>{parts["title"]}</h1><p class="by">{parts["author"]}</p>{body}{more}</div>'
        )
        text = f"{rendering.parts['title']}\n\n{plain(rendering.parts['body'])}"
        return Preview(html=html, css=PREVIEW, text=text)

    def _basis(self, content: Content) -> str:
        """The box with the law that the article rests on, and the day on which it was checked."""
        laws = [f'<p class="law">{escape(line)}</p>' for line in basis_lines(content.citations)]
        said = [
            self._dated(name, day) for name, day in (("checked", content.checked_on), ("until", content.effective_to))
        ]
        days = "；".join(words for words in said if words)
        if not laws and not days:
            return ""
        head = f'<p class="head">{self._wording("article.basis")}</p>' if laws else ""
        until = f'<p class="until">{escape(days)}</p>' if days else ""
        return f'<section class="basis">{head}{"".join(laws)}{until}</section>'

    def _dated(self, name: str, day: date | None) -> str:
        if day is None:
            return ""
        key = "article.checked" if name == "checked" else "article.until"
        return self._wording(key, year=day.year, month=day.month, day=day.day)

    def _foot(self, frame: Frame, content: Content) -> str:
        call, ask = self._wording("article.call"), self._wording("article.ask")
        foot = (
            f'<section class="foot"><p class="call">{escape(call)}</p><p class="number">{escape(frame.hotline)}</p>'
            f'<p class="ask">{escape(ask)}</p></section>'
        )
        more = f'<p class="more">{escape(self._wording("article.more"))}</p>' if frame.page_of(content.slug) else ""
        return foot + more


def basis_lines(citations: Sequence[Citation]) -> list[str]:
    """The citations as people read them, one line for each law, its places in the order in which they are named."""
    order = {law: number for number, law in enumerate(dict.fromkeys(one.law for one in citations))}
    sorted_by_law = sorted(citations, key=lambda one: order[one.law])
    lines = []
    for law, of_law in groupby(sorted_by_law, key=lambda one: one.law):
        places = dict.fromkeys(one.place for one in of_law)
        lines.append(f"《{law}》" + "、".join(place for place in places if place))
    return lines


def _lengths(rendering: Rendering, content: Content) -> Iterator[Finding]:
    body = rendering.parts["body"]
    text = f"variants.{CHANNEL}" if content.variants.get(CHANNEL) else "body"
    counted = (
        ("title", len(rendering.parts["title"]), LIMITS.title),
        ("author", len(rendering.parts["author"]), LIMITS.author),
        ("digest", len(rendering.parts["digest"]), LIMITS.digest),
        (text, len(body), LIMITS.text),
    )
    for where, count, limit in counted:
        if count > limit:
            yield _error("too_long", where, count=str(count), limit=str(limit))
    size = len(body.encode())
    if size > LIMITS.body_bytes:
        yield _error("too_large", text, bytes=str(size), limit=str(LIMITS.body_bytes))
    if len(rendering.link.encode()) > LONGEST_LINK:
        yield _error("link_too_long", "slug", limit=str(LONGEST_LINK))


def _missing(rendering: Rendering) -> Iterator[Finding]:
    if not rendering.cover:
        yield _error("cover_missing", "cover")
    if not rendering.link:
        yield _warning("no_page", "channels")


def _dropped(content: Content, rendering: Rendering) -> Iterator[Finding]:
    """What would not be seen in WeChat, or not as it was meant."""
    text = content.text_for(CHANNEL)
    where = f"variants.{CHANNEL}" if content.variants.get(CHANNEL) else "body"
    for link in links(text):
        if not link.picture and not link.is_kept:  # pictures of others are refused for every channel
            yield _warning("link_as_text", where, line=link.line, address=link.address)
    if len(rendering.media) > LIMITS.pictures:
        yield _error("too_many_pictures", where, count=str(len(rendering.media)), limit=str(LIMITS.pictures))
    for number, line in enumerate(text.splitlines(), 1):
        if _LEFT_OVER in line and _LEFT_OVER in plain(body_html(line)):
            yield _warning("marks_left", where, line=number, text=line.strip()[:40])


def _error(code: str, where: str, *, line: int = 0, **data: str) -> Finding:
    return Finding(code, Severity.ERROR, CHANNEL, where, line, data)


def _warning(code: str, where: str, *, line: int = 0, **data: str) -> Finding:
    return Finding(code, Severity.WARNING, CHANNEL, where, line, data)


def _address(name: str, pictures: Mapping[str, str]) -> str:
    return escape(pictures.get(name.removeprefix(MEDIA), ""))
