"""The words of one case's page: who did what, and what the codes of a step mean."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.complaints.desk.codes import CODES, code_label
from bot.complaints.desk.template_texts import TemplateTexts
from bot.complaints.desk.values import ChangeView
from bot.console.words import NOTHING, Words
from bot.wording import Wording

_SHOWN = {
    "recipient": "body",
    "body": "body",
    "district": "district",
    "from": "district",
    "to": "district",
    "category": "category",
    "verdict": "verdict",
}
"""What of the data of a step is shown, and what kind of code it is."""

_CODED = ("reason", "outcome", "way")
_NUMBERS = ("number", "target", "member", "until", "reply_by")
_PEOPLE = ("owner",)
_ANSWERS = ("yes", "no")
_DAYS = re.compile(r"(?P<first>\d{4}-\d\d-\d\d)(?:/(?P<last>\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True, slots=True)
class CaseWords:
    """Words for one page. `staff`: names by id."""

    wording: Wording
    words: Words
    templates: TemplateTexts
    staff: Mapping[str, str]
    filled: Mapping[str, str]

    def who(self, by: str) -> str:
        """Who did something."""
        if by in ("worker", "system"):
            return self.wording(f"console.actor.{by}")
        return self.staff.get(by) or self.wording("console.actor.unknown")

    def change_word(self, change: ChangeView) -> str:
        """What happened."""
        for key in (f"handling.kind.{change.kind}", f"complaint.event.{change.kind}"):
            if self.wording.has(key):
                return self.wording(key)
        return change.kind

    def change_detail(self, change: ChangeView) -> str:
        """What of a step's codes says more."""
        parts = [self.code_word(change.data[name]) for name in _CODED if change.data.get(name)]
        parts += [self.words.label(kind, change.data[name]) for name, kind in _SHOWN.items() if change.data.get(name)]
        parts += [change.data[name] for name in _NUMBERS if change.data.get(name)]
        people = [change.data[name] for name in _PEOPLE if change.data.get(name)]
        parts += [self.who(id) for id in people if id != change.by]
        return " · ".join(dict.fromkeys(part for part in parts if part != NOTHING))

    def code_word(self, code: str) -> str:
        """The word for a reason, an outcome or a fault."""
        found = (member for kind in CODES for member in kind if member.value == code)
        for member in found:
            return self.wording(code_label(member))
        key = f"files.fault.{code}"
        return self.wording(key) if self.wording.has(key) else code

    def extras(self, extra: Mapping[str, str]) -> list[tuple[str, str]]:
        """What else was said, each with the word for what it is; what has no word is `other`, never a code."""
        words = self.wording
        keys = {name: f"console.extra.{name}" for name in extra}
        names = {name: words(key if words.has(key) else "console.extra.other") for name, key in keys.items()}
        return [(names[name], self._extra(value)) for name, value in extra.items()]

    def _extra(self, value: str) -> str:
        """A day, a range of days, a plain yes or no, or words."""
        if value in _ANSWERS:
            return self.wording(f"console.extra_value.{value}")
        days = _DAYS.fullmatch(value)
        if days is None:
            return value
        first, last = days["first"], days["last"]
        if last is None or last == first:
            return first
        return self.wording("console.extra_value.between", first=first, last=last)

    def audit_word(self, action: str) -> str:
        """The word for what an entry of the audit log is about; its code where nobody has written one."""
        area, _, what = action.partition(".")
        for key in (f"console.audit.{area}.{what}", f"complaint.event.{what}"):
            if self.wording.has(key):
                return self.wording(key)
        return action

    def worded(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        """Codes with their words, of codes with the keys of their words."""
        return [(code, self.wording(key)) for code, key in labels.items()]

    def choices(self, kind: Iterable[StrEnum]) -> list[tuple[str, str]]:
        """All codes of one kind with their words."""
        return [(code.value, self.wording(code_label(code))) for code in kind]

    def page_templates(self, use: str, reason: str = "") -> list[dict[str, str]]:
        """The template texts for that use, filled in as far as the program knows."""
        return [
            {"id": template.id, "title": template.title, "text": self.templates.fill(template.id, self.filled)}
            for template in self.templates.for_use(use, reason)
        ]

    def globals(self) -> dict[str, object]:
        """What the template calls."""
        names = ("who", "change_word", "change_detail", "code_word", "worded", "page_templates", "extras")
        return {name: getattr(self, name) for name in names}
