"""Pictures under their sha256, and what platforms issued for them."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.publishing_tables import PictureRow, PlatformPictureRow
from bot.store.upsert import upsert

_PICTURES = PictureRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_ISSUED = PlatformPictureRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class PictureRows:
    """The rows of `picture` and `platform_picture`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, data: bytes, now: datetime) -> str:
        """Keep a picture; its sha256. What it is was checked before. Safe to repeat."""
        digest = hashlib.sha256(data).hexdigest()
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        keeping = dialect.insert(_PICTURES).on_conflict_do_nothing(index_elements=["digest"])
        await self._connection.execute(keeping, {"digest": digest, "data": data, "made_at": now})
        return digest

    async def get(self, digest: str) -> bytes | None:
        """The picture of that sha256."""
        query = select(_PICTURES.c.data).where(_PICTURES.c.digest == digest)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def issued(self, channel: str, digest: str, purpose: str) -> str | None:
        """The address or id that the platform issued for a picture; None when it has none."""
        mine = (_ISSUED.c.channel == channel, _ISSUED.c.digest == digest, _ISSUED.c.purpose == purpose)
        return (await self._connection.execute(select(_ISSUED.c.issued).where(*mine))).scalar_one_or_none()

    async def keep_issued(self, channel: str, digest: str, purpose: str, issued: str, now: datetime) -> None:
        """Remember what the platform issued for a picture. Safe to repeat; the later one counts."""
        key = {"channel": channel, "digest": digest, "purpose": purpose}
        await upsert(self._connection, _ISSUED, key, {"issued": issued, "made_at": now})

    async def forget_issued(self, channel: str, digest: str, purpose: str) -> None:
        """The platform does not know it any more: it has to be uploaded again. Safe to repeat."""
        mine = (_ISSUED.c.channel == channel, _ISSUED.c.digest == digest, _ISSUED.c.purpose == purpose)
        await self._connection.execute(delete(_ISSUED).where(*mine))
