"""`mastodon_mock`, a server with Mastodon's API that others wrote, in a process of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

TOKEN = "alice-token-of-the-tests"
SECONDS = 40.0

CONFIG = f"""
[database]
path = ":memory:"

[seed]
accounts = [{{username = "alice", display_name = "Alice", access_token = "{TOKEN}"}}]
"""


class NoServer(Exception):
    """It does not start on this machine."""


@contextmanager
def mastodon_mock(folder: Path) -> Iterator[str]:
    """The address of a running server. Raises NoServer."""
    config = folder / "mock.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", str(config), "--host", "127.0.0.1"]
    log = folder / "mock.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--log-level", "warning"],
            cwd=folder,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdout=output,
            stderr=output,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _await(process, f"{base}/api/v2/instance", log)
        yield base
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + SECONDS
    with httpx.Client(trust_env=False, transport=httpx.HTTPTransport(retries=3), timeout=5) as client:
        while time.monotonic() < end:
            if process.poll() is not None:
                raise NoServer(f"mastodon_mock ended: {log.read_text(encoding='utf-8')[-500:]}")
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).is_success:
                    return
    raise NoServer(f"mastodon_mock did not answer within {SECONDS:g} seconds")
