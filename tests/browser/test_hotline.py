"""The 12351 desk in Chromium on a desk: a call from the first word to the receipt, by keyboard, and what follows."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, Page, expect

from bot.complaints.lifecycle import Event
from bot.complaints.quantities.ranges import Bounds
from bot.complaints.receipts import parse_receipt
from bot.roles import Role
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.served import Site, served
from tests.browser.test_console import RULES, fits, sign_in
from tests.cases import a_statement
from tests.console import Desk, use_quick_passwords
from tests.desk import a_filing
from tests.fakes import FakeClock
from tests.site import a_site_configuration, build_scripted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SAID = "在花都二期干木工，四个月没发工资，包工头不接电话"


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Desk]]:
    """A console on a free port of this machine, with a call-back, a finding, a flood and employers."""
    configuration = a_site_configuration(tmp_path_factory.mktemp("hotline"), {"staff": {"totp_required": False}})
    program = build_scripted(configuration, FakeClock())
    use_quick_passwords(program)
    desk = Desk(program, FakeClock())
    asyncio.run(_fill(desk))
    with served(program) as site:
        yield site, desk


async def _fill(desk: Desk) -> None:
    now, store = desk.clock.now(), desk.program.store
    async with desk.program.running():
        await desk.hire("op.one", Role.OPERATOR, name="周敏")
        sun = await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        closed = await desk.counter.file(a_filing(person="closed"), now=now)
        await desk.counter.step(closed.case_id, Event.ACCEPT, Event.START, Event.RESOLVE, now=now)
        for site in ("花都新城二期", "花都新城二期工地", "花都新城二期"):
            said = a_statement(site=site)
            await desk.counter.file(a_filing(person=uuid4().hex, statement=said), now=now)
        for number in range(3):
            said = a_statement(site="")
            await desk.counter.file(a_filing(person=f"flood {number}", statement=said, quarantined=True), now=now)
        async with store.write() as work:
            case = await work.cases.find(closed.case_id)
            assert case
            await work.cases.change(case, now, call_back_due=True, closed_at=now, people=Bounds(1, 1))
            for name in ("菏泽宏达建筑有限公司", "宏达建筑工程队", "曹县鑫隆木业有限公司"):
                await desk.program.cadres.handler.add_employer(work, sun.viewer(), name, now=now)
            await work.commit()
        async with store.write() as work:
            await desk.program.cadres.radar.run(work, now)
            await work.commit()


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, office: tuple[Site, Desk]) -> AsyncIterator[Windows]:
    windows = Windows(browser, office[0])
    yield windows
    await windows.close()
    faults = [fault for watched in windows.watched for fault in watched.faults]
    assert [fault for fault in faults if "status of 422" not in fault] == [], "a form with faults is answered so"


async def test_a_call_is_taken_by_keyboard_and_read_out(windows: Windows, screenshots: Path) -> None:
    watched = await windows.open(viewport=DESK)
    page = watched.page
    await sign_in(page, watched.url, "op.one")
    await page.get_by_role("link", name="接听登记").first.click()
    story = page.get_by_label("对方说了什么")
    await expect(story).to_be_focused()
    await page.keyboard.type(SAID)
    await page.keyboard.press("Alt+q")
    await expect(page.get_by_label("对方问什么")).to_be_focused()
    await page.keyboard.type("没发工资")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-answer]")).to_contain_text("《")
    await expect(story).to_have_value(SAID)
    await expect(page.get_by_label("类别", exact=True)).to_have_value("wage")
    await page.get_by_label("区县").select_option(index=1)
    await page.get_by_label("单位名称").fill("宏达建筑")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{watched.url}/console/hotline")
    for name, text in {
        "工地、门店或者干活的地方": "花都新城二期工地",
        "从什么时候开始": "七月份",
        "哪天离开的": "10月底",
        "多少人": "二十多人",
        "多少钱": "一万二",
        "希望怎么解决": "把钱要回来",
        "姓名": "王",
    }.items():
        await page.get_by_label(name, exact=True).fill(text)
    await page.get_by_label("不在了").check()
    await page.get_by_text("保密：姓名电话").click()
    await fits(page)
    await page.screenshot(path=screenshots / "hotline-call.png", full_page=True)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("alert").first).to_contain_text("对方同意才能登记")
    await expect(story).to_have_value(SAID)
    await page.screenshot(path=screenshots / "hotline-faults.png", full_page=True)
    await page.get_by_label("电话", exact=True).fill("139 0530 1234")
    await page.get_by_label("对方同意", exact=True).check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".receipt-digits")).to_have_count(4)
    groups = await page.locator(".receipt-digits").all_text_contents()
    parse_receipt("".join(groups))
    await expect(page.locator(".read-limits")).to_contain_text("仲裁")
    await fits(page)
    await page.screenshot(path=screenshots / "hotline-read.png", full_page=True)
    await page.get_by_role("button", name="收起凭证").click()
    await expect(page.get_by_text("对方已记下凭证")).to_be_visible()
    await page.get_by_role("link", name="凭证查询").click()
    await page.get_by_label("对方报的登记凭证").fill(" ".join(groups))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已登记，等待受理")).to_be_visible()
    await page.get_by_label("照原话记").fill("还有三个人也没发")
    await page.screenshot(path=screenshots / "hotline-caller.png", full_page=True)
    await page.get_by_role("button", name="转给经办人").click()
    await expect(page.get_by_text("已转给经办人")).to_be_visible()


async def test_the_desk_works_without_scripts(windows: Windows) -> None:
    watched = await windows.open(viewport=DESK, java_script_enabled=False)
    page = watched.page
    await sign_in(page, watched.url, "op.one")
    await page.goto(f"{watched.url}/console/hotline")
    await page.get_by_label("对方说了什么").fill(SAID)
    await page.get_by_label("对方问什么").fill("补偿")
    await page.get_by_label("对方问什么").press("Enter")
    await page.locator(".answer-near button").first.click()
    await expect(page.locator(".answer-basis")).to_contain_text("《")
    await expect(page.get_by_label("对方说了什么")).to_have_value(SAID)
    await page.get_by_role("button", name="当场答复了").click()
    await expect(page.get_by_text("没有立案")).to_be_visible()
    await expect(page.get_by_label("对方说了什么")).to_have_value("")


async def test_a_call_back_is_made_and_the_case_goes_back(windows: Windows, screenshots: Path) -> None:
    watched = await windows.open(viewport=DESK)
    page = watched.page
    await sign_in(page, watched.url, "op.one")
    await page.get_by_role("link", name="回访", exact=True).click()
    await page.screenshot(path=screenshots / "hotline-call-backs.png", full_page=True)
    await page.get_by_role("link", name="去打").first.click()
    await page.get_by_role("button", name="看电话").click()
    await expect(page.get_by_text("13812345678")).to_be_visible()
    await page.get_by_label("没有解决", exact=True).check()
    await page.get_by_label("没解决的，念").select_option("not_kept")
    await page.get_by_label("对方的话").fill("说好给的没给")
    await page.screenshot(path=screenshots / "hotline-call-back.png", full_page=True)
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("退回再次办理")).to_be_visible()


async def test_employers_findings_and_what_is_held_back(windows: Windows, screenshots: Path) -> None:
    watched = await windows.open(viewport=DESK)
    page = watched.page
    await sign_in(page, watched.url, "sun.jian")
    for name in ("集体线索", "待甄别", "用人单位"):
        await page.locator("aside").get_by_role("link", name=name).click()
        await expect(page.locator("aside .active").get_by_text(name)).to_be_visible()
        await fits(page)
        await page.screenshot(path=screenshots / f"registers-{name}.png", full_page=True)
    await page.get_by_placeholder("名称、别名").fill("宏达")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="宏达建筑工程队").click()
    await page.screenshot(path=screenshots / "registers-employer.png", full_page=True)
    await page.get_by_placeholder("另一家的名称").fill("宏达")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="并入这一家")).to_have_count(1)
    page.once("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.get_by_role("button", name="并入这一家").first.click()
    await expect(page.get_by_text("已合并")).to_be_visible()


@pytest.mark.parametrize("login", ["op.one", "sun.jian"])
async def test_no_page_of_the_desk_shuts_anybody_out(windows: Windows, login: str, screenshots: Path) -> None:
    watched = await windows.open(viewport=PHONE)
    page = watched.page
    await sign_in(page, watched.url, login)
    paths = {
        "op.one": ["/hotline", "/callers", "/call-backs"],
        "sun.jian": ["/employers", "/employers/new", "/findings", "/quarantine"],
    }
    for path in paths[login]:
        await page.goto(f"{watched.url}/console{path}")
        await fits(page)
        await without_faults(page)
    await page.screenshot(path=screenshots / f"hotline-phone-{login}.png", full_page=True)


async def without_faults(page: Page) -> None:
    """axe finds no fault of accessibility."""
    found = await Axe().run(page, options=RULES)
    faults = [f"{v['id']}: {node['html'][:160]}" for v in found.response["violations"] for node in v["nodes"]]
    assert faults == [], page.url
