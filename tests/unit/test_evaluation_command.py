"""`gonghui faq eval` from files to figures, on a small base and without the slow encoder."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from bot.answers.content import read_folder
from bot.answers.entries import render_entry
from bot.cli import app
from bot.errors import ContentError
from bot.settings import CONFIG_VARIABLE
from tests.builders import ROOT, a_configuration

Run = Callable[..., Result]

TOPICS = ("wage.arrears", "injury.disability", "termination.severance")
OTHERS = (
    "邻居漏水把我家泡了怎么赔",
    "离婚孩子归谁",
    "驾照扣完分了怎么办",
    "网购假货怎么退款",
    "房东不退押金",
    "今天天气真好",
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shipped entries with a few phrasings each, and questions that are phrasings left out."""
    folder = tmp_path_factory.mktemp("evaluation")
    content = folder / "content"
    shutil.copytree(ROOT / "content", content, ignore=shutil.ignore_patterns("faq"))
    (content / "lexicon" / "other_matters.yaml").write_text(
        yaml.safe_dump({"questions": [f"{text}，急" for text in OTHERS]}, allow_unicode=True), encoding="utf-8"
    )
    entries = read_folder(ROOT / "content" / "faq")
    lines = [{"id": f"o{i}", "question": text, "topics": []} for i, text in enumerate(OTHERS)]
    for topic in TOPICS:
        entry = entries[topic]
        path = content / "faq" / entry.category / f"{topic.partition('.')[2]}.md"
        path.parent.mkdir(parents=True)
        path.write_text(render_entry(replace(entry, ask=entry.ask[:30], related=())), encoding="utf-8")
        lines += [
            {"id": f"{topic}-{i}", "question": text, "topics": [topic], "typed_by_person": i % 2 == 0}
            for i, text in enumerate(entry.ask[30:36])
        ]
    a_configuration(folder, {"content_dir": str(content), "answers": {"slow_encoder": False}})
    (folder / "questions.jsonl").write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    return folder


@pytest.fixture
def run(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv(CONFIG_VARIABLE, str(installation / "config.yaml"))
    return lambda *words: CliRunner().invoke(app, ["faq", "eval", *map(str, words)], catch_exceptions=False)


def test_figures_report_and_json_of_one_run(installation: Path, run: Run) -> None:
    report, figures = installation / "report.html", installation / "figures.json"
    result = run(
        installation / "questions.jsonl", "--compare", "--fit", "--folds", "2", "--report", report, "--json", figures
    )
    assert result.exit_code == 0
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["entries"] == 3
    assert {row["name"]: row["n"] for row in found["others"]}["other matters"] == len(OTHERS)
    [row] = [row for row in found["labour"] if row["name"] == "in scope, all"]
    assert row["n"] == 18
    assert row["figures"]["top1"]["value"] > 0.6
    assert len(found["comparisons"][0]["standings"]) == 3 + 5 + 1
    assert [held["name"] for held in found["fit"]["held"]] == ["served", "lexical", "fast"]
    page = report.read_text(encoding="utf-8")
    assert "</html>" in page
    for text in (result.output, page, figures.read_text(encoding="utf-8")):
        assert "邻居漏水" not in text


def test_missed_questions_are_shown_on_request(installation: Path, run: Run) -> None:
    path = installation / "wrong.jsonl"
    path.write_text('{"id": "1", "question": "拖欠我三个月工资", "topics": ["injury.disability"]}', encoding="utf-8")
    assert "拖欠我三个月工资" not in run(path).output
    assert "拖欠我三个月工资" in run(path, "--show-errors", 1).output


def test_fitting_on_too_few_questions_is_refused_in_words(installation: Path, run: Run) -> None:
    path = installation / "few.jsonl"
    path.write_text('{"id": "1", "question": "工资", "topics": ["wage.arrears"]}', encoding="utf-8")
    with pytest.raises(ContentError, match="needs 10 questions"):
        run(path, "--fit")
