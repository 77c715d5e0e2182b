"""Webhooks over HTTP: what each answer of a receiver means, and what is never called."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.channels.webhook.sender import Target, WebhookSender, make_client
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import HealthState
from tests.contract.sender_cases import Fault, Remembered
from tests.contract.sender_cases.webhook import SECRET, WebhookBench
from tests.emulators.receiver import Receiver
from tests.emulators.served import Response, Served, serving
from tests.fakes import FakeClock
from tests.post import a_certificate

LINK = "https://union.test/posts/winter-wages"


@asynccontextmanager
async def a_bench(url: str = "", **settings: object) -> AsyncIterator[WebhookBench]:
    """A bench whose target may be set otherwise; `{port}` in its address is the receiver's."""
    receiver = Receiver(FakeClock(), SECRET)
    async with serving(receiver.answer) as served, make_client() as client:
        address = (url or "http://127.0.0.1:{port}/in").format(port=served.port)
        target = Target(id="paper", url=address, secret=SECRET, **settings)  # type: ignore[arg-type]
        yield WebhookBench(served, receiver, WebhookSender(target, client=client, clock=receiver.clock))


async def outcome_of(response: Response, kind: Kind = Kind.PUBLISH, **settings: object) -> Outcome:
    async with a_bench(**settings) as bench:
        bench.receiver.says = [response]
        return await bench.sender.send(bench.parcel(kind, earlier="77"), Remembered())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 409])
async def test_taken_and_known_already_are_both_there(status: int) -> None:
    body = b"" if status == 204 else None
    assert await outcome_of(Response({}, status, body=body)) == Sent("key-publish", LINK)


async def test_the_receivers_own_name_and_address_are_kept() -> None:
    tree = {"id": 4711, "address": "https://portal.test/a/4711"}
    assert await outcome_of(Response(tree)) == Sent("4711", "https://portal.test/a/4711")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "x" * 501, f"https://portal.test/?k={SECRET}", 7, "https://["]
)
async def test_an_address_that_is_none_is_not_kept(address: object) -> None:
    assert await outcome_of(Response({"address": address})) == Sent("key-publish", LINK)


@pytest.mark.parametrize("status", [400, 404, 405, 410, 413, 422, 301, 302, 307, 308])
async def test_a_refusal_is_for_good(status: int) -> None:
    assert await outcome_of(Response({}, status)) == Refused(f"http_{status}", permanent=True)


@pytest.mark.parametrize("status", [408, 425, 429])
async def test_what_the_receiver_has_not_taken_up_is_tried_again(status: int) -> None:
    outcome = await outcome_of(Response({}, status, {"Retry-After": "90"}))
    rest = timedelta(seconds=90)
    assert outcome == Refused(f"http_{status}", permanent=False, retry_after=rest, halts=status == 429)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_broken_receiver_is_tried_again_only_when_it_tells_repetitions(status: int) -> None:
    assert await outcome_of(Response({}, status)) == Unknown(f"http_{status}")
    assert await outcome_of(Response({}, status), deduplicates=True) == Refused(f"http_{status}", permanent=False)


@pytest.mark.parametrize("status", [404, 410])
async def test_what_is_gone_is_withdrawn(status: int) -> None:
    assert await outcome_of(Response({}, status), Kind.WITHDRAW) == Sent("77", LINK)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    """Else whoever answers could make us call our own network."""
    elsewhere = Receiver(FakeClock(), SECRET)
    async with serving(elsewhere.answer) as served:
        outcome = await outcome_of(Response({}, status, {"Location": f"{served.base}/in"}))
    assert isinstance(outcome, Refused)
    assert elsewhere.calls == []


async def test_a_receiver_that_does_not_tell_what_it_has_leaves_it_to_a_person() -> None:
    async with a_bench() as bench:
        bench.receiver.answers_checks = False
        bench.fail(Fault.DROPPED_AFTER)
        memory, parcel = Remembered(), bench.parcel()
        assert isinstance(await bench.sender.send(parcel, memory), Unknown)
        assert isinstance(await bench.sender.reconcile(parcel, memory), Unknown)
        health = await bench.sender.health()
        assert (health.state, health.detail) == (HealthState.READY, "cannot_be_asked")
        assert bench.published() == 1


async def test_a_private_address_is_not_called_and_nothing_was_meant() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.8"]

    async with a_bench("https://paper.example/in") as bench:
        bench.sender._resolve = resolve
        memory = Remembered()
        outcome = await bench.sender.send(bench.parcel(), memory)
        assert outcome == Refused("private_address", permanent=True)
        assert (memory.intended, (await bench.sender.health()).detail) == (False, "private_address")


async def test_a_query_of_the_address_stays() -> None:
    async with a_bench("http://127.0.0.1:{port}/in?column=7") as bench:
        parcel, memory = bench.parcel(), Remembered()
        await bench.sender.send(parcel, memory)
        await bench.sender.reconcile(parcel, memory)
        assert [call.query for call in bench.receiver.calls] == [
            {"column": "7"},
            {"column": "7", "delivery": parcel.key},
        ]


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    outcome = await outcome_of(Response(body=b"x" * 5_000_000))
    assert outcome == Sent("key-publish", LINK)


async def test_the_certificate_has_to_be_that_of_the_name(tmp_path: Path) -> None:
    """The call goes to an address that was looked up; the name is demanded all the same."""
    certificate = a_certificate(tmp_path)  # for 127.0.0.1 and nobody else
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver = Receiver(FakeClock(), SECRET)
    served = Served(receiver.answer)
    await served.listen(context)
    trusting = ssl.create_default_context(cafile=certificate)
    async with httpx.AsyncClient(trust_env=False, verify=trusting) as client:
        for host, expected in (("127.0.0.1", Sent), ("localhost", Refused)):
            target = Target(id="paper", url=f"https://{host}:{served.port}/in", secret=SECRET)
            sender = WebhookSender(target, client=client, clock=receiver.clock)
            bench = WebhookBench(served, receiver, sender)
            outcome = await sender.send(bench.parcel(), Remembered())
            assert isinstance(outcome, expected), outcome
    served.leave()
    assert receiver.published == 1
