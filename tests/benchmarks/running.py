"""What benchmarks share: a real server process, connections to it, databases, and figures."""

import argparse
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.builders import ROOT
from tests.postgres import postgres_database, postgres_server

START_SECONDS = 120
SQLITE, POSTGRES = "sqlite", "postgres"

_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 for a connection that broke."""

    status: int
    head: str = ""
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def cookies(self) -> str:
        """The cookies that were set, as a browser sends them back."""
        return "; ".join(re.findall(r"(?im)^set-cookie: ([^;\r\n]+)", self.head))


@dataclass
class Link:
    """One kept-alive connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass
class Connections:
    """Connections to a server on this machine, used again once they are free."""

    port: int
    free: list[Link] = field(default_factory=list)

    async def ask(self, request: bytes, *, anew: bool = False) -> Answer:
        """Send a request and read its answer."""
        reused = bool(self.free) and not anew
        try:
            link = self.free.pop() if reused else Link(*await asyncio.open_connection("127.0.0.1", self.port))
        except OSError:
            return Answer(0)
        try:
            link.writer.write(request)
            head = await link.reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH)), 0)
            body = await link.reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            link.writer.close()
            if reused and not getattr(error, "partial", b""):
                return await self.ask(request, anew=True)  # the server had closed the idle connection
            return Answer(0)
        self.free.append(link)
        return Answer(int(head[9:12]), head.decode("latin-1"), body)

    def close(self) -> None:
        for link in self.free:
            link.writer.close()
        self.free.clear()


def get(path: str, **headers: str) -> bytes:
    """A GET request, ready to be written to a connection."""
    return _request("GET", path, {}, b"", headers)


def post_form(path: str, fields: Iterable[tuple[str, str]], **headers: str) -> bytes:
    """A form as a browser sends one without files."""
    body = "&".join(f"{quote(name)}={quote(text)}" for name, text in fields).encode()
    return _request("POST", path, {"content-type": "application/x-www-form-urlencoded"}, body, headers)


def post_multipart(
    path: str, fields: Iterable[tuple[str, str]], files: Iterable[tuple[str, str, bytes]] = (), **headers: str
) -> bytes:
    """A form as a browser sends one that may bring files: (field, name, content)."""
    mark = "----gonghui7MA4YWxkTrZu0gW"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode() for name, text in fields
    ]
    for name, file_name, content in files:
        disposition = f'form-data; name="{name}"; filename="{file_name}"'
        head = f"--{mark}\r\nContent-Disposition: {disposition}\r\nContent-Type: application/octet-stream\r\n\r\n"
        parts.append(head.encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{mark}--\r\n".encode()
    return _request("POST", path, {"content-type": f"multipart/form-data; boundary={mark}"}, body, headers)


def _request(method: str, path: str, own: Mapping[str, str], body: bytes, headers: Mapping[str, str]) -> bytes:
    named = {"host": "127.0.0.1", "sec-fetch-site": "same-origin", **own}
    named |= {name.replace("_", "-"): text for name, text in headers.items() if text}
    if method == "POST":
        named["content-length"] = str(len(body))
    lines = "".join(f"{name}: {text}\r\n" for name, text in named.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(folder: Path, environ: Mapping[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`gonghui serve` in a process of its own; its log is added to `server.log`."""
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**plain_environ(), **environ},
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def plain_environ() -> dict[str, str]:
    """The environment without settings of an installation on this machine."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GONGHUI_")}


def wait_until_ready(port: int, process: subprocess.Popen[bytes], folder: Path, patience: float) -> bool:
    """Return when questions are answered; whether the index is complete, for which it waits as long as it may."""
    began, answering = time.monotonic(), False
    while time.monotonic() - began < (patience if answering else START_SECONDS):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as response:
                index = json.load(response)["checks"].get("index", {})
        except (OSError, KeyError, ValueError):
            index = {}
        answering = answering or bool(index.get("entries"))
        if index.get("complete"):
            return True
        time.sleep(0.2)
    if not answering:
        raise SystemExit(f"the server did not start:\n{(folder / 'server.log').read_text(errors='replace')[-3000:]}")
    return False


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident memory now, and the most there was."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
        now = int(shown.stdout) / 1024
        return now, now
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return sizes["VmRSS"], sizes["VmHWM"]


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def add_database(parser: argparse.ArgumentParser) -> None:
    """The option that says on which databases to run."""
    parser.add_argument("--database", choices=(SQLITE, POSTGRES, "both"), default="both", help="which to measure")


def databases(chosen: str) -> list[str]:
    """The names behind that option."""
    return [SQLITE, POSTGRES] if chosen == "both" else [chosen]


@contextmanager
def database(name: str) -> Iterator[dict[str, str]]:
    """An empty database of that kind, as the environment that names it. It writes through, as one in use does."""
    if name == SQLITE:
        yield {}
        return
    with postgres_server(durable=True) as server, postgres_database(server) as url:
        yield {"GONGHUI_DATABASE_URL": url}
