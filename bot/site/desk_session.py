"""What a browser holds of a complaint: a form that is being filled in, one just filed, one that is followed.

All three are names that nobody can guess or make: sealed, or random and stored only as a keyed hash. None
holds a receipt. Each has its own end, whatever the browser thinks of cookies.
"""

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from bot.errors import CannotOpen
from bot.keyring import KeyRing

CHANNEL = "site"
FILING = "site.filing"
"""The kind of person under which a receipt waits for the browser that filed."""

DRAFT_LASTS = timedelta(hours=24)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=4)
"""A case is followed for so long without a pause, and no longer altogether: then the receipt is asked for again."""

_ID = re.compile(r"[0-9a-f]{32}")
_DRAFT, _TRACK = "site.draft:form", "site.track:cookie"


@dataclass(frozen=True, slots=True)
class FormDraft:
    """One form being filled in: what files belong to until it is filed, and what makes filing it twice one filing."""

    id: str
    begun_at: datetime

    def case_id(self, keys: KeyRing) -> str:
        """The id of the case that this form becomes, however often it is sent."""
        return keys.hash("site.case", self.id)

    def person(self, keys: KeyRing) -> str:
        """The name under which its receipt waits."""
        return keys.person(FILING, self.id)


@dataclass(frozen=True, slots=True)
class Followed:
    """A case that a browser may follow for a while, since its receipt was shown."""

    case_id: str
    opened_at: datetime
    seen_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether the receipt has to be shown again."""
        return not self.opened_at <= self.seen_at <= now or now - self.seen_at > IDLE or now - self.opened_at > LONGEST


def new_draft(now: datetime) -> FormDraft:
    """A form that nobody has sent yet."""
    return FormDraft(secrets.token_hex(16), now)


def draft_token(keys: KeyRing, draft: FormDraft) -> str:
    """The draft for a hidden field."""
    return _sealed(keys, _DRAFT, {"id": draft.id, "at": draft.begun_at.isoformat()})


def open_draft(keys: KeyRing, token: str, now: datetime) -> FormDraft | None:
    """The draft of a hidden field; None for what we did not make or made too long ago."""
    raw = _opened(keys, _DRAFT, token)
    if raw is None:
        return None
    draft = FormDraft(raw["id"], datetime.fromisoformat(raw["at"]))
    return draft if draft.begun_at <= now <= draft.begun_at + DRAFT_LASTS else None


def keep_filed(request: Request, response: Response, draft: FormDraft, lasts: timedelta) -> None:
    """Let the browser show the receipt of this form for so long."""
    _keep(request, response, "filed", draft.id, int(lasts.total_seconds()))


def find_filed(request: Request) -> str:
    """The form that this browser filed; empty for none."""
    value = request.cookies.get(_name(request, "filed"), "")
    return value if _ID.fullmatch(value) else ""


def drop_filed(request: Request, response: Response) -> None:
    """The receipt is not shown here again."""
    _drop(request, response, "filed")


def keep_followed(request: Request, response: Response, keys: KeyRing, followed: Followed) -> None:
    """Let the browser follow the case for another while. Every time another token: none that was planted is used."""
    opened, seen = followed.opened_at.isoformat(), followed.seen_at.isoformat()
    token = _sealed(keys, _TRACK, {"case": followed.case_id, "opened": opened, "seen": seen})
    _keep(request, response, "case", token, int(IDLE.total_seconds()))


def find_followed(request: Request, keys: KeyRing, now: datetime) -> Followed | None:
    """The case that this browser may follow now."""
    raw = _opened(keys, _TRACK, request.cookies.get(_name(request, "case"), ""))
    if raw is None:
        return None
    followed = Followed(raw["case"], datetime.fromisoformat(raw["opened"]), datetime.fromisoformat(raw["seen"]))
    return None if followed.is_over(now) else followed


def drop_followed(request: Request, response: Response) -> None:
    """The receipt has to be shown again."""
    _drop(request, response, "case")


def _sealed(keys: KeyRing, context: str, value: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(keys.seal(json.dumps(value).encode(), context)).decode()


def _opened(keys: KeyRing, context: str, token: str) -> dict[str, str] | None:
    try:
        value: dict[str, str] = json.loads(keys.open(base64.urlsafe_b64decode(token), context))
    except (CannotOpen, binascii.Error, ValueError):
        return None
    return value


def _keep(request: Request, response: Response, what: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(request, what),
        value,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _drop(request: Request, response: Response, what: str) -> None:
    secure = request.url.scheme == "https"
    response.delete_cookie(_name(request, what), path="/", secure=secure, httponly=True, samesite="lax")


def _name(request: Request, what: str) -> str:
    # browsers accept the prefix only on https, and then nobody but this host can set the cookie
    return f"__Host-gonghui-{what}" if request.url.scheme == "https" else f"gonghui-{what}"
