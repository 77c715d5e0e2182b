"""What handlers may use."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.answers.service import AnswerService
from bot.complaint_settings import Complaints
from bot.complaints.assembly import Desk
from bot.complaints.files.file_desk import FileDesk
from bot.complaints.quantities.seasons import LunarCalendar
from bot.wording import Wording

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork
    from bot.subscriptions.service import Subscriptions


class Store(Protocol):
    """Units of work for what has to be known before there is a reply; all else goes through `turn.then`."""

    def read(self) -> AbstractAsyncContextManager["UnitOfWork"]:
        """A consistent view."""
        ...

    def write(self) -> AbstractAsyncContextManager["UnitOfWork"]:
        """A transaction."""
        ...


Topics = Callable[[], Awaitable[Sequence[str]]]


async def _no_topics() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class ComplaintServices:
    """What registering and following need.

    base_url: the public address; empty where there is none. abroad: channels whose servers are outside the country;
    closed: channels on which no complaint is taken.
    """

    settings: Complaints
    desk: Desk
    files: FileDesk
    store: Store
    lunar: LunarCalendar
    base_url: str = ""
    abroad: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Services:
    """The capabilities, and the words the bot says itself. subscriptions: None where nothing is sent to anybody.

    topics: what posts are about, that of most posts first; raises StoreUnavailable. granting_page: by channel, where
    people agree to single notices; granting_template: of WeChat, to which they agree.
    """

    answers: AnswerService
    wording: Wording
    federation: str
    hotline: str
    office_hours: str
    complaints: ComplaintServices
    subscriptions: "Subscriptions | None" = None
    topics: Topics = _no_topics
    granting_page: Mapping[str, str] = field(default_factory=dict)
    granting_template: str = ""
