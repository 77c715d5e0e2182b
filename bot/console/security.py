"""What protects every page of the console before it is looked at: headers, size of what is sent, who sends it."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from jinja2.ext import Extension
from markupsafe import escape
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_admin.security.csrf import CSRFMiddleware

from bot.console.session import find_token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORBIDDEN, NOT_FOUND, TOO_LARGE = 403, 404, 413
NEVER_KEPT = "no-store"
KEPT_A_DAY = "private, max-age=86400"

_nonce: ContextVar[str] = ContextVar("console_nonce", default="")

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}

Refusal = Callable[[int], Response]
"""Makes the page that says why nothing was done."""


def content_nonce() -> str:
    """The nonce of the page that is being made: only scripts and styles that carry it are run."""
    return _nonce.get()


class NonceTags(Extension):
    """Gives every script and style in every template the nonce of its page, those of the library too.

    So the policy needs no `unsafe-inline`, and no template of the library has to be copied.
    """

    _TAG = re.compile(r"<(script|style)(?=[\s>])")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with the nonce written into each such tag."""
        return self._TAG.sub(r'<\1 nonce="{{ content_nonce() }}"', source)


class Guard:
    """The outer wall: from where the console may be used, response headers, the largest body, forms of our own."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        largest_body: int,
        admits: Callable[[str], bool],
        is_from_here: Callable[[Request], bool],
        refusal: Refusal,
    ) -> None:
        self._app = app
        self._largest = largest_body
        self._admits = admits
        self._is_from_here = is_from_here
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may be, and complete the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        token = _nonce.set(nonce)
        try:
            answer = self._refused(scope)
            sending = _completed(send, scope, nonce)
            if answer is not None:
                await answer(scope, receive, sending)
                return
            await self._pass_on(scope, receive, sending)
        finally:
            _nonce.reset(token)

    def _refused(self, scope: Scope) -> Response | None:
        request, headers = Request(scope), Headers(scope=scope)
        if not self._admits(source_of(request)):
            return self._refusal(NOT_FOUND)
        if request.method in SAFE:
            return _bounced(request) if _came_from_elsewhere(request) else None
        if not self._is_from_here(request):
            return self._refusal(FORBIDDEN)
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._largest:
            return self._refusal(TOO_LARGE)
        return None

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        read, began = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise HTTPException(TOO_LARGE)
            return message

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except Exception:  # whatever became of it on its way out through the middlewares of the library
            if began or read <= self._largest:
                raise
            await self._refusal(TOO_LARGE)(scope, receive, send)


def _completed(send: Send, scope: Scope, nonce: str) -> Send:
    static = "/static/" in scope["path"]

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            complete_headers(headers, nonce, kept=static)
        await send(message)

    return complete


def complete_headers(headers: MutableHeaders, nonce: str, *, kept: bool = False) -> None:
    """Set what the response lacks. Pages are never kept by browsers or proxies; the library's files are for a day."""
    headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce))
    headers.setdefault("Cache-Control", KEPT_A_DAY if kept else NEVER_KEPT)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)


def _came_from_elsewhere(request: Request) -> bool:
    # A strict cookie is not sent with the first request that a link in a mail or a chat makes.
    sec = request.headers
    elsewhere = sec.get("sec-fetch-site") in ("cross-site", "same-site") and sec.get("sec-fetch-mode") == "navigate"
    return elsewhere and find_token(request) is None


def _bounced(request: Request) -> Response:
    """A page that asks for itself again, now from here, so that the browser sends the session along."""
    query = f"?{request.url.query}" if request.url.query else ""
    target = escape(request.url.path + query)
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={target}">'
        f'<title>…</title><a href="{target}">…</a></html>'
    )


class Csrf(CSRFMiddleware):
    """The library's check of forms, with a page that tells staff what to do when it fails."""

    def __init__(self, app: ASGIApp, secret_key: str, refusal: Refusal) -> None:
        super().__init__(app, secret_key)
        self._refusal = refusal

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Let the request pass if its form carries the token that its browser was given."""
        reached = False

        async def reach(request: Request) -> Response:
            nonlocal reached
            reached = True
            return await call_next(request)

        try:
            response = await super().dispatch(request, reach)
        finally:
            await request.close()  # the form that was read for its token, with its files
        return response if reached else self._refusal(FORBIDDEN)


def source_of(request: Request) -> str:
    """The address from which somebody asks; empty where it is not known."""
    return request.client.host if request.client else ""
