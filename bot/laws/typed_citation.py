"""Citations as people type them, one a line.

《劳动合同法》第85条第1款第2项, 劳动合同法 第八十五条, 劳动合同法 85-1-2.
"""

import re
import unicodedata

from bot.laws.citation import Citation
from bot.laws.front_matter import one_line
from bot.laws.numerals import NUMERAL, SUFFIXES, parse_numeral

_NAMED = re.compile(r"《(?P<law>.+)》(?P<place>[^《》]*)")
_SPACED = re.compile(r"(?P<law>.+?)\s+(?P<place>\S*[0-9条]\S*)")
_JOINED = re.compile(r"(?P<law>.*?[^第\s])(?P<place>第\s*(?:[0-9]|[零一二三四五六七八九十百千])[^条]*条.*)")
_SUFFIX = f"(?:之(?P<suffix>[{SUFFIXES}]))?"
_WORDS = re.compile(
    rf"第?(?P<article>{NUMERAL})条{_SUFFIX}(?:第?(?P<paragraph>{NUMERAL})款)?(?:第?\(?(?P<item>{NUMERAL})\)?项)?"
)
_NUMBERS = re.compile(rf"(?P<article>[0-9]+){_SUFFIX}(?:-(?P<paragraph>[0-9]*))?(?:-(?P<item>[0-9]+))?")


def parse_typed(text: str) -> Citation | None:
    """The citation of that line, or None for one that cannot be read. A line without a place cites the law as a whole.

    What `Citation.label` says is read as that very citation.
    """
    text = one_line(text)
    named = _NAMED.fullmatch(text)
    if named:
        place = named["place"].strip()
        return _citation(named["law"], place) if place else Citation(named["law"].strip())
    for form in (_SPACED, _JOINED):
        match = form.fullmatch(text)
        found = _citation(match["law"], match["place"]) if match else None
        if found is not None:
            return found
    return Citation(text) if text and not set("《》") & set(text) else None


def _citation(law: str, place: str) -> Citation | None:
    place = re.sub(r"\s", "", unicodedata.normalize("NFKC", place))
    match = _WORDS.fullmatch(place) or _NUMBERS.fullmatch(place)
    if match is None:
        return None
    numbers = {name: parse_numeral(match[name]) for name in ("article", "paragraph", "item") if match[name]}
    if not all(numbers.values()):
        return None
    suffix = SUFFIXES.index(match["suffix"]) + 1 if match["suffix"] else 0
    return Citation(law.strip(), numbers["article"], suffix, numbers.get("paragraph"), numbers.get("item"))
