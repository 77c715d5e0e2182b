"""What the program counts about itself, without saying who asked or what.

The figures are told to a `Metrics`; what becomes of them is the operator's business
(`bot.ops.metrics`). Labels come from fixed sets in the code, never from people.
"""

from typing import Protocol


class Metrics(Protocol):
    """Takes figures. Never raises and never blocks."""

    def question(self, channel: str, outcome: str) -> None:
        """A question was answered and recorded with this outcome."""
        ...

    def reply(self, channel: str, seconds: float) -> None:
        """A message got its reply after so long."""
        ...

    def repeat(self, channel: str) -> None:
        """A message came again and was not handled again."""
        ...

    def empty_answer(self, channel: str) -> None:
        """The platform got an empty answer, because the reply was not ready in time."""
        ...

    def storage_error(self, *, full: bool) -> None:
        """The database did not take some work: it is full, or otherwise away."""
        ...

    def failure(self, part: str) -> None:
        """A handler or a job of the program failed with a fault of its own."""
        ...

    def notice(self, road: str, outcome: str) -> None:
        """A notice was sent by this road, put off, given up, or nobody knows."""
        ...


class NoMetrics:
    """Takes figures and forgets them: for commands and tests that do not look."""

    def question(self, channel: str, outcome: str) -> None:
        """Forget it."""

    def reply(self, channel: str, seconds: float) -> None:
        """Forget it."""

    def repeat(self, channel: str) -> None:
        """Forget it."""

    def empty_answer(self, channel: str) -> None:
        """Forget it."""

    def storage_error(self, *, full: bool) -> None:
        """Forget it."""

    def failure(self, part: str) -> None:
        """Forget it."""

    def notice(self, road: str, outcome: str) -> None:
        """Forget it."""
