"""Previews as pages of their own for a frame: nothing in them runs, nothing is fetched but pictures of ours.

The console's own policy would forbid the styles that an article carries, and a frame filled by the page around it
inherits that policy. So a preview is answered with a policy of its own, stricter in everything but styles. It counts as
of our origin, so that its pictures come with the session; without scripts and forms nothing can be done with that.
"""

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from bot.publishing.ports import Preview, Renderer
from bot.publishing.rendering import Rendering
from bot.publishing.typesetting import NOTICE

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)
_HEADERS = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN"}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{css}</style><style>html{{padding-top:.75rem}}a{{pointer-events:none}}</style></head><body>{html}</body></html>
"""


def frame_document(title: str, preview: Preview) -> str:
    """The page of a frame."""
    return _PAGE.format(title=escape(title), css=preview.css.replace("</", "<\\/"), html=preview.html)


def frame_response(document: str) -> HTMLResponse:
    """The page with its own policy."""
    return HTMLResponse(document, headers=_HEADERS)


def note_document(title: str, text: str) -> str:
    """A page that says one sentence."""
    css = "body{margin:0;padding:2rem 1rem;font:16px/1.6 sans-serif;color:#5c544d;text-align:center}"
    return frame_document(title, Preview(html=f"<p>{escape(text)}</p>", css=css))


def show_rendering(
    renderers: Mapping[str, Renderer], name: str, rendering: Rendering, pictures: Mapping[str, str]
) -> Preview:
    """How it will look there. pictures: addresses by digest. Raises KeyError for a channel that nobody renders."""
    return renderers[name.removeprefix(NOTICE)].preview(rendering, pictures)
