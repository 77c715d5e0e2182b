"""Wires publishing in a Telegram channel."""

from bot.app import Program
from bot.channels.telegram.publisher import TelegramPublisher, make_bot


def make_telegram_publisher(program: Program) -> TelegramPublisher | None:
    """The sender of the channel, to be closed at the end; None where it is off or the bot's token is not known."""
    telegram = program.configuration.settings.publishing.channels.telegram
    token = program.configuration.environment.get("GONGHUI_TELEGRAM_TOKEN")
    if not telegram.enabled or not telegram.chat or not token:
        return None
    return TelegramPublisher(bot=make_bot(token, telegram.api_base), chat=telegram.chat)
