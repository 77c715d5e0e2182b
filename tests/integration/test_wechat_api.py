"""Calls to WeChat's API against a small stand-in for it: tokens, failures, and the menu command."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.app import Program, build
from bot.channels.wechat.api import WeChatApi
from bot.cli import app as command_line
from bot.errors import VendorError
from bot.store.stored_value import StoredValue
from tests.fakes import FakeClock
from tests.wechat import APP_ID, ENVIRON, a_wechat_configuration

SECRET = "0123456789abcdef0123456789abcdef"
Push = Callable[..., tuple[int, str]]
MENU = {"button": [{"name": "问一问", "type": "click", "key": "ask"}]}


@dataclass
class FakeApi:
    """WeChat's API as far as we call it. `refuse` holds the error codes to answer calls with, first to last."""

    refuse: list[int] = field(default_factory=list)
    fetched: list[dict] = field(default_factory=list)
    calls: list[tuple[str, dict]] = field(default_factory=list)
    raw: Response | None = None
    number: int = 0

    @property
    def asgi(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/cgi-bin/stable_token", self.stable_token, methods=["POST"]),
                Route("/cgi-bin/menu/create", self.menu, methods=["POST"]),
            ]
        )

    async def stable_token(self, request: Request) -> Response:
        self.fetched.append(json.loads(await request.body()))
        await asyncio.sleep(0)
        self.number += 1
        return JSONResponse({"access_token": f"token-{self.number}", "expires_in": 7200})

    async def menu(self, request: Request) -> Response:
        self.calls.append((request.query_params["access_token"], json.loads(await request.body())))
        if self.raw is not None:
            return self.raw
        code = self.refuse.pop(0) if self.refuse else 0
        said = f"refused hint: [abc] rid: 65aa-{code}" if code else "ok"
        # WeChat sends JSON as plain text.
        return Response(json.dumps({"errcode": code, "errmsg": said}), media_type="text/plain")


@pytest.fixture
def vendor() -> FakeApi:
    return FakeApi()


@pytest.fixture
async def tokens(program: Program) -> StoredValue:
    return StoredValue(program.store, program.clock, f"wechat.access_token:{APP_ID}")


@pytest.fixture
async def api(vendor: FakeApi, tokens: StoredValue, clock: FakeClock) -> AsyncIterator[WeChatApi]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(vendor.asgi)) as client:
        yield WeChatApi(client=client, base="http://api.test", app_id=APP_ID, secret=SECRET, tokens=tokens, clock=clock)


async def test_a_menu_is_sent_as_it_is_with_a_stable_token(api: WeChatApi, vendor: FakeApi) -> None:
    await api.create_menu(MENU)
    assert vendor.calls == [("token-1", MENU)]
    assert vendor.fetched == [
        {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET, "force_refresh": False}
    ]


async def test_chinese_is_sent_as_chinese(vendor: FakeApi, api: WeChatApi) -> None:
    """WeChat shows backslash escapes as they are."""
    seen: list[bytes] = []
    api._client.event_hooks = {"request": [lambda request: _keep(seen, request)]}
    await api.create_menu(MENU)
    assert "问一问".encode() in seen[-1]


async def _keep(seen: list[bytes], request: httpx.Request) -> None:
    seen.append(request.content)


async def test_the_token_is_used_again_until_it_gets_old(api: WeChatApi, vendor: FakeApi, clock: FakeClock) -> None:
    await api.create_menu(MENU)
    clock.advance(seconds=7200 - 61)
    await api.create_menu(MENU)
    assert len(vendor.fetched) == 1
    clock.advance(seconds=1)
    await api.create_menu(MENU)
    assert [token for token, _ in vendor.calls] == ["token-1", "token-1", "token-2"]


async def test_the_token_lies_encrypted_in_the_database(api: WeChatApi, program: Program) -> None:
    await api.create_menu(MENU)
    folder = program.configuration.settings.data_dir
    kept = sqlite3.connect(folder / "gonghui.db").execute("SELECT name FROM stored_value").fetchall()
    assert (f"wechat.access_token:{APP_ID}",) in kept
    assert not any(b"token-1" in file.read_bytes() for file in folder.glob("gonghui.db*"))


async def test_callers_that_come_together_share_one_token(api: WeChatApi, vendor: FakeApi) -> None:
    await asyncio.gather(*(api.create_menu(MENU) for _ in range(10)))
    assert len(vendor.fetched) == 1
    assert {token for token, _ in vendor.calls} == {"token-1"}


@pytest.mark.parametrize(("code", "forced"), [(40001, True), (40014, True), (42001, False)])
async def test_a_refused_token_is_refreshed_once_and_the_call_repeated(
    api: WeChatApi, vendor: FakeApi, code: int, forced: bool
) -> None:
    vendor.refuse = [code]
    await api.create_menu(MENU)
    assert [token for token, _ in vendor.calls] == ["token-1", "token-2"]
    assert [asked["force_refresh"] for asked in vendor.fetched] == [False, forced]


async def test_a_token_that_stays_refused_is_not_asked_for_in_a_loop(api: WeChatApi, vendor: FakeApi) -> None:
    """A day has few forced refreshes; a loop would spend them in a second."""
    vendor.refuse = [40001] * 100
    with pytest.raises(VendorError) as caught:
        await api.create_menu(MENU)
    assert caught.value.code == "40001"
    assert (len(vendor.calls), len(vendor.fetched)) == (2, 2)


async def test_callers_whose_token_is_refused_together_refresh_it_once(api: WeChatApi, vendor: FakeApi) -> None:
    await api.create_menu(MENU)
    vendor.refuse = [40001] * 5
    await asyncio.gather(*(api.create_menu(MENU) for _ in range(5)))
    assert len(vendor.fetched) == 2


async def test_a_token_that_another_process_renewed_is_taken_from_the_database(
    api: WeChatApi, vendor: FakeApi, tokens: StoredValue, clock: FakeClock
) -> None:
    await api.create_menu(MENU)
    vendor.refuse = [40001]
    original = api._post

    async def renewed_meanwhile(*arguments: object, **named: object) -> dict:
        answer = await original(*arguments, **named)  # type: ignore[arg-type]
        if answer.get("errcode"):
            expires_at = clock.now().replace(year=2027)
            await tokens.save("token-of-another", expires_at)
        return answer

    api._post = renewed_meanwhile  # type: ignore[method-assign]
    await api.create_menu(MENU)
    assert vendor.calls[-1][0] == "token-of-another"
    assert len(vendor.fetched) == 1


@pytest.mark.parametrize(
    ("code", "permanent"),
    [(48001, True), (40018, True), (40164, True), (-1, False), (45009, False), (45011, False)],
)
async def test_a_refusal_says_whether_repeating_helps(
    api: WeChatApi, vendor: FakeApi, code: int, permanent: bool
) -> None:
    vendor.refuse = [code]
    with capture_logs() as logs, pytest.raises(VendorError) as caught:
        await api.create_menu(MENU)
    assert (caught.value.code, caught.value.permanent) == (str(code), permanent)
    (line,) = [each for each in logs if each["event"] == "wechat.api_refused"]
    assert (line["code"], line["rid"]) == (code, f"65aa-{code}")


@pytest.mark.parametrize(
    ("raw", "code", "permanent"),
    [
        (Response("<html>", status_code=502), "http_502", False),
        (Response("no", status_code=404), "http_404", True),
        (Response("<html>"), "bad_answer", False),
        (Response("[1]"), "bad_answer", False),
        (Response('{"errcode": "x"}'), "-1", False),
    ],
    ids=["gateway", "absent", "html", "list", "odd-code"],
)
async def test_whatever_comes_back_is_one_kind_of_error(
    api: WeChatApi, vendor: FakeApi, raw: Response, code: str, permanent: bool
) -> None:
    vendor.raw = raw
    with pytest.raises(VendorError) as caught:
        await api.create_menu(MENU)
    assert (caught.value.code, caught.value.permanent) == (code, permanent)


async def test_an_unreachable_api_is_an_error_that_may_pass(tokens: StoredValue, clock: FakeClock) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout(f"cannot reach {request.url}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
        api = WeChatApi(client=client, base="http://api.test", app_id=APP_ID, secret=SECRET, tokens=tokens, clock=clock)
        with pytest.raises(VendorError) as caught:
            await api.create_menu(MENU)
    assert (caught.value.code, caught.value.permanent) == ("unreachable", False)


async def test_neither_token_nor_secret_reach_log_or_error(
    api: WeChatApi, vendor: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    vendor.refuse = [40001, 48001]
    with capture_logs() as logs, pytest.raises(VendorError) as caught:
        await api.create_menu(MENU)
    said = json.dumps(logs) + caplog.text + str(caught.value)
    assert "token-1" not in said
    assert "token-2" not in said
    assert SECRET not in said


# --- gonghui wechat menu push


@pytest.fixture
def push(tmp_path: Path, vendor: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Push:
    """Runs the command in an installation of its own; WeChat is the stand-in."""

    def run(*options: str, secret: str = SECRET) -> tuple[int, str]:
        environ = ENVIRON | ({"GONGHUI_WECHAT_SECRET": secret} if secret else {})
        configuration = a_wechat_configuration(tmp_path, environ)
        monkeypatch.setattr("bot.commands.context.open_program", lambda: build(configuration))
        original = httpx.AsyncClient
        monkeypatch.setattr(httpx, "AsyncClient", lambda: original(transport=httpx.ASGITransport(vendor.asgi)))
        done = CliRunner().invoke(command_line, ["wechat", "menu", "push", *options])
        monkeypatch.setattr(httpx, "AsyncClient", original)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


def test_the_command_sends_the_shipped_menu(push: Push, vendor: FakeApi) -> None:
    status, _ = push()
    assert status == 0
    ((_, sent),) = vendor.calls
    assert [button["name"] for button in sent["button"]] == ["问一问", "查答案", "找人帮忙"]
    assert sent["button"][1]["url"] == "https://ask.example.org/"


def test_without_the_right_the_command_prints_what_to_enter_by_hand(push: Push, vendor: FakeApi) -> None:
    vendor.refuse = [48001]
    status, said = push()
    assert status == 1
    assert "48001" in said
    assert "https://mp.weixin.qq.com" in said
    for name in ("问一问", "怎么提问", "被拖欠工资", "查答案", "找人帮忙"):
        assert name in said
    assert "https://ask.example.org/faq/wage.arrears" in said
    assert "12351" in said


def test_another_refusal_is_an_error(push: Push, vendor: FakeApi) -> None:
    vendor.refuse = [40164]
    with pytest.raises(VendorError, match="40164"):
        push()


def test_a_dry_run_sends_nothing(push: Push, vendor: FakeApi) -> None:
    status, said = push("--dry-run")
    assert status == 0
    assert "点击 faq_wage_arrears" in said
    assert vendor.calls == []


def test_without_the_secret_nothing_is_sent_and_the_name_of_the_variable_is_told(push: Push, vendor: FakeApi) -> None:
    status, said = push(secret="")
    assert status == 1
    assert "GONGHUI_WECHAT_SECRET" in said
    assert vendor.fetched == []
