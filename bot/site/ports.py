"""What the site asks of the outside, and the parts it is built from."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.answers.entries import Entry
from bot.answers.service import Answered
from bot.clock import Clock
from bot.keyring import KeyRing
from bot.laws.statutes import StatuteText
from bot.messages import Choice, Message, Reply
from bot.settings import Federation
from bot.site.desk import SiteDesk
from bot.site.reads import ReadCounter
from bot.site.shelf import ShelfWork
from bot.subscriptions.service import Subscriptions
from bot.wording import Wording

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class Statutes(Protocol):
    """Where statute texts are found."""

    async def find(self, law: str, wanted: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], StatuteText]:
        """Those of the wanted (article, suffix) pairs whose text has been loaded."""
        ...


class RememberedState(Protocol):
    """A state as it was found."""

    @property
    def state(self) -> dict[str, Any]:
        """What is remembered; empty where there is nothing."""
        ...

    @property
    def version(self) -> int:
        """Which state it is."""
        ...


class Memory(Protocol):
    """Sealed state by person."""

    async def find(self, person: str, not_before: datetime) -> RememberedState:
        """The remembered state; empty when there is none or it is older than that."""
        ...

    async def version(self, person: str) -> int:
        """The version of the state, whether or not it can be opened."""
        ...

    async def save(self, person: str, channel: str, state: dict[str, Any], now: datetime, version: int) -> bool:
        """Remember this instead of the state of that version; False when it is another now."""
        ...


class Ballot(Protocol):
    """Where votes on entries are kept."""

    async def cast(  # noqa: PLR0913 - a vote has that many facts, all named
        self, *, person: str, topic: str, question: str, channel: str, helpful: bool, now: datetime
    ) -> None:
        """Count this vote; a person's earlier vote on the entry is replaced."""
        ...


class Forgetting(Protocol):
    """Deletes what is kept about people."""

    async def forget(self, person: str) -> int:
        """Delete everything of that person; how many rows went."""
        ...


class SiteWork(Protocol):
    """The part of a unit of work that the site uses."""

    @property
    def articles(self) -> Statutes:
        """The statute texts."""
        ...

    @property
    def conversations(self) -> Memory:
        """Sealed state by person."""
        ...

    @property
    def votes(self) -> Ballot:
        """Votes on entries."""
        ...

    @property
    def people(self) -> Forgetting:
        """What is kept about people."""
        ...

    async def commit(self) -> None:
        """Make everything done so far durable."""
        ...


class Answers(Protocol):
    """The answering side as the site sees it."""

    def served(self, on: datetime) -> Mapping[str, Entry]:
        """The entries that may be served now, by topic."""
        ...

    def confirmed_on(self, topic: str) -> date | None:
        """The day on which the federation's legal staff confirmed what the entry says now; None: they have not."""
        ...

    def hot(self, on: datetime) -> Sequence[Entry]:
        """The questions shown first."""
        ...

    def hot_choices(self, on: datetime) -> Sequence[Choice]:
        """The questions shown first, as choices."""
        ...

    async def ask(self, text: str, on: datetime) -> Answered:
        """Answer a question. Never raises for any text."""
        ...

    async def search(self, text: str, on: datetime, limit: int = 10) -> Sequence[Entry]:
        """The entries nearest to a text, best first."""
        ...


class Receiver(Protocol):
    """The door through which messages come in."""

    async def receive(self, message: Message) -> Reply | None:
        """Handle a message once and say what to reply; None says nothing."""
        ...


@dataclass(frozen=True, slots=True)
class CasesKept:
    """For how many years the content of cases is kept. others: names of categories with years of their own.

    approval: whether somebody agrees before it is deleted.
    """

    closed_years: int = 3
    withdrawn_years: int = 1
    others: Sequence[tuple[str, int]] = ()
    approval: bool = True


@dataclass(frozen=True, slots=True)
class SitePosts:
    """What the pages of posts are made of."""

    read: Callable[[], AbstractAsyncContextManager[ShelfWork]]
    reads: ReadCounter


@dataclass(frozen=True, slots=True)
class SiteSubscriptions:
    """What the pages of subscriptions are made of."""

    service: Subscriptions
    read: Callable[[], AbstractAsyncContextManager["UnitOfWork"]]
    write: Callable[[], AbstractAsyncContextManager["UnitOfWork"]]


@dataclass(frozen=True, slots=True)
class SiteParts:
    """What the site is built from.

    `answer_within` is how many seconds a person looks at a loading page before being told that
    the service is busy. `retention_days`, `retry_minutes` and `backup_copies` (0 without daily
    copies) and `cases_kept` are what the privacy page promises. `desk` is None where no complaints are taken,
    `posts` where nothing is published here, `subscriptions` where nobody can subscribe. `telegram`: whether the bot
    there answers people, `telegram_complaints`: and takes complaints.
    """

    answers: Answers
    inbox: Receiver
    read: Callable[[], AbstractAsyncContextManager[SiteWork]]
    write: Callable[[], AbstractAsyncContextManager[SiteWork]]
    keys: KeyRing
    clock: Clock
    wording: Wording
    federation: Federation
    apology: Reply
    retention_days: int
    retry_minutes: int
    backup_copies: int
    longest_question: int
    most_bytes: int
    wechat: bool = False
    telegram: bool = False
    telegram_complaints: bool = False
    base_url: str | None = None
    verify_files: Mapping[str, str] = field(default_factory=dict)
    answer_within: float = 12.0
    desk: SiteDesk | None = None
    posts: SitePosts | None = None
    subscriptions: SiteSubscriptions | None = None
    cases_kept: CasesKept = field(default_factory=CasesKept)
