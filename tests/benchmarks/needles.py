"""Finding planted texts in bytes, however they may have been written there. Pure but for reading files."""

import base64
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from bot.complaints.receipts import Receipt, new_receipt

SHORTEST = 8
"""Bytes of a form: a shorter one would be found by chance."""

_CHARACTERS = "麤龘靐齉爩鱻灪籱纞虋讟钃鸜麷鞻韽韊顟驫骉饕饔鬻鬯鼷鼹齾齺龖龗"
"""Characters that nothing of ours is written with."""


@dataclass(frozen=True)
class Needle:
    """A text that must not be found. stage: where it was planted."""

    stage: str
    text: str

    @cached_property
    def forms(self) -> tuple[bytes, ...]:
        """Everything that it would look like."""
        spelled = [self.text]
        if self.text.isdecimal():  # receipts and phone numbers, as they are grouped
            spelled += [mark.join(group) for group in _groups(self.text) for mark in (" ", "-")]
        return tuple(dict.fromkeys(form for text in spelled for form in forms_of(text) if len(form) >= SHORTEST))


def _groups(digits: str) -> list[list[str]]:
    by_four = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return [by_four, [digits[:3], digits[3:7], digits[7:]]]


def forms_of(text: str) -> Iterator[bytes]:
    """A text in UTF-8, UTF-16, GB 18030, hex, base64, URL-encoded, and as JSON and Python escape it."""
    raw = text.encode()
    yield raw
    for encoding in ("utf-16-le", "utf-16-be", "gb18030"):
        yield text.encode(encoding)
    for coded in (raw, text.encode("utf-16-le")):
        yield coded.hex().encode()
        yield coded.hex().upper().encode()
        for fragment in _base64_fragments(coded):
            yield fragment
            yield fragment.replace(b"+", b"-").replace(b"/", b"_")
    escaped = quote(text, safe="").encode()
    yield escaped
    yield escaped.lower()
    yield quote(escaped, safe="").encode()
    yield text.encode("ascii", "backslashreplace")
    yield "".join(f"\\x{byte:02x}" for byte in raw).encode()


def _base64_fragments(raw: bytes) -> Iterator[bytes]:
    """What is the same of the base64 of anything that holds these bytes, at each of the three places they may have."""
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw)
        yield encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


@dataclass
class Haystack:
    """Needles that have been planted, all of words with a mark of this run in common."""

    chance: random.Random
    needles: list[Needle] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mark = "".join(self.chance.sample(_CHARACTERS, 4))

    def word(self, stage: str) -> str:
        """A new word of eight characters."""
        return self.known(stage, self.mark + "".join(self.chance.choices(_CHARACTERS, k=4)))

    def name(self, stage: str) -> str:
        """A new name of as many characters as a name may have."""
        return self.known(stage, "王" + self.mark + self.chance.choice(_CHARACTERS))

    def phone(self, stage: str) -> str:
        """A new number of a mobile telephone."""
        return self.known(stage, f"1{self.chance.choice('3578')}{self.chance.randrange(10**9):09}")

    def code(self, stage: str, length: int = 28) -> str:
        """A new name of letters and digits, such as WeChat gives people."""
        letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        return self.known(stage, "o" + "".join(self.chance.choices(letters, k=length - 1)))

    def receipt(self, stage: str) -> str:
        """A receipt that opens nothing."""
        made: Receipt = new_receipt(self.chance.randrange)
        return self.known(stage, made.reveal())

    def known(self, stage: str, text: str) -> str:
        """Let this be looked for as well."""
        self.needles.append(Needle(stage, text))
        return text

    def found_in(self, content: bytes) -> list[Needle]:
        """The needles in these bytes."""
        marked = any(form in content for form in forms_of(self.mark))
        return [
            needle
            for needle in self.needles
            if (marked or self.mark not in needle.text) and any(form in content for form in needle.forms)
        ]


@dataclass(frozen=True)
class Hit:
    """A needle that was found, and where."""

    place: str
    stage: str


def search(haystack: Haystack, contents: Iterable[tuple[str, bytes]]) -> tuple[list[Hit], int]:
    """What was found, and how many bytes were looked at."""
    hits: list[Hit] = []
    looked_at = 0
    for place, content in contents:
        looked_at += len(content)
        hits += [Hit(place, needle.stage) for needle in haystack.found_in(content)]
        hits += [Hit(f"name of {place}", needle.stage) for needle in haystack.found_in(place.encode())]
    return hits, looked_at


def files_under(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in these folders with what is in it, hidden ones too."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(folder.parent)), path.read_bytes()
