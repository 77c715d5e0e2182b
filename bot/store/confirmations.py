"""What the federation's own legal staff have confirmed, text by text."""

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.knowledge.confirming import Confirmation
from bot.store.knowledge_tables import EntryConfirmationRow

_TABLE = EntryConfirmationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_FIELDS = tuple(Confirmation.__dataclass_fields__)
_WITHDRAWAL = ("withdrawn_at", "withdrawn_by", "withdrawn_why")


class Confirmations:
    """The rows of `entry_confirmation`: one a text, and never deleted, as a text may come back.

    A row changes when its confirmation is withdrawn, and when that text is confirmed anew; the audit log has it all.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, confirmation: Confirmation) -> bool:
        """Keep it; False where that text stands confirmed: who did so first stays. Safe to repeat."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        values = {name: getattr(confirmation, name) for name in _FIELDS}
        keeping = (
            dialect.insert(_TABLE)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["topic", "digest"], set_=values, where=_TABLE.c.withdrawn_at.is_not(None)
            )
        )
        return (await self._connection.execute(keeping)).rowcount > 0

    async def withdraw(self, confirmation: Confirmation) -> bool:
        """Keep when, by whom and why it was taken back; False where it does not stand. Safe to repeat."""
        taking_back = (
            update(_TABLE)
            .where(
                _TABLE.c.topic == confirmation.topic,
                _TABLE.c.digest == confirmation.digest,
                _TABLE.c.withdrawn_at.is_(None),
            )
            .values(**{name: getattr(confirmation, name) for name in _WITHDRAWAL})
        )
        return (await self._connection.execute(taking_back)).rowcount > 0

    async def kept(self) -> list[Confirmation]:
        """Every confirmation there is, of texts that are live and of others, withdrawn or not, the oldest first."""
        query = select(_TABLE).order_by(_TABLE.c.confirmed_at, _TABLE.c.topic, _TABLE.c.digest)
        rows = await self._connection.execute(query)
        return [Confirmation(**{name: getattr(row, name) for name in _FIELDS}) for row in rows]
