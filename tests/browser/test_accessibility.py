"""Every page before axe-core, by day and by night, small and large."""

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.served import Site
from tests.browser.test_site import PAGES, talk
from tests.site import ARREARS, ASKS_ARREARS, ASKS_NEAR, IN_DANGER

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


async def violations(page: Page) -> list[str]:
    await page.wait_for_load_state()  # a click may still be on its way to the next page
    # at the end of the page nothing lies half behind the sticky line to write in
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    results = await Axe().run(page, options=RULES)
    return [
        f"{found['id']}: {node['html'][:120]} {node['failureSummary']}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible(windows: Windows, scheme: str, screen: dict[str, int]) -> None:
    window = await windows.open(color_scheme=scheme, viewport=screen)
    for path in PAGES:
        assert await violations(await window.open(path)) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_conversation_is_accessible(windows: Windows, scheme: str) -> None:
    window = await windows.open(color_scheme=scheme)
    page = await window.open("/chat")
    await talk(page, IN_DANGER, ASKS_NEAR, ASKS_ARREARS)
    assert await violations(page) == []
    await page.reload()
    await page.get_by_text("清除对话").click()
    assert await violations(page) == []


async def test_an_entry_with_open_statutes_and_after_a_vote_is_accessible(windows: Windows, site: Site) -> None:
    window = await windows.open()
    await window.page.context.add_cookies([{"name": "type", "value": "large", "url": site.url}])
    page = await window.open(f"/faq/{ARREARS}")
    await page.locator(".laws summary").first.click()
    await page.get_by_role("button", name="有帮助").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert await violations(page) == []
