"""Entries between files and the base: reading a folder, importing, exporting.

Import and export lose nothing: the base keeps the canonical text of each file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from bot.answers.entries import COMPLAINT_CATEGORIES, HEADINGS, TOPIC, Entry, parse_entry, render_entry
from bot.errors import ContentError
from bot.laws.front_matter import read_each

CONSOLE = "console:"
"""Stands before the account in `saved_by` of a version that went live from the console."""

_SKELETON = """\
---
id: {topic}
title:
region: {region}
effective_from: {today}
checked_on: {today}
review_by: {review}
complaint_category: {complaint}
related: []
citations: []   # one a line: "  - {{law: 劳动合同法, article: 85, paragraph: 1, item: 1}}"
ask: []         # one a line, 30 or more: "  - 公司三个月没发工资了"
---


{sections}"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: topics that are new or changed, and topics taken out.

    kept: topics whose version was written in the console and is another: nothing was done to them.
    overwritten: topics whose version was written in the console and has been replaced or taken out, as was wanted.
    """

    saved: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    changes: Mapping[str, tuple[str, ...]]
    kept: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()


class EntryWriter(Protocol):
    """The part of a unit of work that changes the base."""

    async def take_turn(self) -> None:
        """Let nobody else change the base until this transaction ends."""
        ...

    async def save(self, topic: str, source: str, by: str, now: datetime) -> int | None:
        """Make this the topic's current text; None when nothing changed."""
        ...

    async def retire(self, topic: str) -> bool:
        """Take a topic out of the live base."""
        ...

    async def current(self) -> dict[str, str]:
        """The current text of every topic."""
        ...

    async def saved_by(self) -> dict[str, str]:
        """Who saved the current version of each topic."""
        ...


@dataclass(frozen=True, slots=True)
class EntryFile:
    """An entry as it stands in its file."""

    path: Path
    source: str
    entry: Entry


def entry_files(folder: Path) -> Iterator[Path]:
    """The entry files below a folder, in order."""
    yield from sorted(folder.glob("*/*.md"))


def read_files(folder: Path) -> tuple[list[EntryFile], list[str]]:
    """The readable entry files below a folder, and the faults of the others by file and line."""

    def read(source: str, path: Path) -> EntryFile:
        return EntryFile(path, source, parse_entry(source, str(path)))

    def misnamed(file: EntryFile) -> str:
        topic = f"{file.path.parent.name}.{file.path.stem}"
        right = file.entry.topic == topic
        return "" if right else f"{file.path}:2: id: {file.entry.topic} must be {topic}, as the file is named"

    return read_each(entry_files(folder), read, misnamed)


def read_folder(folder: Path) -> dict[str, Entry]:
    """All entries below `content/faq`, by topic. Raises ContentError with the faults of all files."""
    if not folder.is_dir():
        raise ContentError([f"{folder}: is not a folder"])
    files, faults = read_files(folder)
    if faults:
        raise ContentError(faults)
    return {file.entry.topic: file.entry for file in files}


async def import_entries(  # noqa: PLR0913 - two switches, named
    entries: Mapping[str, Entry],
    writer: EntryWriter,
    by: str,
    now: datetime,
    *,
    retire_others: bool = False,
    overwrite: bool = False,
) -> Imported:
    """Bring entries into the base as new versions. Safe to repeat; the caller commits.

    What staff wrote in the console is kept, and named; overwrite: it is replaced like the rest.
    """
    await writer.take_turn()  # what goes live in the console meanwhile would be overwritten unseen
    before, authors = await writer.current(), await writer.saved_by()
    console = {topic for topic, author in authors.items() if author.startswith(CONSOLE)}
    changed: dict[str, tuple[str, ...]] = {}
    kept = []
    for topic, entry in entries.items():
        if topic in console and not overwrite and before[topic] != render_entry(entry):
            kept.append(topic)
        elif await writer.save(topic, render_entry(entry), by, now) is not None:
            old = readable_entry(before[topic]) if topic in before else None
            changed[topic] = tuple(changes(old, entry)) if old or topic not in before else ("replaced",)
    gone = sorted(set(before) - set(entries)) if retire_others else []
    if not overwrite:  # an entry that was written in the console has no file yet
        kept += [topic for topic in gone if topic in console]
        gone = [topic for topic in gone if topic not in console]
    for topic in gone:
        await writer.retire(topic)
    unchanged = len(set(entries) - set(changed) - set(kept))
    overwritten = sorted(console & {*changed, *gone})
    return Imported(tuple(changed), tuple(gone), unchanged, changed, tuple(kept), tuple(overwritten))


def readable_entry(source: str) -> Entry | None:
    """The entry, or None where an older program wrote what this one cannot read."""
    try:
        return parse_entry(source)
    except ContentError:
        return None


def export_entries(sources: Mapping[str, str], folder: Path) -> tuple[list[Path], list[Path]]:
    """Write every entry to its file below the folder: the files written, and others that lie there."""
    written = []
    for topic, source in sources.items():
        path = entry_path(folder, topic)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8", newline="\n")
        written.append(path)
    return written, sorted(set(entry_files(folder)) - set(written))


def entry_path(folder: Path, topic: str) -> Path:
    """The file of a topic below that folder. Raises ContentError for what is no topic."""
    if not TOPIC.fullmatch(topic):
        raise ContentError([f"{topic!r} is not a topic such as wage.arrears"])
    category, _, name = topic.partition(".")
    return folder / category / f"{name}.md"


def new_entry(folder: Path, topic: str, region: str, on: date) -> Path:
    """Write the skeleton of a topic's file. Raises ContentError when there is a file already.

    The skeleton is refused by the parser until title, citations, phrasings and text are filled in.
    """
    path = entry_path(folder, topic)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(skeleton(topic, region, on))
    except FileExistsError:
        raise ContentError([f"{path}:1: is there already"]) from None
    return path


def skeleton(topic: str, region: str, on: date) -> str:
    """The text of a new entry, to be filled in: the parser refuses it as it is."""
    category = topic.partition(".")[0]
    return _SKELETON.format(
        topic=topic,
        region=region,
        today=on,
        review=_a_year_after(on),
        complaint=category if category in COMPLAINT_CATEGORIES else "other",
        sections="\n".join(f"## {heading}\n" for heading in HEADINGS),
    )


def _a_year_after(on: date) -> date:
    return on.replace(year=on.year + 1, day=28) if (on.month, on.day) == (2, 29) else on.replace(year=on.year + 1)


def changes(old: Entry | None, new: Entry) -> list[str]:
    """What an import changes in an entry, in words for the editor; empty when nothing."""
    if old is None:
        return ["new"]
    words = []
    for field in ("ask", "citations", "related"):
        before, after = set(getattr(old, field)), set(getattr(new, field))
        if before != after:
            words.append(f"{field} +{len(after - before)} -{len(before - after)}")
        elif getattr(old, field) != getattr(new, field):
            words.append(f"{field} reordered")
    plain = ("title", "region", "effective_from", "effective_to", "checked_on", "review_by", "complaint_category")
    words += [
        f"{field}: {getattr(old, field)} -> {getattr(new, field)}"
        for field in plain
        if getattr(old, field) != getattr(new, field)
    ]
    if old.short != new.short:
        words.append("short answer")
    headings = [h for h in HEADINGS if old.section(h) != new.section(h)]
    return words + headings


def import_report(imported: Imported) -> dict[str, Any]:
    """The figures of an import, for a log line."""
    return {
        "saved": len(imported.saved),
        "retired": len(imported.retired),
        "unchanged": imported.unchanged,
        "kept": len(imported.kept),
    }
