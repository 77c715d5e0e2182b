"""What browsers send: form fields as clean text, and paths of this site to go back to."""

import re

from starlette.requests import Request

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a form; files are left out. The last of equal names counts."""
    async with request.form(max_files=1, max_fields=20) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def clean_text(text: str, longest: int) -> str:
    """What somebody typed, without control characters, cut to the length that is read."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()[:longest].strip()


def local_path(text: str) -> str:
    """The path if it leads into this site, else the home page."""
    leads_away = not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable()
    return "/" if leads_away else text
