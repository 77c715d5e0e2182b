"""How a post looks in a Telegram channel, and what Telegram would refuse or not show."""

import json
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.limits import TEXT
from bot.channels.telegram.markup import count, count_entities, has_pictures, render_markup, visible
from bot.channels.telegram.publisher import Place, parse_place
from bot.channels.telegram.render import AS_PHOTO, AS_TEXT, CAPTION, TelegramRenderer, TelegramWords
from bot.publishing.ports import Frame
from bot.publishing.post_files import parse_post
from bot.publishing.posts import Content
from bot.wording import load_wording
from tests.builders import ROOT
from tests.emulators.telegram import read_html

RENDERER = TelegramRenderer(TelegramWords.of(load_wording(ROOT / "content" / "replies")))
COVER = "c0ffee" + "0" * 58
GOLDEN = ROOT / "tests" / "golden" / "telegram.json"
BODY = """被欠薪的你，三步：

## 先留证据
- **考勤**、工资条
- 聊天记录
  也算

1. 打12333
2. 打12351

> 见[办事页](/posts/where?a=1&b=2)
"""


def a_frame(base_url: str = "https://desk.union.test", cover: str = COVER) -> Frame:
    return Frame(federation="菏泽市总工会", short_name="菏泽工会", hotline="12351", base_url=base_url, cover=cover)


def a_content(body: str = BODY, **fields: object) -> Content:
    values = {"slug": "winter-wages", "title": "年底前，<把工资>要到手", "body": body, "tags": ("欠薪", "农民工 权益")}
    return Content(**{**values, **fields})  # type: ignore[arg-type]


def codes_of(content: Content) -> list[str]:
    return [finding.code for finding in RENDERER.check(RENDERER.render(content, a_frame()), content)]


def test_the_golden_rendering() -> None:
    document = RENDERER.render(a_content(), a_frame()).document()
    assert json.loads(document) == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# 标 **粗** 题", "<b>标 粗 题</b>"),
        ("**粗***斜*~~删~~`x<y`", "<b>粗</b><i>斜</i><s>删</s><code>x&lt;y</code>"),
        ("一，\n二 a\nb", "一，二 a b"),
        ("一  \n二", "一\n二"),
        ("- 一\n  - 二\n- 三", "• 一\n    • 二\n• 三"),
        ("3. 一\n4. 二", "3. 一\n4. 二"),
        ("> 一\n>\n> > 二", "一\n\n<blockquote>二</blockquote>"),
        ("```\na <b>\n```", "<pre>a &lt;b&gt;</pre>"),
        ("| 一 | 二 |\n|---|---|\n| 3 | 4 |", "一 | 二\n3 | 4"),
        ("[a](https://a.cn/?x=1&y=2)", '<a href="https://a.cn/?x=1&amp;y=2">a</a>'),
        ("[a](tel:12351)", '<a href="tel:12351">a</a>'),
        ("[a](/posts/x)", '<a href="https://u.test/posts/x">a</a>'),
        ("[a](//evil.example)", "a"),
        ("前![图](media:00)后", "前后"),
        ("<script>x</script> & <b>", "&lt;script&gt;x&lt;/script&gt; &amp; &lt;b&gt;"),
        ("一\n\n---\n\n二", "一\n\n———\n\n二"),
        ("一\n\n## 二\n\n- 三\n\n四", "一\n\n<b>二</b>\n• 三\n\n四"),
    ],
    ids=range(17),
)
def test_markdown_becomes_what_telegram_takes(markdown: str, html: str) -> None:
    assert render_markup(markdown, "https://u.test") == html


@given(st.text(max_size=200))
def test_whatever_somebody_writes_telegram_can_read_it(markdown: str) -> None:
    """The emulator reads as strictly as Telegram does: known tags, closed in order, no bare mark."""
    text, fault = read_html(render_markup(markdown))
    assert fault == ""
    assert text == visible(render_markup(markdown))


@given(st.text(st.sampled_from("*_~`[]()#>-1. \n|中a<&!\\"), max_size=60))
def test_marks_in_any_order_are_readable_too(markdown: str) -> None:
    assert read_html(render_markup(markdown))[1] == ""


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80))
def test_a_text_counts_what_is_seen_in_units_of_utf_16(text: str) -> None:
    assert count(f"<b>{escape(text)}</b>") == len(text.encode("utf-16-le")) // 2


def test_a_short_post_is_a_photo_with_a_caption_and_a_long_one_a_text_with_a_preview() -> None:
    frame, overhead = a_frame(), count(RENDERER.render(a_content("字"), a_frame()).parts["text"]) - 1
    fits, over = a_content("字" * (CAPTION - overhead)), a_content("字" * (CAPTION - overhead + 1))
    assert RENDERER.render(fits, frame).parts["form"] == AS_PHOTO
    assert RENDERER.render(over, frame).parts["form"] == AS_TEXT
    assert RENDERER.render(fits, a_frame(cover="")).parts["form"] == AS_TEXT


def test_a_text_of_4096_fits_and_one_more_does_not() -> None:
    overhead = count(RENDERER.render(a_content("字"), a_frame()).parts["text"]) - 1
    assert codes_of(a_content("字" * (TEXT - overhead))) == []
    assert codes_of(a_content("字" * (TEXT - overhead + 1))) == ["too_long"]


def test_what_is_not_shown_is_told() -> None:
    assert codes_of(a_content("图![图](media:00)")) == ["telegram_pictures"]
    assert codes_of(a_content("**粗** " * 101)) == ["telegram_marks"]
    assert codes_of(a_content(" ")) == ["empty"]
    assert count_entities("<b>一</b><a href='x'>二</a>") == 2
    assert not has_pictures("没有图")


def test_the_channels_own_text_goes_first_and_may_be_long_where_the_body_is_not() -> None:
    content = a_content(variants={"telegram": "频道版 *短*"})
    assert "频道版 <i>短</i>" in RENDERER.render(content, a_frame()).parts["text"]


def test_what_is_put_right_stands_above_the_text_unless_the_text_says_it() -> None:
    shown = RENDERER.render(a_content("正文", correction="标准<200元>"), a_frame()).parts["text"]
    assert shown.split("\n\n")[1] == "<blockquote>更正：标准&lt;200元&gt;</blockquote>"
    assert (
        "blockquote" not in RENDERER.render(a_content("标准是200。", correction="标准是200。"), a_frame()).parts["text"]
    )


def test_the_preview_shows_the_same_html_and_a_text_to_copy() -> None:
    rendering = RENDERER.render(a_content(), a_frame())
    preview = RENDERER.preview(rendering, {COVER: "/media/x.jpg"})
    assert rendering.parts["text"] in preview.html
    assert '<img src="/media/x.jpg"' in preview.html
    assert "<" not in preview.text.replace("<把工资>", "")
    assert preview.text.endswith("https://desk.union.test/posts/winter-wages")


def test_every_explainer_that_is_shipped_fits() -> None:
    for path in sorted((ROOT / "content" / "explainers").glob("*.md")):
        content = parse_post(path.read_text(encoding="utf-8"), path)
        rendering = RENDERER.render(content, a_frame())
        assert list(RENDERER.check(rendering, content)) == [], path.name
        assert read_html(rendering.parts["text"])[1] == "", path.name


def test_the_place_of_a_message_is_read_back() -> None:
    place = Place(-1001234567890, 17, AS_PHOTO)
    assert parse_place(str(place)) == place
    assert [parse_place(text) for text in ("", "17", "-100:x:photo", "-100:17:video", "a:17:text")] == [None] * 5
