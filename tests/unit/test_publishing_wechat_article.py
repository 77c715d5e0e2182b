"""How a post looks in the WeChat account: golden HTML, what WeChat would drop, what it would refuse."""

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.article import LIMITS, WeChatArticle, basis_lines
from bot.laws.citation import Citation
from bot.publishing.ports import Frame
from bot.publishing.post_files import parse_post
from bot.publishing.posts import Content, Cover
from bot.publishing.rendering import Finding, Rendering, Severity
from bot.wording import load_wording
from tests.builders import ROOT

GOLDEN = ROOT / "tests" / "golden" / "wechat"
WORDING = load_wording(ROOT / "content" / "replies")
PICTURE = "1" * 64
COVER = "c" * 64
FRAME = Frame(
    federation="菏泽市总工会",
    short_name="菏泽工会",
    hotline="12351",
    base_url="https://gh.example.org",
    cover=COVER,
)
ARTICLE = WeChatArticle(WORDING)
POST = parse_post((GOLDEN / "article.md").read_text(encoding="utf-8"))


def a_post(**fields: object) -> Content:
    values = {"slug": "a", "title": "标题", "body": "正文。", "digest": "摘要", "author": "菏泽市总工会"}
    return Content(**{**values, **fields})  # type: ignore[arg-type]


def checked(content: Content, frame: Frame = FRAME) -> list[Finding]:
    return list(ARTICLE.check(ARTICLE.render(content, frame), content))


def codes(content: Content, frame: Frame = FRAME) -> list[tuple[str, str, Severity]]:
    return [(one.code, one.where, one.severity) for one in checked(content, frame)]


def rendered() -> Rendering:
    return ARTICLE.render(POST, FRAME)


def test_the_article_is_the_golden_one() -> None:
    """A change here is a change of what goes out: look at it on a phone, then write the file anew."""
    pretty = rendered().parts["body"].replace("><", ">\n<") + "\n"
    assert pretty == (GOLDEN / "article.html").read_text(encoding="utf-8")


def test_the_parts_beside_the_body() -> None:
    rendering = rendered()
    assert {name: part for name, part in rendering.parts.items() if name != "body"} == {
        "title": "年底前，把工资要到手",
        "author": "菏泽市总工会",
        "digest": "被欠薪怎么留证据、找哪里、几天有结果",
        "square": "0.574444_0_1_1",
    }
    assert (rendering.cover, rendering.media) == (COVER, (PICTURE,))
    assert rendering.link == "https://gh.example.org/posts/winter-wages"


class Elements(HTMLParser):
    """Which elements there are, and which attributes each has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_styles_stand_in_the_elements_and_nothing_is_left_that_wechat_drops() -> None:
    elements = Elements(rendered().parts["body"]).found
    assert {tag for tag, _ in elements} & {"script", "style", "link", "iframe", "div"} == set()
    assert {name for _, attributes in elements for name in attributes} <= {"style", "href", "src", "alt", "start"}
    bare = {tag for tag, attributes in elements if not attributes.get("style")}
    assert bare <= {"thead", "tbody", "tr", "br", "em", "code"}


def test_text_is_large_and_airy_enough_for_a_phone() -> None:
    body = rendered().parts["body"]
    paragraphs = re.findall(r'<p style="margin: 0 0 16px;font-size: 16px;line-height: 1.75;">', body)
    assert len(paragraphs) >= 2
    assert min(int(size) for size in re.findall(r"font-size: (\d+)px", body)) >= 13


def test_links_lead_to_articles_only_and_others_are_shown_with_their_address() -> None:
    body = rendered().parts["body"]
    assert re.findall(r'href="([^"]*)"', body) == ["https://mp.weixin.qq.com/s/abc"]
    assert "我们的问答（https://gh.example.org/faq）" in body
    assert body.count("www.12333.gov.cn") == 1


def test_only_pictures_of_ours_are_shown() -> None:
    body = rendered().parts["body"]
    assert re.findall(r'src="([^"]*)"', body) == [f"media:{PICTURE}"]
    assert "别处的图" in body


def test_no_line_end_stands_between_elements() -> None:
    """WeChat makes an empty item of one between two items of a list."""
    assert re.search(r">\s+<", rendered().parts["body"]) is None


def test_a_line_end_between_chinese_characters_leaves_no_gap() -> None:
    body = ARTICLE.render(a_post(body="先留证据，\n再去**投诉**\n12333\nand call"), FRAME).parts["body"]
    assert re.sub(r"<[^>]+>", "", body).startswith("先留证据，再去投诉12333 and call")


def test_the_law_is_named_once_with_all_its_places() -> None:
    assert basis_lines(POST.citations) == ["《劳动合同法》第30条第2款、第85条第1项", "《刑法》第276条之一"]
    assert basis_lines([Citation("工会法"), Citation("工会法"), Citation("工会法", 25)]) == ["《工会法》第25条"]


def test_an_article_without_law_and_site_has_neither_box_nor_read_more() -> None:
    body = ARTICLE.render(a_post(), replace(FRAME, base_url="")).parts["body"]
    assert ("依据" in body, "阅读原文" in body, "12351" in body) == (False, False, True)


def test_the_accounts_own_text_stands_instead_of_the_body() -> None:
    post = a_post(body="原来的", variants={"wechat": "公众号的"})
    body = ARTICLE.render(post, FRAME).parts["body"]
    assert ("公众号的" in body, "原来的" in body) == (True, False)


def test_an_uploaded_cover_is_cropped_by_wechat_itself() -> None:
    post = a_post(cover=Cover(lines=(), image=COVER))
    assert "square" not in ARTICLE.render(post, FRAME).parts


def test_nothing_is_wrong_with_a_plain_post() -> None:
    assert codes(a_post()) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "题" * 32, "author": "人" * 16, "digest": "摘" * 128}, []),
        ({"title": "题" * 33}, [("too_long", "title")]),
        ({"author": "人" * 17}, [("too_long", "author")]),
        ({"digest": "摘" * 129}, [("too_long", "digest")]),
        ({"body": "字" * 20_000}, [("too_long", "body")]),
        ({"variants": {"wechat": "字" * 20_000}}, [("too_long", "variants.wechat")]),
        ({"slug": "a" * 1024}, [("link_too_long", "slug")]),
    ],
    ids=["just", "title", "author", "digest", "body", "variant", "link"],
)
def test_what_is_too_long_is_found(fields: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert codes(a_post(**fields)) == [(code, where, Severity.ERROR) for code, where in expected]


def test_wechat_takes_no_article_without_a_cover_and_none_reads_on_without_a_page() -> None:
    assert codes(a_post(), replace(FRAME, cover="", base_url="")) == [
        ("cover_missing", "cover", Severity.ERROR),
        ("no_page", "channels", Severity.WARNING),
    ]


def test_a_link_that_cannot_be_tapped_and_marks_that_show_are_told_with_their_line() -> None:
    post = a_post(body="第一段\n\n看[这里](https://example.org)\n\n**“两倍工资”**的差额，**劳动者**可以要")
    found = [(one.code, one.line, one.severity) for one in checked(post)]
    assert found == [("link_as_text", 3, Severity.WARNING), ("marks_left", 5, Severity.WARNING)]


def test_every_finding_has_its_words() -> None:
    bad = a_post(title="题" * 33, slug="a" * 1024, body="**“x”**的[这里](https://example.org)" + "字" * 20_000)
    for one in checked(bad, replace(FRAME, cover="")):
        key = f"publishing.finding.{one.code}"
        assert WORDING.has(key), key
        assert WORDING.fields(key) <= set(one.data)


def test_the_preview_shows_card_and_page_with_pictures_in_their_place() -> None:
    pictures = {COVER: "/media/c.jpg", PICTURE: "/media/1.png"}
    preview = ARTICLE.preview(rendered(), pictures)
    sources = [attributes["src"] for tag, attributes in Elements(preview.html).found if tag == "img"]
    assert sources == ["/media/c.jpg", "/media/1.png"]
    assert "media:" not in preview.html
    assert preview.text.startswith("年底前，把工资要到手\n\n被欠薪别干等")
    assert "<" not in preview.text.replace("<script>alert(1)</script>", "")


def test_the_preview_of_hostile_words_stays_text() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    post = a_post(title=hostile, author=hostile, digest=hostile, body=hostile)
    preview = ARTICLE.preview(ARTICLE.render(post, FRAME), {})
    assert [tag for tag, _ in Elements(preview.html).found if tag == "img"] == []


@given(st.text(max_size=300))
def test_any_text_renders_and_is_shown_whole_and_harmless(text: str) -> None:
    body = ARTICLE.render(a_post(body=text), FRAME).parts["body"]
    names = {name for _, attributes in Elements(body).found for name in attributes}
    assert names <= {"style", "href", "src", "alt", "start"}


def test_the_same_post_has_the_same_digest_in_another_process() -> None:
    """What was approved on one machine is compared with what another one renders."""
    code = "from tests.unit.test_publishing_wechat_article import rendered as r; print(end=r().digest)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == rendered().digest


def test_every_shipped_explainer_fits() -> None:
    sources = sorted((ROOT / "content" / "explainers").glob("*.md"))
    assert len(sources) >= 24
    for path in sources:
        post = parse_post(path.read_text(encoding="utf-8"), path.name)
        errors = [one for one in checked(post) if one.severity is Severity.ERROR]
        assert (path.name, errors) == (path.name, [])
        assert len(ARTICLE.render(post, FRAME).parts["body"]) < LIMITS.text
