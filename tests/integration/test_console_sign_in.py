"""Signing in to the console, and what a browser that is not signed in, or not wholly, can reach."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from bot.roles import Role
from bot.web import make_web
from tests.console import Desk, Window, a_console
from tests.fakes import FakeClock
from tests.staff import PASSWORD

NEW = "Blue-Kettle-Runs-7"


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("zhang.wei", Role.CADRE)
        yield desk


def session_of(window: Window) -> str:
    return str(window.client.cookies.get("gonghui-console") or "")


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(desk: Desk) -> None:
    window = desk.browser()
    response = await window.get("/cases/list?state=accepted")
    assert response.url.path == "/console/login"
    assert response.url.params["next"] == "/console/cases/list?state=accepted"
    response = await window.post(
        "/login", {"login": "zhang.wei", "password": PASSWORD, "next": response.url.params["next"]}
    )
    assert (response.url.path, response.url.params["state"]) == ("/console/cases/list", "accepted")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/console/../x",
        "/console//evil.test",
        "/chat",
        "/console/logout",
        "/console\\x",
    ],
)
async def test_signing_in_leads_nowhere_else(desk: Desk, target: str) -> None:
    window = desk.browser()
    response = await window.sign_in("zhang.wei", next=target)
    assert response.url.path == "/console/"
    assert response.url.host == "site.test"


async def test_a_wrong_password_tells_nothing_and_slows_down(desk: Desk) -> None:
    window = desk.browser()
    known = await window.sign_in("zhang.wei", "not-the-password")
    unknown = await window.sign_in("nobody", "not-the-password")
    assert known.status_code == unknown.status_code == 422
    assert "账号或者密码不对" in known.text
    assert "账号或者密码不对" in unknown.text
    assert session_of(window) == ""
    for _ in range(6):
        response = await window.sign_in("zhang.wei", "not-the-password")
    assert "试得太" in response.text


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(desk: Desk) -> None:
    window = desk.browser()
    await window.get("/login")
    response = await window.post("/login", {"login": "zhang.wei", "password": PASSWORD}, follow_redirects=False)
    [cookie] = [c for c in response.headers.get_list("set-cookie") if c.startswith("gonghui-console=")]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/" in cookie


async def test_on_https_no_other_host_can_set_the_session_cookie(desk: Desk) -> None:
    window = Window(make_web(desk.program), {}, scheme="https")
    await window.get("/login")
    response = await window.post("/login", {"login": "zhang.wei", "password": PASSWORD}, follow_redirects=False)
    [cookie] = [c for c in response.headers.get_list("set-cookie") if "gonghui-console=" in c]
    assert cookie.startswith("__Host-gonghui-console=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_a_session_planted_before_signing_in_is_worth_nothing(desk: Desk) -> None:
    """Session fixation: the token after signing in is another one, and the one before opens nothing."""
    planted = "A" * 43
    window = desk.browser()
    window.client.cookies.set("gonghui-console", planted, domain="site.test")
    await window.sign_in("zhang.wei")
    assert session_of(window) not in ("", planted)
    other = desk.browser()
    other.client.cookies.set("gonghui-console", planted)
    assert (await other.get("/")).url.path == "/console/login"


async def test_signing_in_anew_ends_the_session_before(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    before = session_of(window)
    await window.post("/logout")
    await window.sign_in("zhang.wei")
    other = desk.browser()
    other.client.cookies.set("gonghui-console", before)
    assert (await other.get("/")).url.path == "/console/login"


async def test_signing_out_ends_the_session_for_whoever_copied_it(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    copied = session_of(window)
    response = await window.post("/logout")
    assert response.url.path == "/console/login"
    assert session_of(window) == ""
    thief = desk.browser()
    thief.client.cookies.set("gonghui-console", copied)
    assert (await thief.get("/cases/list")).url.path == "/console/login"


async def test_a_session_ends_when_nothing_is_done_and_forms_are_not_lost_in_silence(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    desk.clock.advance(minutes=31)
    response = await window.post("/seen")
    assert response.url.path == "/console/login"
    assert "登录已经到期" in response.text


async def test_typing_keeps_a_session_alive(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    for _ in range(3):
        desk.clock.advance(minutes=20)
        assert (await window.get("/alive")).status_code == 204
    assert (await window.get("/")).url.path == "/console/"


async def test_a_first_password_has_to_be_changed_before_anything_opens(desk: Desk) -> None:
    await desk.hire("li.na", Role.CADRE, ready=False)
    window = desk.browser()
    assert (await window.sign_in("li.na")).url.path == "/console/password"
    assert (await window.get("/cases/list")).url.path == "/console/password"
    before = session_of(window)
    differing = await window.post("/password", {"new": NEW, "again": "other"})
    assert "两次输入的新密码不一样" in differing.text
    assert "太短" in (await window.post("/password", {"new": "short", "again": "short"})).text
    response = await window.post("/password", {"new": NEW, "again": NEW})
    assert response.url.path == "/console/"
    assert session_of(window) != before
    assert (await desk.browser().sign_in("li.na", NEW)).url.path == "/console/"


async def test_an_account_can_be_shut_and_is_out_at_once(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    member = desk.staff["zhang.wei"]
    await desk.program.staff.directory.change(member.id, by="a" * 32, now=desk.clock.now(), active=False)
    assert (await window.get("/")).url.path == "/console/login"


async def test_the_one_time_code_is_set_up_first_and_asked_for_from_then_on(tmp_path: Path, clock: FakeClock) -> None:
    async with a_console(tmp_path, clock, totp_required=True) as desk:
        await desk.hire("zhang.wei", Role.CADRE)
        window = desk.browser()
        response = await window.sign_in("zhang.wei")
        assert response.url.path == "/console/enroll"
        assert "<svg" in response.text
        secret = response.text.split('class="hash">')[1].split("<")[0].replace(" ", "")
        wrong = await window.post("/enroll", {"code": "000000"})
        assert wrong.status_code == 422
        shown = await window.post("/enroll", {"code": pyotp.TOTP(secret).at(clock.now())})
        assert "恢复码" in shown.text
        recovery = shown.text.split('<div class="codes mb-3"><div>')[1].split("<")[0]
        assert (await window.get("/")).url.path == "/console/"

        clock.advance(minutes=2)
        other = desk.browser()
        assert (await other.sign_in("zhang.wei")).url.path == "/console/totp"
        assert (await other.get("/cases/list")).url.path == "/console/totp"
        assert (await other.post("/totp", {"code": "123456"})).status_code == 422
        assert (await other.post("/totp", {"code": pyotp.TOTP(secret).at(clock.now())})).url.path == "/console/"

        third = desk.browser()
        await third.sign_in("zhang.wei")
        assert (await third.post("/totp", {"code": recovery})).url.path == "/console/"


async def test_outside_the_networks_there_is_no_console(tmp_path: Path, clock: FakeClock) -> None:
    async with a_console(tmp_path, clock, networks=["10.0.0.0/8"]) as desk:
        assert (await desk.browser().get("/login")).status_code == 404


async def test_everybody_looks_after_their_own_password(desk: Desk) -> None:
    window, elsewhere = await desk.signed_in("zhang.wei"), await desk.signed_in("zhang.wei")
    await window.get("/account")
    wrong = await window.post("/account/password", {"old": "wrong", "new": NEW, "again": NEW})
    assert "现在的密码不对" in wrong.text
    done = await window.post("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert "密码换好了" in done.text
    assert (await elsewhere.get("/")).url.path == "/console/login"
