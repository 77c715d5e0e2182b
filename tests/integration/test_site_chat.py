"""The conversation page: works without scripts, shows each person their own, and forgets on request."""

import asyncio
import dataclasses
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot import web
from bot.app import Program
from bot.messages import Reply
from bot.site.session import CHANNEL, HISTORY
from bot.web import make_site_parts
from tests.fakes import FakeClock
from tests.site import (
    ARREARS,
    ASKS_ARREARS,
    ASKS_NEAR,
    ASKS_OTHER,
    DOUBLE,
    IN_DANGER,
    a_client,
    a_site_program,
    ask,
    visible,
)


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


def session_of(client: httpx.AsyncClient) -> str:
    session = client.cookies["gonghui"]
    assert session
    return session


async def test_a_question_is_answered_after_a_redirect_and_stays_on_the_page(
    client: httpx.AsyncClient, program: Program
) -> None:
    response = await client.post("/chat", data={"q": ASKS_ARREARS})
    assert response.status_code == 303
    assert response.headers["location"] == "/chat#latest"
    title = program.answers.base.entries[ARREARS].title
    for _ in range(2):
        page = visible((await client.get("/chat")).text)
        assert ASKS_ARREARS in page
        assert title in page
        assert "依据" in page


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(program: Program) -> None:
    async with a_client(program) as plain:
        cookie = (await plain.post("/chat", data={"q": "你好"})).headers["set-cookie"]
        assert cookie.startswith("gonghui=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
    async with a_client(program, **{"x-forwarded-proto": "https"}) as secure:
        cookie = (await secure.post("/chat", data={"q": "你好"})).headers["set-cookie"]
        assert cookie.startswith("__Host-gonghui=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


async def test_a_proxy_that_is_not_trusted_cannot_say_how_people_came(program: Program) -> None:
    transport = httpx.ASGITransport(web.make_web(program), client=("203.0.113.9", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        response = await client.post("/chat", data={"q": "你好"}, headers={"x-forwarded-proto": "https"})
    assert response.headers["set-cookie"].startswith("gonghui=")


async def test_nobody_sees_the_conversation_of_somebody_else(client: httpx.AsyncClient, program: Program) -> None:
    await ask(client, ASKS_ARREARS, key="same")
    async with a_client(program) as other:
        assert ASKS_ARREARS not in (await other.get("/chat")).text
        assert ASKS_ARREARS not in await ask(other, ASKS_NEAR, key="same")
    async with a_client(program) as forger:
        forger.cookies["gonghui"] = "x" * 32
        assert ASKS_ARREARS not in (await forger.get("/chat")).text


async def test_nothing_readable_is_in_the_database(client: httpx.AsyncClient, program: Program) -> None:
    await ask(client, ASKS_ARREARS)
    title = program.answers.base.entries[ARREARS].title
    async with program.store.engine.connect() as connection:
        tables = ("conversation", "question", "inbound", "vote")
        rows = [str(row) for table in tables for row in await connection.execute(text(f"SELECT * FROM {table}"))]
    assert len(rows) >= 4
    for row in rows:
        assert ASKS_ARREARS not in row
        assert title not in row
        assert session_of(client) not in row


async def test_a_form_sent_twice_is_one_exchange(client: httpx.AsyncClient, program: Program) -> None:
    first = await client.post("/chat", data={"q": ASKS_ARREARS, "key": "k1"})
    assert first.status_code == 303
    page = await ask(client, ASKS_ARREARS, key="k1")
    assert page.count("您说：") == 1
    async with program.store.read() as work:
        assert await work.questions.count() == 1


async def test_another_choice_on_a_page_the_browser_had_kept_is_not_a_repeat(client: httpx.AsyncClient) -> None:
    await ask(client, ASKS_NEAR, key="k1")
    for topic in (ARREARS, DOUBLE):
        await client.post("/chat", data={"pick": f"entry:{topic}", "key": "k2"})
    page = (await client.get("/chat")).text
    assert f'href="/faq/{ARREARS}"' in page
    assert f'href="/faq/{DOUBLE}"' in page


async def test_a_near_question_is_picked_by_button_or_by_number(client: httpx.AsyncClient, program: Program) -> None:
    page = await ask(client, ASKS_NEAR)
    assert f'name="pick" value="entry:{DOUBLE}"' in page
    title = html.escape(program.answers.base.entries[DOUBLE].title)
    tapped = await client.post("/chat", data={"pick": f"entry:{DOUBLE}"}, follow_redirects=True)
    assert re.search(rf'class="said"><p>.*{re.escape(title)}</p>', tapped.text)
    assert f'href="/faq/{DOUBLE}"' in tapped.text
    await client.post("/chat/clear")
    await ask(client, ASKS_NEAR)
    assert f'href="/faq/{DOUBLE}"' in await ask(client, "2")


@pytest.mark.parametrize("pick", ["entry:wage.nothing", "vote:up", "drop table", "entry:<script>alert(1)</script>"])
async def test_a_choice_nobody_offered_gets_a_kind_word(client: httpx.AsyncClient, pick: str) -> None:
    response = await client.post("/chat", data={"pick": pick}, follow_redirects=True)
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "drop table" not in response.text


async def test_an_answer_can_be_voted_on_in_the_conversation(client: httpx.AsyncClient, program: Program) -> None:
    page = await ask(client, ASKS_ARREARS)
    assert 'value="vote:up"' in page
    voted = await client.post("/chat", data={"pick": "vote:up"}, follow_redirects=True)
    assert program.wording("vote.thanks_up") in voted.text
    assert 'value="vote:up"' not in voted.text
    async with program.store.read() as work:
        assert await work.votes.tally(ARREARS) == (1, 0)


async def test_danger_stands_out_before_everything_else(client: httpx.AsyncClient) -> None:
    page = await ask(client, IN_DANGER)
    reply = page.split("您说：")[-1]
    assert reply.index('class="urgent"') < reply.index('class="reply-text"')
    assert 'role="alert"' in reply
    assert 'href="tel:12356"' in reply


async def test_what_is_unknown_is_said_honestly(client: httpx.AsyncClient, program: Program) -> None:
    page = visible(await ask(client, ASKS_OTHER))
    assert "没有把握" in page
    assert 'value="vote:up"' not in page


async def test_clearing_deletes_everything_kept_about_the_session(client: httpx.AsyncClient, program: Program) -> None:
    await ask(client, ASKS_ARREARS)
    await client.post(f"/faq/{ARREARS}/vote", data={"helpful": "up"})
    session = session_of(client)
    response = await client.post("/chat/clear")
    assert response.status_code == 303
    assert "gonghui" not in client.cookies
    page = (await client.get(response.headers["location"])).text
    assert "已经全部删除" in page
    assert ASKS_ARREARS not in page
    async with program.store.engine.connect() as connection:
        for table in ("conversation", "question", "inbound", "vote"):
            for channel in (CHANNEL, HISTORY):
                count = f"SELECT count(*) FROM {table} WHERE person = '{program.keys.person(channel, session)}'"
                assert (await connection.execute(text(count))).scalar_one() == 0


async def test_clearing_without_a_conversation_is_harmless(client: httpx.AsyncClient) -> None:
    assert (await client.post("/chat/clear")).status_code == 303


async def test_a_conversation_is_gone_a_day_after_its_last_word(client: httpx.AsyncClient, clock: FakeClock) -> None:
    await ask(client, ASKS_ARREARS)
    clock.advance(hours=24, seconds=1)
    assert ASKS_ARREARS not in (await client.get("/chat")).text


async def test_only_the_latest_exchanges_are_kept(client: httpx.AsyncClient) -> None:
    for number in range(22):
        await client.post("/chat", data={"q": f"{ASKS_OTHER}{number:02}", "key": f"k{number}"})
    page = (await client.get("/chat")).text
    assert f"{ASKS_OTHER}01" not in page
    assert f"{ASKS_OTHER}02" in page
    assert f"{ASKS_OTHER}21" in page


async def test_what_was_said_is_shown_as_text(client: httpx.AsyncClient) -> None:
    page = await ask(client, "<script>alert(1)</script>\n第二行")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n第二行" in page


async def test_a_long_question_is_cut_to_what_is_read(client: httpx.AsyncClient, program: Program) -> None:
    longest = program.configuration.settings.answers.longest_question
    page = await ask(client, "工" * (longest + 50))
    assert "工" * longest in page
    assert "工" * (longest + 1) not in page


@pytest.mark.parametrize("said", ["", "   \n\t", "\x00\x07"])
async def test_saying_nothing_leads_back_without_a_trace(client: httpx.AsyncClient, said: str) -> None:
    response = await client.post("/chat", data={"q": said})
    assert response.status_code == 303
    assert "set-cookie" not in response.headers


async def test_a_script_gets_only_the_new_exchange(client: httpx.AsyncClient) -> None:
    response = await client.post("/chat", data={"q": ASKS_ARREARS}, headers={"x-fragment": "1"})
    assert response.status_code == 200
    assert response.headers["x-fragment"] == "1"
    assert response.headers["cache-control"] == "no-store"
    assert response.text.lstrip().startswith('<li class="turn" id="latest" data-key="')
    assert ASKS_ARREARS in (await client.get("/chat")).text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"referer": "https://evil.test/page"},
    ],
    ids=["cross-site", "sister site", "other origin", "hidden origin", "other referer"],
)
@pytest.mark.parametrize("path", ["/chat", "/chat/clear", f"/faq/{ARREARS}/vote", "/type"])
async def test_forms_of_other_sites_are_refused(program: Program, path: str, headers: dict[str, str]) -> None:
    transport = httpx.ASGITransport(web.make_web(program))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        fields = {"q": "你好", "helpful": "up", "size": "large"}
        response = await client.post(path, data=fields, headers={"accept": "text/html", **headers})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    assert "没有收下" in response.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://site.test"}, {"referer": "http://site.test/chat"}, {}],
    ids=["own origin", "own referer", "no browser"],
)
async def test_our_own_forms_are_taken_from_older_browsers_too(program: Program, headers: dict[str, str]) -> None:
    transport = httpx.ASGITransport(web.make_web(program))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        assert (await client.post("/chat", data={"q": "你好"}, headers=headers)).status_code == 303


@pytest.mark.parametrize("headers", [{}, {"x-fragment": "1"}], ids=["page", "fragment"])
async def test_a_blocked_database_gets_an_apology_with_the_hotline(
    client: httpx.AsyncClient, program: Program, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """Nobody looks at a white page for half a minute because a backup holds the lock."""
    monkeypatch.setattr(web, "make_site_parts", lambda p: dataclasses.replace(make_site_parts(p), answer_within=0.2))
    async with program.store.write() as blocking, a_client(program, **headers) as other:
        await blocking.people.forget("nobody")  # takes the lock, as the first statement of a writer does
        async with asyncio.timeout(5):
            response = await other.post("/chat", data={"q": ASKS_ARREARS})
    assert response.status_code == 503
    page = visible(response.text)
    assert ASKS_ARREARS in page
    assert "没有处理成功" in page
    assert 'href="tel:12351"' in response.text
    assert ("x-fragment" in response.headers) is ("x-fragment" in headers)


@pytest.mark.parametrize("path", ["/chat/clear", f"/faq/{ARREARS}/vote"])
async def test_other_forms_give_up_in_time_too(
    client: httpx.AsyncClient, program: Program, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    await ask(client, ASKS_ARREARS)
    monkeypatch.setattr(web, "make_site_parts", lambda p: dataclasses.replace(make_site_parts(p), answer_within=0.2))
    async with program.store.write() as blocking, a_client(program) as other:
        await blocking.people.forget("nobody")
        other.cookies["gonghui"] = session_of(client)
        async with asyncio.timeout(5):
            response = await other.post(path, data={"helpful": "up"})
    assert response.status_code == 503
    assert "忙不过来" in response.text


async def test_a_history_of_another_version_is_skipped_not_fatal(client: httpx.AsyncClient, program: Program) -> None:
    await ask(client, ASKS_ARREARS)
    person = program.keys.person(HISTORY, session_of(client))
    rows = [{"key": "a"}, {"key": "b", "said": "x", "reply": '{"text": 1, "new": 2}'}]
    good = {"key": "c", "said": "还在", "reply": Reply(text="好").to_json()}
    async with program.store.write() as work:
        version = await work.conversations.version(person)
        await work.conversations.save(person, CHANNEL, {"exchanges": [*rows, good]}, program.clock.now(), version)
        await work.commit()
    page = (await client.get("/chat")).text
    assert page.count("您说：") == 1
    assert "还在" in page
