"""Whether the files that ought to be there are there, unchanged: every one is opened and compared with its hash."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files.file_desk import FileDesk
from bot.complaints.files.kinds import FileLost
from bot.errors import CannotOpen

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


@dataclass(slots=True)
class CheckedFiles:
    """What was found. lost: ids of files that are missing or were changed."""

    files: int = 0
    lost: list[str] = field(default_factory=list)


async def check_files(work: "UnitOfWork", desk: FileDesk) -> CheckedFiles:
    """Open every kept file, original and copy. Changes nothing."""
    checked = CheckedFiles()
    for id in await work.files.ids():
        try:
            found = await work.files.find(id)
            if found is not None and found[0].state is FileState.KEPT:
                checked.files += 1
                await _open(work, desk, found[0])
        except (CannotOpen, FileLost):
            checked.lost.append(id)
    return checked


async def _open(work: "UnitOfWork", desk: FileDesk, file: CaseFile) -> None:
    whose = {"case": file.case} if file.case else {"draft": file.draft}
    await desk.open_original(work, file.id, **whose)
    await desk.open_reading(work, file.id, **whose)
