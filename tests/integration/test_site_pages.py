"""The pages of the site: what stands on them, and what protects them."""

import dataclasses
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.answers.base import FaqBase
from bot.answers.entries import Section
from bot.app import Program
from bot.errors import StoreUnavailable
from bot.laws.citation import Citation
from bot.laws.statutes import StatuteText
from tests.builders import ROOT, a_configuration, an_entry
from tests.fakes import FakeClock
from tests.site import ARREARS, ASKS_ARREARS, ASKS_NEAR, ASKS_OTHER, IN_DANGER, a_client, a_site_program, visible

PAGES = ("/", "/chat", f"/faq/{ARREARS}", "/category/wage", "/search", f"/search?q={ASKS_NEAR}", "/privacy", "/nothing")


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


def serve(program: Program, **fields: Any) -> None:
    """Let the base hold one entry more."""
    entry = an_entry(**fields)
    base = program.answers.base
    ranker = program.answers._ranker
    assert ranker
    program.answers.use(FaqBase({**base.entries, entry.topic: entry}, base.revision), ranker)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_forbids_everything_that_is_not_ours(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_loads_anything_from_elsewhere_or_has_anything_inline(
    client: httpx.AsyncClient, path: str
) -> None:
    html = (await client.get(path)).text
    loaded = re.findall(r'<(?:script|img|link|iframe|source|form)\b[^>]*?(?:src|href|action)="([^"]*)"', html)
    assert loaded
    assert [url for url in loaded if not url.startswith("/")] == []
    assert not re.search(r"<style|<script>|\sstyle=|\son[a-z]+=", html)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_has_one_heading_landmarks_and_a_skip_link(client: httpx.AsyncClient, path: str) -> None:
    html = (await client.get(path)).text
    assert '<html lang="zh-CN"' in html
    assert len(re.findall(r"<h1\b", html)) == 1
    for landmark in ("<header", "<main id=", "<footer", 'href="#main"', "<title>"):
        assert landmark in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


async def test_pages_that_look_are_without_a_cookie(client: httpx.AsyncClient) -> None:
    for path in PAGES:
        assert "set-cookie" not in (await client.get(path)).headers


async def test_static_files_carry_their_digest_and_are_kept_for_a_year(client: httpx.AsyncClient) -> None:
    html = (await client.get("/")).text
    files = re.findall(r'"(/static/[^"]+)"', html)
    assert {file.rpartition(".")[2] for file in files} == {"css", "js", "svg", "png"}
    for file in files:
        response = await client.get(file)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert re.search(r"\.[0-9a-f]{12}\.", file)
    assert (await client.get("/static/site.css")).status_code == 404
    assert (await client.get("/static/..%2Fpages.py")).status_code == 404


async def test_an_unchanged_page_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get(f"/faq/{ARREARS}")
    again = await client.get(f"/faq/{ARREARS}", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    large = await client.get(
        f"/faq/{ARREARS}", headers={"if-none-match": first.headers["etag"], "cookie": "type=large"}
    )
    assert large.status_code == 200


async def test_pages_are_compressed_for_those_who_ask(client: httpx.AsyncClient) -> None:
    response = await client.get("/", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"


async def test_home_shows_search_hot_questions_categories_and_hotlines(
    client: httpx.AsyncClient, program: Program
) -> None:
    html = (await client.get("/")).text
    text = visible(html)
    for entry in program.answers.hot(program.clock.now()):
        assert f'href="/faq/{entry.topic}"' in html
        assert entry.title in text
    assert "工资报酬" in text
    assert 'href="/category/wage"' in html
    assert 'href="tel:12351"' in html
    assert 'formaction="/search"' in html
    assert program.configuration.settings.federation.name in text


async def test_every_category_of_the_shipped_base_has_a_chinese_name(program: Program) -> None:
    categories = {folder.name for folder in (ROOT / "content" / "faq").iterdir() if any(folder.iterdir())}
    assert "wage" in categories
    for category in categories:
        assert program.wording.has(f"category.{category}")
        assert program.wording.has(f"category_about.{category}")
        assert category in program.wording("site.categories").split()


async def test_a_category_lists_its_entries_and_no_others(client: httpx.AsyncClient, program: Program) -> None:
    html = (await client.get("/category/wage")).text
    listed = set(re.findall(r'href="/faq/([^"]+)"', html))
    expected = {topic for topic in program.answers.served(program.clock.now()) if topic.startswith("wage.")}
    assert listed == expected
    assert (await client.get("/category/nothing")).status_code == 404


async def test_an_entry_page_shows_every_part_of_the_entry(client: httpx.AsyncClient, program: Program) -> None:
    entry = program.answers.base.entries[ARREARS]
    html = (await client.get(f"/faq/{ARREARS}")).text
    text = visible(html)
    for part in (entry.title, entry.region, "依据核对日期", "法律依据", "有帮助", "没帮助", "一般性信息"):
        assert part in text
    for section in entry.sections:
        assert f">{section.heading}</h2>" in html
    for citation in entry.citations:
        assert f"《{citation.law}》" in text
        assert citation.place in text
    for topic in entry.related:
        if topic in program.answers.base.entries:
            assert f'href="/faq/{topic}"' in html


async def test_an_overdue_entry_and_one_of_another_region_say_so(client: httpx.AsyncClient, program: Program) -> None:
    serve(program, topic="wage.local", region="山东", review_by=date(2026, 11, 21))
    text = visible((await client.get("/faq/wage.local")).text)
    assert "已过复核日期（2026-11-21）" in text
    assert "这是山东的规定" in text
    assert "已过复核日期" not in (await client.get(f"/faq/{ARREARS}")).text


async def test_an_entry_outside_its_dates_or_region_has_no_page(client: httpx.AsyncClient, program: Program) -> None:
    serve(program, topic="wage.future", effective_from=date(2026, 11, 23))
    serve(program, topic="wage.elsewhere", region="上海")
    assert (await client.get("/faq/wage.future")).status_code == 404
    assert (await client.get("/faq/wage.elsewhere")).status_code == 404


async def test_a_statute_text_opens_below_its_citation_once_it_is_loaded(
    client: httpx.AsyncClient, program: Program
) -> None:
    serve(program, topic="wage.cited", citations=(Citation("劳动合同法", 30), Citation("劳动合同法", 85, item=1)))
    before = (await client.get("/faq/wage.cited")).text
    assert "<details" not in before
    assert "第85条第1项" in before
    article = StatuteText(
        "劳动合同法",
        "中华人民共和国劳动合同法",
        85,
        0,
        "第一款<b>。\n第二款。",
        "2012-12-28",
        "现行有效",
        date(2013, 7, 1),
    )
    async with program.store.write() as work:
        await work.articles.replace("劳动合同法", [article])
        await work.commit()
    after = (await client.get("/faq/wage.cited")).text
    assert len(re.findall("<details", after)) == 1
    assert "第一款&lt;b&gt;。<br>第二款。" in after
    for fact in ("《中华人民共和国劳动合同法》", "2012-12-28", "现行有效", "2013年7月1日"):
        assert fact in visible(after)


async def test_an_entry_page_does_without_statutes_while_the_database_is_away(
    client: httpx.AsyncClient, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise StoreUnavailable("test")

    monkeypatch.setattr(program.store, "read", away)
    async with a_client(program) as other:
        response = await other.get(f"/faq/{ARREARS}")
    assert response.status_code == 200
    assert "法律依据" in response.text


async def test_markdown_cannot_bring_in_markup(client: httpx.AsyncClient, program: Program) -> None:
    hostile = "<script>alert(1)</script>\n\n[点我](javascript:alert(1)) **粗** <img src=x onerror=alert(1)>"
    sections = tuple(Section(heading, hostile) for heading in ("怎么办", "证据", "去哪里", "提醒"))
    serve(program, topic="wage.hostile", title="<b>标题</b>", short="<i>短</i>", sections=sections)
    html = (await client.get("/faq/wage.hostile")).text
    assert "<script>alert" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "<strong>粗</strong>" in html
    assert "&lt;b&gt;标题" in html
    assert "&lt;i&gt;短" in html


async def test_search_lists_entries_nearest_first(client: httpx.AsyncClient, program: Program) -> None:
    html = (await client.get("/search", params={"q": ASKS_NEAR})).text
    listed = re.findall(r'class="entries.*?</ul>', html, re.DOTALL)[0]
    assert re.findall(r'href="/faq/([^"]+)"', listed) == ["termination.severance", "contract.double-wage", ARREARS]


async def test_search_finds_titles_that_say_the_words_themselves(client: httpx.AsyncClient, program: Program) -> None:
    title = program.answers.base.entries[ARREARS].title
    html = (await client.get("/search", params={"q": title[2:6]})).text
    assert f'href="/faq/{ARREARS}"' in html


async def test_search_that_finds_nothing_says_so_and_where_to_go(client: httpx.AsyncClient) -> None:
    text = visible((await client.get("/search", params={"q": ASKS_OTHER})).text)
    assert "没有找到合适的内容" in text
    assert "12351" in text
    assert "相关的问题，最接近的在前面" not in text


async def test_search_puts_the_emergency_numbers_first(client: httpx.AsyncClient) -> None:
    html = (await client.get("/search", params={"q": IN_DANGER})).text
    assert html.index('class="urgent"') < html.index('href="tel:12356"') < html.index('class="categories"')


async def test_search_records_nothing_and_shows_what_was_typed_as_text(
    client: httpx.AsyncClient, program: Program
) -> None:
    html = (await client.get("/search", params={"q": '"><script>alert(1)</script>'})).text
    assert "<script>alert" not in html
    async with program.store.read() as work:
        assert await work.questions.count() == 0


async def test_search_without_words_asks_for_some(client: httpx.AsyncClient) -> None:
    for path in ("/search", "/search?q=", "/search?q=%20%00"):
        response = await client.get(path)
        assert response.status_code == 200
        assert "按类别找" in response.text


async def test_large_type_is_remembered_and_leads_back_to_the_page(client: httpx.AsyncClient) -> None:
    chosen = await client.post("/type", data={"size": "large", "back": f"/faq/{ARREARS}?a=1"})
    assert chosen.status_code == 303
    assert chosen.headers["location"] == f"/faq/{ARREARS}?a=1"
    assert 'class="large"' in (await client.get("/")).text
    await client.post("/type", data={"size": "normal", "back": "/"})
    assert 'class="large"' not in (await client.get("/")).text


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:1", "", "/\nx"])
async def test_choosing_a_size_never_leads_to_another_site(client: httpx.AsyncClient, back: str) -> None:
    response = await client.post("/type", data={"size": "large", "back": back})
    assert response.headers["location"] == "/"


async def test_a_vote_is_counted_once_a_person_and_thanked(client: httpx.AsyncClient, program: Program) -> None:
    response = await client.post(f"/faq/{ARREARS}/vote", data={"helpful": "up"})
    assert response.status_code == 303
    assert program.wording("vote.thanks_up") in (await client.get(response.headers["location"])).text
    await client.post(f"/faq/{ARREARS}/vote", data={"helpful": "down"})
    async with program.store.read() as work:
        assert await work.votes.tally(ARREARS) == (0, 1)


async def test_a_script_gets_only_the_new_part_after_a_vote(client: httpx.AsyncClient) -> None:
    response = await client.post(f"/faq/{ARREARS}/vote", data={"helpful": "up"}, headers={"x-fragment": "1"})
    assert response.headers["x-fragment"] == "1"
    assert response.text.startswith('<section class="vote"')
    assert "<html" not in response.text


async def test_a_vote_without_a_verdict_or_an_entry_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"/faq/{ARREARS}/vote", data={"helpful": "maybe"})).status_code == 400
    assert (await client.post("/faq/wage.nothing/vote", data={"helpful": "up"})).status_code == 404


async def test_robots_icons_and_the_proof_for_wechat_are_served(
    tmp_path_factory: pytest.TempPathFactory, program: Program, clock: FakeClock
) -> None:
    name, proof = "MP_verify_AbCd1234.txt", "AbCd1234"
    folder = tmp_path_factory.mktemp("verify")
    changed = a_configuration(folder, {"web": {"verify_files": {name: proof}, "base_url": "https://ask.test"}})
    async with a_client(dataclasses.replace(program, configuration=changed)) as client:
        assert (await client.get(f"/{name}")).text == proof
        assert (await client.get("/MP_verify_other.txt")).status_code == 404
        assert "Disallow: /chat" in (await client.get("/robots.txt")).text
        icon = await client.get("/favicon.ico")
        assert icon.headers["content-type"] == "image/x-icon"
        assert icon.content[:4] == b"\0\0\1\0"
        assert '<link rel="canonical" href="https://ask.test/privacy">' in (await client.get("/privacy")).text


async def test_the_footer_shows_the_registration_numbers(
    tmp_path_factory: pytest.TempPathFactory, program: Program
) -> None:
    federation = program.configuration.settings.federation.model_dump() | {
        "icp": "鲁ICP备00000000号-1",
        "police_record": "鲁公网安备00000000000000号",
    }
    changed = a_configuration(tmp_path_factory.mktemp("icp"), {"federation": federation})
    async with a_client(dataclasses.replace(program, configuration=changed)) as client:
        html = (await client.get("/")).text
    assert "鲁ICP备00000000号-1" in html
    assert "https://beian.miit.gov.cn/" in html
    assert "鲁公网安备00000000000000号" in html


async def test_privacy_names_the_figures_of_this_installation(client: httpx.AsyncClient, program: Program) -> None:
    settings = program.configuration.settings
    text = visible((await client.get("/privacy")).text)
    assert f"{settings.answers.question_retention_days} 天后删除" in text
    assert f"{settings.wechat.retry_window_minutes} 分钟后删除" in text
    assert f"最近的 {settings.backup.keep} 份" in text
    assert settings.federation.name in text


async def test_an_asked_question_is_understood_from_the_home_page(client: httpx.AsyncClient) -> None:
    response = await client.post("/chat", data={"q": ASKS_ARREARS}, follow_redirects=True)
    assert "拖欠工资" in response.text
