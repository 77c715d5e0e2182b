"""Pictures, recordings and films that people sent to the account: fetched from WeChat's own hosts, and nowhere else.

An address may come out of a message. So only hosts of a fixed list are asked, over TLS; a redirect is a refusal, not
an order; and what is longer or slower than it may be is cut off while it arrives.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from bot.channels.wechat.api import NOT_GRANTED, WeChatApi
from bot.channels.wechat.parse import CHANNEL
from bot.errors import VendorError

PICTURE_HOSTS = frozenset({"mmbiz.qpic.cn", "mmecoa.qpic.cn", "mmbiz.qlogo.cn"})
FILM_HOSTS = frozenset({"vweixinp.tc.qq.com", "vweixinf.tc.qq.com", "mpvideo.qpic.cn"})
MEDIA = "/cgi-bin/media/get"
CUSTOMER_MESSAGE = "/cgi-bin/message/custom/send"

SECONDS = 60.0
"""For the whole of one file."""

_TIMEOUT = httpx.Timeout(15, connect=5)
_LONGEST_ANSWER = 64 * 1024
_TEXT = ("application/json", "text/")


class WeChatMedia:
    """The files that WeChat keeps for one account. Every failure is a VendorError.

    Without `api` (no AppSecret) only pictures can be had, by the address in their message.
    """

    channel = CHANNEL

    def __init__(
        self, *, client: httpx.AsyncClient, base: str, api: WeChatApi | None, seconds: float = SECONDS
    ) -> None:
        self._client = client
        self._base = base
        self._api = api
        self._seconds = seconds

    async def fetch(self, remote: Mapping[str, str], most: int) -> bytes:
        """The file that a message named, at most so many bytes. Raises VendorError."""
        media, picture = remote.get("media", ""), remote.get("picture", "")
        try:
            async with asyncio.timeout(self._seconds):
                if self._api is None or not media:
                    return await self._fetch_address(picture, PICTURE_HOSTS, most)
                try:
                    return await self._fetch_media(self._api, media, most)
                except VendorError as error:
                    if error.code != NOT_GRANTED or not picture:
                        raise
                    return await self._fetch_address(picture, PICTURE_HOSTS, most)
        except TimeoutError:
            raise VendorError("too_slow", MEDIA) from None

    async def tell(self, remote: Mapping[str, str], text: str) -> None:
        """Say something to whoever sent the file, within the two days that WeChat allows. Raises VendorError."""
        if self._api is None or not remote.get("to"):
            raise VendorError("no_api", CUSTOMER_MESSAGE, permanent=True)
        message = {"touser": remote["to"], "msgtype": "text", "text": {"content": text}}
        await self._api.call(CUSTOMER_MESSAGE, message)

    async def _fetch_media(self, api: WeChatApi, media: str, most: int) -> bytes:
        fetched: list[bytes] = []

        async def get(token: str) -> dict[str, Any]:
            answer = await self._get(f"{self._base}{MEDIA}", most, {"access_token": token, "media_id": media})
            if isinstance(answer, bytes):
                fetched.append(answer)
                return {}
            return answer

        said = await api.renewing(MEDIA, get)
        if fetched:
            return fetched[-1]
        address = said.get("video_url")
        if not isinstance(address, str):
            raise VendorError("bad_answer", MEDIA)
        return await self._fetch_address(address, FILM_HOSTS, most)

    async def _fetch_address(self, address: str, hosts: frozenset[str], most: int) -> bytes:
        answer = await self._get(_checked(address, hosts), most)
        if not isinstance(answer, bytes):
            raise VendorError("bad_answer", "media")
        return answer

    async def _get(self, url: str, most: int, query: Mapping[str, str] | None = None) -> bytes | dict[str, Any]:
        """The file, or the JSON that stands in its place."""
        where = urlsplit(url).hostname or ""
        headers = {"accept-encoding": "identity"}  # nothing that is larger unpacked
        try:
            async with self._client.stream(
                "GET", url, params=query, headers=headers, timeout=_TIMEOUT, follow_redirects=False
            ) as response:
                _check_response(response, where)
                kind = response.headers.get("content-type", "").lower()
                is_text = kind.startswith(_TEXT)
                body = await _read(response, _LONGEST_ANSWER if is_text else most, where)
        except httpx.HTTPError as error:
            # `from None`: the cause's text holds the address, and that holds the token.
            raise VendorError("unreachable", f"{where} {type(error).__name__}") from None
        return _answer(body, where) if is_text else body


def _checked(address: str, hosts: frozenset[str]) -> str:
    """The address over TLS, if its host is one of WeChat's. Raises VendorError."""
    try:
        parts = urlsplit(address)
        plain = parts.scheme in ("http", "https") and not parts.username and parts.port in (None, 80, 443)
    except ValueError:
        plain, parts = False, urlsplit("")
    host = parts.hostname or ""
    if not plain or host not in hosts:
        raise VendorError("host", "media", permanent=True)
    return urlunsplit(("https", host, parts.path, parts.query, ""))


def _check_response(response: httpx.Response, where: str) -> None:
    status = response.status_code
    if response.is_redirect or 300 <= status < 400:  # noqa: PLR2004 - HTTP's own range
        raise VendorError("redirect", where, permanent=True)
    if status != httpx.codes.OK:
        raise VendorError(f"http_{status}", where, permanent=400 <= status < 500)  # noqa: PLR2004 - HTTP's own range
    if response.headers.get("content-encoding", "identity") != "identity":
        raise VendorError("encoding", where, permanent=True)


async def _read(response: httpx.Response, most: int, where: str) -> bytes:
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise VendorError("too_large", where, permanent=True)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most:
            raise VendorError("too_large", where, permanent=True)
    return bytes(body)


def _answer(body: bytes, where: str) -> dict[str, Any]:
    try:
        answer = json.loads(body, strict=False)
    except ValueError:
        raise VendorError("bad_answer", where) from None
    if not isinstance(answer, dict):
        raise VendorError("bad_answer", where)
    return answer
