"""Messages to the worker, internal notes, and what was spoken outside the program."""

from datetime import datetime
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.cases import CaseMessage
from bot.complaints.desk.codes import ContactWay
from bot.complaints.desk.door import ANSWERED_BY_A_MESSAGE, check_text
from bot.complaints.desk.refusals import Faulty
from bot.complaints.desk.steps import FEEDBACK, Steps
from bot.complaints.desk.values import Seen
from bot.complaints.lifecycle import State
from bot.complaints.roles import Action, Viewer

if TYPE_CHECKING:
    from bot.complaints.cases import Case
    from bot.store.unit_of_work import UnitOfWork


class Writing(Steps):
    """Writing."""

    async def message(  # noqa: PLR0913 - who writes what in which case
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        text: str,
        *,
        now: datetime,
        seen: Seen | None = None,
        tell_members: bool = False,
    ) -> CaseMessage:
        """Send the worker a message. With `seen`, not without knowing what a colleague or the worker wrote meanwhile.

        tell_members: the workers of the cases merged into this one get it too, as far as the viewer may write to them.
        Raises CaseHidden, NotAllowed, Conflict, Faulty.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.WRITE_TO_WORKER)
        text = _writable(case, text)
        message = await self._tell_worker(work, case, text, viewer.id, now)
        await self._log(work, viewer, "case.message", case=case.id, data={"number": case.number})
        await self._save(work, case, now, first_contact_at=case.first_contact_at or now)
        if tell_members:
            await self._tell_members(work, viewer, case, text, now)
        return message

    async def note(self, work: "UnitOfWork", viewer: Viewer, case_id: str, text: str, *, now: datetime) -> CaseMessage:
        """Write an internal note. Raises CaseHidden, NotAllowed, Faulty, Conflict."""
        case = await self._hold(work, viewer, case_id, None, now, Action.WRITE_NOTE)
        note = await self._write_note(work, case, _writable(case, text), viewer.id, now)
        await self._log(work, viewer, "case.note", case=case.id, data={"number": case.number})
        return note

    async def record_contact(  # noqa: PLR0913, PLR0917 - with whom, how and what was spoken
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        way: ContactWay,
        text: str,
        *,
        now: datetime,
    ) -> None:
        """Write down that the worker was spoken with, and what was said, as an internal note.

        It counts as contact unless the worker was not reached. Raises as `message`.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.WRITE_TO_WORKER)
        note = await self._write_note(work, case, _writable(case, text), viewer.id, now)
        data = {"way": way.value, "note": note.id}
        await self._enter(work, case, "contacted", by=viewer.id, now=now, data=data)
        fields: dict[str, object] = {}
        if way is not ContactWay.NOT_REACHED:
            met = (*ANSWERED_BY_A_MESSAGE, *((FEEDBACK,) if case.state is State.RESOLVED else ()))
            await self._parts.clocks.stop(work, case.id, local_date(now), *met)
            fields["first_contact_at"] = case.first_contact_at or now
        await self._log(work, viewer, "case.contact", case=case.id, reason=way.value, data={"number": case.number})
        await self._save(work, case, now, **fields)


def _writable(case: "Case", text: str) -> str:
    """The text, for a case whose content has not been deleted. Raises Faulty."""
    if case.content_deleted_at is not None:
        raise Faulty("text", "deleted")
    return check_text(text, "text")
