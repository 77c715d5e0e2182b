"""`Reply` -> messages of Telegram with their buttons, each within its limit: pure.

Order: emergency notice, title and answer, legal basis, remarks, the hint, what to pick next. Choices, votes and pages
are buttons under the last message; choices keep their numbers, as a typed number picks them too. Nothing is cut: what
is too long goes on in a further message, from a sentence's end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit

from bot.channels.telegram.limits import TEXT, utf16
from bot.channels.telegram.parse import SHORTENED
from bot.fitting import pieces
from bot.messages import Choice, Link, Reply
from bot.wording import Wording

DATA_BYTES = 64
"""What a button carries."""

MOST_ON_BUTTON = 30
"""Characters of a choice that a phone shows on a button; a longer one stands in the text as well."""

_MORE = "…"
_EXPLAINED = "\uff08"
"""The bracket before the explanation of a choice, which its button leaves out where the text above has it."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_HINTS = {
    **{name: f"{name}.hint" for name in ("welcome", "menu", "answer", "suggest", "none", "other_law", "track")},
    "intake": "intake.hint.personal_data",
}
"""Hints that speak of numbers, by the name of what is said in their place."""

Shorten = Callable[[str], str]
"""A keyed name for an action, by which it is found again."""


@dataclass(frozen=True, slots=True)
class Button:
    """What can be tapped: either `data` comes back to us, or `url` opens."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: Telegram's HTML, the same without marks, and the rows of buttons below it.

    private: it may not be passed on or kept elsewhere by a tap.
    """

    html: str
    plain: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """What stands on the buttons that every answer has."""

    helpful: str
    useless: str
    instead: Mapping[str, str] = field(default_factory=dict)
    """What is said instead of a hint to type a number, where there are buttons to tap."""

    @classmethod
    def of(cls, wording: Wording, hotline: str) -> "ReplyWords":
        """As the wording has it."""
        instead = {
            wording(hint, hotline=hotline): wording(f"telegram.instead.{name}", hotline=hotline)
            for name, hint in _HINTS.items()
        }
        return cls(helpful=wording("telegram.helpful"), useless=wording("telegram.useless"), instead=instead)


def render_reply(reply: Reply, base_url: str, words: ReplyWords, shorten: Shorten) -> list[Outgoing]:
    """The reply as one message or more. Paths of the site become addresses under `base_url`, or are left out."""
    links = [_absolute(link, base_url) for link in reply.links if base_url or not link.url.startswith("/")]
    parts = [*_parts(reply, [link for link in links if not is_public(link.url)], words)]
    text, bold = "", []
    for said, is_bold, gap in parts:
        before = gap if text else ""
        start = len(text) + len(before)
        text += f"{before}{said}"
        bold += [(start, start + len(said))] if is_bold else []
    messages, at = [], 0
    for piece in pieces(text, TEXT, utf16):
        if piece.strip():
            messages.append(Outgoing(_marked(piece, at, bold), piece.strip(), private=reply.private))
        at += len(piece)
    buttons = tuple(_buttons(reply, [link for link in links if is_public(link.url)], words, shorten))
    if not messages:
        return []
    last = messages[-1]
    return [*messages[:-1], Outgoing(last.html, last.plain, buttons, last.private)]


def is_public(url: str) -> bool:
    """Whether Telegram lets a button open it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and "." in host and host not in _HERE


def _parts(reply: Reply, links: Sequence[Link], words: ReplyWords) -> Iterator[tuple[str, bool, str]]:
    """Each part, whether it is bold, and what stands before it."""
    yield from ((said, True, "\n\n") for said in (reply.notice, reply.title) if said)
    below_title = "\n" if reply.title else "\n\n"
    yield from ((said, False, below_title) for said in (reply.text,) if said)
    yield from ((said, False, "\n\n") for said in (reply.basis, reply.note) if said)
    yield from ((f"{link.label}：{link.url}", False, "\n\n") for link in links)
    numbered = enumerate(reply.choices, 1)
    listed = [f"{number}. {choice.label}" for number, choice in numbered] if _is_long(reply) else []
    offered = "\n".join(line for line in (reply.prompt, *listed) if line)
    lines = reply.hint.split("\n")
    hint = "\n".join(words.instead.get(line, line) for line in lines) if reply.choices or reply.topic else reply.hint
    # what introduces buttons stands right above them
    last = (offered, hint) if listed or not reply.choices else (hint, offered)
    yield from ((said, False, "\n\n") for said in last if said)


def _is_long(reply: Reply) -> bool:
    """Whether a choice is longer than a button shows: then all stand in the text."""
    return any(len(choice.label) > MOST_ON_BUTTON for choice in reply.choices)


def _marked(piece: str, at: int, bold: Sequence[tuple[int, int]]) -> str:
    """The piece, which begins at that place of the whole, as HTML: marks never cross its edges."""
    lead = len(piece) - len(piece.lstrip())
    body, at = piece.strip(), at + lead
    html, done = "", 0
    for start, end in bold:
        begin, stop = max(start - at, done), min(end - at, len(body))
        if begin >= stop:
            continue
        html += f"{escape(body[done:begin], quote=False)}<b>{escape(body[begin:stop], quote=False)}</b>"
        done = stop
    return html + escape(body[done:], quote=False)


def _buttons(reply: Reply, links: Sequence[Link], words: ReplyWords, shorten: Shorten) -> Iterator[tuple[Button, ...]]:
    long = _is_long(reply)
    for number, choice in enumerate(reply.choices, 1):
        label = choice.label.partition(_EXPLAINED)[0] or choice.label if long else choice.label
        yield (Button(_fitted(f"{number}. {label}"), data=data_of(choice, shorten)),)
    for link in links:
        yield (Button(_fitted(link.label), url=link.url),)
    if reply.topic:
        up, down = (Choice("", f"vote:{way}:{reply.topic}") for way in ("up", "down"))
        yield (
            Button(words.helpful, data=data_of(up, shorten)),
            Button(words.useless, data=data_of(down, shorten)),
        )


def data_of(choice: Choice, shorten: Shorten) -> str:
    """The action as a button carries it: itself, or its keyed name."""
    fits = len(choice.action.encode()) <= DATA_BYTES and not choice.action.startswith(SHORTENED)
    return choice.action if fits else f"{SHORTENED}{shorten(choice.action)}"


def _fitted(label: str) -> str:
    room = MOST_ON_BUTTON + 4  # the number stands before it
    return label if len(label) <= room else f"{label[: room - 1]}{_MORE}"


def _absolute(link: Link, base_url: str) -> Link:
    return Link(link.label, f"{base_url}{link.url}") if link.url.startswith("/") else link
