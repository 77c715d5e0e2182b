"""The dispatcher: what is due goes out, once; it is the one service that opens its own transactions.

    tick       schedules whose time has come -> deliveries; what is too late expires
    drain      deliveries that are due -> claimed, checked again, sent
    sweep      what a dead process left -> due again, or unknown
    reconcile  what is unknown or awaited -> asked of the platform
    examine    credentials, rights and quota of every channel

Each may be called at any time, by any number of processes, and broken off at any point.
"""

from collections.abc import Collection, Mapping
from uuid import uuid4

from bot.publishing.deliveries import Delivery
from bot.publishing.outcomes import Outcome
from bot.publishing.ports import Sender
from bot.publishing.sending import handling, outgoing, sweeping
from bot.publishing.sending.due import look
from bot.publishing.sending.parts import Parts
from bot.rights import Actor

Figures = Mapping[str, int]


def worker_name(host: str = "", process: int = 0) -> str:
    """A name that no other worker has, nor this one after a restart."""
    return f"{host[:20]}:{process}:{uuid4().hex[:8]}"


class Dispatcher:
    """Sends what is due, by these parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._draining: set[str] = set()

    @property
    def senders(self) -> Mapping[str, Sender]:
        """By channel, those that are switched on."""
        return self._parts.senders

    async def tick(self) -> Figures:
        """Put what is due into the ledger, and let what is too late expire; how many deliveries of each."""
        planned, stopped = await look(self._parts)
        return {"planned": planned, "stopped": stopped}

    async def drain(self, channels: Collection[str] | None = None) -> Figures:
        """Send what is due on these channels, on all without any; how many are in which state now.

        A channel on which an earlier call is still at work is left to that one.
        """
        return await outgoing.drain(self._parts, channels, self._draining)

    async def sweep(self) -> Figures:
        """Find what was claimed and left; how many are in which state now."""
        return await sweeping.sweep(self._parts)

    async def reconcile(self) -> Figures:
        """Ask for what is unknown or awaited; how many are in which state now."""
        return await sweeping.reconcile(self._parts)

    async def examine(self, channels: Collection[str] | None = None) -> Figures:
        """Look at the credentials of these channels, of all without any; how many are in which state."""
        return await sweeping.examine(self._parts, channels)

    async def confirm(self, actor: Actor, delivery_id: str, address_ip: str = "", *, link: str = "") -> Delivery:
        """A person confirms what waited for one. With the link to it they have done it by hand; else it is sent now.

        Raises NotAllowed, UnknownDelivery, NotNow.
        """
        delivery = await handling.confirm(self._parts, actor, delivery_id, address_ip, link)
        sender = self._parts.senders.get(delivery.channel)
        if delivery.claimed_by and sender is not None:
            await outgoing.send(self._parts, sender, delivery)
            async with self._parts.read() as work:
                delivery = await work.deliveries.find(delivery_id) or delivery
        return delivery

    async def found(self, actor: Actor, delivery_id: str, address: str = "") -> Delivery:
        """A person has looked: it is there. Raises NotAllowed, UnknownDelivery, NotNow."""
        return await handling.found(self._parts, actor, delivery_id, address)

    async def not_found(self, actor: Actor, delivery_id: str) -> Delivery:
        """A person has looked: it is not there. What was unknown is sent again. Raises as `found`."""
        return await handling.not_found(self._parts, actor, delivery_id)

    async def free(self, actor: Actor, delivery_id: str) -> Delivery:
        """Let what was held, refused or too late go now. Raises NotAllowed, UnknownDelivery, NotNow."""
        return await handling.free(self._parts, actor, delivery_id)

    async def cancel(self, actor: Actor, delivery_id: str) -> Delivery:
        """Give it up. Raises NotAllowed, UnknownDelivery, NotNow."""
        return await handling.cancel(self._parts, actor, delivery_id)

    async def said(self, channel: str, vendor_id: str, outcome: Outcome) -> bool:
        """A platform tells what came of something; whether we know of it. Safe to repeat."""
        return await handling.said(self._parts, channel, vendor_id, outcome)
