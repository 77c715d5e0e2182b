"""What machines read of the posts: Atom, JSON Feed 1.1 and the site map. All of it needs the site's own address.

Each is made once for every state of the ledger and kept; whoever asks again with what they have gets 304.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import structlog
from feedgen.feed import FeedGenerator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import SHANGHAI, local_date
from bot.site.markup import place_pictures
from bot.site.pages import Pages
from bot.site.post_page import PostPage
from bot.site.public_posts import Card, Snapshot
from bot.site.shelf import Shelf

log = structlog.get_logger(__name__)

ATOM, JSON_FEED, SITEMAP = "/feeds/atom.xml", "/feeds/posts.json", "/sitemap.xml"
MOST_ITEMS = 30
KEPT = "public, max-age=300"
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""When a feed says it was changed that has had nothing in it yet."""

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold."""


@dataclass(frozen=True, slots=True)
class _Document:
    """One answer. tag: its ETag; revision: of what it was made from."""

    content: bytes
    tag: str
    media_type: str
    revision: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class _Item:
    """One post as feeds tell it; every address in it is absolute."""

    card: Card
    page: PostPage
    url: str
    html: str
    image: str

    @property
    def title(self) -> str:
        return _clean(self.page.title)


class Feeds:
    """The documents. base_url: without it there are none."""

    def __init__(self, shelf: Shelf, pages: Pages) -> None:
        parts = pages.parts
        self._shelf = shelf
        self._pages = pages
        self._base = parts.base_url or ""
        self._federation = parts.federation
        self._words = parts.wording
        self._documents: dict[str, _Document] = {}

    async def atom(self, request: Request) -> Response:
        """The newest posts as Atom."""
        return await self._answer(request, ATOM, "application/atom+xml; charset=utf-8")

    async def json_feed(self, request: Request) -> Response:
        """The newest posts as JSON Feed 1.1."""
        return await self._answer(request, JSON_FEED, "application/feed+json; charset=utf-8")

    async def sitemap(self, request: Request) -> Response:
        """Every page that search engines may show."""
        return await self._answer(request, SITEMAP, "application/xml; charset=utf-8")

    async def _answer(self, request: Request, path: str, media_type: str) -> Response:
        if not self._base:
            log.warning("feeds.no_base_url", path=path, setting="web.base_url")
            raise HTTPException(404)
        snapshot = await self._shelf.current()
        revision = self._revision(path, snapshot)
        document = self._documents.get(path)
        if document is None or document.revision != revision:
            content = await self._make(path, snapshot)
            tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
            document = _Document(content, tag, media_type, revision, snapshot.changed_at or _BEGINNING)
            self._documents[path] = document
        headers = {
            "Cache-Control": KEPT,
            "ETag": document.tag,
            "Last-Modified": format_datetime(document.changed_at.astimezone(UTC), usegmt=True),
        }
        if _has_it(request, document.tag):
            return Response(status_code=304, headers=headers)
        return Response(document.content, media_type=document.media_type, headers=headers)

    def _revision(self, path: str, snapshot: Snapshot) -> str:
        """Changes whenever the document may: a site map names the entries, feeds say what is out of date today."""
        on = self._pages.parts.clock.now()
        if path != SITEMAP:
            return f"{snapshot.stamp} {local_date(on)}"
        served = self._pages.parts.answers.served(on)
        return f"{snapshot.stamp} {len(served)} {max((entry.checked_on for entry in served.values()), default='')}"

    async def _make(self, path: str, snapshot: Snapshot) -> bytes:
        if path == SITEMAP:
            return self._sitemap(snapshot)
        items = await self._items(snapshot)
        changed_at = snapshot.changed_at or _BEGINNING
        return self._atom(items, changed_at) if path == ATOM else self._json(items)

    async def _items(self, snapshot: Snapshot) -> list[_Item]:
        cards = list(snapshot.newest[:MOST_ITEMS])
        pages = await self._shelf.pages(cards)
        return [self._item(card, pages[card.slug]) for card in cards if card.slug in pages]

    def _item(self, card: Card, page: PostPage) -> _Item:
        html = self._pages.text(
            "post_feed.html",
            page=page,
            card=card,
            body=place_pictures(page.body, self._picture),
            today=local_date(self._pages.parts.clock.now()),
        )
        absolute = re.sub(r'\b(href|src)="/(?!/)', rf'\1="{self._base}/', html)
        image = self._picture(page.cover) if page.cover else ""
        return _Item(card, page, f"{self._base}/posts/{card.slug}", _clean(absolute), image)

    def _picture(self, digest: str) -> str:
        return f"{self._base}{picture_path(digest)}"

    def _atom(self, items: Sequence[_Item], changed_at: datetime) -> bytes:
        feed = FeedGenerator()
        feed.id(f"{self._base}/posts")
        feed.title(self._words("site.posts.feed_title", federation=self._federation.name))
        feed.subtitle(self._words("site.posts.feed_about"))
        feed.language("zh-CN")
        feed.link(href=f"{self._base}/posts", rel="alternate", type="text/html")
        feed.link(href=f"{self._base}{ATOM}", rel="self", type="application/atom+xml")
        feed.author(name=self._federation.name)
        feed.generator("Gonghui")
        feed.updated(changed_at)
        for item in items:
            entry = feed.add_entry(order="append")
            entry.id(item.url)
            entry.title(item.title)
            entry.link(href=item.url, rel="alternate", type="text/html")
            entry.published(item.card.standing.first_at)
            entry.updated(item.card.standing.changed_at)
            entry.author(name=_clean(item.page.author) or self._federation.name)
            entry.summary(_clean(item.page.digest) or item.title)
            entry.content(item.html, type="html")
            for tag in item.page.tags:
                entry.category(term=_clean(tag))
        return bytes(feed.atom_str(pretty=True))

    def _json(self, items: Sequence[_Item]) -> bytes:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self._words("site.posts.feed_title", federation=self._federation.name),
            "description": self._words("site.posts.feed_about"),
            "home_page_url": f"{self._base}/posts",
            "feed_url": f"{self._base}{JSON_FEED}",
            "language": "zh-CN",
            "authors": [{"name": self._federation.name, "url": self._base}],
            "items": [self._json_item(item) for item in items],
        }
        return json.dumps(feed, ensure_ascii=False, indent=1).encode()

    def _json_item(self, item: _Item) -> Mapping[str, Any]:
        told = {
            "id": item.url,
            "url": item.url,
            "title": item.title,
            "summary": _clean(item.page.digest),
            "content_html": item.html,
            "image": item.image,
            "date_published": _local(item.card.standing.first_at),
            "date_modified": _local(item.card.standing.changed_at),
            "authors": [{"name": _clean(item.page.author) or self._federation.name}],
            "tags": [_clean(tag) for tag in item.page.tags],
            "language": "zh-CN",
        }
        return {name: value for name, value in told.items() if value}

    def _sitemap(self, snapshot: Snapshot) -> bytes:
        parts = self._pages.parts
        on = parts.clock.now()
        pages = [("/", ""), ("/posts", ""), ("/privacy", "")]
        pages += [(f"/posts/{card.slug}", _local(card.standing.changed_at)) for card in snapshot.newest]
        pages += [(f"/category/{category.id}", "") for category in self._pages.categories(on)]
        pages += [(f"/faq/{topic}", entry.checked_on.isoformat()) for topic, entry in parts.answers.served(on).items()]
        urls = (
            f"<url><loc>{escape(self._base + path)}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>\n"
            for path, at in pages
        )
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        return f"{head}{''.join(urls)}</urlset>\n".encode()


def picture_path(digest: str) -> str:
    """Where a picture of a public post is."""
    return f"/media/{digest}.jpg"


def _has_it(request: Request, tag: str) -> bool:
    asked = request.headers.get("if-none-match", "")
    return asked == "*" or tag in (one.strip().removeprefix("W/") for one in asked.split(","))


def _local(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)
