"""What the federation's own legal staff have confirmed, text by text."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.knowledge.confirming import Confirmation
from bot.store.knowledge_tables import EntryConfirmationRow

_TABLE = EntryConfirmationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_FIELDS = tuple(Confirmation.__dataclass_fields__)


class Confirmations:
    """The rows of `entry_confirmation`: never changed and never deleted, as a text may come back."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, confirmation: Confirmation) -> bool:
        """Keep it; False where that text was confirmed before: who did so first stays. Safe to repeat."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        keeping = dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["topic", "digest"])
        values = {name: getattr(confirmation, name) for name in _FIELDS}
        return (await self._connection.execute(keeping.values(**values))).rowcount > 0

    async def kept(self) -> list[Confirmation]:
        """Every confirmation there is, of texts that are live and of others, the oldest first."""
        query = select(_TABLE).order_by(_TABLE.c.confirmed_at, _TABLE.c.topic, _TABLE.c.digest)
        rows = await self._connection.execute(query)
        return [Confirmation(**{name: getattr(row, name) for name in _FIELDS}) for row in rows]
