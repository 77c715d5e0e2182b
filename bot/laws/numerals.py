"""Numbers of articles: Chinese numerals and the N of 之N."""

SUFFIXES = "一二三四五六七八九十"
"""之一 is `SUFFIXES[0]`; no Chinese law inserts more than ten articles behind one."""

NUMERAL = "[0-9零\u3007一二两三四五六七八九十百千]+"
"""Pattern of a number as laws and entries write it; match after NFKC."""

_DIGITS = {char: value for digits in ("零一二三四五六七八九", "0123456789") for value, char in enumerate(digits)}
_DIGITS |= {"\u3007": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def parse_numeral(text: str) -> int:
    """The value of an Arabic or Chinese numeral below ten thousand. Raises ValueError for others."""
    if text.isdecimal():
        return int(text)
    if not text or any(char not in _DIGITS and char not in _UNITS for char in text):
        raise ValueError(f"{text!r} is not a numeral")
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = digit = 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
