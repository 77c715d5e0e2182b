"""The site in Chromium, with and without scripts, by finger and by keyboard."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import DESK, Watched, Windows
from tests.browser.served import Site
from tests.site import ARREARS, ASKS_ARREARS, ASKS_NEAR, ASKS_OTHER, DOUBLE, IN_DANGER

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = (
    "/",
    "/chat",
    f"/faq/{ARREARS}",
    "/category/wage",
    "/search",
    f"/search?q={ASKS_NEAR}",
    f"/search?q={ASKS_OTHER}",
    f"/search?q={IN_DANGER}",
    "/privacy",
    "/complain",
    "/complain/receipt",
    "/track",
    "/proof",
)


def title(site: Site, topic: str) -> str:
    return site.program.answers.base.entries[topic].title


async def search_and_read(phone: Watched, site: Site) -> None:
    page = await phone.open("/")
    await page.get_by_label("您遇到了什么事？").fill(ASKS_NEAR)
    await page.get_by_role("button", name="查找").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("查找结果")
    await page.get_by_role("link", name=title(site, DOUBLE)).click()
    await expect(page).to_have_url(f"{site.url}/faq/{DOUBLE}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(title(site, DOUBLE))
    for heading in ("简单说", "怎么办", "证据", "去哪里", "法律依据"):
        await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


async def ask_pick_and_vote(phone: Watched, site: Site) -> None:
    page = await phone.open("/chat")
    await page.get_by_label("您的问题").fill(ASKS_NEAR)
    await page.get_by_role("button", name="发送").click()
    latest = page.locator("#latest")
    await expect(latest.locator(".said")).to_contain_text(ASKS_NEAR)
    await latest.get_by_role("button", name=title(site, DOUBLE)).click()
    await expect(latest.locator(".said")).to_contain_text(title(site, DOUBLE))
    await expect(latest.get_by_role("heading")).to_have_text(title(site, DOUBLE))
    await expect(latest.get_by_text("依据：")).to_be_visible()
    await latest.get_by_role("button", name="有帮助").click()
    await expect(latest.locator(".reply")).to_contain_text(site.program.wording("vote.thanks_up"))
    await expect(page.get_by_role("button", name="没帮助")).to_have_count(0)
    await page.reload()
    await expect(page.locator(".turns .said")).to_have_count(3)


async def read_and_vote(phone: Watched, site: Site) -> None:
    page = await phone.open(f"/faq/{ARREARS}")
    await page.get_by_role("button", name="没帮助").click()
    await expect(page.get_by_role("status")).to_contain_text("对不起没能帮到您")
    await expect(page.get_by_role("button", name="没帮助")).to_have_count(0)


async def forget(phone: Watched) -> None:
    page = await phone.open("/chat")
    await page.get_by_label("您的问题").fill(ASKS_ARREARS)
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator("#latest .said")).to_contain_text(ASKS_ARREARS)
    await page.get_by_text("清除对话").click()
    await page.get_by_role("button", name="全部删除").click()
    await expect(page.get_by_role("status")).to_have_text("已经全部删除。")
    await expect(page.locator(".turns .said")).to_have_count(0)
    assert not [cookie for cookie in await page.context.cookies() if "gonghui" in cookie["name"]]


async def test_search_leads_to_an_entry(phone: Watched, site: Site) -> None:
    await search_and_read(phone, site)


async def test_search_leads_to_an_entry_without_scripts(plain: Watched, site: Site) -> None:
    await search_and_read(plain, site)


async def test_a_conversation_with_a_near_question_and_a_vote(phone: Watched, site: Site) -> None:
    await ask_pick_and_vote(phone, site)


async def test_a_conversation_with_a_near_question_and_a_vote_without_scripts(plain: Watched, site: Site) -> None:
    await ask_pick_and_vote(plain, site)


async def test_an_entry_is_voted_on(phone: Watched, site: Site) -> None:
    await read_and_vote(phone, site)
    assert phone.page.url == f"{site.url}/faq/{ARREARS}"  # no page was loaded for it


async def test_an_entry_is_voted_on_without_scripts(plain: Watched, site: Site) -> None:
    await read_and_vote(plain, site)


async def test_a_conversation_is_deleted(phone: Watched) -> None:
    await forget(phone)


async def test_a_conversation_is_deleted_without_scripts(plain: Watched) -> None:
    await forget(plain)


async def test_a_question_on_the_home_page_begins_a_conversation(phone: Watched, site: Site) -> None:
    page = await phone.open("/")
    await page.get_by_label("您遇到了什么事？").fill(ASKS_ARREARS)
    await page.get_by_role("button", name="提问").click()
    await expect(page).to_have_url(f"{site.url}/chat#latest")
    await expect(page.locator("#latest").get_by_role("heading")).to_have_text(title(site, ARREARS))


async def test_with_scripts_an_answer_arrives_without_loading_the_page(phone: Watched, site: Site) -> None:
    page = await phone.open("/chat")
    await page.evaluate("window.stillHere = true")
    await page.get_by_label("您的问题").fill(ASKS_ARREARS)
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator("#latest").get_by_role("heading")).to_have_text(title(site, ARREARS))
    assert await page.evaluate("window.stillHere") is True
    await expect(page.get_by_label("您的问题")).to_have_value("")
    await expect(page.get_by_text("清除对话")).to_be_visible()
    top = await page.locator("#latest").evaluate("turn => turn.getBoundingClientRect().top")
    assert 0 <= top < 200, "what was said last must be in sight"


async def test_an_impatient_double_click_asks_once(phone: Watched) -> None:
    page = await phone.open("/chat")
    await page.get_by_label("您的问题").fill(ASKS_ARREARS)
    await page.get_by_role("button", name="发送").dblclick()
    await expect(page.locator("#latest .said")).to_contain_text(ASKS_ARREARS)
    await page.reload()
    await expect(page.locator(".turns .said")).to_have_count(1)


async def test_when_the_script_cannot_reach_the_server_the_form_is_sent_in_the_ordinary_way(
    windows: Windows, site: Site
) -> None:
    phone = await windows.open()

    async def cut(route: Route) -> None:
        await (route.abort() if "x-fragment" in route.request.headers else route.continue_())

    await phone.page.route("**/chat", cut)
    page = await phone.open("/chat")
    await page.get_by_label("您的问题").fill(ASKS_NEAR)
    await page.get_by_role("button", name="发送").click()
    await expect(page).to_have_url(f"{site.url}/chat#latest")
    await page.locator("#latest").get_by_role("button", name=title(site, DOUBLE)).click()
    await expect(page.locator(".turns .said")).to_have_count(2)
    await expect(page.locator("#latest").get_by_role("heading")).to_have_text(title(site, DOUBLE))
    phone.faults = [fault for fault in phone.faults if "net::ERR_FAILED" not in fault]


async def test_danger_is_answered_first_with_numbers_to_tap(phone: Watched) -> None:
    page = await phone.open("/chat")
    await page.get_by_label("您的问题").fill(IN_DANGER)
    await page.get_by_role("button", name="发送").click()
    alert = page.get_by_role("alert")
    await expect(alert).to_be_in_viewport()
    await expect(alert.get_by_role("link", name="拨打 12356")).to_have_attribute("href", "tel:12356")


async def test_a_statute_opens_on_tap_with_version_and_date(plain: Watched) -> None:
    page = await plain.open(f"/faq/{ARREARS}")
    text = page.get_by_text("由劳动行政部门责令限期支付")
    await expect(text).to_be_hidden()
    await page.locator("summary", has_text="第85条").click()
    await expect(text).to_be_visible()
    await expect(page.locator(".statute-source")).to_contain_text("2012-12-28")


async def test_on_paper_the_statutes_are_open_and_the_buttons_gone(phone: Watched) -> None:
    page = await phone.open(f"/faq/{ARREARS}")
    await page.emulate_media(media="print")
    await expect(page.locator(".statute")).to_be_visible()
    for part in (".nav", ".size", ".vote", ".ask"):
        await expect(page.locator(part).first).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_no_page_is_wider_than_the_screen(windows: Windows, width: int) -> None:
    window = await windows.open(viewport={"width": width, "height": 844})
    for path in PAGES:
        page = await window.open(path)
        assert await overflow(page) == [], path
    page = await window.open("/chat")
    await talk(page, IN_DANGER, ASKS_NEAR, "工" * 60 + "a" * 90)
    assert await overflow(page) == []


async def test_no_page_is_wider_than_a_phone_when_text_is_twice_as_large(windows: Windows) -> None:
    """With text twice as large nothing may be cut off or be reached by scrolling sideways only."""
    window = await windows.open()
    for path in PAGES:
        page = await window.open(path)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await overflow(page) == [], path
    page = await window.open("/chat")
    await talk(page, IN_DANGER, ASKS_NEAR)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await overflow(page) == []


async def test_large_type_is_chosen_and_kept_without_scripts(plain: Watched, site: Site) -> None:
    page = await plain.open(f"/faq/{ARREARS}")
    before = await text_size(page)
    await page.get_by_role("button", name="改用大字号").click()
    await expect(page).to_have_url(f"{site.url}/faq/{ARREARS}")
    assert await text_size(page) >= 1.25 * before
    await plain.open("/")
    assert await text_size(page) >= 1.25 * before
    await page.get_by_role("button", name="改回标准字号").click()
    await expect(page.get_by_role("button", name="改用大字号")).to_be_visible()
    assert await text_size(page) == before


async def test_large_type_fits_on_a_phone(windows: Windows, site: Site) -> None:
    window = await windows.open()
    await window.page.context.add_cookies([{"name": "type", "value": "large", "url": site.url}])
    for path in PAGES:
        assert await overflow(await window.open(path)) == [], path


async def test_everything_is_reached_by_keyboard_alone(windows: Windows, site: Site) -> None:
    window = await windows.open(viewport=DESK)
    page = await window.open("/")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, "textarea")
    await page.keyboard.type(ASKS_NEAR)
    await tab_to(page, "button.main-button")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{site.url}/chat#latest")
    await tab_to(page, f'button[value="entry:{DOUBLE}"]')
    await page.keyboard.press("Enter")
    await expect(page.locator("#latest").get_by_role("heading")).to_have_text(title(site, DOUBLE))
    await page.get_by_label("您的问题").focus()
    await page.keyboard.type(ASKS_ARREARS)
    await page.keyboard.press("Enter")
    await expect(page.locator("#latest").get_by_role("heading")).to_have_text(title(site, ARREARS))
    await tab_to(page, f'#latest a[href="/faq/{ARREARS}"]', backwards=True)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{site.url}/faq/{ARREARS}")
    await tab_to(page, ".laws summary")
    await page.keyboard.press("Enter")
    await expect(page.locator(".statute")).to_be_visible()
    await tab_to(page, '.vote button[value="up"]')
    await page.keyboard.press("Enter")
    await expect(page.locator(".vote")).to_be_focused()


async def test_whatever_has_the_focus_shows_it(windows: Windows) -> None:
    window = await windows.open(viewport=DESK)
    for path in ("/", "/chat", f"/faq/{ARREARS}"):
        page = await window.open(path)
        stops = 0
        while stops < 60:
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement === document.body"):
                break
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px", await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            stops += 1
        assert stops > 10


async def test_the_sticky_line_to_write_in_never_hides_what_has_the_focus(windows: Windows) -> None:
    window = await windows.open()
    page = await window.open("/chat")
    await talk(page, ASKS_NEAR, ASKS_ARREARS)
    await page.evaluate("document.body.tabIndex = -1; document.body.focus(); scrollTo(0, 0)")
    for _ in range(40):
        await page.keyboard.press("Tab")
        hidden = await page.evaluate(
            """() => {
                const at = document.activeElement, composer = document.querySelector('.composer');
                if (at === document.body || composer.contains(at)) return false;
                const before = at.compareDocumentPosition(composer) & Node.DOCUMENT_POSITION_FOLLOWING;
                return before && at.getBoundingClientRect().bottom > composer.getBoundingClientRect().top + 1;
            }"""
        )
        assert not hidden, await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


async def test_what_is_tapped_is_large_enough_for_a_thumb(phone: Watched) -> None:
    for path in PAGES:
        page = await phone.open(path)
        small = await page.evaluate(
            """() => [...document.querySelectorAll('button, nav li > a, .entries a, .lines a, .urgent-calls a')]
                .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 40)
                .map(e => e.outerHTML.slice(0, 80))"""
        )
        assert small == [], path


async def test_a_missing_page_is_friendly_and_runs_no_faults(windows: Windows) -> None:
    window = await windows.open()
    page = await window.open("/nothing")
    await expect(page.get_by_role("heading", level=1)).to_have_text("没有找到这个页面")
    # the browser itself notes the status of the page
    window.faults = [fault for fault in window.faults if not re.search("status of 404", fault)]


async def talk(page: Page, *said: str) -> None:
    for words in said:
        await page.get_by_label("您的问题").fill(words)
        await page.get_by_role("button", name="发送").click()
        await expect(page.locator("#latest .said")).to_contain_text(words)


async def overflow(page: Page) -> list[str]:
    """The elements that reach beyond the right edge of the screen; none when the page does not scroll sideways."""
    found: list[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.body.querySelectorAll('*')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => e.outerHTML.slice(0, 120))"""
    )
    return found


async def text_size(page: Page) -> float:
    """How large ordinary text is, in pixels. Works without scripts of the page."""
    box = await page.locator("footer .foot-name").bounding_box()
    assert box
    return box["height"]


async def tab_to(page: Page, selector: str, *, backwards: bool = False) -> None:
    """Press Tab until an element of that kind has the focus."""
    for _ in range(80):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
