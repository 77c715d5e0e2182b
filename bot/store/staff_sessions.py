"""Signed-in browsers, kept under the keyed hash of their token; what one remembers is sealed."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.vault import sealed_context
from bot.keyring import KeyRing
from bot.staff.members import StaffSession, Stage
from bot.store.staff_tables import StaffSessionRow

_TABLE = StaffSessionRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class StaffSessions:
    """The rows of `staff_session`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def add(self, token: str, session: StaffSession) -> None:
        """Keep a new session under its token, which is not kept itself."""
        name = self._name(token)
        row = {
            "token": name,
            "staff": session.staff,
            "began_at": session.began_at,
            "seen_at": session.seen_at,
            "stage": session.stage.value,
            "data": self._sealed(session.data, name),
        }
        await self._connection.execute(insert(_TABLE), row)

    async def find(self, token: str) -> StaffSession | None:
        """The session of that token, whether its time is over or not."""
        name = self._name(token)
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.token == name))).one_or_none()
        if row is None:
            return None
        data = json.loads(self._keys.open(row.data, _context(name))) if row.data is not None else {}
        return StaffSession(
            staff=row.staff, stage=Stage(row.stage), began_at=row.began_at, seen_at=row.seen_at, data=data
        )

    async def touch(self, token: str, now: datetime) -> None:
        """The session was used just now."""
        await self._connection.execute(update(_TABLE).where(_TABLE.c.token == self._name(token)).values(seen_at=now))

    async def remember(self, token: str, data: Mapping[str, str]) -> None:
        """Keep this with the session instead of what was there."""
        name = self._name(token)
        values = {"data": self._sealed(data, name)}
        await self._connection.execute(update(_TABLE).where(_TABLE.c.token == name).values(**values))

    async def drop(self, token: str) -> bool:
        """End the session; whether there was one. Safe to repeat."""
        statement = delete(_TABLE).where(_TABLE.c.token == self._name(token))
        return (await self._connection.execute(statement)).rowcount == 1

    async def drop_all(self, staff: str, *, but: str = "") -> int:
        """End all sessions of a member, or all but that of one token; how many."""
        statement = delete(_TABLE).where(_TABLE.c.staff == staff)
        if but:
            statement = statement.where(_TABLE.c.token != self._name(but))
        return (await self._connection.execute(statement)).rowcount

    async def count(self, staff: str) -> int:
        """How many sessions a member has."""
        rows = await self._connection.execute(select(_TABLE.c.token).where(_TABLE.c.staff == staff))
        return len(rows.all())

    async def delete_before(self, *, began: datetime, seen: datetime) -> int:
        """Forget sessions that began or rest since before that; how many."""
        statement = delete(_TABLE).where(or_(_TABLE.c.began_at < began, _TABLE.c.seen_at < seen))
        return (await self._connection.execute(statement)).rowcount

    def _name(self, token: str) -> str:
        return self._keys.hash("staff.session", token)

    def _sealed(self, data: Mapping[str, str], name: str) -> bytes | None:
        return self._keys.seal(json.dumps(dict(data)).encode(), _context(name)) if data else None


def _context(name: str) -> str:
    return sealed_context("staff_session", "data", name)
