"""The knowledge desk in Chromium, on a phone and on a desk: written, looked at, agreed to, and tested."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, Page, expect

from bot.answers.entries import render_entry
from bot.roles import Role
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.served import Site, served
from tests.browser.test_console import RULES, fits, sign_in
from tests.builders import an_entry
from tests.console import Desk, use_quick_passwords
from tests.fakes import FakeClock
from tests.site import ARREARS, ASKS_ARREARS, ASKS_NEAR, DOUBLE, SEVERANCE, a_site_configuration, build_scripted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
ASKED = (
    "高温津贴一天多少钱", "高温补贴每天给多少", "夏天高温费怎么算", "高温津贴一天多少钱", "公积金怎么提取",
    "公积金能取出来吗", "送外卖摔伤了算工伤吗", "外卖骑手受伤怎么赔", "哺乳假一天几小时",
)  # fmt: skip


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console on a free port of this machine, with questions that nobody could answer."""
    configuration = a_site_configuration(tmp_path_factory.mktemp("knowledge"), {"staff": {"totp_required": False}})
    program = build_scripted(configuration, FakeClock())
    use_quick_passwords(program)
    asyncio.run(_fill(Desk(program, FakeClock())))
    with served(program) as site:
        yield site


async def _fill(desk: Desk) -> None:
    async with desk.program.running():
        await desk.hire("xuan", Role.PUBLICIST, name="宣传员小宣")
        await desk.hire("zhang.wei", Role.CADRE, name="张卫")
        async with desk.program.store.write() as work:
            old = an_entry("wage.old", title="加班费的旧算法", review_by=date(2026, 1, 1))
            gone = an_entry("wage.gone", title="疫情期间的工资", effective_to=date(2026, 6, 30))
            for entry in (old, gone):
                await work.entries.save(entry.topic, render_entry(entry), "import", desk.clock.now())
            for number, text in enumerate(ASKED):
                await work.questions.record(
                    id=f"q{number}", asked_at=desk.clock.now(), channel="site", person="p", text=text,
                    outcome="suggest", reason="", topics=(SEVERANCE, DOUBLE), scores=(0.3, 0.2), base="x",
                )  # fmt: skip
            for number, topic in enumerate((ARREARS, ARREARS, DOUBLE)):
                await work.votes.cast(
                    person=f"p{number}", topic=topic, question="", channel="site", helpful=number == 1,
                    now=desk.clock.now(),
                )  # fmt: skip
            await work.commit()


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, office: Site) -> AsyncIterator[Windows]:
    windows = Windows(browser, office)
    yield windows
    await windows.close()
    faults = [fault for watched in windows.watched for fault in watched.faults]
    assert [fault for fault in faults if "status of 422" not in fault] == [], "a refused form is no fault of the page"


async def look_at(page: Page, where: Path) -> None:
    """A screenshot; the page is accessible and no wider than the screen."""
    await page.screenshot(path=where, full_page=True)
    await fits(page)
    found = await Axe().run(page, options=RULES)
    broken = [f"{one['id']}: {node['html'][:160]}" for one in found.response["violations"] for node in one["nodes"]]
    assert broken == [], where.name


async def draft_again(page: Page, url: str, topic: str, title: str) -> None:
    await page.goto(f"{url}/console/knowledge/entries/{topic}")
    await page.get_by_label("标题").fill(title)


@SIZES
async def test_an_entry_is_written_looked_at_and_agreed_to(
    windows: Windows, size: dict[str, int], screenshots: Path
) -> None:
    name, topic = ("phone", DOUBLE) if size == PHONE else ("desk", ARREARS)
    title = f"换个说法的标题（{name}）"
    writer, reader = await windows.open(viewport=size), await windows.open(viewport=size)
    page = writer.page
    await sign_in(page, writer.url, "xuan")
    await page.goto(f"{writer.url}/console/knowledge/entries")
    await expect(page.get_by_text("复核超期").first).to_be_visible()
    await look_at(page, screenshots / f"knowledge-entries-{name}.png")
    await draft_again(page, writer.url, topic, title)
    frame = page.frame_locator("iframe[data-page]")
    await expect(page.locator(".bubble")).to_contain_text(title)  # a moment after typing, without a button
    await expect(frame.get_by_role("heading", level=1)).to_have_text(title)
    assert await frame.locator("h1").evaluate("h => getComputedStyle(h).fontFamily.length") > 0
    shown = await frame.locator(".facts").evaluate("box => getComputedStyle(box).display")
    assert shown != "block", "the style of the site is there"
    await look_at(page, screenshots / f"knowledge-edit-{name}.png")
    await page.get_by_label("法律依据").fill("劳动合同法 第一千条")
    await page.get_by_role("button", name="保存并送审").click()
    await expect(page.get_by_role("alert")).to_contain_text("存成草稿")
    await expect(page.locator(".told-fault").first).to_be_visible()
    await look_at(page, screenshots / f"knowledge-faults-{name}.png")
    await page.get_by_label("法律依据").fill("劳动合同法 30\n劳动合同法 85-1\n劳动合同法 82\n劳动合同法 10")
    await page.get_by_role("button", name="源文件").click()
    source = await page.get_by_label("源文件").input_value()
    assert f"title: {title}" in source or title in source
    await look_at(page, screenshots / f"knowledge-file-{name}.png")
    await page.goto(f"{writer.url}/console/knowledge/entries/{topic}")
    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="放弃草稿").click()
    await expect(page.get_by_text("草稿已放弃")).to_be_visible()
    await draft_again(page, writer.url, topic, title)
    await page.get_by_role("button", name="保存并送审").click()
    await expect(page.get_by_text("已送审")).to_be_visible()
    other = reader.page
    await sign_in(other, reader.url, "zhang.wei")
    await other.goto(f"{reader.url}/console/knowledge/entries/{topic}")
    await expect(other.locator(".diff-added").first).to_contain_text("换个说法")
    await look_at(other, screenshots / f"knowledge-review-{name}.png")
    other.once("dialog", lambda dialog: dialog.accept())
    await other.get_by_role("button", name="通过，马上生效").click()
    await expect(other.get_by_text("已生效，职工现在看到的就是这一版")).to_be_visible()
    await other.goto(f"{reader.url}/faq/{topic}")
    await expect(other.get_by_role("heading", level=1)).to_have_text(title)
    await other.goto(f"{reader.url}/console/knowledge/entries/{topic}/versions")
    await expect(other.get_by_role("heading", name=re.compile("第 1 版 → 第 2 版"))).to_be_visible()
    await look_at(other, screenshots / f"knowledge-versions-{name}.png")


@SIZES
async def test_an_entry_is_confirmed_in_two_steps_and_taken_back_with_scripts_or_without(
    windows: Windows, size: dict[str, int], screenshots: Path
) -> None:
    name, topic = ("phone", "wage.proof") if size == PHONE else ("desk", "wage.final-pay")
    watched = await windows.open(viewport=size, java_script_enabled=size == DESK)
    page = watched.page
    await sign_in(page, watched.url, "zhang.wei")
    await page.goto(f"{watched.url}/console/knowledge/entries?only=unconfirmed")
    await page.locator(f'a[href$="/{topic}"]').click()
    await expect(page.get_by_text("本会法律人员尚未确认")).to_be_visible()
    await expect(page.get_by_role("button", name="确认第 1 版")).to_be_hidden()
    await page.locator("#confirm > summary").click()
    if size == DESK:
        await look_at(page, screenshots / f"knowledge-confirm-{name}.png")
    else:
        await page.screenshot(path=screenshots / f"knowledge-confirm-{name}.png", full_page=True)
    await page.get_by_role("button", name="确认第 1 版").click()
    await expect(page.get_by_text("本会法律人员尚未确认")).to_be_visible()  # the browser asks for the tick
    await page.get_by_label("我已看过全文").check()
    await page.get_by_label("备注").fill("对照了所引的每一条")
    await page.get_by_role("button", name="确认第 1 版").click()
    await expect(page.get_by_text("由 张卫 确认")).to_be_visible()
    await page.screenshot(path=screenshots / f"knowledge-confirmed-{name}.png", full_page=True)
    await page.goto(f"{watched.url}/faq/{topic}")
    await expect(page.get_by_text("法律工作人员已于2026年11月22日核对")).to_be_visible()
    await page.goto(f"{watched.url}/console/knowledge/entries/{topic}")
    await page.locator("#withdraw-confirmation > summary").click()
    taking_back = page.get_by_role("button", name="撤回第 1 版的确认")
    await taking_back.click()
    await expect(page.get_by_text("由 张卫 确认")).to_be_visible()  # the browser asks for the reason
    await page.get_by_label("为什么撤回").fill("第二段的倍数算错了")
    if size == DESK:
        await look_at(page, screenshots / f"knowledge-withdraw-{name}.png")
    await taking_back.click()
    await expect(page.get_by_text("由 张卫 撤回：第二段的倍数算错了")).to_be_visible()


async def test_without_scripts_the_preview_is_made_by_its_button(windows: Windows) -> None:
    watched = await windows.open(java_script_enabled=False)
    page = watched.page
    await sign_in(page, watched.url, "xuan")
    await draft_again(page, watched.url, SEVERANCE, "不用脚本的标题")
    await page.get_by_role("button", name="预览").click()
    await expect(page.locator(".bubble")).to_contain_text("不用脚本的标题")
    await expect(page.get_by_label("标题")).to_have_value("不用脚本的标题")


@SIZES
async def test_questions_and_the_hit_test(windows: Windows, size: dict[str, int], screenshots: Path) -> None:
    watched = await windows.open(viewport=size)
    page, name = watched.page, "phone" if size == PHONE else "desk"
    await sign_in(page, watched.url, "xuan")
    await page.goto(f"{watched.url}/console/knowledge/questions")
    cluster = page.locator("section.cluster").first
    await expect(cluster).to_be_visible()
    await page.get_by_text("职工说没帮助最多的条目").click()
    await look_at(page, screenshots / f"knowledge-questions-{name}.png")
    await cluster.get_by_role("button", name="加为问法" if size == PHONE else "新建条目").click()
    if size == PHONE:
        await expect(page.get_by_text("已加到")).to_be_visible()
    else:
        await expect(page.get_by_label("标题")).not_to_have_value("")
        await page.reload()
        await look_at(page, screenshots / "knowledge-new-desk.png")
    await page.goto(f"{watched.url}/console/knowledge/test")
    for question in (ASKS_NEAR, ASKS_ARREARS):
        await page.get_by_label("职工的问题").fill(question)
        await page.get_by_role("button", name="测试").click()
        await expect(page.locator("#report")).to_be_visible()
    await look_at(page, screenshots / f"knowledge-test-{name}.png")
    await page.goto(f"{watched.url}/console/knowledge/due")
    await expect(page.get_by_text("疫情期间的工资")).to_be_visible()
    await look_at(page, screenshots / f"knowledge-due-{name}.png")
