"""Phone numbers as people write them, brought to the one form under which they are found again."""

import re
import unicodedata

_LEAST = 7
_MOST = 15
_COUNTRY = re.compile(r"(?:00)?86(?=1[3-9]\d{9}$|0?[1-9]\d{8,10}$)")


def phone_digits(text: str) -> str:
    """The digits of the number, without the country's code; empty when the text is no phone number.

    Extensions stay, as they belong to the number that somebody gave.
    """
    folded = unicodedata.normalize("NFKC", text)
    if re.search(r"[^\d\s()+\-.]", folded):
        return ""
    digits = re.sub(r"\D", "", folded)
    digits = _COUNTRY.sub("", digits, count=1) if _COUNTRY.match(digits) else digits
    return digits if _LEAST <= len(digits) <= _MOST else ""
