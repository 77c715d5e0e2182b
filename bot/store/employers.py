"""The register of employers: names and credit codes sealed, found by blind index."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.cases import Employer
from bot.complaints.vault import sealed_context
from bot.keyring import KeyRing
from bot.store.blind import BlindIndexes
from bot.store.case_tables import BlindIndexRow, CaseRow, EmployerRow
from bot.store.encoding import read_mapping, write_mapping

_TABLE = EmployerRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # see above
_BLIND = BlindIndexRow.__table__  # type: ignore[attr-defined]  # see above


class Employers:
    """The rows of `employer`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, blind: BlindIndexes) -> None:
        self._connection = connection
        self._keys = keys
        self._blind = blind

    async def add(self, employer: Employer, now: datetime) -> None:
        """Take an employer into the register."""
        row = {"id": employer.id, "made_at": now, "changed_at": now, **self._columns(employer)}
        await self._connection.execute(insert(_TABLE), row)

    async def change(self, employer: Employer, now: datetime) -> bool:
        """Let this be what is known of the employer of that id; False when there is none."""
        columns = {**self._columns(employer), "changed_at": now}
        statement = update(_TABLE).where(_TABLE.c.id == employer.id).values(columns)
        return (await self._connection.execute(statement)).rowcount > 0

    async def find(self, employer_id: str) -> Employer | None:
        """The employer of that id, a merged one too. Raises CannotOpen."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.id == employer_id))).one_or_none()
        return None if row is None else self._read(row)

    async def all(self, *, merged: bool = False) -> list[Employer]:
        """The register in the order in which it grew; merged ones only when asked for. Raises CannotOpen."""
        query = select(_TABLE).order_by(_TABLE.c.made_at, _TABLE.c.id)
        if not merged:
            query = query.where(_TABLE.c.merged_into == "")
        return [self._read(row) for row in await self._connection.execute(query)]

    async def merge(self, employer_id: str, into: str, now: datetime) -> int:
        """Let the cases and the hashes of an employer be those of another; how many cases there were.

        The other has to stand in the register and must not be merged itself; names are the caller's to unite.
        Raises ValueError otherwise.
        """
        target = await self.find(into)
        if employer_id == into or target is None or target.merged_into:
            raise ValueError("an employer is merged into another one of the register")
        rows = _TABLE.c.id.in_([employer_id]) | (_TABLE.c.merged_into == employer_id)
        await self._connection.execute(update(_TABLE).where(rows).values(merged_into=into, changed_at=now))
        known = select(_BLIND.c.kind, _BLIND.c.hash).where(_BLIND.c.subject == employer_id)
        for row in (await self._connection.execute(known)).all():
            await self._blind.put(row.kind, row.hash, into)
        await self._connection.execute(delete(_BLIND).where(_BLIND.c.subject == employer_id))
        moved = update(_CASES).where(_CASES.c.employer == employer_id).values(employer=into)
        return (await self._connection.execute(moved)).rowcount

    def _columns(self, employer: Employer) -> dict[str, Any]:
        content = {
            "name": employer.name,
            "aliases": list(employer.aliases),
            "credit_code": employer.credit_code,
        }
        return {
            "content": self._keys.seal(write_mapping(content).encode(), _context(employer.id)),
            "merged_into": employer.merged_into,
        }

    def _read(self, row: Row[Any]) -> Employer:
        content = read_mapping(self._keys.open(row.content, _context(row.id)).decode())
        return Employer(
            id=row.id,
            name=content["name"],
            aliases=tuple(content["aliases"]),
            credit_code=content["credit_code"],
            merged_into=row.merged_into,
        )


def _context(employer_id: str) -> str:
    return sealed_context("employer", "content", employer_id)
