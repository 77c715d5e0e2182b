"""The audit log: appended to when a transaction commits, read in pages, verified from the first entry to the last.

Entries wait until the commit and are chained then, one transaction after the other: the turn that this needs
on PostgreSQL is taken last and held briefly, so that nobody waits for it while holding what others want.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, Select, String, func, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audit import (
    EMPTY,
    SYSTEM,
    TEXTS_DELETED,
    AuditEntry,
    AuditRecord,
    Head,
    Verdict,
    Verification,
    chained,
)
from bot.clock import Clock
from bot.complaints.vault import sealed_context
from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.store.engine import WRITES
from bot.store.later import write_what_follows
from bot.store.staff_tables import AuditRow
from bot.store.upsert import take_turns

_TABLE = AuditRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_HEAD = select(_TABLE.c.seq, _TABLE.c.mac).order_by(_TABLE.c.seq.desc()).limit(1)
_ADD = insert(_TABLE)
_BATCH = 500  # a batch is looked at in one go, and others wait for the event loop meanwhile
_STRINGS = ("actor", "action", "subject", "reason", "data", "text_digest", "mac")

TURN = 0x6175646974  # "audit": the number of the advisory lock


class Audit:
    """The rows of `audit`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, clock: Clock) -> None:
        self._connection = connection
        self._keys = keys
        self._key = keys.audit_key()
        self._clock = clock
        self._waiting: list[tuple[AuditEntry, datetime]] = []

    async def append(self, entry: AuditEntry) -> None:
        """Log this with everything else that the transaction does, when it commits; without commit it never was.

        Looks are logged too, so they need a transaction that may write: RuntimeError in one that only reads.
        """
        if not self._connection.sync_connection.get_execution_options().get(WRITES):  # type: ignore[union-attr]  # a unit of work is connected
            raise RuntimeError(f"{entry.action}: what is logged needs a transaction that writes")
        self._waiting.append((entry, self._clock.now()))

    async def flush(self) -> None:
        """Chain what waits. The unit of work does so before it commits."""
        if not self._waiting:
            return
        entries, self._waiting = self._waiting, []
        await take_turns(self._connection, TURN)
        await write_what_follows(self._connection, _HEAD, partial(self._rows_behind, entries), _ADD)

    def _rows_behind(self, entries: Sequence[tuple[AuditEntry, datetime]], ends: Sequence[Any]) -> list[dict[str, Any]]:
        """The entries as rows behind the end of the chain; there is none of an empty one."""
        rows, head = [], Head(*ends[0]) if ends else EMPTY
        for entry, at in entries:
            record = chained(self._key, head, entry, at)
            rows.append(self._row(record))
            head = Head(record.seq, record.mac)
        return rows

    async def head(self) -> Head:
        """The end of the chain; that of the empty one is `EMPTY`."""
        await self.flush()
        return await self._head()

    async def _head(self) -> Head:
        row = (await self._connection.execute(_HEAD)).one_or_none()
        return Head(row.seq, row.mac) if row else EMPTY

    async def verify(self, heads: Sequence[Head] = ()) -> Verdict:
        """Read the whole log and say what is wrong with it; `heads` are ends of the chain known from elsewhere."""
        await self.flush()
        verification = Verification(self._key, heads)
        async for row in self._all():
            self._hand_in(row, verification)
        return verification.result()

    def _hand_in(self, row: Row[Any], verification: Verification) -> None:
        """Whoever writes to the database can put anything into a row: what is no entry is a fault, not a crash."""
        try:
            record, unreadable = self._record(row), False
        except CannotOpen:
            record, unreadable = _bare(row), True
        except (TypeError, ValueError, AttributeError):
            verification.take_garbled(row.seq)
            return
        if any(not isinstance(getattr(record, name), str) for name in _STRINGS):
            verification.take_garbled(row.seq)
        else:
            verification.take(record, unreadable=unreadable)

    async def _all(self) -> AsyncIterator[Row[Any]]:
        """Every row in the order of its number, a batch at a time."""
        # SQLite takes any text for a time, and reading it as one would fail for the whole batch
        raw = self._connection.dialect.name == "sqlite"
        columns = [type_coerce(c, String).label("at") if raw and c.name == "at" else c for c in _TABLE.c]
        last: int | None = None
        while True:
            query = select(*columns).order_by(_TABLE.c.seq).limit(_BATCH)
            rows = (await self._connection.execute(query if last is None else query.where(_TABLE.c.seq > last))).all()
            for row in rows:
                yield row
            if len(rows) < _BATCH:
                return
            last = rows[-1].seq

    async def mac_at(self, seq: int) -> str:
        """The mac of one entry; empty where there is none."""
        await self.flush()
        query = select(_TABLE.c.mac).where(_TABLE.c.seq == seq)
        return (await self._connection.execute(query)).scalar_one_or_none() or ""

    async def of(self, subject: str, limit: int = 500) -> list[AuditRecord]:
        """What was logged about a subject, the latest first. Raises CannotOpen."""
        await self.flush()
        query = select(_TABLE).where(_TABLE.c.subject == subject)
        return await self._records(query, 0, limit)

    async def page(  # noqa: PLR0913 - each is one field of the form that asks
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        actor: str = "",
        action: str = "",
        subject: str = "",
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> tuple[list[AuditRecord], int]:
        """A page of the log, the latest first, and how many entries fit; `action` may be a beginning: "case."."""
        await self.flush()
        equal = {"actor": actor, "subject": subject}
        wanted = [_TABLE.c[name] == value for name, value in equal.items() if value]
        if action:
            wanted.append(_TABLE.c.action.startswith(action, autoescape=True))
        if since:
            wanted.append(_TABLE.c.at >= since)
        if before:
            wanted.append(_TABLE.c.at < before)
        count = await self._connection.execute(select(func.count()).select_from(_TABLE).where(*wanted))
        return await self._records(select(_TABLE).where(*wanted), offset, limit), count.scalar_one()

    async def delete_texts_before(self, at: datetime) -> int:
        """Delete the texts written before that, and log that they were; how many. The chain still holds."""
        await self.flush()
        old = _TABLE.c.at < at
        through = (await self._connection.execute(select(func.max(_TABLE.c.seq)).where(old))).scalar_one()
        if through is None:
            return 0
        gone = await self._delete_texts(_TABLE.c.seq <= through)
        if gone:
            await self.append(AuditEntry(SYSTEM, TEXTS_DELETED, data={"through": str(through)}))
        return gone

    async def delete_texts_of(self, subject: str, *, by: str = SYSTEM) -> int:
        """Delete the texts about one subject, and log that they were; how many. The chain still holds."""
        await self.flush()
        gone = await self._delete_texts(_TABLE.c.subject == subject)
        if gone:
            await self.append(AuditEntry(by, TEXTS_DELETED, subject))
        return gone

    async def _delete_texts(self, of: Any) -> int:
        statement = update(_TABLE).where(of, _TABLE.c.text.is_not(None)).values(text=None)
        return (await self._connection.execute(statement)).rowcount

    async def _records(self, query: Select[Any], offset: int, limit: int) -> list[AuditRecord]:
        rows = await self._connection.execute(query.order_by(_TABLE.c.seq.desc()).offset(offset).limit(limit))
        return [self._record(row) for row in rows]

    def _row(self, record: AuditRecord) -> dict[str, Any]:
        row = {name: getattr(record, name) for name in record.__dataclass_fields__}
        text = record.text
        return row | {"text": None if text is None else self._keys.seal(text.encode(), _context(record.seq))}

    def _record(self, row: Row[Any]) -> AuditRecord:
        bare = _bare(row)
        if row.text is None:
            return bare
        return replace(bare, text=self._keys.open(row.text, _context(row.seq)).decode())


def _bare(row: Row[Any]) -> AuditRecord:
    at = row.at if isinstance(row.at, datetime) else datetime.fromisoformat(row.at).replace(tzinfo=UTC)
    columns = {name: getattr(row, name) for name in _STRINGS}
    return AuditRecord(seq=row.seq, at=at, text=None, **columns)


def _context(seq: int) -> str:
    return sealed_context("audit", "text", str(seq))
