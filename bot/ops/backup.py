"""Backups: checked copies of database and files in `<data_dir>/backups`, the newest so many.

A copy is put together beside its final name, read through, and only then given the name; so what stands in the
folder is whole. Copies hold everything that was there at that time, sealed as it is there: without the key ring,
which is never among it, nobody reads them, the operator included.

The service goes on meanwhile, and a copy still fits together: every file that a row of it names is in it. The
database is copied first, then the files that this copy of it names. One that is gone by then was deleted in
between, and a row goes before its bytes do, so another copy of the database no longer names it; where it still
does, the file had been gone before, is lost, and is told of.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.clock import Clock
from bot.durable import flush_file, flush_folder
from bot.errors import BackupFailed
from bot.ops.checksums import damaged, read_sums, sums_of, write_sums
from bot.ops.copies import (
    DATABASE,
    FILES,
    HEAD,
    MANIFEST,
    PREFIX,
    STAMP,
    Contents,
    Copy,
    Snapshots,
    find_copy,
    read_manifest,
    write_manifest,
)
from bot.ops.file_copies import FileCopies

log = structlog.get_logger(__name__)

_SPARE_BYTES = 16 * 2**20
_MOST_TRIES = 5


class Backups:
    """The copies of one installation. files: the folder of its files. head: where the end of its audit log is kept."""

    def __init__(  # noqa: PLR0913 - what is copied, where to, and how many times; all named
        self,
        *,
        folder: Path,
        keep: int,
        snapshots: Snapshots,
        clock: Clock,
        files: Path | None = None,
        head: Path | None = None,
    ) -> None:
        self._folder = folder
        self._keep = keep
        self._snapshots = snapshots
        self._clock = clock
        self._files = FileCopies(files) if files else None
        self._head = head

    def make(self, reason: str) -> Path:
        """Make a checked copy and drop the oldest ones beyond the number to keep.

        Raises BackupFailed, and leaves the older copies alone, when there is no room or the
        database cannot be read.
        """
        path = self._make(reason)
        for copy in self.copies()[self._keep :]:
            self._drop(copy)
        return path

    def copies(self) -> list[Copy]:
        """The copies that are there, newest first."""
        there = (find_copy(path, self._snapshots.suffix) for path in self._folder.glob(f"{PREFIX}*"))
        found = [copy for copy in there if copy is not None]
        return sorted(found, key=lambda copy: (copy.made_at, copy.path.name), reverse=True)

    def is_due(self, since: datetime) -> bool:
        """Whether no copy was made since then."""
        copies = self.copies()
        return not copies or copies[0].made_at < since

    def contents(self, path: Path) -> Contents:
        """What the copy says that it holds. Raises BackupFailed."""
        return read_manifest(path) if path.is_dir() else Contents(0)

    def check(self, path: Path) -> list[str]:
        """Read a copy through, every byte of it: the files that are missing or damaged.

        Raises BackupFailed when the database is damaged, or it is no copy at all.
        """
        copy = self._at(path)
        if not copy.has_files:
            self._snapshots.check(copy.database)
            return []
        sums = read_sums(path)
        read_manifest(path)
        rest = {name: digest for name, digest in sums.items() if not _is_file(name)}
        if copy.database.name not in rest or list(damaged(path, rest)):
            raise BackupFailed(f"{path.name} is damaged")
        self._snapshots.check(copy.database)
        return list(damaged(path, {name: digest for name, digest in sums.items() if _is_file(name)}))

    def restore(self, path: Path, *, despite_damage: bool = False) -> Path | None:
        """Make database and files what the copy holds; gives back the copy made of what was there before.

        Raises BackupFailed and changes nothing when the copy is damaged, or what is there now cannot be copied
        first. despite_damage: damaged files are left out, the rest is restored. The files come first: at no time
        is there a row without its bytes.
        """
        broken = self.check(path)
        if broken and not despite_damage:
            raise BackupFailed(f"{path.name}: {len(broken)} files are damaged, such as {broken[0]}")
        copy = self._at(path)
        # not `make`, which might drop the very copy that is wanted
        before = self._make("before-restore") if self._snapshots.exists() else None
        names = [name for name in _file_names(copy) if f"{FILES}/{name}" not in broken]
        self._put_back(copy, names)
        self._snapshots.restore(copy.database)
        self._put_back(copy, names)  # a service that was not stopped may have swept some before their rows came
        self._put_back_head(copy)
        log.warning("backup.restored", file=path.name, files=len(names), damaged=len(broken))
        return before

    def _make(self, reason: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._drop_unfinished()
        self._check_room()
        now = self._clock.now()
        stem = f"{PREFIX}{now.astimezone(UTC).strftime(STAMP)}-{reason}"
        draft = self._folder / f".{stem}.part{secrets.token_hex(4)}"
        try:
            draft.mkdir(mode=0o700)
            contents = self._fill(draft, now, reason)
            path = self._named(draft, stem)
        except OSError as error:
            raise BackupFailed(f"{self._folder / stem}: {error.strerror}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        if contents.lost:
            log.error("backup.files_lost", file=path.name, files=len(contents.lost), first=contents.lost[0])
        log.info("backup.made", file=path.name, files=contents.files, bytes=self._at(path).database.stat().st_size)
        return path

    def _fill(self, draft: Path, now: datetime, reason: str) -> Contents:
        before = next((copy for copy in self.copies() if copy.has_files), None)
        database = draft / f"{DATABASE}{self._snapshots.suffix}"
        contents = self._copy_both(draft, database, before)
        self._snapshots.check(database)
        if self._head is not None and self._head.is_file():
            _copy_private(self._head, draft / HEAD)
        write_manifest(draft, contents, made_at=now, reason=reason)
        write_sums(draft, sums_of(draft, before.path if before else None))
        flush_file(database)
        for folder in (*(draft / FILES).glob("*"), draft / FILES, draft):
            if folder.is_dir():
                flush_folder(folder)
        return contents

    def _copy_both(self, draft: Path, database: Path, before: Copy | None) -> Contents:
        """Copy the database and the files that its rows name, until they fit together."""
        absent: set[str] = set()
        for _ in range(_MOST_TRIES):
            database.unlink(missing_ok=True)
            os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            self._snapshots.write(database)
            named = self._snapshots.file_ids(database) if self._files else frozenset()
            gone = {id for id in named if not self._take(id, draft, before)}
            if gone <= absent:  # gone before this copy of the database was begun, and still named: lost
                return self._settle(draft, named, gone)
            absent |= gone
        raise BackupFailed("files are being deleted faster than they can be copied")

    def _take(self, id: str, draft: Path, before: Copy | None) -> bool:
        return self._files is not None and self._files.take(id, draft / FILES, before.files if before else None)

    def _settle(self, draft: Path, named: frozenset[str], gone: set[str]) -> Contents:
        for path in (draft / FILES).glob("*/*"):
            if path.stem not in named:  # deleted while the copy was being made
                path.unlink()
        earlier = [copy.files for copy in self.copies() if copy.has_files]
        for id in gone:
            if self._files is not None:
                self._files.rescue(id, draft / FILES, earlier)
        return Contents(len(named), tuple(sorted(gone)))

    def _put_back(self, copy: Copy, names: list[str]) -> None:
        if self._files is None or not names:
            return
        try:
            self._files.put_back(copy.files, names)
        except OSError as error:
            raise BackupFailed(f"{copy.path.name}: {error.strerror}") from error

    def _put_back_head(self, copy: Copy) -> None:
        """On a machine that knows no end of the audit log, that of the copy is known from now on."""
        kept = copy.path / HEAD
        if copy.has_files and kept.is_file() and self._head is not None and not self._head.exists():
            _copy_private(kept, self._head)

    def _at(self, path: Path) -> Copy:
        found = find_copy(path, self._snapshots.suffix)
        if found is not None:
            return found
        if path.is_file():
            return Copy(path, datetime.fromtimestamp(path.stat().st_mtime, UTC), path)
        if (path / MANIFEST).is_file():  # under another name
            database = path / f"{DATABASE}{self._snapshots.suffix}"
            return Copy(path, datetime.fromtimestamp(path.stat().st_mtime, UTC), database)
        raise BackupFailed(f"{path.name} is no copy")

    def _check_room(self) -> None:
        needed = self._snapshots.size() + _SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise BackupFailed(f"{self._folder}: {free // 2**20} MB free, {needed // 2**20} MB needed")

    def _named(self, draft: Path, stem: str) -> Path:
        """Give a whole copy its name, or the next free one: somebody else may have made one in the same second."""
        number = 1
        while True:
            path = self._folder / (stem if number == 1 else f"{stem}-{number}")
            try:
                draft.rename(path)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
                number += 1
            else:
                flush_folder(self._folder)
                return path

    def _drop(self, copy: Copy) -> None:
        """Take the name away first: what stands under one is whole, whatever dies when."""
        draft = copy.path.with_name(f".{copy.path.name}.part")
        copy.path.rename(draft)
        _remove(draft)

    def _drop_unfinished(self) -> None:
        """What a killed process left; one that is at work holds a fresh one."""
        oldest = self._clock.now() - timedelta(days=1)
        for draft in self._folder.glob(f".{PREFIX}*.part*"):
            if datetime.fromtimestamp(draft.stat().st_mtime, UTC) < oldest:
                _remove(draft)


def _is_file(name: str) -> bool:
    return name.startswith(f"{FILES}/")


def _file_names(copy: Copy) -> Iterator[str]:
    """The files of a copy, as they are named in the folder of files."""
    if copy.has_files:
        yield from (name.removeprefix(f"{FILES}/") for name in read_sums(copy.path) if _is_file(name))


def _copy_private(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    flush_file(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
