"""The drain: claim what is due, check it again, send it, write down what came of it.

Channels go side by side, the deliveries of one channel one after the other. No transaction is open while a platform
is called. What is claimed and not finished is found by the sweep.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from uuid import uuid4

import structlog

from bot.clock import local_date
from bot.errors import LostRace, StoreUnavailable
from bot.publishing.alerts import AlertKind
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind
from bot.publishing.ledger_errors import LeaseLost
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown
from bot.publishing.ports import Parcel, Sender
from bot.publishing.sending.due import TOO_LATE
from bot.publishing.sending.memory import SendingMemory
from bot.publishing.sending.parts import Parts, happen, make_parcel, note_channel
from bot.publishing.settling import ATTENDED, PERISHABLE, Settled, is_late, settle_late, settle_sending

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""So many are claimed together; the next ones wait for others to have their share."""

MOST_BATCHES = 100
MINUTE = timedelta(minutes=1)
SHARE_OF_LEASE = 0.8
"""A call that takes longer is given up: behind the lease others take the delivery for abandoned."""

WRITE_AGAIN = (0.2, 1.0, 3.0)
"""Seconds to wait before an outcome is written again: what a platform said must not be lost to a busy database."""

PICTURE_MISSING, TEXT_MISSING = "picture_missing", "rendering_missing"


async def drain(parts: Parts, channels: Collection[str] | None, at_work: set[str]) -> Counter[str]:
    """Send what is due on these channels, on all there are without any; how many ended how. Safe to repeat.

    at_work: the channels on which this process is sending already; they are left alone.
    """
    now = parts.clock.now()
    async with parts.read() as work:
        due = await work.deliveries.due_channels(now)
    wanted = [each for each in due if each in parts.senders and (channels is None or each in channels)]
    figures: Counter[str] = Counter()
    draining = [_drain_channel(parts, parts.senders[channel], at_work) for channel in wanted]
    # What one channel fails with must not break off the others in the middle of a call.
    failures: list[BaseException] = []
    for channel, drained in zip(wanted, await asyncio.gather(*draining, return_exceptions=True), strict=True):
        if isinstance(drained, BaseException):
            log.error("channel.draining_failed", channel=channel, cause=type(drained).__name__)
            failures.append(drained)
        else:
            figures += drained
    if failures:
        raise failures[0]
    return figures


async def _drain_channel(parts: Parts, sender: Sender, at_work: set[str]) -> Counter[str]:
    figures: Counter[str] = Counter()
    if sender.channel in at_work:
        return figures
    at_work.add(sender.channel)
    try:
        for _ in range(MOST_BATCHES):
            claimed = await claim(parts, sender)
            for delivery in claimed:
                figures[await send(parts, sender, delivery)] += 1
            if not claimed:
                break
    finally:
        at_work.discard(sender.channel)
    return figures


async def claim(parts: Parts, sender: Sender) -> list[Delivery]:
    """Take what may be sent now on that channel: nothing while it rests, and no more than its rate allows."""
    now = parts.clock.now()
    async with parts.write() as work:
        status = await work.channels.find(sender.channel)
        if not status.is_open(now):
            return []
        limit = 1 if status.is_on_trial else AT_ONCE
        if sender.per_minute:
            await work.deliveries.take_channel_turn(sender.channel)
            limit = min(limit, sender.per_minute - await work.deliveries.sent_count(sender.channel, now - MINUTE))
        if limit <= 0:
            return []
        # A name for this one claim: a later claim by the same worker is somebody else.
        name = f"{parts.worker[:40]}#{uuid4().hex[:12]}"
        claimed = await work.deliveries.claim(now, name, now + parts.lease, [sender.channel], limit)
        await work.commit()
    return claimed


async def send(parts: Parts, sender: Sender, delivery: Delivery) -> str:
    """Send one claimed delivery; what came of it, in one word for the figures."""
    try:
        delivery = await _kept(parts, delivery)
        parcel = await _checked(parts, sender, delivery)
        if isinstance(parcel, Settled):
            return await _settle(parts, delivery, parcel)
        memory = SendingMemory(parts, delivery)
        outcome = await _call(parts, sender, parcel, memory)
        return await finish(parts, memory.delivery, outcome)
    except LeaseLost:
        log.warning("delivery.lease_lost", id=delivery.id, channel=delivery.channel)
        return "lost"


async def _kept(parts: Parts, delivery: Delivery) -> Delivery:
    """The delivery, claimed for another while where others of its batch took long. Raises LeaseLost."""
    now = parts.clock.now()
    if delivery.claimed_until is None or delivery.claimed_until - now > parts.lease / 2:
        return delivery
    async with parts.write() as work:
        after = await work.deliveries.keep(delivery, claimed_until=now + parts.lease)
        await work.commit()
    return after


async def _checked(parts: Parts, sender: Sender, delivery: Delivery) -> Parcel | Settled:
    """What is sent, or why it is not."""
    now = parts.clock.now()
    if is_late(delivery, now, parts.late):
        return Settled(DeliveryEvent.EXPIRE, {"code": TOO_LATE}, AlertKind.EXPIRED)
    async with parts.read() as work:
        post = await work.posts.find(delivery.post)
        rendering = await work.posts.rendering(delivery.rendering)
        deliveries = await work.deliveries.of_post(delivery.post) if delivery.kind is not Kind.PUBLISH else []
        status = await work.channels.find(delivery.channel)
    if not status.is_open(now):  # since it was claimed others have failed there, or somebody has paused it
        return Settled(DeliveryEvent.RELEASE, {"next_at": now})
    findings = parts.rechecker.check(post, delivery, local_date(now))
    if findings:
        told = "; ".join(f"{each.code} {' '.join(each.data.values())}".strip() for each in findings)
        return Settled(DeliveryEvent.HOLD, {"code": findings[0].code, "detail": told}, AlertKind.HELD)
    if rendering is None:
        return Settled(DeliveryEvent.HOLD, {"code": TEXT_MISSING}, AlertKind.HELD)
    if sender.attended and delivery.kind in PERISHABLE and not delivery.confirmed_by:
        fields = {"code": ATTENDED, "awaited": Awaited.PERSON}
        return Settled(DeliveryEvent.WAIT, fields, AlertKind.CONFIRM)
    parcel = await make_parcel(parts, delivery, rendering, deliveries)
    return parcel or Settled(DeliveryEvent.HOLD, {"code": PICTURE_MISSING}, AlertKind.HELD)


async def _call(parts: Parts, sender: Sender, parcel: Parcel, memory: SendingMemory) -> Outcome:
    """What the sender says; where it fails against its promise, what the ledger can be sure of. Raises LeaseLost."""
    try:
        async with asyncio.timeout(parts.lease.total_seconds() * SHARE_OF_LEASE):
            return await sender.send(parcel, memory)
    except LeaseLost:
        raise
    except TimeoutError:
        return _failed(memory, "no_answer")
    except Exception as error:
        log.exception("delivery.sender_failed", id=parcel.delivery, channel=sender.channel)
        return _failed(memory, type(error).__name__)


def _failed(memory: SendingMemory, code: str) -> Outcome:
    """Without an intent nothing has been made public; with one nobody knows."""
    return Unknown(code) if memory.delivery.state is DeliveryState.SENDING else Refused(code, permanent=False)


async def finish(parts: Parts, delivery: Delivery, outcome: Outcome) -> str:
    """Write down what came of it, and again where the database does not take it at once; the state it is in then."""
    for pause in (*WRITE_AGAIN, None):
        try:
            return await _finish(parts, delivery, outcome)
        except (StoreUnavailable, LostRace):
            if pause is None:
                raise
            await parts.clock.sleep(pause)
    raise AssertionError


async def _finish(parts: Parts, delivery: Delivery, outcome: Outcome) -> str:
    now = parts.clock.now()
    try:
        async with parts.write() as work:
            if isinstance(outcome, Sent) and delivery.state is DeliveryState.CLAIMED:
                event, fields = DeliveryEvent.INTEND, {"intent_at": now}
                delivery = await work.deliveries.take(delivery, event, now, by=parts.worker, **fields)
            settled = settle_sending(delivery, outcome, now, asks=parts.asks(delivery.channel))
            after = await happen(parts, work, delivery, settled, now)
            await note_channel(parts, work, delivery.channel, outcome, now)
            await work.commit()
    except LeaseLost:
        after = await _finish_late(parts, delivery, outcome)
    log.info(
        "delivery.finished",
        id=after.id,
        channel=after.channel,
        state=after.state.value,
        code=after.code,
        attempts=after.attempts,
    )
    return after.state.value


async def _finish_late(parts: Parts, delivery: Delivery, outcome: Outcome) -> Delivery:
    """The sweep took us for dead: what we know of this very attempt nobody else can. Raises LeaseLost."""
    now = parts.clock.now()
    async with parts.write() as work:
        there = await work.deliveries.find(delivery.id)
        if there is None or there.state is not DeliveryState.UNKNOWN or there.attempts != delivery.attempts:
            raise LeaseLost(delivery.id)
        settled = settle_late(there, outcome, now)
        if settled is None:
            return there
        after = await happen(parts, work, there, settled, now)
        await note_channel(parts, work, delivery.channel, outcome, now)
        await work.commit()
    return after


async def _settle(parts: Parts, delivery: Delivery, settled: Settled) -> str:
    async with parts.write() as work:
        after = await happen(parts, work, delivery, settled, parts.clock.now())
        await work.commit()
    log.info("delivery.not_sent", id=after.id, channel=after.channel, state=after.state.value, code=after.code)
    return after.state.value
