"""A program behind a real server on a free port of this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from bot.app import Program
from bot.web import make_web


@dataclass(frozen=True)
class Site:
    """A running site."""

    url: str
    program: Program


@contextmanager
def a_port() -> Iterator[tuple[socket.socket, str]]:
    """A socket bound to a free port, and its address: for programs that have to know theirs beforehand."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        yield listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def served(program: Program, listening: socket.socket | None = None) -> Iterator[Site]:
    """The program's pages, served by a thread until the end, on that socket or on a free port."""
    if listening is None:
        with a_port() as (opened, _), served(program, opened) as site:
            yield site
        return
    server = _Announced(uvicorn.Config(make_web(program), ws="none", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    assert server.is_up.wait(60), "the server did not start"
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", program)
    server.should_exit = True
    thread.join(20)


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()
