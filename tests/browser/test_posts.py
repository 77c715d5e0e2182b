"""The newsroom's pages in Chromium: on a phone and at a desk, by day and by night, with and without scripts."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Watched, Windows
from tests.browser.served import Site
from tests.browser.test_accessibility import violations
from tests.site_posts import CORRECTED, OUTDATED, WITHDRAWN, shipped

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WAGES = "winter-wages"
PAGES = {
    "list": "/posts",
    "second": "/posts?page=2",
    "tag": "/posts/tags/加班费",
    "post": f"/posts/{WAGES}",
    "corrected": f"/posts/{CORRECTED}",
    "outdated": f"/posts/{OUTDATED}",
    "home": "/",
    "privacy": "/privacy",
}


async def keep(page: Page, name: str) -> None:
    """Where a folder is named, the picture of the whole page is kept there for people to look at."""
    folder = os.environ.get("GONGHUI_TEST_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def is_too_wide(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_of_the_newsroom_is_accessible_and_fits(
    windows: Windows, scheme: str, screen: dict[str, int]
) -> None:
    window = await windows.open(color_scheme=scheme, viewport=screen)
    for name, path in PAGES.items():
        page = await window.open(path)
        assert await violations(page) == [], path
        assert not await is_too_wide(page), path
        await keep(page, f"{name}-{screen['width']}-{scheme}")


async def test_in_large_type_nothing_is_cut_off(windows: Windows, site: Site) -> None:
    window = await windows.open()
    await window.page.context.add_cookies([{"name": "type", "value": "large", "url": site.url}])
    for name in ("list", "post"):
        page = await window.open(PAGES[name])
        assert not await is_too_wide(page)
        await keep(page, f"{name}-large")


async def read_from_home(window: Watched) -> None:
    title = shipped(WAGES).title
    page = await window.open("/")
    await page.get_by_role("link", name="看全部政策解读").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("政策解读")
    await page.get_by_role("link", name=title).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    cover = page.locator("img.cover")
    await expect(cover).to_be_visible()
    assert await cover.evaluate("picture => picture.naturalWidth") == 900
    await expect(page.get_by_role("heading", name="法律依据")).to_be_visible()
    await page.locator(".laws summary").first.click()
    await expect(page.locator(".statute").first).to_be_visible()
    await page.get_by_role("navigation", name="同一话题").get_by_role("link", name="欠薪", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("欠薪")
    await expect(page.get_by_role("link", name=title)).to_be_visible()


async def test_a_post_is_found_from_home_and_read(phone: Watched) -> None:
    await read_from_home(phone)


async def test_a_post_is_found_from_home_and_read_without_scripts(plain: Watched) -> None:
    await read_from_home(plain)


async def test_one_goes_through_the_pages_of_the_list(phone: Watched) -> None:
    page = await phone.open("/posts")
    await page.get_by_role("link", name="下一页").click()
    await expect(page.get_by_text("第 2 页，共 2 页")).to_be_visible()
    await page.get_by_role("link", name="上一页").click()
    await expect(page).to_have_url(f"{phone.url}/posts")


async def test_a_post_that_was_corrected_or_may_not_hold_any_more_says_so(phone: Watched) -> None:
    page = await phone.open(f"/posts/{CORRECTED}")
    await expect(page.get_by_role("note")).to_contain_text("更正说明")
    await expect(page.get_by_role("note")).to_contain_text("应为2天")
    page = await phone.open(f"/posts/{OUTDATED}")
    await expect(page.get_by_role("note")).to_contain_text("这篇可能已经过时")


async def test_a_post_that_was_withdrawn_is_gone_in_words(windows: Windows) -> None:
    window = await windows.open()
    answer = await window.page.goto(f"{window.url}/posts/{WITHDRAWN}")
    assert answer
    assert answer.status == 410
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("这篇已经撤回")
    assert await violations(window.page) == []
    assert not await is_too_wide(window.page)
    await keep(window.page, "gone-390-light")
    window.faults.clear()  # the browser itself tells of the 410
