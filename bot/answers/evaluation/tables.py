"""An evaluation on the terminal. No question is shown unless it was asked for.

Intervals need a wide terminal; the report and the JSON file have them always.
"""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bot.answers.evaluation.comparing import Comparison, Difference
from bot.answers.evaluation.figures import Figure, Row
from bot.answers.evaluation.fitting import Fit, constants
from bot.answers.evaluation.summary import Evaluation
from bot.answers.evaluation.thresholds import TARGETS

RANKING = {"top1": "top-1", "top3": "top-3", "top10": "top-10", "mrr": "MRR"}
OUTCOMES = {"answer": "answered", "suggest": "suggested", "none": "declined"}
WIDE = 150
SERVING = {"precision": "answers right", "wrong": "wrong answers", "shown": "accepted shown"}


def print_evaluation(found: Evaluation, console: Console) -> None:
    """The whole evaluation as tables."""
    console.print(f"\n{found.entries} entries, base {found.revision[:12]}, {found.evaluated_at}")
    console.print(f"answer from {found.policy.answer}, labour from {found.policy.labour}\n")
    wide = console.width >= WIDE
    for title, rows, columns in (
        ("Questions on labour matters: ranking", found.labour, RANKING),
        ("Questions on labour matters: what they get", found.labour, {**OUTCOMES, **SERVING}),
        ("Out of scope", found.others, OUTCOMES),
        ("By category (covered)", found.categories, {"top1": "top-1", "top3": "top-3", **SERVING}),
    ):
        console.print(_rows(title, rows, columns, wide=wide))
    console.print(_worst(found))
    console.print(_pairs(found))
    console.print(
        f"calibration error: certainty {found.certainty.error:.3f}, about labour {found.about_labour.error:.3f}"
    )
    console.print(", ".join(f"{name} {ms:.1f} ms" for name, ms in found.latency.items()))
    for comparison in found.comparisons:
        console.print(_compared(comparison, wide=wide))
    if found.fit is not None:
        _print_fit(found.fit, console)
    _print_misses(found, console)


def share(figure: Figure, *, wide: bool = True) -> str:
    """A share, with its interval where there is room: .812 (.770-.853)."""
    if not figure.n:
        return "-"
    interval = f" ({_plain(figure.low)}-{_plain(figure.high)})" if wide else ""
    return f"{_plain(figure.value)}{interval}"


def _plain(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _rows(title: str, rows: Iterable[Row], columns: Mapping[str, str], *, wide: bool) -> Table:
    table = _table(title, ["", "n", *columns.values()])
    for row in rows:
        table.add_row(row.name, str(row.n), *(share(row.figures[name], wide=wide) for name in columns))
    return table


def _worst(found: Evaluation) -> Table:
    table = _table("Topics missed most (covered, by best topic)", ["topic", "n", "missed", "first instead"])
    for topic in found.worst:
        instead = ", ".join(f"{name} {n}" for name, n in topic.instead)
        table.add_row(topic.topic, str(topic.n), str(topic.misses), instead)
    return table


def _pairs(found: Evaluation) -> Table:
    table = _table("Taken for another", ["wanted", "came first", "times"])
    for wanted, got, n in found.confused:
        table.add_row(wanted, got, str(n))
    return table


def _print_misses(found: Evaluation, console: Console) -> None:
    for miss in found.misses:
        numbers = f"certainty {miss.certainty:.2f}, labour {miss.labour:.2f}"
        console.print(f"\n{miss.id}: {miss.outcome}, {numbers}", markup=False)
        console.print(f"  {miss.text}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"  wanted {', '.join(miss.wanted)}; got {', '.join(miss.got)}", markup=False)


def _compared(comparison: Comparison, *, wide: bool) -> Table:
    title = f"Compared on: {comparison.questions} (n={comparison.n}); each rival at its best setting on these"
    table = _table(title, ["", "top-1", "against ours", "top-3", "against ours", *(["setting"] if wide else [])])
    for one in comparison.standings:
        (top1, top3), differences = one.shares, one.differences or (None, None)
        first, third = (_difference(one, wide=wide) for one in differences)
        table.add_row(one.name, _plain(top1), first, _plain(top3), third, *([one.setting] if wide else []))
    return table


def _difference(one: Difference | None, *, wide: bool) -> str:
    if one is None:
        return ""
    return f"{one.value:+.3f}" + (f" ({one.low:+.3f} to {one.high:+.3f})" if wide else "")


def _print_fit(fitted: Fit, console: Console) -> None:
    names = [f"{name} ({'>=' if t.sign > 0 else '<='} {t.limit:g})" for name, t in TARGETS.items()]
    table = _table("Cross-validated", ["ranking", "questions", *names, "calibration errors"])
    for held in fitted.held:
        errors = f"{held.certainty_error:.3f} {held.labour_error:.3f}"
        for label, values in (("typed", held.typed), ("all", held.all)):
            cells = [_held(values[name], TARGETS[name].is_met(values[name])) for name in TARGETS]
            table.add_row(held.name, label, *cells, errors if label == "all" else "")
    console.print(table)
    heads = ["sure", "asked", "top-1", "top-3", *TARGETS]
    slow = _table("Asking the slow encoder below this certainty of the fast ranking", heads)
    for one in fitted.slow:
        cells = [_held(one.figures[name], TARGETS[name].is_met(one.figures[name])) for name in TARGETS]
        slow.add_row(f"{one.sure:g}", _plain(one.asked), _plain(one.top1), _plain(one.top3), *cells)
    console.print(slow)
    console.print("\nFitted on all questions, for bot/answers/calibration.py:\n")
    console.print(constants(fitted), highlight=False, soft_wrap=True)


def _held(value: float, is_met: bool) -> str:  # noqa: FBT001 - reads as a pair
    return _plain(value) if is_met else f"[red]{_plain(value)}[/red]"


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table
