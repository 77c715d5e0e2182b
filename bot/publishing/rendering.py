"""What goes to a channel: the parts of a rendering, its digest, and where the platform's own addresses may stand."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MEDIA = "media:"
"""In a rendering a picture is named `media:<sha256>`; only this may be replaced by the address a platform issues."""


class Severity(StrEnum):
    """What a finding means: an error stops the post, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a post. code chooses the words (`publishing.finding.<code>`), data fills them.

    where: the field, e.g. `title`, `variants.weibo`, `citations[2]`; line: in the body, counted from 1, 0 if unknown.
    channel: empty where it concerns all of them.
    """

    code: str
    severity: Severity = Severity.ERROR
    channel: str = ""
    where: str = ""
    line: int = 0
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """One post as one channel will get it. Frozen at approval: what is sent later has this digest or is not sent.

    parts: named texts in the channel's own terms (title, digest, author, body, text ...), with pictures as
    `media:<sha256>`. cover and media: sha256 of the pictures to upload. link: the page it leads to.
    """

    channel: str
    parts: Mapping[str, str]
    cover: str = ""
    media: tuple[str, ...] = ()
    link: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over everything, in hexadecimal: the same content has the same digest on every machine."""
        return hashlib.sha256(self.document().encode()).hexdigest()

    def document(self) -> str:
        """Everything as canonical JSON; `parse_rendering` reads it back."""
        everything = {
            "channel": self.channel,
            "cover": self.cover,
            "link": self.link,
            "media": list(self.media),
            "parts": dict(self.parts),
        }
        return json.dumps(everything, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse_rendering(document: str) -> Rendering:
    """The rendering of that JSON. Raises ValueError, KeyError for anything else."""
    read = json.loads(document)
    return Rendering(
        channel=read["channel"],
        parts=read["parts"],
        cover=read["cover"],
        media=tuple(read["media"]),
        link=read["link"],
    )
