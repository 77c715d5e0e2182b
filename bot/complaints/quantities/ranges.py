"""What is kept of a quantity that somebody said: the words, and the range they allow.

Pure values. Without a range the words stay and `doubt` says why, so that the worker can be asked.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Doubt(StrEnum):
    """Why words have no range."""

    NOTHING = "nothing"  # 没看到
    SEVERAL = "several"  # 说了好几个
    UNCLEAR = "unclear"  # 看不明白，或有两种意思
    FUTURE = "future"  # 日子还没到


class Per(StrEnum):
    """What a sum is counted by; TOTAL when the words name nothing."""

    TOTAL = "total"
    HOUR = "hour"  # 每小时
    DAY = "day"  # 每天
    WEEK = "week"  # 每周
    MONTH = "month"  # 每月
    YEAR = "year"  # 每年
    PERSON = "person"  # 每人
    PIECE = "piece"  # 每件


@dataclass(frozen=True, slots=True)
class Bounds:
    """From the least to the most; `high` None when the words set no upper end. Raises ValueError for less than none."""

    low: int
    high: int | None

    def __post_init__(self) -> None:
        """Refuse what is no range."""
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise ValueError(f"{self.low} to {self.high} is no range")

    @property
    def exact(self) -> bool:
        """Whether one number is meant."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money as said; its bounds count fen (分), so that nothing is ever rounded."""

    said: str = field(repr=False)
    bounds: Bounds | None
    per: Per = Per.TOTAL
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Headcount:
    """A number of people as said."""

    said: str = field(repr=False)
    bounds: Bounds | None
    doubt: Doubt | None = None
