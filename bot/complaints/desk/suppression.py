"""Small counts hidden, and as many others as it takes that nobody can work them out.

Pure. A count under `LEAST` is hidden, nought too: that a first case has come is nobody's business either. Where the
rest of a table and its total would tell what is hidden, the smallest of the other counts are hidden with it. The
promise is stronger than subtraction: even to somebody who knows this very module, every hidden count may still be
one of at least two numbers, as another table would have been shown just the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 5


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases, as far as they are shown. `hidden`: there may be more; with the value 0 nothing is shown."""

    value: int
    hidden: bool = False

    def __add__(self, other: "Count") -> "Count":
        """Both together: what is hidden of one is hidden of the sum."""
        return Count(self.value + other.value, self.hidden or other.hidden)

    @property
    def is_shown(self) -> bool:
        """Whether anything can be said."""
        return not self.hidden or self.value > 0

    def share_of(self, whole: "Count") -> float | None:
        """The part of the whole from 0 to 1; None where one of them is not wholly shown, or nothing is there."""
        if self.hidden or whole.hidden or not whole.value:
            return None
        return self.value / whole.value


NOTHING = Count(0)
HIDDEN = Count(0, hidden=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as it is shown: its counts by code, and their total."""

    counts: Mapping[str, Count]
    total: Count


def plain(counts: Mapping[str, int]) -> Shown:
    """Everything, for whoever may see the cases themselves."""
    return Shown({code: Count(number) for code, number in counts.items()}, Count(sum(counts.values())))


def protect(counts: Mapping[str, int]) -> Shown:
    """The table with its total shown, unless the total itself is small.

    Which codes stand in the table must not depend on the counts.
    """
    total = sum(counts.values())
    if total < LEAST:
        return Shown(dict.fromkeys(counts, HIDDEN), HIDDEN)
    hidden = {code for code, number in counts.items() if number < LEAST}
    if hidden and _tells(counts, hidden):
        hidden |= _smallest(counts, hidden)
    return Shown(_masked(counts, hidden), Count(total))


def protect_open(counts: Mapping[str, int]) -> Shown:
    """The table without its total: something is always hidden, so that the sum stays unknown.

    For counts of which another table shows the sum in parts.
    """
    hidden = {code for code, number in counts.items() if number < LEAST} or _smallest(counts, set())
    shown = _masked(counts, hidden)
    return Shown(shown, sum(shown.values(), HIDDEN))


def _tells(counts: Mapping[str, int], hidden: set[str]) -> bool:
    """Whether the sum of what is hidden says what each is: one alone, all nought, or all as high as can be.

    One below the highest sum tells nothing yet, but is treated alike: so a table of highest ones is not the only
    one that is hidden whole.
    """
    together = sum(counts[code] for code in hidden)
    return len(hidden) == 1 or together == 0 or together >= (LEAST - 1) * len(hidden) - 1


def _smallest(counts: Mapping[str, int], hidden: set[str]) -> set[str]:
    """All of the smallest of the others: choosing among equal ones would tell something by the choice."""
    others = {code: number for code, number in counts.items() if code not in hidden}
    return {code for code, number in others.items() if number == min(others.values())}


def _masked(counts: Mapping[str, int], hidden: set[str]) -> dict[str, Count]:
    return {code: HIDDEN if code in hidden else Count(number) for code, number in counts.items()}
