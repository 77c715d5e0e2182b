"""What an outcome means for a delivery: which event, when it is due again, and whether staff are told. Pure.

Only what the platform has surely not done is tried again by machine. Nothing that may be out there ever is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.publishing.alerts import AlertKind
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from bot.publishing.scrubbing import scrubbed

MOST_TRIES = 8
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=15)
REST_OF_CHANNEL = timedelta(minutes=10)
"""Where a platform wants the whole channel to rest and does not say for how long."""

FIRST_ASK = timedelta(minutes=1)
LONGEST_ASK = timedelta(hours=1)
ASKED_FOR = timedelta(hours=24)
"""So long the platform is asked what came of it; then a person has to look."""

SETTLED_AFTER = timedelta(minutes=5)
"""'It is not there' is believed so long after the call at the earliest: what is under way may still arrive."""

NOT_THERE = "not_there"
TAKEN_FOR = timedelta(hours=2)
"""What a platform has taken and is still at work on is not called missing before: its audit may take so long."""

ATTENDED = "attended"
"""The code of a delivery that waits for a person to confirm it: nothing has been asked of the platform."""

GIVEN_UP = "too_many_attempts"
TRIES_BEFORE = "_tries_before"
"""In a delivery's memory: the attempts that somebody has let it go again after; those do not count any more."""

CONFIRMED_ADDRESS = "_confirmed_address"
"""In a delivery's memory until it is over: where the person who confirmed sat, which Weibo demands."""

PERISHABLE = frozenset({Kind.PUBLISH, Kind.NOTICE})
"""What is not sent any more when it is late. Corrections and withdrawals are due until they are done."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What happens to the delivery. fields: what else changes in its row."""

    event: DeliveryEvent
    fields: Mapping[str, Any] = field(default_factory=dict)
    alert: AlertKind | None = None


def settle_sending(delivery: Delivery, outcome: Outcome, now: datetime, *, asks: bool) -> Settled:
    """After `send`. asks: whether the platform can be asked what came of it."""
    match outcome:
        case Sent():
            return _sent(outcome, DeliveryEvent.SUCCEED)
        case Waiting():
            return _waiting(outcome, now, asks=asks)
        case Refused():
            return _refused(delivery, outcome, now)
        case Unknown() if delivery.state is DeliveryState.CLAIMED:
            return _retry(delivery, outcome, now, None)  # it was not meant to be seen yet: nothing is out there
        case Unknown():
            next_at = now + FIRST_ASK if asks else None
            return Settled(DeliveryEvent.LOSE, {**_told(outcome), "next_at": next_at}, AlertKind.UNKNOWN)


def settle_asking(delivery: Delivery, outcome: Outcome, now: datetime) -> Settled | None:
    """After `reconcile`, or a word of the platform itself; None where nothing is known that was not known before."""
    is_unknown = delivery.state is DeliveryState.UNKNOWN
    match outcome:
        case Sent():
            return _sent(outcome, DeliveryEvent.FOUND if is_unknown else DeliveryEvent.SUCCEED)
        case Refused(code=code) if code == NOT_THERE:
            if delivery.intent_at is not None and now - delivery.intent_at < SETTLED_AFTER:
                return None
            fields = {**_told(outcome), "next_at": now if is_unknown else None}
            return Settled(DeliveryEvent.NOT_FOUND, fields, None if is_unknown else AlertKind.REFUSED)
        case Refused(permanent=True):
            return Settled(DeliveryEvent.REFUSE, _told(outcome), AlertKind.REFUSED)
        case _:
            return None


def settle_late(delivery: Delivery, outcome: Outcome, now: datetime) -> Settled | None:
    """The word of a sender whose delivery was taken for lost meanwhile: it still knows best. None: it adds nothing."""
    if isinstance(outcome, Refused) and not outcome.permanent:
        return Settled(DeliveryEvent.NOT_FOUND, {**_told(outcome), "next_at": now + _pause(delivery)})
    return settle_asking(delivery, outcome, now)


def next_ask(delivery: Delivery, now: datetime) -> datetime | None:
    """When the platform is asked again: after as long again as has passed. None when it has been asked for long."""
    since = delivery.intent_at or delivery.made_at
    passed = now - since
    if passed >= ASKED_FOR and delivery.awaited is not Awaited.PERSON:
        return None
    return now + max(FIRST_ASK, min(passed, LONGEST_ASK))


def is_late(delivery: Delivery, now: datetime, late: timedelta) -> bool:
    """Whether it is too late to send it."""
    return delivery.kind in PERISHABLE and now - delivery.due_at > late


def tries(delivery: Delivery) -> int:
    """How often it has been tried since somebody last let it go."""
    return delivery.attempts - int(delivery.memory.get(TRIES_BEFORE, "0"))


def without_private(memory: Mapping[str, str]) -> dict[str, str]:
    """A memory without what is about the person who confirmed."""
    return {name: value for name, value in memory.items() if name != CONFIRMED_ADDRESS}


def _sent(outcome: Sent, event: DeliveryEvent) -> Settled:
    fields: dict[str, Any] = {"code": "", "detail": ""}
    fields |= {"vendor_id": outcome.vendor_id} if outcome.vendor_id else {}
    return Settled(event, fields | ({"address": outcome.address} if outcome.address else {}))


def _waiting(outcome: Waiting, now: datetime, *, asks: bool) -> Settled:
    can_be_asked = asks and (outcome.awaited is not Awaited.PERSON or bool(outcome.vendor_id))
    fields = {
        **_told(outcome),
        "awaited": outcome.awaited,
        "vendor_id": outcome.vendor_id,
        "address": outcome.address,
        "next_at": now + FIRST_ASK if can_be_asked else None,
    }
    alerts = {Awaited.PERSON: AlertKind.CONFIRM, Awaited.ADMINISTRATOR: AlertKind.ADMINISTRATOR}
    return Settled(DeliveryEvent.WAIT, fields, alerts.get(outcome.awaited))


def _refused(delivery: Delivery, outcome: Refused, now: datetime) -> Settled:
    if outcome.permanent and not outcome.reauthorise:
        return Settled(DeliveryEvent.REFUSE, _told(outcome), AlertKind.REFUSED)
    return _retry(delivery, outcome, now, outcome.retry_after)


def _retry(delivery: Delivery, outcome: Refused | Unknown, now: datetime, after: timedelta | None) -> Settled:
    waits_for_others = isinstance(outcome, Refused) and (outcome.reauthorise or outcome.halts)
    if tries(delivery) >= MOST_TRIES and not waits_for_others:
        detail = scrubbed(f"{outcome.code} {outcome.detail}")
        return Settled(DeliveryEvent.REFUSE, {"code": GIVEN_UP, "detail": detail}, AlertKind.REFUSED)
    next_at = now + (after if after is not None else _pause(delivery))
    return Settled(DeliveryEvent.RETRY, {**_told(outcome), "next_at": next_at})


def _pause(delivery: Delivery) -> timedelta:
    doubled: int = 2 ** max(0, tries(delivery) - 1)
    return min(FIRST_RETRY * doubled, LONGEST_RETRY)


def _told(outcome: Refused | Unknown | Waiting) -> dict[str, Any]:
    return {"code": outcome.code, "detail": scrubbed(outcome.detail)}
