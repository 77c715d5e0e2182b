"""What machines ask this program: `/health` for everybody, `/metrics` for the operator."""

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.ops.health import Health
from bot.ops.metrics import PrometheusMetrics

_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
_NOT_FOUND, _UNAVAILABLE = 404, 503


def make_ops_routes(
    *, health: Callable[[], Awaitable[Health]], metrics: PrometheusMetrics | None, token: str | None
) -> list[Route]:
    """The operator's routes. Without `metrics` there is no `/metrics`."""

    async def show_health(_: Request) -> Response:
        state = await health()
        return JSONResponse(
            state.to_json(), 200 if state.is_well else _UNAVAILABLE, headers={"Cache-Control": "no-store"}
        )

    async def show_metrics(request: Request) -> Response:
        if metrics is None or not may_see_metrics(request, token):
            return PlainTextResponse("404\n", _NOT_FOUND)
        return Response(metrics.text(), media_type=metrics.content_type)

    return [
        Route("/health", show_health, methods=["GET"], name="health"),
        Route("/metrics", show_metrics, methods=["GET"], name="metrics"),
    ]


def may_see_metrics(request: Request, token: str | None) -> bool:
    """Whether the request carries the token, or comes from this machine and through no proxy.

    A request that a proxy on this machine passed on comes from everywhere.
    """
    given = request.headers.get("authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _is_this_machine(request.client.host if request.client else "")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
