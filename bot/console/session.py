"""The cookie of a signed-in browser. It holds a random token; everything about the session stands in the database."""

import re

from starlette.requests import Request
from starlette.responses import Response

_NAME = "gonghui-console"
_FORM = re.compile(r"[A-Za-z0-9_\-]{20,128}")


def find_token(request: Request) -> str | None:
    """The token that the browser shows, or None where there is none of our form."""
    value = request.cookies.get(_name(request), "")
    return value if _FORM.fullmatch(value) else None


def keep_token(request: Request, response: Response, token: str) -> None:
    """Make the browser show the token until it is closed; how long it is good for, the database says."""
    response.set_cookie(_name(request), token, path="/", secure=_is_secure(request), httponly=True, samesite="strict")


def drop_token(request: Request, response: Response) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="strict")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request) -> str:
    # browsers take the prefix only on https, and then no other host of the domain can set the cookie
    return f"__Host-{_NAME}" if _is_secure(request) else _NAME
