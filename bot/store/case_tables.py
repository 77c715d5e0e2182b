"""The tables of complaints. What people said is sealed with the case's own key; plain columns hold codes and figures.

A sealed column of a case is bound to table, field and record by `sealed_context`, so that a ciphertext
moved elsewhere is noticed. Deleting the wrapped key of a case deletes everything sealed with it.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


def _few(name: str, column: str, *, sqlite: str, postgresql: str) -> Index:
    """An index of the few rows for which that holds; one of all rows would mislead whoever looks for the others."""
    return Index(name, column, sqlite_where=text(sqlite), postgresql_where=text(postgresql))


_COUNTED = (
    "quarantined", "concerns", "category", "district", "channel", "state", "verdict", "receipt_used_at", "accepted_at",
)  # fmt: skip
"""What figures are made of: an index that holds it all spares reading every case."""

_LISTED = (
    "state", "district", "owner", "about_union_staff", "quarantined", "concerns", "urgent", "collective", "next_due",
    "registered_at", "id",
)  # fmt: skip
"""What decides who sees a case in which list, and where it stands there; see above."""


class CaseRow(SQLModel, table=True):
    """One registered case: where it stands and what lists and figures are made of.

    key: the case's own key, wrapped by the ring; None once the content has been deleted.
    receipt: the keyed hash of the receipt. progress: `lifecycle.Progress` as JSON, codes only.
    money: fen. next_due, warn_on: the clock to look at, kept with every change of a clock.
    """

    __tablename__ = "complaint_case"
    __table_args__ = (
        UniqueConstraint("number", name="uq_complaint_case_number"),
        UniqueConstraint("receipt", name="uq_complaint_case_receipt"),
        Index("ix_complaint_case_district_state", "district", "state", "registered_at"),
        Index("ix_complaint_case_owner_state", "owner", "state"),
        Index("ix_complaint_case_employer", "employer", "registered_at"),
        Index("ix_complaint_case_next_due", "next_due"),
        Index("ix_complaint_case_state_registered", "state", "registered_at"),
        _few("ix_complaint_case_call_back", "registered_at", sqlite="call_back_due = 1", postgresql="call_back_due"),
        _few("ix_complaint_case_quarantined", "registered_at", sqlite="quarantined = 1", postgresql="quarantined"),
        Index("ix_complaint_case_lists", *_LISTED),
        Index("ix_complaint_case_figures", "registered_at", *_COUNTED),
        Index("ix_complaint_case_closed", "closed_at", "quarantined", "concerns", "state", "registered_at"),
        _few("ix_complaint_case_concerns", "concerns", sqlite="concerns != ''", postgresql="concerns != ''"),
        _few("ix_complaint_case_helpers", "helpers", sqlite="helpers != ''", postgresql="helpers != ''"),
    )

    id: str = Field(primary_key=True, max_length=32)
    number: str = Field(max_length=32)
    version: int = 1
    registered_at: datetime = Field(sa_type=UtcDateTime, index=True)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    channel: str = Field(max_length=32)
    nature: str = Field(max_length=16)
    category: str = Field(max_length=32, index=True)
    district: str = Field(max_length=32)
    confidentiality: str = Field(max_length=16)
    urgent: bool = False
    collective: bool = False
    about_union_staff: bool = False
    concerns: str = Field(default="", sa_type=Text)
    quarantined: bool = False
    call_back_due: bool = False
    reachable: bool = False
    passing_on: str = Field(default="", sa_type=Text)
    state: str = Field(max_length=16)
    progress: str = Field(sa_type=Text)
    owner: str = Field(default="", max_length=32)
    helpers: str = Field(default="", sa_type=Text)
    employer: str = Field(default="", max_length=32)
    site: str = Field(default="", max_length=32)
    people_low: int | None = Field(default=None, sa_type=BigInteger)
    people_high: int | None = Field(default=None, sa_type=BigInteger)
    money_low: int | None = Field(default=None, sa_type=BigInteger)
    money_high: int | None = Field(default=None, sa_type=BigInteger)
    next_due: date | None = None
    next_rule: str = Field(default="", max_length=64)
    warn_on: date | None = None
    first_contact_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    verdict: str = Field(default="", max_length=16)
    ask_verdict_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    receipt: str = Field(max_length=80)
    receipt_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    logged_by: str = Field(default="", max_length=32)
    merged_into: str = Field(default="", max_length=32, index=True)
    key: bytes | None = Field(default=None, sa_type=LargeBinary)
    content_deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CaseStatementRow(SQLModel, table=True):
    """What the worker said, as JSON, sealed. A correction adds a row; the last one counts."""

    __tablename__ = "case_statement"

    id: str = Field(primary_key=True, max_length=32)
    case: str = Field(max_length=32, index=True)
    position: int
    said_at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=64)
    content: bytes = Field(sa_type=LargeBinary)


class CaseEventRow(SQLModel, table=True):
    """One line of the timeline: codes in the open, words sealed. Never changed.

    position: its place among the lines of the case, as several may have happened at one instant.
    """

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case", "case", "position"),)

    id: str = Field(primary_key=True, max_length=32)
    case: str = Field(max_length=32)
    position: int
    happened_at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=64)
    kind: str = Field(max_length=32)
    data: str = Field(sa_type=Text)
    note: bytes | None = Field(default=None, sa_type=LargeBinary)
    public: bool = False


class CaseMessageRow(SQLModel, table=True):
    """One message between worker and cadre, or an internal note, sealed."""

    __tablename__ = "case_message"
    __table_args__ = (Index("ix_case_message_case", "case", "position"),)

    id: str = Field(primary_key=True, max_length=32)
    case: str = Field(max_length=32)
    position: int
    sent_at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=64)
    direction: str = Field(max_length=16)
    text: bytes = Field(sa_type=LargeBinary)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CaseFileRow(SQLModel, table=True):
    """One file of a case or of a draft. Bytes lie sealed in the file store under `id` and the file's own key.

    case: empty while the file belongs to a draft of `person`. meta: name, type, hashes as JSON, sealed.
    """

    __tablename__ = "case_file"

    id: str = Field(primary_key=True, max_length=32)
    case: str = Field(default="", max_length=32, index=True)
    draft: str = Field(default="", max_length=32, index=True)
    person: str = Field(default="", max_length=64, index=True)
    added_at: datetime = Field(sa_type=UtcDateTime, index=True)
    by: str = Field(max_length=64)
    state: str = Field(max_length=16)
    size: int = 0
    key: bytes = Field(sa_type=LargeBinary)
    meta: bytes = Field(sa_type=LargeBinary)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class CaseClockRow(SQLModel, table=True):
    """One running period of a case. events: what happened to it, as JSON; due_on and warn_on follow from them."""

    __tablename__ = "case_clock"
    __table_args__ = (
        UniqueConstraint("case", "rule", "started_on", name="uq_case_clock"),
        Index("ix_case_clock_figures", "rule", "state", "due_on", "started_on", "case"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=32, index=True)
    rule: str = Field(max_length=64)
    started_on: date
    events: str = Field(default="[]", sa_type=Text)
    state: str = Field(max_length=16)
    due_on: date | None = Field(default=None, index=True)
    warn_on: date | None = Field(default=None, index=True)
    unknown_year: int | None = None
    warned: str = Field(default="", max_length=32)


class ReceiptRow(SQLModel, table=True):
    """A receipt that may be shown once more, sealed; gone when confirmed or after 24 hours."""

    __tablename__ = "receipt_waiting"

    case: str = Field(primary_key=True, max_length=32)
    person: str = Field(max_length=64, index=True)
    receipt: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class CaseLinkRow(SQLModel, table=True):
    """Where news of a case may be told, because the worker asked for it: the vendor's name of the person, sealed."""

    __tablename__ = "case_link"
    __table_args__ = (UniqueConstraint("case", "person", name="uq_case_link"),)

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=32, index=True)
    person: str = Field(max_length=64, index=True)
    channel: str = Field(max_length=32)
    address: bytes = Field(sa_type=LargeBinary)
    grants: str = Field(default="", sa_type=Text)
    linked_at: datetime = Field(sa_type=UtcDateTime)


class BlindIndexRow(SQLModel, table=True):
    """A keyed hash under which something sealed is found, exactly. version: of the hash key."""

    __tablename__ = "blind_index"
    __table_args__ = (UniqueConstraint("kind", "hash", "subject", name="uq_blind_index"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    hash: str = Field(max_length=80)
    version: int = 1
    subject: str = Field(max_length=32, index=True)


class EmployerRow(SQLModel, table=True):
    """One employer of the register: names and credit code sealed, found by blind index."""

    __tablename__ = "employer"

    id: str = Field(primary_key=True, max_length=32)
    made_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    content: bytes = Field(sa_type=LargeBinary)
    merged_into: str = Field(default="", max_length=32)


class RadarRow(SQLModel, table=True):
    """A possible collective matter that the radar found, until somebody decides."""

    __tablename__ = "radar_finding"
    __table_args__ = (UniqueConstraint("kind", "subject", "opened_on", name="uq_radar_finding"),)

    id: str = Field(primary_key=True, max_length=32)
    kind: str = Field(max_length=16)
    subject: str = Field(max_length=32)
    district: str = Field(default="", max_length=32)
    opened_on: date
    cases: str = Field(sa_type=Text)
    state: str = Field(max_length=16)
    decided_by: str = Field(default="", max_length=32)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CallRow(SQLModel, table=True):
    """A question that was answered on the telephone or at the counter: codes only, of no person, and no case."""

    __tablename__ = "answered_call"

    id: str = Field(primary_key=True, max_length=32)
    taken_at: datetime = Field(sa_type=UtcDateTime, index=True)
    by: str = Field(max_length=32)
    channel: str = Field(max_length=32)
    nature: str = Field(max_length=32)
    category: str = Field(default="", max_length=32)
    district: str = Field(default="", max_length=32)
    topic: str = Field(default="", max_length=64)


class AttemptRow(SQLModel, table=True):
    """How often something was tried of late from one source: receipts, filings, logins. Keyed hashes only."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("kind", "source", "window", name="uq_attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    source: str = Field(max_length=64)
    window: datetime = Field(sa_type=UtcDateTime, index=True)
    count: int = 0
