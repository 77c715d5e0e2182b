"""Photos and documents that people sent to the bot: fetched from the Bot API, which hands out 20 MB at most."""

import asyncio
from collections.abc import Mapping

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.faults import ending_of
from bot.channels.telegram.parse import CHANNEL
from bot.channels.telegram.sending import one_message, send_once
from bot.errors import VendorError
from bot.publishing.outcomes import Refused

GET_FILE = "getFile"
SECONDS = 60.0
"""For the whole of one file."""

_TOO_BIG = "too big"


class TelegramMedia:
    """The files that Telegram keeps for the bot. Every failure is a VendorError."""

    channel = CHANNEL

    def __init__(self, bot: Bot, *, seconds: float = SECONDS) -> None:
        self._bot = bot
        self._seconds = seconds

    async def fetch(self, remote: Mapping[str, str], most: int) -> bytes:
        """The file that a message named, at most so many bytes. Raises VendorError."""
        try:
            async with asyncio.timeout(self._seconds):
                file = await self._bot.get_file(remote.get("media", ""))
                if file.file_size is None or file.file_size > most:
                    raise VendorError("too_large", GET_FILE, permanent=True)
                content = bytes(await file.download_as_bytearray())
        except TimeoutError:
            raise VendorError("too_slow", GET_FILE) from None
        except TelegramError as error:
            # `from None`: the cause's text holds the address, and that holds the token.
            raise self._fault(error) from None
        if len(content) > most:
            raise VendorError("too_large", GET_FILE, permanent=True)
        return content

    async def tell(self, remote: Mapping[str, str], text: str) -> None:
        """Say something to whoever sent the file. Raises VendorError."""
        await send_once(self._bot, int(remote.get("to") or 0), one_message(text))

    def _fault(self, error: TelegramError) -> VendorError:
        ending = ending_of(error, self._bot.token)
        if isinstance(error, BadRequest):
            code = "too_large" if _TOO_BIG in error.message.lower() else "http_404"
            return VendorError(code, GET_FILE, permanent=True)
        permanent = isinstance(ending, Refused) and ending.permanent
        return VendorError(ending.code, GET_FILE, permanent=permanent)
