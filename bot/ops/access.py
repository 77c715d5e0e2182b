"""The access log: one line a request with route, status and time; no address, no query, no agent.

The route is the pattern (`/faq/{topic}`), not the path that was typed: a path may hold a
receipt or anything else that somebody puts there.
"""

import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/health", "/metrics"})
"""Asked every few seconds by machines: logged at debug only."""

_SERVER_ERROR = 500


class AccessLog:
    """ASGI middleware that logs every HTTP request once it has been answered."""

    def __init__(self, app: ASGIApp, timer: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._timer()
        status = _SERVER_ERROR

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._write(scope, status, self._timer() - started)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        write = log.debug if route in _QUIET else log.info
        method = scope["method"] if scope["method"] in _METHODS else "other"
        write("http.request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def route_of(scope: Scope) -> str:
    """The pattern of the route that took the request; `-` when none did."""
    endpoint = scope.get("endpoint")
    if endpoint is None:
        return "-"
    for route in scope["app"].routes:
        if endpoint in (getattr(route, "endpoint", None), getattr(route, "app", None)):
            return str(getattr(route, "path", "-"))
    return "-"
