"""Statute texts that an operator has loaded: reading the file they come in, and checking against them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.errors import ContentError
from bot.laws.citation import Citation
from bot.laws.citing import Cited
from bot.laws.findings import Finding, error
from bot.laws.mentions import bracketed_titles
from bot.laws.numerals import parse_numeral

LONGEST_COPY = 20
"""A run of this many characters that equals a statute's is copied."""

_ITEM = re.compile(r"[（(]([一二三四五六七八九十]+)[）)]")
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class StatuteText:
    """The text of one article. `suffix` is the N of 之N, else 0; article 0 is a whole document."""

    law: str
    full_title: str
    article: int
    suffix: int
    text: str
    version: str
    status: str
    effective_on: date | None


@dataclass(frozen=True, slots=True)
class StatuteFile:
    """What a file of statute texts holds, by law; `without_text` counts the lines left out."""

    laws: Mapping[str, tuple[StatuteText, ...]]
    without_text: int


def parse_statutes(lines: Iterable[str], name: str) -> StatuteFile:
    """Read JSON lines, one article each. Raises ContentError with every bad line by number."""
    faults: list[str] = []
    laws: dict[str, list[StatuteText]] = {}
    seen: set[tuple[str, int, int]] = set()
    without_text = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            statute = _statute(json.loads(line))
        except ValueError as fault:
            faults.append(f"{name}:{number}: {fault}")
            continue
        key = (statute.law, statute.article, statute.suffix)
        if key in seen:
            faults.append(f"{name}:{number}: {statute.law} article {statute.article} stands twice")
        seen.add(key)
        if statute.text:
            laws.setdefault(statute.law, []).append(statute)
        else:
            without_text += 1
    if faults:
        raise ContentError(faults)
    return StatuteFile({law: tuple(texts) for law, texts in laws.items()}, without_text)


def _statute(row: object) -> StatuteText:
    if not isinstance(row, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - a fault of the file like the others
    return StatuteText(
        law=_text(row, "law", needed=True),
        full_title=_text(row, "full_title", needed=True),
        article=_number(row, "article", None),
        suffix=_number(row, "suffix", 0),
        text=_text(row, "text"),
        version=_text(row, "version"),
        status=_text(row, "status"),
        effective_on=_day(row, "effective"),
    )


def _text(row: Mapping[str, object], field: str, *, needed: bool = False) -> str:
    value = row.get(field, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise ValueError(f"{field} must be text")
    return value.strip()


def _number(row: Mapping[str, object], field: str, default: int | None) -> int:
    value = row.get(field, default)
    if type(value) is not int or value < 0:
        raise ValueError(f"{field} must be a number from 0")
    return value


def _day(row: Mapping[str, object], field: str) -> date | None:
    text = _text(row, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{field} {text!r} must be a date such as 2026-11-22") from None


def paragraphs(text: str) -> list[frozenset[int]]:
    """The paragraphs (款) of an article, each as the numbers of its items (项)."""
    found: list[set[int]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        item = _ITEM.match(line)
        if item is None:
            found.append(set())
        elif found:
            found[-1].add(parse_numeral(item[1]))
    return [frozenset(items) for items in found]


class StatuteChecker:
    """Checks entries against the texts that are loaded."""

    def __init__(self, texts: Mapping[tuple[str, int, int], str]) -> None:
        self._texts = texts

    def places(self, where: Cited) -> Iterator[Finding]:
        """Paragraphs and items that the cited articles do not have."""
        for number, citation in enumerate(where.citations):
            fault = self._fault(citation)
            if fault:
                line = where.front.line("citations", number)
                what = f"citations: {citation.label}: {fault}"
                yield error(where.path, line, what, "no_such_place", label=citation.label, number=number)

    def _fault(self, citation: Citation) -> str:
        text = self._texts.get((citation.law, citation.article or 0, citation.suffix))
        if not text or citation.article is None:
            return ""
        parts = paragraphs(text)
        if citation.paragraph is not None and citation.paragraph > len(parts):
            return f"the article has {len(parts)} paragraphs"
        if citation.item is None:
            return ""
        chosen = parts if citation.paragraph is None else [parts[citation.paragraph - 1]]
        holding = [items for items in chosen if citation.item in items]
        if not holding:
            return "there is no such item"
        return "the item stands in several paragraphs, name one" if len(holding) > 1 else ""

    def copies(self, entries: Iterable[Cited]) -> Iterator[Finding]:
        """Runs of an entry's text that equal a statute's; titles of laws do not count."""
        runs: dict[str, list[tuple[Cited, int]]] = {}
        for where in entries:
            for run, offset in _runs(where.body):
                runs.setdefault(run, []).append((where, offset))
        copied: dict[str, str] = {}
        for (law, article, _), text in self._texts.items():
            plain = _NOISE.sub("", text)
            for i in range(len(plain) - LONGEST_COPY + 1):
                run = plain[i : i + LONGEST_COPY]
                if run in runs:
                    copied.setdefault(run, f"《{law}》第{article}条")
        yield from _first_of_each(runs, copied)


def _runs(body: str) -> Iterator[tuple[str, int]]:
    """All runs of the body without punctuation and titles, each with its place."""
    masked = list(body)
    for _, start, end in bracketed_titles(body):
        masked[start:end] = "\x00" * (end - start)
    kept = [(char, place) for place, char in enumerate(masked) if char == "\x00" or not _NOISE.match(char)]
    plain = "".join(char for char, _ in kept)
    for i in range(len(plain) - LONGEST_COPY + 1):
        run = plain[i : i + LONGEST_COPY]
        if "\x00" not in run:
            yield run, kept[i][1]


def _first_of_each(runs: Mapping[str, list[tuple[Cited, int]]], copied: Mapping[str, str]) -> Iterator[Finding]:
    """One finding a line: neighbouring runs are one copied passage."""
    reported: set[tuple[str, int]] = set()
    for run, places in runs.items():
        for where, offset in places if run in copied else ():
            line = where.line_of(offset)
            if (where.path, line) not in reported:
                reported.add((where.path, line))
                what = f"copied from {copied[run]}: {run}"
                yield error(where.path, line, what, "copied", label=copied[run], text=run)
