"""A post as the site gets it: its parts, its HTML, its preview."""

import json
from datetime import date

import pytest

from bot.laws.citation import Citation
from bot.publishing.ports import Frame
from bot.publishing.rendering import Rendering, parse_rendering
from bot.site.markup import find_pictures, place_pictures, render_post
from bot.site.post_page import PostPage, read_page
from bot.site.post_renderer import SitePostRenderer
from bot.wording import Wording
from tests.newsroom import a_content

PICTURE = "ab" * 32
FRAME = Frame(
    federation="菏泽市总工会", short_name="市总工会", hotline="12351", base_url="https://ask.test", cover="cd" * 32
)


@pytest.fixture
def renderer() -> SitePostRenderer:
    return SitePostRenderer(Wording({"site.hotlines": "12333 劳动监察", "site.emergencies": "110 报警"}), "12351")


def test_a_rendering_is_read_back_as_it_was_written(renderer: SitePostRenderer) -> None:
    content = a_content(
        tags=("欠薪", "农民工"),
        related=("wage.arrears",),
        region="山东",
        author="市总工会",
        correction="期限应为一年。",
        citations=(Citation("劳动法", 50), Citation("刑法", 276, suffix=1, paragraph=1)),
        effective_from=date(2025, 9, 1),
        review_by=date(2027, 11, 1),
        body=f"开头。\n\n## 怎么办\n\n![工资条](media:{PICTURE})",
    )
    rendering = renderer.render(content, FRAME)
    page = read_page(parse_rendering(rendering.document()))
    assert page == PostPage(
        slug="wages",
        title="欠薪怎么办",
        digest="三步讨薪",
        author="市总工会",
        region="山东",
        correction="期限应为一年。",
        tags=("欠薪", "农民工"),
        related=("wage.arrears",),
        citations=content.citations,
        effective_from=date(2025, 9, 1),
        review_by=date(2027, 11, 1),
        cover="cd" * 32,
        media=(PICTURE,),
        body=f'<p>开头。</p>\n<h2>怎么办</h2>\n<p><img src="media:{PICTURE}" alt="工资条"></p>',
    )
    assert rendering.link == "https://ask.test/posts/wages"


def test_the_golden_rendering_of_a_post(renderer: SitePostRenderer) -> None:
    """Whatever changes this changes what every approved page is compared with."""
    document = json.loads(renderer.render(a_content(), FRAME).document())
    assert document == {
        "channel": "site",
        "cover": "cd" * 32,
        "link": "https://ask.test/posts/wages",
        "media": [],
        "parts": {
            "slug": "wages",
            "title": "欠薪怎么办",
            "digest": "三步讨薪",
            "author": "",
            "region": "",
            "correction": "",
            "body": "<p>工资应当按月足额支付。（《劳动合同法》第30条）</p>",
            "tags": "",
            "related": "",
            "citations": '[{"law": "劳动合同法", "article": 30}]',
            "effective_from": "",
            "effective_to": "",
            "checked_on": "",
            "review_by": "",
        },
    }


def test_the_site_shows_its_own_variant_where_there_is_one(renderer: SitePostRenderer) -> None:
    rendering = renderer.render(a_content(variants={"site": "只给网页。"}), FRAME)
    assert rendering.parts["body"] == "<p>只给网页。</p>"


@pytest.mark.parametrize(
    "rendering",
    [
        Rendering(channel="wechat", parts={"slug": "wages"}),
        Rendering(channel="site", parts={}),
        Rendering(channel="site", parts={"slug": "wages", "citations": "[1]"}),
        Rendering(channel="site", parts={"slug": "wages", "review_by": "soon"}),
    ],
)
def test_what_is_no_page_of_the_site_is_refused(rendering: Rendering) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_page(rendering)


def test_a_post_holds_nothing_but_structure_links_and_its_own_pictures() -> None:
    html = render_post(
        "# 大标题\n\n<script>alert(1)</script>\n\n[链接](javascript:alert(1)) [好](https://a.test)\n\n"
        f"![外面](https://evil.test/x.png) ![自己](media:{PICTURE}) ![假](media:../../x)\n\n"
        "<img src=x onerror=alert(1)>"
    )
    assert "<h1" not in html
    assert "<h2>大标题</h2>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert html.count("<img") == 1
    assert find_pictures(html) == (PICTURE,)
    assert "evil.test" not in html
    assert "外面" in html


def test_pictures_get_their_addresses_and_load_when_seen() -> None:
    html = place_pictures(render_post(f"![工资条](media:{PICTURE})"), lambda digest: f"/media/{digest}.jpg?a&b")
    assert f'<img src="/media/{PICTURE}.jpg?a&amp;b" loading="lazy"' in html
    assert 'alt="工资条"' in html


def test_the_preview_is_the_page_s_own_article_and_style(renderer: SitePostRenderer) -> None:
    content = a_content(body=f"拨打12351。\n\n![图](media:{PICTURE})", tags=("欠薪",))
    rendering = renderer.render(content, FRAME)
    preview = renderer.preview(rendering, {"cd" * 32: "data:cover", PICTURE: "data:picture"})
    assert "<h1>欠薪怎么办</h1>" in preview.html
    assert 'src="data:cover"' in preview.html
    assert 'src="data:picture"' in preview.html
    assert 'href="tel:12351"' in preview.html
    assert "《劳动合同法》第30条" in preview.html
    assert ".post-body" in preview.css
    assert preview.text.startswith("欠薪怎么办\n\n拨打12351。")
    assert list(renderer.check(rendering, content)) == []
