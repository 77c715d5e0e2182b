"""The shipped entries meet the standard that the check sets, on the day they were checked."""

from datetime import date
from pathlib import Path

import pytest

from bot.answers.check import check_folder
from bot.answers.content import read_files
from bot.answers.entries import render_entry
from bot.commands.faq import check_rules
from bot.laws.findings import Level
from bot.wording import load_wording
from tests.builders import ROOT, a_configuration

FAQ = ROOT / "content/faq"


@pytest.fixture(scope="module")
def day() -> date:
    """The day of the newest check: reviews fall due later, and then `gonghui faq check` says so, not this test."""
    files, _ = read_files(FAQ)
    return max(file.entry.checked_on for file in files)


def test_every_entry_passes_the_check(day: date, tmp_path: Path) -> None:
    rules = check_rules(a_configuration(tmp_path), day, {})
    errors = [str(finding) for finding in check_folder(FAQ, rules) if finding.level is Level.ERROR]
    assert errors == []


def test_every_file_is_written_in_its_canonical_form() -> None:
    """So that an export changes nothing but what was edited."""
    files, _ = read_files(FAQ)
    assert [str(file.path) for file in files if render_entry(file.entry) != file.source] == []


def test_every_question_shown_first_has_an_entry() -> None:
    files, _ = read_files(FAQ)
    topics = {file.entry.topic for file in files}
    shown = load_wording(ROOT / "content/replies")("hot.topics").split()
    assert [topic for topic in shown if topic not in topics] == []
