"""The pages of posts: what is public is what the ledger proves."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import Program
from bot.errors import StoreUnavailable
from bot.laws.citation import Citation
from bot.laws.statutes import StatuteText
from bot.publishing.deliveries import DeliveryState, Kind
from bot.site.posts import MOST_TAGS, PER_PAGE
from bot.site.shelf import Shelf
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.site import ARREARS, a_client, a_site_configuration, build_scripted, visible
from tests.site_posts import BASE, BROWSER, PIXEL, put_picture, send, send_all


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    program = build_scripted(a_site_configuration(tmp_path, {"web": {"base_url": BASE}}), clock)
    async with program.running():
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program, **{"user-agent": BROWSER}) as client:
        yield client


async def status(client: httpx.AsyncClient, path: str) -> int:
    return (await client.get(path)).status_code


async def text(client: httpx.AsyncClient, path: str) -> str:
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return visible(response.text)


@pytest.mark.parametrize("state", [state for state in DeliveryState if state is not DeliveryState.SENT])
async def test_a_page_is_public_only_when_its_delivery_is_sent(
    client: httpx.AsyncClient, program: Program, state: DeliveryState
) -> None:
    await send(program, a_content(), state=state)
    assert await status(client, "/posts/wages") == 404
    assert "欠薪怎么办" not in await text(client, "/posts")
    await send(program, a_content())
    assert "欠薪怎么办" in await text(client, "/posts/wages")
    assert "欠薪怎么办" in await text(client, "/posts")


async def test_a_post_shows_all_that_belongs_to_it(client: httpx.AsyncClient, program: Program) -> None:
    article = StatuteText(
        law="劳动合同法",
        full_title="中华人民共和国劳动合同法",
        article=30,
        suffix=0,
        text="用人单位应当按照约定支付劳动报酬。",
        version="2012-12-28",
        status="现行有效",
        effective_on=date(2013, 7, 1),
    )
    async with program.store.write() as work:
        await work.articles.replace("劳动合同法", [article])
        await work.commit()
    cover = await put_picture(program)
    content = a_content(
        author="市总工会",
        region="山东",
        tags=("欠薪", "农民工"),
        related=(ARREARS, "wage.nothing"),
        citations=(Citation("劳动合同法", 30), Citation("劳动法", 50)),
        checked_on=date(2026, 11, 1),
        body="请拨打12333。\n\n## 三步走\n\n1. 留证据",
    )
    await send(program, content, cover=cover)
    html = (await client.get("/posts/wages")).text
    said = visible(html)
    for part in (
        "欠薪怎么办",
        "三步讨薪",
        "2026年11月22日",
        "市总工会",
        "山东",
        "2026年11月1日",
        "三步走",
        "《劳动法》",
    ):
        assert part in said
    assert "用人单位应当按照约定支付劳动报酬。" in said
    assert f'href="/faq/{ARREARS}"' in html
    assert "wage.nothing" not in html
    assert 'href="tel:12333"' in html
    assert 'href="/posts/tags/%E6%AC%A0%E8%96%AA"' in html
    assert f'<img class="cover" src="/media/{cover}.jpg" alt=""' in html


async def test_a_page_can_be_shared(client: httpx.AsyncClient, program: Program) -> None:
    cover = await put_picture(program)
    await send(program, a_content(title='"引号"和<标记>'), cover=cover)
    html = (await client.get("/posts/wages")).text
    told = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', html))
    assert told["og:title"] == "&#34;引号&#34;和&lt;标记&gt;"
    assert told["og:type"] == "article"
    assert told["og:url"] == f"{BASE}/posts/wages"
    assert told["og:image"] == f"{BASE}/media/{cover}.jpg"
    assert told["og:description"] == "三步讨薪"
    assert told["article:published_time"] == "2026-11-22T02:00:00+00:00"
    assert f'<link rel="canonical" href="{BASE}/posts/wages">' in html


async def test_dates_are_those_of_china(client: httpx.AsyncClient, program: Program, clock: FakeClock) -> None:
    clock.advance(hours=15)  # one in the morning of the next day
    await send(program, a_content())
    assert "2026年11月23日" in await text(client, "/posts/wages")


async def test_a_draft_beside_the_published_page_is_seen_by_nobody(client: httpx.AsyncClient, program: Program) -> None:
    await send(program, a_content(body="已经批准的话。"))
    await send(program, a_content(body="还没有发的话。"), kind=Kind.EDIT, state=DeliveryState.HELD)
    said = await text(client, "/posts/wages")
    assert "已经批准的话。" in said
    assert "还没有发的话。" not in said


async def test_a_correction_takes_the_place_of_the_text_and_says_so(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    await send(program, a_content(body="期限是两年。"))
    assert "更正说明" not in await text(client, "/posts/wages")
    clock.advance(days=1)
    corrected = a_content(body="期限是一年。", correction="把仲裁期限写错了，应为一年。")
    await send(program, corrected, kind=Kind.EDIT)
    said = await text(client, "/posts/wages")
    assert "期限是一年。" in said
    assert "期限是两年。" not in said
    assert "更正说明 （ 2026年11月23日 ）" in said
    assert "把仲裁期限写错了，应为一年。" in said


async def test_what_was_withdrawn_is_gone_in_words_and_from_everywhere(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    cover = await put_picture(program)
    content = a_content(tags=("欠薪",))
    await send(program, content, cover=cover)
    assert await status(client, f"/media/{cover}.jpg") == 200
    clock.advance(hours=1)
    await send(program, content, kind=Kind.WITHDRAW, cover=cover)
    gone = await client.get("/posts/wages")
    assert gone.status_code == 410
    assert "这篇已经撤回" in visible(gone.text)
    assert "工资应当按月足额支付" not in gone.text
    assert gone.headers["cache-control"] == "no-store"
    assert "欠薪怎么办" not in await text(client, "/posts")
    assert await status(client, "/posts/tags/欠薪") == 404
    assert await status(client, f"/media/{cover}.jpg") == 404
    for feed in ("/feeds/atom.xml", "/feeds/posts.json", "/sitemap.xml"):
        assert "wages" not in (await client.get(feed)).text
    clock.advance(hours=1)
    await send(program, content, cover=cover)
    assert await status(client, "/posts/wages") == 200


@pytest.mark.parametrize(
    ("days", "warning"),
    [
        ({"effective_to": date(2026, 11, 21)}, "这篇可能已经过时。"),
        ({"review_by": date(2026, 11, 21)}, "这篇已过复核日期（ 2026年11月21日 ）"),
        ({"effective_from": date(2027, 1, 1)}, "现在还没有施行。"),
    ],
)
async def test_a_post_says_when_it_should_not_be_relied_on(
    client: httpx.AsyncClient, program: Program, days: dict[str, date], warning: str
) -> None:
    await send(program, a_content("now", effective_to=date(2026, 11, 22), review_by=date(2026, 11, 22)))
    await send(program, a_content("then", **days))
    assert 'role="note"' not in (await client.get("/posts/now")).text
    assert warning in await text(client, "/posts/then")


async def test_lists_go_page_by_page_with_the_newest_first(client: httpx.AsyncClient, program: Program) -> None:
    posts = [a_content(f"post-{n}", title=f"第{n}篇", tags=("欠薪",) if n % 2 else ("高温",)) for n in range(1, 31)]
    await send_all(program, posts)
    first = (await client.get("/posts")).text
    assert re.findall(r"第\d+篇", first) == [f"第{n}篇" for n in range(30, 30 - PER_PAGE, -1)]
    assert "第 1 页，共 3 页" in visible(first)
    assert f'<link rel="canonical" href="{BASE}/posts">' in first
    last = (await client.get("/posts?page=3")).text
    assert re.findall(r"第\d+篇", last) == [f"第{n}篇" for n in range(6, 0, -1)]
    assert f'<link rel="canonical" href="{BASE}/posts?page=3">' in last
    assert 'href="/posts?page=2"' in last
    tagged = (await client.get("/posts/tags/欠薪?page=2")).text
    assert re.findall(r"第\d+篇", tagged) == ["第5篇", "第3篇", "第1篇"]
    for path in (
        "/posts?page=4",
        "/posts?page=0",
        "/posts?page=x",
        "/posts?page=²",
        "/posts/tags/没有",
        "/posts/nothing",
    ):
        assert await status(client, path) == 404


async def test_a_tag_may_hold_anything(client: httpx.AsyncClient, program: Program) -> None:
    await send(program, a_content(tags=("五一/加班?&#",)))
    html = (await client.get("/posts/wages")).text
    path = re.search(r'href="(/posts/tags/[^"]+)"', html)
    assert path
    assert "欠薪怎么办" in await text(client, path[1].replace("&amp;", "&"))


async def test_the_topic_of_a_list_stands_among_the_topics_whatever_its_number_of_posts(
    client: httpx.AsyncClient, program: Program
) -> None:
    posts = [a_content(f"post-{n}", tags=(f"话题{n % 14}",)) for n in range(28)]
    await send_all(program, [*posts, a_content(tags=("少见",))])
    assert "少见" not in await text(client, "/posts")
    html = (await client.get("/posts/tags/少见")).text
    assert 'aria-current="page">少见' in html
    assert len(re.findall(r'href="/posts/tags/', html)) == MOST_TAGS + 1


async def test_near_posts_are_those_with_the_same_tags(client: httpx.AsyncClient, program: Program) -> None:
    posts = [
        a_content("far", title="不相干", tags=("入会",)),
        a_content("one", title="一个话题相同", tags=("欠薪",)),
        a_content("both", title="两个话题相同", tags=("欠薪", "农民工")),
        a_content("wages", tags=("欠薪", "农民工")),
    ]
    await send_all(program, posts)
    said = await text(client, "/posts/wages")
    assert said.index("两个话题相同") < said.index("一个话题相同")
    assert "不相干" not in said


async def test_home_and_footer_lead_to_the_posts(client: httpx.AsyncClient, program: Program) -> None:
    home = (await client.get("/")).text
    assert '<li><a href="/posts">政策解读</a></li>' in home
    assert 'id="posts"' not in home
    await send_all(program, [a_content(f"post-{n}", title=f"第{n}篇") for n in range(1, 6)])
    assert re.findall(r"第\d篇", (await client.get("/")).text) == ["第5篇", "第4篇", "第3篇"]


async def test_an_unchanged_page_is_not_sent_again(client: httpx.AsyncClient, program: Program) -> None:
    await send(program, a_content())
    for path in ("/posts", "/posts/wages", "/feeds/atom.xml", "/feeds/posts.json", "/sitemap.xml"):
        tag = (await client.get(path)).headers["etag"]
        assert (await client.get(path, headers={"if-none-match": tag})).status_code == 304, path
    await send(program, a_content(body="改过了。"), kind=Kind.EDIT, at=program.clock.now() + timedelta(hours=1))
    for path in ("/posts/wages", "/feeds/atom.xml", "/feeds/posts.json"):
        assert (await client.get(path, headers={"if-none-match": tag})).status_code == 200, path


async def test_only_pictures_of_public_posts_are_shown_and_kept_for_ever(
    client: httpx.AsyncClient, program: Program
) -> None:
    cover, inside = await put_picture(program), await put_picture(program, b"\x89PNG\r\n\x1a\n inside")
    secret = await put_picture(program, PIXEL + b"not published")
    await send(program, a_content(body=f"![工资条](media:{inside})"), cover=cover)
    shown = await client.get(f"/media/{cover}.jpg")
    assert shown.content == PIXEL
    assert shown.headers["content-type"] == "image/jpeg"
    assert "immutable" in shown.headers["cache-control"]
    again = await client.get(f"/media/{cover}.jpg", headers={"if-none-match": shown.headers["etag"]})
    assert again.status_code == 304
    assert (await client.get(f"/media/{inside}.jpg")).headers["content-type"] == "image/png"
    assert f'src="/media/{inside}.jpg"' in (await client.get("/posts/wages")).text
    for path in (f"/media/{secret}.jpg", f"/media/{cover}", f"/media/{cover}.png", "/media/x.jpg", "/media/..jpg"):
        assert await status(client, path) == 404


async def test_openings_are_counted_and_written_later(client: httpx.AsyncClient, program: Program) -> None:
    await send(program, a_content())
    await client.get("/posts/wages")
    await client.get("/posts/wages")  # at once again: the same
    await client.head("/posts/wages")
    await client.get("/posts/nothing")
    await client.get("/posts/wages", headers={"user-agent": "Baiduspider"})
    async with program.store.read() as work:
        assert await work.reads.totals() == {}
    await program.reads.write()
    async with program.store.read() as work:
        assert await work.reads.totals() == {"post-wages": 1}
        assert await work.reads.days("post-wages") == {date(2026, 11, 22): 1}
    assert not client.cookies


async def test_privacy_says_how_openings_are_counted(client: httpx.AsyncClient) -> None:
    said = await text(client, "/privacy")
    assert "每篇每天只记一个数，不记是谁看的" in said
    assert "10 分钟" in said


async def test_what_was_read_before_is_shown_while_the_database_is_away(
    client: httpx.AsyncClient, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(program, a_content(citations=(Citation("劳动合同法", 30),)))
    await client.get("/posts/wages")

    async def away(self: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(Shelf, "_refresh", away)
    assert "欠薪怎么办" in await text(client, "/posts")
    assert "欠薪怎么办" in await text(client, "/posts/wages")
    async with a_client(program) as fresh:  # another process, which has read nothing yet
        assert await status(fresh, "/posts") == 503
        assert await status(fresh, "/") == 200


async def test_a_rendering_that_is_no_page_is_told_to_the_operator_and_hides_no_other(
    client: httpx.AsyncClient, program: Program
) -> None:
    await send(program, a_content("good"))
    await send(program, a_content("bad", related=("x",), review_by=None))
    async with program.store.write() as work:
        await work.posts._connection.exec_driver_sql(
            'update rendering set document = replace(document, \'"slug":"bad"\', \'"slug":""\')'
        )
        await work.commit()
    assert await status(client, "/posts/good") == 200
    assert await status(client, "/posts/bad") == 404


async def test_a_site_without_the_channel_has_no_posts(tmp_path: Path, clock: FakeClock) -> None:
    off = {"publishing": {"channels": {"site": {"enabled": False}}}}
    program = build_scripted(a_site_configuration(tmp_path, off), clock)
    async with program.running(), a_client(program) as client:
        for path in ("/posts", "/feeds/atom.xml", "/sitemap.xml"):
            assert await status(client, path) == 404
        assert "/posts" not in (await client.get("/")).text
