"""What every step of sending needs, and what always belongs together when something happens to a delivery."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.audit import SYSTEM, AuditEntry
from bot.clock import Clock
from bot.publishing.alerts import Alert, AlertKind, Alerts
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind, take
from bot.publishing.issues import withdrawn_issue
from bot.publishing.outcomes import Outcome, Refused, Unknown
from bot.publishing.planned import occurrence_key
from bot.publishing.ports import Ability, Parcel, Pictures, Sender
from bot.publishing.post_state import sum_up_post
from bot.publishing.posts import PostState
from bot.publishing.rechecking import Rechecker
from bot.publishing.recurrence import Recurrence
from bot.publishing.rendering import Rendering
from bot.publishing.settling import CONFIRMED_ADDRESS, REST_OF_CHANNEL, Settled, without_private

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Transactions = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]

_IN_HAND = frozenset({DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.WAITING})
_LOGGED = frozenset(DeliveryState) - _IN_HAND


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What sending is made of. late: after that nothing is sent any more; lease: how long a worker may be silent."""

    write: Transactions
    read: Transactions
    senders: Mapping[str, Sender]
    pictures: Pictures
    alerts: Alerts
    clock: Clock
    rechecker: Rechecker
    recurrence: Recurrence
    worker: str
    late: timedelta
    lease: timedelta

    def asks(self, channel: str) -> bool:
        """Whether that platform can be asked what came of something."""
        sender = self.senders.get(channel)
        return sender is not None and Ability.RECONCILE in sender.abilities


async def happen(  # noqa: PLR0913 - what happens to which delivery, all named
    parts: Parts,
    work: "UnitOfWork",
    delivery: Delivery,
    settled: Settled,
    now: datetime,
    *,
    by: str = "",
    audited: bool = True,
) -> Delivery:
    """Let this happen to the delivery, with all that belongs to it: log, audit, alert, and where the post stands.

    Raises LeaseLost, NotPossible.
    """
    fields: dict[str, Any] = dict(settled.fields)
    fields.setdefault("memory", without_private(delivery.memory) if _ends(settled.event) else delivery.memory)
    if take(delivery.state, settled.event) is DeliveryState.SENT and delivery.kind is not Kind.PUBLISH:
        fields["finished_at"] = await _behind_the_rest(work, delivery, now)
    after = await work.deliveries.take(delivery, settled.event, now, by=by or parts.worker, **fields)
    if audited and after.state in _LOGGED:
        data = {"channel": after.channel} | ({"code": after.code} if after.code else {})
        entry = AuditEntry(by or SYSTEM, f"delivery.{after.state}", subject=after.id, data=data)
        await work.audit.append(entry)
    if settled.alert is not None:
        await tell(parts, work, settled.alert, after)
    if after.state not in (DeliveryState.CLAIMED, DeliveryState.SENDING):
        stands = await sum_up_post(work, after.post)
        has_come_out = after.state is DeliveryState.SENT and after.kind is not Kind.WITHDRAW
        if has_come_out and stands is PostState.WITHDRAWN:
            await tell(parts, work, AlertKind.CAME_OUT, after)
    return after


async def _behind_the_rest(work: "UnitOfWork", delivery: Delivery, now: datetime) -> datetime:
    """When it is done: behind what it corrects or withdraws, though the clock was put back in between."""
    there = await work.deliveries.of_post(delivery.post)
    done = [each.finished_at for each in there if each.state is DeliveryState.SENT and each.finished_at]
    return max([now, *(at + timedelta(microseconds=1) for at in done)])


async def tell(parts: Parts, work: "UnitOfWork", kind: AlertKind, delivery: Delivery) -> None:
    """Tell staff about a delivery; about the same matter once for each attempt."""
    data = {"due": occurrence_key(delivery.due_at), "kind": delivery.kind.value, "code": delivery.code}
    alert = Alert(
        kind=kind,
        once=f"{kind}:{delivery.id}:{delivery.attempts}:{occurrence_key(delivery.due_at)}",
        post=delivery.post,
        channel=delivery.channel,
        delivery=delivery.id,
        data=data,
    )
    await parts.alerts.tell(work, alert)


async def note_channel(parts: Parts, work: "UnitOfWork", channel: str, outcome: Outcome, now: datetime) -> None:
    """Let the circuit breaker know how the platform answered; staff are told when it opens."""
    status = await work.channels.find(channel)
    if isinstance(outcome, Refused) and outcome.reauthorise:
        await work.channels.note(status.unauthorised(now, outcome.code))
        once = f"reauthorise:{channel}:{status.last_success_at.isoformat() if status.last_success_at else ''}"
        await parts.alerts.tell(work, Alert(kind=AlertKind.REAUTHORISE, once=once, channel=channel))
    elif isinstance(outcome, Refused) and outcome.halts:
        until = now + (outcome.retry_after or REST_OF_CHANNEL)
        await work.channels.note(status.told_to_rest(now, until, outcome.code))
    elif isinstance(outcome, Refused) and (outcome.permanent or outcome.retry_after):
        return  # it answered, about this one
    elif isinstance(outcome, Unknown | Refused):
        failed = status.failed(now, outcome.code)
        await work.channels.note(failed)
        if failed.is_on_trial and not status.is_on_trial:
            once = f"resting:{channel}:{now.isoformat()}"
            await parts.alerts.tell(work, Alert(kind=AlertKind.RESTING, once=once, channel=channel))
    elif not status.is_known_to_work(now):
        await work.channels.note(status.succeeded(now))


async def make_parcel(
    parts: Parts, delivery: Delivery, rendering: Rendering, deliveries: list[Delivery]
) -> Parcel | None:
    """What the sender gets; None when a picture of it is not there."""
    wanted = dict.fromkeys(filter(None, (rendering.cover, *rendering.media)))
    pictures = {digest: await parts.pictures.get(digest) for digest in wanted}
    found = {digest: data for digest, data in pictures.items() if data is not None}
    if len(found) != len(pictures) and delivery.kind is not Kind.WITHDRAW:
        return None
    return Parcel(
        delivery=delivery.id,
        key=delivery.id,
        kind=delivery.kind,
        rendering=rendering,
        pictures=found,
        earlier=_earlier(delivery, deliveries),
        taken=_taken(delivery, deliveries),
        confirmed_by=delivery.confirmed_by,
        confirmed_address=delivery.memory.get(CONFIRMED_ADDRESS, ""),
    )


def _earlier(delivery: Delivery, deliveries: list[Delivery]) -> str:
    """The platform's name of what this withdraws, or of what it corrects: the post itself, published there last."""
    if delivery.kind is Kind.PUBLISH:
        return ""
    if delivery.kind is Kind.WITHDRAW and (issue := withdrawn_issue(deliveries, delivery)):
        return issue.vendor_id
    sent = [
        each
        for each in deliveries
        if each.channel == delivery.channel
        and each.state is DeliveryState.SENT
        and each.kind in (Kind.PUBLISH, Kind.EDIT)
        and each.vendor_id
    ]
    return max(sent, key=lambda each: each.finished_at or each.made_at).vendor_id if sent else ""


def _taken(delivery: Delivery, deliveries: list[Delivery]) -> frozenset[str]:
    """What other deliveries have published on that channel, as the platform names it and where it is read."""
    others = [each for each in deliveries if each.channel == delivery.channel and each.id != delivery.id]
    published = [each for each in others if each.state is DeliveryState.SENT]
    return frozenset(name for each in published for name in (each.vendor_id, each.address) if name)


def _ends(event: DeliveryEvent) -> bool:
    return event in {
        DeliveryEvent.SUCCEED,
        DeliveryEvent.FOUND,
        DeliveryEvent.REFUSE,
        DeliveryEvent.EXPIRE,
        DeliveryEvent.CANCEL,
        DeliveryEvent.HOLD,
    }
