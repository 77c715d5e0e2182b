"""The addresses of the site."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.site.assets import Assets
from bot.site.chat import ChatPages
from bot.site.desk_routes import PageMaker, RouteMakers, make_desk_routes
from bot.site.errors import ErrorPages
from bot.site.faq import FaqPages
from bot.site.feeds import ATOM, JSON_FEED, SITEMAP, Feeds
from bot.site.forms import local_path, read_form
from bot.site.guard import BodyLimit, is_from_here
from bot.site.pages import Pages
from bot.site.ports import SiteParts
from bot.site.posts import PostPages
from bot.site.session import LARGE, keep_size
from bot.site.shelf import Shelf
from bot.site.subscribe import SubscribePages

Endpoint = Callable[[Request], Awaitable[Response]]

# Of these pages none carries a secret beside what the visitor sends, so compressing gives nothing away. Those of
# a case do, and every page repeats its own address: their length must not tell what stands in them.
_COMPRESSED = Middleware(GZipMiddleware, minimum_size=800)
_ROBOTS = "User-agent: *\nDisallow: /chat\nDisallow: /search\nDisallow: /complain/\nDisallow: /track/\n"
_ROBOTS += "Disallow: /subscribe/\n"


@dataclass(frozen=True, slots=True)
class Site:
    """The routes, and what to answer when a request fails."""

    routes: list[Route]
    errors: ErrorPages


def make_site(parts: SiteParts) -> Site:
    """The site made of these parts."""
    assets = Assets()
    pages = Pages(parts, assets)
    shelf = Shelf(parts.posts.read, parts.answer_within) if parts.posts else None
    faq, chat = FaqPages(parts, pages, shelf), ChatPages(parts, pages)

    async def privacy(request: Request) -> Response:
        waits = parts.desk.draft_for if parts.desk else timedelta()
        return pages.show(request, "privacy.html", draft_hours=int(waits.total_seconds()) // 3600)

    def form(path: str, endpoint: Endpoint, most_bytes: int = parts.most_bytes, *, secret: bool = False) -> Route:
        async def guarded(request: Request) -> Response:
            if not is_from_here(request, parts.base_url):
                raise HTTPException(403)
            return await endpoint(request)

        limit = Middleware(BodyLimit, most_bytes=most_bytes)
        return Route(path, guarded, methods=["POST"], middleware=[limit] if secret else [limit, _COMPRESSED])

    def page(path: str, endpoint: Endpoint, *, secret: bool = False) -> Route:
        return Route(path, endpoint, methods=["GET"], middleware=[] if secret else [_COMPRESSED])

    routes = [
        page("/", faq.home),
        page("/faq/{topic}", faq.entry),
        form("/faq/{topic}/vote", faq.vote),
        page("/category/{id}", faq.category),
        page("/search", faq.search),
        page("/chat", chat.show),
        form("/chat", chat.say),
        form("/chat/clear", chat.clear),
        page("/privacy", privacy),
        form("/type", _choose_size),
        page("/static/{name}", assets.serve),
        page("/favicon.ico", assets.favicon),
        _text("/robots.txt", _robots(parts)),
        *(_text(f"/{name}", content) for name, content in parts.verify_files.items()),
    ]
    if parts.posts is not None and shelf is not None:
        routes += _post_routes(PostPages(parts, pages, shelf, parts.posts.reads), Feeds(shelf, pages), page)
    routes += _subscribe_routes(parts, pages, shelf, RouteMakers(page, form))
    if parts.desk is not None:
        routes += make_desk_routes(parts.desk, pages, RouteMakers(page, form), text_bytes=parts.most_bytes)
    return Site(routes, ErrorPages(pages))


def _post_routes(posts: PostPages, feeds: Feeds, page: PageMaker) -> list[Route]:
    return [
        page("/posts", posts.index),
        page("/posts/tags/{tag:path}", posts.tag),
        page("/posts/{slug}", posts.post),
        page("/media/{name}", posts.picture, secret=True),  # compressed already
        page(ATOM, feeds.atom),
        page(JSON_FEED, feeds.json_feed),
        page(SITEMAP, feeds.sitemap),
    ]


def _subscribe_routes(parts: SiteParts, pages: Pages, shelf: Shelf | None, make: RouteMakers) -> list[Route]:
    if parts.subscriptions is None:
        return []
    subscribe, page, form = SubscribePages(parts.subscriptions, pages, shelf), make.page, make.form
    most_bytes = parts.most_bytes
    one_click = Route(  # the token is the proof: mail programs press this button from elsewhere
        "/subscribe/p/{token}/stop",
        subscribe.stop,
        methods=["POST"],
        middleware=[Middleware(BodyLimit, most_bytes=most_bytes)],
    )
    return [
        page("/subscribe", subscribe.show),
        form("/subscribe", subscribe.ask, most_bytes, secret=True),
        page("/subscribe/c/{token}", subscribe.confirming, secret=True),
        form("/subscribe/c/{token}", subscribe.confirm, most_bytes, secret=True),
        page("/subscribe/p/{token}", subscribe.preferences, secret=True),
        form("/subscribe/p/{token}", subscribe.change, most_bytes, secret=True),
        page("/subscribe/p/{token}/stop", subscribe.stopping, secret=True),
        one_click,
    ]


def _robots(parts: SiteParts) -> str:
    return f"{_ROBOTS}Sitemap: {parts.base_url}{SITEMAP}\n" if parts.posts and parts.base_url else _ROBOTS


async def _choose_size(request: Request) -> Response:
    """Remember the size of type, and go back to where it was chosen."""
    fields = await read_form(request)
    response = RedirectResponse(local_path(fields.get("back", "/")), 303)
    keep_size(request, response, large=fields.get("size") == LARGE)
    return response


def _text(path: str, text: str) -> Route:
    async def endpoint(_: Request) -> Response:
        return PlainTextResponse(text)

    return Route(path, endpoint, methods=["GET"])
