"""What people see when something goes wrong."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.app import Program
from bot.errors import StoreUnavailable
from bot.web import make_web
from tests.fakes import FakeClock
from tests.site import a_client, a_site_program


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_site_program(tmp_path, clock) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


async def test_a_missing_page_helps_in_chinese_and_tells_programs_the_number_alone(client: httpx.AsyncClient) -> None:
    page = await client.get("/nothing")
    assert page.status_code == 404
    assert "没有找到这个页面" in page.text
    assert "12351" in page.text
    line = await client.get("/nothing", headers={"accept": "*/*"})
    assert (line.status_code, line.text) == (404, "404\n")


async def test_a_form_that_is_too_large_is_refused_declared_or_not(client: httpx.AsyncClient) -> None:
    body = b"q=" + b"a" * 70_000
    headers = {"content-type": "application/x-www-form-urlencoded"}
    declared = await client.post("/chat", content=body, headers=headers)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 8_000):
            yield body[start : start + 8_000]

    streamed = await client.post("/chat", content=pieces(), headers=headers)
    for response in (declared, streamed):
        assert response.status_code == 413
        assert "内容太长了" in response.text
        assert "content-security-policy" in response.headers


async def test_a_crash_shows_an_apology_and_nothing_of_the_fault(program: Program) -> None:
    async def crash(_: Request) -> Response:
        raise RuntimeError("secret detail")

    async def away(_: Request) -> Response:
        raise StoreUnavailable("secret detail")

    web = make_web(program)
    web.router.routes.extend([Route("/crash", crash), Route("/away", away)])
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        crashed = await client.get("/crash", headers={"accept": "text/html"})
        unavailable = await client.get("/away", headers={"accept": "text/html"})
    assert crashed.status_code == 500
    assert "出了点问题" in crashed.text
    assert unavailable.status_code == 503
    assert unavailable.headers["retry-after"]
    assert "忙不过来" in unavailable.text
    for response in (crashed, unavailable):
        assert "secret" not in response.text
        assert "12351" in response.text
        assert "content-security-policy" in response.headers
        assert response.headers["cache-control"] == "no-store"


async def test_a_wrong_method_is_refused_with_the_right_ones(client: httpx.AsyncClient) -> None:
    response = await client.delete("/privacy")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
