"""What people and platforms say of a delivery: confirm, it is there, it is not, let it go again, give it up.

Each is one transaction with its audit entry. A confirmation that lets something go out claims it first, so that a
second click, or a second person, finds it taken.
"""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.audit import AuditEntry
from bot.publishing.alerts import AlertKind
from bot.publishing.deliveries import OPEN, Delivery, DeliveryEntry, DeliveryEvent, DeliveryState, Kind
from bot.publishing.errors import NotAllowed, NotNow
from bot.publishing.ledger_errors import LeaseLost, UnknownDelivery
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent
from bot.publishing.rechecking import approved_digest
from bot.publishing.scrubbing import scrubbed
from bot.publishing.sending.parts import Parts, happen, note_channel, tell
from bot.publishing.settling import (
    ATTENDED,
    CONFIRMED_ADDRESS,
    SETTLED_AFTER,
    TAKEN_FOR,
    TRIES_BEFORE,
    Settled,
    settle_asking,
)
from bot.rights import Actor, Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

BY_HAND = "by_hand"
"""Codes of channels that a person carries everything to begin so."""

_FREED = frozenset({DeliveryState.HELD, DeliveryState.REFUSED, DeliveryState.EXPIRED})
_ASKED_ABOUT = frozenset({DeliveryState.UNKNOWN, DeliveryState.WAITING})
_GIVEN_UP = frozenset({DeliveryState.PLANNED, DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.REFUSED})
_S, _E = DeliveryState, DeliveryEvent


async def confirm(parts: Parts, actor: Actor, delivery_id: str, address_ip: str, link: str) -> Delivery:
    """A person confirms what waited for one: done by hand, or claimed to be sent at once.

    Raises NotAllowed, UnknownDelivery, NotNow.
    """
    now = parts.clock.now()
    async with parts.write() as work:
        delivery = await _delivery(work, actor, Right.CONFIRM, delivery_id)
        if delivery.state is not _S.WAITING or delivery.awaited is not Awaited.PERSON:
            raise NotNow(delivery.state, "confirm")
        if _is_done_by_hand(delivery, link):
            fields: dict[str, Any] = {"address": link, "confirmed_by": actor.id, "code": "", "detail": ""}
            settled = Settled(_E.FOUND, fields)
        else:
            memory = {**delivery.memory, CONFIRMED_ADDRESS: address_ip}
            # A name for this one claim, as in every claim.
            fields = {
                "confirmed_by": actor.id,
                "memory": memory,
                "code": "",
                "claimed_by": f"{parts.worker[:40]}#{uuid4().hex[:12]}",
                "claimed_until": now + parts.lease,
                "awaited": None,
                "due_at": now,
            }
            settled = Settled(_E.CLAIM, fields)
        after = await _happen(parts, work, delivery, settled, actor)
        await _audit(work, actor, "delivery.confirmed", after)
        await work.commit()
    return after


def _is_done_by_hand(delivery: Delivery, link: str) -> bool:
    """Whether the person has done it on the platform. Raises NotNow where the link to it is wanted and missing."""
    if delivery.code == ATTENDED and not delivery.channel.startswith(BY_HAND):
        return bool(link)
    if delivery.kind is Kind.PUBLISH and not link:
        raise NotNow(delivery.state, "confirm_without_link")
    return True


async def found(parts: Parts, actor: Actor, delivery_id: str, address: str) -> Delivery:
    """A person has looked: it is there. Raises NotAllowed, UnknownDelivery, NotNow."""
    async with parts.write() as work:
        delivery = await _delivery(work, actor, Right.CONFIRM, delivery_id)
        if delivery.state not in _ASKED_ABOUT:
            raise NotNow(delivery.state, "found")
        fields = {"confirmed_by": actor.id, "code": "", "detail": ""} | ({"address": address} if address else {})
        after = await _happen(parts, work, delivery, Settled(_E.FOUND, fields), actor)
        await _audit(work, actor, "delivery.found", after)
        await work.commit()
    return after


async def not_found(parts: Parts, actor: Actor, delivery_id: str) -> Delivery:
    """A person has looked: it is not there. What was unknown is due again, now; what was awaited is over.

    Raises NotAllowed, UnknownDelivery, NotNow, also where what was asked of the platform may still be on its way.
    """
    now = parts.clock.now()
    async with parts.write() as work:
        delivery = await _delivery(work, actor, Right.CONFIRM, delivery_id)
        if delivery.state not in _ASKED_ABOUT:
            raise NotNow(delivery.state, "not_found")
        if delivery.intent_at is not None and now - delivery.intent_at < SETTLED_AFTER:
            raise NotNow(delivery.state, "not_found_yet")
        if delivery.awaited is Awaited.PLATFORM and now - (delivery.intent_at or delivery.made_at) < TAKEN_FOR:
            raise NotNow(delivery.state, "not_found_at_work")
        again = {"next_at": now, "due_at": now} if delivery.state is _S.UNKNOWN else {}
        after = await _happen(parts, work, delivery, Settled(_E.NOT_FOUND, {"code": "not_there", **again}), actor)
        await _audit(work, actor, "delivery.not_found", after)
        await work.commit()
    return after


async def free(parts: Parts, actor: Actor, delivery_id: str) -> Delivery:
    """Let what was held, refused or too late go now, with what is approved now.

    Raises NotAllowed, UnknownDelivery, and NotNow where nothing is approved, or another delivery stands for it by now.
    """
    now = parts.clock.now()
    async with parts.write() as work:
        delivery = await _delivery(work, actor, Right.SCHEDULE, delivery_id)
        if delivery.state not in _FREED:
            raise NotNow(delivery.state, "free")
        await work.deliveries.take_post_turn(delivery.post)
        rendering = await _freed_rendering(work, delivery)
        fields = {
            "next_at": now,
            "due_at": now,
            "rendering": rendering,
            "code": "",
            "detail": "",
            "confirmed_by": "",
            "vendor_id": "",
            "intent_at": None,
            # What a platform holds of the earlier try may be another text: it begins anew.
            "memory": {TRIES_BEFORE: str(delivery.attempts)},
        }
        after = await _happen(parts, work, delivery, Settled(_E.FREE, fields), actor)
        await _audit(work, actor, "delivery.freed", after)
        await work.commit()
    return after


async def cancel(parts: Parts, actor: Actor, delivery_id: str) -> Delivery:
    """Give it up. Raises NotAllowed, UnknownDelivery, and NotNow for what a platform has in its hands already."""
    async with parts.write() as work:
        delivery = await _delivery(work, actor, Right.SCHEDULE, delivery_id)
        in_their_hands = delivery.state is _S.WAITING and delivery.awaited is not Awaited.PERSON
        if delivery.state not in _GIVEN_UP or in_their_hands:
            raise NotNow(delivery.state, "cancel")
        after = await _happen(parts, work, delivery, Settled(_E.CANCEL), actor)
        await _audit(work, actor, "delivery.cancelled", after)
        await work.commit()
    return after


async def said(parts: Parts, channel: str, vendor_id: str, outcome: Outcome) -> bool:
    """A platform tells what came of something; whether we know of it. The same word twice changes nothing more."""
    now = parts.clock.now()
    async with parts.write() as work:
        delivery = await work.deliveries.find_vendor(channel, vendor_id) if vendor_id else None
        if delivery is None:
            return False
        settled = settle_asking(delivery, outcome, now) if delivery.state in _ASKED_ABOUT else None
        if settled is not None:
            await happen(parts, work, delivery, settled, now, by=channel)
            await note_channel(parts, work, channel, outcome, now)
        elif delivery.state not in _ASKED_ABOUT:
            await _contradicted(parts, work, delivery, outcome)
        await work.commit()
    return True


async def _contradicted(parts: Parts, work: "UnitOfWork", delivery: Delivery, outcome: Outcome) -> None:
    """The platform speaks of what is over: staff are told where its word is another than ours."""
    if isinstance(outcome, Refused) and delivery.state is _S.SENT:
        alert, code, detail = AlertKind.TAKEN_DOWN, outcome.code, outcome.detail
    elif isinstance(outcome, Sent) and delivery.state in (_S.REFUSED, _S.EXPIRED, _S.CANCELLED):
        alert, code, detail = AlertKind.LOOK, "there", outcome.address
    else:
        return
    now = parts.clock.now()
    entry = DeliveryEntry(
        delivery=delivery.id, at=now, event="said", by=delivery.channel, code=code, detail=scrubbed(detail)
    )
    await work.deliveries.log(entry)
    await tell(parts, work, alert, delivery)


async def _happen(parts: Parts, work: "UnitOfWork", delivery: Delivery, settled: Settled, actor: Actor) -> Delivery:
    try:
        return await happen(parts, work, delivery, settled, parts.clock.now(), by=actor.id, audited=False)
    except LeaseLost:  # between reading and writing somebody else was quicker
        raise NotNow(delivery.state, "changed") from None


async def _delivery(work: "UnitOfWork", actor: Actor, right: Right, delivery_id: str) -> Delivery:
    if not may(actor.role, right):
        raise NotAllowed(right.value)
    delivery = await work.deliveries.find(delivery_id)
    if delivery is None:
        raise UnknownDelivery(delivery_id)
    return delivery


async def _freed_rendering(work: "UnitOfWork", delivery: Delivery) -> str:
    """What is approved for it now. Raises NotNow."""
    if delivery.kind is Kind.WITHDRAW:
        return delivery.rendering
    post = await work.posts.find(delivery.post)
    digest = approved_digest(post, delivery.channel, delivery.kind) if post is not None else ""
    if not digest:
        raise NotNow(delivery.state, "free_unapproved")
    others = [
        each
        for each in await work.deliveries.of_post(delivery.post)
        if each.channel == delivery.channel and each.kind is delivery.kind and each.id != delivery.id
    ]
    if any(each.made_at >= delivery.made_at and (each.state in OPEN or each.state is _S.SENT) for each in others):
        raise NotNow(delivery.state, "publish_again")
    return digest


async def _audit(work: "UnitOfWork", actor: Actor, action: str, delivery: Delivery) -> None:
    data = {"post": delivery.post, "channel": delivery.channel}
    await work.audit.append(AuditEntry(actor.id, action, subject=delivery.id, data=data))
