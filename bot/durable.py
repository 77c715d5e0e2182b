"""What has to survive a power cut."""

import os
from pathlib import Path


def flush_file(path: Path) -> None:
    """Write what is in a file to the disk."""
    _flush(path, os.O_RDONLY)


def flush_folder(folder: Path) -> None:
    """Write a folder to the disk: the names that were given in it a moment ago."""
    _flush(folder, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
