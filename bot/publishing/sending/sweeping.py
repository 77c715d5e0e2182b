"""The sweep, and asking: what dead processes left is found, and what nobody knows is asked of the platforms.

Nothing is asked of the public side: `reconcile` only looks. What the platform cannot tell either waits for a person.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

import structlog

from bot.clock import local_date
from bot.publishing.alerts import Alert, AlertKind
from bot.publishing.channel_status import ChannelStatus
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState
from bot.publishing.ledger_errors import LeaseLost
from bot.publishing.outcomes import Outcome, Unknown
from bot.publishing.ports import ChannelHealth, HealthState, Sender
from bot.publishing.sending.memory import AskingMemory
from bot.publishing.sending.parts import Parts, happen, make_parcel, tell
from bot.publishing.settling import FIRST_ASK, Settled, next_ask, settle_asking

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

INTERRUPTED = "interrupted"
ASKING_SECONDS = 60.0


async def sweep(parts: Parts) -> Counter[str]:
    """Let go what was claimed and never offered to anybody; of what was being sent, nobody knows. Safe to repeat."""
    now = parts.clock.now()
    figures: Counter[str] = Counter()
    async with parts.read() as work:
        stale = await work.deliveries.stale(now)
    for delivery in stale:
        if delivery.state is DeliveryState.CLAIMED:
            settled = Settled(DeliveryEvent.RELEASE, {"next_at": now, "code": INTERRUPTED})
        else:
            next_at = now + FIRST_ASK if parts.asks(delivery.channel) else None
            settled = Settled(DeliveryEvent.LOSE, {"next_at": next_at, "code": INTERRUPTED}, AlertKind.UNKNOWN)
        figures[await _settle(parts, delivery, settled)] += 1
    return figures


async def reconcile(parts: Parts) -> Counter[str]:
    """Ask the platforms for what is unknown or waits for their word; how many ended how. Safe to repeat."""
    now = parts.clock.now()
    async with parts.read() as work:
        to_ask = [*await work.deliveries.unknown(now), *await work.deliveries.waiting(now)]
    figures: Counter[str] = Counter()
    for delivery in to_ask:
        figures[await _ask(parts, delivery)] += 1
    return figures


async def _ask(parts: Parts, delivery: Delivery) -> str:
    now = parts.clock.now()
    sender = parts.senders.get(delivery.channel)
    next_at = next_ask(delivery, now) if sender is not None and parts.asks(delivery.channel) else None
    async with parts.write() as work:
        # Who moves it on asks; the others find it put off. A crash behind this asks again later.
        if not await work.deliveries.put_off(delivery, next_at):
            return "asked"
        await work.commit()
    outcome = await _word_of(parts, sender, delivery) if sender is not None and next_at is not None else None
    settled = settle_asking(delivery, outcome, parts.clock.now()) if outcome is not None else None
    if settled is not None:
        return await _settle(parts, delivery, settled)
    if next_at is None:
        return await _ask_a_person(parts, delivery)
    return delivery.state.value


async def _word_of(parts: Parts, sender: Sender, delivery: Delivery) -> Outcome:
    """What the platform says of it."""
    async with parts.read() as work:
        rendering = await work.posts.rendering(delivery.rendering)
        deliveries = await work.deliveries.of_post(delivery.post)
    parcel = await make_parcel(parts, delivery, rendering, deliveries) if rendering is not None else None
    if parcel is None:
        return Unknown("rendering_missing")
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            return await sender.reconcile(parcel, AskingMemory(parts, delivery))
    except LeaseLost:
        return Unknown("changed")
    except TimeoutError:
        return Unknown("no_answer")
    except Exception as error:
        log.exception("delivery.asking_failed", id=delivery.id, channel=delivery.channel)
        return Unknown(type(error).__name__)


async def _ask_a_person(parts: Parts, delivery: Delivery) -> str:
    """The platform was asked for long enough: a person looks and says whether it is there."""
    now = parts.clock.now()
    async with parts.write() as work:
        there = await work.deliveries.find(delivery.id)
        if there is None or (there.state, there.attempts) != (delivery.state, delivery.attempts):
            return "asked"
        if there.state is DeliveryState.WAITING:
            there = await happen(parts, work, there, Settled(DeliveryEvent.LOSE, {"next_at": None}), now)
        await tell(parts, work, AlertKind.LOOK, there)
        await work.commit()
    return there.state.value


async def _settle(parts: Parts, delivery: Delivery, settled: Settled) -> str:
    try:
        async with parts.write() as work:
            after = await happen(parts, work, delivery, settled, parts.clock.now())
            await work.commit()
    except LeaseLost:  # somebody was quicker
        return "changed"
    log.info("delivery.settled", id=after.id, channel=after.channel, state=after.state.value, code=after.code)
    return after.state.value


async def examine(parts: Parts, channels: Collection[str] | None = None) -> Counter[str]:
    """Ask the platforms how our credentials do, and tell staff what ends soon; how many are in which state."""
    figures: Counter[str] = Counter()
    for channel, sender in parts.senders.items():
        if channels is not None and channel not in channels:
            continue
        health = await _health(sender)
        now = parts.clock.now()
        async with parts.write() as work:
            before = await work.channels.find(channel)
            after = before.examined(health, now)
            await work.channels.examined(after)
            await _tell_health(parts, work, before, after)
            await work.commit()
        figures[health.state.value] += 1
    return figures


async def _health(sender: Sender) -> ChannelHealth:
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            return await sender.health()
    except TimeoutError:
        return ChannelHealth(state=HealthState.UNREACHABLE, detail="no_answer")
    except Exception as error:
        log.exception("channel.examining_failed", channel=sender.channel)
        return ChannelHealth(state=HealthState.FAULTY, detail=type(error).__name__)


async def _tell_health(parts: Parts, work: "UnitOfWork", before: ChannelStatus, after: ChannelStatus) -> None:
    channel, now = after.channel, parts.clock.now()
    if after.state is HealthState.UNAUTHORISED and before.state is not HealthState.UNAUTHORISED:
        once = f"reauthorise:{channel}:{now.isoformat()}"
        await parts.alerts.tell(work, Alert(kind=AlertKind.REAUTHORISE, once=once, channel=channel))
    elif after.expires_at is not None and after.expires_soon(now):
        once = f"expires:{channel}:{after.expires_at.isoformat()}"
        data = {"day": local_date(after.expires_at).isoformat()}
        await parts.alerts.tell(work, Alert(kind=AlertKind.EXPIRES, once=once, channel=channel, data=data))
