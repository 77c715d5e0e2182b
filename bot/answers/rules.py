"""Reviewed rule lists: emergencies and small talk, read from `content/lexicon/`.

A rule has an id, patterns of which any must occur, and patterns that rule it out. Patterns are
regular expressions over the normalised text. What is said stands in `content/replies/`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.answers.text import normalise
from bot.errors import ContentError
from bot.wording import Wording


@dataclass(frozen=True, slots=True)
class Rule:
    """One recognisable situation."""

    id: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()
    longest: int = 10_000

    def matches(self, text: str) -> bool:
        """Whether the normalised text shows this situation."""
        if len(text) > self.longest or not any(pattern.search(text) for pattern in self.patterns):
            return False
        return not any(pattern.search(text) for pattern in self.unless)


class RuleBook:
    """The rule lists and the words that go with them."""

    def __init__(self, emergencies: Iterable[Rule], small_talk: Iterable[Rule], wording: Wording) -> None:
        self._emergencies = tuple(emergencies)
        self._small_talk = tuple(small_talk)
        self._words = wording

    def emergencies(self, question: str) -> list[str]:
        """The ids of the emergencies that the question shows, in the order of the list."""
        text = normalise(question)
        return [rule.id for rule in self._emergencies if rule.matches(text)]

    def emergency_notice(self, question: str) -> str:
        """What to say first when a person is needed at once; empty otherwise."""
        return "\n".join(self._words(f"emergency.{rule}") for rule in self.emergencies(question))

    def small_talk(self, question: str) -> str:
        """The id of the small talk that the question is, or an empty text."""
        text = normalise(question)
        return next((rule.id for rule in self._small_talk if rule.matches(text)), "")


def load_rules(path: Path) -> list[Rule]:
    """Read a rule list. Raises ContentError with every fault, by file and rule."""
    faults: list[str] = []
    rules: list[Rule] = []
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ContentError([f"{path}: must be a mapping with the list 'rules' ({type(error).__name__})"]) from None
    for number, item in enumerate(raw):
        where = f"{path}: rules[{number}]"
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item.get("any"):
            faults.append(f"{where}: needs an id and a list 'any'")
            continue
        compiled: dict[str, list[re.Pattern[str]]] = {"any": [], "unless": []}
        for field, patterns in compiled.items():
            for pattern in item.get(field, ()):
                try:
                    patterns.append(re.compile(pattern))
                except re.error as error:
                    faults.append(f"{where}.{field}: {pattern!r}: {error}")
        rules.append(
            Rule(item["id"], tuple(compiled["any"]), tuple(compiled["unless"]), int(item.get("longest", 10_000)))
        )
    if faults:
        raise ContentError(faults)
    return rules
