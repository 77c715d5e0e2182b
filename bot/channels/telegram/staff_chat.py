"""Letters to the group of staff: case numbers and deadlines, as they go to every group."""

from telegram import Bot

from bot.channels.telegram.limits import TEXT, utf16
from bot.channels.telegram.sending import one_message, send_once
from bot.fitting import pieces
from bot.staff.letters import Letter


class StaffChat:
    """Posts letters to one group. Every failure is a VendorError."""

    def __init__(self, bot: Bot, chat: str) -> None:
        self._bot = bot
        self._chat: int | str = chat if chat.startswith("@") else int(chat)

    async def send(self, letter: Letter, *, to: str, key: str) -> None:
        """Post the letter once; what one message does not hold is left to the console. Raises VendorError."""
        text = "\n".join((letter.subject, *letter.lines))
        await send_once(self._bot, self._chat, one_message(pieces(text, TEXT, utf16)[0]))
