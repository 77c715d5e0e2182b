"""Previews on the terminal and as pages."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.publishing.ports import Preview

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{css}</style></head><body>{html}</body></html>
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A post as one channel will get it. name: of the channel, as staff read it."""

    slug: str
    title: str
    channel: str
    name: str
    preview: "Preview"


def preview_text(shown: Shown) -> str:
    """It in words, below the name of the channel."""
    return f"── {shown.name} ──\n{shown.preview.text.strip()}\n"


def preview_page(shown: Shown) -> str:
    """It as a page of its own, pictures included."""
    return _PAGE.format(title=escape(shown.title), css=shown.preview.css, html=shown.preview.html)
