"""Finding a post of ours in the account's timeline, as Weibo gives it back. Pure.

Weibo shortens the links of a text and may add marks that nobody sees: two texts are the same when they are without
links and white space. What is not in the timeline may still be there: Weibo shows no post that it is examining.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.weibo.counting import LINK

CLOCKS_DIFFER = timedelta(minutes=2)
"""So much may Weibo's clock be behind ours."""

TAKEN_WITHIN = timedelta(minutes=30)
"""So long after it was asked Weibo may have made a post of it; what is made later is another delivery's."""

_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Status:
    """A post of the account."""

    id: str
    uid: str


def find_status(answer: Mapping[str, Any], text: str, asked: Sequence[datetime]) -> Status | None:
    """The first post with that text that was made when Weibo had been asked for one."""
    wanted, found = _bare(text), []
    for one in answer.get("statuses") or []:
        if isinstance(one, dict) and _bare(str(one.get("text", ""))) == wanted:
            made, status = _made_at(one), read_status(one)
            if made and status and any(-CLOCKS_DIFFER <= made - at <= TAKEN_WITHIN for at in asked):
                found.append((made, status))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def read_status(one: Mapping[str, Any]) -> Status | None:
    """A post as Weibo writes it; None for what is none."""
    id = str(one.get("idstr") or one.get("id") or "")
    user = one.get("user")
    uid = str(user.get("idstr") or user.get("id") or "") if isinstance(user, dict) else ""
    return Status(id, uid) if id.isdecimal() else None


def _made_at(one: Mapping[str, Any]) -> datetime | None:
    """When it was made, of `Tue May 31 17:46:55 +0800 2011`."""
    try:
        return datetime.strptime(str(one.get("created_at")), "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return None


def _bare(text: str) -> str:
    return _UNSEEN.sub("", LINK.sub("", html.unescape(text)))
