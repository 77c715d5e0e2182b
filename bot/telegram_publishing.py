"""Wires publishing in a Telegram channel. The library is loaded only where it is on."""

from typing import TYPE_CHECKING

from bot.app import Program

if TYPE_CHECKING:
    from bot.channels.telegram.publisher import TelegramPublisher


def make_telegram_publisher(program: Program) -> "TelegramPublisher | None":
    """The sender of the channel, to be closed at the end; None where it is off or the bot's token is not known."""
    settings = program.configuration.settings
    telegram = settings.publishing.channels.telegram
    token = program.configuration.environment.get("GONGHUI_TELEGRAM_TOKEN")
    if not telegram.enabled or not telegram.chat or not token:
        return None
    from bot.channels.telegram.publisher import TelegramPublisher, make_bot  # noqa: PLC0415 - takes half a second

    bot = make_bot(token, telegram.api_base, proxy=settings.telegram.proxy)
    return TelegramPublisher(bot=bot, chat=telegram.chat)
