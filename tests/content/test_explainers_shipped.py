"""The shipped explainers meet the standard that the check sets, on the day they were checked."""

import re
from datetime import date

import pytest

from bot.commands.post_checks import strict_newsroom
from bot.publishing.markdown_text import plain_text
from bot.publishing.post_files import PostFile, read_posts, render_post
from bot.publishing.rendering import Severity
from tests.builders import ROOT, a_configuration

FILES, FAULTS = read_posts(ROOT / "content" / "explainers")
DAY = max((file.content.checked_on for file in FILES if file.content.checked_on), default=date.min)
"""Of the newest check: reviews fall due later, and then `gonghui posts check` says so, not this test."""

FEWEST, LONGEST_BODY = 24, 1200
CHANNELS = ("wechat", "weibo", "telegram", "mastodon", "site")


def test_there_is_one_for_every_part_of_the_year() -> None:
    assert FAULTS == []
    assert len(FILES) >= FEWEST


def test_every_explainer_passes_the_check_for_every_channel(tmp_path_factory: pytest.TempPathFactory) -> None:
    newsroom = strict_newsroom(a_configuration(tmp_path_factory.mktemp("check")))
    errors = {
        file.path.name: newsroom.words.finding(finding)
        for file in FILES
        for finding in newsroom.checker.check(file.content, DAY)
        if finding.severity is Severity.ERROR
    }
    assert errors == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.content.slug)
def test_an_explainer_is_short_dated_cited_and_has_its_short_form(file: PostFile) -> None:
    content = file.content
    assert len(re.sub(r"\s", "", plain_text(content.body))) <= LONGEST_BODY
    assert content.channels == CHANNELS
    assert set(content.variants) == {"weibo"}
    assert content.citations
    assert content.cover.lines
    assert None not in (content.effective_from, content.checked_on, content.review_by)
    assert render_post(content) == file.source, "in its canonical form: an export changes nothing but what was edited"
