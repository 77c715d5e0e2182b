"""How a post looks on a microblog, how it is counted, and how a post of ours is recognised there."""

import json
from datetime import timedelta

import pytest

from bot.channels.mastodon.counting import count
from bot.channels.mastodon.lookup import Found
from bot.channels.mastodon.render import MastodonRenderer
from bot.publishing.hashtags import hashtags
from bot.publishing.ports import Frame
from bot.publishing.post_files import parse_post
from bot.publishing.posts import Content
from bot.publishing.rendering import Rendering, Severity
from tests.builders import ROOT
from tests.emulators.mastodon import Status, _html
from tests.fakes import FakeClock

COVER = "c0ffee" + "0" * 58
FRAME = Frame(
    federation="菏泽市总工会", short_name="菏泽工会", hotline="12351", base_url="https://union.test", cover=COVER
)
RENDERER = MastodonRenderer()
GOLDEN = ROOT / "tests" / "golden" / "mastodon.json"


def a_content(**fields: object) -> Content:
    values = {
        "slug": "winter-wages",
        "title": "年底前，把工资要到手",
        "body": "正文。",
        "digest": "被欠薪怎么留证据、找哪里",
        "tags": ("欠薪", "农民工"),
    }
    return Content(**{**values, **fields})  # type: ignore[arg-type]


def text_of(content: Content) -> str:
    return RENDERER.render(content, FRAME).parts["text"]


def test_the_golden_rendering() -> None:
    content = a_content(variants={"weibo": "被欠薪别干等：先留考勤、工资条，\r\n 再打12333投诉。"})
    assert json.loads(RENDERER.render(content, FRAME).document()) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_its_own_text_stands_before_that_of_weibo_and_that_before_the_digest() -> None:
    weibo = {"weibo": "微博的短文"}
    assert "自己的短文" in text_of(a_content(variants={**weibo, "mastodon": "自己的短文"}))
    assert "微博的短文" in text_of(a_content(variants=weibo))
    assert text_of(a_content(correction="标准是每月200元。")) == (
        "年底前，把工资要到手\n\n标准是每月200元。\n\n被欠薪怎么留证据、找哪里\n\n#欠薪 #农民工\n\nhttps://union.test/posts/winter-wages"
    )


def test_nobody_has_to_write_a_short_text_but_staff_are_told() -> None:
    content = a_content()
    (finding,) = RENDERER.check(RENDERER.render(content, FRAME), content)
    assert (finding.code, finding.severity, finding.where) == (
        "own_text_missing",
        Severity.WARNING,
        "variants.mastodon",
    )


def test_what_is_longer_than_the_server_takes_is_found() -> None:
    content = a_content(variants={"mastodon": "长" * 500})
    (finding,) = RENDERER.check(RENDERER.render(content, FRAME), content)
    assert (finding.code, finding.where, finding.data["limit"]) == ("too_long", "variants.mastodon", "500")
    roomy = MastodonRenderer(5000)
    assert roomy.check(roomy.render(content, FRAME), content) == []


def test_every_explainer_fits() -> None:
    for path in sorted((ROOT / "content" / "explainers").glob("*.md")):
        content = parse_post(path.read_text(encoding="utf-8"), str(path))
        findings = RENDERER.check(RENDERER.render(content, FRAME), content)
        assert [finding for finding in findings if finding.severity is Severity.ERROR] == [], path.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("工资", 2),
        ("https://union.test/posts/a-very-long-name-of-a-post-about-wages", 23),
        ("看这里：https://union.test/x。谢谢", 4 + 23 + 3),
        ("@liu@other.test 你好", 4 + 3),
        ("e\u0301", 1),
    ],
    ids=["characters", "link", "link_in_a_sentence", "mention", "composed"],
)
def test_counting(text: str, expected: int) -> None:
    assert count(text) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["农民工 工资"], "#农民工工资"),
        (["12333", "……"], ""),
        (["#欠薪"], "#欠薪"),
        (["欠薪", "12333", "农民工"], "#欠薪 #农民工"),
    ],
    ids=["space", "number", "mark", "line"],
)
def test_each_tag_becomes_one_word(tags: list[str], expected: str) -> None:
    assert hashtags(tags) == expected


def test_the_preview_shows_links_and_never_runs_what_somebody_wrote() -> None:
    content = a_content(variants={"mastodon": "<script>alert(1)</script> https://union.test/?a=1&b=2"})
    preview = RENDERER.preview(RENDERER.render(content, FRAME), {COVER: "/pictures/c0ffee"})
    assert "<script>" not in preview.html
    assert '<a href="https://union.test/?a=1&amp;b=2">' in preview.html
    assert '<img src="/pictures/c0ffee" alt="年底前，把工资要到手">' in preview.html


OURS = RENDERER.render(a_content(), FRAME)


def as_shown(text: str) -> dict[str, str]:
    status = Status("1", text, [], FakeClock().now() + timedelta(0))
    return {"content": _html(status.text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OURS.parts["text"], Found.SAME),
        (OURS.parts["text"].replace("留证据", "留好证据"), Found.SAME),
        ("大家看看这篇：https://union.test/posts/winter-wages", Found.SIMILAR),
        ("年底前，把工资要到手", Found.OTHER),
        ("今天下雨", Found.OTHER),
    ],
    ids=["same", "title_and_link", "link_only", "title_only", "other"],
)
def test_a_post_of_ours_is_recognised_by_what_is_read(text: str, expected: Found) -> None:
    assert Found.of(as_shown(text), OURS) is expected


def test_without_a_page_only_the_same_text_is_ours() -> None:
    ours = Rendering(
        channel="mastodon", parts={"text": "年底前，把工资要到手\n\n先留证据", "alt": "年底前，把工资要到手"}
    )
    assert Found.of(as_shown("年底前，把工资要到手\n\n别的话"), ours) is Found.OTHER
    assert Found.of(as_shown(ours.parts["text"]), ours) is Found.SAME
