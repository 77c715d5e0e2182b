"""A server with Mastodon's API as far as we call it, written from its documentation.

It tells a repeated Idempotency-Key for one hour and no longer, takes pictures away that an edit does not name, and
writes its own HTML. Errors quote the token that came, so that a test sees who passes it on.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any

from tests.contract.sender_cases import Fault
from tests.emulators.faults import misbehaving
from tests.emulators.served import Request, Response
from tests.fakes import FakeClock

ACCOUNT = "109"
LIMIT = 500
_LINK = re.compile(r"https?://[^\s<]+")
_HASHTAG = re.compile(r"#(\w+)")


@dataclass
class Status:
    id: str
    text: str
    media: list[str]
    made_at: datetime
    visibility: str = "public"
    in_reply_to: str = ""
    edits: int = 0


@dataclass
class MastodonServer:
    """`fault` meets the next call that changes what the public sees; AWAY and UNAUTHORISED are the bench's to end."""

    clock: FakeClock
    token: str
    limit: int = LIMIT
    statuses: dict[str, Status] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    keys: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    calls: list[Request] = field(default_factory=list)
    fault: Fault | None = None
    unauthorised: bool = False
    asked: int = 0
    published: int = 0
    written: int = 0
    processing: int = 0
    """So many times a picture is said to be still in work."""

    def answer(self, request: Request) -> Response:
        self.calls.append(request)
        bearer = request.headers.get("authorization", "")
        if self.unauthorised or bearer != f"Bearer {self.token}":
            return Response({"error": f"The access token {self.token} was revoked"}, 401)
        if request.method != "GET" and request.path.startswith("/api/v1/statuses"):
            return self._public(request)
        return self._read(request)

    def _public(self, request: Request) -> Response:
        self.asked += 1
        fault, self.fault = self.fault, None
        reset = (self.clock.now() + timedelta(minutes=20)).isoformat().replace("+00:00", "Z")
        answers = {
            Fault.ERROR_BEFORE: Response(status=500, body=b"<h1>We're sorry</h1>"),
            Fault.ERROR_AFTER: Response({"error": f"internal error of {self.token}"}, 500),
            Fault.REFUSED: Response({"error": f"Validation failed: {self.token}"}, 422),
            Fault.RATE_LIMITED: Response({"error": "Too many requests"}, 429, {"X-RateLimit-Reset": reset}),
        }
        return misbehaving(fault, lambda: self._change(request), answers)

    def _change(self, request: Request) -> Response:
        if request.method == "POST":
            return self._post(request)
        status = self.statuses.get(request.path.rpartition("/")[2])
        if status is None:
            return Response({"error": "Record not found"}, 404)
        if request.method == "DELETE":
            del self.statuses[status.id]
        else:
            status.text, status.media = request.form["status"], request.lists.get("media_ids[]", [])
            status.edits += 1
        return Response(self._tree(status))

    def _post(self, request: Request) -> Response:
        key, now = request.headers.get("idempotency-key", ""), self.clock.now()
        kept, at = self.keys.get(key, ("", now))
        if kept in self.statuses and now - at < timedelta(hours=1):
            return Response(self._tree(self.statuses[kept]))
        media = request.lists.get("media_ids[]", [])
        if len(request.form["status"]) > self.limit or any(one not in self.media for one in media):
            return Response({"error": "Validation failed: Text character limit exceeded"}, 422)
        status = self.write(request.form["status"], media, request.form.get("in_reply_to_id", ""))
        status.visibility = request.form["visibility"]
        self.published += 1
        if key:
            self.keys[key] = status.id, now
        return Response(self._tree(status))

    def write(self, text: str, media: list[str] | None = None, in_reply_to: str = "") -> Status:
        """A post of the account, by whoever uses it."""
        self.written += 1
        number = str(115_000_000_000_000_000 + self.written)
        self.statuses[number] = Status(number, text, media or [], self.clock.now(), in_reply_to=in_reply_to)
        return self.statuses[number]

    def _read(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if path.endswith("/accounts/verify_credentials"):
            return Response({"id": ACCOUNT, "username": "gonghui", "acct": "gonghui", "url": "https://s.test/@gonghui"})
        if path.endswith("/instance"):
            configuration = {"statuses": {"max_characters": self.limit}}
            return Response({"version": "4.4.0", "api_versions": {"mastodon": 6}, "configuration": configuration})
        if path.endswith("/media"):
            number = str(9000 + len(self.media))
            self.media[number] = request.files["file"]
            return self._media(number)
        if "/media/" in path:
            return self._media(path.rpartition("/")[2])
        if path == f"/api/v1/accounts/{ACCOUNT}/statuses":
            return Response([self._tree(status) for status in self._listed(request)])
        status = self.statuses.get(path.rpartition("/")[2])
        return Response(self._tree(status)) if status else Response({"error": "Record not found"}, 404)

    def _media(self, number: str) -> Response:
        self.processing -= 1
        url = None if self.processing >= 0 else f"https://s.test/media/{number}.jpg"
        return Response({"id": number, "type": "image", "url": url}, 200 if url else 202)

    def _listed(self, request: Request) -> list[Status]:
        since, before = int(request.query.get("since_id", 0)), int(request.query.get("max_id", 10**30))
        listed = [one for one in self.statuses.values() if since < int(one.id) < before]
        listed.sort(key=lambda status: int(status.id), reverse=True)
        return listed[: int(request.query.get("limit", 20))]

    def _tree(self, status: Status) -> dict[str, Any]:
        return {
            "id": status.id,
            "uri": f"https://s.test/users/gonghui/statuses/{status.id}",
            "url": f"https://s.test/@gonghui/{status.id}",
            "content": _html(status.text),
            "created_at": status.made_at.isoformat(),
            "visibility": status.visibility,
            "in_reply_to_id": status.in_reply_to or None,
            "media_attachments": [{"id": number, "type": "image"} for number in status.media],
        }


def _html(text: str) -> str:
    """As Mastodon writes it: paragraphs, addresses shortened by CSS, tags in spans."""

    def link(found: re.Match[str]) -> str:
        scheme, _, rest = found[0].partition("://")
        shown = f'<span class="invisible">{scheme}://</span><span class="ellipsis">{rest[:30]}</span>'
        hidden = f'<span class="invisible">{rest[30:]}</span>'
        return f'<a href="{found[0]}" target="_blank" rel="nofollow">{shown}{hidden}</a>'

    html = _LINK.sub(link, escape(text))
    html = _HASHTAG.sub(r'<a href="https://s.test/tags/\1" class="mention hashtag">#<span>\1</span></a>', html)
    return "".join("<p>" + part.replace("\n", "<br />") + "</p>" for part in html.split("\n\n"))
