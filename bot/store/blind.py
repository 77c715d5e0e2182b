"""Blind indexes: keyed hashes under which something sealed is found, exactly and only by who knows it."""

from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.case_tables import BlindIndexRow
from bot.store.upsert import upsert

_TABLE = BlindIndexRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class BlindIndexes:
    """The rows of `blind_index`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, kind: str, hash: str, subject: str) -> None:  # noqa: A002 - it is called what it is
        """Let the subject be found under that hash, from `KeyRing.index`. Safe to repeat."""
        version = int(hash.partition(":")[0])
        key = {"kind": kind, "hash": hash, "subject": subject}
        await upsert(self._connection, _TABLE, key, {"version": version}, waits=True)

    async def find(self, kind: str, hashes: Collection[str]) -> list[str]:
        """The subjects under any of these hashes, from `KeyRing.index_all`, each once."""
        wanted = (_TABLE.c.kind == kind, _TABLE.c.hash.in_(sorted(hashes)))
        query = select(_TABLE.c.subject).where(*wanted).distinct().order_by(_TABLE.c.subject)
        return list((await self._connection.execute(query)).scalars())

    async def drop(self, kind: str, subject: str) -> int:
        """Let the subject be found no more by anything of that kind; how many hashes there were. Safe to repeat."""
        statement = delete(_TABLE).where(_TABLE.c.kind == kind, _TABLE.c.subject == subject)
        return (await self._connection.execute(statement)).rowcount

    async def outdated(self, version: int) -> list[str]:
        """The subjects of hashes that are not by the index key of that version, each once."""
        query = select(_TABLE.c.subject).where(_TABLE.c.version != version).distinct().order_by(_TABLE.c.subject)
        return list((await self._connection.execute(query)).scalars())

    async def versions(self) -> dict[int, int]:
        """How many hashes there are by the index key of each version."""
        query = select(_TABLE.c.version, func.count().label("n")).group_by(_TABLE.c.version)
        return {row.version: row.n for row in await self._connection.execute(query)}
