"""Calls to WeChat's API.

The access token comes from the stable-token API, is kept in the database so that processes
share it, and is refreshed once when WeChat refuses it, never in a loop.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import structlog

from bot.clock import Clock
from bot.errors import OutcomeUnknown, VendorError

log = structlog.get_logger(__name__)

# httpx logs each address at INFO, and WeChat wants the access token in the address.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(10, connect=5)
UPLOAD_TIMEOUT = httpx.Timeout(60, connect=5)
SPARE = timedelta(minutes=1)
"""A token is used until so long before it expires; WeChat hands out none with less than five minutes."""

NOT_GRANTED = "48001"
"""The account may not use this API."""

_EXPIRED = 42001
_TOKEN_REFUSED = frozenset({40001, 40014, _EXPIRED})
_TRANSIENT = frozenset({-1, 45009, 45011, 45066})
"""Busy, or over a limit that time lifts."""

_GATEWAYS = frozenset({502, 504})
"""Somebody on the way gave up waiting for WeChat, which may have done what it was asked."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_RID = re.compile(r"rid:\s*([\w-]+)")
_LONGEST_DETAIL = 200


class TokenStore(Protocol):
    """Where the access token is kept, encrypted and shared by all processes."""

    async def find(self) -> str | None:
        """The token, or None when there is none or it has expired."""
        ...

    async def save(self, value: str, expires_at: datetime) -> None:
        """Keep the token until then."""
        ...


class ApiRefused(VendorError):
    """WeChat answered with an error code. answer: all that it said, which may name what was there already."""

    def __init__(self, code: str, detail: str = "", *, permanent: bool = False, answer: Mapping[str, Any]) -> None:
        self.answer = answer
        super().__init__(code, detail, permanent=permanent)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send to WeChat: its name there decides what WeChat takes it for."""

    name: str
    data: bytes
    media_type: str


class WeChatApi:
    """WeChat's API for one account. Every failure is a VendorError; OutcomeUnknown where WeChat may have done it."""

    def __init__(  # noqa: PLR0913 - the parts are named and handed in
        self, *, client: httpx.AsyncClient, base: str, app_id: str, secret: str, tokens: TokenStore, clock: Clock
    ) -> None:
        self._client = client
        self._base = base
        self._app_id = app_id
        self._secret = secret
        self._tokens = tokens
        self._clock = clock
        self._fetching = asyncio.Lock()

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu. Safe to repeat."""
        await self.call("/cgi-bin/menu/create", menu)

    async def call(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Post a payload and return WeChat's answer; a refused token is renewed once. Raises VendorError."""
        return await self.renewing(path, lambda token: self._post(path, payload, token))

    async def ask(self, path: str) -> dict[str, Any]:
        """What WeChat answers to a GET; a refused token is renewed once. Raises VendorError."""
        return await self.renewing(path, lambda token: self._send("GET", path, token))

    async def upload(self, path: str, file: Upload, kind: str = "") -> dict[str, Any]:
        """Send a file as `media`, of that `type` where the call wants one. Raises VendorError."""
        files = {"media": (file.name, file.data, file.media_type)}
        query = {"type": kind} if kind else {}

        def send(token: str) -> Awaitable[dict[str, Any]]:
            return self._send("POST", path, token, query=query, files=files, timeout=UPLOAD_TIMEOUT)

        return await self.renewing(path, send)

    async def renewing(self, path: str, call: Callable[[str], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """What a call with the access token answers; a refused token is renewed once. Raises VendorError."""
        token = await self._token()
        answer = await call(token)
        code = _code(answer)
        if code in _TOKEN_REFUSED:
            # 42001 is age, and the ordinary call gives a new token; otherwise only force does.
            token = await self._token(refused=token, force=code != _EXPIRED)
            answer = await call(token)
        _check(path, answer, hidden=(token, self._secret))
        return answer

    async def _token(self, refused: str = "", *, force: bool = False) -> str:
        """A token that is not the refused one. Callers that come together share one fetch."""
        async with self._fetching:
            kept = await self._tokens.find()
            if kept and kept != refused:
                return kept
            return await self._fetch_token(force=force)

    async def _fetch_token(self, *, force: bool) -> str:
        path = "/cgi-bin/stable_token"
        asked = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        try:
            answer = await self._post(path, {**asked, "force_refresh": force})
        except OutcomeUnknown as error:  # of a token nobody has to know: the next one is as good
            raise VendorError(error.code, path) from None
        _check(path, answer, hidden=(self._secret,))
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise VendorError("bad_answer", path)
        await self._tokens.save(token, self._clock.now() + timedelta(seconds=lasts) - SPARE)
        log.info("wechat.token_fetched", forced=force)
        return token

    async def _post(self, path: str, payload: Mapping[str, Any], token: str = "") -> dict[str, Any]:
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {"content-type": "application/json; charset=utf-8"}
        return await self._send("POST", path, token, content=body, headers=headers)

    async def _send(
        self, method: str, path: str, token: str, *, query: Mapping[str, str] | None = None, **request: Any
    ) -> dict[str, Any]:
        params = {**(query or {}), **({"access_token": token} if token else {})}
        try:
            response = await self._client.request(
                method, f"{self._base}{path}", params=params or None, **{"timeout": TIMEOUT, **request}
            )
            response.raise_for_status()
            answer = json.loads(response.content, strict=False)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status in _GATEWAYS:
                raise OutcomeUnknown(f"http_{status}", path) from None
            raise VendorError(f"http_{status}", path, permanent=400 <= status < 500) from None  # noqa: PLR2004 - HTTP's own ranges
        except _NOT_SENT as error:
            # `from None`: the cause's text holds the address, and that holds the token.
            raise VendorError("unreachable", f"{path} {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown("no_answer", f"{path} {type(error).__name__}") from None
        except ValueError:
            raise OutcomeUnknown("bad_answer", path) from None
        if not isinstance(answer, dict):
            raise OutcomeUnknown("bad_answer", path)
        return answer


def _code(answer: Mapping[str, Any]) -> int:
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else -1


def _check(path: str, answer: Mapping[str, Any], hidden: Sequence[str]) -> None:
    """Raise what WeChat refused, without anything that has to stay hidden, wherever it stands in what WeChat said."""
    code = _code(answer)
    if code == 0:
        return
    said = " ".join(str(answer.get("errmsg", "")).split())
    for secret in filter(None, hidden):
        said = said.replace(secret, "…")
    said = said[:_LONGEST_DETAIL]
    found = _RID.search(said)
    permanent = code not in _TRANSIENT
    log.warning("wechat.api_refused", path=path, code=code, rid=found[1] if found else "", permanent=permanent)
    raise ApiRefused(str(code), f"{path} {said}", permanent=permanent, answer=answer)
