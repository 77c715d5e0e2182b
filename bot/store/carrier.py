"""What a driver's connection has to offer so that statements can wait for the next one and travel with it."""

from collections.abc import Sequence
from typing import Any, Protocol


class Answer:
    """What a statement that waits finds, to be read once it has travelled."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: Sequence[Any] | None = None

    def take(self, rows: Sequence[Any]) -> None:
        """The statement has run, and this is what it found."""
        self._rows = rows

    @property
    def rows(self) -> Sequence[Any]:
        """The rows as the driver gives them. Raises RuntimeError while the statement still waits."""
        if self._rows is None:
            raise RuntimeError("the statement has not travelled yet")
        return self._rows


class Carrier(Protocol):
    """A connection that lets statements wait for the next one, or for the commit; a rollback drops them."""

    def run_later(self, sql: str, rows: Sequence[Any], answer: Answer | None = None) -> None:
        """Run this once for each set of parameters; with an `answer`, of the last one what it found."""
