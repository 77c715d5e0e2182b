"""The Telegram sender against a server that others wrote: the npm package telegram-test-api."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bot.channels.telegram.publisher import TelegramPublisher, make_bot, parse_place
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Refused, Sent
from bot.publishing.ports import HealthState
from tests.builders import ROOT
from tests.contract.sender_cases import Remembered
from tests.contract.sender_cases.telegram import a_parcel
from tests.emulators.npm import TELEGRAM, node_server, npm_modules

pytestmark = pytest.mark.node

SERVER = ROOT / "tests" / "emulators" / "telegram_server.cjs"
TOKEN, CHAT = "7001:AAtoken-of-tests", "-1001234567890"


@pytest.fixture(scope="module")
def base(pytestconfig: pytest.Config) -> Iterator[str]:
    with node_server(SERVER, npm_modules(pytestconfig, "npm-telegram", TELEGRAM)) as base:
        yield base


@pytest.fixture
async def publisher(base: str) -> AsyncIterator[TelegramPublisher]:
    publisher = TelegramPublisher(bot=make_bot(TOKEN, base), chat=CHAT)
    yield publisher
    await publisher.close()


async def channel(base: str) -> list[dict]:
    """The messages in the channel, as the other side tells them."""
    async with httpx.AsyncClient() as client:
        told = (await client.post(f"{base}/getUpdatesHistory", json={"token": TOKEN})).json()["result"]
    return [one["message"] for one in told if one["message"]["chat_id"] == CHAT]


async def test_a_post_is_sent_corrected_and_withdrawn(publisher: TelegramPublisher, base: str) -> None:
    sent = await publisher.send(a_parcel("text", text="把工资要到手"), Remembered())
    assert isinstance(sent, Sent)
    place = parse_place(sent.vendor_id)
    assert place
    assert sent.address == f"https://t.me/c/1234567890/{place.message}"
    (message,) = await channel(base)
    assert (message["text"].startswith("<b>把工资要到手</b>"), message["parse_mode"]) == (True, "HTML")

    edit = a_parcel("text", Kind.EDIT, text="更正：把工资要到手", earlier=sent.vendor_id)
    assert await publisher.send(edit, Remembered()) == sent
    (message,) = await channel(base)
    assert message["text"].startswith("<b>更正：把工资要到手</b>")

    withdrawal = a_parcel("text", Kind.WITHDRAW, text="", earlier=sent.vendor_id)
    assert await publisher.send(withdrawal, Remembered()) == sent
    assert await channel(base) == []


async def test_health_and_a_message_that_is_not_ours(publisher: TelegramPublisher) -> None:
    assert (await publisher.health()).state is HealthState.READY
    foreign = a_parcel("text", Kind.WITHDRAW, text="", earlier=f"{CHAT}:99999:text")
    outcome = await publisher.send(foreign, Remembered())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == ("400", True)
