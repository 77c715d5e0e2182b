"""Pages for what goes wrong: in words that help a worker, without any detail of the fault."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.site.guard import secure
from bot.site.pages import Pages

EXPLAINED = (403, 404, 405, 413, 500, 503)
BAD, CRASHED = 400, 500
RETRY_SECONDS = "60"


class ErrorPages:
    """Answers to requests that failed. Browsers get a page, other programs a line."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def refused(self, request: Request, error: Exception) -> Response:
        """What a route refused with an HTTP status."""
        status = error.status_code if isinstance(error, HTTPException) else CRASHED
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        return self._answer(request, status, headers)

    async def unavailable(self, request: Request, _: Exception) -> Response:
        """The database does not take work now."""
        return self._answer(request, 503, {"Retry-After": RETRY_SECONDS})

    async def crashed(self, request: Request, _: Exception) -> Response:
        """A fault of the program; it is logged where it is raised again, never shown."""
        return self._answer(request, CRASHED, {})

    def _answer(self, request: Request, status: int, headers: dict[str, str]) -> Response:
        response: Response
        if "text/html" in request.headers.get("accept", ""):
            explained = status if status in EXPLAINED else (CRASHED if status >= CRASHED else BAD)
            on = self._pages.parts.clock.now()
            response = self._pages.show(
                request, "error.html", status=status, fault=explained, hot=self._pages.parts.answers.hot(on)
            )
        else:
            response = PlainTextResponse(f"{status}\n", status)
        response.headers.update(headers)
        # an answer to a crash is sent from outside the middleware that adds these
        return secure(response)
