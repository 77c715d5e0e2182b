"""Calls to Weibo's API. Every failure is a VendorError; OutcomeUnknown where Weibo may have done it.

Tokens travel in forms and queries: no error and no log shows an address or a form.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx

from bot.errors import OutcomeUnknown, VendorError

# httpx logs each address at INFO, and some hold the token.
logging.getLogger("httpx").setLevel(logging.WARNING)

SECONDS = 40.0
"""For the whole of one call, with its picture."""

_TIMEOUT = httpx.Timeout(20, connect=5)
_LONGEST_ANSWER = 2 * 1024 * 1024
_LONGEST_DETAIL = 200
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_TOO_MANY, _GAVE_UP = 429, 408

Picture = tuple[str, bytes, str]
"""Name, bytes, media type."""


class WeiboRefusal(VendorError):
    """Weibo answered with one of its error codes."""

    def __init__(self, number: int, said: str) -> None:
        self.number, self.said = number, said
        super().__init__(str(number), said)


class WeiboApi:
    """Weibo's API at one address."""

    def __init__(self, *, client: httpx.AsyncClient, base: str, seconds: float = SECONDS) -> None:
        self._client = client
        self.base = base
        self._seconds = seconds

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """What a question is answered. Raises WeiboRefusal, VendorError."""
        return await self._call("GET", path, params=dict(query))

    async def post(self, path: str, form: Mapping[str, str], picture: Picture | None = None) -> dict[str, Any]:
        """What a form is answered. Raises WeiboRefusal, VendorError."""
        return await self._call("POST", path, data=dict(form), files={"pic": picture} if picture else None)

    async def _call(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._seconds):
                status, said = await self._asked(method, path, given)
        except _NOT_SENT as error:
            # `from None`: the cause's text holds the address, and that may hold the token.
            raise VendorError("unreachable", f"{path} {type(error).__name__}") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown("no_answer", f"{path} {type(error).__name__}") from None
        return _read(path, status, said)

    async def _asked(self, method: str, path: str, given: Mapping[str, Any]) -> tuple[int, bytes]:
        async with self._client.stream(
            method, f"{self.base}{path}", timeout=_TIMEOUT, follow_redirects=False, **given
        ) as response:
            said = bytearray()
            async for chunk in response.aiter_bytes():
                said += chunk
                if len(said) > _LONGEST_ANSWER:
                    raise OutcomeUnknown("bad_answer", path)
            return response.status_code, bytes(said)


def _read(path: str, status: int, said: bytes) -> dict[str, Any]:
    try:
        tree = json.loads(said)
    except ValueError:
        tree = None
    if isinstance(tree, dict):
        number = tree.get("error_code")
        if isinstance(number, int | str) and str(number).isdecimal():
            words = " ".join(str(tree.get("error_description") or tree.get("error") or "").split())
            raise WeiboRefusal(int(number), f"{path} {words}"[:_LONGEST_DETAIL])
        if status == httpx.codes.OK:
            return tree
    if status == httpx.codes.OK:
        raise OutcomeUnknown("bad_answer", path)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == _GAVE_UP:
        raise OutcomeUnknown(f"http_{status}", path)
    raise VendorError(f"http_{status}", path, permanent=status != _TOO_MANY)
