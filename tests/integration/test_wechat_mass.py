"""Mass messages (群发) of the WeChat account: sent once by their key, confirmed by people, named by an event."""

import re
from collections.abc import AsyncIterator

import pytest

from bot.channels.wechat.publish_events import outcome_of
from bot.channels.wechat.publish_steps import Mode
from bot.messages import Kind as MessageKind
from bot.publishing.outcomes import Awaited, Refused, Sent, Unknown, Waiting
from tests.builders import a_message
from tests.contract.sender_cases import Fault, Remembered
from tests.contract.sender_cases.wechat import PAGE, WeChatBench, a_bench

SENDALL = "/cgi-bin/message/mass/sendall"


@pytest.fixture
async def mass() -> AsyncIterator[WeChatBench]:
    async with a_bench(Mode.MASS) as bench:
        yield bench


async def test_a_mass_message_that_was_sent_before_is_found_by_its_key(mass: WeChatBench) -> None:
    parcel = mass.parcel()
    await mass.sender.send(parcel, Remembered())
    [message] = mass.platform.messages
    memory = Remembered()  # everything was forgotten but the key
    assert await mass.sender.send(parcel, memory) == Waiting(Awaited.PLATFORM, "queued", vendor_id=f"mass:{message}")
    mass.platform.finish()
    assert len(mass.platform.articles) == 1


async def test_a_mass_message_waits_for_its_event_to_name_the_address_then_has_the_landing_page(
    mass: WeChatBench,
) -> None:
    memory, parcel = Remembered(), mass.parcel()
    await mass.sender.send(parcel, memory)
    mass.platform.finish()
    soon = await mass.sender.reconcile(parcel, memory)
    assert isinstance(soon, Waiting)
    assert soon.code == "sent_without_address"
    mass.clock.advance(minutes=31)
    [message] = mass.platform.messages
    assert await mass.sender.reconcile(parcel, memory) == Sent(f"mass:{message}", PAGE)


async def test_a_mass_message_that_nobody_confirmed_is_refused(mass: WeChatBench) -> None:
    memory, parcel = Remembered(), mass.parcel()
    await mass.sender.send(parcel, memory)
    mass.platform.verdict = 1
    mass.platform.finish()
    assert await mass.sender.reconcile(parcel, memory) == Refused("mass_send_fail", permanent=True)


async def test_a_mass_message_let_go_again_after_it_failed_is_sent_under_another_key(mass: WeChatBench) -> None:
    """WeChat would only tell of the failed one; the new key is as good for being asked about."""
    parcel = mass.parcel()
    mass.platform.verdict = 1
    await mass.sender.send(parcel, Remembered())
    mass.platform.finish()
    mass.platform.verdict = 0
    mass.platform.drafts.clear()
    mass.platform.fail(Fault.TIMEOUT_AFTER, SENDALL)
    memory = Remembered()
    mass.platform.faults[SENDALL].insert(0, None)
    assert isinstance(await mass.sender.send(parcel, memory), Unknown)
    mass.platform.finish()
    mass.clock.advance(minutes=31)
    assert isinstance(await mass.sender.reconcile(parcel, memory), Sent)
    assert (len(mass.platform.messages), len(mass.platform.articles)) == (2, 1)


async def test_with_protection_on_the_administrator_is_awaited() -> None:
    async with a_bench(Mode.MASS, confirmed=True) as bench:
        outcome = await bench.sender.send(bench.parcel(), Remembered())
    assert isinstance(outcome, Waiting)
    assert outcome.awaited is Awaited.ADMINISTRATOR


async def test_a_lost_mass_message_is_asked_for_by_its_key_only_once_its_draft_is_gone(mass: WeChatBench) -> None:
    mass.platform.fail(Fault.TIMEOUT_AFTER, SENDALL)
    memory, parcel = Remembered(), mass.parcel()
    await mass.sender.send(parcel, memory)
    assert await mass.sender.reconcile(parcel, memory) == Unknown("draft_there")
    assert mass.platform.asked == 1
    mass.platform.finish()
    mass.clock.advance(minutes=31)
    assert isinstance(await mass.sender.reconcile(parcel, memory), Sent)
    assert len(mass.platform.articles) == 1


async def test_the_event_of_a_mass_message_has_the_name_that_sending_gave(mass: WeChatBench) -> None:
    outcome = await mass.sender.send(mass.parcel(), Remembered())
    assert isinstance(outcome, Waiting)
    data = {
        "event": "MASSSENDJOBFINISH",
        "message_id": re.sub(r"\D", "", outcome.vendor_id),
        "status": "send success",
        "urls": "http://mp.weixin.qq.com/s?x=1",
    }
    told = outcome_of(a_message(kind=MessageKind.NOTICE, data=data))
    assert told == (outcome.vendor_id, Sent(outcome.vendor_id, "http://mp.weixin.qq.com/s?x=1"))
