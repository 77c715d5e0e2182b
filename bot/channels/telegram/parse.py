"""A Telegram update, as its JSON -> `Message`: pure.

An update that nobody waits on (posts of a channel, somebody joining a group, kinds that were invented since) gives no
message. In a group only what is addressed to the bot counts: by its name, as an answer to it, or by a command with its
name. Somebody in a group is another person than the same one in private: nothing said there shows here.

An edited text counts as said anew when it was changed within two minutes: a worker mends a question that was answered
wrongly. What is changed later, or was no text, changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.messages import Kind, Message
from bot.stored_updates import caption_key, message_key

CHANNEL = "telegram"
EDITED_WITHIN = timedelta(minutes=2)
SHORTENED = "k:"
"""Begins the data of a button whose action is too long to stand in it."""

COMMANDS = ("ask", "complain", "track", "stop", "help")
"""Registered with Telegram, in the order of its menu; `/start` is everybody's first button."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
_MENU = {"help": "ask", "ask": "ask", "complain": "complain", "track": "track", "stop": "stop"}
_WITH_WORDS = frozenset({"ask", "track"})
_DEEP_LINKS = frozenset({"track", "complain", "ask", "stop"})
_PRIVATE = "private"
_GROUPS = frozenset({"group", "supergroup"})
_BLOCKED = "kicked"
_MEDIA = {
    "photo": Kind.IMAGE,
    "document": Kind.UNSUPPORTED,
    "voice": Kind.VOICE,
    "audio": Kind.VOICE,
    "video": Kind.VIDEO,
    "video_note": Kind.VIDEO,
}
_SAID = frozenset(
    {"location", "venue", "sticker", "animation", "contact", "poll", "dice", "story", "game", "paid_media"}
)
"""What people send besides texts and files; anything else is Telegram's own report."""

_LONGEST_ID = 512


@dataclass(frozen=True, slots=True)
class BotName:
    """Who we are. name: without @; empty as long as Telegram has not told."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes. thread: the topic of a forum; reply_to: in a group, what is answered."""

    chat: int
    thread: int = 0
    reply_to: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an update holds. sender: whoever it is of; callback: the tap that waits to be taken note of.

    needs_name: it names somebody in a group, and whether that is us cannot be told before Telegram has told our name.
    """

    messages: tuple[Message, ...] = ()
    address: Address | None = None
    sender: str = ""
    callback: str = ""
    needs_name: bool = False


NOTHING = Parsed()


class BadUpdate(ValueError):
    """That is no update of Telegram's."""


def update_id(update: object) -> int:
    """The number of the update. Raises BadUpdate for what is none."""
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 62:
        raise BadUpdate
    return number


def parse_update(update: Mapping[str, Any], received_at: datetime, bot: BotName) -> Parsed:
    """What the update says to us; nothing for one that asks for nothing. Never raises for any JSON object."""
    try:
        return _parse(update, received_at, bot)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return NOTHING  # of a kind or shape that Telegram has not described


def _parse(update: Mapping[str, Any], received_at: datetime, bot: BotName) -> Parsed:
    key = message_key(update["update_id"])
    if message := update.get("message"):
        return _said(message, key, received_at, bot)
    if edited := update.get("edited_message"):
        return _edited(edited, key, received_at, bot)
    if tap := update.get("callback_query"):
        return _tapped(tap, key, received_at, bot)
    if member := update.get("my_chat_member"):
        return _member(member, key, received_at)
    return NOTHING


def _said(message: Mapping[str, Any], key: str, received_at: datetime, bot: BotName) -> Parsed:
    place = _place(message, bot)
    if place is None:
        return NOTHING
    sender, address, data = place
    said = Message(channel=CHANNEL, sender=sender, key=key, kind=Kind.TEXT, received_at=received_at, data=data)
    if "public" in data:
        text = _addressed(message, bot)
        if text is not None:
            return Parsed((_text(said, text, bot),), address, sender)
        return Parsed(sender=sender, needs_name=True) if not bot.name and "@" in str(message.get("text")) else NOTHING
    messages = [_text(said, message["text"], bot)] if isinstance(message.get("text"), str) else []
    if not messages and (media := _media(said, message)):
        messages.append(media)
        if isinstance(message.get("caption"), str) and message["caption"].strip():
            messages.append(_text(replace(said, key=caption_key(key)), message["caption"], bot))
    return Parsed(tuple(messages), address, sender) if messages else NOTHING


def _edited(message: Mapping[str, Any], key: str, received_at: datetime, bot: BotName) -> Parsed:
    late = timedelta(seconds=int(message["edit_date"]) - int(message["date"])) > EDITED_WITHIN
    if late or not isinstance(message.get("text"), str):
        return NOTHING
    parsed = _said(message, key, received_at, bot)
    again = tuple(replace(one, data={**one.data, "edited": "yes"}) for one in parsed.messages)
    return replace(parsed, messages=again)


def _tapped(tap: Mapping[str, Any], key: str, received_at: datetime, bot: BotName) -> Parsed:
    callback = str(tap["id"])
    message, data = tap.get("message"), tap.get("data")
    place = _place({**message, "from": tap["from"]}, bot) if isinstance(message, dict) else None
    if place is None or not isinstance(data, str):
        return Parsed(callback=callback)
    sender, address, more = place
    kind = Kind.MENU if data in _DEEP_LINKS else Kind.CHOICE
    said = Message(channel=CHANNEL, sender=sender, key=key, kind=kind, received_at=received_at, action=data, data=more)
    return Parsed((said,), address, sender, callback)


def _member(change: Mapping[str, Any], key: str, received_at: datetime) -> Parsed:
    """Whoever blocks the bot has left it, as whoever unfollows an account has."""
    if change["chat"]["type"] != _PRIVATE or change["new_chat_member"]["status"] != _BLOCKED:
        return NOTHING
    sender = str(int(change["from"]["id"]))
    left = Message(channel=CHANNEL, sender=sender, key=key, kind=Kind.UNFOLLOW, received_at=received_at)
    return Parsed((left,), sender=sender)


def _place(message: Mapping[str, Any], bot: BotName) -> tuple[str, Address, dict[str, str]] | None:
    """Who wrote it, where the answer goes, and what has to be known of the place; None for what nobody wrote to us."""
    who, chat = message.get("from"), message["chat"]
    if not isinstance(who, dict) or who.get("is_bot"):
        return None
    person, place = int(who["id"]), int(chat["id"])
    if chat["type"] == _PRIVATE:
        return str(person), Address(place), {}
    if chat["type"] not in _GROUPS:
        return None
    thread = int(message.get("message_thread_id") or 0) if message.get("is_topic_message") else 0
    here = f"https://t.me/{bot.name}?start=" if bot.name else ""
    data = {"public": "yes", "private_track": f"{here}track", "private_complain": f"{here}complain"}
    return f"{place}:{person}", Address(place, thread, int(message["message_id"])), data if here else {"public": "yes"}


def _addressed(message: Mapping[str, Any], bot: BotName) -> str | None:
    """What is said to the bot in a group, without its name; None for what is said to others."""
    text = message.get("text")
    if not isinstance(text, str):
        return None
    answered = message.get("reply_to_message") or {}
    is_answer = (answered.get("from") or {}).get("id") == bot.id
    command = _COMMAND.fullmatch(text.strip())
    if command is not None:
        return text if is_answer or _is_our_name(command[2], bot) else None
    if not bot.name:
        return text if is_answer else None
    name = re.compile(rf"(?<![A-Za-z0-9_])@{re.escape(bot.name)}(?![A-Za-z0-9_])", re.IGNORECASE)
    return name.sub(" ", text).strip() if is_answer or name.search(text) else None


def _is_our_name(name: str | None, bot: BotName) -> bool:
    return bool(name and bot.name) and str(name).lower() == bot.name.lower()


def _text(said: Message, text: str, bot: BotName) -> Message:
    command = _COMMAND.fullmatch(text.strip())
    if command is None or (command[2] and bot.name and not _is_our_name(command[2], bot)):
        return replace(said, text=text)
    name, words = command[1].lower(), (command[3] or "").strip()
    if name == "start":
        if words in _DEEP_LINKS:
            return replace(said, kind=Kind.MENU, action=words)
        return replace(said, kind=Kind.FOLLOW, action=words)
    if words and name in _WITH_WORDS:
        return replace(said, text=words)
    return replace(said, kind=Kind.MENU, action=_MENU.get(name, "ask"))


def _media(said: Message, message: Mapping[str, Any]) -> Message | None:
    """Where Telegram keeps a file: nothing is fetched unless a dialogue has asked for files."""
    name = next((name for name in _MEDIA if message.get(name)), "")
    if name:
        file = message[name][-1] if name == "photo" else message[name]  # the last one is the largest
        id = str(file["file_id"])
        is_picture = name == "document" and str(file.get("mime_type", "")).startswith("image/")
        where = {"media": id} if len(id) <= _LONGEST_ID else {}
        return replace(said, kind=Kind.IMAGE if is_picture else _MEDIA[name], data={**said.data, **where})
    if message.get("location") or message.get("venue"):
        return replace(said, kind=Kind.LOCATION)
    return replace(said, kind=Kind.UNSUPPORTED) if any(message.get(one) for one in _SAID) else None
