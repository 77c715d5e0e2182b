"""Checking a folder of entries before it goes live: every finding with file and line.

What must be true of an entry is stated here in one place; the parts that need more room stand
in `citing` (law), `phrasings` (wording) and `statutes` (loaded texts).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.answers.content import EntryFile, entry_files, read_files
from bot.answers.entries import Entry
from bot.answers.phrasings import MOST_TOPICS, alike, near_duplicates, patterns, phrasing
from bot.laws.citing import CitationChecker, Cited
from bot.laws.findings import Finding, error, warning
from bot.laws.front_matter import split_file
from bot.laws.marked import load_marked
from bot.laws.register import LawRegister
from bot.laws.statutes import StatuteChecker

FEWEST_PHRASINGS = 30
LONGEST_REVIEW = timedelta(days=366)
LONGEST_FIRST_SENTENCE = 80

_FAULT = re.compile(r"(.*?):([0-9]+): (.*)", re.DOTALL)
_MARKDOWN = re.compile(r"^(?:[-*+>] |#|[0-9]+[.、)] )|\*\*|`|\]\(", re.MULTILINE)
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|https?://|\]\([^)]*\)")
_UNFINISHED = re.compile("TODO|FIXME|XXX|待填|待补|待定稿")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")


@dataclass(frozen=True, slots=True)
class Located(Cited):
    """An entry file with the lines of its parts."""

    file: EntryFile


@dataclass(frozen=True, slots=True)
class Rules:
    """What entries are checked against. `bytes_of` measures a short form as it goes out."""

    register: LawRegister
    regions: Sequence[str]
    on: date
    most_bytes: int
    bytes_of: Callable[[Entry, Sequence[Entry]], int]
    statutes: Mapping[tuple[str, int, int], str]


def located(file: EntryFile) -> Located:
    """The file with its lines."""
    front, body, body_line = split_file(file.source, str(file.path))
    marked, entry = load_marked(front, str(file.path), 2), file.entry
    return Located(str(file.path), marked, body, body_line, entry.citations, entry.effective_from, file)


def check_folder(folder: Path, rules: Rules) -> list[Finding]:
    """All findings on the entries of a folder, in the order of files and lines. Changes nothing."""
    files, faults = read_files(folder)
    findings = [_fault(text) for text in faults]
    entries = [located(file) for file in files]
    topics = {f"{path.parent.name}.{path.stem}" for path in entry_files(folder)}
    by_topic = {where.file.entry.topic: where for where in entries}
    citations = CitationChecker(rules.register, rules.on)
    statutes = StatuteChecker(rules.statutes)
    for where in entries:
        findings += _dates(where, rules)
        findings += _related(where, topics)
        findings += _text(where, by_topic, rules)
        findings += citations.check(where)
        findings += statutes.places(where)
    findings += _phrasings(by_topic)
    if rules.statutes:
        findings += statutes.copies(entries)
    return sorted(set(findings))


def unresolved_citations(files: Iterable[EntryFile], register: LawRegister, on: date) -> list[str]:
    """The citations that may not be served, by file and line: what an import refuses."""
    checker = CitationChecker(register, on)
    faults = []
    for where in map(located, files):
        for number, citation in enumerate(where.file.entry.citations):
            fault = checker.unresolved(citation)
            if fault:
                faults.append(where.front.fault(f"citations: {citation.label} {fault}", "citations", number))
    return faults


def _fault(text: str) -> Finding:
    match = _FAULT.fullmatch(text)
    return error(match[1], int(match[2]), match[3]) if match else error("", 1, text)


def _dates(where: Located, rules: Rules) -> Iterator[Finding]:
    entry, path, line = where.file.entry, where.path, where.front.line
    if entry.region not in rules.regions:
        known = "、".join(rules.regions)
        yield error(path, line("region"), f"region: {entry.region} is not a region of this installation ({known})")
    if entry.effective_from > rules.on:
        yield error(path, line("effective_from"), f"effective_from: not served before {entry.effective_from}")
    if entry.effective_to is not None and entry.effective_to < max(rules.on, entry.effective_from):
        yield error(path, line("effective_to"), f"effective_to: not served since {entry.effective_to}")
    if entry.checked_on > rules.on:
        yield error(path, line("checked_on"), f"checked_on: {entry.checked_on} lies in the future")
    if entry.is_review_due(rules.on):
        yield error(path, line("review_by"), f"review_by: the review is overdue since {entry.review_by}")
    elif entry.review_by < entry.checked_on:
        yield error(path, line("review_by"), f"review_by: lies before checked_on {entry.checked_on}")
    elif entry.review_by - entry.checked_on > LONGEST_REVIEW:
        yield warning(path, line("review_by"), "review_by: more than a year after checked_on")


def _related(where: Located, topics: set[str]) -> Iterator[Finding]:
    related = where.file.entry.related
    for number, topic in enumerate(related):
        line = where.front.line("related", number)
        if topic not in topics:
            yield error(where.path, line, f"related: there is no entry {topic}")
        elif topic == where.file.entry.topic:
            yield error(where.path, line, "related: names the entry itself")
        elif topic in related[:number]:
            yield error(where.path, line, f"related: {topic} stands twice")


def _text(where: Located, by_topic: Mapping[str, Located], rules: Rules) -> Iterator[Finding]:
    entry, path = where.file.entry, where.path
    first = where.line_of(len(where.body) - len(where.body.lstrip()))
    related = [by_topic[topic].file.entry for topic in entry.related if topic in by_topic]
    size = rules.bytes_of(entry, related)
    if size > rules.most_bytes:
        what = f"the short form takes {size} bytes as a message, {rules.most_bytes} are possible"
        yield error(path, first, f"{what} ({size - rules.most_bytes} too many)")
    if _MARKDOWN.search(entry.short):
        yield error(path, first, "the short answer is plain text: no lists, no headings, no marks")
    sentence = _SENTENCE.match(entry.short)
    if sentence is not None and len(sentence[0]) > LONGEST_FIRST_SENTENCE:
        yield warning(path, first, f"the first sentence has {len(sentence[0])} characters; it should be the answer")
    for match in _MARKUP.finditer(where.body):
        yield error(path, where.line_of(match.start()), f"links and HTML have no place in an entry: {match[0][:40]}")
    for match in _UNFINISHED.finditer(where.file.source):
        yield error(path, where.file.source.count("\n", 0, match.start()) + 1, f"unfinished: {match[0]}")
    if not re.match(r"1[.、)]", entry.section("怎么办")):
        line = where.line_of(max(0, where.body.find("## 怎么办")))
        yield warning(path, line, "怎么办: should be numbered steps")


def _phrasings(by_topic: Mapping[str, Located]) -> Iterator[Finding]:
    everything = []
    for topic, where in by_topic.items():
        mine = [phrasing(topic, number, text) for number, text in enumerate(where.file.entry.ask)]
        everything += mine
        if len(mine) < FEWEST_PHRASINGS:
            line = where.front.line("ask")
            yield error(where.path, line, f"ask: {len(mine)} phrasings, {FEWEST_PHRASINGS} are needed")
        for one, other, share in alike(mine):
            line = where.front.line("ask", other.position)
            first = where.front.line("ask", one.position)
            what = f"{other.text} shares {share:.0%} of its character pairs with line {first}: {one.text}"
            yield error(where.path, line, f"ask: {what}")
    for one, other, share in near_duplicates(everything):
        where, there = by_topic[other.topic], by_topic[one.topic]
        place = f"{there.path}:{there.front.line('ask', one.position)}"
        line = where.front.line("ask", other.position)
        yield error(where.path, line, f"ask: {other.text} is nearly {one.text} of {place} ({share:.0%})")
    for pattern, ones in patterns(everything, {topic: w.file.entry.title for topic, w in by_topic.items()}):
        topics = {one.topic for one in ones}
        for one in ones:
            where = by_topic[one.topic]
            line = where.front.line("ask", one.position)
            what = f"the pattern {pattern} is found in {len(topics)} topics, {MOST_TOPICS} are allowed: {one.text}"
            yield error(where.path, line, f"ask: {what}")
