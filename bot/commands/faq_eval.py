"""`gonghui faq eval`: how good the answers are, on labelled questions."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

Advance = Callable[[int, int], object]

_FILE_WIDTH = 200


def evaluate(  # noqa: PLR0913 - options of a command
    files: Annotated[list[Path], typer.Argument(help='JSON lines {"id", "question", "topics", "typed_by_person"}')],
    *,
    compare: Annotated[bool, typer.Option("--compare", help="plain alternatives beside ours")] = False,
    fit: Annotated[bool, typer.Option("--fit", help="fit curves and thresholds, and print them")] = False,
    folds: Annotated[int, typer.Option(min=2, max=20, help="parts of the cross-validation of --fit")] = 5,
    report: Annotated[Path | None, typer.Option(help="write an HTML page with plots")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write all figures as JSON")] = None,
    show_errors: Annotated[int, typer.Option(min=0, help="show so many missed questions, with their texts")] = 0,
) -> None:
    """Measure the answers on labelled questions; lines with empty topics are out of scope.

    Nothing is recorded. Questions typed by persons come first in every table. Texts of questions
    are shown, here and in the reports, only with --show-errors.
    """
    from dataclasses import replace

    from rich.console import Console

    from bot.answers.evaluation import bench
    from bot.answers.evaluation.questions import load_questions
    from bot.answers.evaluation.report import render_report
    from bot.answers.evaluation.summary import evaluate as figures_of
    from bot.answers.evaluation.summary import misses
    from bot.answers.evaluation.tables import print_evaluation
    from bot.commands.ask import live_base
    from bot.settings import load_configuration
    from bot.store.fulltext import FullTextTable
    from bot.wording import load_wording

    questions = load_questions(files)
    settings = (configuration := load_configuration()).settings
    wording, now = load_wording(settings.content_dir / "replies"), datetime.now(UTC)
    base = live_base(configuration)
    with _progress() as step:
        made = bench.make_bench(settings, wording, base, now, step)
        seen = bench.measure(made, questions, step)
        found = figures_of(seen, made.served, base.revision, made.policy, now)
        cases = bench.weigh(made, seen, step) if fit or compare else []
        if fit:
            found = replace(found, fit=bench.fit_cases(made, cases, folds))
        if compare:
            compared = bench.comparisons(made, seen, cases, FullTextTable, step)
            found = replace(found, comparisons=compared)
    found = replace(found, misses=misses(seen, made.served, show_errors))
    print_evaluation(found, Console(width=None if sys.stdout.isatty() else _FILE_WIDTH))
    if json_file is not None:
        json_file.write_text(found.as_json() + "\n", encoding="utf-8")
    if report is not None:
        report.write_text(render_report(found), encoding="utf-8")


@contextmanager
def _progress() -> Iterator[Callable[[str], Advance]]:
    """A bar a step on the terminal's error stream."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def step(name: str) -> Advance:
            task = bars.add_task(name, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield step
