"""Which sentences the program says, read from its own source.

So a missing one is found by a check and not by a worker. A sentence is named by a key, either
whole (`words("menu.title")`) or with a part that is only known when it is said
(`wording(f"media.{kind}")`), in code or in a template.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_CALLED = frozenset({"words", "_words", "wording", "_wording", "sentence", "say"})
_SAID_IN_TEMPLATE = re.compile(r"""\bsay\(\s*["']([a-z_.]+)["']""")
_KEY = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
_ANY = r"[A-Za-z0-9_\-]+"
_TWO_UNKNOWN = rf"{_ANY}\.{_ANY}"


@dataclass(frozen=True, slots=True)
class Use:
    """A sentence that is said somewhere. `key` is a regular expression; `whole` without unknown parts."""

    key: str
    whole: bool
    place: str


@dataclass(frozen=True, slots=True)
class _Meant:
    """The keys that several uses mean. Whole keys are looked up; patterns are compiled once, as they are many."""

    whole: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def __contains__(self, key: str) -> bool:
        return re.escape(key) in self.whole or any(pattern.fullmatch(key) for pattern in self.patterns)


def _meant(uses: Iterable[Use]) -> _Meant:
    uses = list(uses)
    patterns = {use.key: re.compile(use.key) for use in uses if not use.whole}
    return _Meant(frozenset(use.key for use in uses if use.whole), tuple(patterns.values()))


def said_in(folders: Iterable[Path]) -> list[Use]:
    """Every sentence that code and templates below the folders say outright."""
    uses: list[Use] = []
    for path in _files(folders, "*.py"):
        for call in _calls(_parse(path)):
            uses += [use for argument in call.args[:1] for use in _uses(argument, path)]
    for path in _files(folders, "*.html"):
        found = _SAID_IN_TEMPLATE.findall(path.read_text(encoding="utf-8"))
        uses += [Use(re.escape(key), whole=True, place=path.name) for key in found]
    return uses


def named_in(folders: Iterable[Path]) -> list[Use]:
    """Every text in the code that can be a key, said there or handed on: more than `said_in`."""
    uses = said_in(folders)
    for path in _files(folders, "*.py"):
        mine = [use for node in ast.walk(_parse(path)) for use in _uses(node, path)]
        # f"{kind}.{id}" alone could be any key: here the kinds are words of the same module
        words = {use.key for use in mine if use.whole and use.key.isidentifier()}
        for use in mine:
            if use.key == _TWO_UNKNOWN:
                uses += [Use(rf"{word}\.{_ANY}", whole=False, place=use.place) for word in words]
            elif re.search("[a-z]{3}", use.key.replace(_ANY, "")):
                uses.append(use)
    return uses


def unsaid(keys: Collection[str], uses: Iterable[Use]) -> dict[str, str]:
    """What is said and has no sentence: the key (or its pattern) and where."""
    whole = {re.escape(key) for key in keys}

    def is_there(use: Use) -> bool:
        return use.key in whole if use.whole else any(map(re.compile(use.key).fullmatch, keys))

    return {use.key: use.place for use in uses if not is_there(use)}


def unused(keys: Iterable[str], uses: Collection[Use]) -> list[str]:
    """The keys that nothing names."""
    meant = _meant(uses)
    return [key for key in keys if key not in meant]


def missing_fields(
    given: Mapping[str, frozenset[str]], needed: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Sentences that want a field which those who say them do not give."""
    return {key: needed[key] - fields for key, fields in given.items() if key in needed and needed[key] - fields}


def fields_given(folders: Iterable[Path]) -> dict[str, frozenset[str]]:
    """The fields that are given whenever a sentence is said, by whole key; of several places what all give."""
    given: dict[str, frozenset[str]] = {}
    for path in _files(folders, "*.py"):
        for call in _calls(_parse(path)):
            key = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if isinstance(key, str) and all(keyword.arg for keyword in call.keywords):
                fields = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
                given[key] = given.get(key, fields) & fields
    return given


def _files(folders: Iterable[Path], pattern: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob(pattern))


def _parse(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in _CALLED:
                yield node


def _uses(node: ast.AST, path: Path) -> Iterator[Use]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _KEY.fullmatch(node.value):
        yield Use(re.escape(node.value), whole=True, place=path.name)
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else _ANY for v in node.values]
        if "".join(part for part in parts if part != _ANY):
            yield Use("".join(parts), whole=False, place=path.name)
