"""What the console is built from. Services and values come in; it makes none of them and reads no table."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from starlette.requests import Request

from bot.answers.service import AnswerService
from bot.clock import Clock, local_date
from bot.complaints.audit import Head
from bot.complaints.categories import Categories
from bot.complaints.desk.handling import Handler
from bot.complaints.desk.hotline import Hotline
from bot.complaints.desk.template_texts import TemplateTexts
from bot.complaints.files.evidence import Evidence
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.retention import Retention
from bot.complaints.worker.words import DeskWords
from bot.console.words import Words
from bot.settings import Federation
from bot.staff.accounts import Accounts
from bot.staff.directory import Directory
from bot.staff.enrolment import Enrolment
from bot.wording import Wording

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Open = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]


@dataclass(frozen=True, kw_only=True)
class CallDesk:
    """What the 12351 desk works with. words: what is read out; answers: what is looked up beside a call."""

    hotline: Hotline
    words: DeskWords
    answers: AnswerService
    categories: Categories
    lunar: LunarCalendar


@dataclass(frozen=True, kw_only=True)
class ConsoleParts:
    """What the console is built from.

    words: labels of codes, those of the configuration among them. secret: signs its cookies.
    is_from_here: whether a form was sent from our own pages. largest_body: bytes of one request.
    known_head: the end of the audit log as it was last kept outside the database. forget_files: deletes the bytes
    of files whose rows are gone.
    """

    accounts: Accounts
    enrolment: Enrolment
    directory: Directory
    desk: Handler
    calls: CallDesk
    evidence: Evidence
    templates: TemplateTexts
    read: Open
    write: Open
    clock: Clock
    wording: Wording
    words: Words
    federation: Federation
    secret: str = field(repr=False)
    is_from_here: Callable[[Request], bool]
    largest_body: int
    known_head: Callable[[], Head]
    retention: Retention
    forget_files: Callable[[Iterable[str]], Awaitable[None]]

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def today(self) -> date:
        """The present day in China."""
        return local_date(self.clock.now())
