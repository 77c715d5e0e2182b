"""What a case is made of, as values: what was said, what was registered, what is seen of it.

Whoever holds one of these has been allowed to: services make them, the store seals and opens them.
Texts are never in `repr`, so that no log or error shows them by accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.complaints.lifecycle import Progress, State
from bot.complaints.quantities.typed import Bounds
from bot.complaints.roles import CaseFacts, Confidentiality


class Nature(StrEnum):
    """What somebody wants of the union, as 12351 counts it."""

    CONSULTATION = "consultation"  # 咨询
    CLAIM = "claim"  # 求决
    SUGGESTION = "suggestion"  # 意见建议


class Consent(StrEnum):
    """What the worker has agreed to, each asked by itself."""

    PERSONAL_DATA = "personal_data"  # 个人信息处理
    SENSITIVE_DATA = "sensitive_data"  # 敏感个人信息（单独同意）
    PASSING_ON = "passing_on"  # 转给点名的单位（单独同意）
    NOTICES = "notices"  # 有消息时提醒我
    CONTENT = "content"  # 提醒里写出经办人说的话
    ABROAD = "abroad"  # 信息经过境外服务器（单独同意）


class Direction(StrEnum):
    """Who a message is for."""

    FROM_WORKER = "from_worker"
    TO_WORKER = "to_worker"
    NOTE = "note"  # internal


class FileState(StrEnum):
    """Where a file stands."""

    WAITING = "waiting"  # named by a channel, not yet fetched
    KEPT = "kept"
    FAILED = "failed"  # could not be fetched; the worker is told
    REFUSED = "refused"  # not what is taken


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidQuantity:
    """A quantity as said and the range it allows; `low` and `high` None where it was not understood."""

    said: str = field(default="", repr=False)
    low: int | None = None
    high: int | None = None
    per: str = ""

    @property
    def bounds(self) -> Bounds | None:
        """The range, if there is one."""
        return None if self.low is None else Bounds(self.low, self.high)


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidDays:
    """A time as said, and the days that may be meant."""

    said: str = field(default="", repr=False)
    first: date | None = None
    last: date | None = None
    until_first: date | None = None
    until_last: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What the worker said. Sealed as JSON by the store; empty text means that nothing was said."""

    narrative: str = field(repr=False)
    wish: str = field(default="", repr=False)
    employer: str = field(default="", repr=False)
    site: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    since: SaidDays = SaidDays()
    employed: bool | None = None
    left: SaidDays = SaidDays()
    accident: SaidDays = SaidDays()
    people: SaidQuantity = SaidQuantity()
    money: SaidQuantity = SaidQuantity()
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filing:
    """Everything that is registered at once.

    topic: the FAQ topic from which the worker came. passing_on: codes of the bodies named in the consent.
    concerns: accounts of staff whom it is about, known only when staff file it. files: ids of kept or waiting files.
    draft: the draft whose files, all that it has by then, belong to the case as well.
    notify: the vendor's name of the person where news was asked for, else empty; with `person`, its keyed hash.
    grants: the kinds of notice that the channel lets us send there already.
    """

    nature: Nature
    category: str
    district: str
    confidentiality: Confidentiality
    channel: str
    statement: Statement
    consents: frozenset[Consent] = frozenset()
    passing_on: tuple[str, ...] = ()
    topic: str = ""
    urgent: bool = False
    about_union_staff: bool = False
    concerns: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    draft: str = ""
    person: str = ""
    notify: str = field(default="", repr=False)
    grants: tuple[str, ...] = ()
    logged_by: str = ""
    quarantined: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A case without what was said. `version` guards against two people saving at once."""

    id: str
    number: str
    version: int
    registered_at: datetime
    changed_at: datetime
    channel: str
    nature: Nature
    category: str
    district: str
    confidentiality: Confidentiality
    progress: Progress
    owner: str = ""
    helpers: frozenset[str] = frozenset()
    employer: str = ""
    site: str = ""
    people: Bounds | None = None
    money: Bounds | None = None
    urgent: bool = False
    collective: bool = False
    about_union_staff: bool = False
    concerns: frozenset[str] = frozenset()
    quarantined: bool = False
    call_back_due: bool = False
    reachable: bool = False
    passing_on: tuple[str, ...] = ()
    next_due: date | None = None
    next_rule: str = ""
    warn_on: date | None = None
    first_contact_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    ask_verdict_at: datetime | None = None
    logged_by: str = ""
    content_deleted_at: datetime | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.progress.state

    @property
    def facts(self) -> CaseFacts:
        """What decides who may see it."""
        return CaseFacts(
            id=self.id,
            district=self.district,
            confidentiality=self.confidentiality,
            handlers=frozenset({self.owner} - {""}) | self.helpers,
            about_union_staff=self.about_union_staff,
            concerns=self.concerns,
            quarantined=self.quarantined,
            call_back_due=self.call_back_due,
            passing_on_consented=bool(self.passing_on),
            logged_by=self.logged_by,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One thing that happened to a case. kind: an `Event` of the lifecycle, or another code (`registered`)."""

    id: str
    happened_at: datetime
    by: str
    kind: str
    data: Mapping[str, str] = field(default_factory=dict)
    note: str = field(default="", repr=False)
    public: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMessage:
    """One message, or an internal note."""

    id: str
    sent_at: datetime
    by: str
    direction: Direction
    text: str = field(repr=False)
    read_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileMeta:
    """What is known of a file; sealed. Hashes are SHA-256 in hex, of the original and of the copy for reading.

    reading: whether there is a copy without metadata that may be shown. remote: where a channel keeps it until fetched.
    """

    name: str = field(default="", repr=False)
    media_type: str = ""
    sha256: str = ""
    size: int = 0
    reading: str = ""
    reading_sha256: str = ""
    remote: Mapping[str, str] = field(default_factory=dict, repr=False)
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """One file of a case or of a draft."""

    id: str
    case: str
    draft: str
    person: str
    added_at: datetime
    by: str
    state: FileState
    size: int
    meta: FileMeta
    attempts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Employer:
    """One employer of the register. credit_code: 统一社会信用代码, when known."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    credit_code: str = ""
    merged_into: str = ""
