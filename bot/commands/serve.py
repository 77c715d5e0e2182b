"""`gonghui serve`: the site, the callbacks of the channels and housekeeping in one process."""

import asyncio
import contextlib
import errno
import gc
import os
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app import Program
    from bot.settings import Configuration

GRACE_SECONDS = 15
"""How long requests at work may take after a stop: a little more than WeChat's last repeat waits."""

MOST_AT_ONCE = 1000
"""More connections than this at the same moment are turned away with 503, to keep those inside quick."""

COULD_NOT_START = 1
"""Unlike a faulty configuration (2) this may pass by itself: a database that starts more slowly than we do."""

_WHY = {
    errno.EADDRINUSE: "已有别的程序在用；请停掉它，或用 web.port、--port 换一个端口",
    errno.EACCES: "1024 以下的端口需要特权；请在前面放一个网站服务器，例如 Caddy",
    errno.EADDRNOTAVAIL: "本机没有这个地址；127.0.0.1 和 0.0.0.0 总是有的",
}


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on, instead of web.host")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port, instead of web.port")] = None,
) -> None:
    """Run the service until it is told to stop (Ctrl-C, SIGTERM)."""
    limit_threads()
    switch_often()
    from bot.ops.logging import configure_logging, log_what_nobody_caught
    from bot.settings import load_configuration

    configuration = load_configuration()
    web = configuration.settings.web
    listening = listen(host or web.host, port or web.port)
    configure_logging(configuration.settings.logging.level, configuration.settings.logging.format)
    log_what_nobody_caught()
    with listening, contextlib.suppress(KeyboardInterrupt):  # uvicorn has stopped in order by then
        with asyncio.Runner(loop_factory=_quick_loop()) as runner:
            started = runner.run(_serve(configuration, listening))
        if not started:
            raise typer.Exit(COULD_NOT_START)


def _quick_loop() -> "Callable[[], asyncio.AbstractEventLoop] | None":
    """The loop of uvloop where it runs: a message then costs a fifth less; else asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def limit_threads() -> None:
    """One thread per numeric operation: requests run beside one another, not each on all cores.

    Has to be called before numpy or an encoder is loaded.
    """
    for variable, value in {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }.items():
        os.environ.setdefault(variable, value)


def switch_often() -> None:
    """Let a waiting thread have the interpreter after half a millisecond instead of five.

    A message takes several short turns between the event loop and the database; beside a thread
    that ranks, each would wait for its share, and messages would queue up behind one another.
    """
    sys.setswitchinterval(0.0005)


def collect_seldom() -> None:
    """Keep the garbage collector from going again and again through what lives as long as the process.

    Word lists and models are hundreds of thousands of objects: a full collection would stop
    everybody for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to that address. Raises ConfigurationError that says what to do instead."""
    from bot.errors import ConfigurationError

    where = f"web.host, web.port: {address(host, port)}"
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise ConfigurationError([f"{where}: 没有这个主机"]) from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(target)
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise ConfigurationError([f"{where}: {_WHY.get(error.errno or 0, error.strerror)}"]) from None
    return bound


def address(host: str, port: int) -> str:
    """Host and port as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def open_in_browser(host: str, port: int, base_url: str | None) -> str:
    """The address to type on this machine, and the public one where there is one."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compares only
    local = f"http://{address(here, port)}"
    return f"{local} ({base_url})" if base_url else local


def told_of_bot(configuration: "Configuration") -> str:
    """What a token has switched on, said plainly: who set it to publish only may not know."""
    from bot.telegram_settings import is_answering

    settings = configuration.settings
    if not is_answering(settings, configuration.environment):
        return ""
    way = "webhook" if settings.telegram.webhook else "polling"
    return (
        f"\nThe Telegram bot answers whoever writes to it ({way}); telegram.enabled: false leaves it to publishing."
        "\nTelegram 机器人会回答给它发消息的人；令牌只用来发布的，请设 telegram.enabled: false"
    )


async def _serve(configuration: "Configuration", listening: socket.socket) -> bool:
    """Serve until told to stop; whether it could start at all."""
    import structlog
    import uvicorn

    from bot.errors import StoreUnavailable
    from bot.web import make_web

    try:
        web = make_web(_open_program(configuration))
    except StoreUnavailable as error:  # the database may only be starting yet: whoever looks after us tries again
        structlog.get_logger(__name__).critical("program.failed", reason=str(error))
        return False
    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `make_web` believes the trusted proxies, whoever runs it
        ws="none",
        lifespan="on",
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    host, port = listening.getsockname()[:2]
    where, bot = open_in_browser(host, port, configuration.settings.web.base_url), told_of_bot(configuration)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                collect_seldom()
                typer.echo(f"Gonghui is running. Open in a browser: {where}\n请在浏览器打开：{where}{bot}")

    server = Server(config)
    with contextlib.suppress(SystemExit):  # how uvicorn leaves a failed start; the log says why
        await server.serve(sockets=[listening])
    return server.started


def _open_program(configuration: "Configuration") -> "Program":
    from importlib.metadata import version

    from bot.app import build
    from bot.ops.metrics import PrometheusMetrics

    return build(configuration, metrics=PrometheusMetrics(version("gonghui")))
