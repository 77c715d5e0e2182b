"""Backups: checked copies of the database in `<data_dir>/backups`, the newest so many.

A copy is written beside its final name, read through, and only then given the name; so what
stands in the folder is whole. Copies hold everything that was in the database at that time,
sealed as it is there: without the key ring nobody reads them, the operator included.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.errors import BackupFailed

log = structlog.get_logger(__name__)

_PREFIX = "gonghui-"
_STAMP = "%Y%m%dT%H%M%SZ"
_STAMP_LENGTH = len("20261122T103000Z")
_SPARE_BYTES = 16 * 2**20


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

    def restore(self, copy: Path) -> None:
        """Make the database what the copy holds. Raises BackupFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that is there."""

    path: Path
    made_at: datetime


class Backups:
    """The copies of one database."""

    def __init__(self, *, folder: Path, keep: int, snapshots: Snapshots, clock: Clock) -> None:
        self._folder = folder
        self._keep = keep
        self._snapshots = snapshots
        self._clock = clock

    def make(self, reason: str) -> Path:
        """Make a checked copy and drop the oldest ones beyond the number to keep.

        Raises BackupFailed, and leaves the older copies alone, when there is no room or the
        database cannot be read.
        """
        path = self._make(reason)
        for copy in self.copies()[self._keep :]:
            copy.path.unlink(missing_ok=True)
        return path

    def _make(self, reason: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._drop_unfinished()
        self._check_room()
        stamp = self._clock.now().astimezone(UTC).strftime(_STAMP)
        path = self._free_name(f"{_PREFIX}{stamp}-{reason}")
        draft = path.with_name(f".{path.name}.part")
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            self._snapshots.write(draft)
            self._snapshots.check(draft)
            _flush(draft)
            draft.replace(path)
        except OSError as error:
            raise BackupFailed(f"{path}: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
        log.info("backup.made", file=path.name, bytes=path.stat().st_size)
        return path

    def copies(self) -> list[Copy]:
        """The copies that are there, newest first."""
        found = []
        for path in self._folder.glob(f"{_PREFIX}*{self._snapshots.suffix}"):
            stamp = path.name[len(_PREFIX) : len(_PREFIX) + _STAMP_LENGTH]
            try:
                found.append(Copy(path, datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)))
            except ValueError:
                continue  # somebody else's file
        return sorted(found, key=lambda copy: (copy.made_at, copy.path.name), reverse=True)

    def is_due(self, every: timedelta) -> bool:
        """Whether the newest copy is older than that, or there is none."""
        copies = self.copies()
        return not copies or self._clock.now() - copies[0].made_at >= every

    def restore(self, path: Path) -> Path | None:
        """Make the database what the copy holds; gives back the copy made of what was there before.

        Raises BackupFailed and changes nothing when the copy is damaged, or what is there now
        cannot be copied first.
        """
        self._snapshots.check(path)
        # not `make`, which might drop the very copy that is wanted
        before = self._make("before-restore") if self._snapshots.exists() else None
        self._snapshots.restore(path)
        log.warning("backup.restored", file=path.name)
        return before

    def _check_room(self) -> None:
        needed = self._snapshots.size() + _SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise BackupFailed(f"{self._folder}: {free // 2**20} MB free, {needed // 2**20} MB needed")

    def _free_name(self, stem: str) -> Path:
        path = self._folder / f"{stem}{self._snapshots.suffix}"
        number = 2
        while path.exists():
            path = self._folder / f"{stem}-{number}{self._snapshots.suffix}"
            number += 1
        return path

    def _drop_unfinished(self) -> None:
        """What a killed process left; one that is at work holds a fresh one."""
        oldest = self._clock.now() - timedelta(days=1)
        for draft in self._folder.glob(f".{_PREFIX}*.part*"):
            if datetime.fromtimestamp(draft.stat().st_mtime, UTC) < oldest:
                draft.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Onto the disk: a copy that a power cut takes back is none."""
    for place, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        handle = os.open(place, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
