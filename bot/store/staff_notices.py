"""The outbox of notices to staff, and the badge in the console."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.notices import GROUPS, Road, Sending, StaffNotice, StoredStaffNotice
from bot.store import outbox
from bot.store.staff_tables import StaffNoticeRow

_TABLE = StaffNoticeRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_UNSEEN = (_TABLE.c.road == Road.CONSOLE.value, _TABLE.c.seen_at.is_(None))


class StaffNotices:
    """The rows of `staff_notice`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, notice: StaffNotice, now: datetime) -> bool:
        """Plan this notice unless there is one of its key already; whether it is new. Safe to repeat."""
        added = await self._connection.execute(self._insert().returning(_TABLE.c.id), _row(notice, now))
        return added.first() is not None

    async def add_all(self, notices: Sequence[StaffNotice], now: datetime) -> None:
        """Plan these notices, but those of whose key there is one already. Safe to repeat."""
        if notices:
            await self._connection.execute(self._insert(), [_row(notice, now) for notice in notices])

    def _insert(self) -> Any:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        return dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"])

    async def claim_letter(self, now: datetime, roads: Collection[Road], limit: int = 15) -> list[StoredStaffNotice]:
        """Claim what is due to one member by one of these roads, or to the group, to go in one letter.

        Commit before sending, so that nobody else sends it.
        """
        by_these = _TABLE.c.road.in_([road.value for road in roads])
        first = await outbox.first_due(self._connection, _TABLE, now, (by_these,))
        if first is None:
            return []
        together = [_TABLE.c.road == first.road]
        if first.road not in GROUPS:  # the group reads everything that goes there
            together.append(_TABLE.c.staff == first.staff)
        rows = await outbox.claim_due(self._connection, _TABLE, now, limit, together)
        return [_notice(row) for row in rows]

    async def finish(
        self, id: str, now: datetime, *, error: str = "", retry_at: datetime | None = None, unknown: bool = False
    ) -> None:
        """Write down that it was sent; with the code of an error, that it is tried again then, never, or unknown."""
        await outbox.finish(self._connection, _TABLE, id, now, error=error, retry_at=retry_at, unknown=unknown)

    async def give_up(self, now: datetime) -> list[StoredStaffNotice]:
        """Give up what somebody began to send and left, and what waited too long; what it was. Safe to repeat."""
        return [_notice(row) for row in await outbox.give_up(self._connection, _TABLE, now)]

    async def unseen(self, staff: str, limit: int = 200) -> list[StoredStaffNotice]:
        """What waits in the console for a member of staff, the latest first."""
        query = select(_TABLE).where(_TABLE.c.staff == staff, *_UNSEEN).order_by(_TABLE.c.made_at.desc(), _TABLE.c.id)
        return [_notice(row) for row in await self._connection.execute(query.limit(limit))]

    async def count_unseen(self, staff: str) -> int:
        """How many wait in the console for a member of staff."""
        query = select(func.count()).select_from(_TABLE).where(_TABLE.c.staff == staff, *_UNSEEN)
        return (await self._connection.execute(query)).scalar_one()

    async def mark_seen(self, staff: str, now: datetime, ids: Sequence[str] | None = None) -> int:
        """The member has seen these, or all that waited; how many. Those of others are left alone."""
        statement = update(_TABLE).where(_TABLE.c.staff == staff, *_UNSEEN).values(seen_at=now)
        if ids is not None:
            statement = statement.where(_TABLE.c.id.in_(ids))
        return (await self._connection.execute(statement)).rowcount

    async def troubled(self, limit: int = 100) -> list[StoredStaffNotice]:
        """What was given up or has failed so far, the latest first; without what somebody has taken note of."""
        wanted = (_TABLE.c.error != "", _TABLE.c.seen_at.is_(None))
        query = select(_TABLE).where(*wanted).order_by(_TABLE.c.made_at.desc(), _TABLE.c.id)
        return [_notice(row) for row in await self._connection.execute(query.limit(limit))]

    async def count_given_up(self) -> int:
        """How many were given up, without those that somebody has taken note of."""
        query = select(func.count()).select_from(_TABLE).where(outbox.is_given_up(_TABLE), _TABLE.c.seen_at.is_(None))
        return (await self._connection.execute(query)).scalar_one()

    async def retry(self, id: str, now: datetime) -> bool:
        """What was given up is due again as if it were new, because somebody wants it; False for any other."""
        values = {"state": Sending.PLANNED.value, "next_at": now, "attempts": 0, "error": "", "seen_at": None}
        given_up = update(_TABLE).where(_TABLE.c.id == id, outbox.is_given_up(_TABLE))
        return bool((await self._connection.execute(given_up.values(**values))).rowcount)

    async def take_note(self, now: datetime) -> int:
        """Somebody has taken note of all that was given up; how many there were."""
        noted = update(_TABLE).where(outbox.is_given_up(_TABLE), _TABLE.c.seen_at.is_(None)).values(seen_at=now)
        return (await self._connection.execute(noted)).rowcount

    async def delete_before(self, made_before: datetime) -> int:
        """Forget what is done with and older than that; how many."""
        statement = delete(_TABLE).where(outbox.is_over(_TABLE, made_before))
        return (await self._connection.execute(statement)).rowcount


def _row(notice: StaffNotice, now: datetime) -> dict[str, Any]:
    waits = notice.road is Road.CONSOLE
    return {
        "id": uuid4().hex,
        "key": notice.key,
        "staff": notice.staff,
        "road": notice.road.value,
        "kind": notice.kind,
        "number": notice.number,
        "case": notice.case,
        "data": json.dumps(dict(notice.data), ensure_ascii=False),
        "made_at": now,
        "state": (Sending.SENT if waits else Sending.PLANNED).value,
        "attempts": 0,
        "next_at": None if waits else now,
        "error": "",
    }


def _notice(row: Row[Any]) -> StoredStaffNotice:
    notice = StaffNotice(
        key=row.key,
        road=Road(row.road),
        kind=row.kind,
        staff=row.staff,
        number=row.number,
        case=row.case,
        data=json.loads(row.data),
    )
    return StoredStaffNotice(
        id=row.id,
        notice=notice,
        made_at=row.made_at,
        state=Sending(row.state),
        attempts=row.attempts,
        error=row.error,
        sent_at=row.sent_at,
        seen_at=row.seen_at,
    )
