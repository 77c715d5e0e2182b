"""What the ledger says readers of the site see: the deliveries that were sent there, and what was sent."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.publishing.deliveries import DeliveryState, Kind
from bot.publishing.public_view import SentLine, Stamp
from bot.publishing.rendering import Rendering, parse_rendering
from bot.store.publishing_tables import DeliveryRow, RenderingRow

_DELIVERIES = DeliveryRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_RENDERINGS = RenderingRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_BATCH = 500


class SitePages:
    """Reads `delivery` and `rendering` for one channel; writes nothing."""

    def __init__(self, connection: AsyncConnection, channel: str = "site") -> None:
        self._connection = connection
        self._channel = channel  # every unit of work makes one of these, and few ask it anything

    @property
    def _sent(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return _DELIVERIES.c.channel == self._channel, _DELIVERIES.c.state == DeliveryState.SENT.value

    async def stamp(self) -> Stamp:
        """Another one whenever more has been sent."""
        query = select(func.count(), func.max(_DELIVERIES.c.finished_at)).where(*self._sent)
        number, latest = (await self._connection.execute(query)).one()
        return Stamp(number, latest)

    async def lines(self, since: datetime | None = None) -> list[SentLine]:
        """What was sent at that instant and later, or ever, the oldest first."""
        c = _DELIVERIES.c
        wanted = self._sent if since is None else (*self._sent, c.finished_at >= since)
        query = select(c.id, c.post, c.kind, c.rendering, c.finished_at).where(*wanted)
        rows = await self._connection.execute(query.order_by(c.finished_at, c.made_at, c.id))
        return [
            SentLine(delivery=row.id, post=row.post, kind=Kind(row.kind), rendering=row.rendering, at=row.finished_at)
            for row in rows
        ]

    async def renderings(self, digests: Collection[str]) -> dict[str, Rendering]:
        """Those renderings, by digest; what is not there is left out."""
        found: dict[str, Rendering] = {}
        wanted = list(digests)
        for start in range(0, len(wanted), _BATCH):
            some = wanted[start : start + _BATCH]
            query = select(_RENDERINGS.c.digest, _RENDERINGS.c.document).where(_RENDERINGS.c.digest.in_(some))
            rows = await self._connection.execute(query)
            found |= {row.digest: parse_rendering(row.document) for row in rows}
        return found
