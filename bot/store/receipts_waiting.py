"""Receipts that may be shown once more, sealed, until they are confirmed or a day has passed."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.receipts import Receipt
from bot.complaints.vault import sealed_context
from bot.keyring import KeyRing
from bot.store.case_tables import ReceiptRow
from bot.store.upsert import upsert

_TABLE = ReceiptRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class ReceiptsWaiting:
    """The rows of `receipt_waiting`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def keep(self, case_id: str, person: str, receipt: Receipt, expires_at: datetime) -> None:
        """Let this person see the receipt of the case again until then."""
        sealed = self._keys.seal(receipt.reveal().encode(), _context(case_id))
        values = {"person": person, "receipt": sealed, "expires_at": expires_at}
        await upsert(self._connection, _TABLE, {"case": case_id}, values, waits=True)

    async def waiting(self, person: str, now: datetime) -> list[tuple[str, Receipt]]:
        """Ids of cases with the receipts that this person may still see. Raises CannotOpen."""
        mine = (_TABLE.c.person == person, _TABLE.c.expires_at > now)
        query = select(_TABLE.c.case, _TABLE.c.receipt).where(*mine).order_by(_TABLE.c.expires_at, _TABLE.c.case)
        return [
            (row.case, Receipt(self._keys.open(row.receipt, _context(row.case)).decode()))
            for row in await self._connection.execute(query)
        ]

    async def confirm(self, case_id: str) -> bool:
        """Forget the receipt, as the worker has it; False when there was none. Safe to repeat."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.case == case_id))).rowcount > 0

    async def delete_expired(self, now: datetime) -> int:
        """Forget the receipts whose time is over; how many there were. Safe to repeat."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.expires_at <= now))).rowcount


def _context(case_id: str) -> str:
    return sealed_context("receipt_waiting", "receipt", case_id)
