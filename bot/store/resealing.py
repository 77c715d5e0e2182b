"""Sealing anew what an older key of the ring has sealed, and looking whether everything opens.

A batch is a transaction of its own, a value is replaced only while it is the one that was read, and what is done
already is passed over: it may be broken off and begun again, and others may write meanwhile.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.vault import RecordKey, open_record_key, sealed_context
from bot.errors import CannotOpen
from bot.keyring import FORMAT, ID_BYTES, KeyRing
from bot.store.case_tables import CaseRow
from bot.store.engine import WRITES, translated_errors
from bot.store.sealed_columns import BY_RECORD, BY_RING, SealedColumn
from bot.store.unit_of_work import SqlStore

BATCH = 500
_PREFIX_BYTES = len(FORMAT) + ID_BYTES
_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


@dataclass(slots=True)
class Found:
    """What was found of one column. unreadable: rows that do not open, named by their keys."""

    column: str
    values: int = 0
    resealed: int = 0
    unreadable: list[str] = field(default_factory=list)
    by_key: dict[str, int] = field(default_factory=dict)


class Resealing:
    """Goes through the sealed columns of a whole database."""

    def __init__(self, store: SqlStore, keys: KeyRing) -> None:
        self._store = store
        self._keys = keys
        self._cases: dict[str, RecordKey] = {}

    async def reseal(self) -> list[Found]:
        """Seal anew whatever is not sealed by the first key of the ring; values that do not open stay as they are."""
        return [await self._reseal(column) for column in BY_RING]

    async def verify(self) -> list[Found]:
        """Open everything that is sealed, by the ring or by the key of a record. Changes nothing."""
        found = []
        for column in (*BY_RING, *BY_RECORD):
            seen = Found(f"{column.table}.{column.column}")
            async for row in self._rows(column, older_only=False):
                seen.values += 1
                try:
                    await self._opened(column, row)
                except CannotOpen:
                    seen.unreadable.append(_name(column, row))
            found.append(seen)
        return found

    async def uses(self) -> list[Found]:
        """How many values each key of the ring has sealed, by column."""
        found = []
        async with self._store.engine.connect() as connection:
            for column in BY_RING:
                value = column.rows.c[column.column]
                start = func.substr(value, 1, _PREFIX_BYTES, type_=LargeBinary())
                query = select(start.label("start"), func.count().label("n")).where(value.is_not(None)).group_by(start)
                rows = (await connection.execute(query)).all()
                by_key = {bytes(row.start)[len(FORMAT) :].hex(): row.n for row in rows}
                found.append(Found(f"{column.table}.{column.column}", sum(by_key.values()), by_key=by_key))
        return found

    async def _reseal(self, column: SealedColumn) -> Found:
        found = Found(f"{column.table}.{column.column}")
        batch: list[Mapping[str, Any]] = []
        async for row in self._rows(column, older_only=True):
            found.values += 1
            batch.append(row)
            if len(batch) == BATCH:
                await self._replace(column, batch, found)
                batch = []
        await self._replace(column, batch, found)
        return found

    async def _replace(self, column: SealedColumn, batch: list[Mapping[str, Any]], found: Found) -> None:
        table, value = column.rows, column.rows.c[column.column]
        keys = list(table.primary_key.columns)
        same = [key == bindparam(f"at_{key.name}") for key in keys]
        statement = update(table).where(*same, value == bindparam("before")).values({value.name: bindparam("after")})
        changes = []
        for row in batch:
            context = column.bound_to(row)
            try:
                plain = self._keys.open(row[column.column], context)
            except CannotOpen:
                found.unreadable.append(_name(column, row))
                continue
            at = {f"at_{key.name}": row[key.name] for key in keys}
            changes.append({**at, "before": row[column.column], "after": self._keys.seal(plain, context)})
        if not changes:
            return
        with translated_errors():
            async with self._store.engine.connect() as plain_connection:
                connection = await plain_connection.execution_options(**{WRITES: True})
                for change in changes:
                    found.resealed += (await connection.execute(statement, change)).rowcount
                await connection.commit()

    async def _rows(self, column: SealedColumn, *, older_only: bool) -> AsyncIterator[Mapping[str, Any]]:
        """Every row with a value, in the order of its key, a batch at a time."""
        table, value = column.rows, column.rows.c[column.column]
        keys: list[Column[Any]] = list(table.primary_key.columns)
        names = dict.fromkeys([*(key.name for key in keys), *column.named, column.column, *_whose(column)])
        query = select(*(table.c[name] for name in names)).where(value.is_not(None)).order_by(*keys).limit(BATCH)
        if older_only:
            query = query.where(_begins(value) != self._keys.sealing_prefix)
        last: tuple[Any, ...] | None = None
        while True:
            with translated_errors():
                async with self._store.engine.connect() as connection:
                    after = query if last is None else query.where(tuple_(*keys) > tuple_(*last))
                    rows = (await connection.execute(after)).mappings().all()
            for row in rows:
                yield dict(row)
            if len(rows) < BATCH:
                return
            last = tuple(rows[-1][key.name] for key in keys)

    async def _opened(self, column: SealedColumn, row: Mapping[str, Any]) -> bytes:
        sealed, context = row[column.column], column.bound_to(row)
        if column.own:
            wrapped = sealed_context(column.table, "key", row["id"])
            return open_record_key(self._keys, row["key"], wrapped).open(sealed, context)
        if not column.case:
            return self._keys.open(sealed, context)
        return (await self._case_key(row[column.case])).open(sealed, context)

    async def _case_key(self, case: str) -> RecordKey:
        if case not in self._cases:
            async with self._store.engine.connect() as connection:
                self._cases[case] = await case_key(connection, self._keys, case)
        return self._cases[case]


async def case_key(connection: AsyncConnection, keys: KeyRing, case: str) -> RecordKey:
    """The key of a case. Raises CannotOpen, also where there is none any more."""
    wrapped = (await connection.execute(select(_CASES.c.key).where(_CASES.c.id == case))).scalar_one_or_none()
    if wrapped is None:
        raise CannotOpen("no key")
    return open_record_key(keys, wrapped, sealed_context("complaint_case", "key", case))


def _whose(column: SealedColumn) -> tuple[str, ...]:
    if column.own:
        return ("key",)
    return (column.case,) if column.case else ()


def _begins(value: ColumnElement[bytes]) -> ColumnElement[bytes]:
    return func.substr(value, 1, _PREFIX_BYTES, type_=LargeBinary())


def _name(column: SealedColumn, row: Mapping[str, Any]) -> str:
    """A row of our own making is named by its id; where the key is a person's it is a keyed hash already."""
    return ":".join(str(row[key.name]) for key in column.rows.primary_key.columns)
