"""Questions answered on the telephone or at the counter: counted, with nothing of who asked or what was said."""

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.desk.calls import AnsweredCall
from bot.store.case_tables import CallRow

_TABLE = CallRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class Calls:
    """The rows of `answered_call`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, call: AnsweredCall) -> bool:
        """Count a call; False when it was counted before. Safe to repeat."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        row = {
            "id": call.id,
            "taken_at": call.taken_at,
            "by": call.by,
            "channel": call.channel,
            "nature": str(call.nature),
            "category": call.category,
            "district": call.district,
            "topic": call.topic,
        }
        added = dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["id"]).returning(_TABLE.c.id)
        return (await self._connection.execute(added, row)).first() is not None

    async def count(self, by: str, since: datetime) -> int:
        """How many one member of staff has answered since then."""
        query = select(func.count()).select_from(_TABLE).where(_TABLE.c.by == by, _TABLE.c.taken_at >= since)
        return (await self._connection.execute(query)).scalar_one()

    async def reduce_before(self, taken_before: datetime) -> int:
        """Leave of older calls what figures are made of, not who answered and on what; how many they were."""
        more = or_(_TABLE.c.by != "", _TABLE.c.topic != "")
        older = update(_TABLE).where(_TABLE.c.taken_at < taken_before, more)
        return (await self._connection.execute(older.values(by="", topic=""))).rowcount
