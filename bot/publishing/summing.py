"""What the deliveries of a post say of the post as a whole. Pure: published is what the ledger proves."""

from collections.abc import Sequence
from datetime import datetime

from bot.publishing.deliveries import OPEN, Delivery, DeliveryState, Kind
from bot.publishing.posts import PostState

_S = DeliveryState

SET_BY_PEOPLE = frozenset({PostState.DRAFT, PostState.IN_REVIEW, PostState.WITHDRAWN})
"""States that the ledger leaves alone: what has gone out before stays in the deliveries."""


def sum_up(state: PostState, deliveries: Sequence[Delivery], *, planned: bool) -> PostState:
    """Where the post stands. planned: whether a schedule is still to send it."""
    if state in SET_BY_PEOPLE:
        return state
    if any(delivery.state in OPEN for delivery in deliveries):
        return PostState.PUBLISHING
    live = _live(deliveries)
    if _withdrawn(deliveries) and not live:
        return PostState.WITHDRAWN
    ended = [delivery.state for delivery in _latest(deliveries) if delivery.state is not _S.CANCELLED]
    if planned and not live:
        return PostState.SCHEDULED
    return _ended(ended, live=bool(live)) if ended else PostState.SCHEDULED if planned else PostState.APPROVED


def _ended(states: Sequence[DeliveryState], *, live: bool) -> PostState:
    if all(state is _S.SENT for state in states):
        return PostState.PUBLISHED
    if live:
        return PostState.PARTLY
    return PostState.EXPIRED if all(state is _S.EXPIRED for state in states) else PostState.FAILED


def first_published(deliveries: Sequence[Delivery]) -> datetime | None:
    """When the first platform said that it is out there."""
    said = [each.finished_at for each in deliveries if each.kind is Kind.PUBLISH and each.state is _S.SENT]
    return min((at for at in said if at is not None), default=None)


def live_on(deliveries: Sequence[Delivery]) -> frozenset[str]:
    """The channels on which the post can be read: published there and not withdrawn since."""
    return frozenset(_live(deliveries))


def _live(deliveries: Sequence[Delivery]) -> set[str]:
    last: dict[str, Delivery] = {}
    for delivery in _sent(deliveries):
        if delivery.kind in (Kind.PUBLISH, Kind.WITHDRAW):
            last[delivery.channel] = delivery
    return {channel for channel, delivery in last.items() if delivery.kind is Kind.PUBLISH}


def _withdrawn(deliveries: Sequence[Delivery]) -> bool:
    return any(delivery.kind is Kind.WITHDRAW for delivery in _sent(deliveries))


def _sent(deliveries: Sequence[Delivery]) -> list[Delivery]:
    sent = [delivery for delivery in deliveries if delivery.state is _S.SENT]
    return sorted(sent, key=lambda delivery: (delivery.finished_at or delivery.made_at, delivery.made_at))


def _latest(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What was asked of each channel last."""
    last: dict[str, Delivery] = {}
    for delivery in sorted(deliveries, key=lambda each: (each.due_at, each.made_at)):
        if delivery.kind is Kind.WITHDRAW:
            continue
        if delivery.state is _S.CANCELLED and delivery.channel in last:
            continue
        last[delivery.channel] = delivery
    return list(last.values())
