"""Bulletins to subscribers on Telegram: one message each, with a button that stops them."""

from collections.abc import Sequence
from datetime import timedelta
from html import escape

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.telegram.markup import count
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import SENT, Bulletin, Ended, Ending, Told
from bot.subscriptions.subscribers import TELEGRAM

PER_SECOND = 28.0
"""Telegram takes about thirty a second from a bot; what is left is for answers."""

PER_CHAT = timedelta(seconds=1.1)
LONGEST = 4096
STOP = "subscribe:stop"
"""What the button sends: the action of the handler that stops."""

_REST_OFFLINE, _REST_UNAUTHORISED = timedelta(seconds=30), timedelta(minutes=5)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOBODY = ("chat not found", "user is deactivated", "peer_id_invalid", "user not found", "bot can't initiate")


class TelegramBulletins:
    """Sends bulletins. bot: closed by whoever made it."""

    channel = TELEGRAM
    rate = Rate(PER_SECOND, PER_CHAT)
    granted = False

    def __init__(self, bot: Bot, rate: Rate = rate) -> None:
        self._bot = bot
        self.rate = rate

    async def send(self, address: str, bulletin: Bulletin, *, key: str) -> Ending:
        """Send it once. Telegram can neither be asked what it has sent nor told not to send it twice."""
        if not address.removeprefix("-").isdecimal():
            return Ending(Ended.GONE, "bad_address")
        try:
            await self._bot.send_message(
                int(address),
                render_bulletin(bulletin),
                parse_mode=ParseMode.HTML,
                reply_markup=InlineKeyboardMarkup([buttons_of(bulletin)]),
                link_preview_options=LinkPreviewOptions(is_disabled=len(bulletin.items) > 1),
            )
        except TelegramError as error:
            return ending_of(error)
        except (LookupError, TypeError, ValueError, AttributeError):  # an answer that the library cannot read
            return Ending(Ended.UNKNOWN, "unreadable")
        return SENT


def buttons_of(bulletin: Bulletin) -> list[InlineKeyboardButton]:
    """What stops it with one tap, and the page of preferences where Telegram takes its address: only https."""
    buttons = [InlineKeyboardButton(bulletin.stop, callback_data=STOP)]
    if bulletin.manage.startswith("https://"):
        buttons.append(InlineKeyboardButton(bulletin.settings, url=bulletin.manage))
    return buttons


def render_bulletin(bulletin: Bulletin) -> str:
    """The bulletin as HTML of Telegram; posts that do not fit are left out, and then it says where they are."""
    for shown in range(len(bulletin.items), 0, -1):
        html = _text(bulletin, bulletin.items[:shown], cut=shown < len(bulletin.items))
        if count(html) <= LONGEST:
            return html
    return _text(bulletin, (), cut=True)


def ending_of(error: TelegramError) -> Ending:
    """How a call to one subscriber ended."""
    if isinstance(error, RetryAfter):
        rest = error.retry_after
        rest = rest if isinstance(rest, timedelta) else timedelta(seconds=rest)
        return Ending(Ended.PUT_OFF, "429", rest, halts=True)
    if isinstance(error, InvalidToken):
        return Ending(Ended.PUT_OFF, "401", _REST_UNAUTHORISED, halts=True)
    if isinstance(error, (Forbidden, ChatMigrated)):
        return Ending(Ended.GONE, "403")
    if isinstance(error, BadRequest):
        is_nobody = any(words in error.message.lower() for words in _NOBODY)
        return Ending(Ended.GONE if is_nobody else Ended.REFUSED, "400")
    if isinstance(error, NetworkError) and isinstance(error.__cause__, _NOT_SENT):
        return Ending(Ended.PUT_OFF, "unreachable", _REST_OFFLINE, halts=True)
    return Ending(Ended.UNKNOWN, "no_answer")


def _text(bulletin: Bulletin, items: Sequence[Told], *, cut: bool) -> str:
    paragraphs = [escape(bulletin.head, quote=False), *(_item(item) for item in items)]
    paragraphs += [escape(bulletin.more, quote=False)] if cut else []
    return "\n\n".join([*paragraphs, escape(bulletin.foot, quote=False)])


def _item(item: Told) -> str:
    title = f"<b>{escape(item.title, quote=False)}</b>"
    if item.page:
        title = f'<a href="{escape(item.page)}">{title}</a>'
    return "\n".join(part for part in (title, escape(item.digest, quote=False)) if part)
