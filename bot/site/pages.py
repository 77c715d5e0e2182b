"""Templates -> responses: what every page knows, and how it may be kept by browsers."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.answers.entries import Entry
from bot.site.assets import Assets
from bot.site.markup import Phones
from bot.site.ports import SiteParts
from bot.site.session import is_large
from bot.site.templating import make_environment
from bot.wording import Wording

OK = 200
NOT_KEPT = "no-store"
ASKED_AGAIN = "private, no-cache"
FRAGMENT = "X-Fragment"
"""A script asks with this header for the new part of a page alone, and gets it with this header."""


@dataclass(frozen=True, slots=True)
class Line:
    """A telephone number and what it is for."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Category:
    """A group of entries as people see it."""

    id: str
    name: str
    about: str
    entries: Sequence[Entry]


class Pages:
    """Renders templates with what every page needs."""

    def __init__(self, parts: SiteParts, assets: Assets) -> None:
        self.parts = parts
        words = parts.wording
        self._order = words("site.categories").split()
        hotlines = _lines(words("site.hotlines"))
        emergencies = _lines(words("site.emergencies"))
        self.phones = make_phones(words, parts.federation.hotline)
        self._templates = make_environment(self.phones)
        self._templates.filters["here"] = self._local
        self._templates.globals |= {
            "federation": parts.federation,
            "hotline": parts.federation.hotline,
            "hotlines": hotlines,
            "emergencies": emergencies,
            "say": words,
            "asset": assets.url,
            "category_name": lambda category: _label(words, "category", category),
            "wechat": parts.wechat,
            "base_url": parts.base_url,
            "longest_question": parts.longest_question,
            "retention_days": parts.retention_days,
            "retry_minutes": parts.retry_minutes,
            "backup_copies": parts.backup_copies,
            "takes_complaints": parts.desk is not None,
            "telegram": parts.telegram,
            "telegram_complaints": parts.telegram and parts.telegram_complaints,
            "has_posts": parts.posts is not None,
            "has_subscriptions": parts.subscriptions is not None,
            "cases_kept": parts.cases_kept,
        }

    def show(
        self, request: Request, template: str, *, status: int = OK, kept: bool = True, **context: object
    ) -> Response:
        """A page. `kept` lets the browser keep it and ask whether it has changed."""
        body = self._render(request, template, context)
        if not kept or status != OK:
            return HTMLResponse(body, status, {"Cache-Control": NOT_KEPT})
        tag = f'W/"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
        headers = {"Cache-Control": ASKED_AGAIN, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(body, headers=headers)

    def text(self, template: str, **context: object) -> str:
        """A part of a page that goes elsewhere, as it stands for everybody."""
        return self._templates.get_template(template).render(context)

    def fragment(self, request: Request, template: str, *, status: int = OK, **context: object) -> Response:
        """A part of a page for a script."""
        body = self._render(request, template, context)
        return HTMLResponse(body, status, {"Cache-Control": NOT_KEPT, FRAGMENT: "1"})

    def categories(self, on: datetime) -> list[Category]:
        """The categories that have entries now, in the editors' order; unlisted ones at the end."""
        groups: dict[str, list[Entry]] = {name: [] for name in self._order}
        for entry in self.parts.answers.served(on).values():
            groups.setdefault(entry.category, []).append(entry)
        words = self.parts.wording
        return [
            Category(id, _label(words, "category", id), _about(words, id), entries)
            for id, entries in groups.items()
            if entries
        ]

    def _render(self, request: Request, template: str, context: Mapping[str, object]) -> str:
        query = f"?{request.url.query}" if request.url.query else ""
        back = request.url.path + query if request.method in ("GET", "HEAD") else request.url.path
        common = {"large": is_large(request), "back": back, "path": request.url.path}
        return self._templates.get_template(template).render(common | dict(context))

    def _local(self, url: str) -> str:
        """An address of this site as a path; others stay as they are."""
        base = self.parts.base_url
        return url.removeprefix(base) if base and url.startswith(f"{base}/") else url


def make_phones(words: Wording, hotline: str) -> Phones:
    """Finds the telephone numbers that the site knows."""
    known = (*_lines(words("site.hotlines")), *_lines(words("site.emergencies")))
    return Phones([hotline, *(line.number for line in known)])


def _lines(text: str) -> tuple[Line, ...]:
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return tuple(Line(number, name) for number, name in pairs)


def _label(words: Wording, kind: str, id: str) -> str:
    """The label of a code; the code itself while an editor has not written one."""
    key = f"{kind}.{id}"
    return words(key) if words.has(key) else id


def _about(words: Wording, category: str) -> str:
    key = f"category_about.{category}"
    return words(key) if words.has(key) else ""
