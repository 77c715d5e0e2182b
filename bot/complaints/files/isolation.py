"""Making copies for reading out of what strangers sent, in a process of its own that may die.

Decoders of pictures and documents are where hostile files do harm. So each file is decoded by a process that lives
for that file, sees no secret of ours, may use so much memory and time and no more, and hands back plain bytes.
"""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.complaints.files.kinds import FileFault, FileRefused
from bot.complaints.files.signatures import FileKind

log = structlog.get_logger(__name__)

SECONDS = 30
AT_ONCE = 2
MOST_HEADER = 200

READABLE = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.GIF, FileKind.WEBP, FileKind.BMP, FileKind.PDF})
"""Kinds of which a copy for reading is made; the others are kept and handed out as they are."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A copy without metadata that may be shown in a browser."""

    content: bytes = field(repr=False)
    media_type: str


class IsolatedReader:
    """Makes copies for reading, a few at a time."""

    def __init__(self, *, seconds: float = SECONDS, at_once: int = AT_ONCE) -> None:
        self._seconds = seconds
        self._places = asyncio.Semaphore(at_once)

    async def read(self, content: bytes, kind: FileKind, *, longest_side: int = 0) -> Reading | None:
        """A copy for reading; None where there is none to be made of this file.

        longest_side: of a picture, in dots; 0: as is good for reading. Raises FileRefused for what is damaged, or
        larger inside than it may be.
        """
        if kind not in READABLE:
            return None
        async with self._places:
            return await asyncio.to_thread(self._run, content, kind, longest_side)

    def _run(self, content: bytes, kind: FileKind, longest_side: int) -> Reading | None:
        command = [sys.executable, "-m", "bot.complaints.files.readings", kind.name]
        command += [str(longest_side)] if longest_side else []
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no shell
                command,
                input=content,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a decoder may print parts of the file
                env=_environment(),
                timeout=self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            log.warning("file.unreadable", kind=kind.name, cause="time")
            raise FileRefused(FileFault.HUGE) from None
        if done.returncode:
            log.warning("file.unreadable", kind=kind.name, cause="process", status=done.returncode)
            raise FileRefused(FileFault.DAMAGED)
        return _answer(done.stdout)


def _answer(output: bytes) -> Reading | None:
    header, _, content = output.partition(b"\n")
    if len(header) > MOST_HEADER:
        raise FileRefused(FileFault.DAMAGED)
    said = json.loads(header)
    if said["fault"]:
        raise FileRefused(FileFault(said["fault"]))
    return Reading(content, said["media_type"]) if said["media_type"] else None


def _environment() -> dict[str, str]:
    """Where to find the code, and nothing else: keys and passwords stand in the environment too."""
    places = [str(Path(__file__).parents[3]), *(place for place in sys.path if place)]
    return {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1"}
