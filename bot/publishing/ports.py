"""What publishing asks of the outside world: renderers, senders, media, working days, triggers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Rendering


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What surrounds every post. base_url: of our site, without a slash at its end; empty where there is none.

    `page_of` a post is its landing page. cover: sha256 of the drawn or uploaded cover, empty where there is none.
    """

    federation: str
    short_name: str
    hotline: str
    base_url: str = ""
    cover: str = ""

    def page_of(self, slug: str) -> str:
        """The address of the landing page; empty without a site."""
        return f"{self.base_url}/posts/{slug}" if self.base_url else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a channel takes, in its own unit: stated, not guessed. 0: no limit, or not a part of this channel."""

    title: int = 0
    author: int = 0
    digest: int = 0
    text: int = 0
    body_bytes: int = 0
    pictures: int = 0
    picture_bytes: int = 0


class Ability(StrEnum):
    """What a channel can do besides publishing."""

    EDIT = "edit"
    WITHDRAW = "withdraw"
    RECONCILE = "reconcile"  # it can be asked whether something is there


@dataclass(frozen=True, slots=True)
class Preview:
    """A rendering as it will look: HTML for a sandboxed frame. css: of that frame only. text: to copy by hand."""

    html: str
    css: str = ""
    text: str = ""


class Renderer(Protocol):
    """How a post looks on a channel. Pure: the same content and frame give the same rendering."""

    channel: str
    limits: Limits

    def render(self, content: Content, frame: Frame) -> Rendering:
        """The post as the channel will get it. Never fails: what does not fit is for `check` to say."""
        ...

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """What the channel would not take, or take wrongly."""
        ...

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """How it will look. pictures: their addresses for the preview, by digest."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """What a sender gets. key: the same for every attempt at this delivery, for platforms that take such a key.

    earlier: the platform's id of what is edited or withdrawn. pictures: bytes by sha256.
    taken: when the platform is asked, its ids and addresses of what other deliveries of the post have published there:
    none of that is this one's.
    confirmed_address: the internet address of the person who confirmed, where a platform demands it.
    """

    delivery: str
    key: str
    kind: Kind
    rendering: Rendering
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    earlier: str = ""
    taken: frozenset[str] = frozenset()
    confirmed_by: str = ""
    confirmed_address: str = ""


class Memory(Protocol):
    """What a sender remembers of one delivery between its steps; every word is committed before the call returns."""

    def get(self, name: str) -> str:
        """What was kept under that name; empty when nothing was."""
        ...

    async def keep(self, name: str, value: str) -> None:
        """Keep what the platform answered to a step that nobody can see. Raises LeaseLost."""
        ...

    async def intend(self) -> None:
        """Commit that the next call makes it public. Must be awaited directly before that call. Raises LeaseLost."""
        ...

    async def note(self, code: str, detail: str = "") -> None:
        """Write what the platform said into the delivery's log; secrets are removed."""
        ...


class Sender(Protocol):
    """How a post gets to a channel. A call never raises for what the platform does: it ends in an Outcome.

    attended: a person confirms at the due time before `send` is called (Weibo by default, by hand always).
    """

    channel: str
    abilities: frozenset[Ability]
    attended: bool
    per_minute: int
    """Calls of `send` at most; 0: as many as come."""

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Publish, edit or withdraw. `memory.intend()` stands before the first call that anybody could see."""
        ...

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Ask the platform what came of it.

        Sent; Refused(code="not_there") when it is surely not there; Waiting while it is still at work; Unknown when it
        cannot tell.
        """
        ...

    async def health(self) -> "ChannelHealth":
        """Credentials, rights and quota, asked without changing anything; for the doctor and the channel page."""
        ...


class HealthState(StrEnum):
    """Whether a channel can be used."""

    READY = "ready"
    UNAUTHORISED = "unauthorised"  # a person has to authorise it (again)
    NOT_GRANTED = "not_granted"  # the account has not the right
    UNREACHABLE = "unreachable"
    FAULTY = "faulty"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelHealth:
    """How a channel is. expires_at: of the authorisation. quota: what is left by name, e.g. {"posts_today": 3}."""

    state: HealthState
    detail: str = ""
    expires_at: datetime | None = None
    lasts: timedelta | None = None
    quota: Mapping[str, int] = field(default_factory=dict)


class Pictures(Protocol):
    """Pictures by their sha256: covers that the program drew and what staff uploaded."""

    async def put(self, data: bytes) -> str:
        """Keep a picture; its sha256. Safe to repeat. Raises BadPicture for what is no JPEG or PNG."""
        ...

    async def get(self, digest: str) -> bytes | None:
        """The picture, or None."""
        ...


class CoverPainter(Protocol):
    """Draws covers. The same words and colours give the same bytes."""

    def paint(self, lines: Sequence[str], tone: str, name: str) -> bytes:
        """A JPEG of 900 x 383 pixels: the title on the federation's colours, its name below."""
        ...


class Workdays(Protocol):
    """Which days are worked in China."""

    def is_working(self, day: date) -> bool:
        """Whether that day is worked. Raises bot.workdays.UnknownYear for a year without a calendar."""
        ...


class Triggers(Protocol):
    """When something recurs."""

    def next_after(self, rule: Mapping[str, str], after: datetime) -> datetime | None:
        """The first instant behind `after`, in UTC, of a rule reckoned in Asia/Shanghai; None when there is none."""
        ...
