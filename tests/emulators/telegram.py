"""Telegram's Bot API as far as we call it, for one bot in one channel. It takes the same message twice."""

import json
import re
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.emulators.served import Drop, Hang, Request, Response
from tests.fakes import FakeClock

TOKEN = "7001:AAtoken-of-tests"
CHAT, CHAT_ID, BOT_ID = "@heze_union", -1001234567890, 7001

HANG_BEFORE, HANG_AFTER = "hang_before", "hang_after"
DROP_BEFORE, DROP_AFTER = "drop_before", "drop_after"
FAIL_BEFORE, FAIL_AFTER = "fail_before", "fail_after"
RATE_LIMITED = "rate_limited"

_TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"}


class _Entities(HTMLParser):
    """Reads Telegram's HTML as strictly as Telegram does."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.open, self.fault = "", [], ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag not in _TAGS:
            self.fault = f'unsupported start tag "{tag}"'
        if tag == "blockquote" and tag in self.open:
            self.fault = "blockquotes can't be nested"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = f'unmatched end tag "{tag}"'

    def handle_data(self, data: str) -> None:
        self.text += data


def read_html(html: str) -> tuple[str, str]:
    """What is seen, and what is wrong with it."""
    reader = _Entities()
    reader.feed(html)
    reader.close()
    bare = re.search(r"&(?!(amp|lt|gt|quot|#\d+|#x[0-9a-fA-F]+);)", html)
    return reader.text, reader.fault or ("unclosed" if reader.open else "") or ("bare &" if bare else "")


@dataclass
class Shown:
    """One message in the channel."""

    id: int
    html: str
    photo: bytes = b""
    preview: dict = field(default_factory=dict)


@dataclass
class TelegramPlatform:
    """`faults` befall the next calls that send, change or delete: a name, or (status, description)."""

    clock: FakeClock
    faults: deque[str | tuple[int, str]] = field(default_factory=deque)
    messages: dict[int, Shown] = field(default_factory=dict)
    calls: list[Request] = field(default_factory=list)
    sent: int = 0
    token: str = TOKEN
    rights: dict[str, bool] = field(default_factory=dict)
    status: str = "administrator"

    def answer(self, request: Request) -> Response:
        self.calls.append(request)
        _, bot, method = request.path.split("/", 2)
        if bot != f"bot{self.token}":
            return _said(401, "Unauthorized")
        if method in ("getMe", "getChatMember"):
            return self._told(method)
        fault = self.faults.popleft() if self.faults else None
        if fault in (HANG_BEFORE, DROP_BEFORE):
            raise Hang if fault == HANG_BEFORE else Drop
        if fault == FAIL_BEFORE:
            return Response(body=b"<html>502</html>", status=502)
        if fault == RATE_LIMITED:
            return _said(429, "Too Many Requests: retry after 17", {"retry_after": 17})
        if isinstance(fault, tuple):
            return _said(*fault)
        response = getattr(self, f"_{method}")(request)
        if fault in (HANG_AFTER, DROP_AFTER):
            raise Hang if fault == HANG_AFTER else Drop
        return _said(500, "Internal Server Error") if fault == FAIL_AFTER else response

    def called(self, *methods: str) -> int:
        return sum(call.path.rpartition("/")[2] in methods for call in self.calls)

    def _told(self, method: str) -> Response:
        me = {"id": BOT_ID, "is_bot": True, "first_name": "工会", "username": "heze_union_bot"}
        if method == "getMe":
            return _ok(me)
        names = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
            "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
            "can_edit_stories can_delete_stories can_post_messages can_edit_messages"
        )
        return _ok({"status": self.status, "user": me, **dict.fromkeys(names.split(), True), **self.rights})

    def _sendMessage(self, request: Request) -> Response:  # noqa: N802 - named by Telegram
        return self._sent(request, "text", 4096)

    def _sendPhoto(self, request: Request) -> Response:  # noqa: N802 - named by Telegram
        (photo,) = request.files.values()
        return self._sent(request, "caption", 1024, photo)

    def _sent(self, request: Request, name: str, limit: int, photo: bytes = b"") -> Response:
        if request.form["chat_id"] not in (CHAT, str(CHAT_ID)):
            return _said(400, "Bad Request: chat not found")
        if fault := _fault(request.form[name], limit):
            return _said(400, f"Bad Request: {fault}")
        self.sent += 1
        preview = json.loads(request.form.get("link_preview_options", "{}"))
        shown = Shown(self.sent, request.form[name], photo, preview)
        self.messages[shown.id] = shown
        return _ok(self._written(shown))

    def _editMessageText(self, request: Request) -> Response:  # noqa: N802 - named by Telegram
        return self._edited(request, "text", 4096)

    def _editMessageCaption(self, request: Request) -> Response:  # noqa: N802 - named by Telegram
        return self._edited(request, "caption", 1024)

    def _edited(self, request: Request, name: str, limit: int) -> Response:
        shown = self.messages.get(int(request.form["message_id"]))
        if shown is None:
            return _said(400, "Bad Request: message to edit not found")
        if bool(shown.photo) is (name == "text"):
            return _said(400, f"Bad Request: there is no {name} in the message to edit")
        if fault := _fault(request.form[name], limit):
            return _said(400, f"Bad Request: {fault}")
        if shown.html == request.form[name]:
            return _said(400, "Bad Request: message is not modified: specified new message content is the same")
        shown.html = request.form[name]
        return _ok(self._written(shown))

    def _deleteMessage(self, request: Request) -> Response:  # noqa: N802 - named by Telegram
        if self.messages.pop(int(request.form["message_id"]), None) is None:
            return _said(400, "Bad Request: message to delete not found")
        return _ok(tree=True)

    def _written(self, shown: Shown) -> dict:
        chat = {"id": CHAT_ID, "type": "channel", "title": "菏泽市总工会", "username": CHAT.removeprefix("@")}
        date = int(self.clock.now().timestamp())
        return {"message_id": shown.id, "date": date, "chat": chat, "text": read_html(shown.html)[0]}


def _fault(html: str, limit: int) -> str:
    text, fault = read_html(html)
    if fault:
        return f"can't parse entities: {fault}"
    return "message is too long" if len(text.encode("utf-16-le")) // 2 > limit else ""


def _ok(tree: object) -> Response:
    return Response({"ok": True, "result": tree})


def _said(status: int, description: str, parameters: dict | None = None) -> Response:
    more = {"parameters": parameters} if parameters else {}
    return Response({"ok": False, "error_code": status, "description": description, **more}, status)
