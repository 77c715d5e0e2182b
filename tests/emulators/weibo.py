"""Weibo as far as we call it: authorisation, sharing, the timeline. It tells repetitions apart only when told to."""

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from urllib.parse import parse_qs, urlsplit

from tests.emulators.served import Drop, Hang, Request, Response
from tests.fakes import FakeClock

APP_KEY, SECRET = "2323547071", "app-secret-of-tests"
REDIRECT = "https://desk.union.test/console/channels/weibo/callback"
SAFE_DOMAIN = "union.test"
UID, NAME = "1642351362", "菏泽市总工会"

HANG_BEFORE, HANG_AFTER = "hang_before", "hang_after"
DROP_BEFORE, DROP_AFTER = "drop_before", "drop_after"
FAIL_BEFORE, FAIL_AFTER = "fail_before", "fail_after"
DELAYED = "delayed"
"""Taken, and public only after `finish`."""

_LINK = re.compile(r"https?://[^\s\u2e80-\uffef]+")


@dataclass
class Status:
    """One post, as it was shared."""

    id: str
    text: str
    rip: str
    picture: bytes
    made_at: datetime
    seen: bool = True


@dataclass
class WeiboPlatform:
    """One application and one account. `faults` befall the next calls of share, first to last: a name or a code."""

    clock: FakeClock
    faults: deque[str | int] = field(default_factory=deque)
    statuses: list[Status] = field(default_factory=list)
    calls: list[Request] = field(default_factory=list)
    tokens: dict[str, datetime] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    refuses_repeats: bool = False
    lasts: int = 5 * 365 * 86400
    everything: int | None = None
    """A code with which every call is answered."""
    numbers: count = field(default_factory=lambda: count(4_900_000_000_000_001))

    @property
    def shares(self) -> int:
        return sum(call.path == "/2/statuses/share.json" for call in self.calls)

    @property
    def public(self) -> list[str]:
        return [status.text for status in self.statuses if status.seen]

    def finish(self) -> None:
        """Show what was held back."""
        for status in self.statuses:
            status.seen = True

    def a_token(self) -> str:
        token = f"2.00-token-{len(self.tokens)}"
        self.tokens[token] = self.clock.now()
        return token

    def agree(self, address: str) -> dict[str, str]:
        """A person opens the address, signs in and agrees; what Weibo sends back to the console."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address).path == "/oauth2/authorize"
        assert (asked["client_id"], asked["response_type"]) == (APP_KEY, "code")
        assert asked["redirect_uri"] == REDIRECT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["redirect_uri"]
        return {"code": code, "state": asked["state"]}

    def answer(self, request: Request) -> Response:
        self.calls.append(request)
        if self.everything:
            return _refused(request, self.everything, request.form.get("access_token", ""))
        handlers = {
            "/oauth2/access_token": self._exchange,
            "/oauth2/get_token_info": self._token_info,
            "/2/users/show.json": self._user,
            "/2/account/rate_limit_status.json": self._rates,
            "/2/statuses/share.json": self._share,
            "/2/statuses/user_timeline.json": self._timeline,
        }
        return handlers[request.path](request)

    def _exchange(self, request: Request) -> Response:
        form = request.form
        if (form["client_id"], form["client_secret"]) != (APP_KEY, SECRET):
            return _refused(request, 21324, "invalid_client")
        if self.codes.pop(form["code"], None) is None:
            return _refused(request, 21325, "invalid_grant")
        if form["redirect_uri"] != REDIRECT:
            return _refused(request, 21322, "redirect_uri_mismatch")
        return Response({"access_token": self.a_token(), "expires_in": self.lasts, "remind_in": "1", "uid": UID})

    def _void(self, token: str) -> bool:
        given_at = self.tokens.get(token)
        return given_at is None or (self.clock.now() - given_at).total_seconds() >= self.lasts

    def _token_info(self, request: Request) -> Response:
        if self._void(request.form["access_token"]):
            return _refused(request, 21327, "expired_token")
        return Response({"uid": UID, "appkey": APP_KEY, "scope": None, "create_at": 1, "expire_in": self.lasts})

    def _user(self, request: Request) -> Response:
        if self._void(request.query["access_token"]):
            return _refused(request, 21327, "expired_token")
        return Response({"id": int(UID), "idstr": UID, "screen_name": NAME})

    def _rates(self, request: Request) -> Response:
        return Response({"ip_limit": 15000, "remaining_user_hits": 97 - self.shares, "user_limit": 100})

    def _share(self, request: Request) -> Response:
        fault = self.faults.popleft() if self.faults else None
        if fault in (HANG_BEFORE, DROP_BEFORE):
            raise Hang if fault == HANG_BEFORE else Drop
        if fault == FAIL_BEFORE:
            return Response(body=b"<html>Bad Gateway</html>", status=502)
        if isinstance(fault, int) and fault != 20032:
            return _refused(request, fault, f"refused for {request.form['access_token']}")
        if code := self._fault_of(request):
            return _refused(request, code, "refused")
        text, late = request.form["status"], fault in (DELAYED, 20032)
        picture = request.files.get("pic", b"")
        status = Status(str(next(self.numbers)), text, request.form["rip"], picture, self.clock.now(), seen=not late)
        self.statuses.append(status)
        if fault in (HANG_AFTER, DROP_AFTER):
            raise Hang if fault == HANG_AFTER else Drop
        if fault == FAIL_AFTER:
            return _refused(request, 10001, "System error!", 500)
        return _refused(request, 20032, "accepted") if late else Response(_written(status))

    def _fault_of(self, request: Request) -> int:
        form, text = request.form, request.form.get("status", "")
        links = [urlsplit(link).hostname or "" for link in _LINK.findall(text)]
        faults = {
            21327: self._void(form["access_token"]),
            10008: not form.get("rip"),
            20008: not text,
            10017: not any(f".{host}".endswith(f".{SAFE_DOMAIN}") for host in links),
            20012: len(_LINK.sub("", text).encode("gbk", "replace")) + 20 * len(links) > 280,
            20021: re.search(r"#[^#]+#", _LINK.sub("", text)) is not None,
            20005: "pic" in request.files and request.files["pic"][:3] not in (b"\xff\xd8\xff", b"\x89PN"),
            20019: self.refuses_repeats and any(status.text == text for status in self.statuses),
        }
        return next((code for code, holds in faults.items() if holds), 0)

    def _timeline(self, request: Request) -> Response:
        if self._void(request.query["access_token"]):
            return _refused(request, 21327, "expired_token")
        seen = [status for status in reversed(self.statuses) if status.seen]
        written = [_written(status) for status in seen[: int(request.query.get("count", 20))]]
        return Response({"statuses": written, "total_number": len(seen)})


def _written(status: Status) -> dict:
    """A post as Weibo gives it back: links shortened, a mark at the end that nobody sees."""
    text = _LINK.sub("http://t.cn/A6x2Qz9", status.text).replace("&", "&amp;") + " \u200b\u200b\u200b"
    made = status.made_at.strftime("%a %b %d %H:%M:%S +0000 %Y")
    user = {"id": int(UID), "idstr": UID, "screen_name": NAME}
    return {"id": int(status.id), "idstr": status.id, "mid": status.id, "text": text, "created_at": made, "user": user}


def _refused(request: Request, code: int, said: str, status: int = 400) -> Response:
    return Response({"request": request.path, "error_code": str(code) if code % 2 else code, "error": said}, status)
