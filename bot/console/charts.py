"""Charts as shapes on a plane, for templates to draw as SVG: no script, no inline style, no library.

A hidden figure is never drawn by its size: it is a short mark of its own kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log10

from bot.complaints.desk.statistics import Week
from bot.complaints.desk.suppression import Count

LEFT, RIGHT, TOP, BOTTOM = 38, 6, 10, 26
LEAST_HEIGHT = 1.5
HIDDEN_HEIGHT = 6
LINES = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One column. kind: `came` or `went`; a hidden one has a mark in place of a height."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the scale, or a day below the columns."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What came and went week by week."""

    width: int
    height: int
    base: float
    left: float
    right: float
    columns: tuple[Column, ...]
    scale: tuple[Mark, ...]
    days: tuple[Mark, ...]


def week_columns(weeks: Sequence[Week], *, width: int, height: int = 220, most_days: int = 12) -> Columns:
    """Two columns a week, on a plane of that size, with no more days written below than fit."""
    base, room = height - BOTTOM, height - BOTTOM - TOP
    top = nice_top(max((count.value for week in weeks for count in (week.came, week.went)), default=0))
    slot = (width - LEFT - RIGHT) / max(len(weeks), 1)
    bar = min(slot * 0.4, 18)
    columns: list[Column] = []
    for place, week in enumerate(weeks):
        middle = LEFT + slot * (place + 0.5)
        for kind, count, start in (("came", week.came, middle - bar), ("went", week.went, middle)):
            high = _height(count, room, top)
            columns.append(Column(_round(start), _round(base - high), _round(bar), _round(high), kind, count.hidden))
    every = max(ceil(len(weeks) / most_days), 1)
    days = [
        Mark(_round(LEFT + slot * (place + 0.5)), _day(week.first))
        for place, week in enumerate(weeks)
        if place % every == 0
    ]
    scale = [Mark(_round(base - room * step / LINES), f"{top * step // LINES}") for step in range(LINES + 1)]
    return Columns(width, height, base, LEFT, width - RIGHT, tuple(columns), tuple(scale), tuple(days))


def nice_top(most: int) -> int:
    """The end of a scale that holds that figure: a round number that four lines divide evenly."""
    if most <= LINES:
        return LINES
    power = 10 ** int(log10(most))
    return next(
        int(power * step) for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10, 12) if power * step >= most
        and power * step % LINES == 0
    )  # fmt: skip


def _height(count: Count, room: float, top: int) -> float:
    if count.hidden:
        return HIDDEN_HEIGHT
    return max(room * count.value / top, LEAST_HEIGHT) if count.value else 0


def _day(day: date) -> str:
    return f"{day.month}/{day.day}"


def _round(number: float) -> float:
    return round(number, 1)
