"""How fast a channel may be called, over all processes: each takes the next slots, one after the other. Pure.

What has been taken stands in one row per channel. Whoever takes slots holds that row, so no two get the same; slots of
a process that died are lost and nothing else is. A platform that asks for a pause moves the row for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORT_PAUSE = timedelta(seconds=5)
"""Slots behind a pause that is no longer are given at once; in a longer one nothing is taken."""

FARTHEST_AHEAD, MOST_SLOTS_AHEAD = timedelta(minutes=5), 30
"""Nobody takes slots farther ahead than both: a row that says so was written by a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Rate:
    """per_second: calls of all processes together; per_address: what lies between two messages to one address.

    tolerance: so late a slot may be used. With 28 a second no second has more than 30 calls however late each of them
    is within that.
    """

    per_second: float
    per_address: timedelta = timedelta(0)
    tolerance: timedelta = timedelta(milliseconds=40)

    @property
    def interval(self) -> timedelta:
        """What lies between two slots."""
        return timedelta(seconds=1 / self.per_second)


@dataclass(frozen=True, slots=True)
class Slots:
    """given: the slot of each that asked, None for one whose address has to wait; free_at: the next free one."""

    given: tuple[datetime | None, ...]
    free_at: datetime


def take_slots(
    rate: Rate,
    now: datetime,
    *,
    free_at: datetime | None,
    paused_until: datetime | None,
    told_at: Sequence[datetime | None],
) -> Slots:
    """Slots for some messages. told_at: the slot of the last message to the address of each.

    No two slots are nearer than the interval, whoever takes them, and none lies in the past or in a pause.
    """
    farthest = now + max(FARTHEST_AHEAD, MOST_SLOTS_AHEAD * rate.interval)
    start = now if free_at is None or free_at > farthest else max(free_at, now)
    if paused_until is not None:
        start = max(start, paused_until)
    given: list[datetime | None] = []
    for last in told_at:
        if last is not None and start < last + rate.per_address:
            given.append(None)
            continue
        given.append(start)
        start += rate.interval
    return Slots(tuple(given), start)
