"""A post in Chromium from the first word to the calendar: on a phone and a desk, with and without scripts."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, FrameLocator, Page, expect

from bot.publishing.post_files import parse_post
from bot.roles import Role
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.served import Site, a_port, served
from tests.browser.test_console import RULES, fits, sign_in
from tests.builders import ROOT
from tests.console import Desk, use_quick_passwords
from tests.console_posts import CHANNELS, CHIEF, SECOND, WRITER, a_picture, add_post, approve, publish
from tests.fakes import FakeClock
from tests.site import a_site_configuration, build_scripted
from tests.staff import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCREENS = pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
BODY = "拖欠工资，先留证据。\n\n## 三步走\n\n1. 留考勤\n2. 打 12333\n\n**别拖**。（《劳动合同法》第30条）"
BY_HAND = {"390": "joining-union", "1280": "may-day-holiday"}
"""Posts that are approved and carried to a platform by a person, one for each size of screen."""

SECTIONS: dict[str, object] = {
    "staff": {"totp_required": False},
    "publishing": {"channels": CHANNELS},
}


@pytest.fixture(scope="module")
def newsroom(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Desk]]:
    """A console with a newsroom on a free port of this machine."""
    with a_port() as (listening, url):
        sections = {**SECTIONS, "web": {"base_url": url}}
        program = build_scripted(a_site_configuration(tmp_path_factory.mktemp("newsroom"), sections), FakeClock())
        use_quick_passwords(program)
        desk = Desk(program, FakeClock())
        asyncio.run(_fill(desk))
        with served(program, listening) as site:
            yield site, desk


async def _fill(desk: Desk) -> None:
    async with desk.program.running():
        await desk.hire(WRITER, Role.PUBLICIST, name="王宣")
        await desk.hire(SECOND, Role.PUBLICIST, name="李宣")
        await desk.hire(CHIEF, Role.SUPERVISOR, name="孙建")
        for name in ("winter-wages", "work-injury-steps", "constitution-day", "joining-union", "may-day-holiday"):
            source = (ROOT / "content" / "explainers" / f"{name}.md").read_text(encoding="utf-8")
            content = replace(parse_post(source), related=(), channels=("site", "by_hand.toutiao", "wechat", "weibo"))
            post = await add_post(desk, content)
            if name == "work-injury-steps":
                await publish(desk, await approve(desk, post))
            elif name in BY_HAND.values():
                await approve(desk, post)


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, newsroom: tuple[Site, Desk]) -> AsyncIterator[Windows]:
    windows = Windows(browser, newsroom[0])
    yield windows
    await windows.close()
    faults = [fault for watched in windows.watched for fault in watched.faults]
    assert [fault for fault in faults if not fault.startswith("console info: Clear-Site-Data")] == []


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[name=preview-frame]")


async def accessible(page: Page) -> None:
    found = await Axe().run(page, options={**RULES, "iframes": False})
    faults = [f"{v['id']}: {node['html'][:160]}" for v in found.response["violations"] for node in v["nodes"]]
    assert faults == [], page.url


async def look_at(page: Page, path: Path) -> None:
    await fits(page)
    await accessible(page)
    await page.screenshot(path=path, full_page=True)


async def write(page: Page, title: str) -> None:
    """Write a post; preview, counters, findings and cover follow."""
    await page.get_by_label("标题", exact=True).fill(title)
    await page.get_by_label("摘要", exact=True).fill("拖欠工资怎么办")
    await page.get_by_label("正文", exact=True).fill(BODY)
    await expect(preview(page).get_by_role("heading", name="三步走")).to_be_visible()
    await page.get_by_label("预览哪个渠道").select_option(label="今日头条")
    await expect(preview(page).locator("body")).to_contain_text("别拖。")
    await page.get_by_label("封面第一行字").fill("别拖工资")
    await expect(page.get_by_alt_text("封面的样子")).to_be_visible()
    await expect(page.locator("[data-tally='by_hand.toutiao']")).to_contain_text(f"标题 {len(title)} / 30")
    await page.get_by_label("法律依据").fill("劳动合同法 3000")
    await expect(page.locator("#found-citations")).to_contain_text("没有")
    await page.get_by_label("法律依据").fill("劳动合同法 30")
    await expect(page.locator("#found-citations .found-error")).to_have_count(0)
    picture = {"name": "现场.png", "mimeType": "image/png", "buffer": a_picture(side=300)}
    await page.get_by_label("上传图片").set_input_files([picture])  # type: ignore[list-item]  # as Playwright takes it
    await page.get_by_role("button", name="放进正文").click()
    await expect(page.get_by_label("正文", exact=True)).to_have_value(
        re.compile(r"!\[图片说明\]\(media:[0-9a-f]{64}\)")
    )
    await expect(preview(page).locator("img").last).to_be_visible()


async def agree(page: Page, url: str, title: str, shot: Path) -> None:
    """Find it among what waits, look at it and agree."""
    await page.goto(f"{url}/console/posts?tab=review")
    await page.get_by_role("link", name=title).click()
    await page.locator("iframe").first.scroll_into_view_if_needed()
    await expect(page.frame_locator("iframe").first.get_by_role("heading", name="三步走")).to_be_visible()
    await look_at(page, shot)
    await page.get_by_role("button", name=re.compile("^同意")).click()


async def plan(page: Page, shot: Path) -> None:
    """Every month on the fifth, or on the next working day: looked at, then kept."""
    await page.get_by_label("每月", exact=True).check()
    await page.get_by_label("几号").select_option(label="5 日")
    await page.get_by_label("碰上节假日").select_option(label="顺延到下一个工作日")
    await page.get_by_role("button", name="看看会在哪几天发").click()
    await expect(page.locator("#dates")).to_contain_text("2026-12-07 周一")
    await look_at(page, shot)
    await page.get_by_role("button", name="就这样排").click()
    await expect(page.get_by_text("排好了")).to_be_visible()


@SCREENS
async def test_a_post_goes_from_the_first_word_to_the_calendar(
    windows: Windows, size: dict[str, int], screenshots: Path
) -> None:
    name = "390" if size == PHONE else "1280"
    title = f"别拖工资 {name}"
    watched = await windows.open(viewport=size)
    page = watched.page
    await sign_in(page, watched.url, WRITER)
    await page.goto(f"{watched.url}/console/posts")
    await expect(page.get_by_text("快到时节的草稿")).to_be_visible()
    await look_at(page, screenshots / f"posts-{name}.png")
    await page.get_by_role("link", name="写新稿件").click()
    await write(page, title)
    await look_at(page, screenshots / f"post-edit-{name}.png")
    await page.get_by_role("button", name="保存并送审").click()
    await expect(page.get_by_text("已送审")).to_be_visible()
    await look_at(page, screenshots / f"post-{name}.png")
    address = page.url

    for login, said in ((SECOND, "接下来由“终审”审"), (CHIEF, "审核通过了")):
        other = await windows.open(viewport=size)
        await sign_in(other.page, other.url, login)
        await agree(other.page, other.url, title, screenshots / f"post-review-{login}-{name}.png")
        await expect(other.page.get_by_text(said)).to_be_visible()

    await page.goto(f"{address}/plan")
    await plan(page, screenshots / f"post-plan-{name}.png")
    await page.goto(f"{watched.url}/console/publishing-calendar?month=2026-12")
    await expect(page.get_by_role("link", name=re.compile(title)).first).to_be_visible()
    await fits(page)
    await page.screenshot(path=screenshots / f"post-calendar-{name}.png", full_page=True)


@SCREENS
async def test_every_page_of_posts_shuts_nobody_out(
    windows: Windows, newsroom: tuple[Site, Desk], size: dict[str, int], screenshots: Path
) -> None:
    name = "390" if size == PHONE else "1280"
    async with newsroom[1].program.store.read() as work:
        out = await work.posts.find_slug("work-injury-steps")
        draft = await work.posts.find_slug("constitution-day")
    assert out is not None
    assert draft is not None
    watched = await windows.open(viewport=size)
    page = watched.page
    await sign_in(page, watched.url, WRITER)
    for path, shot in (
        (f"/posts/{out.id}", "post-out"),
        (f"/posts/{out.id}/correct", "post-correct"),
        (f"/posts/{out.id}/previews", "post-previews"),
        (f"/posts/{out.id}/versions/1", "post-version"),
        (f"/posts/{draft.id}/edit", "post-edit-shipped"),
        ("/posts?tab=all", "posts-all"),
        ("/law-reviews", "law-reviews"),
    ):
        await page.goto(f"{watched.url}/console{path}")
        await page.wait_for_load_state("networkidle")
        await look_at(page, screenshots / f"{shot}-{name}.png")


async def test_the_editor_previews_and_uploads_without_scripts(windows: Windows) -> None:
    watched = await windows.open(viewport=PHONE, java_script_enabled=False)
    page = watched.page
    await page.goto(f"{watched.url}/console/posts/new")
    await page.get_by_label("账号").fill(WRITER)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.goto(f"{watched.url}/console/posts/new")
    await page.get_by_label("标题", exact=True).fill("没有脚本")
    await page.get_by_label("正文", exact=True).fill("## 也能看\n\n预览")
    await page.get_by_role("button", name="预览", exact=True).click()
    await expect(preview(page).locator("h1, h2").first).to_be_visible()
    await expect(page.get_by_label("标题", exact=True)).to_have_value("没有脚本")
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": a_picture()}
    await page.get_by_label("上传图片").set_input_files([picture])  # type: ignore[list-item]  # as Playwright takes it
    await page.get_by_role("button", name="用作封面").click()
    await expect(page.get_by_text("图片已经用作封面")).to_be_visible()
    await expect(page.get_by_label("标题", exact=True)).to_have_value("没有脚本")
    await expect(page.get_by_alt_text("封面的样子")).to_be_visible()


async def test_going_back_leads_out_of_the_editor_however_often_it_previewed(windows: Windows) -> None:
    watched = await windows.open(viewport=DESK)
    page = watched.page
    await sign_in(page, watched.url, WRITER)
    await page.goto(f"{watched.url}/console/posts")
    await page.get_by_role("link", name="写新稿件").click()
    for number in range(3):
        await page.get_by_label("标题", exact=True).fill(f"第 {number} 遍")
        await expect(preview(page).locator("h1")).to_contain_text(f"第 {number} 遍")
    await page.go_back()
    await expect(page).to_have_url(f"{watched.url}/console/posts")


@SCREENS
async def test_a_person_carries_a_post_to_a_platform_and_confirms_it(
    windows: Windows, newsroom: tuple[Site, Desk], size: dict[str, int], screenshots: Path
) -> None:
    """Publish now: the site has it at once, the platform waits for a person with a pack to copy."""
    name = "390" if size == PHONE else "1280"
    async with newsroom[1].program.store.read() as work:
        post = await work.posts.find_slug(BY_HAND[name])
    assert post is not None
    watched = await windows.open(viewport=size)
    page, console = watched.page, f"{watched.url}/console"
    await sign_in(page, watched.url, WRITER)
    await page.goto(f"{console}/posts/{post.id}/plan")
    now = page.locator("#now")
    for channel in ("网站", "今日头条"):
        await now.get_by_label(re.compile(channel)).check()
    await now.get_by_role("button", name="下一步：确认").click()
    await page.get_by_role("button", name="确认，现在发布").click()
    link = page.get_by_role("link", name=post.content.title)
    for _ in range(40):  # the jobs of the server knock every second
        await page.goto(f"{console}/deliveries?channel=by_hand.toutiao")
        if await link.count():
            break
        await page.wait_for_timeout(250)
    await look_at(page, screenshots / f"deliveries-{name}.png")
    await link.first.click()
    await expect(page.get_by_label("正文")).to_have_value(re.compile("12351"))
    await look_at(page, screenshots / f"delivery-{name}.png")
    await page.get_by_label("发出以后的网址").fill("https://www.toutiao.com/article/1")
    await page.get_by_role("button", name="确认已发布").click()
    await expect(page.get_by_text("好了，现在是“已送达”")).to_be_visible()
    await look_at(page, screenshots / f"delivery-sent-{name}.png")
    for path in ("/channels", "/results", "/publishing-calendar"):
        await page.goto(f"{console}{path}")
        await look_at(page, screenshots / f"{path.strip('/')}-{name}.png")
    await page.goto(f"{watched.url}/posts/{BY_HAND[name]}")
    await expect(page.get_by_role("heading", name=post.content.title)).to_be_visible()
