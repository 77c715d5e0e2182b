"""Real server processes for tests and benchmarks: `python -m tests.serving` is one, `a_server` runs one."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
READY = "listening on port "


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def a_server(config: Path, environ: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A server process with that configuration, once it accepts requests. Its log goes to a file."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GONGHUI_")}
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving"],
            cwd=ROOT,
            env={**plain, **environ, "GONGHUI_CONFIG": str(config), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield Server(f"http://127.0.0.1:{_port_of(process, log)}", process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _port_of(process: subprocess.Popen[str], log: Path) -> int:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(READY):
            return int(line.removeprefix(READY))
    raise RuntimeError(f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def main() -> None:
    """Serve the configured program on a free port of this machine and say which."""
    import structlog
    import uvicorn

    from bot.app import build
    from bot.settings import load_configuration
    from bot.web import make_web

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and sockets:
                print(f"{READY}{sockets[0].getsockname()[1]}", flush=True)

    web = make_web(build(load_configuration()))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        Announced(uvicorn.Config(web, log_level="warning", access_log=False)).run([listening])


if __name__ == "__main__":
    main()
