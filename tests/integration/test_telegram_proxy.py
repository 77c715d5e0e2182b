"""The proxy on the way to Telegram: everything the bot calls goes through it, and nothing goes past it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.app import build
from bot.channels.telegram.parse import Address
from bot.channels.telegram.replies import Outgoing
from bot.settings import load_configuration
from bot.telegram_channel import make_telegram
from bot.telegram_publishing import make_telegram_publisher
from tests.emulators.served import HOST, serving
from tests.emulators.telegram_chat import TelegramChat
from tests.fakes import FakeClock
from tests.telegram import ENVIRON, a_telegram_configuration

NOWHERE = "http://telegram.invalid:8081"
"""Nobody but a proxy knows the way."""


@asynccontextmanager
async def a_socks_proxy(target: int) -> AsyncIterator[tuple[int, list[str]]]:
    """A proxy that speaks SOCKS5 and leads every call to one port here; its own port, and whom it was asked for."""
    asked: list[str] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while content := await reader.read(65536):
                writer.write(content)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, methods = await reader.readexactly(2)
        assert version == 5
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, command, _, kind = await reader.readexactly(4)
        assert (command, kind) == (1, 3), "a connection to a name, which is not looked up on this side"
        (length,) = await reader.readexactly(1)
        name = (await reader.readexactly(length)).decode()
        asked.append(f"{name}:{int.from_bytes(await reader.readexactly(2))}")
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        there, back = await asyncio.open_connection(HOST, target)
        await asyncio.gather(pass_on(reader, back), pass_on(there, writer))

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


async def talk_through(folder: Path, clock: FakeClock, proxy: str) -> None:
    """A call of each kind: a method, a message, the question for updates, a file."""
    program = build(a_telegram_configuration(folder, NOWHERE, proxy=proxy), clock=clock)
    channel = make_telegram(program)
    assert channel is not None
    try:
        assert (await channel.api.name()).name == "heze_union_bot"
        await channel.api.send(Address(7), Outgoing("您好", "您好"))
        assert await channel.api.updates(0, timedelta(0)) == []
        file = await channel.api.bot.get_file("p1")
        assert bytes(await file.download_as_bytearray()) == b"picture"
    finally:
        await channel.api.close()


@pytest.fixture
def chat() -> TelegramChat:
    return TelegramChat(files={"p1": b"picture"})


async def test_everything_goes_through_an_http_proxy(tmp_path: Path, clock: FakeClock, chat: TelegramChat) -> None:
    async with serving(chat.answer) as served:
        await talk_through(tmp_path, clock, served.base)
    assert chat.calls == ["getMe", "sendMessage", "getUpdates", "getFile"]


async def test_everything_goes_through_a_socks_proxy_that_looks_names_up(
    tmp_path: Path, clock: FakeClock, chat: TelegramChat
) -> None:
    async with serving(chat.answer) as served, a_socks_proxy(served.port) as (port, asked):
        await talk_through(tmp_path, clock, f"socks5://{HOST}:{port}")
    assert chat.calls == ["getMe", "sendMessage", "getUpdates", "getFile"]
    assert set(asked) == {"telegram.invalid:8081"}


async def test_posts_of_the_channel_take_the_same_way(tmp_path: Path, clock: FakeClock, chat: TelegramChat) -> None:
    async with serving(chat.answer) as served:
        configuration = a_telegram_configuration(tmp_path, NOWHERE, proxy=served.base)
        raw = yaml.safe_load(configuration.path.read_text(encoding="utf-8"))
        raw["publishing"]["channels"]["telegram"] |= {"enabled": True, "chat": "@heze_union"}
        configuration.path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
        publisher = make_telegram_publisher(build(load_configuration(configuration.path, ENVIRON), clock=clock))
        assert publisher is not None
        await publisher.health()
        await publisher.close()
    assert "getMe" in chat.calls
