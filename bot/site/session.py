"""Who is talking: a random number in a cookie, set only when somebody says or votes something.

The number itself is stored nowhere; the store knows its keyed hash.
"""

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

CHANNEL = "site"
HISTORY = "site.history"
SESSION_LASTS = 24 * 60 * 60
"""Seconds: as long as a conversation is remembered."""

SIZE_COOKIE = "type"
SIZE_LASTS = 365 * 24 * 60 * 60
LARGE = "large"

_FORM = re.compile(r"[A-Za-z0-9_-]{32}")


def new_session() -> str:
    """A name that nobody can guess."""
    return secrets.token_urlsafe(24)


def find_session(request: Request) -> str | None:
    """The session that the request belongs to, or None when it has none of ours."""
    value = request.cookies.get(_name(request), "")
    return value if _FORM.fullmatch(value) else None


def keep_session(request: Request, response: Response, session: str) -> None:
    """Make the browser remember the session for another day."""
    response.set_cookie(
        _name(request),
        session,
        max_age=SESSION_LASTS,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_session(request: Request, response: Response) -> None:
    """Make the browser forget the session."""
    response.delete_cookie(_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="lax")


def is_large(request: Request) -> bool:
    """Whether large type was chosen."""
    return request.cookies.get(SIZE_COOKIE) == LARGE


def keep_size(request: Request, response: Response, *, large: bool) -> None:
    """Remember the choice of type size; the normal one needs no cookie."""
    if large:
        response.set_cookie(
            SIZE_COOKIE, LARGE, max_age=SIZE_LASTS, path="/", secure=_is_secure(request), httponly=True, samesite="lax"
        )
    else:
        response.delete_cookie(SIZE_COOKIE, path="/", secure=_is_secure(request), httponly=True, samesite="lax")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request) -> str:
    # browsers accept the prefix only on https, and then nobody but this host can set the cookie
    return "__Host-gonghui" if _is_secure(request) else "gonghui"
