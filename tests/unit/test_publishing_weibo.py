"""How a post looks on Weibo, what Weibo would refuse, and what its codes mean."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.weibo.addresses import status_address
from bot.channels.weibo.codes import REAUTHORISE, outcome_of
from bot.channels.weibo.counting import count
from bot.channels.weibo.render import WeiboRenderer
from bot.channels.weibo.timeline import find_status
from bot.publishing.outcomes import Awaited, Refused, Unknown, Waiting
from bot.publishing.ports import Frame
from bot.publishing.post_files import parse_post
from bot.publishing.posts import Content
from bot.publishing.rendering import Severity
from bot.publishing_settings import is_under
from tests.builders import ROOT

RENDERER = WeiboRenderer("union.test")
COVER = "c0ffee" + "0" * 58
GOLDEN = ROOT / "tests" / "golden" / "weibo.json"


def a_frame(base_url: str = "https://desk.union.test", cover: str = COVER) -> Frame:
    return Frame(federation="菏泽市总工会", short_name="菏泽工会", hotline="12351", base_url=base_url, cover=cover)


def a_content(weibo: str = "", **fields: object) -> Content:
    values = {
        "slug": "winter-wages",
        "title": "年底前，把工资要到手",
        "body": "正文。",
        "digest": "被欠薪怎么留证据、找哪里",
        "variants": {"weibo": weibo} if weibo else {},
    }
    return Content(**{**values, **fields})  # type: ignore[arg-type]


def codes_of(content: Content, frame: Frame | None = None, renderer: WeiboRenderer = RENDERER) -> list[str]:
    findings = renderer.check(renderer.render(content, frame or a_frame()), content)
    assert {finding.channel for finding in findings} <= {"weibo"}
    return [finding.code for finding in findings if finding.severity is Severity.ERROR]


def test_the_golden_rendering() -> None:
    weibo = "被欠薪别干等：先留考勤、工资条、聊天记录，\n再找劳动监察投诉（12333），也可打工会12351。"
    assert json.loads(RENDERER.render(a_content(weibo), a_frame()).document()) == json.loads(
        GOLDEN.read_text(encoding="utf-8")
    )


def test_without_a_text_of_its_own_the_digest_is_said_and_staff_are_told() -> None:
    content = a_content()
    rendering = RENDERER.render(content, a_frame())
    assert rendering.parts["text"] == "被欠薪怎么留证据、找哪里 https://desk.union.test/posts/winter-wages"
    (finding,) = RENDERER.check(rendering, content)
    assert (finding.code, finding.severity, finding.where) == (
        "own_text_missing",
        Severity.WARNING,
        "variants.weibo",
    )


def test_what_is_put_right_is_said_with_the_digest() -> None:
    text = RENDERER.render(a_content(correction="标准是每月200元。"), a_frame()).parts["text"]
    assert text.startswith("标准是每月200元。\n被欠薪怎么留证据、找哪里 https://")


@pytest.mark.parametrize(("length", "codes"), [(129, []), (130, ["too_long"])], ids=["fits", "over"])
def test_the_page_takes_ten_of_the_140_and_the_space_before_it_a_half(length: int, codes: list[str]) -> None:
    content = a_content("字" * length)
    assert codes_of(content) == codes
    assert RENDERER.count(RENDERER.render(content, a_frame())) == length + 11


@pytest.mark.parametrize(
    ("said", "is_topic"),
    [
        ("#欠薪# 怎么办", True),
        ("先看＃春风行动＃", True),
        ("第1、#2号楼", False),
        ("##", False),
        ("见 https://a.union.test/p#a 和 https://a.union.test/p#b", False),
    ],
    ids=["topic", "full_width", "one_mark", "empty", "in_links"],
)
def test_a_topic_is_refused(said: str, is_topic: bool) -> None:
    assert codes_of(a_content(said)) == (["weibo_topic"] if is_topic else [])


@pytest.mark.parametrize(
    ("base_url", "codes"),
    [
        ("https://union.test", []),
        ("https://a.b.UNION.test:8443", []),
        ("https://union.test.evil.example", ["weibo_domain"]),
        ("https://notunion.test", ["weibo_domain"]),
        ("https://union.test@evil.example", ["weibo_domain"]),
        ("ftp://union.test", ["weibo_domain"]),
        ("", ["weibo_no_page"]),
    ],
)
def test_the_page_stands_under_the_safe_domain_or_the_post_is_stopped(base_url: str, codes: list[str]) -> None:
    assert codes_of(a_content("工会在。"), a_frame(base_url)) == codes


def test_without_a_safe_domain_nothing_stands_under_it() -> None:
    assert codes_of(a_content("工会在。"), renderer=WeiboRenderer("")) == ["weibo_domain"]
    assert not is_under("http://[broken", "union.test")


def test_every_explainer_that_is_shipped_fits() -> None:
    for path in sorted((ROOT / "content" / "explainers").glob("*.md")):
        content = parse_post(path.read_text(encoding="utf-8"), path)
        if "weibo" in content.channels:
            rendering = RENDERER.render(content, a_frame())
            assert list(RENDERER.check(rendering, content)) == [], path.name
            assert count(rendering.parts["text"]) <= 140


def test_the_preview_shows_text_link_and_picture_and_runs_nothing() -> None:
    content = a_content("<script>alert(1)</script>工会")
    preview = RENDERER.preview(RENDERER.render(content, a_frame()), {COVER: "/media/x.jpg"})
    assert "<script>" not in preview.html
    assert '<a href="https://desk.union.test/posts/winter-wages">' in preview.html
    assert '<img src="/media/x.jpg"' in preview.html
    assert preview.text.endswith(" https://desk.union.test/posts/winter-wages")


@pytest.mark.parametrize("code", sorted(REAUTHORISE))
def test_what_voids_the_token_waits_for_a_person(code: int) -> None:
    outcome = outcome_of(code, "said")
    assert isinstance(outcome, Refused)
    assert (outcome.reauthorise, outcome.permanent, outcome.halts, outcome.code) == (True, False, True, str(code))


@pytest.mark.parametrize("code", [10022, 10023, 10024, 20016])
def test_a_limit_rests_the_channel(code: int) -> None:
    outcome = outcome_of(code, "")
    assert isinstance(outcome, Refused)
    assert (outcome.halts, outcome.permanent, outcome.retry_after) == (True, False, timedelta(hours=1))


@pytest.mark.parametrize("code", [10014, 10017, 20005, 20006, 20012, 20019, 20021, 20111, 99999])
def test_what_the_text_or_the_application_is_refused_for_is_final(code: int) -> None:
    outcome = outcome_of(code, "")
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.reauthorise) == (True, False)


def test_taken_but_delayed_is_waited_for_and_a_failure_of_theirs_leaves_it_open() -> None:
    assert outcome_of(20032, "later") == Waiting(Awaited.PLATFORM, "20032", "later")
    assert outcome_of(10001, "") == Unknown("10001")


def test_the_page_of_a_post_is_named_as_weibo_names_it() -> None:
    assert status_address("1642351362", "3501756485200075") == "https://weibo.com/1642351362/z0JH2lOMb"
    assert status_address("1642351362", "x") == ""


def a_status(text: str, made: str = "Sun Nov 22 10:00:00 +0800 2026", id: int = 49) -> dict:
    return {"id": id, "idstr": str(id), "text": text, "created_at": made, "user": {"id": 7, "idstr": "7"}}


SINCE = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_a_post_is_known_again_though_weibo_shortens_its_link_and_escapes_its_text() -> None:
    statuses = [a_status("别的"), a_status("工会 &amp; 职工 http://t.cn/A6x \u200b\u200b", id=50)]
    found = find_status({"statuses": statuses}, "工会 & 职工 https://desk.union.test/posts/a", [SINCE])
    assert found
    assert (found.id, found.uid) == ("50", "7")


@pytest.mark.parametrize(
    "status",
    [
        a_status("工会在", "Sun Nov 22 09:50:00 +0800 2026"),
        a_status("工会在", "Sun Nov 22 10:31:00 +0800 2026"),
        a_status("工会在", "nonsense"),
        a_status("工会在那里"),
        {"text": "工会在", "created_at": "Sun Nov 22 10:00:00 +0800 2026"},
        "nonsense",
    ],
    ids=["older", "later", "no_time", "longer", "no_id", "no_post"],
)
def test_what_was_made_at_another_time_or_says_something_else_is_not_ours(status: object) -> None:
    assert find_status({"statuses": [status]}, "工会在", [SINCE]) is None
