"""Small plots as SVG text, drawn from numbers alone: bars, lines, and a reliability diagram.

Each has a title that a screen reader says; the numbers stand in tables beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]

COLOURS = ("#1f5f8b", "#d9822b", "#6b7f3a", "#a33a3a", "#6a4c93", "#4a4a4a")
_INK, _GRID = "#333", "#ddd"
_LABEL, _WIDTH, _RIGHT = 250, 760, 60


@dataclass(frozen=True, slots=True)
class Bar:
    """A value between low and high, which are drawn as a whisker."""

    value: float
    low: float
    high: float


def bars(title: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Horizontal bars from 0 to 1, one a series in each row."""
    thick, gap = 14, 12
    step = thick * len(series) + gap
    height = 30 + step * len(rows) + 24
    x = _scale(0.0, 1.0)
    parts = [_legend(series), *_upright_grid((0, 0.25, 0.5, 0.75, 1), x, 26, height - 22)]
    for number, (label, values) in enumerate(rows):
        top = 30 + number * step
        parts.append(_text(_LABEL - 8, top + step / 2 - 2, label, "end"))
        for place, bar in enumerate(values):
            y = top + place * thick
            parts.append(_rectangle(x(0), y, x(bar.value) - x(0), thick - 2, COLOURS[place]))
            parts.append(_line((x(bar.low), y + thick / 2 - 1), (x(bar.high), y + thick / 2 - 1), _INK))
            parts.append(_text(x(max(bar.high, bar.value)) + 4, y + thick - 4, f"{bar.value:.2f}", size=10))
    return _svg(title, height, parts)


def differences(title: str, rows: Sequence[tuple[str, Sequence[Bar]]], series: Sequence[str]) -> str:
    """Points with whiskers about zero, one a series in each row."""
    most = max([0.05, *(abs(v) for _, values in rows for bar in values for v in (bar.low, bar.high))])
    x = _scale(-most, most)
    step = 14 * len(series) + 12
    height = 30 + step * len(rows) + 24
    marks = (-most, -most / 2, 0.0, most / 2, most)
    parts = [_legend(series), *_upright_grid(marks, x, 26, height - 22), _line((x(0), 26), (x(0), height - 22), _INK)]
    for number, (label, values) in enumerate(rows):
        top = 30 + number * step
        parts.append(_text(_LABEL - 8, top + step / 2 - 2, label, "end"))
        for place, bar in enumerate(values):
            y = top + place * 14 + 7
            parts.append(_line((x(bar.low), y), (x(bar.high), y), COLOURS[place], width=3))
            parts.append(f'<circle cx="{x(bar.value):.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[place]}"/>')
    return _svg(title, height, parts)


def lines(title: str, xs: Sequence[float], series: Sequence[tuple[str, Sequence[float]]], mark: float) -> str:
    """Shares over a number, with an upright line where that number stands now. A line may end early."""
    height, top, bottom = 320, 40, 284
    x = _scale(min(xs), max(xs), left=50)
    parts = [_legend([name for name, _ in series]), *_level_grid(top, bottom)]
    for place in range(6):
        value = min(xs) + (max(xs) - min(xs)) * place / 5
        parts.append(_text(x(value), bottom + 16, f"{value:.2f}", "middle", 10))
    parts.append(_line((x(mark), top), (x(mark), bottom), _INK, dashed=True))
    for colour, (_, ys) in zip(COLOURS, series, strict=False):
        points = " ".join(f"{x(a):.1f},{_y(b, top, bottom):.1f}" for a, b in zip(xs, ys, strict=False))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return _svg(title, height, parts)


def diagram(title: str, points: Sequence[tuple[float, float, int]]) -> str:
    """Stated against true: on the slanting line is perfect; the area is the number of questions."""
    height, top, bottom = 360, 20, 324
    x = _scale(0.0, 1.0, left=50)
    most = max([1, *(n for _, _, n in points)])
    parts = [*_level_grid(top, bottom), _line((x(0), bottom), (x(1), top), _INK, dashed=True)]
    parts += [_text(x(place / 4), bottom + 16, f"{place / 4:.2f}", "middle", 10) for place in range(5)]
    for stated, true, n in points:
        radius = 3 + 11 * (n / most) ** 0.5
        y = _y(true, top, bottom)
        parts.append(
            f'<circle cx="{x(stated):.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{COLOURS[0]}" fill-opacity="0.65"/>'
        )
        parts.append(_text(x(stated) + radius + 3, y + 3, str(n), size=10))
    return _svg(title, height, parts)


class _scale:  # noqa: N801 - used as a function
    """Where a value stands from left to right."""

    def __init__(self, least: float, most: float, left: int = _LABEL) -> None:
        self._least = least
        self._left = left
        self._factor = (_WIDTH - _RIGHT - left) / ((most - least) or 1)

    def __call__(self, value: float) -> float:
        return self._left + (value - self._least) * self._factor


def _y(share: float, top: int, bottom: int) -> float:
    return bottom - share * (bottom - top)


def _upright_grid(values: Sequence[float], x: _scale, top: float, bottom: float) -> list[str]:
    parts = []
    for value in values:
        parts.append(_line((x(value), top), (x(value), bottom), _GRID))
        parts.append(_text(x(value), bottom + 14, f"{value:.2f}", "middle", 10))
    return parts


def _level_grid(top: int, bottom: int) -> list[str]:
    parts = []
    for place in range(5):
        y = _y(place / 4, top, bottom)
        parts += [_line((50, y), (_WIDTH - _RIGHT, y), _GRID), _text(44, y + 3, f"{place / 4:.2f}", "end", 10)]
    return parts


def _legend(names: Sequence[str]) -> str:
    parts, left = [], 50.0
    for colour, name in zip(COLOURS, names, strict=False):
        parts += [_rectangle(left, 6, 12, 12, colour), _text(left + 17, 16, name, size=11)]
        left += 34 + 6.4 * len(name)
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place} fill="{_INK}">{escape(text)}</text>'


def _line(a: Point, b: Point, colour: str, *, width: int = 1, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    place = f'x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"'
    return f'<line {place} stroke="{colour}" stroke-width="{width}"{dash}/>'


def _rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{colour}"/>'


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img"'
    return f'{head} aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
