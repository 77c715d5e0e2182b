"""Mastodon over HTTP: pictures, notices, and answers that a careless reader would take for something else."""

from collections.abc import AsyncIterator

import pytest

from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Refused, Sent, Unknown
from tests.contract.sender_cases import Fault, Remembered
from tests.contract.sender_cases.mastodon import PICTURE, TOKEN, MastodonBench
from tests.emulators.mastodon import MastodonServer
from tests.emulators.served import Request, Response, serving
from tests.fakes import FakeClock


@pytest.fixture
async def bench() -> AsyncIterator[MastodonBench]:
    server = MastodonServer(FakeClock(), TOKEN)
    async with serving(server.answer) as served:
        yield MastodonBench(served, server)


def answering(bench: MastodonBench, status: int, headers: dict[str, str], *, acts: bool) -> None:
    """Let the server say that to the next call that the public could see."""
    change = bench.server._change

    def change_and_say(request: Request) -> Response:
        said = change(request) if acts else Response({})
        return Response(said.tree, status, headers)

    bench.server._change = change_and_say  # type: ignore[method-assign]


async def test_the_picture_is_uploaded_once_and_again_when_the_server_may_have_thrown_it_away(
    bench: MastodonBench,
) -> None:
    bench.fail(Fault.RATE_LIMITED)
    memory, parcel = Remembered(), bench.parcel()
    await bench.sender.send(parcel, memory)
    bench.clock.advance(minutes=20)
    bench.fail(Fault.RATE_LIMITED)
    await bench.sender.send(parcel, memory)
    assert len(bench.server.media) == 1
    bench.clock.advance(hours=2)
    assert isinstance(await bench.sender.send(parcel, memory), Sent)
    assert list(bench.server.media.values()) == [PICTURE, PICTURE]
    (status,) = bench.server.statuses.values()
    assert status.media == ["9001"]


async def test_a_picture_that_is_still_in_work_is_waited_for(bench: MastodonBench) -> None:
    bench.server.processing = 4
    assert isinstance(await bench.sender.send(bench.parcel(), Remembered()), Sent)
    bench.server.processing = 100
    outcome = await bench.sender.send(bench.parcel(Kind.NOTICE), Remembered())
    assert outcome == Refused("media_processing", permanent=False)


async def test_a_correction_keeps_the_picture(bench: MastodonBench) -> None:
    first = await bench.sender.send(bench.parcel(), Remembered())
    assert isinstance(first, Sent)
    await bench.sender.send(bench.parcel(Kind.EDIT, text="更正", earlier=first.vendor_id), Remembered())
    (status,) = bench.server.statuses.values()
    assert (status.edits, len(status.media)) == (1, 1)


async def test_a_notice_answers_the_post_that_it_is_about(bench: MastodonBench) -> None:
    first = await bench.sender.send(bench.parcel(), Remembered())
    assert isinstance(first, Sent)
    notice = await bench.sender.send(bench.parcel(Kind.NOTICE, text="更正", earlier=first.vendor_id), Remembered())
    assert isinstance(notice, Sent)
    assert bench.server.statuses[notice.vendor_id].in_reply_to == first.vendor_id


async def test_what_is_gone_cannot_be_corrected(bench: MastodonBench) -> None:
    outcome = await bench.sender.send(bench.parcel(Kind.EDIT, earlier="115"), Remembered())
    assert outcome == Refused("http_404", permanent=True, detail="Record not found")


async def test_headers_that_make_no_sense_do_not_hide_that_it_is_there(bench: MastodonBench) -> None:
    """The library takes them for a rate limit, though the post has been made."""
    answering(bench, 200, {"X-RateLimit-Reset": "soon"}, acts=True)
    memory, parcel = Remembered(), bench.parcel()
    assert isinstance(await bench.sender.send(parcel, memory), Unknown)
    assert isinstance(await bench.sender.reconcile(parcel, memory), Sent)


async def test_a_redirect_is_a_refusal_and_is_not_followed(bench: MastodonBench) -> None:
    """The token would travel to whoever the answer names."""
    calls: list[Request] = []

    def answer(request: Request) -> Response:
        calls.append(request)
        return Response({})

    async with serving(answer) as elsewhere:
        answering(bench, 307, {"Location": f"{elsewhere.base}/api/v1/statuses"}, acts=False)
        outcome = await bench.sender.send(bench.parcel(), Remembered())
    assert outcome == Refused("http_307", permanent=True)
    assert calls == []


async def test_a_busy_account_is_read_page_by_page(bench: MastodonBench) -> None:
    memory, parcel = Remembered(), bench.parcel()
    bench.fail(Fault.DROPPED_AFTER)
    assert isinstance(await bench.sender.send(parcel, memory), Unknown)
    for number in range(95):
        bench.server.write(f"别的话 {number}")
    assert isinstance(await bench.sender.reconcile(parcel, memory), Sent)


async def test_too_many_posts_since_are_for_a_person_to_read(bench: MastodonBench) -> None:
    memory, parcel = Remembered(), bench.parcel()
    bench.fail(Fault.DROPPED_BEFORE)
    await bench.sender.send(parcel, memory)
    bench.clock.advance(hours=1)
    for number in range(401):
        bench.server.write(f"别的话 {number}")
    assert await bench.sender.reconcile(parcel, memory) == Unknown("similar")


async def test_while_the_server_may_still_be_at_work_nothing_is_said_to_be_absent(bench: MastodonBench) -> None:
    memory, parcel = Remembered(), bench.parcel()
    bench.fail(Fault.DROPPED_BEFORE)
    await bench.sender.send(parcel, memory)
    assert await bench.sender.reconcile(parcel, memory) == Unknown("too_early")
    bench.clock.advance(minutes=3)
    assert await bench.sender.reconcile(parcel, memory) == Refused("not_there", permanent=False)
