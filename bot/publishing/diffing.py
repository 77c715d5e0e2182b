"""What differs between two versions of a post: field by field, the body line by line. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum

from bot.publishing.posts import Content, Season


class Change(StrEnum):
    """What became of a line."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of one of the two versions. parts: its pieces, each with whether it is what changed in the line."""

    change: Change
    text: str
    parts: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class DiffPart:
    """One field that differs. field: as a finding names it, e.g. `title`, `body`, `variants.weibo`."""

    field: str
    lines: tuple[DiffLine, ...]


_FIELDS = (
    "slug",
    "title",
    "digest",
    "author",
    "tags",
    "region",
    "season",
    "cover",
    "channels",
    "related",
    "citations",
    "effective_from",
    "effective_to",
    "checked_on",
    "review_by",
    "correction",
    "body",
)
LEAST_ALIKE = 0.4
"""Lines less alike than this are two lines, not one that was changed."""


def diff(old: Content | None, new: Content) -> list[DiffPart]:
    """The fields that differ, in the order of the editor; against nothing every field that says something."""
    parts = []
    for field in _FIELDS:
        before = _lines(getattr(old, field)) if old is not None else []
        parts += _part(field, before, _lines(getattr(new, field)))
    old_variants = dict(old.variants) if old is not None else {}
    for channel in sorted({*old_variants, *new.variants}):
        before, after = _lines(old_variants.get(channel, "")), _lines(new.variants.get(channel, ""))
        parts += _part(f"variants.{channel}", before, after)
    return parts


def _part(field: str, before: Sequence[str], after: Sequence[str]) -> list[DiffPart]:
    if before == after:
        return []
    return [DiffPart(field, tuple(compare_lines(before, after)))]


def compare_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[DiffLine]:
    """The lines of both in their order, those that changed into one another marked within."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            yield from (DiffLine(Change.KEPT, line) for line in before[i:j])
        elif what == "replace":
            yield from _replaced(before[i:j], after[k:m])
        else:
            yield from (DiffLine(Change.REMOVED, line, ((line, True),)) for line in before[i:j])
            yield from (DiffLine(Change.ADDED, line, ((line, True),)) for line in after[k:m])


def _replaced(removed: Sequence[str], added: Sequence[str]) -> Iterator[DiffLine]:
    """Lines that took the place of others: pairs are marked within the line, what is left over as a whole."""
    for number in range(max(len(removed), len(added))):
        old = removed[number] if number < len(removed) else None
        new = added[number] if number < len(added) else None
        old_parts, new_parts = _within(old, new)
        if old is not None:
            yield DiffLine(Change.REMOVED, old, old_parts)
        if new is not None:
            yield DiffLine(Change.ADDED, new, new_parts)


def _within(old: str | None, new: str | None) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    whole_old, whole_new = ((old or "", True),), ((new or "", True),)
    if old is None or new is None:
        return whole_old, whole_new
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE:
        return whole_old, whole_new
    codes = matcher.get_opcodes()
    old_parts = tuple((old[i:j], what != "equal") for what, i, j, _, _ in codes if j > i)
    new_parts = tuple((new[k:m], what != "equal") for what, _, _, k, m in codes if m > k)
    return old_parts, new_parts


def _lines(value: object) -> list[str]:
    """A field as lines to compare."""
    if value is None or value in ("", ()):
        return []
    if isinstance(value, str):
        return value.split("\n")
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(value, Season):
        return [f"{value.first[0]:02}-{value.first[1]:02} ~ {value.last[0]:02}-{value.last[1]:02}"]
    if isinstance(value, tuple):
        return [getattr(item, "label", None) or str(item) for item in value]
    return _cover_lines(value)


def _cover_lines(cover: object) -> list[str]:
    lines, tone, image = (getattr(cover, name, "") for name in ("lines", "tone", "image"))
    return [*lines, str(tone), image] if lines or image else []
