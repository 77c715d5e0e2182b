"""The console itself: starlette-admin with our pages, templates, words and walls."""

import hashlib
from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette_admin import BaseAdmin, I18nConfig, TimezoneConfig
from starlette_admin.theme import DefaultTheme, TablerSettings

from bot.complaints.limits.words import GuardWords
from bot.console.auth import ConsoleAuth
from bot.console.ports import ConsoleParts
from bot.console.security import Csrf, Guard, NonceTags, complete_headers, content_nonce
from bot.console.views import make_start, make_views
from bot.console.words import FILTERS
from bot.errors import StoreUnavailable

HERE = Path(__file__).parent
BASE = "/console"
EXPLAINED = (400, 403, 404, 405, 409, 413, 500, 503)
CRASHED, UNAVAILABLE = 500, 503
CRASH = HTTPException(CRASHED)


class Console(BaseAdmin):
    """The frame of all pages."""

    def __init__(self, parts: ConsoleParts) -> None:
        self.parts = parts
        self._plain = _plain_pages(parts)
        super().__init__(
            title=parts.wording("console.title"),
            base_url=BASE,
            route_name="console",
            templates_dir=str(HERE / "templates"),
            static_dir=str(HERE / "static"),
            index_view=make_start(parts),
            theme=DefaultTheme(TablerSettings(base="stone", primary="red", radius=1)),
            auth_provider=ConsoleAuth(parts),
            secret_key=parts.secret,
            middlewares=[
                Middleware(
                    Guard,
                    largest_body=parts.largest_body,
                    admits=parts.accounts.admits,
                    is_from_here=parts.is_from_here,
                    refusal=self.refusal,
                )
            ],
            i18n_config=I18nConfig(default_locale="zh", language_cookie_name=None, language_header_name=None),
            timezone_config=TimezoneConfig(
                default_timezone="Asia/Shanghai", timezone_cookie_name=None, use_user_locale_timezone=False
            ),
        )
        for view in make_views(parts):
            self.add_view(view)

    def mount_to(self, app: Any) -> None:
        """Put the console into the web application under `/console`."""
        super().mount_to(app)
        self.app.add_exception_handler(StoreUnavailable, self._unavailable)
        self.app.add_exception_handler(Exception, self._crashed)

    def refusal(self, status: int) -> Response:
        """A page that says why nothing was done; it needs nothing of the console itself."""
        known = status if status in EXPLAINED else CRASHED
        page = self._plain.get_template("refused.html").render(status=known, nonce=content_nonce())
        response = HTMLResponse(page, status)
        complete_headers(response.headers, content_nonce())
        return response

    def _setup_templates(self) -> None:
        super()._setup_templates()
        env = self.templates.env
        env.add_extension(NonceTags)
        words = self.parts.words
        env.filters |= dict(FILTERS)
        env.globals |= {
            "content_nonce": content_nonce,
            "say": self.parts.wording,
            "label": words.label,
            "labels": words.labels,
            "people": words.people,
            "money": words.money,
            "short": words.short,
            "short_money": words.short_money,
            "federation": self.parts.federation,
            "basis": GuardWords(self.parts.wording, self.parts.federation.hotline).basis,
            "today": self.parts.today,
            "due_word": lambda on: words.due(on, self.parts.today()),
            "notice_text": words.notice,
            "notice_page": words.notice_page,
            "asset_version": _digest(),
        }

    def _collect_core_routes(self) -> list[Route]:
        # of the library's own addresses only its list is used: forms, actions, imports, exports, look-ups stay out
        return [route for route in super()._collect_core_routes() if route.name == "list"]

    def _init_csrf(self) -> None:
        # in place of the library's own, which answers in English
        self.middlewares.append(Middleware(Csrf, secret_key=self.parts.secret, refusal=self.refusal))

    async def _render_error(self, request: Request, exc: Exception = CRASH) -> Response:
        return self.refusal(exc.status_code if isinstance(exc, HTTPException) else CRASHED)

    async def _unavailable(self, request: Request, _: Exception) -> Response:
        response = self.refusal(UNAVAILABLE)
        response.headers["Retry-After"] = "60"
        return response

    async def _crashed(self, request: Request, _: Exception) -> Response:
        return self.refusal(CRASHED)


def make_console(parts: ConsoleParts) -> Console:
    """The console made of these parts; `mount_to` puts it into the web application."""
    return Console(parts)


def _digest() -> str:
    """Changes with our styles and scripts, so that browsers fetch them anew."""
    files = sorted((HERE / "static").iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _plain_pages(parts: ConsoleParts) -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    env.globals |= {"say": parts.wording, "base": BASE, "hotline": parts.federation.hotline}
    return env
