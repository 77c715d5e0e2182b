"""What a platform has handed us and has been told that we took: kept until it is answered."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.messages import Reply

_KEY = "update:"
_CAPTION = ":caption"


def message_key(id: int) -> str:
    """The key of the message that an update is."""
    return f"{_KEY}{id}"


def caption_key(key: str) -> str:
    """The key of the second message of an update: what is written below a picture."""
    return f"{key}{_CAPTION}"


def message_keys(id: int) -> tuple[str, str]:
    """The keys of all messages that an update may hold."""
    key = message_key(id)
    return key, caption_key(key)


def update_of(key: str) -> int | None:
    """The update that a message with that key came in; None for what came otherwise."""
    number = key.removeprefix(_KEY).partition(":")[0]
    return int(number) if key.startswith(_KEY) and number.isascii() and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """One update of a bot as it is kept.

    replies: what was answered so far, one for each message in it (None says nothing); they are kept in the
    transaction that has the effects. sent: how many pieces of them have gone out. attempts: how often somebody took it;
    faults: how often it made us stumble.
    """

    id: int
    received_at: datetime
    body: bytes = field(repr=False)
    replies: tuple[Reply | None, ...] = field(default=(), repr=False)
    sent: int = 0
    attempts: int = 0
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update that has just come. person: the keyed hash of whoever sent it, empty where nobody did."""

    id: int
    person: str
    body: bytes = field(repr=False)
