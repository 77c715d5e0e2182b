"""Writing posts in the console: lists, editor, pictures, previews, two people at once."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from bot.publishing.posts import PostState, Season
from bot.roles import Role
from tests.console import Desk
from tests.console_posts import (
    FIELDS,
    SECOND,
    WRITER,
    a_newsroom_console,
    a_picture,
    add_post,
    find,
    posts,
    version_of,
    write,
)
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.site import ARREARS


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_newsroom_console(tmp_path, clock) as desk:
        yield desk


async def test_what_is_typed_becomes_a_post_and_comes_back_as_it_was_typed(desk: Desk) -> None:
    window = await desk.signed_in(WRITER)
    page = await write(
        window,
        tags="欠薪 农民工",
        related="工资被拖欠怎么办",
        first_month="11",
        first_day="15",
        last_month="1",
        last_day="31",
        **{"variant.by_hand.toutiao": "短文"},
    )
    assert "问答库里没有这个标题：工资被拖欠怎么办" in page.text
    assert page.status_code == 422
    title = re.search(r'<option value="([^"]*拖欠[^"]*)">', page.text)
    related = title[1] if title else ARREARS
    page = await write(
        window,
        tags="欠薪 农民工",
        related=related,
        first_month="11",
        first_day="15",
        last_month="1",
        last_day="31",
        **{"variant.by_hand.toutiao": "短文"},
    )
    assert page.url.path.endswith("/edit"), page.text
    assert "已保存" in page.text
    [post] = await posts(desk)
    content = post.content
    assert (content.slug, content.tags, content.related) == ("post-20261122", ("欠薪", "农民工"), (ARREARS,))
    assert content.season == Season((11, 15), (1, 31))
    assert content.variants == {"by_hand.toutiao": "短文"}
    assert [one.label for one in content.citations] == ["《劳动合同法》第30条第1款"]
    assert "《劳动合同法》第30条第1款" in page.text
    assert f'value="{related}"' in page.text


async def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_typed_is_lost(desk: Desk) -> None:
    window = await desk.signed_in(WRITER)
    page = await write(window, citations="劳动合同法 30-1\n《劳动合同法》第三十几条", first_month="2", first_day="30")
    assert page.status_code == 422
    beside = page.text.partition('id="found-citations"')[2].partition("</div></div>")[0]
    assert "这一行法律依据看不懂：《劳动合同法》第三十几条" in beside
    assert "时节要把起止的月、日都选上" in page.text
    assert "《劳动合同法》第三十几条</textarea>" in page.text
    assert await posts(desk) == []


async def test_a_post_with_errors_is_saved_but_not_handed_in(desk: Desk) -> None:
    window = await desk.signed_in(WRITER)
    page = await write(window, citations="劳动合同法 3000", act="submit")
    assert "还不能送审" in page.text
    assert "found-error" in page.text
    [post] = await posts(desk)
    assert post.state is PostState.DRAFT
    page = await write(window, f"/posts/{post.id}/edit", act="submit")
    assert "已送审" in page.text
    assert (await find(desk, post.id)).state is PostState.IN_REVIEW


async def test_a_second_post_of_the_day_gets_an_address_of_its_own_and_a_taken_one_is_refused(desk: Desk) -> None:
    window = await desk.signed_in(WRITER)
    await write(window)
    await write(window, title="另一篇")
    assert {post.content.slug for post in await posts(desk)} == {"post-20261122", "post-20261122-2"}
    page = await write(window, title="第三篇", slug="post-20261122")
    assert page.status_code == 422
    assert "这个网址名称已经有稿件在用" in page.text
    assert "第三篇" in page.text


async def test_two_people_write_and_neither_loses_anything(desk: Desk) -> None:
    """What only the other changed is taken over, what both changed is shown and stays as it was typed here."""
    first, second = await desk.signed_in(WRITER), await desk.signed_in(SECOND)
    await write(first)
    [post] = await posts(desk)
    path = f"/posts/{post.id}/edit"
    seen = version_of(await first.get(path))
    await write(second, path, title="欠薪怎么要", digest="另一个摘要")
    page = await first.post(path, {**FIELDS, "slug": post.content.slug, "title": "欠薪三步走", "version": seen})
    assert page.status_code == 409
    assert "李宣 也保存了一次" in page.text
    assert 'value="欠薪三步走"' in page.text
    assert 'value="另一个摘要"' in page.text
    assert re.search(r"两个人都改了的：<strong>标题</strong>", page.text)
    assert (await find(desk, post.id)).content.title == "欠薪怎么要"
    again = {**FIELDS, "slug": post.content.slug, "title": "欠薪三步走", "digest": "另一个摘要"}
    page = await first.post(path, {**again, "version": version_of(page)})
    assert "已保存" in page.text
    saved = (await find(desk, post.id)).content
    assert (saved.title, saved.digest) == ("欠薪三步走", "另一个摘要")


async def test_a_picture_is_drawn_anew_and_its_line_stands_in_the_body(desk: Desk) -> None:
    window = await desk.signed_in(WRITER)
    await window.get("/posts/new")
    data = {**FIELDS, "act": "picture"}
    page = await window.post("/posts/new", data, files={"file": ("图.png", a_picture(), "image/png")})
    found = re.search(r"!\[图片说明\]\(media:([0-9a-f]{64})\)</textarea>", page.text)
    assert found, page.text
    stored = await window.get(f"/posts/pictures/{found[1]}")
    assert stored.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(stored.content).hexdigest() == found[1]
    assert stored.content.startswith(b"\xff\xd8\xff")
    refused = await window.post("/posts/pictures", files={"file": ("图.png", b"<svg/>", "image/png")})
    assert refused.status_code == 422
    assert "JPG" in refused.json()["problem"]
    sent = await window.post("/posts/pictures", files={"file": ("图.jpg", a_picture("JPEG"), "image/jpeg")})
    assert sent.json()["line"] == f"![图片说明](media:{sent.json()['digest']})"


async def test_the_preview_of_what_is_typed_is_a_page_on_which_nothing_can_run(desk: Desk) -> None:
    window = await desk.signed_in(WRITER)
    await window.get("/posts/new")
    typed = {**FIELDS, "body": "<script>alert(1)</script>\n\n**按月**", "preview": "site"}
    page = await window.post("/posts/preview", typed)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert policy.endswith("sandbox allow-same-origin")
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<script>" not in page.text
    assert "<strong>按月</strong>" in page.text
    assert "/console/posts/cover.jpg?line=" in page.text
    part = await window.post("/posts/preview", typed, headers={"x-gonghui": "part"})
    said = part.json()
    assert said["frame"] == page.text
    assert any("HTML" in one["text"] and one["error"] for one in said["fields"]["body"])
    assert said["tallies"]["by_hand.toutiao"][0] == {"name": "标题", "count": 5, "limit": 30, "over": False}
    console = await window.get("/posts")
    assert "frame-src 'self'" in console.headers["content-security-policy"]
    assert console.headers["x-frame-options"] == "DENY"


async def test_the_preview_shows_what_the_renderer_makes_letter_for_letter(desk: Desk) -> None:
    post = await add_post(desk)
    window = await desk.signed_in(WRITER)
    page = await window.get(f"/posts/{post.id}/preview/by_hand.toutiao")
    room = desk.program.newsroom
    rendering = room.typesetter.render("by_hand.toutiao", post.content)
    cover = "/console/posts/cover.jpg?line=%E6%AC%A0%E8%96%AA%E6%80%8E%E4%B9%88%E5%8A%9E&tone=red"
    expected = room.renderers["by_hand.toutiao"].preview(rendering, {rendering.cover: cover}).html
    assert f"<body>{expected}</body>" in page.text
    drawn = await window.get(cover.removeprefix("/console"))
    assert hashlib.sha256(drawn.content).hexdigest() == rendering.cover


async def test_lists_show_what_is_mine_what_fits_the_words_and_what_has_its_season(desk: Desk) -> None:
    await add_post(desk, a_content("mine", title="我的稿子", channels=("site",)))
    await add_post(desk, a_content("spring", title="春天的事", season=Season((12, 10), (1, 20))), by=SECOND)
    await add_post(desk, a_content("winter", title="正当时", season=Season((11, 15), (1, 31))), by=SECOND)
    await add_post(desk, a_content("summer", title="高温津贴", season=Season((6, 1), (8, 31))), by=SECOND)
    window = await desk.signed_in(WRITER)
    mine = await window.get("/posts")
    seasonal, _, listed = mine.text.partition("</section>")
    assert "我的稿子" in listed
    assert "高温津贴" not in mine.text
    assert seasonal.index("正当时") < seasonal.index("春天的事")
    assert "还有 18 天" in seasonal
    everything = (await window.get("/posts?tab=all")).text
    assert "高温津贴" in everything
    found = (await window.get("/posts?q=高温")).text
    assert "找到 1 篇" in found
    assert "我的稿子" not in found
    assert "没有找到" in (await window.get("/posts?q=100%25")).text


async def test_a_draft_is_copied_and_deleted_and_its_versions_can_be_compared(desk: Desk) -> None:
    post = await add_post(desk)
    window = await desk.signed_in(WRITER)
    await write(window, f"/posts/{post.id}/edit", slug=post.content.slug, title="改过的标题", note="换了标题")
    page = await window.get(f"/posts/{post.id}")
    assert "换了标题" in page.text
    changed = await window.get(f"/posts/{post.id}/versions/2")
    assert "改过的" in changed.text
    assert "<ins>" in changed.text
    await window.get(f"/posts/{post.id}")
    copied = await window.post(f"/posts/{post.id}/act", {"act": "copy", "version": "2"})
    assert "这是一篇新的草稿" in copied.text
    assert len(await posts(desk)) == 2
    gone = await window.post(f"/posts/{post.id}/act", {"act": "delete", "version": "2"})
    assert "草稿删掉了" in gone.text
    assert [one.content.slug for one in await posts(desk)] == [f"{post.content.slug}-2"]


@pytest.mark.parametrize("role", [Role.CADRE, Role.OPERATOR, Role.LEADER, Role.ADMINISTRATOR])
async def test_who_may_not_write_sees_no_editor_and_nothing_is_written(desk: Desk, role: Role) -> None:
    post = await add_post(desk)
    await desk.hire("other", role)
    window = await desk.signed_in("other")
    assert (await window.get(f"/posts/{post.id}/edit")).status_code in (403, 404)
    assert (await window.get("/posts/new")).status_code in (403, 404)
    for path, data in {
        "/posts/new": FIELDS,
        f"/posts/{post.id}/edit": FIELDS,
        "/posts/preview": FIELDS,
        f"/posts/{post.id}/act": {"act": "delete", "version": "1"},
        f"/posts/{post.id}/plan": {"every": "once", "act": "save"},
        f"/posts/{post.id}/publish": {"channels": ["site"], "sure": "1"},
        f"/posts/{post.id}/withdraw": {"reason": "x"},
    }.items():
        assert (await window.post(path, data)).status_code in (403, 404), path
    assert [replace(one, content=post.content) for one in await posts(desk)] == [post]


async def test_without_a_sign_in_no_picture_and_no_preview_is_shown(desk: Desk) -> None:
    post = await add_post(desk)
    window = desk.browser()
    for path in ("/posts", "/posts/cover.jpg?line=x", f"/posts/{post.id}/preview/site", f"/posts/pictures/{'a' * 64}"):
        response = await window.get(path)
        assert response.url.path == "/console/login", path


async def test_what_is_typed_into_a_post_that_went_to_review_meanwhile_stays_on_the_page(desk: Desk) -> None:
    post = await add_post(desk)
    window, other = await desk.signed_in(WRITER), await desk.signed_in(SECOND)
    page = await window.get(f"/posts/{post.id}/edit")
    await other.get(f"/posts/{post.id}")
    await other.post(f"/posts/{post.id}/act", {"act": "submit", "version": "1"})
    version = str((await find(desk, post.id)).version)
    typed = {**FIELDS, "slug": post.content.slug, "title": "还没写完"}
    for seen in (version_of(page), version):
        answer = await window.post(f"/posts/{post.id}/edit", {**typed, "version": seen})
        assert answer.status_code in (409, 422)
        assert 'value="还没写完"' in answer.text
    assert "稿件正在审核" in answer.text
    assert (await find(desk, post.id)).content == post.content


async def test_a_large_photo_is_made_small_enough_for_every_channel(desk: Desk) -> None:
    from PIL import Image

    out = BytesIO()
    Image.effect_noise((1800, 1800), 90).convert("RGB").save(out, "JPEG", quality=95)
    window = await desk.signed_in(WRITER)
    await window.get("/posts/new")
    sent = await window.post("/posts/pictures", files={"file": ("大.jpg", out.getvalue(), "image/jpeg")})
    stored = await window.get(f"/posts/pictures/{sent.json()['digest']}")
    assert 100_000 < len(stored.content) <= 1_000_000 < len(out.getvalue())
