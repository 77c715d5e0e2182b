"""What brings posts out: the planner and the dispatcher, with the senders that are there while the program runs."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.publishing.dispatch import Dispatcher
from bot.publishing.planning import Planner
from bot.publishing.ports import Sender


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """senders: by channel; the dispatcher uses this very mapping. They need connections, so they come and go."""

    planner: Planner
    dispatcher: Dispatcher
    senders: dict[str, Sender]

    def open(self, senders: Iterable[Sender]) -> None:
        """From now on these channels are sent to."""
        self.senders.update({sender.channel: sender for sender in senders})

    def close(self) -> None:
        """Nothing is sent any more: what is planned stays in the ledger."""
        self.senders.clear()
