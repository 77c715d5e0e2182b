"""Content -> what each channel will get: the frame around it, the cover that is drawn, the renderings.

Pure but for the covers, which are drawn once and remembered; `keep_cover` puts what was drawn among the pictures.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from bot.publishing.ports import CoverPainter, Frame, Renderer
from bot.publishing.posts import Content
from bot.publishing.rendering import Rendering

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

NOTICE = "notice:"
"""In `Post.approved` the rendering of a correction notice stands under `notice:<channel>`."""

MOST_REMEMBERED = 64


class NoticeWords(Protocol):
    """What a correction notice says around the author's words."""

    def title(self, title: str) -> str:
        """The title of the notice about a post of that title."""
        ...

    def text(self, correction: str) -> str:
        """The paragraph that says what is put right."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """What every post shares. base_url: of our site, empty where it has none; author: of posts that name none."""

    federation: str
    short_name: str
    hotline: str
    base_url: str = ""
    author: str = ""


class Typesetter:
    """Renders posts for channels."""

    def __init__(
        self,
        house: House,
        renderers: Mapping[str, Renderer],
        painter: CoverPainter | None = None,
        notices: NoticeWords | None = None,
    ) -> None:
        self.house = house
        self.renderers = dict(renderers)
        self._painter = painter
        self._notices = notices
        self._painting = Lock()
        self._covers: dict[tuple[tuple[str, ...], str], tuple[str, bytes]] = {}

    def frame(self, content: Content) -> Frame:
        """What surrounds the post, with the digest of its cover."""
        house = self.house
        return Frame(
            federation=house.federation,
            short_name=house.short_name,
            hotline=house.hotline,
            base_url=house.base_url,
            cover=content.cover.image or self.drawn(content)[0],
        )

    def drawn(self, content: Content) -> tuple[str, bytes]:
        """The cover that is drawn for the post, with its digest; empty where a picture stands instead, or nothing."""
        cover = content.cover
        if cover.image or not cover.lines or self._painter is None:
            return "", b""
        key = (cover.lines, cover.tone.value)
        with self._painting:
            if key not in self._covers:
                data = self._painter.paint(cover.lines, cover.tone.value, self.house.federation)
                while len(self._covers) >= MOST_REMEMBERED:
                    del self._covers[next(iter(self._covers))]
                self._covers[key] = hashlib.sha256(data).hexdigest(), data
            return self._covers[key]

    async def prepare(self, content: Content) -> None:
        """Draw the cover beside the event loop, as it takes a fifth of a second; what follows finds it drawn."""
        await asyncio.to_thread(self.drawn, content)

    def render(self, channel: str, content: Content) -> Rendering:
        """The post as that channel will get it. Raises KeyError for a channel that nobody renders."""
        content = self.signed(content)
        return self.renderers[channel].render(content, self.frame(content))

    def signed(self, content: Content) -> Content:
        """The post with the house's author where it names none."""
        return content if content.author else replace(content, author=self.house.author or self.house.federation)

    def notice(self, content: Content) -> Content:
        """The correction notice about the post, as a post of its own: what is put right, then the whole text."""
        if self._notices is None or not content.correction:
            return content
        said = self._notices.text(content.correction)
        variants = {channel: f"{said}\n\n{text}" for channel, text in content.variants.items()}
        title = self._notices.title(content.title)
        return replace(content, title=title, body=f"{said}\n\n{content.body}", variants=variants)

    def renderings(self, content: Content, only: Collection[str] = ()) -> dict[str, Rendering]:
        """The renderings of the channels that the post names; notices under `notice:<channel>`.

        only: channels beyond which none is rendered; all there are without any.
        """
        wanted = only or self.renderers.keys()
        channels = [one for one in dict.fromkeys(content.channels) if one in self.renderers and one in wanted]
        rendered = {channel: self.render(channel, content) for channel in channels}
        if content.correction:
            about = self.notice(content)
            rendered |= {f"{NOTICE}{channel}": self.render(channel, about) for channel in channels}
        return rendered

    async def keep_cover(self, work: "UnitOfWork", content: Content, now: datetime) -> None:
        """Put the drawn cover among the pictures. Safe to repeat; does not commit."""
        _, data = self.drawn(content)
        if data:
            await work.pictures.put(data, now)
