"""Entries between files and the base: reading a folder, importing, exporting.

Import and export lose nothing: the base keeps the canonical text of each file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.answers.entries import Entry, parse_entry, render_entry
from bot.errors import ContentError


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: topics that are new or changed, and topics taken out."""

    saved: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int


class EntryWriter(Protocol):
    """The part of a unit of work that changes the base."""

    async def save(self, topic: str, source: str, by: str, now: datetime) -> int | None:
        """Make this the topic's current text; None when nothing changed."""
        ...

    async def retire(self, topic: str) -> bool:
        """Take a topic out of the live base."""
        ...

    async def current(self) -> dict[str, str]:
        """The current text of every topic."""
        ...


def entry_files(folder: Path) -> Iterator[Path]:
    """The entry files below a folder, in order."""
    yield from sorted(folder.glob("*/*.md"))


def read_folder(folder: Path) -> dict[str, Entry]:
    """All entries below `content/faq`, by topic. Raises ContentError with the faults of all files."""
    faults: list[str] = []
    entries: dict[str, Entry] = {}
    for path in entry_files(folder):
        topic = f"{path.parent.name}.{path.stem}"
        try:
            entry = parse_entry(path.read_text(encoding="utf-8"), str(path))
        except UnicodeDecodeError:
            faults.append(f"{path}:1: is not UTF-8 text")
            continue
        except ContentError as error:
            faults += error.faults
            continue
        if entry.topic != topic:
            faults.append(f"{path}:2: id: {entry.topic} must be {topic}, as the file is named")
        entries[topic] = entry
    if faults:
        raise ContentError(faults)
    return entries


async def import_entries(
    entries: dict[str, Entry], writer: EntryWriter, by: str, now: datetime, *, retire_others: bool = False
) -> Imported:
    """Bring entries into the base as new versions. Safe to repeat; the caller commits."""
    before = await writer.current()
    saved = [
        topic
        for topic, entry in entries.items()
        if await writer.save(topic, render_entry(entry), by, now) is not None
    ]
    gone = sorted(set(before) - set(entries)) if retire_others else []
    for topic in gone:
        await writer.retire(topic)
    return Imported(tuple(saved), tuple(gone), len(entries) - len(saved))


def export_entries(sources: dict[str, str], folder: Path) -> list[Path]:
    """Write every entry to its file below the folder; the files written."""
    written = []
    for topic, source in sources.items():
        category, _, name = topic.partition(".")
        path = folder / category / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        written.append(path)
    return written


def import_report(imported: Imported) -> dict[str, Any]:
    """The figures of an import, for a log line."""
    return {"saved": len(imported.saved), "retired": len(imported.retired), "unchanged": imported.unchanged}
