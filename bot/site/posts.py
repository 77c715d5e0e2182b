"""The pages of posts: lists with their tags, the post itself, what was withdrawn, and pictures."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.answers.entries import Entry
from bot.clock import local_date
from bot.site.assets import A_YEAR
from bot.site.feeds import picture_path
from bot.site.markup import place_pictures
from bot.site.pages import Pages
from bot.site.ports import SiteParts
from bot.site.post_page import PostPage
from bot.site.provisions import find_provisions
from bot.site.reads import ReadCounter
from bot.site.shelf import Shelf

PER_PAGE = 12
MOST_TAGS = 10
"""Topics above a list, those of most posts first; a topic of one post leads nowhere else."""
MOST_NEAR = 4
MOST_ENTRIES = 4
INSTEAD = 3
"""Of the newest posts, where another one is gone."""

GONE = 410
_PNG = b"\x89PNG"


class PostPages:
    """Shows what was published."""

    def __init__(self, parts: SiteParts, pages: Pages, shelf: Shelf, reads: ReadCounter) -> None:
        self._parts = parts
        self._pages = pages
        self._shelf = shelf
        self._reads = reads

    async def index(self, request: Request) -> Response:
        """All posts, the newest first, page by page."""
        return await self._list(request, "")

    async def tag(self, request: Request) -> Response:
        """The posts of one tag."""
        return await self._list(request, request.path_params["tag"])

    async def post(self, request: Request) -> Response:
        """One post with all that belongs to it; 410 when it was withdrawn."""
        snapshot = await self._shelf.current()
        card = snapshot.cards.get(request.path_params["slug"])
        if card is None:
            raise HTTPException(404)
        if card.is_gone:
            return self._pages.show(request, "post_gone.html", status=GONE, newest=snapshot.newest[:INSTEAD])
        page = await self._shelf.page(card)
        if page is None:
            raise HTTPException(404)
        base = self._parts.base_url or ""
        response = self._pages.show(
            request,
            "post.html",
            page=page,
            card=card,
            standing=card.standing,
            body=place_pictures(page.body, picture_path),
            cover=picture_path(page.cover) if page.cover else "",
            image=f"{base}{picture_path(page.cover)}" if page.cover and base else "",
            today=local_date(self._parts.clock.now()),
            laws=await find_provisions(self._parts.read, page.citations),
            entries=self._entries(page),
            near=snapshot.near(page, MOST_NEAR),
        )
        self._reads.see(request, card.standing.post)
        return response

    async def picture(self, request: Request) -> Response:
        """A picture that belongs to a public post. Its name is its content, so browsers keep it."""
        name: str = request.path_params["name"]
        digest, _, ending = name.partition(".")
        headers = {
            "Cache-Control": A_YEAR,
            "ETag": f'"{digest}"',
            "Cross-Origin-Resource-Policy": "cross-origin",  # feed readers show it as well
        }
        data = await self._shelf.picture(digest) if ending == "jpg" else None
        if data is None:
            raise HTTPException(404)
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="image/png" if data.startswith(_PNG) else "image/jpeg", headers=headers)

    async def _list(self, request: Request, tag: str) -> Response:
        snapshot = await self._shelf.current()
        cards = snapshot.tags.get(tag, ()) if tag else snapshot.newest
        number, last = _page_number(request), max(1, -(-len(cards) // PER_PAGE))
        if (tag and not cards) or not 1 <= number <= last:
            raise HTTPException(404)
        tags = [(name, len(found)) for name, found in snapshot.tags.items() if len(found) > 1][:MOST_TAGS]
        if tag and tag not in dict(tags):
            tags.append((tag, len(cards)))
        return self._pages.show(
            request,
            "posts.html",
            cards=cards[(number - 1) * PER_PAGE : number * PER_PAGE],
            total=len(cards),
            number=number,
            last=last,
            tag=tag,
            tags=tags,
            where=f"/posts/tags/{quote(tag, safe='')}" if tag else "/posts",
            query=f"?page={number}" if number > 1 else "",
        )

    def _entries(self, page: PostPage) -> list[Entry]:
        served = self._parts.answers.served(self._parts.clock.now())
        return [served[topic] for topic in page.related if topic in served][:MOST_ENTRIES]


def _page_number(request: Request) -> int:
    """Which page is asked for; 0 for what is no number."""
    asked = request.query_params.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < len("1000000") else 0
