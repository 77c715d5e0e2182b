"""Posts in a Telegram channel through python-telegram-bot: sent, changed when corrected, deleted when withdrawn.

Telegram can be asked neither whether a message went out nor not to take it twice: what it left open waits for a
person. To change or delete the same message twice does no harm, so that is tried once more.
"""

import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram.faults import ending_of
from bot.channels.telegram.markup import count
from bot.channels.telegram.render import AS_PHOTO, AS_TEXT, CAPTION, CHANNEL, PICTURE_BYTES
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel

# httpx logs each address at INFO, and the bot's secret stands in it.
logging.getLogger("httpx").setLevel(logging.WARNING)

PER_MINUTE = 20
"""Telegram takes about so many messages a minute in one chat."""

SECONDS = 20.0
"""So long Telegram may take to answer."""

_UNCHANGED = "not modified"
_GONE = "to delete not found"
_RIGHTS = ("can_post_messages", "can_edit_messages", "can_delete_messages")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message of ours is: what its delivery keeps as the platform's name for it."""

    chat: int
    message: int
    form: str

    def __str__(self) -> str:
        """As it is kept."""
        return f"{self.chat}:{self.message}:{self.form}"


def parse_place(text: str) -> Place | None:
    """The place that was kept; None for what is none."""
    chat, _, rest = text.partition(":")
    message, _, form = rest.partition(":")
    if not chat.removeprefix("-").isdecimal() or not message.isdecimal() or form not in (AS_PHOTO, AS_TEXT):
        return None
    return Place(int(chat), int(message), form)


def make_bot(token: str, api_base: str, *, seconds: float = SECONDS, proxy: str = "") -> Bot:
    """The library's bot at that API. It connects when it is first used."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's own switch: spans of time come as such
    request = HTTPXRequest(
        read_timeout=seconds, write_timeout=seconds, connect_timeout=min(seconds, 5.0), proxy=proxy or None
    )
    return Bot(token, base_url=f"{api_base}/bot", base_file_url=f"{api_base}/file/bot", request=request)


class TelegramPublisher:
    """Sends posts to one channel. chat: `@name` or number of the channel."""

    channel = CHANNEL
    abilities = frozenset({Ability.EDIT, Ability.WITHDRAW})
    attended = False
    per_minute = PER_MINUTE

    def __init__(self, *, bot: Bot, chat: str) -> None:
        self._bot = bot
        self._chat: str | int = chat if chat.startswith("@") else int(chat)

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Send, change or delete the message."""
        if parcel.kind in (Kind.PUBLISH, Kind.NOTICE):
            return await self._publish(parcel, memory)
        place = parse_place(parcel.earlier)
        if place is None:
            return Refused("earlier_unknown", permanent=True)
        if parcel.kind is Kind.WITHDRAW:
            return await self._twice(memory, lambda: self._delete(place))
        if place.form == AS_PHOTO and count(parcel.rendering.parts["text"]) > CAPTION:
            return Refused("caption_too_long", permanent=True)
        return await self._twice(memory, lambda: self._edit(place, parcel))

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Telegram cannot be asked: a person looks."""
        return Unknown("cannot_be_asked")

    async def health(self) -> ChannelHealth:
        """Whether Telegram knows the bot, and the bot may post, change and delete in the channel."""
        try:
            me = await _told(self._bot.get_me())
            member = await _told(self._bot.get_chat_member(self._chat, me.id))
        except InvalidToken:
            return ChannelHealth(state=HealthState.UNAUTHORISED, detail="401")
        except (Forbidden, BadRequest) as error:
            return ChannelHealth(state=HealthState.NOT_GRANTED, detail=ending_of(error, self._bot.token).detail)
        except TelegramError as error:
            return ChannelHealth(state=HealthState.UNREACHABLE, detail=ending_of(error, self._bot.token).code)
        if isinstance(member, ChatMemberOwner):
            return ChannelHealth(state=HealthState.READY)
        if not isinstance(member, ChatMemberAdministrator):
            return ChannelHealth(state=HealthState.NOT_GRANTED, detail="not_administrator")
        missing = [right for right in _RIGHTS if not getattr(member, right)]
        state = HealthState.NOT_GRANTED if missing else HealthState.READY
        return ChannelHealth(state=state, detail=" ".join(missing))

    async def close(self) -> None:
        """Give the connections back."""
        await self._bot.request.shutdown()

    async def _publish(self, parcel: Parcel, memory: Memory) -> Outcome:
        rendering = parcel.rendering
        html, form = rendering.parts["text"], rendering.parts["form"]
        picture = parcel.pictures.get(rendering.cover, b"")
        if form == AS_PHOTO and not picture:
            return Refused("picture_missing", permanent=True)
        if form == AS_PHOTO and len(picture) > PICTURE_BYTES:
            return Refused("picture_too_large", permanent=True)
        await memory.intend()
        try:
            if form == AS_PHOTO:
                call = self._bot.send_photo(
                    self._chat, picture, caption=html, parse_mode=ParseMode.HTML, filename="cover.jpg"
                )
            else:
                call = self._bot.send_message(
                    self._chat, html, parse_mode=ParseMode.HTML, link_preview_options=_page(rendering.link)
                )
            message = await _told(call)
        except TelegramError as error:
            return await self._ended(error, memory)
        return self._there(message, form)

    async def _twice(self, memory: Memory, act: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """What may be done twice without harm: tried once more where nobody knows what came of it."""
        await memory.intend()
        outcome = await act()
        if isinstance(outcome, Unknown):
            await memory.note(outcome.code, outcome.detail)
            outcome = await act()
        return outcome

    async def _edit(self, place: Place, parcel: Parcel) -> Outcome:
        rendering, chat, message = parcel.rendering, place.chat, place.message
        html, mode = rendering.parts["text"], ParseMode.HTML
        try:
            if place.form == AS_PHOTO:
                await _told(self._bot.edit_message_caption(chat, message, caption=html, parse_mode=mode))
            else:
                page = _page(rendering.link)
                await _told(
                    self._bot.edit_message_text(html, chat, message, parse_mode=mode, link_preview_options=page)
                )
        except BadRequest as error:
            if _UNCHANGED not in error.message.lower():
                return ending_of(error, self._bot.token)
        except TelegramError as error:
            return ending_of(error, self._bot.token)
        return Sent(str(place), self._address(place))

    async def _delete(self, place: Place) -> Outcome:
        try:
            await _told(self._bot.delete_message(place.chat, place.message))
        except BadRequest as error:
            if _GONE not in error.message.lower():
                return ending_of(error, self._bot.token)
        except TelegramError as error:
            return ending_of(error, self._bot.token)
        return Sent(str(place), self._address(place))

    async def _ended(self, error: TelegramError, memory: Memory) -> Outcome:
        ending = ending_of(error, self._bot.token)
        await memory.note(ending.code, ending.detail)
        return ending

    def _there(self, message: Message, form: str) -> Sent:
        place = Place(message.chat_id, message.message_id, form)
        return Sent(str(place), message.link or self._address(place))

    def _address(self, place: Place) -> str:
        """Where the message is read, as far as the channel's name tells."""
        if isinstance(self._chat, str):
            return f"https://t.me/{self._chat.removeprefix('@')}/{place.message}"
        return f"https://t.me/c/{str(place.chat).removeprefix('-100')}/{place.message}"


async def _told(call: Awaitable[_T]) -> _T:
    """What the call answers. Raises TelegramError, also for what the library cannot read and trips over."""
    try:
        return await call
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise TelegramError("unreadable answer") from error


def _page(link: str) -> LinkPreviewOptions:
    """The preview of the post's page above the text, with its cover large."""
    if not link:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=link, prefer_large_media=True, show_above_text=True)
