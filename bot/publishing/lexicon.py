"""Words that a post had better not say, read from `content/lexicon/sensitive.yaml`. The reader is strict, by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import ContentError
from bot.laws.marked import Marked, load_marked
from bot.publishing.rendering import Severity

_FIELDS = frozenset({"id", "severity", "hint", "words", "patterns", "unless"})
_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class SensitiveRule:
    """One kind of words. unless: what is harmless although it holds such a word, e.g. 最高人民法院."""

    id: str
    severity: Severity
    hint: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One place in a text that a rule found."""

    rule: SensitiveRule
    text: str
    start: int


class SensitiveLexicon:
    """Finds what the rules name."""

    def __init__(self, rules: tuple[SensitiveRule, ...]) -> None:
        self.rules = rules

    def find(self, text: str) -> list[Hit]:
        """Every place that a rule names, in the order of the text."""
        return sorted((hit for rule in self.rules for hit in _hits(rule, text)), key=lambda hit: hit.start)


def _hits(rule: SensitiveRule, text: str) -> Iterator[Hit]:
    harmless = [match.span() for pattern in rule.unless for match in pattern.finditer(text)]
    for pattern in rule.patterns:
        for match in pattern.finditer(text):
            inside = any(start <= match.start() and match.end() <= end for start, end in harmless)
            if match[0] and not inside:
                yield Hit(rule, match[0], match.start())


def load_sensitive(path: Path) -> SensitiveLexicon:
    """Read the list. Raises ContentError with every fault, by file and line."""
    try:
        marked = load_marked(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([f"{path}:1: cannot be read ({type(error).__name__})"]) from None
    items = marked.value.get("rules") if isinstance(marked.value, dict) else None
    if not isinstance(items, list):
        raise ContentError([f"{path}:1: must be a mapping with the list rules"])
    faults: list[str] = []
    rules = [_rule(item, number, marked, faults) for number, item in enumerate(items)]
    names = [rule.id for rule in rules]
    faults += [
        marked.fault(f"rules: {name} stands twice", "rules", number)
        for number, name in enumerate(names)
        if name in names[:number]
    ]
    if faults:
        raise ContentError(faults)
    return SensitiveLexicon(tuple(rules))


def _rule(item: Any, number: int, marked: Marked, faults: list[str]) -> SensitiveRule:
    def fault(what: str, field: str = "") -> None:
        faults.append(marked.fault(f"rules: {what}", "rules", number, *([field] if field else [])))

    fields: dict[str, Any] = item if isinstance(item, dict) else {}
    name, hint, severity = fields.get("id"), fields.get("hint"), fields.get("severity")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        fault("needs an id of small letters")
        name = f"rule_{number}"
    if not isinstance(hint, str) or not hint.strip():
        fault("hint must say what to write instead", "hint")
    if severity not in [one.value for one in Severity]:
        fault(f"severity must be one of {', '.join(Severity)}", "severity")
        severity = Severity.WARNING
    unknown = ", ".join(sorted(map(str, set(fields) - _FIELDS)))
    if unknown:
        fault(f"unknown field {unknown}")
    words = [re.escape(word) for word in _texts(fields, "words", fault)]
    patterns = tuple(_compiled([*words, *_texts(fields, "patterns", fault)], fault))
    if not patterns:
        fault("needs words or patterns")
    unless = tuple(_compiled(_texts(fields, "unless", fault), fault))
    return SensitiveRule(name, Severity(severity), str(hint or "").strip(), patterns, unless)


def _texts(fields: dict[str, Any], field: str, fault: Any) -> list[str]:
    raw = fields.get(field) or []
    if not isinstance(raw, list) or not all(isinstance(text, str) and text for text in raw):
        fault(f"{field} must be a list of texts", field)
        return []
    return raw


def _compiled(texts: list[str], fault: Any) -> Iterator[re.Pattern[str]]:
    for text in texts:
        try:
            yield re.compile(text)
        except re.error as error:
            fault(f"{text!r}: {error}")
