"""Takes secrets out of what platforms say, before it is written down. Pure."""

import re

_NAMED = re.compile(
    r"(?i)([\"']?\b(?:access_?token|refresh_?token|token|secret|app_?secret|password|authorization|api_?key|sig(?:nature)?"
    r"|code)\b[\"']?\s*[=:]\s*)([\"']?)(?:bearer\s+)?[^\s\"'&,;})\]]+\2"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_BOT_PATH = re.compile(r"/bot[0-9]{6,}:[A-Za-z0-9_-]{20,}")
_LONG = re.compile(r"\b(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{48,}\b")
HIDDEN = "***"


def scrubbed(text: str) -> str:
    """The text without what may be a token, a secret or a signature."""
    text = _BOT_PATH.sub(f"/bot{HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED.sub(_hidden, text)
    return _LONG.sub(HIDDEN, text)


def _hidden(match: re.Match[str]) -> str:
    said = match[0][len(match[1]) :].strip("\"'")
    # an error code is no secret: it is what people look for in the log
    is_code = match[1].lower().lstrip("\"'").startswith("code") and re.fullmatch(r"-?[0-9]{1,6}", said)
    return match[0] if is_code else f"{match[1]}{HIDDEN}"
