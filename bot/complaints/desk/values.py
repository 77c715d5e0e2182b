"""What staff see of cases: rows of a list, the page of one case, forms for its next steps.

Values only, made by the desk for one viewer: what the viewer may not see is not in them. Texts are never in `repr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.complaints.cases import Direction, FileState, Nature, SaidDays, SaidQuantity
from bot.complaints.clocks.deadlines import Colour
from bot.complaints.clocks.deadlines import State as ClockState
from bot.complaints.clocks.rules import Kind, Unit
from bot.complaints.lifecycle import Event, Fact, Progress, State
from bot.complaints.quantities.ranges import Bounds
from bot.complaints.roles import Action, Confidentiality


@dataclass(frozen=True, slots=True)
class Seen:
    """Which state of a case somebody had before their eyes; `str()` and `parse` for a hidden form field."""

    version: int
    at: datetime | None = None

    def __str__(self) -> str:
        """`version@instant`."""
        return f"{self.version}@{self.at.isoformat() if self.at else ''}"

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The value of that text. Raises ValueError."""
        version, _, at = text.partition("@")
        moment = datetime.fromisoformat(at) if at else None
        if moment is not None and moment.tzinfo is None:
            raise ValueError("naive instant")
        return cls(int(version), moment)


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRowView:
    """One case in a list. Nothing personal; `employer_name` is that of the register.

    colour: of the next deadline; grey without one. mine: the viewer handles it.
    """

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
    state: State
    employer: str
    employer_name: str
    people: Bounds | None
    money: Bounds | None
    next_due: date | None
    next_rule: str
    next_title: str
    colour: Colour
    owner: str
    helpers: frozenset[str]
    concerns: frozenset[str]
    urgent: bool
    collective: bool
    about_union_staff: bool
    quarantined: bool
    call_back_due: bool
    reachable: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class CaseList:
    """One page of a list and how many cases there are in all."""

    rows: tuple[CaseRowView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Badges:
    """How many open cases wait for the viewer, by the saved views of that name."""

    mine: int
    unassigned: int
    due: int
    overdue: int
    urgent: int
    collective: int
    quarantined: int
    call_back: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementView:
    """What the worker said, personal data masked. `masked`: something was; `reveal` shows it.

    has_name, has_phone, has_contact: whether there is something to be revealed.
    """

    narrative: str = field(repr=False)
    wish: str = field(repr=False)
    employer: str = field(repr=False)
    site: str = field(repr=False)
    since: SaidDays
    employed: bool | None
    left: SaidDays
    accident: SaidDays
    people: SaidQuantity
    money: SaidQuantity
    extra: Mapping[str, str] = field(repr=False)
    has_name: bool
    has_phone: bool
    has_contact: bool
    masked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierStatement:
    """What was said before it was corrected."""

    said_at: datetime
    by: str
    statement: StatementView


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeView:
    """One line of the timeline as the viewer may see it. kind: a code with its word at `handling.kind.<kind>`."""

    id: str
    happened_at: datetime
    by: str
    kind: str
    data: Mapping[str, str]
    note: str = field(repr=False)
    public: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageView:
    """One message or note; personal data masked in what the worker wrote."""

    id: str
    sent_at: datetime
    by: str
    direction: Direction
    text: str = field(repr=False)
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileView:
    """One file. Only `has_reading` may be shown in the page; others are downloaded."""

    id: str
    added_at: datetime
    by: str
    state: FileState
    size: int
    name: str = field(repr=False)
    media_type: str
    sha256: str
    has_reading: bool
    fault: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockView:
    """One clock. `unknown_year`: then `due` is only the earliest day that it can be.

    extendable: by how many units at most it may still be extended; None where it may not.
    """

    id: int
    rule: str
    title: str
    about: str
    kind: Kind
    statutory: bool
    verified: bool
    citations: tuple[str, ...]
    source: str
    started_on: date
    state: ClockState
    colour: Colour
    due: date | None
    unknown_year: int | None
    remaining: int | None
    unit: Unit
    overdue_by: int
    extendable: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepForm:
    """One step that the viewer may take now and what its form asks for.

    reasons, outcomes, recipients, verdicts: codes to choose from, empty where none is asked; `reason_labels` and so
    on are keys of words, recipients carry their names. tells_worker: a text for the worker is needed.
    asks_until: the form asks until when the worker may answer. lacking: why it cannot be taken yet; empty when it can.
    templates: ids of template texts that fit.
    """

    event: Event
    label: str
    needs: frozenset[Fact]
    reasons: Mapping[str, str]
    outcomes: Mapping[str, str]
    recipients: Mapping[str, str]
    verdicts: Mapping[str, str]
    tells_worker: bool
    asks_until: bool
    asks_target: bool
    lacking: frozenset[Fact]
    templates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """One case for one viewer. What the viewer may not see is None or empty; `may` says which buttons to show.

    statement None: not allowed, or the content was deleted (`content_deleted_at`). members: numbers of the
    cases merged into this one that the viewer may see. unreachable: it cannot be told by message that there is news.
    employer_hints: entries of the register that fit what the worker said, while none is chosen.
    """

    row: CaseRowView
    seen: Seen
    progress: Progress
    may: frozenset[Action]
    statement: StatementView | None
    earlier: tuple[EarlierStatement, ...]
    messages: tuple[MessageView, ...]
    notes: tuple[MessageView, ...]
    files: tuple[FileView, ...]
    timeline: tuple[ChangeView, ...]
    clocks: tuple[ClockView, ...]
    steps: tuple[StepForm, ...]
    members: tuple[str, ...]
    employer_hints: tuple[tuple[str, str], ...]
    passing_on: tuple[str, ...]
    unreachable: bool
    logged_by: str
    first_contact_at: datetime | None
    accepted_at: datetime | None
    closed_at: datetime | None
    content_deleted_at: datetime | None


class Personal(StrEnum):
    """What is hidden until asked for."""

    IDENTITY = "identity"  # name
    CONTACT = "contact"  # phone, other contact
    FULL_TEXT = "full_text"  # what was said and written, nothing masked


@dataclass(frozen=True, kw_only=True, slots=True)
class Revealed:
    """What was hidden. Only the parts asked for are filled in. `texts`: statement and messages by id, unmasked."""

    what: Personal
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    narrative: str = field(default="", repr=False)
    wish: str = field(default="", repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintSheet:
    """What stands on the printed sheet. name, phone, contact are empty unless printed with identity."""

    page: CasePage
    printed_at: datetime
    printed_by: str
    with_identity: bool
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralProposal:
    """A text to pass on. identity_allowed: name and contact may go along, as the worker agreed to this body.

    marks: which kinds of personal data were masked in it (`phone`, `name`, ...).
    """

    recipient: str
    text: str = field(repr=False)
    identity_allowed: bool
    marks: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingView:
    """A possible collective matter. cases: id and number of those that the viewer may see; `hidden`: how many more."""

    id: str
    kind: str
    opened_on: date
    employer: str
    employer_name: str
    district: str
    cases: tuple[tuple[str, str], ...]
    hidden: int
