"""The bytes of files on disk, sealed: one folder, two parts a file, nothing else in it.

Whoever writes has sealed before; no plaintext is ever on the disk. A file is written beside its name, flushed and
then given the name: what stands under a name is whole. The rows of the database say which files there ought to be.
"""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from bot.complaints.files.kinds import FileLost
from bot.durable import flush_folder
from bot.errors import StorageFull, StoreUnavailable

_ID = re.compile(r"[0-9a-f]{32}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Part(StrEnum):
    """What is kept of a file."""

    ORIGINAL = "original"
    READING = "reading"


class FileStore:
    """Sealed bytes under `<data_dir>/files/<two digits>/<id>.<part>`. Blocks: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, id: str, part: Part, sealed: bytes) -> None:
        """Keep these bytes; they are on the disk when this returns. Safe to repeat. Raises StorageFull."""
        path = self._path(id, part)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            flush_folder(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise _translated(error) from None

    def read(self, id: str, part: Part) -> bytes:
        """The bytes that were kept. Raises FileLost when there are none."""
        try:
            return self._path(id, part).read_bytes()
        except FileNotFoundError:
            raise FileLost(id) from None
        except OSError as error:
            raise _translated(error) from None

    def delete(self, id: str) -> None:
        """Forget the file, the original first: who finds that, finds all of the file. Safe to repeat."""
        for part in (Part.ORIGINAL, Part.READING):
            self._path(id, part).unlink(missing_ok=True)

    def ids_before(self, moment: datetime) -> Iterator[str]:
        """The files of which nothing was written since then, each once; half-written ones are removed."""
        seen: dict[str, float] = {}
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                changed = path.stat().st_mtime
                if path.name.endswith(".part"):
                    if datetime.fromtimestamp(changed, UTC) < moment:
                        path.unlink()
                elif _ID.fullmatch(path.stem):
                    seen[path.stem] = max(seen.get(path.stem, 0.0), changed)
        yield from (id for id, changed in seen.items() if datetime.fromtimestamp(changed, UTC) < moment)

    def _path(self, id: str, part: Part) -> Path:
        return self._folder / place_of(id, part)


def place_of(id: str, part: Part) -> Path:
    """Where the part of a file lies within the folder of files. Raises FileLost for what is no id."""
    if not _ID.fullmatch(id):
        raise FileLost("")  # not an id of ours: never a path
    return Path(id[:2]) / f"{id}.{part}"


def _translated(error: OSError) -> StoreUnavailable:
    cause = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return StorageFull(cause) if error.errno in _FULL else StoreUnavailable(cause)
