"""Reading `content/laws/`: `laws.yaml` (facts, never text) and `documents.yaml` (cited without text)."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import ContentError
from bot.laws.marked import load_marked
from bot.laws.numerals import SUFFIXES
from bot.laws.register import CERTAINTIES, KINDS, STATUSES, Document, Law, LawRegister, title_key, titles

_INSERTED = re.compile(rf"([1-9][0-9]*)之([{SUFFIXES}])")
_Item = TypeVar("_Item", Law, Document)


def load_register(folder: Path) -> LawRegister:
    """Read both files. Raises ContentError with every fault, by file and line."""
    faults: list[str] = []
    laws = {law.name: law for law in _read(folder / "laws.yaml", "laws", _law, faults)}
    documents = {item.name: item for item in _read(folder / "documents.yaml", "documents", _document, faults)}
    items: list[Law | Document] = [*laws.values(), *documents.values()]
    faults += _ambiguous(items, str(folder))
    if faults:
        raise ContentError(faults)
    return LawRegister(laws, documents)


def _ambiguous(items: list[Law | Document], name: str) -> Iterator[str]:
    owners: dict[str, str] = {}
    for item in items:
        for title in {title_key(title) for title in titles(item)}:
            if owners.setdefault(title, item.name) != item.name:
                yield f"{name}: {title} names both {owners[title]} and {item.name}"


def _read(path: Path, key: str, make: Callable[[dict[str, Any]], _Item], faults: list[str]) -> Iterator[_Item]:
    """The items of a list, each fault recorded by line; a name that stands twice is a fault."""
    try:
        marked = load_marked(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}:1: cannot be read ({type(error).__name__})")
        return
    except ContentError as error:
        faults += error.faults
        return
    items = marked.value.get(key) if isinstance(marked.value, dict) else None
    if not isinstance(items, list):
        faults.append(marked.fault(f"must be a mapping with the list {key}"))
        return
    seen: set[str] = set()
    for position, raw in enumerate(items):
        try:
            item = make(raw)
        except ValueError as error:
            faults.append(marked.fault(f"{key}: {error}", key, position))
            continue
        if item.name in seen:
            faults.append(marked.fault(f"{key}: {item.name} stands twice", key, position))
        seen.add(item.name)
        yield item


def _law(raw: dict[str, Any]) -> Law:
    fields = _Fields(raw)
    name = fields.text("law", required=True)
    return fields.finish(
        Law(
            name=name,
            title=fields.text("title") or name,
            kind=fields.choice("kind", KINDS),
            status=fields.choice("status", STATUSES),
            articles=fields.number("articles"),
            aliases=fields.texts("aliases"),
            number=fields.text("number"),
            issued=fields.day("issued"),
            effective=fields.day("effective"),
            version=fields.day("version"),
            inserted=frozenset(_inserted(text) for text in fields.texts("inserted")),
            note=fields.text("note"),
        )
    )


def _document(raw: dict[str, Any]) -> Document:
    fields = _Fields(raw)
    checked_on = fields.day("checked_on")
    if checked_on is None:
        raise ValueError("checked_on is missing")
    return fields.finish(
        Document(
            name=fields.text("title", required=True),
            source=fields.text("source", required=True),
            checked_on=checked_on,
            certainty=fields.choice("certainty", CERTAINTIES),
            aliases=fields.texts("aliases"),
            number=fields.text("number"),
            issued=fields.day("issued"),
            effective=fields.day("effective"),
            articles=fields.numbers("articles"),
            note=fields.text("note"),
        )
    )


def _inserted(text: str) -> tuple[int, int]:
    match = _INSERTED.fullmatch(text)
    if match is None:
        raise ValueError(f"inserted: {text!r} must look like 276之一")
    return int(match[1]), SUFFIXES.index(match[2]) + 1


class _Fields:
    """Typed access to one mapping; `finish` refuses fields that nobody asked for."""

    def __init__(self, raw: object) -> None:
        if not isinstance(raw, dict):
            raise ValueError("must be a mapping")  # noqa: TRY004 - a fault of the file like the others
        self._raw: dict[str, Any] = dict(raw)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._raw.pop(name, "")
        if not isinstance(value, str) or (required and not value.strip()):
            raise ValueError(f"{name} must be text")
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._raw.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise ValueError(f"{name} must be a list of texts")
        return tuple(value)

    def number(self, name: str) -> int:
        value = self._raw.pop(name, None)
        if type(value) is not int or value < 0:
            raise ValueError(f"{name} must be a number from 0")
        return value

    def numbers(self, name: str) -> frozenset[int]:
        value = self._raw.pop(name, [])
        if not isinstance(value, list) or not all(type(number) is int and number > 0 for number in value):
            raise ValueError(f"{name} must be a list of article numbers")
        return frozenset(value)

    def day(self, name: str) -> date | None:
        value = self._raw.pop(name, None)
        if value is not None and type(value) is not date:
            raise ValueError(f"{name} must be a date such as 2026-11-22")
        return value

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        value = self._raw.pop(name, None)
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}")
        return str(value)

    def finish(self, item: _Item) -> _Item:
        if self._raw:
            raise ValueError(f"unknown field {', '.join(map(str, self._raw))}")
        return item
