"""The feeds, read back by what others read feeds with."""

import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it has no types
import httpx
import pytest
from structlog.testing import capture_logs

from bot.app import Program
from bot.publishing.deliveries import Kind
from bot.site.feeds import MOST_ITEMS
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.site import ARREARS, a_client, a_site_configuration, build_scripted
from tests.site_posts import BASE, put_picture, send, send_all

FEEDS = ("/feeds/atom.xml", "/feeds/posts.json", "/sitemap.xml")


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    program = build_scripted(a_site_configuration(tmp_path, {"web": {"base_url": BASE}}), clock)
    async with program.running():
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


async def atom(client: httpx.AsyncClient) -> Any:
    response = await client.get("/feeds/atom.xml")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(response.content, response_headers={"content-type": response.headers["content-type"]})
    assert not read.bozo, read.get("bozo_exception")
    return read


async def json_feed(client: httpx.AsyncClient) -> Any:
    response = await client.get("/feeds/posts.json")
    assert response.headers["content-type"].startswith("application/feed+json")
    return json.loads(response.content)


async def test_atom_tells_a_post_as_its_page_does(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    inside = await put_picture(program)
    content = a_content(
        title="欠薪怎么办<b>&\x0b",
        author="市总工会",
        tags=("欠薪", "农民工"),
        body=f"见[问答](/faq/wage.arrears)。\n\n![工资条](media:{inside})",
    )
    await send(program, content)
    clock.advance(days=1)
    await send(program, content, kind=Kind.EDIT)
    read = await atom(client)
    assert read.version == "atom10"
    assert read.feed.id == f"{BASE}/posts"
    assert read.feed.title.endswith("政策解读")
    assert read.feed.language == "zh-CN"
    [entry] = read.entries
    assert entry.id == entry.link == f"{BASE}/posts/wages"
    assert entry.title == "欠薪怎么办<b>&"  # without what XML cannot hold
    assert entry.author == "市总工会"
    assert entry.published == "2026-11-22T02:00:00+00:00"
    assert entry.updated == "2026-11-23T02:00:00+00:00"
    assert [tag.term for tag in entry.tags] == ["欠薪", "农民工"]
    [body] = entry.content
    assert body.type == "text/html"
    assert f'href="{BASE}/faq/wage.arrears"' in body.value
    assert f'src="{BASE}/media/{inside}.jpg"' in body.value
    assert "《劳动合同法》第30条" in body.value
    assert "更正说明（" in body.value


async def test_the_json_feed_follows_version_1_1(client: httpx.AsyncClient, program: Program) -> None:
    cover = await put_picture(program)
    await send(program, a_content(author="市总工会", tags=("欠薪",)), cover=cover)
    feed = await json_feed(client)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{BASE}/feeds/posts.json"
    assert feed["home_page_url"] == f"{BASE}/posts"
    [item] = feed["items"]
    assert item["id"] == item["url"] == f"{BASE}/posts/wages"
    assert item["image"] == f"{BASE}/media/{cover}.jpg"
    assert datetime.fromisoformat(item["date_published"]) == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert item["authors"] == [{"name": "市总工会"}]
    assert item["tags"] == ["欠薪"]
    assert "工资应当按月足额支付" in item["content_html"]


async def test_feeds_hold_the_newest_and_no_more(client: httpx.AsyncClient, program: Program) -> None:
    await send_all(program, [a_content(f"post-{n}", title=f"第{n}篇") for n in range(1, MOST_ITEMS + 6)])
    titles = [f"第{n}篇" for n in range(MOST_ITEMS + 5, 5, -1)]
    assert [entry.title for entry in (await atom(client)).entries] == titles
    assert [item["title"] for item in (await json_feed(client))["items"]] == titles


async def test_an_empty_feed_is_a_feed(client: httpx.AsyncClient) -> None:
    assert (await atom(client)).entries == []
    assert (await json_feed(client))["items"] == []


async def test_a_feed_warns_of_what_is_out_of_date_as_the_page_does(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    await send(program, a_content(effective_to=date(2026, 11, 22)))
    assert "可能已经过时" not in (await json_feed(client))["items"][0]["content_html"]
    clock.advance(days=1)
    assert "可能已经过时" in (await json_feed(client))["items"][0]["content_html"]


async def test_the_site_map_names_posts_and_entries(client: httpx.AsyncClient, program: Program) -> None:
    await send(program, a_content())
    response = await client.get("/sitemap.xml")
    assert response.headers["content-type"].startswith("application/xml")
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    urls = [url.text for url in ET.fromstring(response.content).findall("s:url/s:loc", space)]
    assert {f"{BASE}/", f"{BASE}/posts", f"{BASE}/posts/wages", f"{BASE}/faq/{ARREARS}"} <= set(urls)
    assert all(url and url.startswith(BASE) for url in urls)
    assert f"Sitemap: {BASE}/sitemap.xml" in (await client.get("/robots.txt")).text


async def test_pages_tell_where_the_feeds_are(client: httpx.AsyncClient) -> None:
    html = (await client.get("/")).text
    assert '<link rel="alternate" type="application/atom+xml"' in html
    assert 'href="/feeds/posts.json"' in html


async def test_feeds_may_be_kept_for_a_while(client: httpx.AsyncClient, program: Program) -> None:
    await send(program, a_content())
    for path in FEEDS:
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "public, max-age=300"
        assert headers["last-modified"] == "Sun, 22 Nov 2026 02:00:00 GMT"
        asked = {"if-none-match": f'"other", W/{headers["etag"]}'}
        assert (await client.get(path, headers=asked)).status_code == 304


async def test_without_an_address_of_its_own_the_site_has_no_feeds_and_says_why(
    tmp_path: Path, clock: FakeClock
) -> None:
    program = build_scripted(a_site_configuration(tmp_path), clock)
    async with program.running(), a_client(program) as client:
        await send(program, a_content())
        with capture_logs() as logs:
            for path in FEEDS:
                assert (await client.get(path)).status_code == 404
        told = [(line["event"], line["setting"]) for line in logs if line["event"] == "feeds.no_base_url"]
        assert told == [("feeds.no_base_url", "web.base_url")] * 3
        html = (await client.get("/posts/wages")).text
        assert "/feeds/" not in html
        assert "og:image" not in html
        assert "Sitemap" not in (await client.get("/robots.txt")).text
