"""The page of subscriptions and broadcasts: figures and what is unknown, and no address."""

from datetime import timedelta
from pathlib import Path

from bot.roles import Role
from bot.subscriptions.broadcasting import LEASE
from bot.subscriptions.pacing import Rate
from bot.subscriptions.subscribers import TELEGRAM
from tests.broadcasts import FakeSender, Office
from tests.console import a_console
from tests.fakes import FakeClock


async def test_publicity_staff_see_how_far_it_has_come_and_what_is_unknown(tmp_path: Path, clock: FakeClock) -> None:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("anna", Role.PUBLICIST)
        await desk.hire("ben", Role.OPERATOR)
        office = Office(desk.program.store, desk.program.keys, clock, FakeSender(clock))
        await office.subscribe("901112223", "901112224")
        office.publish("winter")
        await office.maker.run()
        now = clock.now()
        async with desk.program.store.write() as work:
            taken = await work.broadcasts.claim(
                channel=TELEGRAM,
                worker="dead",
                now=now,
                until=now,
                begin=now,
                limit=1,
                rate=Rate(28.0),
                granted=False,
            )
            await work.broadcasts.intend(taken.claimed, "dead", now + LEASE)
            await work.commit()
        clock.advance(seconds=(LEASE + timedelta(seconds=1)).total_seconds())
        await office.worker().sweep()
        await office.worker().drain(TELEGRAM)
        page = await (await desk.signed_in("anna")).get("/broadcasts")
        assert page.status_code == 200
        for words in ("订阅与群发", "题目 winter", "结果不明的 1 条", "发送时程序中断"):
            assert words in page.text
        assert "90111222" not in page.text
        assert (await (await desk.signed_in("ben")).get("/broadcasts")).status_code in (403, 404)
