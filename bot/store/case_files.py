"""Files of cases and drafts: where each stands. Name, type and hashes are sealed with the file's own key."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.cases import CaseFile, FileMeta, FileState
from bot.complaints.vault import open_record_key, sealed_context
from bot.keyring import KeyRing
from bot.store.case_tables import CaseFileRow
from bot.store.later import write_later

_TABLE = CaseFileRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_ATTACH_DRAFT = (
    update(_TABLE)
    .where(_TABLE.c.draft == bindparam("of_draft"), _TABLE.c.case == "")
    .values(case=bindparam("to_case"), draft="", person="")
)


class CaseFiles:
    """The rows of `case_file`.

    The wrapped key that comes with a file was made for `sealed_context("case_file", "key", file.id)`.
    """

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def add(self, file: CaseFile, key: bytes, *, next_at: datetime | None = None) -> None:
        """Keep a file with its wrapped key; one that waits is fetched from `next_at` on, at once without it."""
        row = {
            "id": file.id,
            "case": file.case,
            "draft": file.draft,
            "person": file.person,
            "added_at": file.added_at,
            "by": file.by,
            "state": str(file.state),
            "size": file.size,
            "key": key,
            "meta": self._seal(file.id, key, file.meta),
            "attempts": file.attempts,
            "next_at": (next_at or file.added_at) if file.state is FileState.WAITING else None,
        }
        await self._connection.execute(insert(_TABLE), row)

    async def find(self, file_id: str) -> tuple[CaseFile, bytes] | None:
        """The file and its wrapped key. Raises CannotOpen."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.id == file_id))).one_or_none()
        return None if row is None else (self._read(row), row.key)

    async def of_case(self, case_id: str) -> list[CaseFile]:
        """The files of a case, the first first. Raises CannotOpen."""
        return await self._all(_TABLE.c.case == case_id) if case_id else []

    async def of_draft(self, draft: str) -> list[CaseFile]:
        """The files of a draft that belong to no case yet, the first first. Raises CannotOpen."""
        return await self._all((_TABLE.c.draft == draft) & (_TABLE.c.case == "")) if draft else []

    async def attach(self, which: str | Sequence[str], case_id: str) -> int:
        """Make these files, or all of a draft, the case's; how many they were.

        A file that belongs to a case already stays where it is. Whose draft it was is forgotten.
        """
        if not which:
            return 0
        mine = _TABLE.c.draft == which if isinstance(which, str) else _TABLE.c.id.in_(which)
        free = update(_TABLE).where(mine, _TABLE.c.case == "")
        return (await self._connection.execute(free.values(case=case_id, draft="", person=""))).rowcount

    async def attach_draft(self, draft: str, case_id: str) -> None:
        """Make whatever files the draft has the case's; as `attach`, for who need not know how many."""
        await write_later(self._connection, _ATTACH_DRAFT, {"of_draft": draft, "to_case": case_id})

    async def update(  # noqa: PLR0913 - what may change of a row, all named
        self,
        file_id: str,
        *,
        state: FileState | None = None,
        meta: FileMeta | None = None,
        size: int | None = None,
        attempts: int | None = None,
        next_at: datetime | None = None,
    ) -> bool:
        """Keep what has changed; False when the file is gone. One that waits no more is not due again."""
        values: dict[str, Any] = {"size": size, "attempts": attempts, "next_at": next_at}
        values = {name: value for name, value in values.items() if value is not None}
        if state is not None:
            values["state"] = str(state)
            if state is not FileState.WAITING:
                values["next_at"] = None
        if meta is not None:
            query = select(_TABLE.c.key).where(_TABLE.c.id == file_id)
            key = (await self._connection.execute(query)).scalar_one_or_none()
            if key is None:
                return False
            values["meta"] = self._seal(file_id, key, meta)
        statement = update(_TABLE).where(_TABLE.c.id == file_id)
        return (await self._connection.execute(statement.values(values or {"id": file_id}))).rowcount > 0

    async def due(self, now: datetime, limit: int) -> list[CaseFile]:
        """Files that wait to be fetched by now, the longest due first. Raises CannotOpen."""
        waiting = (_TABLE.c.state == str(FileState.WAITING), _TABLE.c.next_at <= now)
        query = select(_TABLE).where(*waiting).order_by(_TABLE.c.next_at, _TABLE.c.id).limit(limit)
        return [self._read(row) for row in await self._connection.execute(query)]

    async def claim(self, file_id: str, now: datetime, until: datetime) -> bool:
        """Keep a due file from others until then and count the attempt; True for exactly one caller."""
        due = (_TABLE.c.id == file_id, _TABLE.c.state == str(FileState.WAITING), _TABLE.c.next_at <= now)
        values = {"next_at": until, "attempts": _TABLE.c.attempts + 1}
        return (await self._connection.execute(update(_TABLE).where(*due).values(values))).rowcount > 0

    async def delete(self, file_id: str) -> bool:
        """Forget a file with its key; False when it is not there. Safe to repeat."""
        return (await self._connection.execute(delete(_TABLE).where(_TABLE.c.id == file_id))).rowcount > 0

    async def abandoned(self, before: datetime) -> list[CaseFile]:
        """Files of drafts added before that, the oldest first. Raises CannotOpen."""
        return await self._all((_TABLE.c.case == "") & (_TABLE.c.added_at < before))

    async def known(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that belong to a file, to tell what lies in the file store for nothing."""
        query = select(_TABLE.c.id).where(_TABLE.c.id.in_(sorted(ids)))
        return set((await self._connection.execute(query)).scalars())

    async def ids(self) -> list[str]:
        """The ids of all files."""
        return list((await self._connection.execute(select(_TABLE.c.id).order_by(_TABLE.c.id))).scalars())

    async def _all(self, condition: Any) -> list[CaseFile]:
        query = select(_TABLE).where(condition).order_by(_TABLE.c.added_at, _TABLE.c.id)
        return [self._read(row) for row in await self._connection.execute(query)]

    def _read(self, row: Row[Any]) -> CaseFile:
        key = open_record_key(self._keys, row.key, sealed_context("case_file", "key", row.id))
        raw = json.loads(key.open(row.meta, sealed_context("case_file", "meta", row.id)))
        known = {field.name for field in fields(FileMeta)}
        return CaseFile(
            id=row.id,
            case=row.case,
            draft=row.draft,
            person=row.person,
            added_at=row.added_at,
            by=row.by,
            state=FileState(row.state),
            size=row.size,
            meta=FileMeta(**{name: value for name, value in raw.items() if name in known}),
            attempts=row.attempts,
        )

    def _seal(self, file_id: str, wrapped: bytes, meta: FileMeta) -> bytes:
        key = open_record_key(self._keys, wrapped, sealed_context("case_file", "key", file_id))
        text = json.dumps({**asdict(meta), "remote": dict(meta.remote)}, ensure_ascii=False)
        return key.seal(text.encode(), sealed_context("case_file", "meta", file_id))
