"""FAQ entries: values, and the file format they are written in.

One entry is one UTF-8 file `content/faq/<category>/<topic>.md`: YAML front matter between `---`
lines, then the short answer in plain text, then sections with fixed headings. `parse_entry`
names file, line and field of every fault; `render_entry` writes the canonical file, and parsing
that gives an equal entry back.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.errors import ContentError
from bot.laws.citation import Citation
from bot.laws.front_matter import FieldReader, one_line, render_citation, scalar, split_file, trimmed
from bot.laws.marked import Step, load_marked

HEADINGS = ("怎么办", "证据", "去哪里", "金额和期限", "山东规定", "提醒")
REQUIRED_HEADINGS = ("怎么办", "证据", "去哪里", "提醒")
COMPLAINT_CATEGORIES = (
    "wage",
    "contract",
    "termination",
    "insurance",
    "injury",
    "hours",
    "protection",
    "safety",
    "union",
    "other",
)

LONGEST_TOPIC = 64
"""What the tables hold."""

REVIEW_AHEAD = timedelta(days=60)
"""So long before its review date staff are told of an entry."""

TOPIC = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")
_FIELDS = (
    "id",
    "title",
    "region",
    "effective_from",
    "effective_to",
    "checked_on",
    "review_by",
    "complaint_category",
    "related",
    "citations",
    "ask",
)
_OPTIONAL = ("effective_to", "related")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an entry below a fixed heading; `text` is Markdown."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ entry. `topic` is `category.name`; `short` is plain text for chat messages."""

    topic: str
    title: str
    region: str
    effective_from: date
    checked_on: date
    review_by: date
    complaint_category: str
    citations: tuple[Citation, ...]
    ask: tuple[str, ...]
    short: str
    sections: tuple[Section, ...]
    related: tuple[str, ...] = ()
    effective_to: date | None = None

    @property
    def category(self) -> str:
        """The first part of the topic."""
        return self.topic.partition(".")[0]

    def is_effective(self, on: date) -> bool:
        """Whether the entry may be served that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def is_review_due(self, on: date) -> bool:
        """Whether its review date has passed."""
        return on > self.review_by

    def is_review_near(self, on: date) -> bool:
        """Whether its review date comes soon and has not passed."""
        return on <= self.review_by <= on + REVIEW_AHEAD

    def section(self, heading: str) -> str:
        """The Markdown below that heading, or an empty text."""
        return next((s.text for s in self.sections if s.heading == heading), "")


def parse_entry(source: str, name: str = "entry") -> Entry:
    """Read the text of an entry file. Raises ContentError with every fault, by file and line."""
    front, body, body_line = split_file(source, name)
    marked = load_marked(front, name, 2)
    if not isinstance(marked.value, dict):
        raise ContentError([f"{name}:2: front matter must be a mapping"])
    reader = _EntryReader(marked)
    values = reader.read()
    short, sections = _parse_body(body, name, body_line, reader.faults)
    if reader.faults:
        raise ContentError(reader.faults)
    return Entry(**values, short=short, sections=sections)


def render_entry(entry: Entry) -> str:
    """The canonical file text; `parse_entry` of it is equal to the entry."""
    front: list[str] = [f"id: {entry.topic}", f"title: {scalar(entry.title)}", f"region: {scalar(entry.region)}"]
    front.append(f"effective_from: {entry.effective_from.isoformat()}")
    if entry.effective_to:
        front.append(f"effective_to: {entry.effective_to.isoformat()}")
    front.append(f"checked_on: {entry.checked_on.isoformat()}")
    front.append(f"review_by: {entry.review_by.isoformat()}")
    front.append(f"complaint_category: {entry.complaint_category}")
    front.append(f"related: [{', '.join(entry.related)}]")
    front.append("citations:")
    front += [f"  - {render_citation(citation)}" for citation in entry.citations]
    front.append("ask:")
    front += [f"  - {scalar(phrasing)}" for phrasing in entry.ask]
    body = entry.short + "\n"
    body += "".join(f"\n## {section.heading}\n{section.text}\n" for section in entry.sections)
    return "---\n" + "\n".join(front) + "\n---\n" + body


class _EntryReader(FieldReader):
    """Turns front matter into the fields of an Entry, collecting faults with their lines."""

    def read(self) -> dict[str, Any]:
        for field in self.fields:
            if field not in _FIELDS:
                self.fault(f"unknown field; known are {', '.join(_FIELDS)}", str(field))
        for field in _FIELDS:
            if field not in self.fields and field not in _OPTIONAL:
                self.faults.append(f"{self.front.name}:1: {field}: is missing")
        if self.faults:
            return {}
        return {
            "topic": self._topic(self.fields["id"], "id"),
            "title": self.text("title"),
            "region": self.text("region"),
            "effective_from": self.date("effective_from"),
            "effective_to": self.date("effective_to") if self.fields.get("effective_to") else None,
            "checked_on": self.date("checked_on"),
            "review_by": self.date("review_by"),
            "complaint_category": self._complaint_category(),
            "related": tuple(self._topic(topic, *where) for topic, where in self.items("related")),
            "citations": tuple(self.citation(raw, where) for raw, where in self.items("citations")),
            "ask": self._phrasings(),
        }

    def _topic(self, value: object, field: str, *where: Step) -> str:
        if not isinstance(value, str) or not TOPIC.fullmatch(value):
            self.fault(f"{value!r} is not a topic such as wage.arrears", field, *where)
            return ""
        if len(value) > LONGEST_TOPIC:
            self.fault(f"{value} has more than {LONGEST_TOPIC} characters", field, *where)
            return ""
        return value

    def _complaint_category(self) -> str:
        value = self.text("complaint_category")
        if value not in COMPLAINT_CATEGORIES:
            self.fault(f"must be one of {', '.join(COMPLAINT_CATEGORIES)}", "complaint_category")
        return value

    def _phrasings(self) -> tuple[str, ...]:
        phrasings = []
        for value, where in self.items("ask"):
            if not isinstance(value, str) or not value.strip():
                self.fault(f"{value!r} must be text (put quotes around it)", *where)
            else:
                phrasings.append(one_line(value))
        if not phrasings:
            self.fault("needs at least one phrasing", "ask")
        return tuple(phrasings)


def _parse_body(body: str, name: str, first_line: int, faults: list[str]) -> tuple[str, tuple[Section, ...]]:
    short, *rest = re.split(r"^## ", body, flags=re.MULTILINE)
    line = first_line + short.count("\n")
    sections: list[Section] = []
    for part in rest:
        heading, _, text = part.partition("\n")
        heading = heading.strip()
        known = [s.heading for s in sections]
        if heading not in HEADINGS:
            faults.append(f"{name}:{line}: heading {heading}: must be one of {', '.join(HEADINGS)}")
        elif known and HEADINGS.index(heading) <= HEADINGS.index(known[-1]):
            faults.append(f"{name}:{line}: heading {heading}: stands twice or after {known[-1]}")
        else:
            sections.append(Section(heading, trimmed(text)))
            if not text.strip():
                faults.append(f"{name}:{line}: heading {heading}: has no text")
        line += part.count("\n")
    missing = [heading for heading in REQUIRED_HEADINGS if heading not in [s.heading for s in sections]]
    if missing and not faults:
        faults.append(f"{name}:{first_line}: headings missing: {', '.join(missing)}")
    short = trimmed(short)
    if not short:
        faults.append(f"{name}:{first_line}: the short answer before the first heading is missing")
    return short, tuple(sections)
