"""The tables of publishing: posts with their versions and reviews, schedules, the ledger of deliveries, channels."""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


class PostRow(SQLModel, table=True):
    """One post as it stands; `document` is its content as JSON."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("slug", name="uq_post_slug"),
        Index("ix_post_state", "state", "changed_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    slug: str = Field(max_length=80)
    title: str = Field(max_length=120)
    state: str = Field(max_length=16)
    author: str = Field(max_length=32)
    version: int = 1
    level: int = 0
    document: str = Field(sa_type=Text)
    approved: str = Field(default="{}", sa_type=Text)
    approved_document: str | None = Field(default=None, sa_type=Text)
    made_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str = Field(default="", max_length=32)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PostRevisionRow(SQLModel, table=True):
    """One saved version of a post."""

    __tablename__ = "post_revision"

    post: str = Field(primary_key=True, max_length=32)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    document: str = Field(sa_type=Text)
    by: str = Field(max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", max_length=255)


class PostReviewRow(SQLModel, table=True):
    """One reviewer's word on one version; nobody has two of the same version."""

    __tablename__ = "post_review"
    __table_args__ = (UniqueConstraint("post", "version", "by", name="uq_post_review"),)

    id: int | None = Field(default=None, primary_key=True)
    post: str = Field(max_length=32, index=True)
    version: int
    level: int
    decision: str = Field(max_length=16)
    by: str = Field(max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
    comment: str = Field(default="", sa_type=Text)


class RenderingRow(SQLModel, table=True):
    """A rendering that was approved, under its digest; it never changes."""

    __tablename__ = "rendering"

    digest: str = Field(primary_key=True, max_length=64)
    channel: str = Field(max_length=24)
    document: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=UtcDateTime)


class PictureRow(SQLModel, table=True):
    """A picture under its sha256."""

    __tablename__ = "picture"

    digest: str = Field(primary_key=True, max_length=64)
    data: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=UtcDateTime)


class PlatformPictureRow(SQLModel, table=True):
    """What a platform issued for a picture: its address or id. purpose: inline, cover."""

    __tablename__ = "platform_picture"

    channel: str = Field(primary_key=True, max_length=24)
    digest: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(primary_key=True, max_length=16)
    issued: str = Field(max_length=500)
    made_at: datetime = Field(sa_type=UtcDateTime)


class ScheduleRow(SQLModel, table=True):
    """When a post goes out."""

    __tablename__ = "post_schedule"
    __table_args__ = (Index("ix_post_schedule_due", "state", "next_at"),)

    id: str = Field(primary_key=True, max_length=32)
    post: str = Field(max_length=32, index=True)
    rule: str = Field(sa_type=Text)
    channels: str = Field(sa_type=Text)
    state: str = Field(max_length=16)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    by: str = Field(max_length=32)
    made_at: datetime = Field(sa_type=UtcDateTime)
    version: int = 1


class DeliveryRow(SQLModel, table=True):
    """One line of the ledger."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("post", "channel", "occurrence", name="uq_delivery"),
        Index("ix_delivery_state", "state", "next_at"),
        Index("ix_delivery_channel", "channel", "state", "finished_at"),
        Index("ix_delivery_due", "due_at"),
        Index("ix_delivery_intent", "channel", "intent_at"),
        Index("ix_delivery_vendor", "channel", "vendor_id"),
    )

    id: str = Field(primary_key=True, max_length=32)
    post: str = Field(max_length=32)
    channel: str = Field(max_length=24)
    occurrence: str = Field(max_length=64)
    kind: str = Field(max_length=16)
    state: str = Field(max_length=16)
    rendering: str = Field(max_length=64)
    schedule: str = Field(default="", max_length=32)
    due_at: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str = Field(default="", max_length=64)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    intent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    awaited: str = Field(default="", max_length=16)
    confirmed_by: str = Field(default="", max_length=32)
    vendor_id: str = Field(default="", max_length=255)
    address: str = Field(default="", max_length=500)
    code: str = Field(default="", max_length=64)
    detail: str = Field(default="", max_length=500)
    memory: str = Field(default="{}", sa_type=Text)


class DeliveryEntryRow(SQLModel, table=True):
    """One line of a delivery's log."""

    __tablename__ = "delivery_entry"

    id: int | None = Field(default=None, primary_key=True)
    delivery: str = Field(max_length=32, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    event: str = Field(max_length=16)
    by: str = Field(default="", max_length=64)
    code: str = Field(default="", max_length=64)
    detail: str = Field(default="", max_length=500)


class ChannelRow(SQLModel, table=True):
    """How a channel does: its circuit breaker, and when it last worked. Tokens are sealed in `stored_value`."""

    __tablename__ = "channel"

    channel: str = Field(primary_key=True, max_length=24)
    paused: bool = False
    failures: int = 0
    rests_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = Field(default="ready", max_length=16)
    detail: str = Field(default="", max_length=500)
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lasts_seconds: int = 0
    quota: str = Field(default="{}", sa_type=Text)
    last_success_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_failure_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PostReadRow(SQLModel, table=True):
    """How often a page was opened on a day: a number, and nothing about anybody."""

    __tablename__ = "post_read"

    post: str = Field(primary_key=True, max_length=32)
    day: date = Field(primary_key=True)
    count: int = 0
