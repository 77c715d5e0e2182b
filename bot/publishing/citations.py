"""The citations of a post, checked by the rules that hold for all content, told as findings of a post."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.laws import findings
from bot.laws.citing import CitationChecker, Cited
from bot.laws.findings import Level
from bot.laws.marked import Marked
from bot.laws.statutes import StatuteChecker
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Severity

_SEVERITY = {Level.ERROR: Severity.ERROR, Level.WARNING: Severity.WARNING}
_NUMBER = "number"


class _Parts:
    """The texts of a post one below the other, and where each begins: one text is what citations are looked up in."""

    def __init__(self, content: Content) -> None:
        parts = [("body", content.body), ("title", content.title), ("digest", content.digest)]
        parts += [("correction", content.correction)]
        parts += [(f"variants.{channel}", text) for channel, text in content.variants.items()]
        self._names: list[str] = []
        self._first: list[int] = []
        line = 1
        for name, text in parts:
            self._names.append(name)
            self._first.append(line)
            line += text.count("\n") + 1
        self.text = "\n".join(text for _, text in parts)

    def place(self, line: int) -> tuple[str, int]:
        """The field of that line; the line within it for the body, else 0."""
        name = self._names[bisect_right(self._first, line) - 1]
        return (name, line) if name == "body" else (name, 0)


def cited(content: Content, path: str = "") -> Cited:
    """The post as a text that cites law; its lines count from the beginning of the body."""
    marked = Marked(path, {}, None, 0)
    since = content.effective_from or date.max
    return Cited(path, marked, _Parts(content).text, 1, content.citations, since)


def citation_findings(checker: CitationChecker, content: Content) -> Iterator[Finding]:
    """What is wrong with the citations of a post."""
    yield from _told(checker.check(cited(content)), content)


def statute_findings(checker: StatuteChecker, contents: Sequence[Content]) -> dict[str, list[Finding]]:
    """What does not fit the loaded texts, by slug: places that are not there, sentences that were copied."""
    by_slug = {content.slug: content for content in contents}
    found = {slug: list(_told(checker.places(cited(content)), content)) for slug, content in by_slug.items()}
    for finding in checker.copies([cited(content, slug) for slug, content in by_slug.items()]):
        found[finding.path] += _told([finding], by_slug[finding.path])
    return found


def _told(given: Iterable[findings.Finding], content: Content) -> Iterator[Finding]:
    parts = _Parts(content)
    for finding in given:
        data = dict(finding.data)
        number = data.pop(_NUMBER, None)
        where, line = parts.place(finding.line) if number is None else (f"citations[{number}]", 0)
        yield Finding(f"citation_{finding.code}", _SEVERITY[finding.level], where=where, line=line, data=data)
