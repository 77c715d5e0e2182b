"""Who wants to hear of posts: by which channel, of what, how often. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TELEGRAM, EMAIL, WECHAT = "telegram", "email", "wechat"
CHANNELS = (TELEGRAM, EMAIL, WECHAT)
"""The channels by which anybody can subscribe."""

MOST_TOPICS = 20
LONGEST_TOPIC = 32
LONGEST_ADDRESS = 254


class Pace(StrEnum):
    """How often somebody wants to hear."""

    AT_ONCE = "at_once"  # 一发布就告诉我
    WEEKLY = "weekly"  # 每周汇总


class SubscriberState(StrEnum):
    """Where a subscription stands. Nothing but the letter that asks is sent while it is pending."""

    PENDING = "pending"  # the address has not been confirmed
    ACTIVE = "active"
    STOPPED = "stopped"  # by the subscriber
    BLOCKED = "blocked"  # the platform says that they take nothing from us


class LetterKind(StrEnum):
    """What is written to an address that somebody has typed into the form."""

    CONFIRM = "confirm"  # is it yours, and do you want this
    KNOWN = "known"  # it is subscribed already: here it can be changed


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """One subscription. topics: tags of posts; none of them means all posts. grants: notices WeChat lets us send."""

    id: str
    channel: str
    topics: tuple[str, ...]
    pace: Pace
    state: SubscriberState
    made_at: datetime
    changed_at: datetime
    consented_at: datetime | None = None
    grants: int = 0

    @property
    def is_active(self) -> bool:
        """Whether anything is sent."""
        return self.state is SubscriberState.ACTIVE


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is to be written. address: to whom."""

    subscriber: str
    kind: LetterKind
    address: str


def clean_topics(topics: Iterable[str]) -> tuple[str, ...]:
    """Topics as they are kept: each once, in the order in which they were named, and not without end."""
    kept = (topic.strip()[:LONGEST_TOPIC] for topic in topics)
    return tuple(dict.fromkeys(topic for topic in kept if topic))[:MOST_TOPICS]


def wants(topics: Collection[str], tags: Collection[str]) -> bool:
    """Whether who chose these topics wants a post with those tags."""
    return not topics or not set(topics).isdisjoint(tags)
