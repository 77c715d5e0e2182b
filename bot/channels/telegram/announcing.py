"""Telling Telegram about us: the commands of the menu, and with a webhook its address. And asking who we are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.answering import Answering
from bot.channels.telegram.parse import BotName
from bot.clock import Clock

log = structlog.get_logger(__name__)

_PAUSES = (2.0, 10.0, 60.0, 300.0)


class Registry(Protocol):
    """What is told to Telegram. All of it raises TelegramError, and is safe to repeat."""

    async def name(self) -> BotName:
        """Who we are."""
        ...

    async def set_commands(self, commands: Mapping[str, str]) -> None:
        """Show these in the menu."""
        ...

    async def set_webhook(self, url: str, secret: str) -> None:
        """Let Telegram call that address."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What is told. url: empty where updates are asked for."""

    commands: Mapping[str, str]
    url: str = ""
    secret: str = ""


async def announce(registry: Registry, answering: Answering, told: Announcement, clock: Clock) -> None:
    """Go on until everything is told; what Telegram did not take is told again later. Raises nothing."""

    async def ask_name() -> None:
        answering.name = replace(answering.name, name=(await registry.name()).name)

    async def tell_commands() -> None:
        await registry.set_commands(told.commands)

    async def tell_webhook() -> None:
        if told.url:
            await registry.set_webhook(told.url, told.secret)

    left: list[Callable[[], Awaitable[None]]] = [ask_name, tell_webhook, tell_commands]
    failed = 0
    while left:
        try:
            await left[0]()
            left.pop(0)
            failed = 0
        except TelegramError as error:
            cause = type(error.__cause__ or error).__name__
            wrong = (
                {"hint": "compare GONGHUI_TELEGRAM_TOKEN with @BotFather"} if isinstance(error, InvalidToken) else {}
            )
            log.warning("telegram.not_announced", cause=cause, **wrong)
            await clock.sleep(_PAUSES[min(failed, len(_PAUSES) - 1)])
            failed += 1
    log.info("telegram.ready", webhook=bool(told.url), named=bool(answering.name.name))
