"""From the ledger of posts to a Telegram that enforces its limits, through the jobs of the program."""

import asyncio
import os
from pathlib import Path

from bot.subscription_jobs import broadcasting
from bot.subscriptions.subscribers import TELEGRAM, Pace, SubscriberState
from tests.builders import a_configuration
from tests.emulators.telegram_limits import LimitedTelegram
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.site import build_scripted
from tests.site_posts import send

TOKEN = "7001:AAtoken-of-tests"


async def test_a_post_that_is_on_the_site_reaches_who_subscribed_and_not_who_blocked(
    tmp_path: Path, clock: FakeClock
) -> None:
    platform = LimitedTelegram(scale=1000, blocked=frozenset({3}))
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    changes = {"publishing": {"channels": {"telegram": {"api_base": base}}}, "web": {"base_url": "https://ask.test"}}
    program = build_scripted(a_configuration(tmp_path, changes, {"GONGHUI_TELEGRAM_TOKEN": TOKEN}), clock)
    async with server, program.running():
        assert program.subscriptions
        async with program.store.write() as work:
            for chat in ("1", "2", "3"):
                await program.subscriptions.subscribe(work, TELEGRAM, chat, (), Pace.AT_ONCE, clock.now())
            await work.commit()
        await send(program, a_content("winter", channels=("site",), citations=()))
        async with broadcasting(program, None) as broadcasts:
            jobs = {job.name: job for job in broadcasts.jobs}
            for _ in range(2):
                await jobs["broadcast_make"].run()
                await jobs["broadcast_telegram"].run()
        assert sorted(chat for chat, _ in platform.got) == [1, 2]
        assert set(platform.got.values()) == {1}
        assert all("https://ask.test/posts/winter" in text for _, text in platform.got)
        async with program.store.read() as work:
            assert (await work.subscribers.counts())[TELEGRAM, SubscriberState.BLOCKED] == 1
    assert os.environ.get("GONGHUI_TELEGRAM_TOKEN") is None


def test_the_emulator_enforces_what_telegram_does() -> None:
    """Guards the benchmark: a platform that lets everything through would prove nothing."""
    platform = LimitedTelegram()
    said = [platform.take(chat, "x", 0.01 * chat)[0] for chat in range(31)]
    assert said == [200] * 30 + [429]
    assert platform.take(99, "x", 1.005)[0] == 200
    assert [platform.take(7, "x", at)[0] for at in (9.0, 9.5, 10.1)] == [200, 429, 200]
    assert platform.got[7, "x"] == 3
