"""From the ledger to the reader: the dispatcher sends to the site, and the page follows what it writes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.app import Program
from bot.publishing.deliveries import Delivery, DeliveryState, Kind
from bot.publishing.dispatch import Dispatcher
from bot.publishing.outcomes import Outcome
from bot.publishing.ports import Memory, Parcel
from bot.publishing.posts import PostState
from bot.site.post_sender import SitePostSender
from tests.fakes import FakeClock
from tests.newsdesk import LEASE, make_parts
from tests.newsroom import a_content, a_delivery, a_post
from tests.site import a_client, a_site_configuration, build_scripted, visible
from tests.site_posts import BASE, rendered

ID = "post-1"


class Died(BaseException):
    """The process is gone."""


class Dying(SitePostSender):
    """Dies once, when the intent stands and the outcome does not."""

    dies = True

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        outcome = await super().send(parcel, memory)
        if self.dies:
            self.dies = False
            raise Died
        return outcome


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    program = build_scripted(a_site_configuration(tmp_path, {"web": {"base_url": BASE}}), clock)
    async with program.running():
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


def dispatcher(program: Program, sender: SitePostSender | None = None) -> Dispatcher:
    sender = sender or SitePostSender(BASE)
    store = program.store
    return Dispatcher(make_parts(store.write, store.read, {sender.channel: sender}, program.clock))


async def approve(program: Program, body: str) -> str:
    """Let the post be approved with that text; the digest of its page."""
    content = a_content(channels=("site",), body=body)
    rendering = rendered(program, content)
    approved = {"approved": {"site": rendering.digest}, "content": content, "approved_content": content}
    async with program.store.write() as work:
        await work.posts.save_renderings([rendering])
        post = await work.posts.find(ID)
        if post is None:
            await work.posts.add(a_post(ID, **approved))
        else:
            await work.posts.change(post.id, post.version, state=PostState.APPROVED, **approved)
        await work.commit()
    return rendering.digest


async def plan(program: Program, kind: Kind, rendering: str) -> Delivery:
    now = program.clock.now()
    delivery = replace(a_delivery(post=ID, channel="site", kind=kind, rendering=rendering), due_at=now, next_at=now)
    async with program.store.write() as work:
        await work.deliveries.plan([delivery])
        await work.commit()
    return delivery


async def find(program: Program, delivery: Delivery) -> Delivery:
    async with program.store.read() as work:
        found = await work.deliveries.find(delivery.id)
    assert found
    return found


async def test_a_post_is_published_corrected_and_withdrawn_by_the_ledger(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    delivery = await plan(program, Kind.PUBLISH, await approve(program, "期限是两年。"))
    assert (await client.get("/posts/wages")).status_code == 404
    assert await dispatcher(program).drain() == {"sent": 1}
    sent = await find(program, delivery)
    assert (sent.state, sent.address) == (DeliveryState.SENT, f"{BASE}/posts/wages")
    assert "期限是两年。" in (await client.get("/posts/wages")).text

    clock.advance(hours=1)
    corrected = await approve(program, "期限是一年。")
    assert "期限是两年。" in (await client.get("/posts/wages")).text, "what is only approved is seen by nobody"
    await plan(program, Kind.EDIT, corrected)
    assert await dispatcher(program).drain() == {"sent": 1}
    said = visible((await client.get("/posts/wages")).text)
    assert "期限是一年。" in said
    assert "更正说明" in said

    clock.advance(hours=1)
    await plan(program, Kind.WITHDRAW, corrected)
    async with program.store.write() as work:
        post = await work.posts.find(ID)
        assert post
        await work.posts.change(post.id, post.version, state=PostState.WITHDRAWN, approved={})
        await work.commit()
    assert await dispatcher(program).drain() == {"sent": 1}
    assert (await client.get("/posts/wages")).status_code == 410


async def test_a_process_that_dies_at_the_worst_moment_has_published_nothing_and_then_it_is_there_once(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    delivery = await plan(program, Kind.PUBLISH, await approve(program, "工资按月发。"))
    desk = dispatcher(program, Dying(BASE))
    with pytest.raises(Died):
        await desk.drain()
    assert (await find(program, delivery)).state is DeliveryState.SENDING
    clock.advance(seconds=LEASE.total_seconds() + 1)
    await desk.sweep()
    assert (await find(program, delivery)).state is DeliveryState.UNKNOWN
    assert (await client.get("/posts/wages")).status_code == 404
    for _ in range(6):
        clock.advance(minutes=2)
        await desk.reconcile()
        await desk.drain()
    assert (await find(program, delivery)).state is DeliveryState.SENT
    assert (await client.get("/posts/wages")).status_code == 200
    feed = (await client.get("/feeds/posts.json")).json()
    assert [item["title"] for item in feed["items"]] == ["欠薪怎么办"]
