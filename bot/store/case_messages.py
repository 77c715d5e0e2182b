"""Messages between worker and cadre and internal notes, sealed with the case's key."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.cases import CaseMessage, Direction
from bot.complaints.vault import RecordKey, sealed_context
from bot.store.case_keys import CaseKeys
from bot.store.case_tables import CaseMessageRow

_TABLE = CaseMessageRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class CaseMessages:
    """The rows of `case_message`."""

    def __init__(self, connection: AsyncConnection, case_keys: CaseKeys) -> None:
        self._connection = connection
        self._case_keys = case_keys

    async def add(self, case_id: str, message: CaseMessage) -> None:
        """Keep a message. Raises ContentGone."""
        key = await self._case_keys.get(case_id)
        latest = select(func.coalesce(func.max(_TABLE.c.position), 0)).where(_TABLE.c.case == case_id)
        row = {
            "id": message.id,
            "case": case_id,
            "position": (await self._connection.execute(latest)).scalar_one() + 1,
            "sent_at": message.sent_at,
            "by": message.by,
            "direction": str(message.direction),
            "text": key.seal(message.text.encode(), _context(message.id, message.direction)),
            "read_at": message.read_at,
        }
        await self._connection.execute(insert(_TABLE), row)

    async def of(self, case_id: str, directions: Collection[Direction] = tuple(Direction)) -> list[CaseMessage]:
        """The messages of a case in these directions, the first first; none once deleted. Raises CannotOpen."""
        key = await self._case_keys.find(case_id)
        if key is None:
            return []
        wanted = (_TABLE.c.case == case_id, _TABLE.c.direction.in_(sorted(map(str, directions))))
        query = select(_TABLE).where(*wanted).order_by(_TABLE.c.position, _TABLE.c.id)
        return [_read(key, row) for row in await self._connection.execute(query)]

    async def mark_read(self, case_id: str, direction: Direction, now: datetime) -> int:
        """Note that whoever they are for has read these messages; how many were new. Safe to repeat."""
        new = (_TABLE.c.case == case_id, _TABLE.c.direction == str(direction), _TABLE.c.read_at.is_(None))
        return (await self._connection.execute(update(_TABLE).where(*new).values(read_at=now))).rowcount

    async def unread(self, case_ids: Collection[str], direction: Direction) -> dict[str, int]:
        """How many messages in that direction nobody has read yet, by case; cases without any are left out."""
        new = (
            _TABLE.c.case.in_(sorted(case_ids)),
            _TABLE.c.direction == str(direction),
            _TABLE.c.read_at.is_(None),
        )
        query = select(_TABLE.c.case, func.count().label("messages")).where(*new).group_by(_TABLE.c.case)
        return {row.case: row.messages for row in await self._connection.execute(query)}


def _read(key: RecordKey, row: Row[Any]) -> CaseMessage:
    direction = Direction(row.direction)
    return CaseMessage(
        id=row.id,
        sent_at=row.sent_at,
        by=row.by,
        direction=direction,
        text=key.open(row.text, _context(row.id, direction)).decode(),
        read_at=row.read_at,
    )


def _context(message_id: str, direction: Direction) -> str:
    # Bound to its direction: an internal note turned into a message in the database opens for nobody.
    return sealed_context("case_message", f"text.{direction}", message_id)
