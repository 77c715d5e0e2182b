"""Telling one article of the account from another: a post, the notice that corrects it, and last week's issue."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.wechat.article_box import Wanted

SINCE = datetime(2026, 12, 1, 1, tzinfo=UTC)
LINK = "https://ask.example.org/posts/winter-wages"
WANTED = Wanted("年底前，把工资要到手", LINK, SINCE)
LISTED = {"title": "年底前，把工资要到手", "content_source_url": LINK}


def listed_at(after: timedelta) -> int:
    return int((SINCE + after).timestamp())


def test_title_and_landing_page_make_the_article() -> None:
    assert WANTED.is_it(LISTED, listed_at(timedelta(minutes=1)))


@pytest.mark.parametrize(
    "changes",
    [{"title": "更正：年底前，把工资要到手"}, {"content_source_url": f"{LINK}-2"}, {"is_deleted": True}],
    ids=["a notice on the same page", "another page", "deleted"],
)
def test_what_differs_is_another(changes: dict[str, object]) -> None:
    assert not WANTED.is_it({**LISTED, **changes}, listed_at(timedelta(minutes=1)))


def test_what_was_there_before_is_last_weeks() -> None:
    assert not WANTED.is_it(LISTED, listed_at(-timedelta(days=7)))


def test_without_a_site_the_title_has_to_do() -> None:
    assert Wanted("年底前，把工资要到手", "", SINCE).is_it({"title": "年底前，把工资要到手"}, listed_at(timedelta()))
