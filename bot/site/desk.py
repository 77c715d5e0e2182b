"""What the complaint pages are made of, and what they share."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from starlette.requests import Request

from bot.clock import Clock
from bot.complaints.assembly import Desk
from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files.file_desk import FileDesk
from bot.complaints.files.kinds import MOST_BYTES, MOST_PER_DRAFT, FileFault, FileRefused, fault_words
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.worker.guesses import source_of_address
from bot.keyring import KeyRing
from bot.site.patience import within
from bot.site.uploads import Upload, UploadForm, UploadGate, UploadLimits, read_upload_form
from bot.wording import Wording

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

UPLOADS = "site.upload"
MOST_UPLOADS = 60
"""Files from one address in an hour."""

LARGEST_FORM = (MOST_PER_DRAFT + 10) * MOST_BYTES
"""More than may be kept, so that one film too many does not cost somebody all that was typed."""

FILE_LIMITS = UploadLimits(files=MOST_PER_DRAFT, file_bytes=MOST_BYTES)


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteDesk:
    """The complaint desk as the site sees it.

    districts, bodies: id and name. about_bodies: how they are reached, by id. higher_union: the union above.
    receipt_for: how long a receipt can be shown. draft_for: how long files wait for a form that is not filed.
    emergency: what to say first where a text shows that somebody is in danger; empty else.
    """

    desk: Desk
    files: FileDesk
    lunar: LunarCalendar
    read: Callable[[], AbstractAsyncContextManager["UnitOfWork"]]
    write: Callable[[], AbstractAsyncContextManager["UnitOfWork"]]
    keys: KeyRing
    clock: Clock
    wording: Wording
    federation: str
    emergency: Callable[[str], str]
    districts: Sequence[tuple[str, str]] = ()
    bodies: Sequence[tuple[str, str]] = ()
    about_bodies: Mapping[str, str] = field(default_factory=dict)
    higher_union: str = ""
    receipt_for: timedelta = timedelta(hours=24)
    draft_for: timedelta = timedelta(hours=72)
    base_url: str | None = None
    patience: float = 12.0
    uploading: UploadGate = field(default_factory=UploadGate)

    @property
    def district_names(self) -> Mapping[str, str]:
        """The names of the districts by id."""
        return dict(self.districts)


@dataclass(frozen=True, slots=True)
class Received:
    """What came of the files of a form: those kept, and a sentence for each that was not."""

    files: tuple[CaseFile, ...] = ()
    faults: tuple[str, ...] = ()


class Uploads:
    """Takes in the files of forms."""

    def __init__(self, desk: SiteDesk) -> None:
        self._desk = desk

    async def read(self, request: Request) -> UploadForm:
        """The fields and files of a form."""
        async with self._desk.uploading.enter(request, source_of(request)):
            return await read_upload_form(request, FILE_LIMITS)

    async def take(self, request: Request, files: Sequence[Upload], *, draft: str, person: str = "") -> Received:
        """Keep the files for that draft, each by itself: one that is refused does not cost the others."""
        kept: list[CaseFile] = []
        faults: list[str] = []
        for upload in files:
            try:
                kept.append(await self._take(request, upload, draft, person))
            except FileRefused as refused:
                log.info("site.file_refused", fault=refused.fault.value)
                faults.append(self.fault(refused.fault, upload.name))
        return Received(tuple(kept), tuple(faults))

    async def of_draft(self, draft: str) -> list[CaseFile]:
        """The files that a draft has, oldest first."""
        async with within(self._desk.patience), self._desk.read() as work:
            return [file for file in await work.files.of_draft(draft) if file.state is FileState.KEPT]

    async def drop(self, draft: str, file_id: str) -> None:
        """Take a file out of a draft."""
        async with within(self._desk.patience), self._desk.write() as work:
            await self._desk.files.remove(work, file_id, draft=draft)
            await work.commit()

    def fault(self, fault: FileFault, name: str) -> str:
        """Why a file was not taken, in words."""
        sentence = self._desk.wording(fault_words(fault))
        return self._desk.wording("site_complain.file_fault", name=name, fault=sentence) if name else sentence

    async def _take(self, request: Request, upload: Upload, draft: str, person: str) -> CaseFile:
        if upload.too_large:
            raise FileRefused(FileFault.TOO_LARGE)
        now = self._desk.clock.now()
        await self._admit(source_of(request), now)
        return await self._desk.files.receive(
            upload.name, upload.content, by="worker", now=now, person=person, draft=draft
        )

    async def _admit(self, source: str, now: datetime) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        hashed = self._desk.keys.hash(UPLOADS, source)
        async with within(self._desk.patience), self._desk.write() as work:
            count = await work.attempts.count(UPLOADS, hashed, hour, add=1)
            await work.commit()
        if count > MOST_UPLOADS:
            raise FileRefused(FileFault.TOO_MANY)


def source_of(request: Request) -> str:
    """Where a request comes from: the address, of IPv6 the network of one customer."""
    return source_of_address(request.client.host if request.client else "")
