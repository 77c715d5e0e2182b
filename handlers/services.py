"""What handlers may use."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.answers.service import AnswerService
from bot.complaint_settings import Complaints
from bot.complaints.assembly import Desk
from bot.complaints.files.file_desk import FileDesk
from bot.complaints.quantities.seasons import LunarCalendar
from bot.wording import Wording

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class Store(Protocol):
    """Units of work for what has to be known before there is a reply; all else goes through `turn.then`."""

    def read(self) -> AbstractAsyncContextManager["UnitOfWork"]:
        """A consistent view."""
        ...

    def write(self) -> AbstractAsyncContextManager["UnitOfWork"]:
        """A transaction."""
        ...


@dataclass(frozen=True, slots=True)
class ComplaintServices:
    """What registering and following need. base_url: the public address; empty where there is none."""

    settings: Complaints
    desk: Desk
    files: FileDesk
    store: Store
    lunar: LunarCalendar
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Services:
    """The capabilities, and the words the bot says itself."""

    answers: AnswerService
    wording: Wording
    federation: str
    hotline: str
    office_hours: str
    complaints: ComplaintServices
