"""What workers said of their cases: sealed with the key of the case, every version of it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.cases import Statement
from bot.complaints.kept import SaidAt
from bot.complaints.statement_json import statement_from_json, statement_to_json
from bot.complaints.vault import RecordKey, sealed_context
from bot.store.case_keys import CaseKeys
from bot.store.case_tables import CaseStatementRow
from bot.store.later import write_later
from bot.store.upsert import next_position

_TABLE = CaseStatementRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


_ADD = insert(_TABLE).values(position=next_position(_TABLE))


class Statements:
    """The rows of `case_statement`."""

    def __init__(self, connection: AsyncConnection, case_keys: CaseKeys) -> None:
        self._connection = connection
        self._case_keys = case_keys

    async def add(self, case_id: str, statement: Statement, *, by: str, now: datetime) -> None:
        """Keep this as what counts from now on; earlier versions stay. Raises ContentGone."""
        key = await self._case_keys.get(case_id)
        row_id = uuid4().hex
        row = {
            "id": row_id,
            "case": case_id,
            "in_case": case_id,
            "said_at": now,
            "by": by,
            "content": key.seal(statement_to_json(statement).encode(), _context(row_id)),
        }
        await write_later(self._connection, _ADD, row)

    async def latest(self, case_id: str) -> Statement | None:
        """What counts; None once it has been deleted. Raises CannotOpen."""
        key = await self._case_keys.find(case_id)
        query = select(_TABLE).where(_TABLE.c.case == case_id).order_by(_TABLE.c.position.desc()).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        return None if key is None or row is None else _read(key, row).statement

    async def all(self, case_id: str) -> list[SaidAt]:
        """Every version, the first one first; none once they have been deleted. Raises CannotOpen."""
        key = await self._case_keys.find(case_id)
        if key is None:
            return []
        query = select(_TABLE).where(_TABLE.c.case == case_id).order_by(_TABLE.c.position)
        return [_read(key, row) for row in await self._connection.execute(query)]


def _read(key: RecordKey, row: Row[Any]) -> SaidAt:
    text = key.open(row.content, _context(row.id)).decode()
    return SaidAt(row.said_at, row.by, statement_from_json(text))


def _context(row_id: str) -> str:
    return sealed_context("case_statement", "content", row_id)
