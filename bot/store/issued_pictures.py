"""What one platform issued for our pictures, with a transaction of its own per use: senders share no unit of work."""

from bot.clock import Clock
from bot.store.unit_of_work import SqlStore


class PicturesIssued:
    """Addresses and ids of pictures on one channel."""

    def __init__(self, store: SqlStore, clock: Clock, channel: str) -> None:
        self._store = store
        self._clock = clock
        self._channel = channel

    async def find(self, digest: str, purpose: str) -> str:
        """What the platform issued for the picture; empty when nothing is known. Raises StoreUnavailable."""
        async with self._store.read() as work:
            return await work.pictures.issued(self._channel, digest, purpose) or ""

    async def keep(self, digest: str, purpose: str, issued: str) -> None:
        """Remember it, instead of what was known. Safe to repeat. Raises StoreUnavailable."""
        async with self._store.write() as work:
            await work.pictures.keep_issued(self._channel, digest, purpose, issued, self._clock.now())
            await work.commit()
