"""What differs between two texts of an entry, field by field, for people to read."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.answers.entries import HEADINGS
from bot.answers.knowledge.form import LINES, EntryForm, read_source
from bot.publishing.diffing import Change, DiffLine, compare_lines

AROUND = 1
"""So many lines that stay are shown on either side of those that change."""


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs. field: as the form names it, `sections.` before a heading, `file` for the whole text.

    lines: those that change with those around them; None stands for lines left out.
    """

    field: str
    lines: tuple[DiffLine | None, ...]


def diff_sources(old: str | None, new: str) -> list[FieldDiff]:
    """The fields that differ; the text as a whole where one of the two cannot be read. old: None for nothing."""
    if old is None or old.strip() == new.strip():
        return []
    before, after = read_source(old), read_source(new)
    if before is None or after is None:
        return [FieldDiff("file", _shown(old, new))]
    pairs = [(name, before_text, after_text) for name, before_text, after_text in _fields(before, after)]
    return [FieldDiff(name, _shown(one, other)) for name, one, other in pairs if one != other]


def _fields(before: EntryForm, after: EntryForm) -> Iterator[tuple[str, str, str]]:
    for name in (*LINES, "short"):
        yield name, getattr(before, name), getattr(after, name)
    for heading in HEADINGS:
        yield f"sections.{heading}", before.sections.get(heading, ""), after.sections.get(heading, "")
    for name in ("citations", "ask", "related"):
        yield name, getattr(before, name), getattr(after, name)


def _shown(old: str, new: str) -> tuple[DiffLine | None, ...]:
    lines = list(compare_lines(old.splitlines(), new.splitlines()))
    near = {
        place
        for number, line in enumerate(lines)
        if line.change is not Change.KEPT
        for place in range(number - AROUND, number + AROUND + 1)
    }
    shown: list[DiffLine | None] = []
    for number, line in enumerate(lines):
        if number in near:
            shown.append(line)
        elif not shown or shown[-1] is not None:
            shown.append(None)
    return tuple(shown)
