"""Deleting the content of a case: what was said, written and added, with its key; number, codes and days stay."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import AuditEntry
from bot.complaints.cases import Case, TimelineEntry
from bot.complaints.desk.codes import DeletionReason

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


async def erase(work: "UnitOfWork", case: Case, *, by: str, reason: DeletionReason, now: datetime) -> tuple[str, ...]:
    """Delete the content of a held case and the texts about it in the audit log, and write down that it was done.

    Gives the ids of files whose bytes are now of no use. Whether it may be deleted is for the caller to ask.
    """
    data = {"reason": reason.value}
    entry = TimelineEntry(id=uuid4().hex, happened_at=now, by=by, kind="content_deleted", data=data)
    await work.timeline.add(case.id, entry)
    await work.audit.append(AuditEntry(by, "case.delete_content", case.id, reason.value))
    await work.audit.delete_texts_of(case.id, by=by)
    return await work.cases.delete_content(case.id, now)
