"""The sealed files in a copy: taken from the folder of files and brought back to it.

What lies there never changes under its name: it is written beside, named when it is whole, and deleted by its name.
So a copy shares the bytes (a hard link) wherever the disk allows it, and costs next to nothing; where it does not,
it shares them with the copy before, and only new files are copied. All parts of a file are there before its row is
written, and its original is deleted first: whoever takes the original after the other part has taken all of it.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.complaints.files.file_store import Part, place_of
from bot.durable import flush_folder
from bot.ops.checksums import digest_of

_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP)


class FileCopies:
    """Takes files from one folder of files into copies, and back. Blocks: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, id: str, target: Path, before: Path | None) -> bool:
        """Put the file into the folder of a copy; False when its original is not there (any more). Safe to repeat.

        before: the files of the copy before, whose bytes may be shared.
        """
        # this order matters, see above
        self._take_part(place_of(id, Part.READING), target, before)
        return self._take_part(place_of(id, Part.ORIGINAL), target, before)

    def rescue(self, id: str, target: Path, earlier: Iterable[Path]) -> bool:
        """Put a file that is lost into a copy from an earlier one; False when none has it.

        Otherwise the last bytes of it would go with the oldest copy.
        """
        for folder in earlier:
            if (folder / place_of(id, Part.ORIGINAL)).is_file():
                for part in (Part.READING, Part.ORIGINAL):
                    place = place_of(id, part)
                    if (folder / place).is_file():
                        _share(folder / place, target / place, None)
                return True
        return False

    def put_back(self, source: Path, names: Sequence[str]) -> int:
        """Bring these files of a copy back, as files of their own; how many were not there or were others.

        What else lies in the folder stays: the sweep removes what no row names.
        """
        restored = 0
        for name in names:
            there, wanted = self._folder / name, source / name
            if there.is_file() and (there.samefile(wanted) or digest_of(there) == digest_of(wanted)):
                os.utime(there)  # young again: nobody may sweep it before its row is back
                continue
            for folder in (self._folder, there.parent):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _copy(wanted, there)
            restored += 1
        for folder in {(self._folder / name).parent for name in names}:
            flush_folder(folder)
        return restored

    def lacks(self, names: Iterable[str]) -> Iterator[str]:
        """Those of the names that are not in the folder."""
        return (name for name in names if not (self._folder / name).is_file())

    def _take_part(self, place: Path, target: Path, before: Path | None) -> bool:
        source, wanted = self._folder / place, target / place
        if wanted.is_file():
            return True
        try:
            _share(source, wanted, before / place if before else None)
        except FileNotFoundError:
            if source.exists():
                raise  # not the file is missing but where it should go
            return False
        return True


def _share(source: Path, target: Path, before: Path | None) -> None:
    """Make `target` the same bytes as `source`: linked to them, to those of the copy before, or copied."""
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(exist_ok=True, mode=0o700)
    size = source.stat().st_size
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
    else:
        return
    try:
        if before is not None and before.stat().st_size == size:
            os.link(before, target)
            return
    except OSError:
        pass  # the copy before has it not, or this disk knows no links at all
    _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    """Copy beside the name and then name it, private and on the disk."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with source.open("rb") as bytes_, os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(bytes_, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
