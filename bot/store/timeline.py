"""The timelines of cases: what happened, in order; codes in the open, words sealed with the case's key."""

from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.cases import TimelineEntry
from bot.complaints.vault import RecordKey, sealed_context
from bot.store.case_keys import CaseKeys
from bot.store.case_tables import CaseEventRow
from bot.store.encoding import read_mapping, write_mapping
from bot.store.later import write_later
from bot.store.upsert import next_position

_TABLE = CaseEventRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


_ADD = insert(_TABLE).values(position=next_position(_TABLE))


class Timeline:
    """The rows of `case_event`."""

    def __init__(self, connection: AsyncConnection, case_keys: CaseKeys) -> None:
        self._connection = connection
        self._case_keys = case_keys

    async def add(self, case_id: str, entry: TimelineEntry) -> None:
        """Put an entry at the end. Raises ContentGone for a note to a case whose content has been deleted."""
        note = None
        if entry.note:
            key = await self._case_keys.get(case_id)
            note = key.seal(entry.note.encode(), _context(entry.id, public=entry.public))
        row = {
            "id": entry.id,
            "case": case_id,
            "in_case": case_id,
            "happened_at": entry.happened_at,
            "by": entry.by,
            "kind": str(entry.kind),
            "data": write_mapping(entry.data),
            "note": note,
            "public": entry.public,
        }
        await write_later(self._connection, _ADD, row)

    async def of(self, case_id: str, *, public_only: bool = False) -> list[TimelineEntry]:
        """What happened to the case, the first first; deleted notes are empty. Raises CannotOpen."""
        key = await self._case_keys.find(case_id)
        query = select(_TABLE).where(_TABLE.c.case == case_id).order_by(_TABLE.c.position, _TABLE.c.id)
        if public_only:
            query = query.where(_TABLE.c.public)
        return [_read(key, row) for row in await self._connection.execute(query)]


def _read(key: RecordKey | None, row: Row[Any]) -> TimelineEntry:
    note = ""
    if key is not None and row.note is not None:
        note = key.open(row.note, _context(row.id, public=row.public)).decode()
    return TimelineEntry(
        id=row.id,
        happened_at=row.happened_at,
        by=row.by,
        kind=row.kind,
        data=read_mapping(row.data),
        note=note,
        public=row.public,
    )


def _context(entry_id: str, *, public: bool) -> str:
    # Bound to being public too: an internal note whose mark is turned in the database opens for nobody.
    return sealed_context("case_event", "public_note" if public else "note", entry_id)
