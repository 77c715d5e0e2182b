"""FAQ entries: values, and the file format they are written in.

One entry is one UTF-8 file `content/faq/<category>/<topic>.md`: YAML front matter between `---`
lines, then the short answer in plain text, then sections with fixed headings. `parse_entry`
names file, line and field of every fault; `render_entry` writes the canonical file, and parsing
that gives an equal entry back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from bot.errors import ContentError

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

_TOPIC = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")
_ARTICLE = re.compile(r"([1-9][0-9]{0,3})(?:之([一二三四五六七八九十]))?")
_SUFFIXES = "一二三四五六七八九十"
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
_CITATION_FIELDS = {"law", "article", "paragraph", "item"}


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A provision: law (its short name), article with the N of 之N, paragraph 款 and item 项."""

    law: str
    article: int | None = None
    suffix: int = 0
    paragraph: int | None = None
    item: int | None = None

    @property
    def key(self) -> str:
        """The provision as `law:article`, e.g. 劳动合同法:85 or 刑法:276之一."""
        return f"{self.law}:{self.article_text}" if self.article else self.law

    @property
    def article_text(self) -> str:
        """The article number as written in entries: 85, 276之一; empty without an article."""
        if self.article is None:
            return ""
        return f"{self.article}之{_SUFFIXES[self.suffix - 1]}" if self.suffix else str(self.article)

    @property
    def place(self) -> str:
        """Where in the law, in words: 第85条第1款第2项."""
        if self.article is None:
            return ""
        text = f"第{self.article}条" + (f"之{_SUFFIXES[self.suffix - 1]}" if self.suffix else "")
        text += f"第{self.paragraph}款" if self.paragraph else ""
        return text + (f"第{self.item}项" if self.item else "")

    @property
    def label(self) -> str:
        """The provision as people read it: 《劳动合同法》第85条."""
        return f"《{self.law}》{self.place}"


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

    def section(self, heading: str) -> str:
        """The Markdown below that heading, or an empty text."""
        return next((s.text for s in self.sections if s.heading == heading), "")


def parse_entry(source: str, name: str = "entry") -> Entry:
    """Read the text of an entry file. Raises ContentError with every fault, by file and line."""
    source = source.replace("\r\n", "\n").removeprefix("\ufeff")
    match = re.match(r"---\n(.*?\n)---\n(.*)\Z", source, re.DOTALL)
    if match is None:
        raise ContentError([f"{name}:1: must begin with front matter between two lines of ---"])
    front, body = match.groups()
    try:
        fields = yaml.safe_load(front)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise ContentError([f"{name}:{line}: front matter: {getattr(error, 'problem', error)}"]) from None
    if not isinstance(fields, dict):
        raise ContentError([f"{name}:2: front matter must be a mapping"])
    reader = _FieldReader(name, front, fields)
    values = reader.read()
    body_line = front.count("\n") + 3
    short, sections = _parse_body(body, name, body_line, reader.faults)
    if reader.faults:
        raise ContentError(reader.faults)
    return Entry(**values, short=short, sections=sections)


def render_entry(entry: Entry) -> str:
    """The canonical file text; `parse_entry` of it is equal to the entry."""
    front: list[str] = [f"id: {entry.topic}", f"title: {_scalar(entry.title)}", f"region: {_scalar(entry.region)}"]
    front.append(f"effective_from: {entry.effective_from.isoformat()}")
    if entry.effective_to:
        front.append(f"effective_to: {entry.effective_to.isoformat()}")
    front.append(f"checked_on: {entry.checked_on.isoformat()}")
    front.append(f"review_by: {entry.review_by.isoformat()}")
    front.append(f"complaint_category: {entry.complaint_category}")
    front.append(f"related: [{', '.join(entry.related)}]")
    front.append("citations:")
    front += [f"  - {_render_citation(citation)}" for citation in entry.citations]
    front.append("ask:")
    front += [f"  - {_scalar(phrasing)}" for phrasing in entry.ask]
    body = entry.short + "\n"
    body += "".join(f"\n## {section.heading}\n{section.text}\n" for section in entry.sections)
    return "---\n" + "\n".join(front) + "\n---\n" + body


class _FieldReader:
    """Turns front matter into the fields of an Entry, collecting faults with their lines."""

    def __init__(self, name: str, front: str, fields: Mapping[str, Any]) -> None:
        self._name = name
        self._front = front.split("\n")
        self._fields = fields
        self.faults: list[str] = []

    def read(self) -> dict[str, Any]:
        for field in self._fields:
            if field not in _FIELDS:
                self._fault(str(field), f"unknown field; known are {', '.join(_FIELDS)}")
        for field in _FIELDS:
            if field not in self._fields and field not in _OPTIONAL:
                self.faults.append(f"{self._name}:1: {field}: is missing")
        if self.faults:
            return {}
        return {
            "topic": self._topic("id", self._fields["id"]),
            "title": self._text("title"),
            "region": self._text("region"),
            "effective_from": self._date("effective_from"),
            "effective_to": self._date("effective_to") if self._fields.get("effective_to") else None,
            "checked_on": self._date("checked_on"),
            "review_by": self._date("review_by"),
            "complaint_category": self._complaint_category(),
            "related": tuple(self._topic("related", topic) for topic in self._list("related")),
            "citations": tuple(self._citation(citation) for citation in self._list("citations")),
            "ask": self._phrasings(),
        }

    def _fault(self, field: str, what: str, needle: str = "") -> None:
        start = next((i for i, line in enumerate(self._front) if line.startswith(f"{field}:")), 0)
        line = start
        if needle:
            line = next((i for i in range(start, len(self._front)) if needle in self._front[i]), start)
        self.faults.append(f"{self._name}:{line + 2}: {field}: {what}")

    def _text(self, field: str) -> str:
        value = self._fields[field]
        if not isinstance(value, str) or not value.strip():
            self._fault(field, "must be text")
            return ""
        return value.strip()

    def _date(self, field: str) -> date:
        value = self._fields[field]
        if type(value) is not date:
            self._fault(field, "must be a date such as 2026-11-22")
            return date.min
        return value

    def _list(self, field: str) -> Sequence[Any]:
        value = self._fields.get(field) or []
        if not isinstance(value, list):
            self._fault(field, "must be a list")
            return []
        return value

    def _topic(self, field: str, value: object) -> str:
        if not isinstance(value, str) or not _TOPIC.fullmatch(value):
            self._fault(field, f"{value!r} is not a topic such as wage.arrears", str(value))
            return ""
        return value

    def _complaint_category(self) -> str:
        value = self._text("complaint_category")
        if value not in COMPLAINT_CATEGORIES:
            self._fault("complaint_category", f"must be one of {', '.join(COMPLAINT_CATEGORIES)}")
        return value

    def _phrasings(self) -> tuple[str, ...]:
        phrasings = []
        for value in self._list("ask"):
            if not isinstance(value, str) or not value.strip():
                self._fault("ask", f"{value!r} must be text (put quotes around it)", str(value))
            else:
                phrasings.append(" ".join(value.split()))
        if not phrasings:
            self._fault("ask", "needs at least one phrasing")
        return tuple(phrasings)

    def _citation(self, raw: object) -> Citation:
        if not isinstance(raw, dict) or not isinstance(raw.get("law"), str) or set(raw) - _CITATION_FIELDS:
            self._fault("citations", f"{raw!r} must look like {{law: 劳动合同法, article: 85}}")
            return Citation("")
        law = raw["law"].strip()
        article, suffix = None, 0
        if raw.get("article") is not None:
            match = _ARTICLE.fullmatch(str(raw["article"]))
            if match is None:
                self._fault("citations", f"article {raw['article']!r} must look like 85 or 276之一", law)
                return Citation(law)
            article = int(match[1])
            suffix = _SUFFIXES.index(match[2]) + 1 if match[2] else 0
        parts: dict[str, int | None] = {}
        for part in ("paragraph", "item"):
            value = raw.get(part)
            if value is not None and (type(value) is not int or value < 1 or article is None):
                self._fault("citations", f"{part} {value!r} must be a number from 1, with an article", law)
                value = None
            parts[part] = value
        return Citation(law, article, suffix, **parts)


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
            sections.append(Section(heading, text.strip()))
            if not text.strip():
                faults.append(f"{name}:{line}: heading {heading}: has no text")
        line += part.count("\n")
    missing = [heading for heading in REQUIRED_HEADINGS if heading not in [s.heading for s in sections]]
    if missing and not faults:
        faults.append(f"{name}:{first_line}: headings missing: {', '.join(missing)}")
    short = short.strip()
    if not short:
        faults.append(f"{name}:{first_line}: the short answer before the first heading is missing")
    return short, tuple(sections)


def _render_citation(citation: Citation) -> str:
    parts = [f"law: {_scalar(citation.law)}"]
    if citation.article is not None:
        parts.append(f"article: {citation.article_text}")
    if citation.paragraph is not None:
        parts.append(f"paragraph: {citation.paragraph}")
    if citation.item is not None:
        parts.append(f"item: {citation.item}")
    return "{" + ", ".join(parts) + "}"


def _scalar(text: str) -> str:
    """The text as YAML on one line, quoted only where YAML needs it."""
    dumped = yaml.safe_dump(
        text, allow_unicode=True, width=float("inf"), default_flow_style=True
    ).removesuffix("...\n")
    plain = dumped.strip()
    # inside a flow mapping these would end the scalar; outside they are harmless but quoted alike
    if plain == text and any(sign in text for sign in ",[]{}"):
        return yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style='"').strip()
    return plain
