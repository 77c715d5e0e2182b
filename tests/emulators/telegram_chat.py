"""The Bot API for conversations, written from its documentation: people write to the bot, and it answers them.

Holds texts to Telegram's limits, keeps updates until they are confirmed by an offset, and calls a webhook with its
secret. `faults` befall the next messages that are sent: a status with its parameters, or a name of `faults.py`.
"""

import itertools
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

from tests.emulators.served import Drop, Hang, Request, Response
from tests.emulators.telegram import read_html

DROP_BEFORE, DROP_AFTER, HANG_AFTER = "drop_before", "drop_after", "hang_after"
TOKEN = "7001:AAtoken-of-tests"
BOT_ID, BOT_NAME = 7001, "heze_union_bot"
NOW = 1_795_312_800
ME = {"id": BOT_ID, "is_bot": True, "first_name": "工会", "username": BOT_NAME}


@dataclass(frozen=True)
class Said:
    """What the bot sent. buttons: label -> data or address."""

    chat: int
    text: str
    html: bool
    buttons: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass
class TelegramChat:
    """One bot and whoever writes to it."""

    sent: list[Said] = field(default_factory=list)
    faults: deque[str | tuple[int, str, dict[str, Any]]] = field(default_factory=deque)
    files: dict[str, bytes] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    forms: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    webhook: str = ""
    secret: str = ""
    first_update: int = 1000

    def __post_init__(self) -> None:
        self._ids = itertools.count(self.first_update)
        self._messages = itertools.count(1)

    # the bot's side

    def answer(self, request: Request) -> Response:
        if unquote(request.path).startswith(f"/file/bot{TOKEN}/"):
            content = self.files.get(request.path.rpartition("/")[2])
            return Response(body=content or b"", status=200 if content is not None else 404)
        _, bot, method = request.path.split("/", 2)
        self.calls.append(method)
        self.forms.append((method, request.form))
        if bot != f"bot{TOKEN}":
            return refused(401, "Unauthorized")
        return getattr(self, f"_{method}", lambda _: ok(tree=True))(request.form)

    def _getMe(self, form: Mapping[str, str]) -> Response:  # noqa: N802 - named by Telegram
        return ok(ME)

    def _setWebhook(self, form: Mapping[str, str]) -> Response:  # noqa: N802 - named by Telegram
        self.webhook, self.secret = form["url"], form.get("secret_token", "")
        return ok(tree=True)

    def _deleteWebhook(self, form: Mapping[str, str]) -> Response:  # noqa: N802 - named by Telegram
        self.webhook = self.secret = ""
        return ok(tree=True)

    def _getUpdates(self, form: Mapping[str, str]) -> Response:  # noqa: N802 - named by Telegram
        if self.webhook:
            return refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if offset := int(form.get("offset", 0)):
            self.updates = [one for one in self.updates if one["update_id"] >= offset]
        return ok(self.updates[:100])

    def _getFile(self, form: Mapping[str, str]) -> Response:  # noqa: N802 - named by Telegram
        content = self.files.get(form["file_id"])
        if content is None:
            return refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(content) > 20 * 1024 * 1024:
            return refused(400, "Bad Request: file is too big")
        file = {"file_id": form["file_id"], "file_unique_id": "u", "file_size": len(content)}
        return ok(file | {"file_path": f"photos/{form['file_id']}"})

    def _sendMessage(self, form: Mapping[str, str]) -> Response:  # noqa: N802 - named by Telegram
        fault = self.faults.popleft() if self.faults else None
        if fault == DROP_BEFORE:
            raise Drop
        if isinstance(fault, tuple):
            return refused(*fault)
        text, html = form["text"], form.get("parse_mode") == "HTML"
        keyboard = json.loads(form.get("reply_markup", "{}")).get("inline_keyboard", [])
        buttons = [button for row in keyboard for button in row]
        if len(visible(text, html=html).encode("utf-16-le")) // 2 > 4096:
            return refused(400, "Bad Request: message is too long")
        if not visible(text, html=html).strip():
            return refused(400, "Bad Request: message text is empty")
        if any(not 1 <= len(one.get("callback_data", "x").encode()) <= 64 for one in buttons):
            return refused(400, "Bad Request: BUTTON_DATA_INVALID")
        shown = {one["text"]: one.get("callback_data") or one["url"] for one in buttons}
        self.sent.append(Said(int(form["chat_id"]), visible(text, html=html), html, shown, form))
        if fault in (DROP_AFTER, HANG_AFTER):
            raise Drop if fault == DROP_AFTER else Hang
        chat = {"id": int(form["chat_id"]), "type": "private"}
        return ok({"message_id": next(self._messages), "date": NOW, "chat": chat, "text": text})

    # the people's side

    def text(self, text: str, *, user: int = 7, chat: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return self.message(user=user, chat=chat, text=text, **more)

    def message(self, *, user: int = 7, chat: Mapping[str, Any] | None = None, **content: Any) -> dict[str, Any]:
        return {"update_id": next(self._ids), "message": self.bare(user=user, chat=chat, **content)}

    def bare(self, *, user: int = 7, chat: Mapping[str, Any] | None = None, **content: Any) -> dict[str, Any]:
        who = {"id": user, "is_bot": False, "first_name": "张三"}
        here = chat or {"id": user, "type": "private", "first_name": "张三"}
        return {"message_id": next(self._messages), "date": NOW, "from": who, "chat": here, **content}

    def tap(self, data: str, *, user: int = 7, chat: Mapping[str, Any] | None = None) -> dict[str, Any]:
        who = {"id": user, "is_bot": False, "first_name": "张三"}
        under = {**self.bare(user=user, chat=chat, text="…"), "from": ME}
        tap = {"id": str(next(self._messages)), "from": who, "message": under, "chat_instance": "1", "data": data}
        return {"update_id": next(self._ids), "callback_query": tap}

    def photo(self, name: str, content: bytes, *, user: int = 7, **more: Any) -> dict[str, Any]:
        self.files[name] = content
        sizes = [{"file_id": f"small-{name}", "width": 1, "height": 1}, {"file_id": name, "width": 9, "height": 9}]
        return self.message(user=user, photo=sizes, **more)

    def blocks(self, *, user: int = 7, status: str = "kicked") -> dict[str, Any]:
        who = {"id": user, "is_bot": False, "first_name": "张三"}
        change = {"chat": {"id": user, "type": "private"}, "from": who, "date": NOW}
        change |= {"old_chat_member": {"user": ME, "status": "member"}}
        change |= {"new_chat_member": {"user": ME, "status": status}}
        return {"update_id": next(self._ids), "my_chat_member": change}

    def last(self, chat: int = 7) -> Said:
        """What the bot said last to them."""
        return [one for one in self.sent if one.chat == chat][-1]


def visible(text: str, *, html: bool) -> str:
    """What is seen; a text that is no HTML of Telegram's fails the test."""
    if not html:
        return text
    seen, fault = read_html(text)
    assert not fault, fault
    return seen


def ok(tree: Any) -> Response:
    return Response({"ok": True, "result": tree})


def refused(status: int, description: str, parameters: dict[str, Any] | None = None) -> Response:
    more = {"parameters": parameters} if parameters else {}
    return Response({"ok": False, "error_code": status, "description": description, **more}, status)


async def push(client: httpx.AsyncClient, path: str, secret: str, update: Any) -> httpx.Response:
    """Telegram calls the webhook."""
    headers = {"x-telegram-bot-api-secret-token": secret} if secret else {}
    return await client.post(path, json=update, headers=headers)
