"""What a sender remembers between its steps: every word is committed before the call that follows it."""

from bot.publishing.deliveries import Delivery, DeliveryEntry, DeliveryEvent, DeliveryState
from bot.publishing.ledger_errors import LeaseLost
from bot.publishing.scrubbing import scrubbed
from bot.publishing.sending.parts import Parts


class SendingMemory:
    """The port `Memory` while a delivery is being sent. `delivery` is as it stands in the ledger now."""

    def __init__(self, parts: Parts, delivery: Delivery) -> None:
        self._parts = parts
        self.delivery = delivery

    def get(self, name: str) -> str:
        """What was kept under that name; empty when nothing was."""
        return self.delivery.memory.get(name, "")

    async def keep(self, name: str, value: str) -> None:
        """Keep a word, and the delivery for another while. Raises LeaseLost."""
        until = self._parts.clock.now() + self._parts.lease
        memory = {**self.delivery.memory, name: value}
        async with self._parts.write() as work:
            after = await work.deliveries.keep(self.delivery, memory=memory, claimed_until=until)
            await work.commit()
        self.delivery = after

    async def intend(self) -> None:
        """Commit that the next call makes it public. Raises LeaseLost."""
        now = self._parts.clock.now()
        until = now + self._parts.lease
        async with self._parts.write() as work:
            if self.delivery.state is DeliveryState.SENDING:
                after = await work.deliveries.keep(self.delivery, claimed_until=until)
            else:
                fields = {"intent_at": now, "claimed_until": until}
                event = DeliveryEvent.INTEND
                after = await work.deliveries.take(self.delivery, event, now, by=self._parts.worker, **fields)
            await work.commit()
        self.delivery = after
        if self._parts.clock.now() >= until:  # the commit took so long that others take this for abandoned
            raise LeaseLost(self.delivery.id)

    async def note(self, code: str, detail: str = "") -> None:
        """Write what the platform said into the log, without secrets."""
        await write_note(self._parts, self.delivery.id, code, detail)


class AskingMemory:
    """The port `Memory` while the platform is asked what came of a delivery: nothing may be made public here."""

    def __init__(self, parts: Parts, delivery: Delivery) -> None:
        self._parts = parts
        self.delivery = delivery

    def get(self, name: str) -> str:
        """What was kept under that name; empty when nothing was."""
        return self.delivery.memory.get(name, "")

    async def keep(self, name: str, value: str) -> None:
        """Keep a word. Raises LeaseLost."""
        async with self._parts.write() as work:
            after = await work.deliveries.keep(self.delivery, memory={**self.delivery.memory, name: value})
            await work.commit()
        self.delivery = after

    async def intend(self) -> None:
        """Raises LeaseLost: who asks has nothing to make public."""
        raise LeaseLost(self.delivery.id)

    async def note(self, code: str, detail: str = "") -> None:
        """Write what the platform said into the log, without secrets."""
        await write_note(self._parts, self.delivery.id, code, detail)


async def write_note(parts: Parts, delivery: str, code: str, detail: str) -> None:
    """A line of a delivery's log, without secrets."""
    entry = DeliveryEntry(
        delivery=delivery,
        at=parts.clock.now(),
        event="note",
        by=parts.worker,
        code=scrubbed(code),
        detail=scrubbed(detail),
    )
    async with parts.write() as work:
        await work.deliveries.log(entry)
        await work.commit()
