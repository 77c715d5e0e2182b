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
from bot.site.desk_routes import RouteMakers, make_desk_routes
from bot.site.errors import ErrorPages
from bot.site.faq import FaqPages
from bot.site.forms import local_path, read_form
from bot.site.guard import BodyLimit, is_from_here
from bot.site.pages import Pages
from bot.site.ports import SiteParts
from bot.site.session import LARGE, keep_size

Endpoint = Callable[[Request], Awaitable[Response]]

# Of these pages none carries a secret beside what the visitor sends, so compressing gives nothing away. Those of
# a case do, and every page repeats its own address: their length must not tell what stands in them.
_COMPRESSED = Middleware(GZipMiddleware, minimum_size=800)
_ROBOTS = "User-agent: *\nDisallow: /chat\nDisallow: /search\nDisallow: /complain/\nDisallow: /track/\n"


@dataclass(frozen=True, slots=True)
class Site:
    """The routes, and what to answer when a request fails."""

    routes: list[Route]
    errors: ErrorPages


def make_site(parts: SiteParts) -> Site:
    """The site made of these parts."""
    assets = Assets()
    pages = Pages(parts, assets)
    faq, chat = FaqPages(parts, pages), ChatPages(parts, pages)

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
        _text("/robots.txt", _ROBOTS),
        *(_text(f"/{name}", content) for name, content in parts.verify_files.items()),
    ]
    if parts.desk is not None:
        routes += make_desk_routes(parts.desk, pages, RouteMakers(page, form), text_bytes=parts.most_bytes)
    return Site(routes, ErrorPages(pages))


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
