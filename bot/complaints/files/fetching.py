"""Files that a channel keeps for us: fetched in the background, tried again for a while, and told of when it fails."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files.file_desk import FileDesk, Transactions
from bot.complaints.files.kinds import FileFault, FileRefused, fault_words
from bot.errors import CannotOpen, StoreUnavailable, VendorError
from bot.wording import Wording

log = structlog.get_logger(__name__)

AT_ONCE = 5
"""Files that are fetched with one knock, one after the other."""

CLAIMED_FOR = timedelta(minutes=3)
"""Longer than fetching one may take: so long nobody else tries."""

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
"""After so many failures it is given up: the platform keeps files for three days."""

MOST_ATTEMPTS = len(PAUSES) + 1
"""One more than there are pauses; those of processes that died in the middle count as well."""

_GONE = frozenset({"40007", "http_404", "http_410"})


class FileSource(Protocol):
    """A channel that keeps files for us."""

    async def fetch(self, remote: Mapping[str, str], most: int) -> bytes:
        """The file, at most so many bytes. Raises VendorError."""
        ...

    async def tell(self, remote: Mapping[str, str], text: str) -> None:
        """Say this to whoever sent the file. Raises VendorError."""
        ...


class FileFetching:
    """Fetches what is due. sources: by the name of their channel. upload_page: where the worker can send it instead."""

    def __init__(  # noqa: PLR0913 - the parts are named and handed in by the composition root
        self,
        *,
        desk: FileDesk,
        write: Transactions,
        sources: Mapping[str, FileSource],
        clock: Clock,
        wording: Wording,
        upload_page: str,
    ) -> None:
        self._desk = desk
        self._write = write
        self._sources = sources
        self._clock = clock
        self._wording = wording
        self._upload_page = upload_page

    async def run(self) -> Mapping[str, int]:
        """Fetch what is due; how many were kept, put off and given up. Safe to repeat, in several processes too."""
        figures = {"kept": 0, "put_off": 0, "given_up": 0}
        for file, key in await self._claim():
            figures[await self._take_or_fail(file, key)] += 1
        return figures

    async def _claim(self) -> list[tuple[CaseFile, bytes]]:
        now, mine = self._clock.now(), []
        async with self._write() as work:
            for file in await work.files.due(now, AT_ONCE):
                found = await work.files.find(file.id)
                if found and await work.files.claim(file.id, now, now + CLAIMED_FOR):
                    mine.append((replace(found[0], attempts=file.attempts + 1), found[1]))
            await work.commit()
        return mine

    async def _take_or_fail(self, file: CaseFile, key: bytes) -> str:
        """Whatever goes wrong, the file comes to an end: kept, tried again later, or given up and told."""
        if file.attempts > MOST_ATTEMPTS:  # each try before ended with its process: another one would do the same
            return await self._give_up(file, FileState.FAILED, FileFault.UNREACHABLE)
        try:
            return await self._take(file, key)
        except StoreUnavailable:
            raise  # nothing could be written down either; the claim lapses, and counts as a try
        except Exception as error:  # noqa: BLE001 - one file that nobody foresaw must not be tried for ever
            return await self._failed(file, VendorError(type(error).__name__, permanent=False))

    async def _take(self, file: CaseFile, key: bytes) -> str:
        source = self._source_of(file)
        if source is None:
            return await self._give_up(file, FileState.FAILED, FileFault.UNREACHABLE)
        try:
            content = await source.fetch(file.meta.remote, self._desk.most_bytes)
            meta = await self._desk.fill(file, key, content)
        except FileRefused as refused:
            return await self._give_up(file, FileState.REFUSED, refused.fault)
        except VendorError as error:
            return await self._failed(file, error)
        except CannotOpen as error:
            log.error("file.unreadable", file=file.id, cause=error.detail)
            return await self._give_up(file, FileState.FAILED, FileFault.LOST)
        async with self._write() as work:
            # deleted meanwhile: its key is gone, and the bytes are swept
            await work.files.update(file.id, state=FileState.KEPT, meta=meta, size=meta.size)
            await work.commit()
        log.info("file.fetched", file=file.id, bytes=meta.size, attempts=file.attempts)
        return "kept"

    async def _failed(self, file: CaseFile, error: VendorError) -> str:
        log.warning("file.not_fetched", file=file.id, cause=error.code, attempts=file.attempts)
        if error.code == "too_large":
            return await self._give_up(file, FileState.REFUSED, FileFault.TOO_LARGE)
        if error.permanent or file.attempts >= MOST_ATTEMPTS:
            fault = FileFault.GONE if error.code in _GONE else FileFault.UNREACHABLE
            return await self._give_up(file, FileState.FAILED, fault)
        async with self._write() as work:
            next_at = self._clock.now() + PAUSES[file.attempts - 1]
            await work.files.update(file.id, next_at=next_at)
            await work.commit()
        return "put_off"

    async def _give_up(self, file: CaseFile, state: FileState, fault: FileFault) -> str:
        """Write down what became of it, without where it was, and then tell whoever sent it."""
        async with self._write() as work:
            meta = replace(file.meta, remote={}, fault=fault.value)
            await work.files.update(file.id, state=state, meta=meta, size=0)
            await work.commit()
        log.warning("file.given_up", file=file.id, fault=fault.value)
        source = self._source_of(file)
        if source is not None:
            await self._tell(file, source, fault)
        return "given_up"

    async def _tell(self, file: CaseFile, source: FileSource, fault: FileFault) -> None:
        """Once, and it may fail: the dialogue and the tracking page say it as well."""
        why = self._wording(fault_words(fault))
        text = self._wording("files.told.failed", why=why, page=self._upload_page)
        try:
            await source.tell(file.meta.remote, text)
        except Exception as error:  # noqa: BLE001 - it is written down already, and said elsewhere too
            log.warning("file.failure_not_told", file=file.id, cause=type(error).__name__)

    def _source_of(self, file: CaseFile) -> FileSource | None:
        return self._sources.get(file.meta.remote.get("channel", ""))
