"""How the bot's calls travel: plain forms by aiohttp, everything else as the library does it.

aiohttp takes a third of what httpx takes for a call, and a call is half of what it costs to answer a question.
What goes wrong is raised as httpx raises it, as senders read from that whether anything can have arrived.
"""

from typing import Any
from urllib.request import getproxies

import aiohttp
import httpx
from telegram import error
from telegram.request import HTTPXRequest, RequestData

IDLE_SECONDS = 5.0
"""So long a connection waits for the next call: the other side must not be about to close it."""


class FormRequest(HTTPXRequest):
    """The library's request, but for forms that go straight to Telegram; proxies, files and downloads are its own.

    Raises what the library raises, with the same causes. Nothing is sent twice.
    """

    def __init__(self, *, connections: int, read: float, seconds: float, proxy: str = "") -> None:
        connect = min(seconds, 5.0)
        super().__init__(
            connection_pool_size=connections,
            read_timeout=read,
            write_timeout=seconds,
            connect_timeout=connect,
            pool_timeout=seconds,
            proxy=proxy or None,
        )
        self._connections = connections
        self._own = {"connect": connect, "read": read, "pool": seconds}
        # httpx looks for a proxy in the environment, too
        self._goes_straight = not (proxy or getproxies())
        self._session: aiohttp.ClientSession | None = None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *given: Any, **timeouts: Any
    ) -> tuple[int, bytes]:
        """See `BaseRequest.do_request`."""
        if not self._goes_straight or method != "POST" or given or (request_data and request_data.contains_files):
            return await super().do_request(url, method, request_data, *given, **timeouts)
        fields = request_data.json_parameters if request_data else {}
        try:
            calling = self._opened().post(
                url,
                data=fields,
                headers={"User-Agent": self.USER_AGENT},
                timeout=self._patience(timeouts),
                allow_redirects=False,  # what people say goes nowhere else
            )
            async with calling as answer:
                return answer.status, await answer.read()
        except TimeoutError as cause:  # aiohttp's are errors of a client, too
            raise error.TimedOut from _as_httpx(cause)
        except aiohttp.ClientError as cause:
            raise error.NetworkError(type(cause).__name__) from _as_httpx(cause)

    async def shutdown(self) -> None:
        """See `BaseRequest.shutdown`."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        await super().shutdown()

    def _opened(self) -> aiohttp.ClientSession:
        """The session, made on first use: it belongs to the loop that runs."""
        if self._session is None:
            room = aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=IDLE_SECONDS, ssl=httpx.create_ssl_context()
            )
            self._session = aiohttp.ClientSession(connector=room, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _patience(self, timeouts: dict[str, Any]) -> aiohttp.ClientTimeout:
        def seconds(name: str) -> float | None:
            asked = timeouts.get(f"{name}_timeout", self.DEFAULT_NONE)
            return self._own[name] if asked is self.DEFAULT_NONE else asked

        return aiohttp.ClientTimeout(
            total=None, connect=seconds("pool"), sock_connect=seconds("connect"), sock_read=seconds("read")
        )


def _as_httpx(cause: Exception) -> httpx.HTTPError:
    """The kind of fault that httpx would have raised."""
    name = type(cause).__name__
    match cause:
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout(name)
        case TimeoutError():
            return httpx.ReadTimeout(name)
        case aiohttp.ClientConnectorError() | aiohttp.InvalidURL():
            return httpx.ConnectError(name)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError(name)
        case _:
            return httpx.ReadError(name)
