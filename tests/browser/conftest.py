"""A server of our own and Chromium: what the browser tests stand on.

Playwright's asynchronous face runs on one event loop for the whole session, so these tests could
even share a process with the others. `CHROMIUM` names a browser in an unusual place.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.laws.statutes import StatuteText
from bot.settings import Configuration
from tests.browser.served import Site, served
from tests.site import a_site_configuration, build_scripted
from tests.site_posts import publish_shipped

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def find_chromium() -> str | None:
    """Where Chromium is, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = find_chromium()
    if path is None:
        reason = f"no Chromium here (looked for {', '.join(NAMES)}; CHROMIUM names another)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site on a free port of this machine, with a few entries and the text of one article."""
    configuration = a_site_configuration(tmp_path_factory.mktemp("site"))
    asyncio.run(_load_article(configuration))
    asyncio.run(_publish_posts(configuration))
    program = build_scripted(configuration)
    with served(program) as site:
        yield site


async def _load_article(configuration: Configuration) -> None:
    program = build_scripted(configuration)
    article = StatuteText(
        law="劳动合同法",
        full_title="中华人民共和国劳动合同法",
        article=85,
        suffix=0,
        text="用人单位有下列情形之一的，由劳动行政部门责令限期支付。",
        version="2012-12-28",
        status="现行有效",
        effective_on=date(2013, 7, 1),
    )
    async with program.running(), program.store.write() as work:
        await work.articles.replace("劳动合同法", [article])
        await work.commit()


async def _publish_posts(configuration: Configuration) -> None:
    program = build_scripted(configuration)
    async with program.running():
        await publish_shipped(program)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass
class Watched:
    """A browser tab and everything that must not happen in it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    async def open(self, path: str) -> Page:
        """Show that page of the site."""
        await self.page.goto(f"{self.url}{path}")
        return self.page


class Windows:
    """Opens browser windows on the site; each is a person of their own."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._contexts: list[BrowserContext] = []
        self.watched: list[Watched] = []

    async def open(self, **options: object) -> Watched:
        """A new window. Console messages, script errors and requests to elsewhere are its faults."""
        context = await self._browser.new_context(**{"viewport": PHONE, "locale": "zh-CN", **options})  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = await context.new_page()
        watched = Watched(page, self._site.url)
        page.on("console", lambda message: watched.faults.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: watched.faults.append(f"script: {error}"))
        page.on("request", lambda request: self._check(watched, request.url))
        self.watched.append(watched)
        return watched

    def _check(self, watched: Watched, url: str) -> None:
        if not url.startswith(self._site.url):
            watched.faults.append(f"request to {url}")

    async def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, site: Site) -> AsyncIterator[Windows]:
    windows = Windows(browser, site)
    yield windows
    await windows.close()
    assert [fault for watched in windows.watched for fault in watched.faults] == []


@pytest_asyncio.fixture(loop_scope="session")
async def phone(windows: Windows) -> Watched:
    """A phone with scripts."""
    return await windows.open()


@pytest_asyncio.fixture(loop_scope="session")
async def plain(windows: Windows) -> Watched:
    """A phone without scripts."""
    return await windows.open(java_script_enabled=False)


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")
