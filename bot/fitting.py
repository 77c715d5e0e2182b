"""Fitting text into a channel's limit: pure, and shared by all channels.

A limit is counted in the vendor's own unit, so every function takes a measure. Nothing is ever
lost: what does not fit is handed back as the rest.
"""

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], int]
"""How much a text weighs; the weights of the parts add up to the weight of the whole."""

SENTENCE_ENDS = frozenset("。！？!?…\n")
CLAUSE_ENDS = frozenset("；;，、： \t")
CLOSERS = frozenset("”’」』）)》】\"'")
"""Marks that belong to the sentence they follow."""

_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


def utf8_bytes(text: str) -> int:
    """The weight of a text in WeChat's unit: bytes of UTF-8."""
    return len(text.encode(errors="surrogatepass"))


def split(text: str, limit: int, measure: Measure = utf8_bytes) -> tuple[str, str]:
    """The longest good beginning within the limit, and the rest; together they are the text.

    The beginning ends with a sentence where one ends within the limit, else with a clause, else
    between two characters as a reader sees them. It is empty when not even one fits.
    """
    most = _longest_prefix(text, limit, measure)
    if most == len(text):
        return text, ""
    cut = _last_end(text, most, SENTENCE_ENDS) or _last_end(text, most, CLAUSE_ENDS) or _between(text, most)
    return text[:cut], text[cut:]


def pieces(text: str, limit: int, measure: Measure = utf8_bytes) -> list[str]:
    """The whole text in pieces within the limit, each cut as `split` does; joined they are the text.

    Raises ValueError when a single character weighs more than the limit.
    """
    found: list[str] = []
    rest = text
    while rest:
        piece, rest = split(rest, limit, measure)
        if not piece:
            # Not even one character as a reader sees it: cut inside it rather than lose it.
            length = _longest_prefix(rest, limit, measure)
            if length == 0:
                raise ValueError("a character weighs more than the limit")
            piece, rest = rest[:length], rest[length:]
        found.append(piece)
    return found


def _longest_prefix(text: str, limit: int, measure: Measure) -> int:
    if measure(text) <= limit:
        return len(text)
    weight = 0
    for position, character in enumerate(text):
        weight += measure(character)
        if weight > limit:
            return position
    return len(text)


def _last_end(text: str, most: int, ends: frozenset[str]) -> int:
    """The end of the last sentence or clause within the first `most` characters, or 0."""
    for position in range(most, 0, -1):
        mark = position - 1
        while mark > 0 and text[mark] in CLOSERS:
            mark -= 1
        if text[mark] in ends and not _goes_on(text, position, ends):
            return position
    return 0


def _goes_on(text: str, position: int, ends: frozenset[str]) -> bool:
    """Whether the next character still belongs to the end just seen: a closing quote, a second mark."""
    following = text[position : position + 1]
    return following not in ("", "\n") and (following in CLOSERS or following in ends)


def _between(text: str, most: int) -> int:
    """The last place at or before `most` that does not tear a visible character apart."""
    position = most
    while position > 0 and _belongs_to_previous(text, position):
        position -= 1
    return position


def _belongs_to_previous(text: str, position: int) -> bool:
    character, before = text[position], text[position - 1]
    return character in _JOINERS or before == "\u200d" or unicodedata.category(character) in ("Mn", "Me", "Mc")
