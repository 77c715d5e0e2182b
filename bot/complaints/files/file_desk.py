"""Files of complaints: taken, kept sealed as evidence, and handed out to those who may see them.

The bytes are on the disk before the row is written, and the row is gone before the bytes are deleted: whatever
dies in between leaves bytes without a row, which nobody can open and the sweep removes. Each file has its own
key, wrapped by the ring and kept in its row only; so bytes of a deleted row are lost to everybody.

Who may open what is decided and recorded by those who call.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import structlog

from bot.complaints.cases import CaseFile, FileMeta, FileState
from bot.complaints.files.file_store import FileStore, Part
from bot.complaints.files.isolation import Reading
from bot.complaints.files.kinds import (
    MOST_BYTES,
    MOST_PER_CASE,
    MOST_PER_DRAFT,
    FileFault,
    FileLost,
    FileRefused,
    check_content,
    clean_name,
    download_name,
)
from bot.complaints.files.signatures import FileKind, has_macros, kind_named
from bot.complaints.vault import RecordKey, new_record_key, open_record_key, sealed_context
from bot.errors import CannotOpen
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

Content = bytes | AsyncIterable[bytes]
Transactions = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]

ORPHANS_REST = timedelta(hours=1)
"""Bytes without a row are left alone so long: their row may be about to be written."""

_BATCH = 500
_OFFICE = (FileKind.DOCX, FileKind.XLSX)


class Reader(Protocol):
    """Makes copies for reading."""

    async def read(self, content: bytes, kind: FileKind) -> Reading | None:
        """A copy for reading; None where there is none. Raises FileRefused."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file that was looked at and whose sealed bytes lie on the disk, not yet anybody's."""

    id: str
    key: bytes = field(repr=False)
    meta: FileMeta


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file to be handed out. inline: whether a browser may show it; everything else is for download only."""

    id: str
    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)
    sha256: str
    inline: bool


class FileDesk:
    """Takes files and hands them out."""

    def __init__(
        self,
        *,
        files: FileStore,
        keys: KeyRing,
        reader: Reader,
        write: Transactions,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._files = files
        self._keys = keys
        self._reader = reader
        self._write = write
        self.most_bytes = most_bytes

    async def receive(  # noqa: PLR0913 - a row has that many columns, all named
        self, name: str, content: Content, *, by: str, now: datetime, person: str = "", draft: str = "", case: str = ""
    ) -> CaseFile:
        """Take a whole file in a transaction of its own, for a draft or for a case.

        Raises FileRefused, StoreUnavailable; nothing is kept then.
        """
        prepared = await self.prepare(name, content)
        try:
            async with self._write() as work:
                file = await self.keep(work, prepared, by=by, now=now, person=person, draft=draft, case=case)
                await work.commit()
        except BaseException:
            await self.drop(prepared)
            raise
        return file

    async def prepare(self, name: str, content: Content) -> PreparedFile:
        """Look at a file, make its copy for reading, and put both sealed on the disk. Needs no transaction.

        Raises FileRefused, StoreUnavailable. Hand it to `keep`; what is not kept is swept.
        """
        id = new_file_id()
        key, wrapped = new_record_key(self._keys, _key_context(id))
        return PreparedFile(id, wrapped, await self._put(id, key, name, content))

    async def keep(  # noqa: PLR0913 - a row has that many columns, all named
        self,
        work: "UnitOfWork",
        prepared: PreparedFile,
        *,
        by: str,
        now: datetime,
        person: str = "",
        draft: str = "",
        case: str = "",
    ) -> CaseFile:
        """Make a prepared file that of a draft or a case. Raises FileRefused when there are too many."""
        await self._check_number(work, draft, case)
        file = CaseFile(
            id=prepared.id,
            case=case,
            draft=draft,
            person=person,
            added_at=now,
            by=by,
            state=FileState.KEPT,
            size=prepared.meta.size,
            meta=prepared.meta,
        )
        await work.files.add(file, prepared.key)
        return file

    async def drop(self, prepared: PreparedFile) -> None:
        """Delete the bytes of a file that is not to be kept. Safe to repeat."""
        await asyncio.to_thread(self._files.delete, prepared.id)

    async def await_remote(  # noqa: PLR0913 - a row has that many columns, all named
        self,
        work: "UnitOfWork",
        remote: Mapping[str, str],
        *,
        by: str,
        now: datetime,
        person: str = "",
        draft: str = "",
        case: str = "",
        name: str = "",
        id: str = "",
    ) -> CaseFile:
        """Note a file that a channel keeps, to be fetched in the background.

        remote: where it is; its `channel` names the source. id: drawn before by `new_file_id`, where the dialogue
        has to know it. Raises FileRefused when there are too many.
        """
        await self._check_number(work, draft, case)
        id = id or new_file_id()
        _, wrapped = new_record_key(self._keys, _key_context(id))
        file = CaseFile(
            id=id,
            case=case,
            draft=draft,
            person=person,
            added_at=now,
            by=by,
            state=FileState.WAITING,
            size=0,
            meta=FileMeta(name=clean_name(name), remote=dict(remote)),
        )
        await work.files.add(file, wrapped)
        return file

    async def fill(self, file: CaseFile, wrapped: bytes, content: Content) -> FileMeta:
        """Put the bytes of a noted file on the disk; what is to stand in its row. Raises FileRefused, CannotOpen."""
        key = open_record_key(self._keys, wrapped, _key_context(file.id))
        return await self._put(file.id, key, file.meta.name, content)

    async def open_original(self, work: "UnitOfWork", id: str, *, case: str = "", draft: str = "") -> OpenedFile:
        """The file as it was sent, for download only.

        Raises FileLost when it is not there, not of that case or draft, or was changed.
        """
        file, key = await self._find(work, id, case, draft)
        content = await self._load(file, key, Part.ORIGINAL, file.meta.sha256)
        kind = kind_named(file.meta.media_type)
        if kind is None:
            raise FileLost(id)
        name = download_name(file.meta.name, kind, otherwise=id[:8])
        return OpenedFile(id, name, kind.media_type, content, file.meta.sha256, inline=False)

    async def open_reading(self, work: "UnitOfWork", id: str, *, case: str = "", draft: str = "") -> OpenedFile | None:
        """The copy without metadata, which a browser may show; None where there is none. Raises FileLost."""
        file, key = await self._find(work, id, case, draft)
        kind = kind_named(file.meta.reading)
        if kind is None:
            return None
        content = await self._load(file, key, Part.READING, file.meta.reading_sha256)
        name = download_name(f"{id[:8]}", kind, otherwise=id[:8])
        return OpenedFile(id, name, kind.media_type, content, file.meta.reading_sha256, inline=True)

    async def remove(self, work: "UnitOfWork", id: str, *, draft: str) -> None:
        """Take a file out of a draft again; its bytes are swept. Safe to repeat."""
        found = await work.files.find(id)
        if found and found[0].draft == draft and not found[0].case:
            await work.files.delete(id)

    async def forget(self, ids: Iterable[str]) -> None:
        """Delete the bytes of files whose rows are gone, as those of a deleted case. Safe to repeat."""
        for id in ids:
            await asyncio.to_thread(self._files.delete, id)

    async def sweep(self, now: datetime, *, drafts_before: datetime) -> Mapping[str, int]:
        """Forget the files of drafts older than that, and bytes that no row names; how many of each."""
        async with self._write() as work:
            abandoned = [file.id for file in await work.files.abandoned(drafts_before)]
            for id in abandoned:
                await work.files.delete(id)
            await work.commit()
        await self.forget(abandoned)
        orphans = await self._orphans(now - ORPHANS_REST)
        await self.forget(orphans)
        return {"drafts": len(abandoned), "orphans": len(orphans)}

    async def _orphans(self, before: datetime) -> list[str]:
        there = await asyncio.to_thread(lambda: list(self._files.ids_before(before)))
        orphans: list[str] = []
        for start in range(0, len(there), _BATCH):
            batch = there[start : start + _BATCH]
            async with self._write() as work:
                known = await work.files.known(batch)
            orphans += [id for id in batch if id not in known]
        return orphans

    async def _check_number(self, work: "UnitOfWork", draft: str, case: str) -> None:
        there = await (work.files.of_case(case) if case else work.files.of_draft(draft))
        counted = [file for file in there if file.state in (FileState.KEPT, FileState.WAITING)]
        if len(counted) >= (MOST_PER_CASE if case else MOST_PER_DRAFT):
            raise FileRefused(FileFault.TOO_MANY)

    async def _put(self, id: str, key: RecordKey, name: str, content: Content) -> FileMeta:
        whole = await self._collect(content)
        # in a thread: what strangers send may take long to look at, and everybody else would wait
        kind = await asyncio.to_thread(check_content, whole, most=self.most_bytes)
        if kind in _OFFICE and await asyncio.to_thread(has_macros, whole):
            raise FileRefused(FileFault.MACROS)
        reading = await self._reader.read(whole, kind)
        meta = await asyncio.to_thread(self._seal, id, key, whole, reading)
        return replace(meta, name=clean_name(name), media_type=kind.media_type)

    async def _collect(self, content: Content) -> bytes:
        if isinstance(content, bytes):
            return content
        whole = bytearray()
        async for chunk in content:
            whole += chunk
            if len(whole) > self.most_bytes:
                raise FileRefused(FileFault.TOO_LARGE)
        return bytes(whole)

    def _seal(self, id: str, key: RecordKey, whole: bytes, reading: Reading | None) -> FileMeta:
        self._files.write(id, Part.ORIGINAL, key.seal(whole, _part_context(id, Part.ORIGINAL)))
        meta = FileMeta(sha256=hashlib.sha256(whole).hexdigest(), size=len(whole))
        if reading is None:
            return meta
        self._files.write(id, Part.READING, key.seal(reading.content, _part_context(id, Part.READING)))
        digest = hashlib.sha256(reading.content).hexdigest()
        return replace(meta, reading=reading.media_type, reading_sha256=digest)

    async def _find(self, work: "UnitOfWork", id: str, case: str, draft: str) -> tuple[CaseFile, bytes]:
        found = await work.files.find(id)
        if found is None or found[0].state is not FileState.KEPT:
            raise FileLost(id)
        file = found[0]
        belongs = file.case == case if case else bool(draft) and not file.case and file.draft == draft
        if not belongs:
            raise FileLost(id)
        return found

    async def _load(self, file: CaseFile, wrapped: bytes, part: Part, digest: str) -> bytes:
        key = open_record_key(self._keys, wrapped, _key_context(file.id))
        return await asyncio.to_thread(self._unseal, file.id, key, part, digest)

    def _unseal(self, id: str, key: RecordKey, part: Part, digest: str) -> bytes:
        try:
            content = key.open(self._files.read(id, part), _part_context(id, part))
        except (CannotOpen, FileLost):
            log.error("file.lost", file=id, part=part.value)
            raise FileLost(id) from None
        if hashlib.sha256(content).hexdigest() != digest:
            log.error("file.lost", file=id, part=part.value)
            raise FileLost(id)
        return content


def new_file_id() -> str:
    """An id nobody can foretell."""
    return uuid4().hex


def _key_context(id: str) -> str:
    return sealed_context("case_file", "key", id)


def _part_context(id: str, part: Part) -> str:
    return sealed_context("file", part.value, id)
