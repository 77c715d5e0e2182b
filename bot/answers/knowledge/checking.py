"""What is wrong with the text of an entry, as facts by field: for those who have words of their own.

A fault keeps a draft from being submitted; a remark wants an editor's eye.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.answers.entries import TOPIC, Entry, parse_entry
from bot.answers.phrasings import plain_text
from bot.clock import local_date
from bot.errors import ContentError
from bot.laws.citing import CitationChecker, Cited
from bot.laws.findings import Finding, Level
from bot.laws.front_matter import split_file
from bot.laws.marked import load_marked
from bot.laws.register import LawRegister

FEW_PHRASINGS = 10
"""With fewer ways of asking an entry is hardly found."""

LONGEST_REVIEW = timedelta(days=366)
_LINE = re.compile(r"(?s).*?:(?P<line>[0-9]+): (?:(?P<where>[a-z_]+|heading .*?|headings missing): )?(?P<what>.*)")
_MARKDOWN = re.compile(r"^(?:[-*+>] |#|[0-9]+[.、)] )|\*\*|`|\]\(", re.MULTILINE)
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|https?://|\]\([^)]*\)")
_CODES = (
    ("must begin with front matter", "no_front"),
    ("front matter must be a mapping", "no_front"),
    ("unknown field", "unknown_field"),
    ("is missing", "missing"),
    ("must be text", "missing"),
    ("must be a date", "day"),
    ("must be a list", "list"),
    ("needs at least one phrasing", "no_phrasing"),
    ("is not a topic", "topic"),
    ("must look like", "citation_form"),
    ("must be a number from 1", "citation_form"),
    ("has no text", "empty"),
    ("stands twice or after", "heading_order"),
    ("the short answer before the first heading is missing", "missing"),
)
_HEADING = "heading "
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fact. where: the field, `sections.` before a heading; empty for the whole text. line: in the file, or 0."""

    code: str
    where: str = ""
    line: int = 0
    data: Mapping[str, str] = field(default_factory=dict)
    what: str = ""

    def __str__(self) -> str:
        """For the command line and for logs."""
        return f"{self.where}: {self.what or self.code}" if self.where else self.what or self.code


@dataclass(frozen=True, slots=True)
class Checked:
    """A text with what is wrong with it; entry: what it reads as, None where it cannot be read."""

    entry: Entry | None
    faults: tuple[Fault, ...]
    remarks: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryChecker:
    """Checks texts of entries for one installation. regions: those of it, the national one first."""

    register: LawRegister
    regions: Sequence[str]

    def check(self, topic: str, source: str, now: datetime, others: Mapping[str, Entry] | None = None) -> Checked:
        """Everything that is wrong. others: the live entries, to compare with; None: they are not looked at."""
        try:
            entry = parse_entry(source, topic)
        except ContentError as error:
            return Checked(None, tuple(_parsed(text) for text in error.faults))
        found = list(self._citations(entry, source, local_date(now)))
        faults = [*self._fields(entry, topic), *(fault for fault, level in found if level is Level.ERROR)]
        remarks = [*_dates(entry, local_date(now)), *_text(entry)]
        remarks += _compared(entry, others) if others is not None else []
        remarks += [fault for fault, level in found if level is not Level.ERROR]
        return Checked(entry, tuple(faults), tuple(remarks))

    def _fields(self, entry: Entry, topic: str) -> Iterator[Fault]:
        if entry.topic != topic:
            yield Fault("other_topic", "id", data={"topic": topic}, what=f"{entry.topic} must be {topic}")
        if entry.region not in self.regions:
            known = "、".join(self.regions)
            yield Fault("region", "region", data={"known": known}, what=f"must be one of {known}")
        if not entry.citations:
            yield Fault("no_citations", "citations", what="an answer without its legal basis is not served")
        if entry.effective_to is not None and entry.effective_to < entry.effective_from:
            yield Fault("ends_before", "effective_to", what="lies before effective_from")

    def _citations(self, entry: Entry, source: str, on: date) -> Iterator[tuple[Fault, Level]]:
        front, body, line = split_file(source, entry.topic)
        marked = load_marked(front, entry.topic, 2)
        where = Cited(entry.topic, marked, body, line, entry.citations, entry.effective_from)
        for finding in CitationChecker(self.register, on).check(where):
            yield _cited(finding), finding.level


def _parsed(text: str) -> Fault:
    """The fault that the parser tells in one line."""
    match = _LINE.fullmatch(text)
    if match is None:
        return Fault("other", what=text)
    where, what, line = match["where"] or "", match["what"], int(match["line"])
    if where == "headings missing":
        return Fault("headings_missing", "sections", line, {"names": what.replace(", ", "、")}, text)
    code = next((code for sign, code in _CODES if sign in what), "other" if where else "yaml")
    if where.startswith(_HEADING):
        heading = where.removeprefix(_HEADING)
        code = "heading_unknown" if what.startswith("must be one of") else code
        return Fault(code, f"sections.{heading}", line, {"heading": heading}, what)
    if what.startswith("must be one of"):
        code = "choice"
    if not where and what.startswith("the short answer"):
        where = "short"
    quoted = _QUOTED.search(what)
    return Fault(code, where, line, {"value": quoted[1] if quoted else "", "what": what}, what)


def _cited(finding: Finding) -> Fault:
    """What is wrong between text and citations: it is mended in the list of citations as often as in the text."""
    data = dict(finding.data)
    data.pop("number", None)
    return Fault(f"citation_{finding.code}", "citations", finding.line, data, finding.what)


def _dates(entry: Entry, on: date) -> Iterator[Fault]:
    if entry.effective_from > on:
        yield Fault("not_yet", "effective_from", data={"day": entry.effective_from.isoformat()})
    if entry.effective_to is not None and entry.effective_to < on:
        yield Fault("expired", "effective_to", data={"day": entry.effective_to.isoformat()})
    if entry.checked_on > on:
        yield Fault("checked_in_future", "checked_on", data={"day": entry.checked_on.isoformat()})
    if entry.is_review_due(on):
        yield Fault("review_overdue", "review_by", data={"day": entry.review_by.isoformat()})
    elif entry.review_by - entry.checked_on > LONGEST_REVIEW:
        yield Fault("review_late", "review_by", data={"day": entry.review_by.isoformat()})


def _text(entry: Entry) -> Iterator[Fault]:
    if _MARKDOWN.search(entry.short):
        yield Fault("marks_in_short", "short")
    for name, text in [("short", entry.short), *((f"sections.{s.heading}", s.text) for s in entry.sections)]:
        for match in _MARKUP.finditer(text):
            yield Fault("markup", name, data={"found": match[0][:40]})
    if len(entry.ask) < FEW_PHRASINGS:
        yield Fault("few_phrasings", "ask", data={"count": str(len(entry.ask)), "least": str(FEW_PHRASINGS)})


def _compared(entry: Entry, others: Mapping[str, Entry]) -> Iterator[Fault]:
    for number, topic in enumerate(entry.related):
        if not TOPIC.fullmatch(topic) or topic not in others:
            yield Fault("related_unknown", "related", data={"topic": topic})
        elif topic == entry.topic:
            yield Fault("related_itself", "related")
        elif topic in entry.related[:number]:
            yield Fault("related_twice", "related", data={"topic": topic})
    mine = {_plain(text): text for text in entry.ask}
    for other in others.values():
        shared = {_plain(text) for text in other.ask} & set(mine) if other.topic != entry.topic else ()
        for plain in sorted(shared):
            yield Fault("phrasing_elsewhere", "ask", data={"text": mine[plain], "title": other.title})


@lru_cache(maxsize=16_384)
def _plain(text: str) -> str:
    """What is compared of a phrasing; the same ones are compared with every look at an entry."""
    return plain_text(text)
