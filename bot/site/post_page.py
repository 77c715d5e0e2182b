"""What the page of a post says: the parts of its rendering, and these read back. Pure.

The body is HTML without anything but text structure, links and pictures named `media:<sha256>`, frozen at approval;
what surrounds it (dates of publication, warnings, statute texts) is made when somebody looks.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.laws.citation import Citation
from bot.publishing.posts import Content
from bot.publishing.rendering import Rendering

CHANNEL = "site"

_TEXTS = ("slug", "title", "digest", "author", "region", "correction", "body")
_LISTS = ("tags", "related")
_DAYS = ("effective_from", "effective_to", "checked_on", "review_by")


@dataclass(frozen=True, kw_only=True, slots=True)
class PostPage:
    """A post as readers of the site get it. cover and media: sha256 of pictures."""

    slug: str
    title: str
    body: str
    digest: str = ""
    author: str = ""
    region: str = ""
    correction: str = ""
    tags: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    checked_on: date | None = None
    review_by: date | None = None
    cover: str = ""
    media: tuple[str, ...] = ()

    def is_outdated(self, on: date) -> bool:
        """Whether what it says may not hold any more."""
        return self.effective_to is not None and on > self.effective_to

    def is_early(self, on: date) -> bool:
        """Whether what it says does not hold yet."""
        return self.effective_from is not None and on < self.effective_from

    def is_review_due(self, on: date) -> bool:
        """Whether its review date has passed."""
        return self.review_by is not None and on > self.review_by


def page_parts(content: Content, body: str) -> dict[str, str]:
    """The parts of the rendering of that post. body: its HTML."""
    days = {name: getattr(content, name) for name in _DAYS}
    citations = [{name: value for name, value in asdict(one).items() if value} for one in content.citations]
    parts = {name: getattr(content, name) for name in _TEXTS} | {"body": body}
    parts |= {name: "\n".join(getattr(content, name)) for name in _LISTS}
    parts |= {name: day.isoformat() if day else "" for name, day in days.items()}
    return parts | {"citations": json.dumps(citations, ensure_ascii=False)}


def read_page(rendering: Rendering) -> PostPage:
    """The page of that rendering. Raises ValueError, KeyError, TypeError for one of another kind."""
    parts = rendering.parts
    if rendering.channel != CHANNEL or not parts.get("slug"):
        raise ValueError("not a page of the site")
    values: dict[str, Any] = {name: parts.get(name, "") for name in _TEXTS}
    values |= {name: tuple(line for line in parts.get(name, "").split("\n") if line) for name in _LISTS}
    values |= {name: date.fromisoformat(parts[name]) if parts.get(name) else None for name in _DAYS}
    citations = tuple(Citation(**one) for one in json.loads(parts.get("citations") or "[]"))
    return PostPage(**values, citations=citations, cover=rendering.cover, media=rendering.media)
