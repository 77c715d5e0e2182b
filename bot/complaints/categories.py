"""What complaints are about: `content/complaints/categories.yaml`, read into values.

A category says which claims its limits are told for, what "since when" means in it, and with which topics of the
FAQ somebody comes to it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.complaints.yaml_file import read_yaml
from bot.errors import ContentError, GonghuiError

_ID = re.compile(r"[a-z]+(?:_[a-z]+)*")
_LONGEST_ID = 32
_FIELDS = frozenset({"id", "title", "hint", "since", "claims", "topics", "closer", "union_staff"})


class Since(StrEnum):
    """What the answer to "since when" tells in a category."""

    BREACH = "breach"  # 从什么时候开始的
    STARTED = "started"  # 哪天开始上班的
    DISMISSED = "dismissed"  # 哪天通知您的
    ACCIDENT = "accident"  # 哪天受伤或者确诊的


class UnknownCategory(GonghuiError):
    """There is no such category."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """One category. Raises ValueError for an id that is none, and without words.

    topics: beginnings of FAQ topics. claims: of `limits.yaml`, the most frequent one first; closer: what is told
    instead when the worker comes from that very topic. union_staff: about people of the union, for the supervisor.
    """

    id: str
    title: str
    hint: str
    since: Since
    claims: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    closer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    union_staff: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be shown or stored."""
        if not _ID.fullmatch(self.id) or len(self.id) > _LONGEST_ID:
            raise ValueError("an id is made of small letters")
        if not self.title or not self.hint:
            raise ValueError("needs title and hint")

    def claims_for(self, topic: str = "") -> tuple[str, ...]:
        """What the limits are told for, when the worker came from that topic."""
        return self.closer.get(topic, self.claims)


class Categories:
    """All categories in the order in which they are offered. Raises ValueError for one that stands twice."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_id: dict[str, Category] = {}
        for category in categories:
            if category.id in self._by_id:
                raise ValueError(f"{category.id}: stands twice")
            self._by_id[category.id] = category

    def __iter__(self) -> Iterator[Category]:
        """In the order in which they are offered."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_id)

    def __contains__(self, id: object) -> bool:
        """Whether there is a category of that id."""
        return id in self._by_id

    def get(self, id: str) -> Category:
        """The category of that id. Raises UnknownCategory."""
        if id not in self._by_id:
            raise UnknownCategory(id)
        return self._by_id[id]

    def of_topic(self, topic: str) -> Category | None:
        """The category in which somebody who read that FAQ topic complains; None when no topic says so."""
        fitting = [
            (len(start), category)
            for category in self
            for start in (*category.topics, *category.closer)
            if topic.startswith(start)
        ]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def load_categories(path: Path, claims: Collection[str]) -> Categories:
    """The categories of the file, whose claims must be among those. Raises ContentError with every fault."""
    value = read_yaml(path)
    if not isinstance(value, dict) or not isinstance(value.get("categories"), list) or not value["categories"]:
        raise ContentError([f"{path}: must be a mapping with the list categories"])
    faults: list[str] = []
    categories = list(_categories(value["categories"], claims, str(path), faults))
    if not faults:
        try:
            return Categories(categories)
        except ValueError as error:
            faults.append(f"{path}: {error}")
    raise ContentError(faults)


def _categories(raw: list[Any], claims: Collection[str], path: str, faults: list[str]) -> Iterator[Category]:
    for number, item in enumerate(raw, 1):
        name = item.get("id", number) if isinstance(item, dict) else number
        try:
            category = _category(item)
        except (ValueError, TypeError) as error:
            faults.append(f"{path}: {name}: {error}")
            continue
        named = {*category.claims, *(claim for told in category.closer.values() for claim in told)}
        faults.extend(f"{path}: {name}: limits.yaml has no claim {claim}" for claim in sorted(named - set(claims)))
        yield category


def _category(raw: Any) -> Category:
    if not isinstance(raw, dict):
        raise TypeError("must be a mapping")
    if unknown := sorted(map(str, set(raw) - _FIELDS)):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    closer = raw.get("closer", {})
    if not isinstance(closer, dict) or type(raw.get("union_staff", False)) is not bool:
        raise TypeError("closer is a mapping of topics to claims, union_staff true or false")
    return Category(
        id=_text(raw, "id"),
        title=_text(raw, "title"),
        hint=_text(raw, "hint"),
        since=Since(_text(raw, "since")),
        claims=_texts(raw.get("claims", []), "claims"),
        topics=_texts(raw.get("topics", []), "topics"),
        closer={str(topic): _texts(told, "closer") for topic, told in closer.items()},
        union_staff=raw.get("union_staff", False),
    )


def _text(raw: Mapping[str, Any], name: str) -> str:
    if not isinstance(raw.get(name), str):
        raise TypeError(f"{name} must be text")
    return str(raw[name])


def _texts(raw: Any, name: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise TypeError(f"{name} must be a list of texts")
    return tuple(raw)
