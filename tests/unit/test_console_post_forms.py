"""The forms of the editor and of plans: what is shown is read back, what cannot be read is named."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from starlette.datastructures import FormData

from bot.console.views.post_form import PostForm, form_of_content, form_of_fields, read_content
from bot.console.views.post_plan_form import PlanForm, make_rule
from bot.console.views.post_titles import title_of
from bot.console.views.posts import days_until
from bot.publishing.post_files import parse_post
from bot.publishing.posts import Season
from bot.publishing.schedules import Every, OnDayOff, Rule
from tests.builders import ROOT
from tests.newsroom import a_content

EXPLAINERS = sorted((ROOT / "content" / "explainers").glob("*.md"))


@pytest.mark.parametrize("path", EXPLAINERS, ids=lambda path: path.stem)
def test_every_shipped_explainer_passes_through_the_editor_unchanged(path: Path) -> None:
    content = parse_post(path.read_text(encoding="utf-8"))
    titles = {topic: f"标题 {topic}" for topic in content.related}
    form = form_of_content(content, 3, titles)
    sent = FormData(
        [
            *form.texts.items(),
            *(("channels", channel) for channel in form.channels),
            *(("related", title) for title in (*form.related, "")),
            *((f"variant.{channel}", text) for channel, text in form.variants.items()),
            ("version", str(form.version)),
        ]
    )
    assert form_of_fields(sent).version == 3
    assert read_content(form_of_fields(sent), titles, "unused") == (content, [])


def test_what_cannot_be_read_is_named_with_its_field() -> None:
    typed = {"citations": "《劳动合同法》第三十几条", "review_by": "明年", "first_month": "2", "tone": "pink"}
    content, faults = read_content(PostForm(texts=typed, related=("没有的",)), {}, "post-1")
    assert {(fault.code, fault.where) for fault in faults} == {
        ("citation_form", "citations"),
        ("date_form", "review_by"),
        ("season_form", "season"),
        ("topic_form", "related"),
    }
    assert content.slug == "post-1"


def test_a_drawn_cover_takes_the_place_of_an_uploaded_one() -> None:
    content = a_content()
    form = form_of_content(replace(content, cover=replace(content.cover, image="a" * 64)), 1, {})
    assert read_content(form, {}, "")[0].cover.image == "a" * 64
    assert read_content(form.with_text("cover_drawn", "1"), {}, "")[0].cover == content.cover


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (PlanForm(on="2026-12-01", at="09:00"), Rule(every=Every.ONCE, at=datetime(2026, 12, 1, 1, tzinfo=UTC))),
        (PlanForm(on="", at="09:00"), Rule(every=Every.ONCE)),
        (
            PlanForm(every="week", weekdays=("5", "1", "x"), at="08:30", on_day_off="skip", month_day="3"),
            Rule(every=Every.WEEK, weekdays=(1, 5), at_time=time(8, 30), on_day_off=OnDayOff.SKIP),
        ),
        (
            PlanForm(every="month", month_day="-1", at="25:00", until="2027-01-31"),
            Rule(every=Every.MONTH, month_day=-1, until=date(2027, 1, 31)),
        ),
        (PlanForm(every="workday", on_day_off="next"), Rule(every=Every.WORKDAY, at_time=time(9))),
    ],
)
def test_the_form_of_a_plan_makes_its_rule(form: PlanForm, rule: Rule) -> None:
    assert make_rule(form) == rule


@pytest.mark.parametrize(
    ("season", "days"),
    [
        (Season((11, 15), (1, 31)), 0),
        (Season((11, 22), (11, 22)), 0),
        (Season((12, 4), (12, 10)), 12),
        (Season((11, 1), (11, 21)), 344),
        (Season((6, 1), (8, 31)), 191),
    ],
)
def test_days_until_a_season(season: Season, days: int) -> None:
    assert days_until(season, date(2026, 11, 22)) == days


def test_a_season_that_begins_on_a_leap_day_begins_the_day_before_in_other_years() -> None:
    assert days_until(Season((2, 29), (3, 5)), date(2027, 2, 20)) == 8


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("---\nid: a.b\ntitle: 工资被拖欠\n---\n", "工资被拖欠"),
        ('---\ntitle: "带: 冒号"\n---\n', "带: 冒号"),
        ("没有", ""),
    ],
)
def test_titles_of_entries(source: str, title: str) -> None:
    assert title_of(source) == title
