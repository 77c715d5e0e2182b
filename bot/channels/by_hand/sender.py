"""What a person carries to a platform: nothing is called, and only that person's word makes it published."""

from bot.channels.by_hand.render import FAMILY
from bot.publishing.outcomes import Awaited, Outcome, Waiting
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel


class ByHandSender:
    """Stands for one platform.

    A delivery waits for a person from beginning to end; who has published it confirms with the link, and that ends it.
    `send` is never the step that publishes: called again, it waits on.
    """

    abilities: frozenset[Ability] = frozenset()
    attended = True
    per_minute = 0

    def __init__(self, platform: str) -> None:
        self.channel = f"{FAMILY}.{platform}"

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Wait for the person; see Sender."""
        return Waiting(Awaited.PERSON, "by_hand")

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Nobody but that person knows; see Sender."""
        return Waiting(Awaited.PERSON, "by_hand")

    async def health(self) -> ChannelHealth:
        """Always ready."""
        return ChannelHealth(state=HealthState.READY)
