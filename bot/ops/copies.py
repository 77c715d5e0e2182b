"""One copy as it stands in the folder of copies, and what it says of itself.

A copy is a folder: the database, the sealed files that its rows name, the end of the audit log as it was known
then, a manifest and the sums of all that. Copies of before there were files are single files of the database alone.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from bot.errors import BackupFailed

MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files"
HEAD = "audit-head.json"

PREFIX = "gonghui-"
STAMP = "%Y%m%dT%H%M%SZ"
_STAMP_LENGTH = len("20261122T103000Z")
_FORMAT = 1


class Snapshots(Protocol):
    """Copies one database into files and back; `bot.store.snapshot` has the real ones."""

    suffix: str

    def exists(self) -> bool:
        """Whether there is a database that could be copied."""
        ...

    def size(self) -> int:
        """How many bytes a copy may take at most; 0 when that cannot be known."""
        ...

    def write(self, target: Path) -> None:
        """Copy the database into the file. Raises BackupFailed."""
        ...

    def check(self, copy: Path) -> None:
        """Read a copy through. Raises BackupFailed when it is damaged or no copy at all."""
        ...

    def file_ids(self, copy: Path) -> frozenset[str]:
        """The files whose bytes there ought to be, by the rows of a copy. Raises BackupFailed."""
        ...

    def restore(self, copy: Path) -> None:
        """Make the database what the copy holds. Raises BackupFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that is there."""

    path: Path
    made_at: datetime
    database: Path

    @property
    def has_files(self) -> bool:
        """Whether it holds the files as well; old copies hold the database alone."""
        return self.path != self.database

    @property
    def files(self) -> Path:
        """The folder of its files."""
        return self.path / FILES


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy holds. lost: ids of files that were gone when it was made, though rows name them."""

    files: int
    lost: tuple[str, ...] = ()


def find_copy(path: Path, suffix: str) -> Copy | None:
    """The copy of that path, where its name and what lies there say that it is one."""
    stamp = path.name[len(PREFIX) : len(PREFIX) + _STAMP_LENGTH]
    try:
        made_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None  # somebody else's
    if path.is_dir():
        database = path / f"{DATABASE}{suffix}"
        return Copy(path, made_at, database) if (path / MANIFEST).is_file() else None
    return Copy(path, made_at, path) if path.name.endswith(suffix) and path.is_file() else None


def write_manifest(folder: Path, contents: Contents, *, made_at: datetime, reason: str) -> None:
    """Write down what the copy holds."""
    document = {
        "format": _FORMAT,
        "made_at": made_at.isoformat(),
        "reason": reason,
        "files": contents.files,
        "lost": list(contents.lost),
    }
    handle = os.open(folder / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Contents:
    """What the copy holds, as it says itself. Raises BackupFailed for a copy of a later version, or a damaged one."""
    try:
        document: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        newer = int(document["format"]) > _FORMAT
        contents = Contents(int(document["files"]), tuple(document["lost"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{folder.name}: {MANIFEST} cannot be read ({type(error).__name__})") from error
    if newer:
        raise BackupFailed(f"{folder.name} was made by a newer version of the program")
    return contents
