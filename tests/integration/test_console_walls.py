"""What protects every page: roles, districts, tokens of forms, headers."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.roles import Role
from bot.staff.members import STAFF_ROLES
from bot.web import make_web
from tests.console import Desk, a_console
from tests.desk import a_filing
from tests.fakes import FakeClock

LOGINS = {role: f"{role}.one" for role in STAFF_ROLES}


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        for role, login in LOGINS.items():
            await desk.hire(login, role)
        yield desk


SEES_CASES = {Role.OPERATOR, Role.CADRE, Role.SUPERVISOR}
OPEN_TO = {
    "/": set(STAFF_ROLES),
    "/account": set(STAFF_ROLES),
    "/cases/list": SEES_CASES,
    "/hotline": SEES_CASES,
    "/callers": {Role.OPERATOR},
    "/call-backs": {Role.OPERATOR, Role.SUPERVISOR},
    "/employers": {Role.CADRE, Role.SUPERVISOR},
    "/findings": {Role.CADRE, Role.SUPERVISOR},
    "/quarantine": {Role.SUPERVISOR},
    "/staff": {Role.ADMINISTRATOR},
    "/staff/new": {Role.ADMINISTRATOR},
    "/audit": {Role.SUPERVISOR, Role.ADMINISTRATOR},
    "/statistics": {Role.CADRE, Role.SUPERVISOR, Role.LEADER},
    "/knowledge/entries": set(STAFF_ROLES) - {Role.ADMINISTRATOR},
    "/knowledge/test": set(STAFF_ROLES) - {Role.ADMINISTRATOR},
    "/knowledge/due": set(STAFF_ROLES) - {Role.ADMINISTRATOR},
    "/knowledge/questions": {Role.CADRE, Role.SUPERVISOR, Role.PUBLICIST},
}


async def test_every_role_opens_its_own_pages_and_no_others(desk: Desk) -> None:
    for role in STAFF_ROLES:
        window = await desk.signed_in(LOGINS[role])
        start = await window.get("/")
        for path, roles in OPEN_TO.items():
            response = await window.get(path)
            assert response.status_code == (200 if role in roles else 403), f"{role} {path}"
        for path in ("/cases/list", "/staff", "/audit"):
            assert (f'href="/console{path}"' in start.text) is (role in OPEN_TO[path]), f"{role}: {path} in the menu"


def routes_of(desk: Desk) -> list[tuple[str, str]]:
    """Every address of the console with its methods, those of the library too."""
    mount = next(route for route in make_web(desk.program).router.routes if getattr(route, "name", "") == "console")
    found = []
    for route in mount.app.router.routes:
        found += [(method, route.path) for method in getattr(route, "methods", None) or () if method != "HEAD"]
    return found


PLACES = {"{number}": "HZ261122-000001", "{file}": "0" * 32, "{id}": "0" * 32, "{key}": "cases"}
GATES = {"/login", "/totp", "/password", "/enroll", "/logout"}
OWN = {
    "/",
    "/seen",
    "/alive",
    "/account",
    "/account/password",
    "/account/authenticator",
    "/account/authenticator/confirm",
    "/account/codes",
}
NEWSROOM = ("/posts", "/law-reviews", "/deliveries", "/channels", "/results", "/publishing-calendar", "/broadcasts")


async def test_no_address_is_open_without_a_session(desk: Desk) -> None:
    window = desk.browser()
    await window.get("/login")
    for method, path in routes_of(desk):
        if path in GATES:
            continue
        response = await send(window.client, method, filled(path), window.token)
        assert response.status_code in (303, 404, 405), f"{method} {path}"
        if response.status_code == 303:
            assert "/console/login" in response.headers["location"], f"{method} {path}"


async def test_who_has_no_part_in_cases_reaches_no_address_but_their_own(desk: Desk) -> None:
    for role in (Role.PUBLICIST, Role.LEADER):
        window = await desk.signed_in(LOGINS[role])
        for method, path in routes_of(desk):
            figures = role is Role.LEADER and path.startswith("/statistics")
            figures = figures or path.startswith("/knowledge/")  # see test_console_knowledge
            figures = figures or path.startswith(NEWSROOM)  # see test_console_posts
            if path in GATES | OWN or figures:
                continue
            response = await send(window.client, method, filled(path), window.token)
            assert response.status_code == 403, f"{method} {path}: {response.status_code}"


async def test_the_library_offers_no_way_round_the_pages(desk: Desk) -> None:
    """Of its own addresses only the list is there; its forms, exports, look-ups and actions are not."""
    assert [path for _, path in routes_of(desk) if "{key}" in path or "_api" in path or "_files" in path] == [
        "/{key}/list"
    ]
    window = await desk.signed_in(LOGINS[Role.SUPERVISOR])
    for path in ("/_api/cases/action?name=export&all=1", "/_api/cases/import"):
        assert (await window.post(path)).status_code == 404
    for path in ("/cases/detail?pk=1", "/cases/create", "/cases/edit?pk=1", "/_api/cases/relation-lookup"):
        assert (await window.get(path)).status_code == 404


def filled(path: str) -> str:
    for place, value in PLACES.items():
        path = path.replace(place, value)
    return path


async def send(client: httpx.AsyncClient, method: str, path: str, token: str) -> httpx.Response:
    data = {"csrftoken": token} if method == "POST" else None
    return await client.request(method, f"/console{path}", data=data)


async def test_a_form_without_its_token_does_nothing(desk: Desk) -> None:
    window = await desk.signed_in(LOGINS[Role.CADRE])
    made = await desk.counter.file(now=desk.clock.now())
    for token in ("", "forged", window.token[:-2] + "xx"):
        response = await window.client.post(
            f"/console/case/{made.number}/take-on", data={"seen": "1@", "csrftoken": token}
        )
        assert response.status_code == 403
        assert "CSRF" not in response.text
    assert (await desk.counter.case(made.case_id)).owner == ""


async def test_a_token_of_another_browser_does_nothing(desk: Desk) -> None:
    window, other = await desk.signed_in(LOGINS[Role.CADRE]), desk.browser()
    await other.get("/login")
    made = await desk.counter.file(now=desk.clock.now())
    response = await window.post(f"/case/{made.number}/take-on", {"seen": "1@", "csrftoken": other.token})
    assert response.status_code == 403


@pytest.mark.parametrize("header", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
async def test_a_form_of_another_site_does_nothing(desk: Desk, header: dict[str, str]) -> None:
    window = await desk.signed_in(LOGINS[Role.CADRE])
    made = await desk.counter.file(now=desk.clock.now())
    response = await window.post(f"/case/{made.number}/take-on", {"seen": "1@"}, headers=header)
    assert response.status_code == 403
    assert (await desk.counter.case(made.case_id)).owner == ""


async def test_a_link_from_elsewhere_asks_again_from_here(desk: Desk) -> None:
    """The strict cookie does not come with it; a page that asks for itself again sends it along."""
    response = await desk.browser().get(
        "/case/HZ261122-000001?a=1&b=<x>", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    )
    assert response.status_code == 200
    assert "url=/console/case/HZ261122-000001?a=1" in response.text
    assert "<x>" not in response.text


async def test_pages_are_kept_nowhere_and_run_no_foreign_script(desk: Desk) -> None:
    window = await desk.signed_in(LOGINS[Role.SUPERVISOR])
    nonces = set()
    for path in ("/", "/cases/list", "/audit", "/account", "/case/HZ261122-000001", "/staff"):
        response = await window.get(path)
        assert response.headers["cache-control"] == "no-store", path
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http:" not in policy
        nonce = policy.split("'nonce-")[1].split("'")[0]
        nonces.add(nonce)
        assert response.text.count("<script") == response.text.count(f'<script nonce="{nonce}"'), path
        assert " onclick=" not in response.text
        assert " onchange=" not in response.text
        assert ' style="' not in response.text, path
    assert len(nonces) == 6


async def test_a_body_that_is_too_large_is_refused_before_it_is_kept(desk: Desk) -> None:
    window = await desk.signed_in(LOGINS[Role.CADRE])
    response = await window.post("/seen", {"text": "字" * 6_000_000})
    assert response.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 100_000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await window.client.post("/console/seen", content=endless(), headers=headers)
    assert response.status_code == 413


async def test_another_districts_case_is_not_found_by_any_address(desk: Desk) -> None:
    window = await desk.signed_in(LOGINS[Role.CADRE])
    made = await desk.counter.file(a_filing(district="shanxian"), now=desk.clock.now())
    strange, absent = await window.get(f"/case/{made.number}"), await window.get("/case/HZ261122-999999")
    assert strange.status_code == absent.status_code == 404
    assert made.number not in strange.text
    assert made.number not in (await window.get("/cases/list")).text
    for method, path in routes_of(desk):
        if "{number}" not in path or path.startswith("/call-backs"):  # which no cadre opens at all
            continue
        address = filled(path).replace(PLACES["{number}"], made.number)
        data = {"csrftoken": window.token, "seen": "1@", "event": "accept", "text": "x", "reason": "other",
                "what": "contact", "way": "phone"}  # fmt: skip
        response = await window.client.request(method, f"/console{address}", data=data if method == "POST" else None)
        assert response.status_code in (404, 422), f"{method} {path}: {response.status_code}"
        assert "老板张三" not in response.text
    case = await desk.counter.case(made.case_id)
    assert case.version == 1


async def test_a_case_that_one_may_see_but_not_touch_stays_as_it_is(desk: Desk) -> None:
    window = await desk.signed_in(LOGINS[Role.CADRE])
    made = await desk.counter.file(now=desk.clock.now())
    page = await window.get(f"/case/{made.number}")
    assert page.status_code == 200
    for path, data in {
        "step": {"event": "accept"},
        "message": {"text": "x"},
        "note": {"text": "x"},
        "assign": {"owner": desk.staff[LOGINS[Role.CADRE]].id},
        "delete": {"confirm": made.number, "reason": "worker_asked"},
        "reveal": {"what": "contact", "reason": "contact_worker"},
    }.items():
        response = await window.post(f"/case/{made.number}/{path}", {"seen": "1@", **data})
        assert response.status_code == 403, path
    assert (await desk.counter.case(made.case_id)).version == 1
