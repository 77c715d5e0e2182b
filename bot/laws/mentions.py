"""Finding the provisions that a text mentions: 《劳动合同法》第85条第1款第2项, 该条例第17条, 第36、46条.

Pure and exact about places: every mention knows where it stands. A reference that names no law
(`第39条`, `该法第10条`) is given the law it reads as, and says that it was not named.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.laws.numerals import NUMERAL, SUFFIXES, parse_numeral

_FULL_WIDTH = str.maketrans("\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "0123456789")
_NUMBERS = rf"{NUMERAL}(?:\s*[、,，和至到~～—–-]\s*{NUMERAL})*"
_REFERENCE = re.compile(
    rf"第\s*(?P<articles>{_NUMBERS})\s*条(?:\s*之\s*(?P<suffix>[{SUFFIXES}]))?"
    rf"(?:\s*第\s*(?P<paragraph>{NUMERAL})\s*款)?(?:\s*第\s*[（(]?\s*(?P<item>{NUMERAL})\s*[）)]?\s*项)?"
)
_JOIN = re.compile(r"\s*(?:[、，,]\s*)?(?:以及|或者|[和与及或])?\s*(?P<range>[至到~～—–-])?\s*")
_MORE = re.compile(rf"\s*[、和及或]\s*(?:第\s*{NUMERAL}\s*款|第\s*[（(]?\s*{NUMERAL}\s*[）)]?\s*项)+")
_AFTER_TITLE = re.compile(r"\s*(?:（[^（）]*）)?\s*(?:的|中的?)?\s*")
_POINTER = re.compile(
    r"(?:该|同|本|前述|上述)[^，。；、（）\s第]{0,4}?(法|条例|规定|办法|解释|规则|细则)(（[一二三四五]）)?\s*$"
)
_SHORT_NAME = re.compile(r"\s*（[^（）《》]{0,6}简称[:：]?[“\"]?(?P<name>[\u4e00-\u9fff]{2,12})[”\"]?）")
_LONGEST_RANGE = 100  # more is a slip of the pen
_OTHER_PAPER = re.compile(r"(?:合同|协议|手册|制度|章程|规章)\s*$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A provision, or a law alone, as a text mentions it."""

    law: str
    start: int
    text: str
    named: bool = True
    article: int | None = None
    suffix: int = 0
    paragraph: int | None = None
    item: int | None = None


def bracketed_titles(text: str) -> Iterator[tuple[str, int, int]]:
    """Every outermost 《…》 as title, start and end; brackets do not reach across lines."""
    opened: list[int] = []
    for position, char in enumerate(text):
        if char == "《":
            opened.append(position)
        elif char == "》" and opened:
            start = opened.pop()
            if not opened:
                yield text[start + 1 : position], start, position + 1
        elif char == "\n":
            opened.clear()


class MentionFinder:
    """Finds mentions; knows the titles that may stand without 《》, and those that hold one: 实施《工会法》办法."""

    def __init__(self, titles: Sequence[str]) -> None:
        longest_first = sorted((re.escape(t) for t in titles if "《" not in t), key=len, reverse=True)
        holding = sorted((re.escape(t) for t in titles if "《" in t), key=len, reverse=True)
        self._holding_title = re.compile("|".join(holding) or r"(?!)")
        self._bare_title = re.compile(rf"(?<![省市《])({'|'.join(longest_first)})(?=\s*第\s*{NUMERAL}[^第条]*条)")

    def find(self, text: str) -> list[Mention]:
        """The mentions of a text, in order."""
        text = text.translate(_FULL_WIDTH)
        titles = self._titles(text)
        mentions: list[Mention] = []
        taken: set[int] = set()
        for title, start, end in titles:
            chain = list(_chain(text, _AFTER_TITLE.match(text, end).end()))  # type: ignore[union-attr]  # matches empty
            taken.update(match.start() for match, _ in chain)
            if chain:
                mentions += [m for match, first in chain for m in _mentions(title, match, first, named=True)]
            else:
                mentions.append(Mention(title, start, text[start:end]))
        mentions += self._unnamed(text, titles, taken)
        return sorted(mentions, key=lambda mention: mention.start)

    def _titles(self, text: str) -> list[tuple[str, int, int]]:
        bracketed = list(bracketed_titles(text))
        holding = [
            (match[0], match.start(), match.end())
            for match in self._holding_title.finditer(text)
            if not any(start <= match.start() and match.end() <= end for _, start, end in bracketed)
        ]
        titles = [one for one in bracketed if not any(s <= one[1] and one[2] <= e for _, s, e in holding)]
        titles += holding
        spans = [(start, end) for _, start, end in titles]
        titles += [
            (match[1], match.start(), match.end())
            for match in self._bare_title.finditer(text)
            if not any(start <= match.start() < end for start, end in spans)
        ]
        titles += list(_short_names(text, titles))
        return sorted(titles, key=lambda title: title[1])

    def _unnamed(self, text: str, titles: Sequence[tuple[str, int, int]], taken: set[int]) -> Iterator[Mention]:
        law = ""
        position = 0
        while match := _REFERENCE.search(text, position):
            position = match.end()
            before = text[: match.start()]
            if match.start() in taken or _OTHER_PAPER.search(before[-6:]):
                continue
            earlier = [title for title, _, end in titles if end <= match.start()]
            pointer = _POINTER.search(before[-16:])
            joined = match.start() > 0 and law and _chained_to(text, match.start(), taken)
            if not joined:
                law = _pointed_at(earlier, pointer)
            taken.add(match.start())
            yield from _mentions(law, match, None, named=False)


def _short_names(text: str, titles: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Where the text calls a law by the short name that it has given it: 《……暂行规定》（以下简称暂行规定）."""
    for title, _, end in titles:
        given = _SHORT_NAME.match(text, end)
        if given is None:
            continue
        called = re.compile(rf"(?<!《){re.escape(given['name'])}(?=\s*第\s*{NUMERAL}[^第条]*条)")
        for match in called.finditer(text, given.end()):
            if not any(start <= match.start() < stop for _, start, stop in titles):
                yield title, match.start(), match.end()


def _chained_to(text: str, start: int, taken: set[int]) -> bool:
    """Whether the reference continues a list of references that began before it."""
    for match in _REFERENCE.finditer(text, max(0, start - 40), start):
        if match.start() in taken and (join := _JOIN.fullmatch(text, match.end(), start)) and join[0]:
            return True
    return False


def _pointed_at(earlier: Sequence[str], pointer: re.Match[str] | None) -> str:
    """The law that 该法, 该解释（二） or nothing at all reads as: the last one that fits."""
    if pointer is not None:
        kind = pointer[1] + (pointer[2] or "")
        for title in reversed(earlier):
            if title.endswith(kind) or (not pointer[2] and re.search(rf"{kind}(?:（.*）)?$", title)):
                return title
    return earlier[-1] if earlier else ""


def _chain(text: str, position: int) -> Iterator[tuple[re.Match[str], int | None]]:
    """The references that follow one another from there; of a range, the end with its first article."""
    first: int | None = None
    while match := _REFERENCE.match(text, position):
        yield match, first
        position = match.end()
        while more := _MORE.match(text, position):
            position = more.end()
        join = _JOIN.match(text, position)
        if join is None or not join[0]:
            return
        first = _expand(match["articles"])[-1] + 1 if join["range"] else None
        position = join.end()


def _mentions(law: str, match: re.Match[str], first: int | None, *, named: bool) -> Iterator[Mention]:
    *others, last = _expand(match["articles"])
    if first is not None:
        others = [*range(first, others[0] if others else last), *others]
    for article in others:
        yield Mention(law, match.start(), match[0], named, article)
    yield Mention(
        law,
        match.start(),
        match[0],
        named,
        last,
        SUFFIXES.index(match["suffix"]) + 1 if match["suffix"] else 0,
        parse_numeral(match["paragraph"]) if match["paragraph"] else None,
        parse_numeral(match["item"]) if match["item"] else None,
    )


def _expand(numbers: str) -> list[int]:
    """The articles of a list or range written before one 条: 3至5、9 -> 3, 4, 5, 9."""
    articles: list[int] = []
    for part in re.split("[、,，和]", re.sub(r"\s", "", numbers)):
        ends = [parse_numeral(end) for end in re.split("[至到~～—–-]", part)]
        articles += range(ends[0], ends[-1] + 1) if 0 <= ends[-1] - ends[0] < _LONGEST_RANGE else ends
    return articles
