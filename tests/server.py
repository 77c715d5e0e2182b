"""`python -m tests.server`: serves the configured program on a free port and says which."""

import socket
import sys

import structlog
import uvicorn

from bot.app import build
from bot.settings import load_configuration
from bot.web import make_web

READY = "listening on port "


class Announced(uvicorn.Server):
    """A server that tells its port once requests can come."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            sys.stdout.write(f"{READY}{sockets[0].getsockname()[1]}\n")
            sys.stdout.flush()


def main() -> None:
    """Serve until told to stop; the log goes to stderr."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    web = make_web(build(load_configuration()))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        Announced(uvicorn.Config(web, log_level="warning", access_log=False)).run([listening])


if __name__ == "__main__":
    main()
