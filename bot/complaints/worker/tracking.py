"""What a worker with the receipt sees of a case: values without any id of staff, name or number.

A receipt may be found by somebody else, so name, phone and other ways of reaching the worker are only said
to be there; they can be replaced, not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.complaints.cases import Case, FileState, Nature, Statement
from bot.complaints.clocks.rules import Unit
from bot.complaints.lifecycle import State, Verdict
from bot.complaints.limits.guarding import Guarding
from bot.complaints.receipts import Receipt
from bot.complaints.roles import Confidentiality


class Can(StrEnum):
    """What the worker may do with the case as it stands."""

    SAY = "say"  # 留言
    ADD_FILES = "add_files"
    CORRECT = "correct"
    CHANGE_PASSING_ON = "change_passing_on"  # 同意、撤回转给别的单位
    COPY = "copy"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    ASK_DELETION = "ask_deletion"
    GIVE_VERDICT = "give_verdict"


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    """Something that is due to the worker.

    by: its last day; None while it is paused, or the calendar of its year is not known: then `count` and `unit` tell.
    statutory: the law sets it, else the federation promises it. citations: of the law.
    """

    rule: str
    title: str
    by: date | None
    count: int
    unit: Unit
    statutory: bool
    citations: tuple[str, ...] = ()
    paused: bool = False
    overdue: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """What a worker gets for filing; the receipt is nowhere else."""

    case_id: str
    number: str
    receipt: Receipt
    registered_at: datetime
    next_steps: tuple[NextStep, ...]
    guard: Guarding
    receipt_until: datetime
    """Till then the receipt can be shown once more in the same conversation."""


@dataclass(frozen=True, slots=True)
class ReceiptAgain:
    """A receipt that is shown for the last time."""

    case_id: str
    number: str
    receipt: Receipt


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicStep:
    """One line of the timeline that is for the worker. `kind` as in `TimelineEntry`, `data` codes."""

    happened_at: datetime
    kind: str
    by_worker: bool
    data: Mapping[str, str] = field(default_factory=dict)
    note: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackedMessage:
    """One message between worker and union."""

    id: str
    sent_at: datetime
    from_worker: bool
    text: str = field(repr=False)
    read: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackedFile:
    """One file of the case, without where it came from."""

    id: str
    name: str = field(repr=False)
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    state: FileState = FileState.KEPT
    added_at: datetime
    by_worker: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracking:
    """Everything that a receipt shows.

    passing_on: codes of the bodies named in the consent as it stands now.
    said: the statement as it stands now, without name, phone and contact; None once the content is deleted.
    sensitive: the worker agreed at filing that sensitive data are kept.
    verdict_asked: the case is closed and the worker has not said whether it helped.
    unread: messages from the union that were new with this look.
    notices: what whoever looks gets of news in this conversation; empty where that is not asked here.
    """

    case_id: str
    number: str
    registered_at: datetime
    changed_at: datetime
    state: State
    nature: Nature
    category: str
    district: str
    confidentiality: Confidentiality
    reason: str = ""
    recipient: str = ""
    outcome: str = ""
    verdict: Verdict | None = None
    verdict_asked: bool = False
    reachable: bool = False
    deletion_asked: bool = False
    passing_on: tuple[str, ...] = ()
    can: frozenset[Can] = frozenset()
    next_steps: tuple[NextStep, ...] = ()
    steps: tuple[PublicStep, ...] = ()
    messages: tuple[TrackedMessage, ...] = ()
    unread: int = 0
    files: tuple[TrackedFile, ...] = ()
    said: Statement | None = None
    sensitive: bool = False
    name_given: bool = False
    phone_given: bool = False
    contact_given: bool = False
    notices: str = ""
    guard: Guarding = field(default_factory=Guarding)


def where_it_stands(case: Case) -> Tracking:
    """What the case itself shows; nothing that was said or written."""
    return Tracking(
        case_id=case.id,
        number=case.number,
        registered_at=case.registered_at,
        changed_at=case.changed_at,
        state=case.state,
        nature=case.nature,
        category=case.category,
        district=case.district,
        confidentiality=case.confidentiality,
        reason=case.progress.reason,
        recipient=case.progress.recipient,
        outcome=case.progress.outcome,
        verdict=case.progress.verdict,
        reachable=case.reachable,
        passing_on=case.passing_on,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidThen:
    """One version of what the worker said, without name, phone and contact."""

    said_at: datetime
    by_worker: bool
    said: Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseCopy:
    """The worker's own copy: everything that the receipt shows, and every version of what was said."""

    made_at: datetime
    tracking: Tracking
    versions: tuple[SaidThen, ...]


class Kept(StrEnum):
    """What stays when content is deleted, and why; the page says so."""

    FIGURES = "figures"  # 编号、时间、类别、状态：统计用，看不出是谁
    AUDIT = "audit"  # 谁看过、改过的记录
    BACKUPS = "backups"  # 备份到期后清除
    PASSED_ON = "passed_on"  # 已转给别的单位的材料
    WHILE_HANDLED = "while_handled"  # 还在办理：办结或者撤回以后才能删


@dataclass(frozen=True, slots=True)
class Deletion:
    """A wish to delete, written down: a person decides on it. kept: what stays."""

    asked_at: datetime
    kept: tuple[Kept, ...]
