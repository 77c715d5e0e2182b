"""The Bot API as far as conversations need it, through python-telegram-bot; and what its errors mean for an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import BotCommand
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.bots import ConversingBot
from bot.channels.telegram.keyboards import keyboard
from bot.channels.telegram.outcomes import Gone, Later, NotTaken, SendOutcome, Sent
from bot.channels.telegram.parse import Address, BotName
from bot.channels.telegram.replies import Outgoing
from bot.channels.telegram.requests import FormRequest

SECONDS = 15.0
"""So long Telegram may take to answer."""

LONG_POLL = timedelta(seconds=25)
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""What Telegram is to hand us."""

MOST_CONNECTIONS = 40
_NO_PREVIEW = {"is_disabled": True}
_GONE = ("chat not found", "user is deactivated", "bot was kicked", "peer_id_invalid", "chat_write_forbidden")


@dataclass(frozen=True, slots=True)
class Where:
    """Where the API is, and by which proxy."""

    base: str
    proxy: str = ""


class TelegramApi:
    """What a conversation asks of Telegram. Connects when it is first used."""

    def __init__(self, token: str, where: Where, *, seconds: float = SECONDS) -> None:
        def request(connections: int, read: float) -> FormRequest:
            return FormRequest(connections=connections, read=read, seconds=seconds, proxy=where.proxy)

        self._requests = (request(1, seconds + LONG_POLL.total_seconds()), request(64, seconds))
        self.bot = ConversingBot(
            token,
            base_url=f"{where.base}/bot",
            base_file_url=f"{where.base}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )

    async def close(self) -> None:
        """Give the connections back."""
        for request in self._requests:
            await request.shutdown()

    async def name(self) -> BotName:
        """Who we are. Raises TelegramError."""
        me = await self.bot.get_me()
        return BotName(me.id, me.username or "")

    async def updates(self, offset: int, wait: timedelta) -> Sequence[Mapping[str, Any]]:
        """What has come since. Raises TelegramError."""
        return await self.bot.raw_updates(offset, wait, ALLOWED)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Let Telegram call that address. Raises TelegramError."""
        await self.bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED, max_connections=MOST_CONNECTIONS)

    async def drop_webhook(self) -> None:
        """Let Telegram call nobody; what waits is kept for us. Raises TelegramError."""
        await self.bot.delete_webhook(drop_pending_updates=False)

    async def set_commands(self, commands: Mapping[str, str]) -> None:
        """Show these in the menu. Raises TelegramError."""
        await self.bot.set_my_commands([BotCommand(name, said) for name, said in commands.items()])

    async def note_tap(self, callback: str) -> None:
        """Let the button stop turning. Raises TelegramError."""
        await self.bot.answer_callback_query(callback)

    async def send(self, to: Address, message: Outgoing) -> SendOutcome:
        """Send one message. Raises nothing that Telegram says."""
        try:
            await self._send(to, message, message.html, ParseMode.HTML)
        except BadRequest as error:
            if not _is_gone(error):
                return await self._send_plain(to, message)
            return Gone()
        except ChatMigrated as error:
            return Later(timedelta(0), chat=error.new_chat_id)
        except TelegramError as error:
            return outcome_of(error)
        return Sent()

    async def _send_plain(self, to: Address, message: Outgoing) -> SendOutcome:
        """Something in its marks or buttons was not to Telegram's liking: the words arrive in any case."""
        try:
            await self._send(
                Address(to.chat, to.thread),
                Outgoing(message.plain, message.plain, private=message.private),
                message.plain,
                None,
            )
        except TelegramError as error:
            return Gone() if _is_gone(error) else outcome_of(error)
        return Sent(plain=True)

    async def _send(self, to: Address, message: Outgoing, text: str, mode: ParseMode | None) -> None:
        answered = {"message_id": to.reply_to, "allow_sending_without_reply": True} if to.reply_to else None
        more = {
            "parse_mode": mode,
            "message_thread_id": to.thread or None,
            "reply_parameters": answered,
            "reply_markup": keyboard(message.buttons),
            "link_preview_options": _NO_PREVIEW,
            "protect_content": message.private or None,
        }
        await self.bot.say(to.chat, text, more)


def outcome_of(error: TelegramError) -> SendOutcome:
    """What became of a message, and when it may be tried again."""
    if isinstance(error, RetryAfter):
        rest = error.retry_after
        return Later(rest if isinstance(rest, timedelta) else timedelta(seconds=rest), halts=True)
    if isinstance(error, Forbidden):
        return Gone()
    if isinstance(error, BadRequest):
        return NotTaken("400")
    if isinstance(error, InvalidToken):
        return Later(timedelta(minutes=5), code="401", halts=True)
    return Later(None, code=type(error.__cause__ or error).__name__)  # a reply that came twice harms less than none


def _is_gone(error: TelegramError) -> bool:
    return isinstance(error, BadRequest) and any(words in error.message.lower() for words in _GONE)
