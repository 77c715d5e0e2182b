"""Calls to a server with Mastodon's API, by Mastodon.py, in threads: the library waits for the network.

What came of a call is told by the server's own answer and not by the library's errors, which name what went wrong
while an answer was read just as what the server refused. The token stands in no error.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import requests
from mastodon import Mastodon, MastodonError
from urllib3.exceptions import NewConnectionError

from bot.clock import Clock
from bot.errors import OutcomeUnknown, VendorError

logging.getLogger("urllib3").setLevel(logging.WARNING)

SECONDS = 30.0
"""For each wait of a call: to connect, and for the answer."""

_T = TypeVar("_T")
_VERSION = "4.0.0"
"""Oldest version whose calls we use; servers of other makers speak it too."""

_AGENT = "Gonghui"
_LONGEST_DETAIL = 200
_REST = timedelta(minutes=5)
_LONGEST_REST = timedelta(hours=6)
_OK, _REDIRECT, _FAULT, _BROKEN = 200, 300, 400, 500
_UNAUTHORISED, _FORBIDDEN, _TOO_EARLY, _TOO_MANY, _GAVE_UP = 401, 403, 425, 429, 408


class NotAuthorised(VendorError):
    """The server does not take our token (any more), or the token may not do this."""


class TooMany(VendorError):
    """The server wants a rest."""

    def __init__(self, code: str, detail: str, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(code, detail)


class MastodonApi:
    """One account at one server. Every failure is a VendorError; OutcomeUnknown where the server may have done it."""

    def __init__(self, *, server: str, token: str, clock: Clock, seconds: float = SECONDS) -> None:
        self.server = server
        self._token = token
        self._clock = clock
        self._seconds = seconds

    async def call(self, do: Callable[[Mastodon], _T]) -> _T:
        """What `do` gets from the library. Raises VendorError."""
        session = _Session()
        try:
            async with asyncio.timeout(self._seconds * 4):
                return await asyncio.to_thread(self._do, session, do)
        except MastodonError:
            raise self._fault(session) from None
        except TimeoutError:
            raise OutcomeUnknown("no_answer") from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # an answer that makes no sense
            raise OutcomeUnknown("bad_answer", type(error).__name__) from None

    def _do(self, session: "_Session", do: Callable[[Mastodon], _T]) -> _T:
        with session:
            client = Mastodon(
                access_token=self._token,
                api_base_url=self.server,
                session=session,
                request_timeout=self._seconds,
                ratelimit_method="throw",  # the channel rests, not this thread
                mastodon_version=_VERSION,
                version_check_mode="created",
                user_agent=_AGENT,
            )
            return do(client)

    def _fault(self, session: "_Session") -> VendorError:
        """What the last call came to."""
        if session.failed is not None:
            name = type(session.failed).__name__
            return (
                VendorError("unreachable", name) if _was_not_sent(session.failed) else OutcomeUnknown("no_answer", name)
            )
        if session.answered is None:
            return VendorError("not_asked", permanent=True)
        return self._refusal(session.answered)

    def _refusal(self, answer: requests.Response) -> VendorError:
        status, said = answer.status_code, self._said(answer)
        code = f"http_{status}"
        if status < _REDIRECT:
            return OutcomeUnknown("bad_answer", code)
        if status >= _BROKEN:
            return OutcomeUnknown(code, said)
        if status in (_UNAUTHORISED, _FORBIDDEN):
            return NotAuthorised(code, said)
        if status == _TOO_MANY:
            return TooMany(code, said, self._rest(answer))
        return VendorError(code, said, permanent=status not in (_GAVE_UP, _TOO_EARLY))

    def _said(self, answer: requests.Response) -> str:
        """The server's sentence, without our token."""
        try:
            tree = answer.json()
        except ValueError:
            return ""
        said = str(tree.get("error", "")) if isinstance(tree, dict) else ""
        return " ".join(said.replace(self._token, "***").split())[:_LONGEST_DETAIL]

    def _rest(self, answer: requests.Response) -> timedelta:
        """How long the server wants to be left alone, within reason."""
        now, rest = self._clock.now(), _REST
        try:
            if "Retry-After" in answer.headers:
                rest = timedelta(seconds=int(answer.headers["Retry-After"]))
            elif "X-RateLimit-Reset" in answer.headers:
                rest = datetime.fromisoformat(answer.headers["X-RateLimit-Reset"]) - now
        except (ValueError, TypeError, OverflowError):
            return _REST
        return min(max(rest, timedelta(seconds=30)), _LONGEST_REST)


class _Session(requests.Session):
    """Follows no redirect, and remembers what the last call came to."""

    answered: requests.Response | None = None
    failed: Exception | None = None

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As the library's own."""
        self.answered, self.failed = None, None
        try:
            answer = super().request(*args, **{**kwargs, "allow_redirects": False})
        except Exception as error:
            self.failed = error
            raise
        self.answered = answer
        if _REDIRECT <= answer.status_code < _FAULT:
            raise requests.TooManyRedirects(response=answer)  # else the library would read it as an answer
        return answer


def _was_not_sent(error: Exception) -> bool:
    """Whether the call has surely not reached the server: no connection came about."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    reason = getattr(cause, "reason", None)
    if isinstance(reason, NewConnectionError):
        return True
    return any(isinstance(part, ssl.SSLCertVerificationError) for part in getattr(reason, "args", ()))
