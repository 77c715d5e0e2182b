"""Notices to workers who have written to the bot: that there is news, or what a cadre wrote where they chose that."""

from collections.abc import Sequence
from datetime import datetime

from telegram import Bot

from bot.channels.telegram.limits import TEXT, utf16
from bot.channels.telegram.replies import Button
from bot.channels.telegram.sending import one_message, send_once
from bot.complaints.worker.reaching import CONTENT, MESSAGE
from bot.fitting import split
from bot.wording import Wording

_TRACK = "track"
"""The action of the button that asks for the receipt."""


class TelegramNotices:
    """Sends notices."""

    def __init__(self, bot: Bot, wording: Wording) -> None:
        self._bot = bot
        self._wording = wording

    @property
    def grant(self) -> str:
        """The kind of grant that such a notice needs."""
        return MESSAGE

    @property
    def shows(self) -> str:
        """The kind that it needs to say what was written."""
        return CONTENT

    @property
    def once(self) -> bool:
        """Whether a grant is good for one notice only."""
        return False

    async def send(self, address: str, kind: str, *, key: str, now: datetime) -> None:
        """Say that there is news of this kind. Raises VendorError, RecipientGone, OutcomeUnknown."""
        words = f"notices.worker.{kind}" if self._wording.has(f"notices.worker.{kind}") else "notices.worker.news"
        await self._send(address, self._wording(words))

    async def send_content(self, address: str, texts: Sequence[str], *, key: str, now: datetime) -> None:
        """Send what was written; what one message does not hold stands in the case. Raises as `send` does."""
        around = utf16(self._wording("telegram.content", text=""))
        text = split("\n\n".join(texts), TEXT - around, utf16)[0]
        await self._send(address, self._wording("telegram.content", text=text), private=True)

    async def _send(self, address: str, text: str, *, private: bool = False) -> None:
        button = Button(self._wording("telegram.open"), data=_TRACK)
        await send_once(self._bot, int(address), one_message(text, button, private=private))
