"""How channels do: what the circuit breaker remembers and what was last said of credentials. Tokens stand elsewhere."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.publishing.channel_status import ChannelStatus
from bot.publishing.ports import HealthState
from bot.store.encoding import read_mapping, write_mapping
from bot.store.later import write_later
from bot.store.publishing_tables import ChannelRow
from bot.store.upsert import upsert

_TABLE = ChannelRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_PLAIN = ("paused", "failures", "rests_until", "checked_at", "expires_at", "last_success_at", "last_failure_at")
_LONGEST_DETAIL = 500
_OF_BREAKER = ("failures", "rests_until", "last_success_at", "last_failure_at")
_AS_NEW: dict[str, Any] = {
    "paused": False,
    "failures": 0,
    "state": HealthState.READY.value,
    "detail": "",
    "lasts_seconds": 0,
    "quota": "{}",
}


class Channels:
    """The rows of `channel`; a channel without a row is as good as new."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, code: str) -> ChannelStatus:
        """How that channel does."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.channel == code))).one_or_none()
        return _status(row) if row else ChannelStatus(channel=code)

    async def all(self) -> dict[str, ChannelStatus]:
        """How every channel does that has been used or examined, by its code."""
        return {row.channel: _status(row) for row in await self._connection.execute(select(_TABLE))}

    async def note(self, status: ChannelStatus) -> None:
        """Keep what the breaker says now; what people and examinations have said stays as it is. Safe to repeat.

        It waits for the next statement or the commit.
        """
        values = {name: getattr(status, name) for name in _OF_BREAKER}
        values |= {"state": status.state.value, "detail": status.detail[:_LONGEST_DETAIL]}
        row = {**_AS_NEW, **values, "channel": status.channel}
        await write_later(self._connection, _noting(self._connection.dialect.name), row)

    async def examined(self, status: ChannelStatus) -> None:
        """Keep what the platform says of our credentials; what the breaker says stays as it is. Safe to repeat."""
        values = {name: getattr(status, name) for name in ("checked_at", "expires_at")} | {
            "state": status.state.value,
            "detail": status.detail[:_LONGEST_DETAIL],
            "lasts_seconds": int(status.lasts.total_seconds()) if status.lasts else 0,
            "quota": write_mapping(status.quota),
        }
        await self._set(status.channel, **values)

    async def pause(self, code: str) -> None:
        """Nothing is sent there until somebody resumes it. Safe to repeat."""
        await self._set(code, paused=True)

    async def resume(self, code: str) -> None:
        """It is used again, and what the breaker remembers is forgotten. Safe to repeat."""
        await self._set(code, paused=False, failures=0, rests_until=None)

    async def _set(self, code: str, **values: Any) -> None:
        changing = update(_TABLE).where(_TABLE.c.channel == code).values(**values)
        if not (await self._connection.execute(changing)).rowcount:
            await upsert(self._connection, _TABLE, {"channel": code}, {**_AS_NEW, **values})


@cache
def _noting(dialect_name: str) -> Insert:
    noting = (postgresql if dialect_name == "postgresql" else sqlite).insert(_TABLE)
    changed = {name: noting.excluded[name] for name in (*_OF_BREAKER, "state", "detail")}
    complete: Insert = noting.on_conflict_do_update(index_elements=["channel"], set_=changed)
    return complete


def _status(row: Row[Any]) -> ChannelStatus:
    return ChannelStatus(
        channel=row.channel,
        state=HealthState(row.state),
        detail=row.detail,
        lasts=timedelta(seconds=row.lasts_seconds) if row.lasts_seconds else None,
        quota=read_mapping(row.quota),
        **{name: getattr(row, name) for name in _PLAIN},
    )
