"""One message to one chat, for what is sent unasked: it goes out once, or somebody learns that nobody knows."""

from telegram import Bot, LinkPreviewOptions
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.telegram.faults import ending_of
from bot.channels.telegram.keyboards import keyboard
from bot.channels.telegram.replies import Button, Outgoing
from bot.errors import OutcomeUnknown, RecipientGone, VendorError
from bot.publishing.outcomes import Unknown

SEND = "sendMessage"
_GONE = ("chat not found", "user is deactivated", "bot was kicked", "peer_id_invalid")


async def send_once(bot: Bot, chat: int | str, message: Outgoing) -> None:
    """Send it. Raises VendorError; RecipientGone where nobody takes it there, OutcomeUnknown where it may have gone."""
    try:
        await bot.send_message(
            chat,
            message.plain,
            reply_markup=keyboard(message.buttons),
            protect_content=message.private or None,
            link_preview_options=LinkPreviewOptions(is_disabled=True) if message.private else None,
        )
    except TelegramError as error:
        ending = ending_of(error, bot.token)
        gone = isinstance(error, BadRequest) and any(words in error.message.lower() for words in _GONE)
        # `from None`: the cause's text holds the address, and that holds the token.
        if isinstance(error, Forbidden) or gone:
            raise RecipientGone(ending.code, SEND) from None
        if isinstance(ending, Unknown):
            raise OutcomeUnknown(ending.code, SEND) from None
        raise VendorError(ending.code, SEND, permanent=ending.permanent) from None


def one_message(text: str, *buttons: Button, private: bool = False) -> Outgoing:
    """A message of plain words with a button in each row."""
    return Outgoing(text, text, tuple((button,) for button in buttons), private)
