"""The console in Chromium on a desk and on a phone: a day of a cadre, nothing fetched from elsewhere, no fault."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, Page, expect

from bot.roles import Role
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.served import Site, served
from tests.cases import a_statement
from tests.console import Desk, use_quick_passwords
from tests.desk import a_filing
from tests.fakes import FakeClock
from tests.site import a_site_configuration, build_scripted
from tests.staff import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SAID = "我叫李四，老板张三拖了仨月工资不给，电话13812345678"
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
QUESTION = "请把工资条或者转账记录拍照发来，谢谢。"


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Desk]]:
    """A console on a free port of this machine with two accounts."""
    configuration = a_site_configuration(tmp_path_factory.mktemp("console"), {"staff": {"totp_required": False}})
    program = build_scripted(configuration, FakeClock())
    use_quick_passwords(program)
    desk = Desk(program, FakeClock())
    asyncio.run(_fill(desk))
    with served(program) as site:
        yield site, desk


async def _fill(desk: Desk) -> None:
    async with desk.program.running():
        await desk.hire("zhang.wei", Role.CADRE, "mudan", name="张卫")
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        await desk.hire("admin", Role.ADMINISTRATOR)
        for person in ("phone", "desk", "kept"):
            await desk.counter.file(
                a_filing(person=person, statement=a_statement(narrative=SAID)), now=desk.clock.now()
            )


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, office: tuple[Site, Desk]) -> AsyncIterator[Windows]:
    windows = Windows(browser, office[0])
    yield windows
    await windows.close()
    faults = [fault for watched in windows.watched for fault in watched.faults]
    assert [fault for fault in faults if not fault.startswith("console info: Clear-Site-Data")] == []


async def sign_in(page: Page, url: str, login: str) -> None:
    await page.goto(f"{url}/console/")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("heading", level=2)).to_contain_text("今天")


async def fits(page: Page) -> None:
    await page.wait_for_load_state()  # a click may still be on its way to the page
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_cadre_takes_on_a_case_and_asks_for_more(
    windows: Windows, size: dict[str, int], screenshots: Path
) -> None:
    watched = await windows.open(viewport=size)
    page, name = watched.page, "phone" if size == PHONE else "desk"
    await sign_in(page, watched.url, "zhang.wei")
    await fits(page)
    await page.screenshot(path=screenshots / f"console-start-{name}.png", full_page=True)
    if size == PHONE:
        await page.get_by_role("button", name="Toggle navigation").click()
    await page.get_by_role("link", name="案件", exact=True).click()
    await fits(page)
    await page.get_by_role("link", name=re.compile("待认领")).click()
    await page.get_by_role("link", name=re.compile("^HZ")).first.click()
    await expect(page.locator("#statement")).to_contain_text("我叫[姓名]")
    await fits(page)
    await page.get_by_role("button", name="我来承办").click()
    await expect(page.get_by_text("现在由您承办")).to_be_visible()
    await page.locator("summary", has_text="受理").first.click()
    await page.get_by_role("button", name="受理", exact=True).click()
    await expect(page.locator(".page-title")).to_contain_text("已受理")
    await page.locator("summary", has_text="请职工补充").click()
    await page.locator("#step-ask_worker-note_to_worker").fill(QUESTION)
    await page.get_by_role("button", name="请职工补充", exact=True).click()
    await expect(page.locator(".page-title")).to_contain_text("待补充")
    await expect(page.locator("#messages")).to_contain_text(QUESTION)
    await fits(page)
    await page.screenshot(path=screenshots / f"console-case-{name}.png", full_page=True)


async def test_a_template_text_fills_the_field_and_asks_before_it_replaces(windows: Windows) -> None:
    watched = await windows.open(viewport=DESK)
    page = watched.page
    await sign_in(page, watched.url, "zhang.wei")
    await page.goto(f"{watched.url}/console/cases/list?view=unassigned")
    await page.get_by_role("link", name=re.compile("^HZ")).first.click()
    await page.get_by_role("button", name="我来承办").click()
    choice, field = page.locator("#message-text-template"), page.locator("#message-text")
    await choice.select_option(index=1)
    assert await field.input_value() != ""
    await field.fill("我自己写的")
    page.once("dialog", lambda dialog: asyncio.ensure_future(dialog.dismiss()))
    await choice.select_option(index=2)
    assert await field.input_value() == "我自己写的"
    await field.fill("")
    await page.evaluate("document.dispatchEvent(new Event('submit'))")  # leaves without asking


async def test_everything_works_without_scripts(windows: Windows) -> None:
    watched = await windows.open(viewport=PHONE, java_script_enabled=False)
    page = watched.page
    await page.goto(f"{watched.url}/console/cases/list")
    await page.get_by_label("账号").fill("sun.jian")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("link", name=re.compile("^HZ")).first.click()
    await page.locator("#note-text").fill("督办看过")
    await page.get_by_role("button", name="保存记录").click()
    await expect(page.locator("#notes")).to_contain_text("督办看过")


@pytest.mark.parametrize("login", ["sun.jian", "admin"])
async def test_no_page_shuts_anybody_out(windows: Windows, login: str) -> None:
    """axe finds no fault of accessibility, and no page is wider than a phone."""
    watched = await windows.open(viewport=PHONE)
    page = watched.page
    await sign_in(page, watched.url, login)
    paths = {
        "sun.jian": ["/", "/cases/list?state=registered", "/audit", "/account"],
        "admin": ["/", "/staff", "/staff/new"],
    }
    addresses = [f"{watched.url}/console{path}" for path in paths[login]]
    if login == "sun.jian":
        await page.goto(f"{watched.url}/console/cases/list")
        addresses.append(await page.get_by_role("link", name=re.compile("^HZ")).first.evaluate("link => link.href"))
    for address in addresses:
        await page.goto(address)
        await fits(page)
        found = await Axe().run(page, options=RULES)
        faults = [f"{v['id']}: {node['html'][:160]}" for v in found.response["violations"] for node in v["nodes"]]
        assert faults == [], address


async def test_after_signing_out_the_back_button_shows_nothing(windows: Windows) -> None:
    watched = await windows.open(viewport=DESK)
    page = watched.page
    await sign_in(page, watched.url, "sun.jian")
    await page.goto(f"{watched.url}/console/cases/list")
    await page.get_by_label("Open user menu").last.click()
    await page.get_by_role("button", name="退出登录").last.click()
    await expect(page.get_by_text("已经退出登录")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("密码")).to_be_visible()
