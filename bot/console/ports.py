"""What the console is built from. Services and values come in; it makes none of them and reads no table."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request

from bot.answers.entries import Entry
from bot.answers.keeper import BaseKeeper
from bot.answers.knowledge.desk import KnowledgeDesk
from bot.answers.knowledge.gathering import Gatherer
from bot.answers.service import AnswerService
from bot.audit import Head
from bot.clock import Clock, local_date
from bot.complaints.categories import Categories
from bot.complaints.desk.handling import Handler
from bot.complaints.desk.hotline import Hotline
from bot.complaints.desk.template_texts import TemplateTexts
from bot.complaints.files.evidence import Evidence
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.retention import Retention
from bot.complaints.worker.words import DeskWords
from bot.console.uploads import PictureUploads
from bot.console.words import Words
from bot.publishing.assembly import Newsroom
from bot.publishing.dispatch import Dispatcher
from bot.publishing.law_reviews import LawReviews
from bot.publishing.planning import Planner
from bot.publishing.ports import Workdays
from bot.rights import Actor
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


class WeiboDoor(Protocol):
    """The authorisation of the federation's Weibo account."""

    async def begin(self, actor: Actor) -> str:
        """The address at which the person agrees. Raises NotAllowed."""
        ...

    async def finish(self, actor: Actor, *, state: str, code: str) -> object:
        """Exchange what came back for a token. Raises NotAllowed, NotAuthorised."""
        ...

    async def standing(self) -> object:
        """How it stands now: state, name, expires_at; nothing secret."""
        ...


@dataclass(frozen=True, kw_only=True)
class NewsroomParts:
    """What the pages of the newsroom work with.

    dispatcher, weibo: None until the program runs, and where nothing is sent from this process. uploads: makes pictures
    for posts. ways: how a channel publishes where a person has a part in it, as a code by channel.
    """

    room: Newsroom
    planner: Planner
    workdays: Workdays
    dispatcher: Callable[[], Dispatcher | None]
    weibo: Callable[[], WeiboDoor | None]
    uploads: PictureUploads
    ways: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AsMessage:
    """An entry as a chat message, cut where it has to be. size: bytes of all of it; most: how many there may be."""

    text: str
    size: int
    most: int


@dataclass(frozen=True, kw_only=True)
class KnowledgeParts:
    """What the knowledge desk works with.

    keeper: takes over a changed base, and explains why a question finds what it finds. categories: names of the
    groups of entries by id, in the editors' order. laws: what may be cited, by kind. as_page: the document that shows
    an entry and those it leads to as on the site; as_message: the same as workers get it in WeChat. Both are told the
    day and when this very text was confirmed.
    """

    desk: KnowledgeDesk
    answers: AnswerService
    keeper: BaseKeeper
    gatherer: Gatherer
    law_reviews: LawReviews
    categories: Mapping[str, str]
    laws: Mapping[str, Sequence[str]]
    as_page: Callable[[Entry, Sequence[Entry], date, date | None], Awaitable[str]]
    as_message: Callable[[Entry, Sequence[Entry], date, date | None], AsMessage]


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
    knowledge: KnowledgeParts
    newsroom: NewsroomParts | None = None

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def today(self) -> date:
        """The present day in China."""
        return local_date(self.clock.now())
