"""Content files with front matter that cites law: taking them apart, reading fields with their lines, writing them.

FAQ entries and explainers are such files. What fields there are is theirs to say.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.errors import ContentError
from bot.laws.citation import Citation, parse_article
from bot.laws.marked import Marked, Step

# Text that YAML can only read as this text; the emitter is asked about all other text.
_HARMLESS = re.compile("[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9，。、；：！？（）《》]*")
CITATION_FIELDS = {"law", "article", "paragraph", "item"}
File = TypeVar("File")


def split_file(source: str, name: str) -> tuple[str, str, int]:
    """Front matter, body, and the line on which the body begins. Raises ContentError."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    match = re.match(r"---\n(.*?\n)---\n(.*)\Z", source, re.DOTALL)
    if match is None:
        raise ContentError([f"{name}:1: must begin with front matter between two lines of ---"])
    return match[1], match[2], match[1].count("\n") + 3


def read_each(
    paths: Iterable[Path], read: Callable[[str, Path], File], misnamed: Callable[[File], str]
) -> tuple[list[File], list[str]]:
    """What `read` makes of those files, and the faults of the others by file and line.

    misnamed: the fault of a file that does not bear the name of what it holds; empty for the others.
    """
    files: list[File] = []
    faults: list[str] = []
    for path in paths:
        try:
            file = read(path.read_text(encoding="utf-8"), path)
        except UnicodeDecodeError:
            faults.append(f"{path}:1: is not UTF-8 text")
        except OSError as error:
            faults.append(f"{path}:1: cannot be read ({error.strerror})")
        except ContentError as error:
            faults += error.faults
        else:
            files.append(file)
            faults += filter(None, [misnamed(file)])
    return files, faults


class FieldReader:
    """Reads fields of front matter, collecting faults with their lines: a faulty field gives an empty value."""

    def __init__(self, front: Marked) -> None:
        self.front = front
        self.fields: dict[Any, Any] = front.value
        self.faults: list[str] = []

    def fault(self, what: str, field: str, *where: Step) -> None:
        """Note what is wrong there."""
        self.faults.append(self.front.fault(f"{field}: {what}", field, *where))

    def text(self, field: str) -> str:
        """The text of that field on one line."""
        value = self.fields[field]
        if not isinstance(value, str) or not value.strip():
            self.fault("must be text", field)
            return ""
        return one_line(value)

    def date(self, field: str) -> date:
        """The day of that field."""
        value = self.fields[field]
        if type(value) is not date:
            self.fault("must be a date such as 2026-11-22", field)
            return date.min
        return value

    def items(self, field: str) -> list[tuple[Any, tuple[str, int]]]:
        """The items of a list, each with the path of its line."""
        value = self.fields.get(field) or []
        if not isinstance(value, list):
            self.fault("must be a list", field)
            return []
        return [(item, (field, number)) for number, item in enumerate(value)]

    def citation(self, raw: object, where: tuple[str, int]) -> Citation:
        """The citation of that part of the front matter."""
        if not isinstance(raw, dict) or not isinstance(raw.get("law"), str) or set(raw) - CITATION_FIELDS:
            self.fault(f"{raw!r} must look like {{law: 劳动合同法, article: 85}}", *where)
            return Citation("")
        law = one_line(raw["law"])
        if not law:
            self.fault("law must be text", *where)
        article, suffix = None, 0
        if raw.get("article") is not None:
            try:
                article, suffix = parse_article(str(raw["article"]))
            except ValueError as fault:
                self.fault(str(fault), *where)
                return Citation(law)
        parts: dict[str, int | None] = {}
        for part in ("paragraph", "item"):
            value = raw.get(part)
            if value is not None and (type(value) is not int or value < 1 or article is None):
                self.fault(f"{part} {value!r} must be a number from 1, with an article", *where)
                value = None
            parts[part] = value
        return Citation(law, article, suffix, **parts)


def render_citation(citation: Citation) -> str:
    """The citation as front matter has it: {law: ..., article: ...}."""
    parts = [f"law: {flow_scalar(citation.law)}"]
    if citation.article is not None:
        parts.append(f"article: {citation.article_text}")
    if citation.paragraph is not None:
        parts.append(f"paragraph: {citation.paragraph}")
    if citation.item is not None:
        parts.append(f"item: {citation.item}")
    return "{" + ", ".join(parts) + "}"


def one_line(text: str) -> str:
    """The text with single spaces and no line ends."""
    return " ".join(text.split())


def trimmed(text: str) -> str:
    """Without empty lines around; the first line keeps its indentation, which may mean something."""
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()


def scalar(text: str) -> str:
    """The text as YAML on one line, quoted only where YAML needs it."""
    if _HARMLESS.fullmatch(text):
        return text
    dumped = yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_flow_style=True)
    return dumped.removesuffix("...\n").strip()


def flow_scalar(text: str) -> str:
    """The text as YAML inside {...}, where more signs would end it."""
    if any(sign in text for sign in ",[]{}?:"):
        return yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style='"').strip()
    return scalar(text)
