"""Posting in a Telegram channel: what the contract of the senders does not say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bot.channels.telegram.publisher import TelegramPublisher, make_bot
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import HealthState
from tests.contract.sender_cases import Remembered
from tests.contract.sender_cases.telegram import PAGE, PICTURE, a_parcel
from tests.emulators.served import Served, serving
from tests.emulators.telegram import (
    CHAT,
    CHAT_ID,
    DROP_AFTER,
    DROP_BEFORE,
    FAIL_BEFORE,
    RATE_LIMITED,
    TOKEN,
    TelegramPlatform,
)
from tests.fakes import FakeClock


@pytest.fixture
def platform(clock: FakeClock) -> TelegramPlatform:
    return TelegramPlatform(clock)


@pytest.fixture
async def served(platform: TelegramPlatform) -> AsyncIterator[Served]:
    async with serving(platform.answer) as served:
        yield served


@pytest.fixture
async def publisher(served: Served) -> AsyncIterator[TelegramPublisher]:
    publisher = TelegramPublisher(bot=make_bot(TOKEN, served.base), chat=CHAT)
    yield publisher
    await publisher.close()


async def send(publisher: TelegramPublisher, form: str = "text", text: str = "工会", **fields: object) -> Outcome:
    return await publisher.send(replace(a_parcel(form, text=text), **fields), Remembered())  # type: ignore[arg-type]


async def test_a_text_comes_with_the_large_preview_of_its_page_above_it(
    publisher: TelegramPublisher, platform: TelegramPlatform
) -> None:
    outcome = await send(publisher)
    assert outcome == Sent(f"{CHAT_ID}:1:text", "https://t.me/heze_union/1")
    assert platform.messages[1].preview == {"url": PAGE, "prefer_large_media": True, "show_above_text": True}
    without = replace(a_parcel("text", text="工会").rendering, link="")
    await send(publisher, rendering=without)
    assert platform.messages[2].preview == {"is_disabled": True}


async def test_a_photo_comes_with_its_caption(publisher: TelegramPublisher, platform: TelegramPlatform) -> None:
    assert await send(publisher, "photo") == Sent(f"{CHAT_ID}:1:photo", "https://t.me/heze_union/1")
    assert platform.messages[1].photo == PICTURE
    assert platform.messages[1].html.startswith("<b>工会</b>")


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "picture_missing"), (bytes(10_000_001), "picture_too_large")], ids=["missing", "large"]
)
async def test_a_photo_that_cannot_go_stops_the_post(
    publisher: TelegramPublisher, platform: TelegramPlatform, data: bytes, code: str
) -> None:
    cover = a_parcel("photo", text="").rendering.cover
    assert await send(publisher, "photo", pictures={cover: data}) == Refused(code, permanent=True)
    assert platform.calls == []


async def test_the_platform_says_how_long_to_rest(publisher: TelegramPublisher, platform: TelegramPlatform) -> None:
    platform.faults.append(RATE_LIMITED)
    outcome = await send(publisher)
    assert isinstance(outcome, Refused)
    assert (outcome.retry_after, outcome.halts, outcome.permanent) == (timedelta(seconds=17), True, False)


@pytest.mark.parametrize(
    ("answer", "permanent", "reauthorise"),
    [
        ((403, "Forbidden: bot was kicked from the channel chat"), False, True),
        ((400, "Bad Request: chat not found"), False, True),
        ((400, "Bad Request: need administrator rights in the channel chat"), False, True),
        ((401, "Unauthorized"), False, True),
        ((400, "Bad Request: can't parse entities"), True, False),
        ((413, "Request Entity Too Large"), True, False),
    ],
    ids=["kicked", "no_chat", "no_right", "token", "markup", "large"],
)
async def test_what_a_person_has_to_mend_waits_and_what_is_wrong_with_the_post_is_final(
    publisher: TelegramPublisher,
    platform: TelegramPlatform,
    answer: tuple[int, str],
    permanent: bool,
    reauthorise: bool,
) -> None:
    platform.faults.append(answer)
    outcome = await send(publisher)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.reauthorise, outcome.halts) == (permanent, reauthorise, reauthorise)
    assert platform.sent == 0


async def test_what_nobody_answered_is_never_sent_again(
    publisher: TelegramPublisher, platform: TelegramPlatform
) -> None:
    platform.faults.append(DROP_AFTER)
    parcel, memory = a_parcel("text", text="工会"), Remembered()
    assert isinstance(await publisher.send(parcel, memory), Unknown)
    assert await publisher.reconcile(parcel, memory) == Unknown("cannot_be_asked")
    assert platform.sent == 1


async def test_an_old_caption_cannot_grow_beyond_what_a_caption_takes(
    publisher: TelegramPublisher, platform: TelegramPlatform
) -> None:
    """A photo stays a photo: staff hear it and send a notice instead."""
    sent = await send(publisher, "photo")
    assert isinstance(sent, Sent)
    longer = await send(publisher, "text", "字" * 1100, kind=Kind.EDIT, earlier=sent.vendor_id)
    assert longer == Refused("caption_too_long", permanent=True)
    shorter = await send(publisher, "text", "更正", kind=Kind.EDIT, earlier=sent.vendor_id)
    assert shorter == sent
    assert platform.messages[1].html.startswith("<b>更正</b>")


@pytest.mark.parametrize("fault", [DROP_BEFORE, DROP_AFTER, FAIL_BEFORE])
@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.WITHDRAW])
async def test_a_change_that_nobody_answered_is_tried_once_more_as_that_does_no_harm(
    publisher: TelegramPublisher, platform: TelegramPlatform, kind: Kind, fault: str
) -> None:
    sent = await send(publisher)
    assert isinstance(sent, Sent)
    platform.faults.append(fault)
    assert await send(publisher, text="更正", kind=kind, earlier=sent.vendor_id) == sent
    assert [message.html[:9] for message in platform.messages.values()] == (
        ["<b>更正</b>"] if kind is Kind.EDIT else []
    )
    platform.faults += [fault, fault]
    assert isinstance(await send(publisher, text="再更正", kind=kind, earlier=sent.vendor_id), Unknown)


async def test_a_change_needs_to_know_the_message(publisher: TelegramPublisher, platform: TelegramPlatform) -> None:
    assert await send(publisher, kind=Kind.EDIT) == Refused("earlier_unknown", permanent=True)
    gone = await send(publisher, kind=Kind.EDIT, earlier=f"{CHAT_ID}:77:text")
    assert isinstance(gone, Refused)
    assert gone.permanent
    assert platform.sent == 0


@pytest.mark.parametrize(
    ("status", "rights", "detail"),
    [
        ("administrator", {}, ""),
        ("administrator", {"can_edit_messages": False}, "can_edit_messages"),
        ("left", {}, "not_administrator"),
    ],
    ids=["all", "no_editing", "left"],
)
async def test_health_names_the_rights_that_are_missing(
    publisher: TelegramPublisher, platform: TelegramPlatform, status: str, rights: dict[str, bool], detail: str
) -> None:
    platform.status, platform.rights = status, rights
    health = await publisher.health()
    assert (health.state, health.detail) == (HealthState.NOT_GRANTED if detail else HealthState.READY, detail)


@pytest.mark.parametrize(
    "answer",
    [b"<html>proxy</html>", b'{"ok":false}', b'{"ok":true,"result":null}', b'{"ok":true,"result":{"date":"x"}}', b"[]"],
    ids=["html", "no_result", "null", "no_message", "list"],
)
async def test_an_answer_that_means_nothing_leaves_it_open(answer: bytes) -> None:
    """The library trips over some of them with errors that are not its own."""
    bot = make_bot(TOKEN, "http://telegram.test")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=answer))
    bot.request._client = httpx.AsyncClient(transport=transport)  # type: ignore[attr-defined]
    publisher = TelegramPublisher(bot=bot, chat=CHAT)
    assert isinstance(await send(publisher), Unknown)
    assert (await publisher.health()).state is HealthState.UNREACHABLE
    await publisher.close()
