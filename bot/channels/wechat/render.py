"""`Reply` -> a WeChat text within its limit, and the XML of a passive reply: pure.

Order: emergency notice, title and answer, legal basis, remarks, the page to open, what to pick
next. The notice, the legal basis and the page are never cut: too long an answer ends at a
sentence and the page has the rest; when that is not enough, what may be picked next gives way.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.channels.wechat.document import cdata, legal
from bot.fitting import CLOSERS, SENTENCE_ENDS, split, utf8_bytes
from bot.messages import Link, Reply

TEXT_BYTES = 2048
"""What WeChat carries in one text; more fails without a word."""

CUT_MARK = "……"
"""Follows an answer that had to be cut inside a sentence."""

SHORTEST = 600
"""Bytes (200 characters) of an answer that are kept before other parts give way."""


def render_text(reply: Reply, base_url: str, limit: int = TEXT_BYTES) -> str:
    """The reply as one text of at most `limit` bytes of UTF-8.

    Paths of the site become addresses under `base_url`; without it such links are left out.
    """
    links = tuple(_absolute(link, base_url) for link in reply.links if base_url or not link.url.startswith("/"))
    reply = replace(reply, links=links, text=legal(reply.text))
    # Without a page to lead to, a cut answer cannot be read anywhere: everything else goes first.
    least = SHORTEST if links else utf8_bytes(reply.text)
    candidate = reply
    for candidate in _ever_shorter(reply):
        room = _room_for_text(candidate, limit)
        if room >= min(least, utf8_bytes(candidate.text)):
            return _assemble(_with_text_within(candidate, room))
    room = _room_for_text(candidate, limit)
    if room > utf8_bytes(CUT_MARK):
        return _assemble(_with_text_within(candidate, room))
    return split(_assemble(candidate), limit)[0].rstrip()


def render_reply(text: str, *, to: str, sender: str, now: datetime) -> str:
    """The XML of a passive text reply; no text can break out of its element."""
    return (
        "<xml>"
        f"<ToUserName>{cdata(to)}</ToUserName>"
        f"<FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime>"
        f"<MsgType>{cdata('text')}</MsgType>"
        f"<Content>{cdata(text)}</Content>"
        "</xml>"
    )


def _absolute(link: Link, base_url: str) -> Link:
    return replace(link, url=f"{base_url}{link.url}") if link.url.startswith("/") else link


def _ever_shorter(reply: Reply) -> Iterator[Reply]:
    """The reply, then with ever fewer choices, then without remarks. Numbers keep their meaning."""
    yield reply
    for left in range(len(reply.choices) - 1, 0, -1):
        yield replace(reply, choices=reply.choices[:left])
    reply = replace(reply, choices=(), prompt="", hint="")
    yield reply
    yield replace(reply, note="")


def _room_for_text(reply: Reply, limit: int) -> int:
    placeholder = "x"
    return limit - utf8_bytes(_assemble(replace(reply, text=placeholder))) + len(placeholder)


def _with_text_within(reply: Reply, room: int) -> Reply:
    if utf8_bytes(reply.text) <= room:
        return reply
    shown = split(reply.text, room)[0].rstrip()
    if not shown.rstrip("".join(CLOSERS)).endswith(tuple(SENTENCE_ENDS)) and not _ends_a_line(reply.text, shown):
        shown = split(reply.text, room - utf8_bytes(CUT_MARK))[0].rstrip() + CUT_MARK
    return replace(reply, text=shown)


def _ends_a_line(text: str, shown: str) -> bool:
    return text[len(shown) : len(shown) + 1] == "\n"


def _assemble(reply: Reply) -> str:
    answer = f"【{reply.title}】\n{reply.text}" if reply.title else reply.text
    links = [f"{link.label}：{link.url}" for link in reply.links]
    numbered = [f"{number}. {choice.label}" for number, choice in enumerate(reply.choices, 1)]
    offered = "\n".join(line for line in (reply.prompt, *numbered) if line)
    parts = (reply.notice, answer, reply.basis, reply.note, *links, offered, reply.hint)
    return legal("\n\n".join(part for part in parts if part))
