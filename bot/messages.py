"""The channel-neutral vocabulary: what a person says to Gonghui and what Gonghui says back.

Channels translate vendor payloads into `Message` and a `Reply` into vendor payloads; handlers
see nothing else. All values are immutable and `Reply` survives a trip through JSON, because a
prepared reply waits in the database for WeChat's retry.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of thing arrived."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    FOLLOW = "follow"  # 关注
    UNFOLLOW = "unfollow"  # 取消关注
    SCAN = "scan"  # 扫带参数二维码
    MENU = "menu"  # 点自定义菜单
    CHOICE = "choice"  # 点回复里的选项
    NOTICE = "notice"  # a platform's own event that no person has to be answered for
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Message:
    """One inbound message.

    `key` identifies the message within its channel: the vendor's repeats of one message carry
    the same key. `sender` is the vendor's name for the person; it leaves this value only as a
    keyed hash. `action` is the menu key, the QR scene or the chosen `Choice.action`. `source` is the
    address from which it came, on channels where anybody can be somebody new with every message.
    """

    channel: str
    sender: str
    key: str
    kind: Kind
    received_at: datetime
    text: str = ""
    action: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    source: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the person may pick: by number, tap or click, whatever the channel has."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open. `url` is absolute, or a path on the site when no public address is set."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What Gonghui says, before any channel has shaped it.

    notice: goes first and is never shortened (emergency numbers).
    title, text: the answer itself; `text` may be shortened to fit when `links` lead to the rest.
    basis: the legal basis in one line.
    note: general remarks after the answer.
    private: shows what a receipt has opened; where replies stay in sight, this one does so for a while only.
    choices: what may be picked next; `prompt` introduces them, and `hint` closes the message.
    """

    text: str
    notice: str = ""
    title: str = ""
    basis: str = ""
    note: str = ""
    links: tuple[Link, ...] = ()
    prompt: str = ""
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    question_id: str = ""
    topic: str = ""
    private: bool = False

    def to_json(self) -> str:
        """This reply as JSON text; `from_json` gives an equal reply back."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Reply":
        """The reply that `to_json` wrote. Raises ValueError for anything else."""
        fields: dict[str, Any] = json.loads(text)
        links = tuple(Link(**link) for link in fields.pop("links"))
        choices = tuple(Choice(**choice) for choice in fields.pop("choices"))
        return cls(**fields, links=links, choices=choices)
