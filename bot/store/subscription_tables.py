"""The tables of subscriptions: who subscribed, what is sent, to whom it was sent, how fast channels may be called."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


class SubscriberRow(SQLModel, table=True):
    """One subscription. `person` is the keyed hash of channel and address; `told_at` the slot of the last message."""

    __tablename__ = "subscriber"
    __table_args__ = (
        UniqueConstraint("person", name="uq_subscriber_person"),
        Index("ix_subscriber_state", "state", "pace", "id"),
        Index("ix_subscriber_letter", "letter_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    channel: str = Field(max_length=16)
    person: str = Field(max_length=64)
    address: bytes = Field(sa_type=LargeBinary)
    topics: str = Field(sa_type=Text)
    pace: str = Field(max_length=16)
    state: str = Field(max_length=16)
    grants: int = 0
    made_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    consented_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    letter: str = Field(default="", max_length=16)
    letter_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IssueRow(SQLModel, table=True):
    """One issue; `cursor` is the last subscriber that was seen while its recipients were written down.

    `looked_at`: when staff last looked at those of whom nobody knows.
    """

    __tablename__ = "broadcast_issue"
    __table_args__ = (UniqueConstraint("key", name="uq_broadcast_issue_key"),)

    id: str = Field(primary_key=True, max_length=32)
    key: str = Field(max_length=80)
    pace: str = Field(max_length=16)
    items: str = Field(sa_type=Text)
    state: str = Field(max_length=16)
    cursor: str = Field(default="", max_length=32)
    until: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecipientRow(SQLModel, table=True):
    """One issue for one subscriber: the ledger of what was sent to whom."""

    __tablename__ = "broadcast_recipient"
    __table_args__ = (
        UniqueConstraint("issue", "subscriber", name="uq_broadcast_recipient"),
        Index("ix_broadcast_recipient_due", "channel", "state", "next_at"),
        Index("ix_broadcast_recipient_issue", "issue", "state", "channel"),
        Index("ix_broadcast_recipient_lease", "state", "claimed_until"),
    )

    id: int | None = Field(default=None, primary_key=True)
    issue: str = Field(max_length=32)
    subscriber: str = Field(max_length=32)
    channel: str = Field(max_length=16)
    state: str = Field(max_length=16)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str = Field(default="", max_length=64)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code: str = Field(default="", max_length=32)


class SendPaceRow(SQLModel, table=True):
    """When the next call of a channel is free, for all processes."""

    __tablename__ = "send_pace"

    channel: str = Field(primary_key=True, max_length=16)
    free_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
