"""Filing and following a complaint in Chromium: on a phone and a desk, with and without scripts."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from bot.complaints.cases import Case, CaseMessage, Direction
from tests.browser.conftest import DESK, PHONE, Watched, Windows
from tests.browser.served import Site
from tests.browser.test_accessibility import violations
from tests.browser.test_site import overflow
from tests.site import ARREARS
from tests.site_desk import PHONE as NUMBER
from tests.site_desk import STORY, a_photo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCREENS = pytest.mark.parametrize("screen", [PHONE, DESK], ids=["390", "1280"])
PICTURE = {"name": "工资条.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}


async def fill_in(page: Page) -> None:
    """Fill in the form as somebody whose wages are not paid."""
    await page.get_by_role("radio", name="保密").check()
    await page.get_by_role("radio", name="工资 拖欠").check()
    await page.get_by_label("把事情说一说").fill(STORY)
    await page.get_by_label("从什么时候开始的").fill("七月份到现在")
    await page.get_by_role("radio", name="不在了").check()
    await page.get_by_label("哪天离开的").fill("10月15号")
    await page.get_by_label("涉及多少人").fill("二十多人")
    await page.get_by_label("涉及多少钱").fill("一万二")
    await page.get_by_label("单位名称").fill("某某建筑劳务公司")
    await page.get_by_label("在哪个区县").select_option(label="牡丹区")
    await page.get_by_label("电话", exact=True).fill(NUMBER)
    await page.get_by_label("我同意工会为办理").check()


async def check_and_file(page: Page) -> str:
    """From the filled-in form to the receipt; its digits."""
    await page.get_by_role("button", name="下一步：核对").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("核对一下，再登记")
    await expect(page.get_by_text("我们理解为：12000元")).to_be_visible()
    await page.get_by_role("button", name="确认登记").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("已经登记")
    return re.sub(r"\D", "", await page.locator(".digits").inner_text())


async def show(page: Page, receipt: str) -> None:
    await page.get_by_label("登记凭证（16 位数字）").fill(receipt)
    await page.get_by_role("button", name="查看", exact=True).click()


async def case_of(site: Site, receipt: str) -> Case:
    program = site.program
    async with program.store.read() as work:
        case = await work.cases.find_receipt(program.keys.index_all("receipt", receipt))
    assert case is not None
    return case


async def the_union_answers(site: Site, receipt: str, text: str) -> None:
    message = CaseMessage(
        id=uuid4().hex, sent_at=site.program.clock.now(), by="staff", direction=Direction.TO_WORKER, text=text
    )
    case = await case_of(site, receipt)
    async with site.program.store.write() as work:
        await work.messages.add(case.id, message)
        await work.commit()


async def look_at(page: Page, where: Path) -> None:
    """A screenshot; nothing may stick out sideways."""
    await page.screenshot(path=where, full_page=True)
    assert await overflow(page) == [], where.name


async def file_and_follow(window: Watched, site: Site, shots: Path) -> None:
    page = await window.open("/")
    await page.get_by_role("link", name="登记投诉").first.click()
    await look_at(page, shots / "form.png")
    await fill_in(page)
    await page.get_by_label("选文件").set_input_files([PICTURE])  # type: ignore[list-item]  # as Playwright takes them
    receipt = await check_and_file(page)
    assert receipt not in page.url
    await expect(page.get_by_text("登记凭证，不是受理决定")).to_be_visible()
    await expect(page.get_by_text("2027年10月15日")).to_be_visible()
    await look_at(page, shots / "receipt.png")
    await page.get_by_role("button", name="我记下了").click()
    await expect(page.get_by_role("status")).to_contain_text("不再显示")
    await page.get_by_role("button", name="看完了，离开").click()
    await the_union_answers(site, receipt, "请把考勤表拍来")
    await show(page, receipt)
    await expect(page.get_by_text("请把考勤表拍来")).to_be_visible()
    await expect(page.get_by_text("工资条.jpg").first).to_be_visible()
    await page.get_by_label("给工会留言").fill("今晚发来")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".said")).to_contain_text("今晚发来")
    await look_at(page, shots / "case.png")
    await page.get_by_role("link", name="登记证明", exact=True).click()
    code = await page.locator("#code").inner_text()
    await look_at(page, shots / "proof.png")
    await page.goto(f"{site.url}/proof")
    await page.get_by_label("粘贴证明上的代码").fill(code)
    await page.get_by_role("button", name="查验", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text((await case_of(site, receipt)).number)


@SCREENS
async def test_a_complaint_is_filed_and_followed(
    windows: Windows, site: Site, screenshots: Path, screen: dict[str, int]
) -> None:
    shots = screenshots / f"{screen['width']}"
    shots.mkdir()
    await file_and_follow(await windows.open(viewport=screen), site, shots)


@SCREENS
async def test_a_complaint_is_filed_and_followed_without_scripts(
    windows: Windows, site: Site, screenshots: Path, screen: dict[str, int]
) -> None:
    shots = screenshots / f"{screen['width']}-plain"
    shots.mkdir()
    window = await windows.open(viewport=screen, java_script_enabled=False)
    # a page without scripts cannot be measured from inside: what sticks out was looked at above
    page = await window.open("/complain")
    await expect(page.get_by_text("在这台手机上保存草稿")).to_be_hidden()
    await fill_in(page)
    await page.get_by_label("选文件").set_input_files([PICTURE])  # type: ignore[list-item]  # as Playwright takes them
    receipt = await check_and_file(page)
    await page.screenshot(path=shots / "receipt.png", full_page=True)
    await page.reload()
    assert re.sub(r"\D", "", await page.locator(".digits").inner_text()) == receipt
    await page.get_by_role("button", name="我记下了").click()
    await page.get_by_label("给工会留言").fill("没有脚本也能留言")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".said")).to_contain_text("没有脚本也能留言")
    await page.get_by_text("撤回投诉").click()
    await page.get_by_role("button", name="确定撤回").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("已撤回")
    await page.get_by_role("button", name="恢复办理").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("已登记")


@SCREENS
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_step_is_accessible(windows: Windows, scheme: str, screen: dict[str, int]) -> None:
    window = await windows.open(viewport=screen, color_scheme=scheme)
    page = await window.open("/complain")
    await page.get_by_role("button", name="下一步：核对").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await violations(page) == []
    await fill_in(page)
    await page.get_by_label("选文件").set_input_files([PICTURE])  # type: ignore[list-item]  # as Playwright takes them
    await page.get_by_label("我同意工会为办理").uncheck()
    await page.get_by_role("button", name="下一步：核对").click()
    assert await violations(page) == []
    await page.get_by_label("我同意工会为办理").check()
    await page.get_by_role("button", name="下一步：核对").click()
    assert await violations(page) == []
    await page.get_by_role("button", name="确认登记").click()
    assert await violations(page) == []
    await page.get_by_role("button", name="我记下了").click()
    for summary in await page.locator(".fold summary").all():
        await summary.click()
    assert await violations(page) == []
    for path in ("/track/correct", "/track/copy", "/track/proof"):
        assert await violations(await window.open(path)) == [], path


async def test_what_is_wrong_leads_to_its_field_and_nothing_is_lost(phone: Watched) -> None:
    page = await phone.open("/complain")
    await fill_in(page)
    await page.get_by_label("电话", exact=True).fill("12")
    await page.get_by_label("我同意工会为办理").uncheck()
    await page.get_by_role("button", name="下一步：核对").click()
    faults = page.get_by_role("alert")
    await expect(faults).to_be_in_viewport()
    await expect(faults).to_contain_text("还有 2 处要改")
    await expect(page.get_by_label("把事情说一说")).to_have_value(STORY)
    await faults.get_by_role("link", name="电话").click()
    await expect(page.get_by_label("电话", exact=True)).to_be_in_viewport()
    await expect(page.get_by_label("电话", exact=True)).to_have_attribute("aria-invalid", "true")


async def test_the_enter_key_goes_on_and_never_takes_a_file_out(phone: Watched) -> None:
    page = await phone.open("/complain")
    await page.get_by_label("选文件").set_input_files([PICTURE])  # type: ignore[list-item]  # as Playwright takes them
    await page.get_by_label("单位名称").press("Enter")
    await expect(page.get_by_text("工资条.jpg").first).to_be_visible()
    await page.get_by_label("单位名称").press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_text("工资条.jpg").first).to_be_visible()
    await page.get_by_role("button", name="去掉").click()
    await expect(page.get_by_text("工资条.jpg")).to_have_count(0)


async def test_a_draft_stays_on_the_device_only_when_asked_and_goes_with_filing(phone: Watched) -> None:
    page = await phone.open("/complain")
    kept = "() => JSON.stringify(localStorage)"
    await page.get_by_label("把事情说一说").fill(STORY)
    assert await page.evaluate(kept) == "{}"
    await page.get_by_label("在这台手机上保存草稿").check()
    await page.get_by_label("单位名称").fill("某某公司")
    assert STORY in await page.evaluate(kept)
    await phone.open("/complain")
    await expect(page.get_by_label("把事情说一说")).to_have_value(STORY)
    await expect(page.get_by_label("单位名称")).to_have_value("某某公司")
    await page.get_by_label("在这台手机上保存草稿").uncheck()
    assert await page.evaluate(kept) == "{}"
    await page.get_by_label("在这台手机上保存草稿").check()
    await fill_in(page)
    await check_and_file(page)
    assert await page.evaluate(kept) == "{}"


async def test_the_browsers_way_back_from_the_check_loses_nothing(phone: Watched) -> None:
    page = await phone.open("/complain")
    await fill_in(page)
    await page.get_by_role("button", name="下一步：核对").click()
    await page.get_by_text("我们理解为：12000元").click()
    await page.go_back()
    await expect(page.get_by_label("把事情说一说")).to_have_value(STORY)
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    await check_and_file(page)


async def test_another_size_of_type_loses_nothing_that_was_typed(phone: Watched) -> None:
    page = await phone.open("/complain")
    await page.get_by_label("把事情说一说").fill(STORY)
    await page.get_by_role("button", name="改用大字号").click()
    await expect(page.locator("html")).to_have_class("large")
    await expect(page.get_by_label("把事情说一说")).to_have_value(STORY)
    await page.reload()
    await expect(page.locator("html")).to_have_class("large")
    await page.get_by_role("button", name="改回标准字号").click()
    await expect(page.get_by_role("button", name="改用大字号")).to_be_focused()


async def test_an_old_draft_is_not_shown_to_whoever_has_the_phone_now(phone: Watched) -> None:
    page = await phone.open("/complain")
    await page.evaluate(
        "localStorage.setItem('gonghui.draft', JSON.stringify({at: Date.now() - 8 * 864e5, fields: {narrative: 'x'}}))"
    )
    await phone.open("/complain")
    await expect(page.get_by_label("把事情说一说")).to_have_value("")
    assert await page.evaluate("localStorage.length") == 0


async def test_who_reads_an_answer_can_file_about_it(phone: Watched) -> None:
    page = await phone.open(f"/faq/{ARREARS}")
    await page.get_by_role("link", name="登记投诉", exact=False).last.click()
    await expect(page.get_by_role("radio", name="工资 拖欠")).to_be_checked()


async def test_large_type_and_a_narrow_screen_hold_the_receipt(windows: Windows, site: Site) -> None:
    window = await windows.open(viewport={"width": 320, "height": 640})
    await window.page.context.add_cookies([{"name": "type", "value": "large", "url": site.url}])
    page = await window.open("/complain")
    await fill_in(page)
    await check_and_file(page)
    assert await overflow(page) == []
    for path in ("/track/case", "/track/correct", "/track/copy", "/track/proof"):
        assert await overflow(await window.open(path)) == [], path
