"""FAQ entries: values, and the file format they are written in.

One entry is one UTF-8 file `content/faq/<category>/<topic>.md`: YAML front matter between `---`
lines, then the short answer in plain text, then sections with fixed headings. `parse_entry`
names file, line and field of every fault; `render_entry` writes the canonical file, and parsing
that gives an equal entry back.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from bot.answers.marked import Marked, Step, load_marked
from bot.answers.numerals import SUFFIXES
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

TOPIC = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")
_ARTICLE = re.compile(r"([1-9][0-9]{0,3})(?:之([一二三四五六七八九十]))?")
# Text that YAML can only read as this text; the emitter is asked about all other text.
_HARMLESS = re.compile("[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9，。、；：！？（）《》]*")
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
        return f"{self.article}之{SUFFIXES[self.suffix - 1]}" if self.suffix else str(self.article)

    @property
    def place(self) -> str:
        """Where in the law, in words: 第85条第1款第2项."""
        if self.article is None:
            return ""
        text = f"第{self.article}条" + (f"之{SUFFIXES[self.suffix - 1]}" if self.suffix else "")
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
    front, body, body_line = split_entry(source, name)
    marked = load_marked(front, name, 2)
    if not isinstance(marked.value, dict):
        raise ContentError([f"{name}:2: front matter must be a mapping"])
    reader = _FieldReader(marked)
    values = reader.read()
    short, sections = _parse_body(body, name, body_line, reader.faults)
    if reader.faults:
        raise ContentError(reader.faults)
    return Entry(**values, short=short, sections=sections)


def split_entry(source: str, name: str = "entry") -> tuple[str, str, int]:
    """Front matter, body, and the line on which the body begins. Raises ContentError."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    match = re.match(r"---\n(.*?\n)---\n(.*)\Z", source, re.DOTALL)
    if match is None:
        raise ContentError([f"{name}:1: must begin with front matter between two lines of ---"])
    return match[1], match[2], match[1].count("\n") + 3


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

    def __init__(self, front: Marked) -> None:
        self._front = front
        self._fields: dict[Any, Any] = front.value
        self.faults: list[str] = []

    def read(self) -> dict[str, Any]:
        for field in self._fields:
            if field not in _FIELDS:
                self._fault(f"unknown field; known are {', '.join(_FIELDS)}", str(field))
        for field in _FIELDS:
            if field not in self._fields and field not in _OPTIONAL:
                self.faults.append(f"{self._front.name}:1: {field}: is missing")
        if self.faults:
            return {}
        return {
            "topic": self._topic(self._fields["id"], "id"),
            "title": self._text("title"),
            "region": self._text("region"),
            "effective_from": self._date("effective_from"),
            "effective_to": self._date("effective_to") if self._fields.get("effective_to") else None,
            "checked_on": self._date("checked_on"),
            "review_by": self._date("review_by"),
            "complaint_category": self._complaint_category(),
            "related": tuple(self._topic(topic, *where) for topic, where in self._items("related")),
            "citations": tuple(self._citation(raw, where) for raw, where in self._items("citations")),
            "ask": self._phrasings(),
        }

    def _fault(self, what: str, field: str, *where: Step) -> None:
        self.faults.append(self._front.fault(f"{field}: {what}", field, *where))

    def _text(self, field: str) -> str:
        value = self._fields[field]
        if not isinstance(value, str) or not value.strip():
            self._fault("must be text", field)
            return ""
        return _one_line(value)

    def _date(self, field: str) -> date:
        value = self._fields[field]
        if type(value) is not date:
            self._fault("must be a date such as 2026-11-22", field)
            return date.min
        return value

    def _items(self, field: str) -> list[tuple[Any, tuple[str, int]]]:
        """The items of a list, each with the path of its line."""
        value = self._fields.get(field) or []
        if not isinstance(value, list):
            self._fault("must be a list", field)
            return []
        return [(item, (field, number)) for number, item in enumerate(value)]

    def _topic(self, value: object, field: str, *where: Step) -> str:
        if not isinstance(value, str) or not TOPIC.fullmatch(value):
            self._fault(f"{value!r} is not a topic such as wage.arrears", field, *where)
            return ""
        return value

    def _complaint_category(self) -> str:
        value = self._text("complaint_category")
        if value not in COMPLAINT_CATEGORIES:
            self._fault(f"must be one of {', '.join(COMPLAINT_CATEGORIES)}", "complaint_category")
        return value

    def _phrasings(self) -> tuple[str, ...]:
        phrasings = []
        for value, where in self._items("ask"):
            if not isinstance(value, str) or not value.strip():
                self._fault(f"{value!r} must be text (put quotes around it)", *where)
            else:
                phrasings.append(_one_line(value))
        if not phrasings:
            self._fault("needs at least one phrasing", "ask")
        return tuple(phrasings)

    def _citation(self, raw: object, where: tuple[str, int]) -> Citation:
        if not isinstance(raw, dict) or not isinstance(raw.get("law"), str) or set(raw) - _CITATION_FIELDS:
            self._fault(f"{raw!r} must look like {{law: 劳动合同法, article: 85}}", *where)
            return Citation("")
        law = _one_line(raw["law"])
        if not law:
            self._fault("law must be text", *where)
        article, suffix = None, 0
        if raw.get("article") is not None:
            match = _ARTICLE.fullmatch(str(raw["article"]))
            if match is None:
                self._fault(f"article {raw['article']!r} must look like 85 or 276之一", *where)
                return Citation(law)
            article = int(match[1])
            suffix = SUFFIXES.index(match[2]) + 1 if match[2] else 0
        parts: dict[str, int | None] = {}
        for part in ("paragraph", "item"):
            value = raw.get(part)
            if value is not None and (type(value) is not int or value < 1 or article is None):
                self._fault(f"{part} {value!r} must be a number from 1, with an article", *where)
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
            sections.append(Section(heading, _trimmed(text)))
            if not text.strip():
                faults.append(f"{name}:{line}: heading {heading}: has no text")
        line += part.count("\n")
    missing = [heading for heading in REQUIRED_HEADINGS if heading not in [s.heading for s in sections]]
    if missing and not faults:
        faults.append(f"{name}:{first_line}: headings missing: {', '.join(missing)}")
    short = _trimmed(short)
    if not short:
        faults.append(f"{name}:{first_line}: the short answer before the first heading is missing")
    return short, tuple(sections)


def _render_citation(citation: Citation) -> str:
    parts = [f"law: {_flow_scalar(citation.law)}"]
    if citation.article is not None:
        parts.append(f"article: {citation.article_text}")
    if citation.paragraph is not None:
        parts.append(f"paragraph: {citation.paragraph}")
    if citation.item is not None:
        parts.append(f"item: {citation.item}")
    return "{" + ", ".join(parts) + "}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _trimmed(text: str) -> str:
    """Without empty lines around; the first line keeps its indentation, which may mean something."""
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()


def _scalar(text: str) -> str:
    """The text as YAML on one line, quoted only where YAML needs it."""
    if _HARMLESS.fullmatch(text):
        return text
    dumped = yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_flow_style=True)
    return dumped.removesuffix("...\n").strip()


def _flow_scalar(text: str) -> str:
    """The text as YAML inside {...}, where more signs would end it."""
    if any(sign in text for sign in ",[]{}?:"):
        return yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style='"').strip()
    return _scalar(text)
