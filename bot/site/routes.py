"""The addresses of the site."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.site.assets import Assets
from bot.site.chat import ChatPages
from bot.site.errors import ErrorPages
from bot.site.faq import FaqPages
from bot.site.forms import local_path, read_form
from bot.site.guard import BodyLimit, is_from_here
from bot.site.pages import Pages
from bot.site.ports import SiteParts
from bot.site.session import LARGE, keep_size

Endpoint = Callable[[Request], Awaitable[Response]]

# No page carries a secret beside what the visitor sends, so compressing gives nothing away.
_COMPRESSED = Middleware(GZipMiddleware, minimum_size=800)
_ROBOTS = "User-agent: *\nDisallow: /chat\nDisallow: /search\n"


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

    limit = Middleware(BodyLimit, most_bytes=parts.most_bytes)

    async def privacy(request: Request) -> Response:
        return pages.show(request, "privacy.html")

    def form(path: str, endpoint: Endpoint) -> Route:
        async def guarded(request: Request) -> Response:
            if not is_from_here(request, parts.base_url):
                raise HTTPException(403)
            return await endpoint(request)

        return Route(path, guarded, methods=["POST"], middleware=[limit, _COMPRESSED])

    def page(path: str, endpoint: Endpoint) -> Route:
        return Route(path, endpoint, methods=["GET"], middleware=[_COMPRESSED])

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
