"""The tables. Rows stay inside `store/`; values that people see are built from them.

SQLModel does not validate rows of tables, so a row is never our validation.
Sealed columns (`LargeBinary`) are AES-GCM bound to table, field and record.
"""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


class InboundRow(SQLModel, table=True):
    """One handled message with its prepared reply.

    A row lives for the retry window and is then deleted.
    """

    __tablename__ = "inbound"
    __table_args__ = (UniqueConstraint("channel", "key", name="uq_inbound_channel_key"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=32)
    key: str = Field(max_length=255)
    person: str = Field(max_length=64, index=True)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    reply: bytes | None = Field(default=None, sa_type=LargeBinary)


class ConversationRow(SQLModel, table=True):
    """What a dialogue has to remember about one person in one channel."""

    __tablename__ = "conversation"

    person: str = Field(primary_key=True, max_length=64)
    channel: str = Field(max_length=32)
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    state: bytes = Field(sa_type=LargeBinary)
    updated_at: datetime = Field(sa_type=UtcDateTime, index=True)


class QuestionRow(SQLModel, table=True):
    """A question as it was answered; the text is redacted first and sealed."""

    __tablename__ = "question"

    id: str = Field(primary_key=True, max_length=32)
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    channel: str = Field(max_length=32)
    person: str = Field(max_length=64, index=True)
    text: bytes = Field(sa_type=LargeBinary)
    outcome: str = Field(max_length=16, index=True)
    reason: str = Field(default="", max_length=32)
    topics: str = Field(sa_type=Text)
    scores: str = Field(sa_type=Text)
    base: str = Field(default="", max_length=64)


class VoteRow(SQLModel, table=True):
    """有帮助 / 没帮助: one vote a person and entry, the last one counts."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("person", "topic", name="uq_vote_person_topic"),)

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(max_length=64)
    topic: str = Field(max_length=64, index=True)
    question: str = Field(default="", max_length=32)
    channel: str = Field(max_length=32)
    helpful: bool
    voted_at: datetime = Field(sa_type=UtcDateTime)


class EntryRow(SQLModel, table=True):
    """One version of a FAQ entry, as the text of its file; exactly one per topic is current."""

    __tablename__ = "faq_entry"
    __table_args__ = (
        UniqueConstraint("topic", "version", name="uq_faq_entry_topic_version"),
        Index("ix_faq_entry_current", "topic", "current"),
    )

    id: int | None = Field(default=None, primary_key=True)
    topic: str = Field(max_length=64)
    version: int
    source: str = Field(sa_type=Text)
    digest: str = Field(max_length=64)
    current: bool
    saved_at: datetime = Field(sa_type=UtcDateTime)
    saved_by: str = Field(max_length=64)


class ArticleRow(SQLModel, table=True):
    """The text of one article of a law, loaded by the operator with `gonghui laws import`."""

    __tablename__ = "law_article"
    __table_args__ = (UniqueConstraint("law", "article", "suffix", name="uq_law_article"),)

    id: int | None = Field(default=None, primary_key=True)
    law: str = Field(max_length=128, index=True)
    full_title: str = Field(max_length=255)
    article: int
    suffix: int = 0
    text: str = Field(sa_type=Text)
    version: str = Field(default="", max_length=32)
    status: str = Field(default="", max_length=32)
    effective_on: date | None = None


class ValueRow(SQLModel, table=True):
    """A small sealed or plain value by name: access tokens, the revision of the base."""

    __tablename__ = "stored_value"

    name: str = Field(primary_key=True, max_length=64)
    value: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
