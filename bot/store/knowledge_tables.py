"""The tables of the knowledge desk: drafts of entries, their writers, confirmations, what was made of questions."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


class EntryDraftRow(SQLModel, table=True):
    """One version of a FAQ entry on its way through the knowledge desk; the live base is in `entry`.

    base: number of the live version it was made from; it is refused as stale when another has gone live since.
    """

    __tablename__ = "entry_draft"
    __table_args__ = (
        Index("ix_entry_draft_topic", "topic", "state"),
        Index("ix_entry_draft_state", "state", "changed_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    topic: str = Field(max_length=80)
    title: str = Field(default="", max_length=120)
    source: str = Field(sa_type=Text)
    base: int = 0
    state: str = Field(max_length=16)
    author: str = Field(max_length=32)
    version: int = 1
    made_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str = Field(default="", max_length=32)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    comment: str = Field(default="", sa_type=Text)


class EntryWriterRow(SQLModel, table=True):
    """Somebody wrote in a draft, and so does not agree to it."""

    __tablename__ = "entry_writer"

    draft: str = Field(primary_key=True, max_length=32)
    staff: str = Field(primary_key=True, max_length=32)
    wrote: bool = True


class EntryConfirmationRow(SQLModel, table=True):
    """Somebody of the federation's own legal staff has confirmed this text of an entry.

    digest: that of `faq_entry`. version: its number then, 0 where that is not known. withdrawn_at: when it was taken
    back; it holds while that is empty.
    """

    __tablename__ = "entry_confirmation"

    topic: str = Field(primary_key=True, max_length=64)
    digest: str = Field(primary_key=True, max_length=64)
    version: int = 0
    confirmed_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_by: str = Field(max_length=64)
    note: str = Field(default="", max_length=200)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: str = Field(default="", max_length=64)
    withdrawn_why: str = Field(default="", max_length=200)


class QuestionMarkRow(SQLModel, table=True):
    """What staff made of a recorded question: phrasing, entry, dismissed. It is not listed any more."""

    __tablename__ = "question_mark"

    question: str = Field(primary_key=True, max_length=32)
    what: str = Field(max_length=16)
    by: str = Field(max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
