"""Checking the citations of an entry: against the register, and against its own text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.answers.content import EntryFile
from bot.answers.entries import Citation, split_entry
from bot.answers.findings import Finding, error, warning
from bot.answers.laws import Document, Law, LawRegister, titles
from bot.answers.marked import Marked, load_marked
from bot.answers.mentions import Mention, MentionFinder

_LIKE_A_LAW = re.compile("(?:法|条例|规定|办法|解释|细则|规则|决定|意见|纪要|指引)(?:（[^（）]*）)?$")


@dataclass(frozen=True, slots=True)
class Located:
    """An entry file with the lines of its parts."""

    file: EntryFile
    front: Marked
    body: str
    body_line: int

    @property
    def path(self) -> str:
        """The file, as findings name it."""
        return str(self.file.path)

    def line_of(self, offset: int) -> int:
        """The line of that place in the body."""
        return self.body_line + self.body.count("\n", 0, offset)


def located(file: EntryFile) -> Located:
    """The file with its lines."""
    front, body, body_line = split_entry(file.source)
    return Located(file, load_marked(front, str(file.path), 2), body, body_line)


class CitationChecker:
    """Checks what entries cite, on one day, against one register."""

    def __init__(self, register: LawRegister, on: date) -> None:
        self._register = register
        self._on = on
        everything: list[Law | Document] = [*register.laws.values(), *register.documents.values()]
        self._finder = MentionFinder([title for item in everything for title in titles(item)])

    def check(self, where: Located) -> Iterator[Finding]:
        """Everything that is wrong with the citations of an entry."""
        entry = where.file.entry
        for number, citation in enumerate(entry.citations):
            line = where.front.line("citations", number)
            if citation in entry.citations[:number]:
                yield error(where.path, line, f"citations: {citation.label} stands twice")
            yield from self._cited(citation, entry.effective_from, where.path, line)
        yield from self._in_text(where)

    def unresolved(self, citation: Citation) -> str:
        """Why this provision may not be cited; empty when it may."""
        item = self._register.named(citation.law)
        if item is None:
            other = self._register.find(citation.law)
            return f"the short name is {other.name}" if other else "is not in content/laws"
        if item.effective is not None and item.effective > self._on:
            return f"is not in force before {item.effective}"
        if isinstance(item, Document):
            return self._unresolved_document(citation, item)
        if item.is_repealed:
            return f"is repealed ({item.note})" if item.note else "is repealed"
        if citation.article is not None and not item.has(citation.article, citation.suffix):
            return f"there is no such article, the last is {item.articles}"
        return ""

    def _unresolved_document(self, citation: Citation, document: Document) -> str:
        if document.certainty == "low":
            return "is of low certainty and may not be cited as fact"
        if citation.article is not None and citation.article not in document.articles:
            known = "、".join(map(str, sorted(document.articles))) or "none"
            return f"has no text here; articles verified in documents.yaml: {known}"
        return ""

    def _cited(self, citation: Citation, since: date, path: str, line: int) -> Iterator[Finding]:
        fault = self.unresolved(citation)
        if fault:
            yield error(path, line, f"citations: {citation.label} {fault}")
            return
        item = self._register.named(citation.law)
        if not isinstance(item, Law):
            return
        if citation.article is None and item.articles:
            yield warning(path, line, f"citations: {citation.label} names no article")
        if item.status != "现行有效" and item.note:
            yield warning(path, line, f"citations: {citation.label}: {item.status}，{item.note}")
        if item.effective is not None and item.effective > since:
            what = f"{citation.label} is law since {item.effective}, the entry is served from {since}"
            yield warning(path, line, f"citations: {what}")

    def _in_text(self, where: Located) -> Iterator[Finding]:
        citations = where.file.entry.citations
        relied_on: set[tuple[str, int | None, int]] = set()
        for mention in self._finder.find(where.body):
            name = self._name(mention)
            relied_on |= {(name, mention.article, mention.suffix), (name, None, 0)}
            line = where.line_of(mention.start)
            if not mention.named:
                elsewhere = [c for c in citations if (c.article, c.suffix) == (mention.article, mention.suffix)]
                relied_on |= {(c.law, c.article, c.suffix) for c in elsewhere}
                yield from self._unnamed(mention, name, elsewhere, where.path, line)
            else:
                yield from self._named(mention, name, citations, where.path, line)
        for number, citation in enumerate(citations):
            if (citation.law, citation.article, citation.suffix) in relied_on or self.unresolved(citation):
                continue
            if citation.article is not None or not self._is_called(citation.law, where.body):
                line = where.front.line("citations", number)
                yield warning(where.path, line, f"citations: {citation.label} is not mentioned in the text")

    def _is_called(self, name: str, body: str) -> bool:
        """Whether a text speaks of a document by its number or another name of it."""
        item = self._register.named(name)
        return item is not None and any(title in body for title in (item.number, *titles(item)) if title)

    def _name(self, mention: Mention) -> str:
        item = self._register.find(mention.law)
        return item.name if item else mention.law

    def _named(
        self, mention: Mention, name: str, citations: Sequence[Citation], path: str, line: int
    ) -> Iterator[Finding]:
        if self._register.find(mention.law) is None:
            if mention.article is not None:
                yield error(path, line, f"《{mention.law}》{mention.text} is not in content/laws")
            elif _LIKE_A_LAW.search(mention.law):
                yield warning(path, line, f"《{mention.law}》 is not in content/laws")
            return
        cited = [c for c in citations if c.law == name]
        if mention.article is not None:
            cited = [c for c in cited if (c.article, c.suffix) == (mention.article, mention.suffix)]
        if not cited:
            place = Citation(name, mention.article, mention.suffix).label
            yield error(path, line, f"{place} is mentioned in the text and missing in citations")
        elif not any(_covers(c, mention) for c in cited):
            known = "、".join(c.place for c in cited)
            yield error(path, line, f"《{name}》{mention.text}: citations name {known}")

    def _unnamed(
        self, mention: Mention, name: str, elsewhere: Sequence[Citation], path: str, line: int
    ) -> Iterator[Finding]:
        if not elsewhere:
            yield error(path, line, f"{mention.text} (reads as 《{name}》) is missing in citations")
        elif name not in {c.law for c in elsewhere}:
            meant = "、".join(c.label for c in elsewhere)
            yield warning(path, line, f"{mention.text} reads as 《{name}》; name the law if {meant} is meant")
        elif not any(_covers(c, mention) for c in elsewhere if c.law == name):
            known = "、".join(c.place for c in elsewhere if c.law == name)
            yield error(path, line, f"{mention.text} (《{name}》): citations name {known}")


def _covers(citation: Citation, mention: Mention) -> bool:
    """Whether the citation is of the mentioned place, or of a part of it, or of what it is part of."""
    pairs = ((citation.paragraph, mention.paragraph), (citation.item, mention.item))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)
