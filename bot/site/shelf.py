"""Which posts are public on this site, from the ledger, kept in memory as long as the ledger says nothing new.

Every process reads for itself what was sent, so a page is there for all of them as soon as its delivery is. While the
database is away what was read last is shown.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import StoreUnavailable
from bot.publishing.public_view import SentLine, Stamp
from bot.publishing.rendering import Rendering
from bot.site.patience import within
from bot.site.post_page import PostPage, read_page
from bot.site.public_posts import Card, Collection, Snapshot

log = structlog.get_logger(__name__)

MOST_PAGES = 256
"""Whole pages that are remembered: those that are read much."""

SHORT_PATIENCE = 1.0
"""Seconds for which a page that needs no database waits for what is new."""

_BATCH = 200
_OVERLAP = timedelta(minutes=30)
"""What was sent earlier than what is known may be written later: clocks differ, and so do transactions."""


class SentPages(Protocol):
    """What was sent to the site."""

    async def stamp(self) -> Stamp:
        """Another one whenever more has been sent."""
        ...

    async def lines(self, since: datetime | None = None) -> Sequence[SentLine]:
        """What was sent at that instant and later, or ever, the oldest first."""
        ...

    async def renderings(self, digests: Sequence[str]) -> Mapping[str, Rendering]:
        """Those renderings, by digest."""
        ...


class PictureSource(Protocol):
    """Pictures by sha256."""

    async def get(self, digest: str) -> bytes | None:
        """The picture, or None."""
        ...


class ShelfWork(Protocol):
    """The part of a unit of work that the public posts are read with."""

    @property
    def site_pages(self) -> SentPages:
        """What was sent to the site."""
        ...

    @property
    def pictures(self) -> PictureSource:
        """Pictures."""
        ...


class Shelf:
    """The public posts."""

    def __init__(self, read: Callable[[], AbstractAsyncContextManager[ShelfWork]], patience: float) -> None:
        self._read = read
        self._patience = patience
        self._snapshot = Snapshot()
        self._posts = Collection()
        self._pages: OrderedDict[str, PostPage] = OrderedDict()
        self._turn = asyncio.Lock()

    async def current(self, patience: float | None = None) -> Snapshot:
        """What is public now; while the database is away, what was last. Raises StoreUnavailable before that."""
        try:
            async with within(patience or self._patience), self._turn:
                await self._refresh()
        except StoreUnavailable as error:
            if not self._snapshot.stamp.number:
                raise
            log.warning("site.posts_not_refreshed", cause=error.detail)
        return self._snapshot

    async def latest(self, most: int) -> Sequence[Card]:
        """The newest public posts; while the database is away those of before, or none. Never raises."""
        try:
            return (await self.current(SHORT_PATIENCE)).newest[:most]
        except StoreUnavailable as error:
            log.warning("site.posts_unavailable", cause=error.detail)
            return ()

    async def topics(self) -> Sequence[str]:
        """The tags of public posts, those of most posts first. Raises StoreUnavailable."""
        return tuple((await self.current()).tags)

    async def page(self, card: Card) -> PostPage | None:
        """The whole page. Raises StoreUnavailable."""
        return (await self.pages([card])).get(card.slug)

    async def pages(self, cards: Sequence[Card]) -> dict[str, PostPage]:
        """Whole pages by slug. Raises StoreUnavailable."""
        wanted = {card.standing.rendering for card in cards}
        missing = [digest for digest in wanted if digest not in self._pages]
        if missing:
            async with within(self._patience), self._read() as work:
                for digest, rendering in (await work.site_pages.renderings(missing)).items():
                    self._remember(digest, read_page(rendering))
        found = {card.slug: self._recall(card.standing.rendering) for card in cards}
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        return {slug: page for slug, page in found.items() if page is not None}

    async def picture(self, digest: str) -> bytes | None:
        """A picture that belongs to a public post; None for any other. Raises StoreUnavailable."""
        if digest not in (await self.current()).pictures:
            return None
        async with within(self._patience), self._read() as work:
            return await work.pictures.get(digest)

    async def _refresh(self) -> None:
        async with self._read() as work:
            stamp = await work.site_pages.stamp()
            known = self._snapshot.stamp
            if stamp == known:
                return
            await self._take_in(work.site_pages, known.latest - _OVERLAP if known.latest else None)
            if self._posts.number != stamp.number:  # something is older than it should be, or gone: begin anew
                self._posts = Collection()
                await self._take_in(work.site_pages, None)
        self._snapshot = self._posts.snapshot(stamp)

    async def _take_in(self, sent: SentPages, since: datetime | None) -> None:
        lines = await sent.lines(since)
        missing = self._posts.unknown(lines)
        for start in range(0, len(missing), _BATCH):
            some = missing[start : start + _BATCH]
            self._posts.tell(some, await sent.renderings(some))
            await asyncio.sleep(0)  # thousands of them on the first visit must not hold up everybody else
        self._posts.add(lines)

    def _remember(self, digest: str, page: PostPage) -> None:
        self._pages[digest] = page

    def _recall(self, digest: str) -> PostPage | None:
        if digest in self._pages:
            self._pages.move_to_end(digest)
        return self._pages.get(digest)
