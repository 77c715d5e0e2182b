"""Telegram's Bot API as broadcasts meet it: thirty messages a second, one a second in a chat, nothing de-duplicated.

A window slides: of any second of the platform's time no more than thirty messages are taken. `scale`: so many seconds
of its time pass in one. Connections are kept, as the real one does. What names no chat is
taken for getMe.
"""

import asyncio
import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs

PER_SECOND = 30
PER_CHAT = 1.0
ME = {"ok": True, "result": {"id": 7001, "is_bot": True, "first_name": "x", "username": "x_bot"}}
REST = 1
"""Seconds for which it asks when too much came."""


@dataclass
class LimitedTelegram:
    """blocked: chats that take nothing. got: how often each chat was sent a text; limited: how often 429 was said."""

    scale: float = 1.0
    blocked: frozenset[int] = frozenset()
    got: Counter[tuple[int, str]] = field(default_factory=Counter)
    limited: Counter[str] = field(default_factory=Counter)
    first: float = 0.0
    last: float = 0.0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _recent: deque[float] = field(default_factory=deque)
    _told: dict[int, float] = field(default_factory=dict)

    def take(self, chat: int, text: str, now: float | None = None) -> tuple[int, dict]:
        """What is said to a message: status and body. now: in seconds of the platform's time."""
        now = time.monotonic() * self.scale if now is None else now
        self.first = self.first or now
        self.begun.set()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if chat in self.blocked:
            return 403, _said(403, "Forbidden: bot was blocked by the user")
        if len(self._recent) >= PER_SECOND:
            return self._too_many("overall")
        if now - self._told.get(chat, -PER_CHAT) < PER_CHAT:
            return self._too_many("chat")
        self._recent.append(now)
        self._told[chat] = self.last = now
        self.got[chat, text] += 1
        written = {"message_id": self.got.total(), "date": 1_700_000_000, "chat": {"id": chat, "type": "private"}}
        return 200, {"ok": True, "result": {**written, "text": "x"}}

    def _too_many(self, why: str) -> tuple[int, dict]:
        self.limited[why] += 1
        return 429, _said(429, f"Too Many Requests: retry after {REST}", {"retry_after": REST})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                asked = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(asked.partition(b"content-length:")[2].partition(b"\r\n")[0])
                form = parse_qs((await reader.readexactly(length)).decode())
                status, tree = 200, ME
                if "chat_id" in form:
                    status, tree = self.take(int(form["chat_id"][0]), form["text"][0])
                body = json.dumps(tree).encode()
                head = ("Content-Type: application/json", f"Content-Length: {len(body)}", "", "")
                writer.write("\r\n".join((f"HTTP/1.1 {status} Said", *head)).encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _said(code: int, description: str, parameters: dict | None = None) -> dict:
    return {"ok": False, "error_code": code, "description": description} | (
        {"parameters": parameters} if parameters else {}
    )
