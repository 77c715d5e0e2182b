"""What the radar found: possible collective matters, open until somebody decides."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.kept import FindingState, RadarFinding
from bot.store.case_tables import RadarRow
from bot.store.encoding import read_codes, write_codes

_TABLE = RadarRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class Radar:
    """The rows of `radar_finding`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(
        self, kind: str, subject: str, *, district: str, cases: Iterable[str], today: date
    ) -> RadarFinding | None:
        """Note a finding: as it is now when it is new or has grown, None when nothing about it is new.

        Cases that somebody has decided on do not come up again by themselves, only with others beside them.
        """
        found = tuple(cases)
        same = select(_TABLE).where(_TABLE.c.kind == kind, _TABLE.c.subject == subject)
        known = [_read(row) for row in await self._connection.execute(same.with_for_update())]
        if any(set(found) <= set(finding.cases) for finding in known):
            return None
        earlier = next((finding for finding in known if finding.state is FindingState.OPEN), None)
        if earlier is not None:
            return await self._grow(earlier, found)
        return await self._add(kind, subject, district, found, today)

    async def find(self, finding_id: str) -> RadarFinding | None:
        """The finding of that id."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.id == finding_id))).one_or_none()
        return None if row is None else _read(row)

    async def open_findings(self) -> list[RadarFinding]:
        """What has not been decided on, the oldest first."""
        query = select(_TABLE).where(_TABLE.c.state == str(FindingState.OPEN))
        return [_read(row) for row in await self._connection.execute(query.order_by(_TABLE.c.opened_on, _TABLE.c.id))]

    async def decide(self, finding_id: str, state: FindingState, *, by: str, now: datetime) -> bool:
        """Close a finding; False when somebody has done so already."""
        undecided = (_TABLE.c.id == finding_id, _TABLE.c.state == str(FindingState.OPEN))
        values = {"state": str(state), "decided_by": by, "decided_at": now}
        return (await self._connection.execute(update(_TABLE).where(*undecided).values(values))).rowcount > 0

    async def _grow(self, finding: RadarFinding, found: tuple[str, ...]) -> RadarFinding | None:
        cases = tuple(dict.fromkeys((*finding.cases, *found)))
        statement = update(_TABLE).where(_TABLE.c.id == finding.id, _TABLE.c.state == str(FindingState.OPEN))
        await self._connection.execute(statement.values(cases=write_codes(cases)))
        return await self.find(finding.id)

    async def _add(
        self, kind: str, subject: str, district: str, found: tuple[str, ...], today: date
    ) -> RadarFinding | None:
        insert = (postgresql if self._connection.dialect.name == "postgresql" else sqlite).insert(_TABLE)
        row = {
            "id": uuid4().hex,
            "kind": kind,
            "subject": subject,
            "district": district,
            "opened_on": today,
            "cases": write_codes(found),
            "state": str(FindingState.OPEN),
            "decided_by": "",
        }
        # On the day on which one was decided or opened elsewhere it is not opened again: the next run comes tomorrow.
        added = await self._connection.execute(insert.on_conflict_do_nothing().returning(_TABLE), row)
        opened = added.one_or_none()
        return None if opened is None else _read(opened)


def _read(row: Row[Any]) -> RadarFinding:
    return RadarFinding(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        district=row.district,
        opened_on=row.opened_on,
        cases=read_codes(row.cases),
        state=FindingState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
