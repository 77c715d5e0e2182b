"""Test data of publishing with only the interesting facts shown."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from bot.laws.citation import Citation
from bot.publishing.deliveries import Delivery, DeliveryState, Kind
from bot.publishing.posts import Content, Cover, Post, PostState
from bot.publishing.rendering import Rendering
from bot.publishing.schedules import Every, Rule, Schedule, ScheduleState

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
"""Nine in the morning in China on 1 December 2026, a Tuesday."""

_numbers = count(1)


def a_content(slug: str = "wages", **fields: Any) -> Content:
    """What a valid post says."""
    values: dict[str, Any] = {
        "slug": slug,
        "title": "欠薪怎么办",
        "body": "工资应当按月足额支付。（《劳动合同法》第30条）",
        "digest": "三步讨薪",
        "cover": Cover(lines=("欠薪怎么办",)),
        "channels": ("mastodon", "site"),
        "citations": (Citation("劳动合同法", 30),),
    }
    return Content(**{**values, **fields})


def a_rendering(channel: str = "mastodon", text: str = "欠薪怎么办", **fields: Any) -> Rendering:
    """A rendering as a channel will get it."""
    return Rendering(**{"channel": channel, "parts": {"text": text}, **fields})


def a_post(id: str = "post-1", **fields: Any) -> Post:
    """A post; approved on its channels unless said otherwise."""
    content = fields.pop("content", a_content(f"slug-{id}"))
    values: dict[str, Any] = {
        "id": id,
        "content": content,
        "state": PostState.APPROVED,
        "author": "writer",
        "version": 1,
        "made_at": NINE,
        "changed_at": NINE,
        "changed_by": "writer",
        "approved_at": NINE,
        "approved": {channel: a_rendering(channel).digest for channel in content.channels},
        "approved_content": content,
    }
    return Post(**{**values, **fields})


def a_schedule(id: str = "schedule-1", **fields: Any) -> Schedule:
    """A post that goes out once, at nine."""
    values: dict[str, Any] = {
        "id": id,
        "post": "post-1",
        "rule": Rule(every=Every.ONCE, at=NINE),
        "channels": ("mastodon",),
        "state": ScheduleState.ACTIVE,
        "next_at": NINE,
        "by": "planner",
        "made_at": NINE,
    }
    return Schedule(**{**values, **fields})


def a_delivery(**fields: Any) -> Delivery:
    """A planned delivery that is due at nine."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"delivery-{number}",
        "post": "post-1",
        "channel": "mastodon",
        "occurrence": f"now:{number}",
        "kind": Kind.PUBLISH,
        "state": DeliveryState.PLANNED,
        "rendering": a_rendering(fields.get("channel", "mastodon")).digest,
        "due_at": NINE,
        "made_at": NINE,
        "next_at": NINE,
    }
    return Delivery(**{**values, **fields})
