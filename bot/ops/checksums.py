"""What a copy consists of, with the SHA-256 of each part: a file that `sha256sum -c` reads as well."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from bot.errors import BackupFailed

log = structlog.get_logger(__name__)

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._/-]*)")
_CHUNK = 2**20


def read_sums(folder: Path) -> dict[str, str]:
    """Path within the copy -> SHA-256. Raises BackupFailed when the list is missing or is none."""
    sums: dict[str, str] = {}
    try:
        lines = (folder / SUMS).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupFailed(f"{folder.name}: {SUMS} cannot be read ({type(error).__name__})") from error
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or ".." in match[2]:
            raise BackupFailed(f"{folder.name}: {SUMS} is damaged")
        sums[match[2]] = match[1]
    return sums


def sums_of(folder: Path, before: Path | None) -> dict[str, str]:
    """The sums of everything in a copy; of bytes that it shares with the copy before they are known."""
    known: Mapping[str, str] = {}
    if before is not None:
        try:
            known = read_sums(before)
        except BackupFailed:
            log.warning("backup.sums_unreadable", file=before.name)
    sums = {}
    for path in folder.rglob("*"):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            shared = before is not None and name in known and _is_same(path, before / name)
            sums[name] = known[name] if shared else digest_of(path)
    return sums


def write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Write the list into the copy, on the disk when this returns."""
    handle = os.open(folder / SUMS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        file.flush()
        os.fsync(file.fileno())


def damaged(folder: Path, sums: Mapping[str, str]) -> Iterator[str]:
    """The parts that are missing or are not what they were."""
    for name, digest in sums.items():
        try:
            if digest_of(folder / name) != digest:
                yield name
        except OSError:
            yield name


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, read a piece at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except FileNotFoundError:
        return False
