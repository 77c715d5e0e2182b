"""A small HTTP server for emulated platforms: on this loop, over a real socket, and it can misbehave as networks do."""

import asyncio
import contextlib
import io
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from python_multipart.multipart import parse_form

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    """What came. form: fields of a form, the last one of each name; lists: all of them; files: what was uploaded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    form: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """What is said."""

    tree: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def wire(self) -> bytes:
        body = json.dumps(self.tree, ensure_ascii=False).encode() if self.body is None else self.body
        head = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
        lines = [
            f"HTTP/1.1 {self.status} Said",
            *(f"{name}: {value}" for name, value in {**head, **self.headers}.items()),
        ]
        return "\r\n".join((*lines, "", "")).encode() + body


class Drop(Exception):
    """The connection breaks instead of an answer."""


class Hang(Exception):
    """No answer ever comes."""


class Served:
    """A platform that can be called over HTTP while it is `listening`."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def listen(self, context: ssl.SSLContext | None = None) -> None:
        """Listen, at the same port as before; safe to repeat."""
        if self._server and self._server.is_serving():
            return
        self._server = await asyncio.start_server(self._serve, HOST, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    def leave(self) -> None:
        """Listen no more: the next call is refused by the machine."""
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            try:
                writer.write(self._answer(await _request(reader)).wire())
                await writer.drain()
            except Drop:
                writer.transport.abort()
            except Hang:
                await reader.read()  # until the caller has enough
        self._open.discard(writer)
        writer.close()


@asynccontextmanager
async def serving(answer: Callable[[Request], Response]) -> AsyncIterator[Served]:
    """A platform that listens."""
    served = Served(answer)
    await served.listen()
    try:
        yield served
    finally:
        served.leave()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
    if headers.get("expect") == "100-continue":
        raise Drop
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    lists, files = _fields(headers.get("content-type", ""), body)
    form = {name: values[-1] for name, values in lists.items()}
    return Request(method, parts.path, query, headers, body, form, lists, files)


def _fields(kind: str, body: bytes) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(), keep_blank_values=True), {}
    lists: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    if kind.startswith("multipart/form-data"):

        def on_field(field: Any) -> None:
            lists.setdefault(field.field_name.decode(), []).append((field.value or b"").decode())

        def on_file(file: Any) -> None:
            file.file_object.seek(0)
            files[file.field_name.decode()] = file.file_object.read()

        headers = {"Content-Type": kind.encode(), "Content-Length": str(len(body)).encode()}
        parse_form(headers, io.BytesIO(body), on_field, on_file)
    return lists, files
