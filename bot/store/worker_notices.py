"""The outbox of notices to workers: neutral words over a link that was asked for."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.notices import Sending, StoredWorkerNotice
from bot.store import outbox
from bot.store.staff_tables import WorkerNoticeRow

_TABLE = WorkerNoticeRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_OPEN = _TABLE.c.state.in_([Sending.PLANNED.value, Sending.CLAIMED.value])


class WorkerNotices:
    """The rows of `worker_notice`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, case: str, link: int, kind: str, now: datetime, due_at: datetime | None = None) -> bool:
        """Plan a notice, now or for that time, unless one like it is still to go out; whether it is new."""
        same = (_TABLE.c.case == case, _TABLE.c.link == link, _TABLE.c.kind == kind)
        if (await self._connection.execute(select(_TABLE.c.id).where(*same, _OPEN).limit(1))).first():
            return False
        row = {
            "id": uuid4().hex,
            "case": case,
            "link": link,
            "kind": kind,
            "made_at": now,
            "state": Sending.PLANNED.value,
            "attempts": 0,
            "next_at": due_at or now,
            "error": "",
        }
        await self._connection.execute(insert(_TABLE), row)
        return True

    async def claim_due(self, now: datetime, limit: int = 1) -> list[StoredWorkerNotice]:
        """Claim notices that are due to be sent; commit before sending, so that nobody else sends them."""
        rows = await outbox.claim_due(self._connection, _TABLE, now, limit)
        return [_notice(row) for row in rows]

    async def finish(
        self, id: str, now: datetime, *, error: str = "", retry_at: datetime | None = None, unknown: bool = False
    ) -> None:
        """Write down that it was sent; with the code of an error, that it is tried again then, never, or unknown."""
        await outbox.finish(self._connection, _TABLE, id, now, error=error, retry_at=retry_at, unknown=unknown)

    async def give_up(self, now: datetime) -> list[StoredWorkerNotice]:
        """Give up what somebody began to send and left, and what waited too long; what it was. Safe to repeat."""
        return [_notice(row) for row in await outbox.give_up(self._connection, _TABLE, now)]

    async def given_up(self, limit: int = 100) -> list[StoredWorkerNotice]:
        """What failed for good or nobody knows of, the latest first."""
        query = select(_TABLE).where(outbox.is_given_up(_TABLE)).order_by(_TABLE.c.made_at.desc(), _TABLE.c.id)
        return [_notice(row) for row in await self._connection.execute(query.limit(limit))]

    async def drop_one(self, id: str) -> None:
        """Forget a notice that is of no use any more."""
        await self._connection.execute(delete(_TABLE).where(_TABLE.c.id == id))

    async def of(self, case: str) -> list[StoredWorkerNotice]:
        """All notices about a case, the latest first."""
        query = select(_TABLE).where(_TABLE.c.case == case).order_by(_TABLE.c.made_at.desc(), _TABLE.c.id)
        return [_notice(row) for row in await self._connection.execute(query)]

    async def drop(self, case: str) -> int:
        """Forget all notices about a case, those that were not sent too; how many."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.case == case))).rowcount

    async def drop_link(self, link: int) -> int:
        """Forget all notices over a link; how many."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.link == link))).rowcount

    async def delete_before(self, made_before: datetime) -> int:
        """Forget what is done with and older than that; how many."""
        statement = delete(_TABLE).where(outbox.is_over(_TABLE, made_before))
        return (await self._connection.execute(statement)).rowcount


def _notice(row: Row[Any]) -> StoredWorkerNotice:
    return StoredWorkerNotice(
        id=row.id,
        case=row.case,
        link=row.link,
        kind=row.kind,
        made_at=row.made_at,
        state=Sending(row.state),
        attempts=row.attempts,
        error=row.error,
        sent_at=row.sent_at,
    )
