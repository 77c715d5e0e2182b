"""Normalising text for matching: full width, traditional characters, case, noise.

The original is kept beside it wherever people see it. Normalising twice changes nothing more.
"""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_REPEATED = re.compile(r"([!?。,，~…])\1+")


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def normalise(text: str) -> str:
    """The text as matching sees it: NFKC, simplified characters, lower case, single spaces."""
    text = _CONTROL.sub("", text)
    for _ in range(3):  # conversion may yield characters that fold again; three rounds settle
        before = text
        text = _to_simplified().convert(unicodedata.normalize("NFKC", text)).lower()
        if text == before:
            break
    text = _CONTROL.sub("", text)
    return _SPACE.sub(" ", _REPEATED.sub(r"\1", text)).strip()
