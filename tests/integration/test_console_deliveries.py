"""The ledger and the channels in the console: who may act, what is refused, and that nothing acts without a form."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.publishing.deliveries import Delivery, DeliveryState
from bot.publishing.outcomes import Awaited
from bot.publishing.settling import ATTENDED
from bot.roles import Role
from bot.site.post_sender import SitePostSender
from tests.console import Desk
from tests.console_posts import CHIEF, SECOND, WRITER, a_newsroom_console, add_post, approve
from tests.fakes import FakeClock
from tests.newsroom import a_delivery

S = DeliveryState
OTHERS = {"cai.ban": Role.CADRE, "gao.ling": Role.LEADER, "guan.li": Role.ADMINISTRATOR, "jie.xian": Role.OPERATOR}


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_newsroom_console(tmp_path, clock) as desk:
        desk.program.press.open([SitePostSender()])
        yield desk


async def a_line(desk: Desk, state: DeliveryState, **fields: object) -> Delivery:
    post = await approve(desk, await add_post(desk))
    now = desk.clock.now()
    delivery = a_delivery(post=post.id, channel="site", state=state, rendering=post.approved["site"], **fields)
    delivery = replace(delivery, due_at=now, made_at=now, next_at=None)
    async with desk.program.store.write() as work:
        await work.deliveries.plan([delivery])
        await work.commit()
    return delivery


async def state_of(desk: Desk, delivery: Delivery) -> DeliveryState:
    async with desk.program.store.read() as work:
        there = await work.deliveries.find(delivery.id)
    assert there is not None
    return there.state


async def test_only_who_may_says_what_became_of_a_delivery(desk: Desk) -> None:
    delivery = await a_line(desk, S.UNKNOWN)
    for login, role in OTHERS.items():
        await desk.hire(login, role)
        window = await desk.signed_in(login)
        for act in ("found", "not-found", "confirm", "free", "cancel"):
            await window.post(f"/deliveries/{delivery.id}/{act}", {})
        if role is not Role.ADMINISTRATOR:
            assert (await window.get(f"/deliveries/{delivery.id}")).status_code in (302, 303, 403, 404), login
    assert await state_of(desk, delivery) is S.UNKNOWN


async def test_nothing_happens_by_opening_an_address_or_without_the_token_of_a_form(desk: Desk) -> None:
    delivery = await a_line(desk, S.UNKNOWN)
    window = await desk.signed_in(WRITER)
    assert (await window.get(f"/deliveries/{delivery.id}/found")).status_code in (404, 405)
    forged = await window.client.post(
        f"/console/deliveries/{delivery.id}/found", data={"csrf_token": "x"}, headers={"origin": "http://evil.example"}
    )
    assert forged.status_code == 403
    assert await state_of(desk, delivery) is S.UNKNOWN


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://[a", "//evil.example", "https://" + "a" * 600], ids=range(4)
)
async def test_what_is_no_link_is_refused(desk: Desk, link: str) -> None:
    delivery = await a_line(desk, S.UNKNOWN)
    page = await (await desk.signed_in(SECOND)).post(f"/deliveries/{delivery.id}/found", {"link": link})
    assert page.status_code == 200
    assert await state_of(desk, delivery) is S.UNKNOWN


async def test_it_is_not_there_is_taken_later_than_at_once(desk: Desk) -> None:
    delivery = await a_line(desk, S.UNKNOWN, intent_at=desk.clock.now())
    page = await (await desk.signed_in(CHIEF)).post(f"/deliveries/{delivery.id}/not-found", {})
    assert "可能还在路上" in page.text
    assert await state_of(desk, delivery) is S.UNKNOWN


async def test_who_looks_after_the_tokens_does_not_publish(desk: Desk) -> None:
    delivery = await a_line(desk, S.WAITING, code=ATTENDED, awaited=Awaited.PERSON)
    await desk.hire("guan.li", Role.ADMINISTRATOR)
    page = await (await desk.signed_in("guan.li")).post(f"/deliveries/{delivery.id}/confirm", {})
    assert page.status_code == 403
    assert await state_of(desk, delivery) is S.WAITING
