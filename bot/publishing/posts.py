"""What a post says, and the states it goes through. Pure values; nothing here knows a channel's vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.laws.citation import Citation


class Tone(StrEnum):
    """The colours of a cover."""

    RED = "red"
    BLUE = "blue"
    GREEN = "green"
    ORANGE = "orange"


class PostState(StrEnum):
    """Where a post stands. What has gone out where is in its deliveries; this sums them up."""

    DRAFT = "draft"  # 草稿
    IN_REVIEW = "in_review"  # 审核中
    APPROVED = "approved"  # 已通过
    SCHEDULED = "scheduled"  # 待发布
    PUBLISHING = "publishing"  # 发布中
    PUBLISHED = "published"  # 已发布
    PARTLY = "partly"  # 部分发布
    FAILED = "failed"  # 发布失败
    EXPIRED = "expired"  # 已过期
    WITHDRAWN = "withdrawn"  # 已撤回


@dataclass(frozen=True, slots=True)
class Cover:
    """What is drawn on the cover: one or two lines. image: sha256 of an uploaded picture that stands instead."""

    lines: tuple[str, ...]
    tone: Tone = Tone.RED
    image: str = ""


@dataclass(frozen=True, slots=True)
class Season:
    """When in the year it should go out: month and day, both included; it may run over the year's end."""

    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """All that an author writes. `body` is Markdown; `variants` holds the texts of channels that have their own.

    slug names the post in addresses and files and never changes once it has been published.
    channels: codes of the channels it goes to. pictures: sha256 of the pictures in the body, as `media:<sha256>`.
    correction: what is put right since it was first published (更正说明), shown with it; empty for most.
    """

    slug: str
    title: str
    body: str
    digest: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    region: str = ""
    cover: Cover = Cover(lines=())
    season: Season | None = None
    channels: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    effective_from: date | None = None
    effective_to: date | None = None
    checked_on: date | None = None
    review_by: date | None = None
    correction: str = ""

    def text_for(self, channel: str) -> str:
        """The text of that channel where it has its own, else the body."""
        return self.variants.get(channel) or self.body


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A post as it stands. `version` grows with every change: who saves names the version they saw.

    level: how many levels of review have agreed. approved: digest of each channel's rendering as it was approved.
    approved_content: what was last approved, to show what has changed since; it survives later edits.
    """

    id: str
    content: Content
    state: PostState
    author: str
    version: int
    made_at: datetime
    changed_at: datetime
    changed_by: str = ""
    level: int = 0
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
    approved: Mapping[str, str] = field(default_factory=dict)
    approved_content: Content | None = None
    published_at: datetime | None = None


class Decision(StrEnum):
    """What a reviewer said."""

    AGREED = "agreed"  # 通过
    RETURNED = "returned"  # 退回修改


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One reviewer's word on one version of a post. level counts from 1: 初审, 复审, 终审."""

    post: str
    version: int
    level: int
    decision: Decision
    by: str
    at: datetime
    comment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """One saved version of a post, kept for good."""

    post: str
    number: int
    content: Content
    by: str
    at: datetime
    note: str = ""
