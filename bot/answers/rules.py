"""Reviewed rule lists: emergencies and small talk, read from `content/lexicon/`.

Patterns are regular expressions over the normalised text (half-width punctuation, simplified,
lower case). A rule matches when a pattern of `any` is found and none of `unless`; what `ignore`
finds is taken out of the text first. Several rules may have one id. What is said stands in
`content/replies/`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answers.text import normalise
from bot.errors import ContentError
from bot.laws.marked import Marked, load_marked
from bot.wording import Wording

MOST_NOTICES = 2
"""More notices than this would bury the numbers to call."""

_MASK = "□"
_PART = re.compile(r"\{([a-z_]+)\}")
_FIELDS = frozenset({"id", "any", "unless", "ignore", "longest"})
_NO_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One recognisable situation."""

    id: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()
    ignore: tuple[re.Pattern[str], ...] = ()
    longest: int = _NO_LIMIT

    def matches(self, text: str) -> bool:
        """Whether the normalised text shows this situation."""
        if len(text) > self.longest:
            return False
        for pattern in self.ignore:
            text = pattern.sub(_MASK, text)
        if not any(pattern.search(text) for pattern in self.patterns):
            return False
        return not any(pattern.search(text) for pattern in self.unless)


class RuleBook:
    """The rule lists and the words that go with them."""

    def __init__(
        self, emergencies: Iterable[Rule], small_talk: Iterable[Rule], wording: Wording, hotline: str = ""
    ) -> None:
        self._emergencies = tuple(emergencies)
        self._small_talk = tuple(small_talk)
        self._words = wording
        self._hotline = hotline

    def emergencies(self, question: str) -> list[str]:
        """The ids of the emergencies that the question shows, in the order of the list."""
        text = normalise(question)
        return list(dict.fromkeys(rule.id for rule in self._emergencies if rule.matches(text)))

    def emergency_notice(self, question: str) -> str:
        """What to say first when a person is needed at once; empty otherwise."""
        urgent = self.emergencies(question)[:MOST_NOTICES]
        return "\n".join(self._words(f"emergency.{kind}", hotline=self._hotline) for kind in urgent)

    def small_talk(self, question: str) -> str:
        """The id of the small talk that the question is, or an empty text."""
        text = normalise(question)
        return next((rule.id for rule in self._small_talk if rule.matches(text)), "")


def load_rules(path: Path) -> list[Rule]:
    """Read a rule list. Raises ContentError with every fault, by file and line."""
    try:
        marked = load_marked(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([f"{path}:1: cannot be read ({type(error).__name__})"]) from None
    value = marked.value
    if not isinstance(value, dict) or not isinstance(value.get("rules"), list):
        raise ContentError([f"{path}:1: must be a mapping with the list rules"])
    faults: list[str] = []
    parts = _parts(value.get("parts") or {}, marked, faults)
    rules = list(_rules(value["rules"], parts, marked, faults))
    if faults:
        raise ContentError(faults)
    return rules


def _parts(raw: Any, marked: Marked, faults: list[str]) -> dict[str, str]:
    """The named pieces; a piece may use those that stand before it."""
    parts: dict[str, str] = {}
    if not isinstance(raw, dict):
        faults.append(marked.fault("parts must be a mapping of names to patterns", "parts"))
        return parts
    for name, pattern in raw.items():
        if not isinstance(pattern, str):
            faults.append(marked.fault(f"parts: {name} must be text", "parts", name))
            continue
        try:
            parts[str(name)] = f"(?:{_filled(pattern, parts)})"
        except KeyError as error:
            faults.append(marked.fault(f"parts: {name} uses {error}, which does not stand before it", "parts", name))
    return parts


def _rules(raw: list[Any], parts: Mapping[str, str], marked: Marked, faults: list[str]) -> Iterator[Rule]:
    for number, item in enumerate(raw):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item.get("any"):
            faults.append(marked.fault("rules: needs an id and a list any", "rules", number))
            continue
        unknown = ", ".join(sorted(map(str, set(item) - _FIELDS)))
        if unknown:
            faults.append(marked.fault(f"rules: unknown field {unknown}", "rules", number))
        longest = item.get("longest", _NO_LIMIT)
        if type(longest) is not int or longest < 1:
            faults.append(marked.fault("rules: longest must be a number from 1", "rules", number, "longest"))
            longest = _NO_LIMIT
        any_, unless, ignore = (
            tuple(_patterns(item.get(field) or (), parts, marked, faults, ("rules", number, field)))
            for field in ("any", "unless", "ignore")
        )
        yield Rule(item["id"], any_, unless, ignore, longest)


def _patterns(
    raw: Any, parts: Mapping[str, str], marked: Marked, faults: list[str], where: tuple[str | int, ...]
) -> Iterator[re.Pattern[str]]:
    for number, pattern in enumerate(raw if isinstance(raw, list | tuple) else [raw]):
        if not isinstance(pattern, str) or not pattern:
            faults.append(marked.fault(f"{where[-1]}: {pattern!r} must be text", *where, number))
            continue
        try:
            yield re.compile(_filled(pattern, parts))
        except re.error as error:
            faults.append(marked.fault(f"{where[-1]}: {pattern!r}: {error}", *where, number))
        except KeyError as error:
            faults.append(marked.fault(f"{where[-1]}: {pattern!r}: there is no part {error}", *where, number))


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return _PART.sub(lambda match: parts[match[1]], pattern)
