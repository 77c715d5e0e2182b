"""Template texts for staff, from `content/complaints/templates.yaml`: what a message to a worker is begun with.

`{fields}` are filled in by the program; what only the cadre knows stands as 【填写：…】, and a text in which such a
gap was left is not sent.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from bot.complaints.lifecycle import Event
from bot.complaints.yaml_file import read_yaml
from bot.errors import ContentError

FIELDS = frozenset({"number", "federation", "hotline", "office_hours", "category", "date", "until", "recipient"})
"""What the program fills in: case number, names, the day, the last day to answer, the body referred to."""

MESSAGE = "message"
"""For messages outside a step."""

USES = frozenset({MESSAGE, *Event})
_GAP = re.compile(r"【填写[：:][^】]*】")
_ID = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """One text. uses: events of the lifecycle or `message`. reason: the coded reason that it explains, if any."""

    id: str
    title: str
    uses: frozenset[str]
    text: str
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be offered or filled in."""
        if not _ID.fullmatch(self.id):
            raise ValueError("an id has the form some_name")
        if not self.title or not self.text.strip():
            raise ValueError("needs title and text")
        if unknown := sorted(self.uses - USES):
            raise ValueError(f"unknown use {', '.join(unknown)}")
        if not self.uses:
            raise ValueError("needs a use")
        if unknown := sorted(self.fields - FIELDS):
            raise ValueError(f"unknown field {', '.join(unknown)}")

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that are filled in."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.text) if name is not None)


class TemplateTexts:
    """All template texts. Raises ValueError for an id that stands twice."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._templates: dict[str, Template] = {}
        for template in templates:
            if template.id in self._templates:
                raise ValueError(f"{template.id} stands twice")
            self._templates[template.id] = template

    def all(self) -> tuple[Template, ...]:
        """All of them, in the order of the file."""
        return tuple(self._templates.values())

    def for_use(self, use: str, reason: str = "") -> tuple[Template, ...]:
        """Those for an event or `MESSAGE`; with a reason, those that explain it come first."""
        fitting = [template for template in self._templates.values() if use in template.uses]
        return tuple(sorted(fitting, key=lambda template: not reason or template.reason != reason))

    def fill(self, template_id: str, values: Mapping[str, str]) -> str:
        """The text with its fields; one that nobody gave becomes a gap of its name. Raises KeyError."""
        template = self._templates[template_id]
        given = {name: values.get(name) or f"【填写：{name}】" for name in template.fields}
        return template.text.strip().format(**given)


def has_gap(text: str) -> bool:
    """Whether something in the text has still to be filled in."""
    return _GAP.search(text) is not None


def load_templates(path: Path) -> TemplateTexts:
    """The template texts of the file. Raises ContentError with every fault."""
    value = read_yaml(path)
    raw = value.get("templates") if isinstance(value, dict) else None
    if not isinstance(raw, list):
        raise ContentError([f"{path}: must be a mapping with the list templates"])
    faults: list[str] = []
    templates: list[Template] = []
    for number, item in enumerate(raw, 1):
        try:
            templates.append(_template(item))
        except (ValueError, TypeError) as error:
            name = item.get("id", number) if isinstance(item, dict) else number
            faults.append(f"{path}: templates: {name}: {error}")
    if not faults:
        try:
            return TemplateTexts(templates)
        except ValueError as error:
            faults.append(f"{path}: {error}")
    raise ContentError(faults)


def _template(raw: Any) -> Template:
    if not isinstance(raw, dict):
        raise TypeError("a template names id, title, uses and text")
    if unknown := sorted(map(str, raw.keys() - {"id", "title", "uses", "reason", "text"})):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    for name in ("id", "title", "text"):
        if not isinstance(raw.get(name), str):
            raise TypeError(f"{name} must be text")
    uses = raw.get("uses")
    if not isinstance(uses, list) or not all(isinstance(use, str) for use in uses):
        raise TypeError("uses must be a list of events")
    return Template(
        id=raw["id"], title=raw["title"], uses=frozenset(uses), text=raw["text"], reason=str(raw.get("reason") or "")
    )
