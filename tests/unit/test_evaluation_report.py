"""The report and the tables: whole, readable by a parser, and without texts of questions."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from bot.answers.evaluation.cases import CALIBRATIONS
from bot.answers.evaluation.comparing import Comparison, Difference, Standing
from bot.answers.evaluation.fitting import Fit, Held, SlowShare
from bot.answers.evaluation.observing import Seen
from bot.answers.evaluation.plots import Bar, bars, diagram, differences, lines
from bot.answers.evaluation.questions import Question
from bot.answers.evaluation.report import render_report
from bot.answers.evaluation.summary import Evaluation, evaluate, misses
from bot.answers.evaluation.tables import print_evaluation
from bot.answers.evaluation.thresholds import TARGETS
from bot.answers.outcome import Outcome, Policy

SECRET = "老板姓<王>，欠我三万"
COVERED = {"a.x": None, "b.x": None}


def seen(wanted: str, got: str, outcome: Outcome, *, typed: bool = True) -> Seen:
    question = Question(f"id-{wanted}-{got}", SECRET, (wanted,) if wanted else (), typed)
    shown = (got,) if outcome is Outcome.ANSWER else ()
    return Seen(question, outcome, "", (got, "c.x"), shown, 0.7, 0.8, 3.0)


SEEN = [
    seen("a.x", "a.x", Outcome.ANSWER),
    seen("a.x", "b.x", Outcome.ANSWER, typed=False),
    seen("b.x", "b.x", Outcome.SUGGEST),
    seen("q.x", "b.x", Outcome.ANSWER),
    seen("", "b.x", Outcome.NONE),
]


@pytest.fixture
def found() -> Evaluation:
    evaluation = evaluate(SEEN, COVERED, "0123456789abcdef", Policy(0.6, 0.2), datetime(2026, 11, 22, tzinfo=UTC))
    values = dict.fromkeys(TARGETS, 0.5)
    standings = (
        Standing("ours", "", (0.8, 0.9)),
        Standing("rival <1>", "k1=1", (0.6, 0.7), (Difference(-0.2, -0.3, -0.1), Difference(-0.2, -0.3, 0.1))),
    )
    return replace(
        evaluation,
        comparisons=(Comparison("covered, typed", 5, standings),),
        fit=Fit(
            CALIBRATIONS,
            Policy(0.6, 0.2),
            (Held("served", values, values, 0.03, 0.04),),
            (SlowShare(0.7, 0.4, 0.8, 0.9, values),),
        ),
    )


def printed(found: Evaluation) -> str:
    console = Console(file=io.StringIO(), width=220, no_color=True)
    print_evaluation(found, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_texts_of_questions_are_shown_only_when_asked_for(found: Evaluation) -> None:
    """Real questions of real people must not end up in a log of CI or in a page passed on."""
    for text in (printed(found), render_report(found), found.as_json()):
        assert "欠我三万" not in text
    asked = replace(found, misses=misses(SEEN, COVERED, 5))
    for text in (printed(asked), render_report(asked), asked.as_json()):
        assert "欠我三万" in text


def test_misses_are_covered_questions_with_another_topic_first_and_not_more_than_asked_for() -> None:
    assert [miss.id for miss in misses(SEEN, COVERED, 5)] == ["id-a.x-b.x"]
    assert misses(SEEN, COVERED, 0) == ()


def test_the_tables_name_the_figures(found: Evaluation) -> None:
    text = printed(found)
    for words in (
        "covered, typed",
        "not covered, all",
        "other matters",
        "rival <1>",
        "a.x",
        "calibration error",
        "p99",
    ):
        assert words in text
    assert "ANSWER_FROM = 0.6" in text


def test_the_report_is_one_page_that_loads_nothing(found: Evaluation) -> None:
    page = render_report(replace(found, misses=misses(SEEN, COVERED, 5)))
    assert not re.search(r"<script|<link|<img|(?:src|href)=|url\(", page)
    assert "老板姓&lt;王&gt;" in page
    assert "rival &lt;1&gt;" in page
    body = page.removeprefix("<!doctype html>").replace('<meta charset="utf-8">', "")
    ET.fromstring(re.sub(r"<meta [^>]*>|<br>", "", body))


def test_every_plot_says_what_it_shows(found: Evaluation) -> None:
    page = render_report(found)
    plots = re.findall(r"<svg.*?</svg>", page)
    assert len(plots) == 8
    assert all(re.search(r'role="img" aria-label="[^"]+"><title>', plot) for plot in plots)


def test_figures_as_json_are_plain(found: Evaluation) -> None:
    figures = json.loads(found.as_json())
    assert figures["entries"] == 2
    assert figures["labour"][0]["figures"]["top1"]["n"] == figures["labour"][0]["n"]
    assert set(figures["fit"]["calibrations"]) == {"lexical", "fast", "full"}


def test_an_evaluation_of_one_kind_of_question_only_is_possible() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for part in (SEEN[:4], SEEN[4:]):
        evaluation = evaluate(part, COVERED, "r", Policy(0.6, 0.2), now)
        assert "p50" in printed(evaluation)
        assert render_report(evaluation).endswith("</html>\n")


def test_not_covered_questions_do_not_count_against_categories(found: Evaluation) -> None:
    assert {row.name: row.n for row in found.categories} == {"a": 2, "b": 1}


def test_plots_put_values_where_they_belong() -> None:
    chart = ET.fromstring(bars("t", ("s",), [("one", (Bar(0.5, 0.4, 0.6),)), ("two", (Bar(1.0, 1.0, 1.0),))]))
    half, whole = (
        float(rect.attrib["width"])
        for rect in chart.iter("{http://www.w3.org/2000/svg}rect")
        if rect.attrib["width"] != "12.0"
    )
    assert whole == pytest.approx(2 * half, abs=0.2)
    line = ET.fromstring(lines("t", [0.0, 1.0], [("s", [0.0, 1.0])], 0.5)).find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in line.attrib["points"].split())
    assert x1 < x2
    assert y1 > y2


def test_plots_survive_having_nothing_to_show() -> None:
    for chart in (bars("t", (), []), differences("t", [], ()), diagram("t", []), lines("t", [0.5], [], 0.5)):
        ET.fromstring(chart)
