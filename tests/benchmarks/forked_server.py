"""Servers that start at once: a process that has everything loaded and becomes another server at every line it reads.

`python -m tests.benchmarks.forked_server` reads lines of a port each and answers with the process that serves there,
with the configuration that the environment names. What it serves is what `gonghui serve` does, without the encoders
of the answers, which take seconds to load. Its own process never opens the database, so nothing of a server that was
killed lives on in the next one.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from bot.answers.keeper import RankerFactory
from bot.answers.materials import load_materials
from bot.app import build
from bot.commands.serve import _quick_loop, collect_seldom, listen, switch_often
from bot.ops.logging import configure_logging
from bot.settings import load_configuration
from bot.web import make_web
from tests.benchmarks.running import START_SECONDS, plain_environ
from tests.builders import ROOT


@dataclass
class Forks:
    """The process that makes servers. running: the server that has not been killed."""

    process: subprocess.Popen[str]
    log: Path
    running: int = 0

    def start(self, port: int) -> int:
        """A server at that port; its process, once it answers."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{port}\n")
        self.process.stdin.flush()
        self.running = int(self.process.stdout.readline() or 0)
        if not self.running or not _answers(port):
            raise SystemExit(f"the server did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
        return self.running

    def kill(self, pid: int) -> None:
        """End a server as a power cut does: it does nothing more, not even a clean-up."""
        assert self.process.stdout
        os.kill(pid, signal.SIGKILL)
        self.running = 0
        self.process.stdout.readline()  # said once it is gone


@contextlib.contextmanager
def forks(folder: Path, environ: Mapping[str, str]) -> Iterator[Forks]:
    """The process that makes servers, until it is needed no more."""
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.forked_server"],
            cwd=ROOT,
            env={**plain_environ(), **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        forked = Forks(process, folder / "server.log")
        try:
            yield forked
        finally:
            if forked.running:
                forked.kill(forked.running)
            process.communicate()


def _answers(port: int) -> bool:
    began = time.monotonic()
    while time.monotonic() - began < START_SECONDS:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as link:
            link.sendall(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            if link.recv(100).startswith(b"HTTP/1.1 "):
                return True
        time.sleep(0.02)
    return False


def main() -> None:
    """Fork a server for every line; tell its process, and when it is gone."""
    switch_often()
    materials = load_materials(ROOT / "content" / "lexicon")
    collect_seldom()
    with tempfile.TemporaryDirectory(prefix="gonghui-index-") as index:
        rankers = RankerFactory(materials=materials, folder=Path(index), fast=None, slow=None)
        for line in sys.stdin:
            child = os.fork()
            if not child:
                _serve(int(line), rankers)
                os._exit(0)
            _say(child)
            os.waitpid(child, 0)
            _say("gone")


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _serve(port: int, rankers: RankerFactory) -> None:
    configuration = load_configuration()
    configure_logging(configuration.settings.logging.level, configuration.settings.logging.format)
    listening = listen("127.0.0.1", port)
    web = make_web(build(configuration, rankers=rankers))
    config = uvicorn.Config(web, log_config=None, access_log=False, proxy_headers=False, ws="none", lifespan="on")
    with asyncio.Runner(loop_factory=_quick_loop()) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
