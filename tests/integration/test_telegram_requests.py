"""The connections to the Bot API: kept, renewed, and never used to send anything twice."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import uvloop
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram.requests import FormRequest
from tests.post import a_certificate

HOST = "127.0.0.1"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
SILENCE, HANG_UP = b"silence", b""


@dataclass
class Server:
    """Answers with what it was told, byte for byte."""

    port: int = 0
    answers: list[bytes] = field(default_factory=list)
    calls: list[bytes] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    open: set["asyncio.Task[None] | None"] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/bot1:A/sendMessage"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(asyncio.current_task())
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.calls.append(head + await reader.readexactly(length))
                self.asked.set()
                answer = self.answers.pop(0) if self.answers else FINE
                if answer == HANG_UP:
                    break
                if answer != SILENCE:
                    writer.write(answer)
                if b"\r\nconnection: close" in answer.lower() or answer.startswith(b"HTTP/1.0"):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_server(*answers: bytes, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answers=list(answers))
    listening = await asyncio.start_server(server.serve, HOST, 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        if server.open:
            await asyncio.wait({task for task in server.open if task}, timeout=2.0)


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one, calls go by the library's own client, which is not what is tested here."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@asynccontextmanager
async def a_request(seconds: float = 0.3, connections: int = 4) -> AsyncIterator[FormRequest]:
    made = FormRequest(connections=connections, read=seconds, seconds=seconds)
    async with made:
        yield made


async def post(request: FormRequest, url: str) -> tuple[int, bytes]:
    return await request.do_request(url, "POST", RequestData([RequestParameter("text", "工会 a+b&c=ü~", None)]))


async def kept_connections() -> None:
    async with a_server() as server, a_request() as request:
        for _ in range(3):
            assert await post(request, server.url) == (200, b"{}")
        assert (server.connections, len(server.calls)) == (1, 3)
        await asyncio.gather(*(post(request, server.url) for _ in range(12)))
        assert server.connections <= 4
        head, _, body = server.calls[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /bot1:A/sendMessage HTTP/1.1\r\n")
        assert parse_qs(body.decode("ascii")) == {"text": ["工会 a+b&c=ü~"]}


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_connections_are_kept_and_no_more_are_made_than_allowed(
    factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """On both loops: `serve` runs on uvloop where there is one."""
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(kept_connections())


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (HANG_UP, httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}", httpx.ReadError),
        (b"220 smtp ready\r\n\r\n", httpx.RemoteProtocolError),
        (SILENCE, httpx.ReadTimeout),
    ],
    ids=["hung_up", "cut_short", "not_http", "silence"],
)
async def test_what_may_have_arrived_is_not_sent_again(answer: bytes, cause: type[Exception]) -> None:
    async with a_server(FINE, answer) as server, a_request() as request:
        await post(request, server.url)
        with pytest.raises(TelegramError) as raised:
            await post(request, server.url)
        assert type(raised.value.__cause__) is cause
        assert len(server.calls) == 2
        assert await post(request, server.url) == (200, b"{}")
        assert server.connections == 2


async def test_what_surely_did_not_arrive_is_raised_as_such() -> None:
    """Senders try such a message again, and ask a person about every other."""
    async with a_server() as server, a_request() as request:
        with pytest.raises(NetworkError) as raised:
            await post(request, server.url.replace(str(server.port), "1"))
        assert type(raised.value.__cause__) is httpx.ConnectError
    async with a_server(SILENCE) as server, a_request(connections=1, seconds=0.05) as request:
        first = asyncio.create_task(request.do_request(server.url, "POST", read_timeout=60.0))
        await server.asked.wait()
        with pytest.raises(TimedOut) as late:
            await post(request, server.url)
        assert type(late.value.__cause__) is httpx.ConnectTimeout, "there was no connection to be had"
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await post(request, server.url) == (200, b"{}"), "a call that was given up holds no place"


async def test_the_certificate_has_to_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = a_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with a_server(context=context) as server:
        address = server.url.replace("http:", "https:")
        async with a_request() as strange:
            with pytest.raises(NetworkError) as raised:
                await post(strange, address)
        assert type(raised.value.__cause__) is httpx.ConnectError
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with a_request() as request:
            for _ in range(2):
                assert await post(request, address) == (200, b"{}")
    assert (server.connections, len(server.calls)) == (1, 2), "one that is not trusted hears nothing"


async def asked(url: str, seconds: float = 0.3, **timeouts: Any) -> Any:
    async with a_request(seconds) as request:
        return await request.post(url, **timeouts)


@pytest.mark.parametrize(
    ("answer", "error", "cause"),
    [
        (SILENCE, TimedOut, httpx.ReadTimeout),
        (HANG_UP, NetworkError, httpx.RemoteProtocolError),
        (
            b'HTTP/1.1 400 Bad\r\nContent-Length: 38\r\n\r\n{"ok":false,"description":"no such x"}',
            BadRequest,
            None,
        ),
    ],
    ids=["silence", "hung_up", "bad"],
)
async def test_faults_are_the_librarys_own_and_name_no_address(
    answer: bytes, error: type[Exception], cause: type[Exception] | None
) -> None:
    async with a_server(answer) as server:
        with pytest.raises(error) as raised:
            await asked(server.url)
    assert type(raised.value.__cause__) is (cause or type(None))
    assert "bot1:A" not in f"{raised.value!r}{raised.value.__cause__!r}"


async def test_a_call_may_have_its_own_patience() -> None:
    async with a_server(SILENCE) as server:
        with pytest.raises(TimedOut):
            await asyncio.wait_for(asked(server.url, 60.0, read_timeout=0.05), 5.0)


async def test_a_proxy_of_the_environment_is_not_gone_around(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_server(b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"ok":true,"result":7}') as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://{HOST}:{server.port}")
        assert await asked("http://telegram.invalid/bot1:A/getMe") == 7
        assert server.calls[0].startswith(b"POST http://telegram.invalid/bot1:A/getMe ")


async def test_what_people_say_is_not_carried_on_to_where_an_answer_points() -> None:
    elsewhere = b"HTTP/1.1 307 Moved\r\nLocation: /bot1:A/other\r\nContent-Length: 0\r\n\r\n"
    async with a_server(elsewhere) as server, a_request() as request:
        assert await post(request, server.url) == (307, b"")
        assert len(server.calls) == 1
