"""The tables of staff: accounts, sessions, saved views, notices, and the audit log."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


class StaffRow(SQLModel, table=True):
    """One account. Name, address of mail and the TOTP secret are sealed; the password is an Argon2id hash."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("login", name="uq_staff_login"),)

    id: str = Field(primary_key=True, max_length=32)
    login: str = Field(max_length=64)
    role: str = Field(max_length=16)
    districts: str = Field(default="", sa_type=Text)
    active: bool = True
    profile: bytes = Field(sa_type=LargeBinary)
    password: str = Field(max_length=255)
    must_change: bool = True
    totp: bytes | None = Field(default=None, sa_type=LargeBinary)
    totp_last_step: int = 0
    recovery_codes: str = Field(default="[]", sa_type=Text)
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    last_login_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffSessionRow(SQLModel, table=True):
    """One signed-in browser, under the keyed hash of its token."""

    __tablename__ = "staff_session"

    token: str = Field(primary_key=True, max_length=64)
    staff: str = Field(max_length=32, index=True)
    began_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
    stage: str = Field(default="full", max_length=16)
    data: bytes | None = Field(default=None, sa_type=LargeBinary)


class SavedViewRow(SQLModel, table=True):
    """A named filter of the case list; its words are sealed, as a filter may name an employer."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff", "name", name="uq_saved_view"),)

    id: int | None = Field(default=None, primary_key=True)
    staff: str = Field(max_length=32)
    name: str = Field(max_length=64)
    filter: bytes = Field(sa_type=LargeBinary)


class StaffNoticeRow(SQLModel, table=True):
    """One notice to one member of staff by one road: case number and what is due, nothing else."""

    __tablename__ = "staff_notice"
    __table_args__ = (
        UniqueConstraint("key", name="uq_staff_notice_key"),
        Index("ix_staff_notice_state", "state", "next_at"),
        Index("ix_staff_notice_staff", "staff", "seen_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    key: str = Field(max_length=160)
    staff: str = Field(default="", max_length=32)
    road: str = Field(max_length=16)
    kind: str = Field(max_length=32)
    number: str = Field(default="", max_length=32)
    case: str = Field(default="", max_length=32)
    data: str = Field(default="{}", sa_type=Text)
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(max_length=16)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", max_length=255)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WorkerNoticeRow(SQLModel, table=True):
    """One neutral notice to a worker ("there is news") over a link that was asked for."""

    __tablename__ = "worker_notice"
    __table_args__ = (Index("ix_worker_notice_state", "state", "next_at"),)

    id: str = Field(primary_key=True, max_length=32)
    case: str = Field(max_length=32, index=True)
    link: int
    kind: str = Field(max_length=32)
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(max_length=16)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", max_length=255)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditRow(SQLModel, table=True):
    """One entry of the audit log, chained: `mac` is over the row and the mac before.

    In place of the sealed text the mac covers its keyed digest: a text may be sealed anew or deleted when its
    time is over, and the chain still holds.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "seq"), Index("ix_audit_actor", "actor", "seq"))

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=32)
    subject: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=32)
    data: str = Field(default="{}", sa_type=Text)
    text: bytes | None = Field(default=None, sa_type=LargeBinary)
    text_digest: str = Field(default="", max_length=64)
    mac: str = Field(max_length=64)
