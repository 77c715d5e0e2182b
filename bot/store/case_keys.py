"""The keys of cases: opened once in a unit of work and shared by what is sealed with them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.errors import ContentGone
from bot.complaints.vault import RecordKey, new_record_key, open_record_key, sealed_context
from bot.keyring import KeyRing
from bot.store.case_tables import CaseRow

_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class CaseKeys:
    """The record keys of the cases that one unit of work touches."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys
        self._opened: dict[str, RecordKey] = {}

    def make(self, case_id: str) -> bytes:
        """A new key for a case: its wrapped form, for the row."""
        self._opened[case_id], wrapped = new_record_key(self._keys, _context(case_id))
        return wrapped

    async def find(self, case_id: str) -> RecordKey | None:
        """The key of a case; None when its content has been deleted or there is no such case. Raises CannotOpen."""
        if case_id not in self._opened:
            query = select(_CASES.c.key).where(_CASES.c.id == case_id)
            wrapped = (await self._connection.execute(query)).scalar_one_or_none()
            if wrapped is None:
                return None
            self._opened[case_id] = open_record_key(self._keys, wrapped, _context(case_id))
        return self._opened[case_id]

    async def get(self, case_id: str) -> RecordKey:
        """The key of a case. Raises ContentGone, CannotOpen."""
        key = await self.find(case_id)
        if key is None:
            raise ContentGone(case_id)
        return key

    def forget(self, case_id: str) -> None:
        """Use it no more."""
        self._opened.pop(case_id, None)


def _context(case_id: str) -> str:
    return sealed_context("complaint_case", "key", case_id)
