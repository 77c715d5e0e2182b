"""A database with rows of files, their bytes, and copies of both, without a whole program around them."""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.complaints.files.file_store import FileStore, Part
from bot.ops.backup import Backups
from bot.ops.checksums import digest_of
from bot.store.snapshot import SqliteSnapshots
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable


class Snapshots(SqliteSnapshots):
    """Copies the real database, and lets something happen right after."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.then: list[Callable[[], None]] = []
        self.written = 0

    def write(self, target: Path) -> None:
        super().write(target)
        self.written += 1
        if self.then:
            self.then.pop(0)()


class Place:
    """A database with rows of files, their bytes, and the copies of both."""

    def __init__(self, folder: Path, clock: FakeClock, keep: int = 14) -> None:
        self.folder = folder
        self.database = folder / "gonghui.db"
        self.store = FileStore(folder / "files")
        self.snapshots = Snapshots(self.database)
        self.backups = Backups(
            folder=folder / "backups",
            keep=keep,
            snapshots=self.snapshots,
            clock=clock,
            files=folder / "files",
            head=folder / "audit-head.json",
        )
        self.execute("PRAGMA journal_mode=WAL")
        self.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num)")
        self.execute("CREATE TABLE IF NOT EXISTS case_file (id, state)")

    def execute(self, statement: str, *values: object) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            rows = connection.execute(statement, values).fetchall()
            connection.commit()
        return rows

    def add(self, content: bytes = b"", *, reading: bool = False) -> str:
        """As the file desk does it: the bytes first, then the row."""
        id = uuid4().hex
        self.store.write(id, Part.ORIGINAL, content or secrets.token_bytes(200))
        if reading:
            self.store.write(id, Part.READING, secrets.token_bytes(100))
        self.execute("INSERT INTO case_file VALUES (?, 'kept')", id)
        return id

    def delete(self, id: str) -> None:
        """As the file desk does it: the row first, then the bytes."""
        self.execute("DELETE FROM case_file WHERE id = ?", id)
        self.store.delete(id)

    def named_in(self, copy: Path) -> set[str]:
        with closing(sqlite3.connect(f"{(copy / 'database.db').as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return {id for (id,) in connection.execute("SELECT id FROM case_file WHERE state = 'kept'")}

    def live(self) -> dict[str, str]:
        """Every file that is there, by its place, with its hash."""
        folder = self.folder / "files"
        return {path.relative_to(folder).as_posix(): digest_of(path) for path in folder.glob("*/*")}


def held(copy: Path) -> dict[str, set[str]]:
    """The parts of each file in a copy."""
    parts: dict[str, set[str]] = {}
    for path in (copy / "files").glob("*/*"):
        parts.setdefault(path.stem, set()).add(path.suffix[1:])
    return parts
