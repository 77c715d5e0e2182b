"""One named value with a transaction of its own per use, for those who do not share a unit of work."""

from datetime import datetime

from bot.clock import Clock
from bot.errors import CannotOpen
from bot.store.unit_of_work import SqlStore


class StoredValue:
    """A sealed value of `stored_value` under one name."""

    def __init__(self, store: SqlStore, clock: Clock, name: str) -> None:
        self._store = store
        self._clock = clock
        self._name = name

    async def find(self) -> str | None:
        """The value, or None when there is none, it has expired, or its key is gone. Raises StoreUnavailable."""
        async with self._store.read() as work:
            try:
                return await work.values.find(self._name, self._clock.now())
            except CannotOpen:
                return None

    async def save(self, value: str, expires_at: datetime) -> None:
        """Keep the value until then. Raises StoreUnavailable."""
        async with self._store.write() as work:
            await work.values.save(self._name, value, self._clock.now(), expires_at)
            await work.commit()
