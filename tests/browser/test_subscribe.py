"""Subscribing in Chromium, on a phone: the form, the preferences, and what the console says of broadcasts."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.roles import Role
from bot.subscriptions.subscribers import EMAIL, TELEGRAM, Pace, Subscriber, SubscriberState
from tests.broadcasts import FakeSender, Office
from tests.browser.conftest import PHONE, Windows
from tests.browser.served import Site, a_port, served
from tests.browser.test_accessibility import violations
from tests.browser.test_console import fits, sign_in
from tests.browser.test_newsroom import accessible
from tests.console import Desk, use_quick_passwords
from tests.fakes import FakeClock
from tests.site import a_site_configuration, build_scripted
from tests.site_posts import publish_shipped

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MAIL = {"notices": {"mail": {"host": "127.0.0.1", "sender": "union@example.org", "security": "none"}}}
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Desk]]:
    """A site that takes subscriptions by mail, and its console with a broadcast that has come half way."""
    with a_port() as (listening, url):
        sections = {
            "staff": {"totp_required": False},
            "web": {"base_url": url},
            "subscriptions": {"email": True},
            **MAIL,
        }
        clock = FakeClock()
        program = build_scripted(a_site_configuration(tmp_path_factory.mktemp("house"), sections), clock)
        use_quick_passwords(program)
        desk = Desk(program, clock)
        asyncio.run(_fill(desk, clock))
        with served(program, listening) as site:
            yield site, desk


async def _fill(desk: Desk, clock: FakeClock) -> None:
    program = desk.program
    async with program.running():
        await publish_shipped(program)
        await desk.hire("wang.xuan", Role.PUBLICIST, name="王宣")
        office = Office(program.store, program.keys, clock, FakeSender(clock))
        await office.subscribe("901112223", "901112224", "901112225")
        office.publish("年底前，把工资要到手：欠薪的四条路，一条一条走")
        await office.maker.run()
        await office.lose_one(clock)
        await office.worker().drain(TELEGRAM)


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, house: tuple[Site, Desk]) -> AsyncIterator[Windows]:
    windows = Windows(browser, house[0])
    yield windows
    await windows.close()
    faults = [fault for watched in windows.watched for fault in watched.faults]
    assert [fault for fault in faults if not fault.startswith("console info: Clear-Site-Data")] == []


async def look_at(page: Page, folder: Path, name: str) -> None:
    await fits(page)
    assert await violations(page) == [], page.url
    await keep(page, folder, name)


async def keep(page: Page, folder: Path, name: str) -> None:
    named = os.environ.get("GONGHUI_TEST_SCREENSHOTS")
    await page.screenshot(path=Path(named or folder) / f"{name}.png", full_page=True)


async def known_as(site: Site, mailbox: str) -> Subscriber:
    async with site.program.store.read() as work:
        known = await work.subscribers.find_person(EMAIL, mailbox, held=False)
    assert known is not None
    return known


@SCHEMES
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_subscribing_by_mail_changing_and_stopping(
    windows: Windows, house: tuple[Site, Desk], screenshots: Path, scheme: str, scripts: bool
) -> None:
    site, name = house[0], f"{scheme}-{'scripts' if scripts else 'plain'}"
    assert site.program.subscriptions
    mailbox, links = f"{name}@example.org", site.program.subscriptions.links
    watched = await windows.open(viewport=PHONE, color_scheme=scheme, java_script_enabled=scripts)
    look = look_at if scripts else keep  # what looks for faults is a script itself
    page = await watched.open("/subscribe")
    await look(page, screenshots, f"subscribe-{name}")
    await page.get_by_label("邮箱地址 必填").fill(mailbox)
    await page.locator("input[name=topic]").first.check()
    await page.locator("input[name=pace][value=at_once]").check()
    await page.locator("input[name=agree]").check()
    await page.locator("form:has(input[name=mailbox]) button").click()
    await expect(page.get_by_text("请去邮箱确认")).to_be_visible()
    await look(page, screenshots, f"subscribe-asked-{name}")
    known = await known_as(site, mailbox)
    assert known.state is SubscriberState.PENDING
    await page.goto(links.confirm_page(known.id, site.program.clock.now()))
    await look(page, screenshots, f"subscribe-confirm-{name}")
    await page.get_by_role("button", name="确认订阅").click()
    await expect(page.get_by_text("订阅好了")).to_be_visible()
    await page.goto(links.manage_page(known.id))
    await look(page, screenshots, f"subscribe-preferences-{name}")
    await page.get_by_role("button", name=re.compile("退订")).click()
    await expect(page.get_by_text(re.compile("已经?退订")).first).to_be_visible()
    await look(page, screenshots, f"subscribe-stopped-{name}")
    assert (await known_as(site, mailbox)).state is SubscriberState.STOPPED


async def test_a_form_that_lacks_something_says_so_where_it_is_read(windows: Windows, screenshots: Path) -> None:
    watched = await windows.open(viewport=PHONE)
    page = await watched.open("/subscribe")
    await page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
    await page.get_by_label("邮箱地址 必填").fill("zhang")
    await page.locator("form:has(input[name=mailbox]) button").click()
    await expect(page.locator("input[name=mailbox]")).to_have_attribute("aria-invalid", "true")
    await look_at(page, screenshots, "subscribe-faults")
    # the browser's own note of the status
    watched.faults[:] = [fault for fault in watched.faults if "422" not in fault]


async def test_the_pages_on_a_desk(windows: Windows, house: tuple[Site, Desk], screenshots: Path) -> None:
    site = house[0]
    assert site.program.subscriptions
    watched = await windows.open(viewport={"width": 1280, "height": 900})
    page = await watched.open("/subscribe")
    await look_at(page, screenshots, "subscribe-1280")
    service, now = site.program.subscriptions, site.program.clock.now()
    ours = build_scripted(site.program.configuration, site.program.clock)  # the server's store belongs to its own loop
    async with ours.store.write() as work:
        id = await service.subscribe(work, EMAIL, "desk@example.org", ("工伤",), Pace.WEEKLY, now)
        await work.commit()
    await ours.store.close()
    await page.goto(service.links.manage_page(id))
    await look_at(page, screenshots, "subscribe-preferences-1280")


async def test_the_form_fits_in_large_type(windows: Windows, house: tuple[Site, Desk], screenshots: Path) -> None:
    watched = await windows.open(viewport=PHONE)
    await watched.page.context.add_cookies([{"name": "type", "value": "large", "url": house[0].url}])
    await look_at(await watched.open("/subscribe"), screenshots, "subscribe-large")


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_page_of_broadcasts_fits_and_shuts_nobody_out(
    windows: Windows, screenshots: Path, width: int
) -> None:
    watched = await windows.open(viewport={"width": width, "height": 844})
    page = watched.page
    await sign_in(page, watched.url, "wang.xuan")
    await page.goto(f"{watched.url}/console/broadcasts")
    await expect(page.get_by_role("heading", name="订阅与群发").first).to_be_visible()
    await expect(page.get_by_text("发送时程序中断")).to_be_visible()
    await fits(page)
    await accessible(page)
    await keep(page, screenshots, f"broadcasts-{width}")
    assert "90111222" not in await page.content()
