"""What is sent to subscribers: a post at once, or the posts of a week together. Pure.

An issue has a key that no other has, and nobody gets an issue twice: so a post that is corrected, published again or
withdrawn makes no second one.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.clock import SHANGHAI
from bot.subscriptions.subscribers import Pace, wants

LATEST = timedelta(hours=24)
"""What is due for longer is not sent any more: nobody wants last week's news after an outage."""

FARTHEST_BACK = timedelta(days=14)
MOST_ITEMS = 12
"""Posts of one digest; the newest ones. All of them stand on the site."""

LONGEST_DIGEST = 120
_WEEK = timedelta(days=7)


class IssueState(StrEnum):
    """Where an issue stands."""

    PLANNING = "planning"  # its recipients are being written down
    SENDING = "sending"
    DONE = "done"
    WITHDRAWN = "withdrawn"  # the post was taken back: who has not got it gets nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A post as an issue tells of it. path: of its page on our site."""

    post: str
    title: str
    digest: str
    path: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One issue. until: what was published until then is in it or in an earlier one of its pace."""

    id: str
    key: str
    pace: Pace
    items: tuple[Item, ...]
    until: datetime
    made_at: datetime
    state: IssueState = IssueState.PLANNING
    cursor: str = ""

    def items_for(self, topics: Sequence[str]) -> tuple[Item, ...]:
        """Those of its posts that who chose these topics wants."""
        return tuple(item for item in self.items if wants(topics, item.tags))

    @property
    def title(self) -> str:
        """What staff call it."""
        return self.items[0].title if self.items else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """A post that has come out on the site. at: when it did so first."""

    item: Item
    at: datetime
    is_withdrawn: bool = False


def key_of_post(post: str) -> str:
    """The key of the issue that tells of a post at once."""
    return f"post:{post}"


def key_of_week(due: datetime) -> str:
    """The key of the digest that is due then."""
    return f"week:{_local_day(due).isoformat()}"


def due_at_once(news: Sequence[News], now: datetime) -> list[News]:
    """The posts that are told of at once: public, and out for no longer than news is news; the oldest first."""
    fresh = [one for one in news if not one.is_withdrawn and now - LATEST <= one.at <= now]
    return sorted(fresh, key=lambda one: (one.at, one.item.post))


def last_due(now: datetime, weekday: int, hour: int) -> datetime:
    """When the last digest was due: on that day of the week (Monday is 0) at that hour in China."""
    local = now.astimezone(SHANGHAI)
    day = local.date() - timedelta(days=(local.weekday() - weekday) % 7)
    due = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
    return due if due <= local else due - _WEEK


def week_of(due: datetime, last_until: datetime | None) -> tuple[datetime, datetime]:
    """What a digest tells of: what came out from the first instant on and before the second.

    After weeks without one it goes back a little further, and never to what an earlier digest has told.
    """
    since = due - _WEEK
    if last_until is not None:
        since = max(last_until, due - FARTHEST_BACK)
    return since, due


def digest_of(news: Sequence[News], since: datetime, until: datetime) -> tuple[Item, ...]:
    """The posts of a digest, the newest first."""
    in_time = [one for one in news if not one.is_withdrawn and since <= one.at < until]
    newest = sorted(in_time, key=lambda one: (one.at, one.item.post), reverse=True)
    return tuple(one.item for one in newest[:MOST_ITEMS])


def write_items(items: Sequence[Item]) -> str:
    """Posts as JSON text; `read_items` gives equal ones back."""
    return json.dumps([asdict(item) for item in items], ensure_ascii=False)


def read_items(text: str) -> tuple[Item, ...]:
    """The posts that `write_items` wrote."""
    return tuple(Item(**{**one, "tags": tuple(one["tags"])}) for one in json.loads(text))


def _local_day(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date()
