"""Rounds of a real worker process that is ended by `kill -9` while it publishes, and of what others make of it.

The platform lives in this process and outlives the worker. Afterwards the clock is turned on, and a dispatcher that
knows nothing but the database brings everything to its end.
"""

import asyncio
import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bot.channels.mastodon.api import MastodonApi
from bot.channels.mastodon.sender import MastodonSender
from bot.channels.webhook.sender import Target, WebhookSender, make_client
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.publish_steps import Mode
from bot.channels.wechat.publisher import WeChatPublisher
from bot.channels.weibo.api import WeiboApi
from bot.channels.weibo.sender import WeiboSender
from bot.clock import Clock, SystemClock
from bot.keyring import KeyRing
from bot.publishing.deliveries import OPEN, Delivery, DeliveryState
from bot.publishing.dispatch import Dispatcher
from bot.publishing.errors import NotNow
from bot.publishing.ports import Sender
from bot.publishing.rendering import Rendering
from bot.publishing.schedules import Every, Rule
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from tests.benchmarks.publish_history import BenchPictures, is_forgotten
from tests.contract.sender_cases import mastodon, webhook, wechat, weibo
from tests.emulators.mastodon import MastodonServer
from tests.emulators.receiver import Receiver
from tests.emulators.served import Request, Response, serving
from tests.emulators.wechat_publishing import SECRET as WECHAT_SECRET
from tests.emulators.wechat_publishing import WeChatPlatform
from tests.emulators.weibo import APP_KEY, WeiboPlatform
from tests.emulators.weibo import SECRET as WEIBO_SECRET
from tests.fakes import FakeClock
from tests.newsdesk import LEASE, PUBLICIST, alerts_of, make_parts
from tests.newsroom import a_content, a_post, a_schedule

POSTS = 6
LONGEST_LIFE_SECONDS = 0.4
ROUNDS = 120
_S = DeliveryState


@dataclass(frozen=True)
class Stage:
    """One channel with its platform. texts: what the public was ever shown, each as often as it was."""

    channel: str
    answer: Callable[[Request], Response]
    sender: Callable[[str, httpx.AsyncClient, Clock], Sender]
    rendering: Callable[[str], Rendering]
    texts: Callable[[], list[str]]
    finish: Callable[[], None]
    pictures: dict[str, bytes]


def wechat_stage(clock: FakeClock, mode: Mode) -> Stage:
    """The WeChat account."""
    platform = WeChatPlatform(clock)

    def sender(base: str, client: httpx.AsyncClient, clock: Clock) -> Sender:
        tokens = wechat.KeptToken()
        api = WeChatApi(client=client, base=base, app_id="wx01", secret=WECHAT_SECRET, tokens=tokens, clock=clock)
        return WeChatPublisher(api=api, issued=wechat.KeptPictures(), clock=clock, mode=mode)

    def rendering(text: str) -> Rendering:
        of_this_post = wechat.a_parcel(text=text).rendering
        return replace(of_this_post, link=f"{of_this_post.link}/{text}")

    def texts() -> list[str]:
        platform.finish()
        return [article.news["title"] for article in platform.articles]

    parcel = wechat.a_parcel()
    return Stage(
        "wechat",
        platform.answer,
        sender,
        rendering,
        texts,
        platform.finish,
        dict(parcel.pictures),
    )


def weibo_stage(clock: FakeClock) -> Stage:
    """The Weibo account, unattended."""
    platform = WeiboPlatform(clock)
    given = weibo.an_authorisation(platform)

    def sender(base: str, client: httpx.AsyncClient, clock: Clock) -> Sender:
        api = WeiboApi(client=client, base=base, seconds=20)
        authorising = weibo.KeptAuthorising(
            api=api,
            app_key=APP_KEY,
            secret=WEIBO_SECRET,
            base_url="",
            read=weibo._nowhere,
            write=weibo._nowhere,
            clock=clock,
        )
        authorising.kept = given
        return WeiboSender(api=api, authorising=authorising, clock=clock, attended=False, server_address="211.156.0.1")

    parcel = weibo.a_parcel(text="")
    return Stage(
        "weibo",
        platform.answer,
        sender,
        lambda text: weibo.a_parcel(text=text).rendering,
        lambda: [status.text.split(" ")[0] for status in platform.statuses],
        platform.finish,
        dict(parcel.pictures),
    )


def mastodon_stage(clock: FakeClock) -> Stage:
    """A microblog."""
    server = MastodonServer(clock, mastodon.TOKEN)

    def sender(base: str, _: httpx.AsyncClient, clock: Clock) -> Sender:
        return MastodonSender(MastodonApi(server=base, token=mastodon.TOKEN, clock=clock, seconds=20), clock)

    def rendering(text: str) -> Rendering:
        parts = {"text": f"{text}\n\n{mastodon.LINK}/{text}", "alt": text}
        return Rendering(channel="mastodon", parts=parts, link=f"{mastodon.LINK}/{text}")

    def texts() -> list[str]:
        return [status.text.split("\n")[0] for status in server.statuses.values()]

    return Stage("mastodon", server.answer, sender, rendering, texts, lambda: None, {})


def webhook_stage(clock: FakeClock) -> Stage:
    """A receiver that takes repetitions for new."""
    receiver = Receiver(clock, webhook.SECRET)

    def sender(base: str, _: httpx.AsyncClient, clock: Clock) -> Sender:
        target = Target(id="paper", url=f"{base}/gonghui", secret=webhook.SECRET)
        return WebhookSender(target, client=make_client(), clock=clock)

    def rendering(text: str) -> Rendering:
        renderer = webhook.WebhookRenderer("paper")
        return renderer.render(webhook.Content(slug="a", title=text, body="先留证据。"), webhook.FRAME)

    def texts() -> list[str]:
        return [article["title"] for article in receiver.articles.values()]

    return Stage("webhook.paper", receiver.answer, sender, rendering, texts, lambda: None, {})


STAGES: tuple[Callable[[FakeClock], Stage], ...] = (
    lambda clock: wechat_stage(clock, Mode.PUBLISH),
    lambda clock: wechat_stage(clock, Mode.MASS),
    weibo_stage,
    mastodon_stage,
    webhook_stage,
)


@dataclass
class Killed:
    """What came of all rounds. ended: how many deliveries are where; midway: rounds that were cut off while sending."""

    rounds: int = 0
    double: int = 0
    false_published: int = 0
    forgotten: int = 0
    midway: int = 0
    ended: Counter[str] = field(default_factory=Counter)


def run_kills(rounds: int, template: Path, keys: KeyRing, seed: int = 20261122) -> Killed:
    """So many workers are killed, one after the other."""
    killed, chance = Killed(), random.Random(seed)
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="gonghui-kill-") as folder:
            database = Path(folder) / "gonghui.db"
            shutil.copy(template, database)
            clock = FakeClock(datetime.now(UTC))
            stage = STAGES[number % len(STAGES)](clock)
            _round(stage, clock, database, keys, chance.uniform(0, LONGEST_LIFE_SECONDS), killed)
        killed.rounds += 1
    return killed


def _round(  # noqa: PLR0913, PLR0917 - one round, all of it
    stage: Stage, clock: FakeClock, database: Path, keys: KeyRing, seconds: float, killed: Killed
) -> None:
    asyncio.run(_plan(stage, clock, database, keys))
    ports, ready = os.pipe(), os.pipe()
    worker = os.fork()  # no other thread runs, and no loop
    if not worker:
        _be_the_worker(stage, database, keys, ports[0], ready[1])
    try:
        asyncio.run(_watch(stage, clock, database, keys, worker, (ports[1], ready[0]), seconds, killed))
    finally:
        for end in (*ports, *ready):
            os.close(end)


def _be_the_worker(stage: Stage, database: Path, keys: KeyRing, port: int, ready: int) -> None:
    """Publish until the end; it never returns."""

    async def work() -> None:
        base = f"http://127.0.0.1:{os.read(port, 16).decode()}"
        clock = SystemClock()
        async with httpx.AsyncClient() as client, opened(database, keys, clock) as store:
            dispatcher = _dispatcher(stage, store, stage.sender(base, client, clock), clock)
            os.write(ready, b"!")
            while True:
                for do in (dispatcher.tick, dispatcher.drain, dispatcher.sweep, dispatcher.reconcile):
                    await do()
                await asyncio.sleep(0.005)

    try:
        asyncio.run(work())
    finally:
        os._exit(1)


@asynccontextmanager
async def opened(database: Path, keys: KeyRing, clock: Clock) -> AsyncIterator[SqlStore]:
    """The database as a process of its own opens it."""
    store = SqlStore(make_engine(f"sqlite+aiosqlite:///{database}"), keys, clock=clock)
    try:
        yield store
    finally:
        await store.close()


async def _plan(stage: Stage, clock: FakeClock, database: Path, keys: KeyRing) -> None:
    now = clock.now()
    async with opened(database, keys, clock) as store, store.write() as work:
        for number in range(POSTS):
            rendering = stage.rendering(f"text-{number}")
            content = a_content(f"post-{number}", title=f"text-{number}", channels=(stage.channel,))
            post = a_post(f"post-{number}", content=content, approved={stage.channel: rendering.digest})
            await work.posts.add(post)
            await work.posts.save_renderings([rendering])
            rule = Rule(every=Every.ONCE, at=now)
            fields = {"post": post.id, "rule": rule, "channels": (stage.channel,), "next_at": now, "made_at": now}
            await work.schedules.add(a_schedule(f"s{number}", **fields))
        await work.commit()


async def _watch(  # noqa: PLR0913, PLR0917 - one round, all of it
    stage: Stage,
    clock: FakeClock,
    database: Path,
    keys: KeyRing,
    worker: int,
    pipes: tuple[int, int],
    seconds: float,
    killed: Killed,
) -> None:
    async with serving(stage.answer) as served:
        os.write(pipes[0], str(served.port).encode())
        await asyncio.to_thread(os.read, pipes[1], 1)
        await asyncio.sleep(seconds)
        os.kill(worker, signal.SIGKILL)
        await asyncio.to_thread(os.waitpid, worker, 0)
        await asyncio.sleep(0.02)  # what was on the wire arrives
        killed.midway += await _is_midway(database, keys, clock)
        clock.advance(seconds=LEASE.total_seconds() + 2)
        async with httpx.AsyncClient() as client, opened(database, keys, clock) as store:
            sender = stage.sender(served.base, client, clock)
            await _bring_to_an_end(stage, store, _dispatcher(stage, store, sender, clock), clock)
            await _judge(stage, store, killed)


def _dispatcher(stage: Stage, store: SqlStore, sender: Sender, clock: Clock) -> Dispatcher:
    pictures = BenchPictures(stage.pictures)
    name = f"{os.getpid()}"
    return Dispatcher(make_parts(store.write, store.read, {stage.channel: sender}, clock, pictures, name))


async def _is_midway(database: Path, keys: KeyRing, clock: Clock) -> int:
    async with opened(database, keys, clock) as store, store.read() as work:
        counts = await work.deliveries.counts()
    return int(any(state in (_S.CLAIMED, _S.SENDING) for _, state in counts))


async def _bring_to_an_end(stage: Stage, store: SqlStore, dispatcher: Dispatcher, clock: FakeClock) -> None:
    for _ in range(ROUNDS):
        for do in (dispatcher.sweep, dispatcher.reconcile, dispatcher.tick, dispatcher.drain):
            await do()
        deliveries = await _deliveries(store)
        still = [each for each in deliveries if each.state in OPEN]
        if len(deliveries) == POSTS and not still:
            return
        for delivery in still:
            await _look(stage, dispatcher, delivery)
        ahead = [at - clock.now() for each in still for at in (each.next_at, each.claimed_until) if at]
        clock.advance(seconds=max(timedelta(seconds=20), min(ahead, default=timedelta())).total_seconds())
        stage.finish()


async def _look(stage: Stage, dispatcher: Dispatcher, delivery: Delivery) -> None:
    """Staff say what they see, where no platform can be asked any more."""
    if delivery.state is not _S.UNKNOWN or delivery.next_at is not None:
        return
    if delivery.post.replace("post", "text") in stage.texts():
        await dispatcher.found(PUBLICIST, delivery.id, "https://example.org/seen")
    else:
        with suppress(NotNow):  # what was asked may still be on its way: later
            await dispatcher.not_found(PUBLICIST, delivery.id)


async def _deliveries(store: SqlStore) -> list[Delivery]:
    async with store.read() as work:
        return (await work.deliveries.list(limit=10 * POSTS))[0]


async def _judge(stage: Stage, store: SqlStore, killed: Killed) -> None:
    deliveries, shown = await _deliveries(store), Counter(stage.texts())
    told_of = {of for _, of in await alerts_of(store)}
    killed.double += sum(times - 1 for times in shown.values())
    killed.forgotten += POSTS - len(deliveries)
    for delivery in deliveries:
        killed.ended[delivery.state.value] += 1
        is_there = shown[delivery.post.replace("post", "text")] > 0
        killed.false_published += delivery.state is _S.SENT and not is_there
        killed.forgotten += is_forgotten(delivery, told_of)
