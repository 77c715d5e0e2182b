"""An entry as a form of plain fields, for people who do not write YAML, and the text of its file: each from the other.

Everything that is typed comes back, faults and all: what cannot be read stands in the file as it was typed, where
the parser of entries finds fault with it. Canonical texts are given back letter for letter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from bot.answers.entries import HEADINGS, REQUIRED_HEADINGS, TOPIC
from bot.errors import ContentError
from bot.laws.citation import Citation, parse_article
from bot.laws.front_matter import CITATION_FIELDS, one_line, render_citation, scalar, split_file, trimmed
from bot.laws.marked import load_marked
from bot.laws.typed_citation import parse_typed

LINES = ("title", "region", "effective_from", "effective_to", "checked_on", "review_by", "complaint_category")
DAYS = ("effective_from", "effective_to", "checked_on", "review_by")
LISTS = ("related", "citations", "ask")
_KNOWN = {"id", *LINES, *LISTS}
_HEADING = re.compile(rf"^## ({'|'.join(HEADINGS)})[ \t]*$", re.MULTILINE)
_LONGEST_PLACE = 9999


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryForm:
    """The fields as they are typed. related, citations, ask: one a line. sections: texts by heading."""

    title: str = ""
    region: str = ""
    effective_from: str = ""
    effective_to: str = ""
    checked_on: str = ""
    review_by: str = ""
    complaint_category: str = ""
    related: str = ""
    citations: str = ""
    ask: str = ""
    short: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)


def form_of_fields(typed: Mapping[str, str]) -> EntryForm:
    """The form of what a browser sends: fields by name, `section-0` and so on for the headings."""
    plain = {one.name: typed.get(one.name, "") for one in fields(EntryForm) if one.name != "sections"}
    sections = {heading: typed.get(f"section-{number}", "") for number, heading in enumerate(HEADINGS)}
    return EntryForm(**plain, sections=sections)


def write_source(topic: str, form: EntryForm) -> str:
    """The text of the file that says what the form says."""
    front = [f"id: {topic}"]
    said = {name: _value(name, getattr(form, name)) for name in LINES}
    front += [f"{name}: {value}".rstrip() for name, value in said.items() if value or name != "effective_to"]
    front += _list("related", [_topic(line) for line in _lines(form.related)], flow=True)
    front += _list("citations", [_citation(line) for line in _lines(form.citations)])
    front += _list("ask", [scalar(line) for line in _lines(form.ask)])
    body = trimmed(form.short) + "\n"
    for heading in HEADINGS:
        text = trimmed(form.sections.get(heading, ""))
        if text or heading in REQUIRED_HEADINGS:
            body += f"\n## {heading}\n{text}\n"
    return "---\n" + "\n".join(front) + "\n---\n" + body


def read_source(source: str) -> EntryForm | None:
    """The form that says what the file says; None where a form cannot say it: broken YAML, fields of other names."""
    try:
        front, body, _ = split_file(source, "")
        values = load_marked(front, "").value
    except ContentError:
        return None
    if not isinstance(values, dict) or set(values) - _KNOWN:
        return None
    plain = {name: values.get(name) for name in LINES}
    lists = {name: _read_list(name, values.get(name)) for name in LISTS}
    if any(isinstance(value, list | dict) for value in plain.values()) or None in lists.values():
        return None
    short, sections = _read_body(body)
    typed = {name: "" if value is None else one_line(str(value)) for name, value in plain.items()}
    return EntryForm(**typed, **lists, short=short, sections=sections)  # type: ignore[arg-type]  # None was refused above


def _value(name: str, typed: str) -> str:
    typed = one_line(typed)
    if not typed:
        return ""
    if name in DAYS:
        try:
            return date.fromisoformat(typed).isoformat()
        except ValueError:
            return scalar(typed)
    return scalar(typed)


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := one_line(raw))]


def _topic(line: str) -> str:
    """The topic at the beginning of a line: its title may stand behind it."""
    first = line.split(maxsplit=1)[0]
    return first if TOPIC.fullmatch(first) else line


def _list(name: str, items: Sequence[str], *, flow: bool = False) -> list[str]:
    if flow and all(TOPIC.fullmatch(item) for item in items):
        return [f"{name}: [{', '.join(items)}]"]
    return [f"{name}:", *(f"  - {scalar(item) if flow else item}" for item in items)]


def _citation(line: str) -> str:
    citation = parse_typed(line)
    return render_citation(citation) if citation is not None else scalar(line)


def _read_list(name: str, value: object) -> str | None:
    if value is None:
        return ""
    if not isinstance(value, list):
        return None
    lines = [_typed(name, item) for item in value]
    return None if None in lines else "\n".join(line for line in lines if line)


def _typed(name: str, item: object) -> str | None:
    """The line of one item; None where no line can say it."""
    if name == "citations" and isinstance(item, dict):
        citation = _read_citation(item)
        label = citation.label if citation is not None else ""
        return label if label and parse_typed(label) == citation else None
    if item is None or isinstance(item, list | dict):
        return None
    return one_line(str(item))


def _read_citation(raw: Mapping[Any, Any]) -> Citation | None:
    if set(raw) - CITATION_FIELDS or not isinstance(raw.get("law"), str):
        return None
    parts = [raw.get("paragraph"), raw.get("item")]
    if any(part is not None and (type(part) is not int or not 0 < part <= _LONGEST_PLACE) for part in parts):
        return None
    if raw.get("article") is None:
        return Citation(one_line(raw["law"])) if parts == [None, None] else None
    try:
        article, suffix = parse_article(str(raw["article"]))
    except ValueError:
        return None
    return Citation(one_line(raw["law"]), article, suffix, *parts)


def _read_body(body: str) -> tuple[str, dict[str, str]]:
    """The short answer, and the texts by heading; of equal headings one below the other."""
    short, *rest = _HEADING.split(body)
    sections: dict[str, str] = {}
    for heading, part in zip(rest[::2], rest[1::2], strict=True):
        text = trimmed(part)
        sections[heading] = f"{sections[heading]}\n\n{text}" if heading in sections else text
    return trimmed(short), sections
