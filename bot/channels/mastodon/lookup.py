"""Finding a post among what an account has posted: by its text, or by its title with the address of its page."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import TYPE_CHECKING, Any

from bot.publishing.rendering import Rendering

if TYPE_CHECKING:
    from bot.channels.mastodon.api import MastodonApi

PAGE = 40
MOST_PAGES = 10
"""So far back is looked; an account that posted more since has to be looked at by a person."""

_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


class Found(StrEnum):
    """How a post of the account compares with ours."""

    SAME = "same"
    SIMILAR = "similar"  # it leads to the same page, but says something else
    OTHER = "other"

    @classmethod
    def of(cls, status: Any, rendering: Rendering) -> "Found":
        """What that post is. Servers write text as HTML in their own ways: only what is read is compared."""
        if says(status, rendering.parts["text"]):
            return cls.SAME
        html = str(status.get("content") or "")
        text, ours = _plain(_TAG.sub("", html)), _plain(rendering.parts["text"])
        link = rendering.link
        if not link or not (link in unescape(html) or _plain(link) in text):
            return cls.OTHER
        title = _plain(rendering.parts.get("alt", ""))
        return cls.SAME if title and text.startswith(title) and ours.startswith(title) else cls.SIMILAR


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, and the post where it is ours."""

    which: Found
    status: Any = None


def says(status: Any, text: str) -> bool:
    """Whether that is what a reader of the post reads."""
    return _plain(_TAG.sub("", str(status.get("content") or ""))) == _plain(text)


async def find(api: "MastodonApi", account: str, newest: str, rendering: Rendering) -> Match:
    """The account's post that is ours, among those newer than `newest`. Raises VendorError."""
    similar, last = False, None
    for _ in range(MOST_PAGES):
        page = await _page(api, account, newest, last)
        for status in page:
            which = Found.of(status, rendering)
            if which is Found.SAME:
                return Match(which, status)
            similar = similar or which is Found.SIMILAR
        if len(page) < PAGE:
            return Match(Found.SIMILAR if similar else Found.OTHER)
        last = str(page[-1]["id"])
    return Match(Found.SIMILAR)  # there is more than can be looked through: a person looks


async def _page(api: "MastodonApi", account: str, newest: str, before: str | None) -> list[Any]:
    return await api.call(
        lambda client: list(
            client.account_statuses(account, since_id=newest or None, max_id=before, limit=PAGE, exclude_reblogs=True)
        )
    )


def _plain(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", unescape(text))).casefold()
