"""Sharing on Weibo: what the contract of the senders does not say."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from bot.channels.weibo.render import PICTURE_BYTES
from bot.channels.weibo.sender import WeiboSender
from bot.errors import StoreUnavailable
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from tests.contract.sender_cases import Remembered
from tests.contract.sender_cases.weibo import PICTURE, a_parcel, a_sender
from tests.emulators.served import Served, serving
from tests.emulators.weibo import DELAYED, DROP_AFTER, DROP_BEFORE, WeiboPlatform
from tests.fakes import FakeClock

TEXT = "年底前，把工资要到手"


@pytest.fixture
def platform(clock: FakeClock) -> WeiboPlatform:
    return WeiboPlatform(clock)


@pytest.fixture
async def served(platform: WeiboPlatform) -> AsyncIterator[Served]:
    async with serving(platform.answer) as served:
        yield served


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def sender(served: Served, client: httpx.AsyncClient, platform: WeiboPlatform) -> WeiboSender:
    return a_sender(served.base, client, platform)


async def share(sender: WeiboSender, memory: Remembered | None = None, **fields: object) -> Outcome:
    return await sender.send(replace(a_parcel(text=TEXT), **fields), memory or Remembered())  # type: ignore[arg-type]


async def test_text_picture_and_the_address_of_the_person_go_out(sender: WeiboSender, platform: WeiboPlatform) -> None:
    outcome = await share(sender)
    (status,) = platform.statuses
    assert (status.text, status.picture, status.rip) == (
        f"{TEXT} https://desk.union.test/posts/winter-wages",
        PICTURE,
        "211.156.0.1",
    )
    assert isinstance(outcome, Sent)
    assert outcome.vendor_id == status.id
    assert outcome.address.startswith("https://weibo.com/1642351362/")


@pytest.mark.parametrize(
    ("person", "server", "rip"),
    [
        ("211.156.0.1", "", "211.156.0.1"),
        ("::ffff:211.156.0.1", "", "211.156.0.1"),
        ("2408:8207:1::1", "", "2408:8207:1::1"),
        ("10.0.0.7", "58.57.0.9", "58.57.0.9"),
        ("", "58.57.0.9", "58.57.0.9"),
        ("10.0.0.7", "", None),
        ("nonsense", "", None),
    ],
)
async def test_rip_is_a_public_address_of_the_person_or_of_the_office(
    sender: WeiboSender, platform: WeiboPlatform, person: str, server: str, rip: str | None
) -> None:
    sender._server_address = server
    outcome = await share(sender, confirmed_address=person)
    if rip is None:
        assert outcome == Refused("no_public_address", permanent=True)
        assert platform.shares == 0
    else:
        assert [status.rip for status in platform.statuses] == [rip]


async def test_by_default_nothing_goes_out_without_a_person(sender: WeiboSender, platform: WeiboPlatform) -> None:
    memory = Remembered()
    assert await share(sender, memory, confirmed_by="") == Waiting(Awaited.PERSON, "not_confirmed")
    assert (platform.shares, memory.intended) == (0, False)
    sender.attended = False
    assert isinstance(await share(sender, confirmed_by=""), Sent)


async def test_who_has_no_authorisation_intends_nothing(sender: WeiboSender, platform: WeiboPlatform) -> None:
    sender._authorising.kept = None  # type: ignore[attr-defined]
    memory = Remembered()
    outcome = await share(sender, memory)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.reauthorise, memory.intended) == ("not_authorised", True, False)
    assert await sender.reconcile(a_parcel(text=TEXT), memory) == Unknown("not_authorised")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "picture_missing"), (b"\xff\xd8\xff" + bytes(PICTURE_BYTES), "picture_too_large")],
    ids=["missing", "large"],
)
async def test_a_picture_that_cannot_go_along_stops_the_post(
    sender: WeiboSender, platform: WeiboPlatform, data: bytes, code: str
) -> None:
    parcel = a_parcel(text=TEXT)
    assert await share(sender, pictures={parcel.rendering.cover: data}) == Refused(code, permanent=True)
    assert platform.shares == 0


async def test_a_post_without_a_cover_goes_without(sender: WeiboSender, platform: WeiboPlatform) -> None:
    rendering = a_parcel(text=TEXT).rendering
    assert isinstance(await share(sender, rendering=replace(rendering, cover="")), Sent)
    assert platform.statuses[0].picture == b""


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.WITHDRAW])
async def test_what_the_api_cannot_do_is_refused(sender: WeiboSender, platform: WeiboPlatform, kind: Kind) -> None:
    assert await share(sender, kind=kind) == Refused("not_able", permanent=True)
    assert platform.calls == []


async def test_a_delayed_post_is_waited_for_until_the_timeline_shows_it(
    sender: WeiboSender, platform: WeiboPlatform, clock: FakeClock
) -> None:
    platform.faults.append(DELAYED)
    memory, parcel = Remembered(), a_parcel(text=TEXT)
    outcome = await sender.send(parcel, memory)
    assert isinstance(outcome, Waiting)
    assert (outcome.awaited, outcome.code) == (Awaited.PLATFORM, "20032")
    assert await sender.reconcile(parcel, memory) == Waiting(Awaited.PLATFORM, "not_seen_yet")
    platform.finish()
    clock.advance(minutes=5)
    found = await sender.reconcile(parcel, memory)
    assert isinstance(found, Sent)
    assert found.vendor_id == platform.statuses[0].id


async def test_what_is_not_seen_after_half_an_hour_is_for_a_person_and_never_sent_again(
    sender: WeiboSender, platform: WeiboPlatform, clock: FakeClock
) -> None:
    """Weibo may still be examining it: that it is not there is for eyes to say."""
    platform.faults.append(DROP_BEFORE)
    memory, parcel = Remembered(), a_parcel(text=TEXT)
    assert isinstance(await sender.send(parcel, memory), Unknown)
    clock.advance(minutes=31)
    assert await sender.reconcile(parcel, memory) == Unknown("not_seen")
    assert platform.shares == 1


async def test_a_repetition_that_weibo_refuses_is_found_to_be_our_own(
    sender: WeiboSender, platform: WeiboPlatform, clock: FakeClock
) -> None:
    """The first attempt was lost, somebody overlooked it and let it go again."""
    platform.faults.append(DROP_AFTER)
    platform.refuses_repeats = True
    memory, parcel = Remembered(), a_parcel(text=TEXT)
    assert isinstance(await sender.send(parcel, memory), Unknown)
    clock.advance(hours=1)
    again = await sender.send(parcel, memory)
    assert isinstance(again, Sent)
    assert (again.vendor_id, len(platform.statuses)) == (platform.statuses[0].id, 1)


async def test_the_same_text_of_another_post_is_not_taken_for_ours(
    sender: WeiboSender, platform: WeiboPlatform, clock: FakeClock
) -> None:
    platform.refuses_repeats = True
    assert isinstance(await share(sender), Sent)
    clock.advance(days=7)
    outcome = await share(sender)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == ("20019", True)


async def test_a_later_delivery_of_the_same_text_does_not_prove_an_earlier_one(
    sender: WeiboSender, platform: WeiboPlatform, clock: FakeClock
) -> None:
    platform.faults.append(DROP_BEFORE)
    memory, parcel = Remembered(), a_parcel(text=TEXT)
    assert isinstance(await sender.send(parcel, memory), Unknown)
    clock.advance(hours=1)
    assert isinstance(await share(sender), Sent)
    assert await sender.reconcile(parcel, memory) == Unknown("not_seen")


@pytest.mark.parametrize(
    ("page", "code"),
    [("https://elsewhere.test/a", "10017"), ("https://desk.union.test/a #话题#", "20021")],
    ids=["domain", "topic"],
)
async def test_weibos_own_checks_are_final(sender: WeiboSender, platform: WeiboPlatform, page: str, code: str) -> None:
    rendering = replace(a_parcel(text=TEXT).rendering, parts={"text": f"{TEXT} {page}"})
    memory = Remembered()
    outcome = await share(sender, memory, rendering=rendering)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent, platform.statuses) == (code, True, [])
    assert memory.notes[0][0] == code


async def test_what_weibo_said_is_not_lost_when_the_database_is_away(
    sender: WeiboSender, platform: WeiboPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(sender._authorising, "refused", away)
    platform.everything = 21332
    outcome = await share(sender)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.reauthorise) == ("21332", True)
