"""The register of laws that entries may cite: facts about laws, and documents without text.

With it citations are checked on a machine that has no statute text. `law_files` reads it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

KINDS = ("法律", "司法解释", "行政法规", "部门规章", "规范性文件", "地方性法规")
STATUSES = ("现行有效", "已修改", "已废止", "未知")
CERTAINTIES = ("high", "medium", "low")

_COURTS = re.compile("^(?:最高人民法院、最高人民检察院|最高人民法院|两高)")
_EDITION = re.compile("（(?:[^（）]*(?:修[正订改]|施行|公布|号)|[12][0-9]{3}年?)）$")
_BRACKETS = str.maketrans("()<>〈〉", "（）《》《》")


@dataclass(frozen=True, slots=True)
class Law:
    """Facts about a law. `articles` is the last number, 0 for a document without articles."""

    name: str
    title: str
    kind: str
    status: str
    articles: int
    aliases: tuple[str, ...] = ()
    number: str = ""
    issued: date | None = None
    effective: date | None = None
    version: date | None = None
    inserted: frozenset[tuple[int, int]] = frozenset()
    note: str = ""

    @property
    def is_repealed(self) -> bool:
        """Whether it is no longer law."""
        return self.status == "已废止"

    def is_in_force(self, on: date) -> bool:
        """Whether it is law on that day."""
        return not self.is_repealed and (self.effective is None or self.effective <= on)

    def has(self, article: int, suffix: int = 0) -> bool:
        """Whether there is such an article."""
        return (article, suffix) in self.inserted if suffix else 1 <= article <= self.articles


@dataclass(frozen=True, slots=True)
class Document:
    """A document cited without its text; `articles` are those whose content has been verified."""

    name: str
    source: str
    checked_on: date
    certainty: str
    aliases: tuple[str, ...] = ()
    number: str = ""
    issued: date | None = None
    effective: date | None = None
    articles: frozenset[int] = frozenset()
    note: str = ""


def title_key(title: str) -> str:
    """The form in which titles are compared: without the state's name, edition and court."""
    title = re.sub(r"\s", "", title).translate(_BRACKETS)
    return _COURTS.sub("", _EDITION.sub("", title).replace("中华人民共和国", ""))


class LawRegister:
    """The laws and documents, findable by short name, full title or alias."""

    def __init__(self, laws: Mapping[str, Law], documents: Mapping[str, Document]) -> None:
        self.laws = laws
        self.documents = documents
        self._by_title: dict[str, Law | Document] = {}
        items: list[Law | Document] = [*laws.values(), *documents.values()]
        for item in items:
            for title in titles(item):
                self._by_title.setdefault(title_key(title), item)

    def find(self, title: str) -> Law | Document | None:
        """The law or document of that name, however it is written; None when it is not listed."""
        return self._by_title.get(title_key(title))

    def named(self, name: str) -> Law | Document | None:
        """The law or document with exactly that short name."""
        return self.laws.get(name) or self.documents.get(name)

    def titles(self) -> frozenset[str]:
        """Every title and alias in the form in which they are compared."""
        return frozenset(self._by_title)


def titles(item: Law | Document) -> tuple[str, ...]:
    """Every name of it."""
    return (item.name, item.title, *item.aliases) if isinstance(item, Law) else (item.name, *item.aliases)
