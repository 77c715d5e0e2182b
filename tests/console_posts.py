"""Posts in the console as tests meet them: a newsroom with its staff, and the fields of the editor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

from bot.publishing.deliveries import DeliveryEvent
from bot.publishing.post_state import sum_up_post
from bot.publishing.posts import Content, Post
from bot.rights import Actor
from bot.roles import Role
from tests.console import Desk, Window, use_quick_passwords
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.site import a_site_configuration, build_scripted

CHANNELS = {
    "site": {"enabled": True},
    "by_hand": {"platforms": [{"id": "toutiao", "name": "今日头条", "title_characters": 30}]},
}
WRITER, SECOND, CHIEF = "wang.xuan", "li.xuan", "sun.jian"
FIELDS: dict[str, Any] = {
    "title": "欠薪怎么办",
    "digest": "三步讨薪",
    "body": "工资应当按月足额支付。（《劳动合同法》第30条第1款）",
    "citations": "劳动合同法 30-1",
    "cover_line_1": "欠薪怎么办",
    "tone": "red",
    "channels": ["site", "by_hand.toutiao"],
    "effective_from": "2013-07-01",
    "checked_on": "2026-11-01",
    "review_by": "2027-10-01",
    "act": "save",
}
"""What somebody types who makes no mistake."""


@asynccontextmanager
async def a_newsroom_console(folder: Path, clock: FakeClock, **publishing: object) -> AsyncIterator[Desk]:
    """A running program with a newsroom of three: who writes, who agrees first, who agrees last."""
    sections: dict[str, object] = {
        "staff": {"totp_required": False},
        "web": {"base_url": "http://site.test"},
        "publishing": {"channels": CHANNELS, **publishing},
    }
    program = build_scripted(a_site_configuration(folder, sections), clock)
    use_quick_passwords(program)
    desk = Desk(program, clock)
    async with program.running():
        await desk.hire(WRITER, Role.PUBLICIST, name="王宣")
        await desk.hire(SECOND, Role.PUBLICIST, name="李宣")
        await desk.hire(CHIEF, Role.SUPERVISOR, name="孙建")
        yield desk


def actor(desk: Desk, login: str) -> Actor:
    """Who that is, as publishing sees them."""
    member = desk.staff[login]
    return Actor(member.id, member.role)


async def write(window: Window, path: str = "/posts/new", **fields: Any) -> httpx.Response:
    """Fill in the editor and press a button."""
    page = await window.get(path)
    assert page.status_code == 200
    return await window.post(path, {**FIELDS, "version": version_of(page), **fields})


def version_of(page: httpx.Response) -> str:
    """The version that the page of the editor shows."""
    return page.text.partition('name="version" value="')[2].partition('"')[0]


async def add_post(desk: Desk, content: Content | None = None, by: str = WRITER) -> Post:
    """A draft."""
    async with desk.program.store.write() as work:
        content = content or a_content(channels=("site", "by_hand.toutiao"))
        post = await desk.program.newsroom.editing.create(work, actor(desk, by), content, desk.clock.now())
        await work.commit()
    return post


async def approve(desk: Desk, post: Post) -> Post:
    """Handed in and agreed to by the two others."""
    approval, now = desk.program.newsroom.approval, desk.clock.now()
    async with desk.program.store.write() as work:
        post = await approval.submit(work, actor(desk, WRITER), post.id, post.version, now)
        post = await approval.agree(work, actor(desk, SECOND), post.id, post.version, "", now)
        post = await approval.agree(work, actor(desk, CHIEF), post.id, post.version, "", now)
        await work.commit()
    return post


async def publish(desk: Desk, post: Post) -> None:
    """Everything due of that post is out there, as the dispatcher leaves it."""
    now = desk.clock.now()
    async with desk.program.store.write() as work:
        channels = list(post.approved)
        await desk.program.press.planner.publish_now(work, actor(desk, CHIEF), post.id, channels, now)
        for delivery in await work.deliveries.of_post(post.id):
            there = await work.deliveries.claim(now, "test", now, [delivery.channel], 1)
            for one in there:
                sending = await work.deliveries.take(one, DeliveryEvent.INTEND, now)
                await work.deliveries.take(sending, DeliveryEvent.SUCCEED, now, address="https://example.org/1")
        await sum_up_post(work, post.id)
        await work.commit()


async def find(desk: Desk, id: str) -> Post:
    """The post as it stands."""
    async with desk.program.store.read() as work:
        post = await work.posts.find(id)
    assert post is not None
    return post


async def posts(desk: Desk) -> list[Post]:
    """All posts."""
    async with desk.program.store.read() as work:
        found, _ = await work.posts.list()
    return found


def a_picture(kind: str = "PNG", side: int = 40) -> bytes:
    """A real picture."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (side, side), "red").save(out, kind)
    return out.getvalue()
