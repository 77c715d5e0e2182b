"""The webhook that Telegram calls: checks where it comes from, keeps the update, and only then says 200."""

import hmac
import json

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.answering import Answering
from bot.errors import StoreUnavailable

log = structlog.get_logger(__name__)

PATH = "/telegram/{place}"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of the header
LARGEST_BODY = 1024 * 1024


class Webhook:
    """Serves one bot. place: the end of the address, hard to guess; secret: what Telegram shows with each call."""

    def __init__(self, *, answering: Answering, place: str, secret: str) -> None:
        self._answering = answering
        self._place = place.encode()
        self._secret = secret.encode()

    def routes(self) -> list[Route]:
        """The routes to add to the web application."""
        return [Route(PATH, self.take, methods=["POST"], name="telegram_take")]

    async def take(self, request: Request) -> Response:
        """Keep one update. Anything but a 2xx makes Telegram call again."""
        shown = request.headers.get(SECRET_HEADER, "").encode("latin-1", "replace")
        place = str(request.path_params["place"]).encode(errors="replace")
        # both are compared whatever comes of the first
        if not (hmac.compare_digest(place, self._place) & hmac.compare_digest(shown, self._secret)):
            return _refusal("secret", 403)
        body = await _read(request)
        if isinstance(body, Response):
            return body
        try:
            update = json.loads(body)
            await self._answering.take(update)
        except (ValueError, RecursionError):  # BadUpdate is one
            return _refusal("not_an_update", 400)
        except StoreUnavailable as error:
            log.error("storage.unavailable", channel="telegram", cause=error.detail)
            return Response(status_code=503)
        return Response(status_code=200)


async def _read(request: Request) -> bytes | Response:
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > LARGEST_BODY:
        return _refusal("too_large", 413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return _refusal("too_large", 413)
    except ClientDisconnect:
        return _refusal("disconnected", 400)
    return bytes(body)


def _refusal(reason: str, status: int) -> Response:
    log.warning("telegram.refused", reason=reason, status=status)
    return Response(status_code=status)
