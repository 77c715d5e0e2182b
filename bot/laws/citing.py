"""Checking the citations of a content file: against the register, and against its own text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.laws.citation import Citation
from bot.laws.findings import Finding, error, warning
from bot.laws.marked import Marked
from bot.laws.mentions import Mention, MentionFinder
from bot.laws.register import Document, Law, LawRegister, titles

_LIKE_A_LAW = re.compile("(?:法|条例|规定|办法|解释|细则|规则|决定|意见|纪要|指引)(?:（[^（）]*）)?$")


@dataclass(frozen=True, slots=True)
class Cited:
    """A content file that cites law, with the lines of its parts. since: the first day on which it is shown."""

    path: str
    front: Marked
    body: str
    body_line: int
    citations: tuple[Citation, ...]
    since: date

    def line_of(self, offset: int) -> int:
        """The line of that place in the body."""
        return self.body_line + self.body.count("\n", 0, offset)


class CitationChecker:
    """Checks what content cites, on one day, against one register."""

    def __init__(self, register: LawRegister, on: date) -> None:
        self._register = register
        self._on = on
        everything: list[Law | Document] = [*register.laws.values(), *register.documents.values()]
        self._finder = MentionFinder([title for item in everything for title in titles(item)])

    def check(self, where: Cited) -> Iterator[Finding]:
        """Everything that is wrong with the citations of a file."""
        for number, citation in enumerate(where.citations):
            line = where.front.line("citations", number)
            if citation in where.citations[:number]:
                yield error(
                    where.path,
                    line,
                    f"citations: {citation.label} stands twice",
                    "twice",
                    label=citation.label,
                    number=number,
                )
            yield from self._cited(citation, number, where.since, where.path, line)
        yield from self._in_text(where)

    def unresolved(self, citation: Citation) -> str:
        """Why this provision may not be cited; empty when it may."""
        return self._unresolved(citation)[1]

    def _unresolved(self, citation: Citation) -> tuple[str, str]:
        """The same, with its code before it."""
        item = self._register.named(citation.law)
        if item is None:
            other = self._register.find(citation.law)
            return "unknown_law", f"the short name is {other.name}" if other else "is not in content/laws"
        if item.effective is not None and item.effective > self._on:
            return "not_in_force", f"is not in force before {item.effective}"
        if isinstance(item, Document):
            return _unresolved_document(citation, item)
        if item.is_repealed:
            return "repealed", f"is repealed ({item.note})" if item.note else "is repealed"
        if citation.article is not None and not item.has(citation.article, citation.suffix):
            return "no_such_article", f"there is no such article, the last is {item.articles}"
        return "", ""

    def _cited(self, citation: Citation, number: int, since: date, path: str, line: int) -> Iterator[Finding]:
        cited = {"label": citation.label, "number": number}
        code, fault = self._unresolved(citation)
        if fault:
            yield error(path, line, f"citations: {citation.label} {fault}", code, **cited)
            return
        item = self._register.named(citation.law)
        if not isinstance(item, Law):
            return
        if citation.article is None and item.articles:
            yield warning(path, line, f"citations: {citation.label} names no article", "no_article", **cited)
        if item.status != "现行有效" and item.note:
            what = f"citations: {citation.label}: {item.status}，{item.note}"
            yield warning(path, line, what, "amended", **cited, note=item.note)
        if item.effective is not None and item.effective > since:
            what = f"{citation.label} is law since {item.effective}, the entry is served from {since}"
            yield warning(path, line, f"citations: {what}", "newer_than_post", **cited, since=item.effective)

    def _in_text(self, where: Cited) -> Iterator[Finding]:
        citations = where.citations
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
                what = f"citations: {citation.label} is not mentioned in the text"
                yield warning(where.path, line, what, "not_in_text", label=citation.label, number=number)

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
                what = f"《{mention.law}》{mention.text} is not in content/laws"
                yield error(path, line, what, "text_unknown_law", label=f"《{mention.law}》{mention.text}")
            elif _LIKE_A_LAW.search(mention.law):
                what = f"《{mention.law}》 is not in content/laws"
                yield warning(path, line, what, "text_unknown_law", label=f"《{mention.law}》")
            return
        cited = [c for c in citations if c.law == name]
        if mention.article is not None:
            cited = [c for c in cited if (c.article, c.suffix) == (mention.article, mention.suffix)]
        if not cited:
            place = Citation(name, mention.article, mention.suffix).label
            what = f"{place} is mentioned in the text and missing in citations"
            yield error(path, line, what, "text_not_cited", label=place)
        elif not any(_covers(c, mention) for c in cited):
            known = "、".join(c.place for c in cited)
            what = f"《{name}》{mention.text}: citations name {known}"
            yield error(path, line, what, "text_other_place", label=f"《{name}》{mention.text}", known=known)

    def _unnamed(
        self, mention: Mention, name: str, elsewhere: Sequence[Citation], path: str, line: int
    ) -> Iterator[Finding]:
        if not elsewhere:
            what = f"{mention.text} (reads as 《{name}》) is missing in citations"
            yield error(path, line, what, "text_not_cited", label=f"《{name}》{mention.text}")
        elif name not in {c.law for c in elsewhere}:
            meant = "、".join(c.label for c in elsewhere)
            what = f"{mention.text} reads as 《{name}》; name the law if {meant} is meant"
            yield warning(path, line, what, "text_unclear", label=mention.text, name=name, known=meant)
        elif not any(_covers(c, mention) for c in elsewhere if c.law == name):
            known = "、".join(c.place for c in elsewhere if c.law == name)
            what = f"{mention.text} (《{name}》): citations name {known}"
            yield error(path, line, what, "text_other_place", label=f"《{name}》{mention.text}", known=known)


def _unresolved_document(citation: Citation, document: Document) -> tuple[str, str]:
    if document.certainty == "low":
        return "uncertain", "is of low certainty and may not be cited as fact"
    if citation.article is not None and citation.article not in document.articles:
        known = "、".join(map(str, sorted(document.articles))) or "none"
        return "no_such_article", f"has no text here; articles verified in documents.yaml: {known}"
    return "", ""


def _covers(citation: Citation, mention: Mention) -> bool:
    """Whether the citation is of the mentioned place, or of a part of it, or of what it is part of."""
    pairs = ((citation.paragraph, mention.paragraph), (citation.item, mention.item))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)
