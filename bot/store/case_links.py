"""Where news of a case may be told: kept only because the worker asked for it, sealed, and forgotten when asked."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.kept import Link
from bot.complaints.vault import sealed_context
from bot.keyring import KeyRing
from bot.store.case_tables import CaseLinkRow
from bot.store.encoding import read_list, write_list
from bot.store.staff_tables import WorkerNoticeRow
from bot.store.upsert import upsert

_TABLE = CaseLinkRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_NOTICES = WorkerNoticeRow.__table__  # type: ignore[attr-defined]  # see above


class CaseLinks:
    """The rows of `case_link`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def add(  # noqa: PLR0913, PLR0917 - a row has that many columns
        self, case_id: str, person: str, channel: str, address: str, grants: Collection[str], now: datetime
    ) -> None:
        """Link the case to this person; what was granted before and has not been used stays granted."""
        mine = select(_TABLE.c.grants).where(_TABLE.c.case == case_id, _TABLE.c.person == person).with_for_update()
        known = (await self._connection.execute(mine)).scalar_one_or_none()
        unused: Counter[str] = Counter(read_list(known or "[]"))
        kept = unused | Counter(grants)
        values = {
            "channel": channel,
            "address": self._keys.seal(address.encode(), _context(case_id, person)),
            "grants": write_list(sorted(kept.elements())),
            "linked_at": now,
        }
        await upsert(self._connection, _TABLE, {"case": case_id, "person": person}, values)

    async def of(self, case_id: str) -> list[Link]:
        """The links of a case, the latest first. Raises CannotOpen."""
        query = select(_TABLE).where(_TABLE.c.case == case_id).order_by(_TABLE.c.linked_at.desc(), _TABLE.c.id)
        return [self._link(row) for row in await self._connection.execute(query)]

    async def find(self, case_id: str, person: str) -> Link | None:
        """The link between this case and this person. Raises CannotOpen."""
        query = select(_TABLE).where(_TABLE.c.case == case_id, _TABLE.c.person == person)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else self._link(row)

    async def spend(self, link_id: int, grant: str) -> bool:
        """Use up one grant; False when it is not there any more. True for exactly one caller for each."""
        query = select(_TABLE.c.grants).where(_TABLE.c.id == link_id).with_for_update()
        known = read_list((await self._connection.execute(query)).scalar_one_or_none() or "[]")
        if grant not in known:
            return False
        known.remove(grant)
        await self._keep_grants(link_id, known)
        return True

    async def give(self, link_id: int, grant: str) -> None:
        """Add one grant to this link; for a link that is gone nothing happens."""
        query = select(_TABLE.c.grants).where(_TABLE.c.id == link_id).with_for_update()
        known = (await self._connection.execute(query)).scalar_one_or_none()
        if known is not None:
            await self._keep_grants(link_id, [*read_list(known), grant])

    async def give_person(self, person: str, grant: str) -> str:
        """Add one grant to that link of the person that has fewest, of several the latest; the case, or nothing."""
        links = await self._grants_of(person)
        if not links:
            return ""
        link_id, case, known = min(links, key=lambda link: len(link[2]))
        await self._keep_grants(link_id, [*known, grant])
        return case

    async def give_everywhere(self, person: str, grant: str) -> tuple[str, ...]:
        """Add one grant to every link of the person; the ids of the cases."""
        links = await self._grants_of(person)
        for link_id, _, known in links:
            await self._keep_grants(link_id, [*known, grant])
        return tuple(case for _, case, _ in links)

    async def take(self, person: str, grant: str) -> tuple[str, ...]:
        """Take every grant of that kind from the person's links: the ids of the cases that have lost one."""
        lost = []
        for link_id, case, known in await self._grants_of(person):
            if grant in known:
                await self._keep_grants(link_id, [one for one in known if one != grant])
                lost.append(case)
        return tuple(sorted(lost))

    async def take_all(self, link_id: int) -> None:
        """Take every grant from this link. Safe to repeat."""
        await self._keep_grants(link_id, [])

    async def put(self, link_id: int, grants: Collection[str]) -> None:
        """Let this link have these grants and no others. Safe to repeat."""
        await self._keep_grants(link_id, list(grants))

    async def delete(self, link_id: int) -> None:
        """Delete one link, and what was to go over it. Safe to repeat."""
        await self._connection.execute(delete(_NOTICES).where(_NOTICES.c.link == link_id))
        await self._connection.execute(delete(_TABLE).where(_TABLE.c.id == link_id))

    async def forget(self, person: str) -> tuple[str, ...]:
        """Delete this person's links, and what was to go over them: the ids of the cases that now have one less.

        Safe to repeat.
        """
        statement = delete(_TABLE).where(_TABLE.c.person == person).returning(_TABLE.c.id, _TABLE.c.case)
        gone = (await self._connection.execute(statement)).all()
        if gone:
            over_them = _NOTICES.c.link.in_([link.id for link in gone])
            await self._connection.execute(delete(_NOTICES).where(over_them))
        return tuple(sorted(link.case for link in gone))

    def _link(self, row: Row[Any]) -> Link:
        address = self._keys.open(row.address, _context(row.case, row.person)).decode()
        return Link(id=row.id, channel=row.channel, address=address, grants=tuple(read_list(row.grants)))

    async def _grants_of(self, person: str) -> list[tuple[int, str, list[str]]]:
        """The person's links with case and grants, the latest first."""
        query = select(_TABLE.c.id, _TABLE.c.case, _TABLE.c.grants).where(_TABLE.c.person == person).with_for_update()
        rows = await self._connection.execute(query.order_by(_TABLE.c.linked_at.desc(), _TABLE.c.id))
        return [(row.id, row.case, read_list(row.grants)) for row in rows]

    async def _keep_grants(self, link_id: int, grants: list[str]) -> None:
        values = {"grants": write_list(sorted(grants))}
        await self._connection.execute(update(_TABLE).where(_TABLE.c.id == link_id).values(**values))


def _context(case_id: str, person: str) -> str:
    return sealed_context("case_link", "address", f"{case_id}:{person}")
