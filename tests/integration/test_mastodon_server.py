"""The Mastodon sender against a server that others wrote."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest

from bot.channels.mastodon.api import MastodonApi
from bot.channels.mastodon.render import MastodonRenderer
from bot.channels.mastodon.sender import MastodonSender
from bot.clock import SystemClock
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Refused, Sent, Unknown
from bot.publishing.ports import Frame, HealthState, Parcel
from bot.publishing.posts import Content
from tests.contract.sender_cases import Remembered
from tests.emulators.mock_server import TOKEN, NoServer, mastodon_mock
from tests.fakes import FakeClock

PICTURE = b"\xff\xd8\xff\xe0 a jpeg as far as the server looks"
COVER = hashlib.sha256(PICTURE).hexdigest()
FRAME = Frame(federation="菏泽市总工会", short_name="市总", hotline="12351", base_url="https://union.test", cover=COVER)
POST = Content(
    slug="winter-wages", title="年底前，把工资要到手", digest="被欠薪怎么留证据", body="先留证据。", tags=("欠薪",)
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = mastodon_mock(tmp_path_factory.mktemp("mastodon"))
    try:
        base = running.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    yield base
    running.__exit__(None, None, None)


@pytest.fixture
def sender(server: str) -> MastodonSender:
    return MastodonSender(MastodonApi(server=server, token=TOKEN, clock=SystemClock()), SystemClock())


def a_parcel(kind: Kind = Kind.PUBLISH, *, key: str, post: Content = POST, earlier: str = "") -> Parcel:
    rendering = MastodonRenderer().render(post, FRAME)
    return Parcel(delivery=key, key=key, kind=kind, rendering=rendering, pictures={COVER: PICTURE}, earlier=earlier)


def statuses(server: str) -> list[dict[str, object]]:
    headers = {"authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False) as client:
        account = client.get("/api/v1/accounts/verify_credentials").json()["id"]
        return client.get(f"/api/v1/accounts/{account}/statuses").json()


async def test_a_post_goes_out_is_corrected_and_withdrawn(server: str, sender: MastodonSender) -> None:
    first = await sender.send(a_parcel(key="a"), Remembered())
    assert isinstance(first, Sent), first
    (status,) = statuses(server)
    assert (status["id"], status["url"], status["visibility"]) == (first.vendor_id, first.address, "public")
    assert len(status["media_attachments"]) == 1
    correction = Content(slug=POST.slug, title=POST.title, digest="证据这样留", body="先留证据。")
    outcome = await sender.send(a_parcel(Kind.EDIT, key="b", post=correction, earlier=first.vendor_id), Remembered())
    assert isinstance(outcome, Sent), outcome
    (status,) = statuses(server)
    assert "证据这样留" in str(status["content"])
    assert len(status["media_attachments"]) == 1
    outcome = await sender.send(a_parcel(Kind.WITHDRAW, key="c", earlier=first.vendor_id), Remembered())
    assert isinstance(outcome, Sent), outcome
    assert statuses(server) == []


async def test_what_was_lost_on_the_way_back_is_found_on_the_timeline(server: str, sender: MastodonSender) -> None:
    memory, parcel = Remembered(), a_parcel(key="lost")
    sent = await sender.send(parcel, memory)
    assert await sender.reconcile(parcel, memory) == sent
    again = await sender.send(parcel, memory)
    assert again == sent
    assert len(statuses(server)) == 1
    assert isinstance(await sender.send(a_parcel(Kind.WITHDRAW, key="x", earlier=sent.vendor_id), Remembered()), Sent)


async def test_last_weeks_post_is_not_taken_for_todays(server: str, sender: MastodonSender) -> None:
    clock = FakeClock()
    first = await sender.send(a_parcel(key="last-week"), Remembered())
    assert isinstance(first, Sent)
    memory, parcel = Remembered(), a_parcel(key="today")
    never = MastodonSender(MastodonApi(server=server, token=TOKEN, clock=clock), clock)
    await never._remember_newest(memory)
    await memory.keep("asked_at", clock.now().isoformat())
    assert await never.reconcile(parcel, memory) == Unknown("too_early")
    clock.advance(minutes=5)
    assert await never.reconcile(parcel, memory) == Refused("not_there", permanent=False)
    await sender.send(a_parcel(Kind.WITHDRAW, key="y", earlier=first.vendor_id), Remembered())


async def test_the_server_refuses_what_is_too_long_and_who_is_not_known(server: str, sender: MastodonSender) -> None:
    long = Content(slug="long", title="长", digest="很长" * 300, body="长")
    outcome = await sender.send(a_parcel(key="long", post=long), Remembered())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == ("http_422", True)
    stranger = MastodonSender(MastodonApi(server=server, token="stranger", clock=SystemClock()), SystemClock())
    outcome = await stranger.send(a_parcel(key="who"), Remembered())
    assert isinstance(outcome, Refused)
    assert outcome.reauthorise
    assert (await stranger.health()).state is HealthState.UNAUTHORISED
    assert statuses(server) == []


async def test_health_names_what_one_post_takes_there(server: str, sender: MastodonSender) -> None:
    health = await sender.health()
    assert (health.state, health.quota) == (HealthState.READY, {"characters": 500})
    api = MastodonApi(server=server, token=TOKEN, clock=SystemClock())
    health = await MastodonSender(api, SystemClock(), characters=5000).health()
    assert (health.state, health.detail) == (HealthState.FAULTY, "characters")
