"""What a worker said that matters for limits: dates, often vague, kept as the range that the words allow.

Everything may be unknown. What cannot be true together is refused by code, so that the worker can be asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.complaints.clocks.rules import PauseReason
from bot.errors import GonghuiError
from bot.workdays import check_day

_FIRST_YEAR = 1949


class ContradictoryFacts(GonghuiError):
    """What was said cannot all be true."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"[{code}]")


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days that may be meant, from the first to the last. Raises ValueError when the last lies before the first."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what is no range."""
        if check_day(self.last) < check_day(self.first):
            raise ValueError(f"{self.first} to {self.last} is no range of days")
        if self.first.year < _FIRST_YEAR:
            raise ValueError(f"{self.first} lies before {_FIRST_YEAR}")

    @classmethod
    def on(cls, day: date) -> "DayRange":
        """A day that is known."""
        return cls(day, day)


class Act(StrEnum):
    """What may have interrupted a limit (调解仲裁法 27(2), 办案规则 27)."""

    DEMAND = "demand"  # 向单位要
    MEDIATION = "mediation"  # 协商、申请调解
    COMPLAINT = "complaint"  # 向有关部门投诉
    INSPECTION = "inspection"  # 向劳动保障监察投诉、举报
    ARBITRATION = "arbitration"  # 申请过仲裁
    LAWSUIT = "lawsuit"  # 起诉、申请支付令
    PROMISE = "promise"  # 单位答应
    UNION = "union"  # 找过工会：是否算“有关部门”有不同看法，不计


@dataclass(frozen=True, slots=True)
class Interruption:
    """An act, and when it was."""

    act: Act
    on: DayRange


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What kept the worker from applying: since when, and the day on which it was over; None: it is not."""

    reason: PauseReason
    since: DayRange
    until: DayRange | None = None

    def __post_init__(self) -> None:
        """Refuse an end before the beginning."""
        if self.until is not None and self.until.last < self.since.first:
            raise ValueError("a hindrance cannot be over before it began")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known on the day `today`. Raises ContradictoryFacts.

    started: first day of work, or of work without a new contract when the old one had run out.
    left: the employment ended. dismissed: the worker was told so. contract_signed: a late written contract.
    known: the worker knew, or should have known, of the breach; breach_began stands in for it.
    breach_ongoing: whether it goes on; None when nobody said. leave_year: the year whose leave was not given.
    """

    today: date
    employed: bool | None = None
    started: DayRange | None = None
    left: DayRange | None = None
    dismissed: DayRange | None = None
    contract_signed: DayRange | None = None
    breach_began: DayRange | None = None
    breach_ended: DayRange | None = None
    breach_ongoing: bool | None = None
    known: DayRange | None = None
    leave_year: int | None = None
    accident: DayRange | None = None
    diagnosed: DayRange | None = None
    recognised: DayRange | None = None
    assessed: DayRange | None = None
    has_iou: bool = False
    interruptions: tuple[Interruption, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be true together."""
        check_day(self.today)
        for code in _contradictions(self):
            raise ContradictoryFacts(code)

    @property
    def ended(self) -> DayRange | None:
        """When the employment ended, or will end; the day of the dismissal unless the worker is still there."""
        if self.left is not None or self.employed is True:
            return self.left
        return self.dismissed


_PAST = (
    "started",
    "dismissed",
    "contract_signed",
    "breach_began",
    "known",
    "accident",
    "diagnosed",
    "recognised",
    "assessed",
)


def _contradictions(facts: Facts) -> Iterator[str]:
    for name in _PAST:
        days = getattr(facts, name)
        if days is not None and days.first > facts.today:
            yield f"{name}_in_future"
    if any(act.on.first > facts.today for act in facts.interruptions):
        yield "interruption_in_future"
    if any(hindrance.since.first > facts.today for hindrance in facts.hindrances):
        yield "hindrance_in_future"
    if facts.leave_year is not None and not _FIRST_YEAR <= facts.leave_year <= facts.today.year:
        yield "leave_year_impossible"
    yield from _contradictions_of_employment(facts)
    yield from _contradictions_of_breach(facts)


def _contradictions_of_employment(facts: Facts) -> Iterator[str]:
    if facts.left is not None:
        if facts.employed is True and facts.left.last < facts.today:
            yield "employed_but_left"
        if facts.employed is False and facts.left.first > facts.today:
            yield "left_in_future"
        if facts.started is not None and facts.left.last < facts.started.first:
            yield "left_before_start"


def _contradictions_of_breach(facts: Facts) -> Iterator[str]:
    if facts.breach_ended is None:
        return
    if facts.breach_began is not None and facts.breach_ended.last < facts.breach_began.first:
        yield "breach_ended_before_it_began"
    if facts.breach_ended.first > facts.today:
        yield "breach_ended_in_future"
    if facts.breach_ongoing is True:
        yield "breach_ended_and_ongoing"
