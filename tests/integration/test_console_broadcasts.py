"""The page of subscriptions and broadcasts: figures and what is unknown, and no address."""

from pathlib import Path

from bot.roles import Role
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
        await office.lose_one(clock)
        await office.worker().drain(TELEGRAM)
        page = await (await desk.signed_in("anna")).get("/broadcasts")
        assert page.status_code == 200
        for words in ("订阅与群发", "题目 winter", "结果不明的 1 条", "发送时程序中断"):
            assert words in page.text
        assert "90111222" not in page.text
        assert "1 条还没有人看过" in page.text
        async with desk.program.store.read() as work:
            ((issue, number),) = (await work.broadcasts.unseen()).items()
        assert number == 1
        await desk.hire("lea", Role.LEADER)
        assert "看过了" not in (await (await desk.signed_in("lea")).get("/broadcasts")).text
        assert (await (await desk.signed_in("lea")).post(f"/broadcasts/{issue}/look")).status_code == 403
        anna = await desk.signed_in("anna")
        assert (await anna.post("/broadcasts/nothing/look")).status_code == 404
        await anna.post(f"/broadcasts/{issue}/look")
        looked = (await anna.get("/broadcasts")).text
        assert "结果不明的 1 条" in looked, "what is unknown stays listed"
        assert "还没有人看过" not in looked
        async with desk.program.store.read() as work:
            assert await work.broadcasts.unseen() == {}
        assert (await (await desk.signed_in("ben")).get("/broadcasts")).status_code in (403, 404)
