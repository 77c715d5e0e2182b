"""Files of a case for those who may see it: every look at one is asked of the role table and written down.

The bytes themselves are the file desk's; whoever has no right to the case cannot tell a file from none.
"""

from collections.abc import AsyncIterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import AuditEntry
from bot.complaints.cases import Case, CaseFile, TimelineEntry
from bot.complaints.desk.refusals import CaseHidden, NotAllowed
from bot.complaints.files.file_desk import FileDesk, OpenedFile, PreparedFile
from bot.complaints.roles import Action, Viewer, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class Evidence:
    """Shows and takes files for staff. Methods commit nothing."""

    def __init__(self, files: FileDesk) -> None:
        self._files = files

    @property
    def most_bytes(self) -> int:
        """The largest file that is taken."""
        return self._files.most_bytes

    async def reading(self, work: "UnitOfWork", viewer: Viewer, case_id: str, file: str) -> OpenedFile | None:
        """The copy that a browser may show; None where there is none.

        Raises CaseHidden, NotAllowed, FileLost.
        """
        await self._allowed(work, viewer, Action.SEE_FILES, case_id)
        opened = await self._files.open_reading(work, file, case=case_id)
        if opened is not None:
            await self._told(work, viewer, "case.file_read", case_id, file)
        return opened

    async def original(self, work: "UnitOfWork", viewer: Viewer, case_id: str, file: str) -> OpenedFile:
        """The file as it was sent, for download. Raises CaseHidden, NotAllowed, FileLost."""
        await self._allowed(work, viewer, Action.SEE_FILES, case_id)
        opened = await self._files.open_original(work, file, case=case_id)
        await self._told(work, viewer, "case.file_original", case_id, file)
        return opened

    async def check_may_add(self, work: "UnitOfWork", viewer: Viewer, case_id: str) -> Case:
        """The case. Raises CaseHidden, NotAllowed: to be asked before bytes are put on the disk."""
        case = await self._allowed(work, viewer, Action.ADD_FILE, case_id)
        if case.content_deleted_at is not None:
            raise NotAllowed(Action.ADD_FILE)
        return case

    async def prepare(self, name: str, content: bytes | AsyncIterable[bytes]) -> PreparedFile:
        """Look at a file and put it on the disk, outside of any transaction. Raises FileRefused."""
        return await self._files.prepare(name, content)

    async def add(
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, prepared: PreparedFile, *, now: datetime
    ) -> CaseFile:
        """Make a prepared file one of the case. Raises CaseHidden, NotAllowed, FileRefused, Changed; drop it then."""
        case = await self.check_may_add(work, viewer, case_id)
        await work.cases.change(case, now)  # held: nothing is added beside a deletion of the content
        file = await self._files.keep(work, prepared, by=viewer.id, now=now, case=case_id)
        data = {"file": file.id}
        entry = TimelineEntry(id=uuid4().hex, happened_at=now, by=viewer.id, kind="files_added", data=data)
        await work.timeline.add(case_id, entry)
        await self._told(work, viewer, "case.file_added", case_id, file.id)
        return file

    async def drop(self, prepared: PreparedFile) -> None:
        """Delete the bytes of a file that was not added after all. Safe to repeat."""
        await self._files.drop(prepared)

    async def _allowed(self, work: "UnitOfWork", viewer: Viewer, action: Action, case_id: str) -> Case:
        case = await work.cases.find(case_id)
        if case is None or not may(viewer, Action.SEE_ROW, case.facts):
            raise CaseHidden
        if not may(viewer, action, case.facts):
            raise NotAllowed(action)
        return case

    async def _told(self, work: "UnitOfWork", viewer: Viewer, action: str, case_id: str, file: str) -> None:
        await work.audit.append(AuditEntry(viewer.id, action, case_id, data={"file": file}))
