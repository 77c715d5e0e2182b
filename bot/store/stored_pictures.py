"""Pictures in the database, each use in a transaction of its own: the port `Pictures`."""

from bot.clock import Clock
from bot.publishing.errors import BadPicture
from bot.store.unit_of_work import SqlStore

_KINDS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class StoredPictures:
    """The pictures of one database."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def put(self, data: bytes) -> str:
        """Keep a picture; its sha256. Safe to repeat. Raises BadPicture for what is no JPEG or PNG."""
        if not data.startswith(_KINDS):
            raise BadPicture
        async with self._store.write() as work:
            digest = await work.pictures.put(data, self._clock.now())
            await work.commit()
        return digest

    async def get(self, digest: str) -> bytes | None:
        """The picture, or None."""
        async with self._store.read() as work:
            return await work.pictures.get(digest)
