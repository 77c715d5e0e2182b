"""The authorisation of our application at Weibo: asked for in the console, kept sealed, watched until it ends."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.channels.weibo.api import WeiboApi
from bot.channels.weibo.authorising import Authorised, WeiboAuthorising
from bot.channels.weibo.sender import WeiboSender
from bot.publishing.errors import NotAllowed, NotAuthorised
from bot.publishing.ports import HealthState
from bot.rights import Actor
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.emulators.served import Served, serving
from tests.emulators.weibo import APP_KEY, NAME, REDIRECT, SECRET, UID, WeiboPlatform
from tests.fakes import FakeClock

ANNA, BERT = Actor("anna", Role.PUBLICIST), Actor("bert", Role.ADMINISTRATOR)


@pytest.fixture
def platform(clock: FakeClock) -> WeiboPlatform:
    return WeiboPlatform(clock)


@pytest.fixture
async def served(platform: WeiboPlatform) -> AsyncIterator[Served]:
    async with serving(platform.answer) as served:
        yield served


@pytest.fixture
async def api(served: Served) -> AsyncIterator[WeiboApi]:
    async with httpx.AsyncClient() as client:
        yield WeiboApi(client=client, base=served.base)


@pytest.fixture
def authorising(api: WeiboApi, store: SqlStore, clock: FakeClock) -> WeiboAuthorising:
    return WeiboAuthorising(
        api=api,
        app_key=APP_KEY,
        secret=SECRET,
        base_url="https://desk.union.test",
        read=store.read,
        write=store.write,
        clock=clock,
    )


@pytest.fixture
def sender(api: WeiboApi, authorising: WeiboAuthorising, clock: FakeClock) -> WeiboSender:
    return WeiboSender(api=api, authorising=authorising, clock=clock)


async def authorised(authorising: WeiboAuthorising, platform: WeiboPlatform, actor: Actor = ANNA) -> None:
    await authorising.finish(actor, **platform.agree(await authorising.begin(actor)))


async def why_not(authorising: WeiboAuthorising, actor: Actor = ANNA, **given: str) -> str:
    with pytest.raises(NotAuthorised) as caught:
        await authorising.finish(actor, **given)
    assert SECRET not in str(caught.value)
    return caught.value.why


async def test_a_person_agrees_at_weibo_and_comes_back(authorising: WeiboAuthorising, platform: WeiboPlatform) -> None:
    assert (await authorising.standing()).state is Authorised.AGAIN
    address = await authorising.begin(ANNA)
    asked = parse_qs(urlsplit(address).query)
    assert asked["redirect_uri"] == [REDIRECT]
    assert SECRET not in address
    standing = await authorising.finish(ANNA, **platform.agree(address))
    assert (standing.state, standing.name, standing.uid) == (Authorised.OK, NAME, UID)
    assert standing == await authorising.standing()


async def test_the_token_is_sealed_in_the_database_and_in_no_log(
    authorising: WeiboAuthorising, platform: WeiboPlatform, store: SqlStore
) -> None:
    with capture_logs() as logs:
        await authorised(authorising, platform)
    given = await authorising.find()
    assert given
    assert given.token in platform.tokens
    assert given.token not in repr(given)
    assert [secret for secret in (given.token, SECRET) if secret in repr(logs)] == []
    async with store.engine.connect() as connection:
        kept = (await connection.execute(text("SELECT name, value FROM stored_value"))).all()
    assert [name for name, _ in kept] == [f"weibo.authorisation:{APP_KEY}"]
    assert given.token.encode() not in kept[0][1]


async def test_who_authorised_which_account_stands_in_the_audit_log(
    authorising: WeiboAuthorising, platform: WeiboPlatform, store: SqlStore
) -> None:
    await authorised(authorising, platform)
    async with store.read() as work:
        (record, *_), _ = await work.audit.page()
    assert (record.actor, record.action, record.subject) == ("anna", "channel.authorised", "weibo")
    assert record.details == {"uid": UID, "days": "1825"}


async def test_only_who_may_authorise_channels_may(authorising: WeiboAuthorising) -> None:
    for role in (Role.CADRE, Role.LEADER, Role.SUPERVISOR, Role.OPERATOR, Role.WORKER):
        with pytest.raises(NotAllowed):
            await authorising.begin(Actor("carl", role))
        with pytest.raises(NotAllowed):
            await authorising.finish(Actor("carl", role), state="s", code="c")


async def test_nobody_can_be_made_to_finish_what_they_did_not_begin(
    authorising: WeiboAuthorising, platform: WeiboPlatform
) -> None:
    """A forged callback would let our posts go to the forger's account."""
    foreign = platform.agree(await authorising.begin(BERT))
    assert await why_not(authorising, **foreign) == "state"
    await authorising.begin(ANNA)
    assert await why_not(authorising, **foreign) == "state"
    assert await why_not(authorising, state="", code="x") == "state"
    assert [call for call in platform.calls if call.path == "/oauth2/access_token"] == []


async def test_what_was_asked_is_good_once_and_for_ten_minutes(
    authorising: WeiboAuthorising, platform: WeiboPlatform, clock: FakeClock
) -> None:
    back = platform.agree(await authorising.begin(ANNA))
    await authorising.finish(ANNA, **back)
    assert await why_not(authorising, **back) == "state"
    back = platform.agree(await authorising.begin(ANNA))
    clock.advance(minutes=10)
    assert await why_not(authorising, **back) == "state"


async def test_who_declines_at_weibo_leaves_everything_as_it_was(
    authorising: WeiboAuthorising, platform: WeiboPlatform
) -> None:
    await authorised(authorising, platform)
    state = platform.agree(await authorising.begin(ANNA))["state"]
    assert await why_not(authorising, state=state, code="") == "access_denied"
    state = platform.agree(await authorising.begin(ANNA))["state"]
    assert await why_not(authorising, state=state, code="stale") == "21325"
    assert (await authorising.standing()).state is Authorised.OK


async def test_weibo_being_away_is_told(authorising: WeiboAuthorising, platform: WeiboPlatform, served: Served) -> None:
    back = platform.agree(await authorising.begin(ANNA))
    served.leave()
    assert await why_not(authorising, **back) == "unreachable"


async def test_a_warning_comes_when_a_fifth_of_its_life_is_left_and_then_it_is_over(
    authorising: WeiboAuthorising, platform: WeiboPlatform, clock: FakeClock, sender: WeiboSender
) -> None:
    platform.lasts = 30 * 86400
    await authorised(authorising, platform)
    states = {}
    for day in (0, 23, 24, 29, 30):
        async with at(clock, timedelta(days=day)):
            states[day] = (await authorising.standing()).state
    assert states == {
        0: Authorised.OK,
        23: Authorised.OK,
        24: Authorised.SOON,
        29: Authorised.SOON,
        30: Authorised.AGAIN,
    }
    health = await sender.health()
    assert (health.state, health.lasts) == (HealthState.READY, timedelta(days=30))
    assert health.expires_at == clock.now() + timedelta(days=30)
    clock.advance(days=30)
    health = await sender.health()
    assert (health.state, health.detail) == (HealthState.UNAUTHORISED, "expired")


class at:  # noqa: N801 - reads as a word
    """The clock for a while at another time."""

    def __init__(self, clock: FakeClock, later: timedelta) -> None:
        self._clock, self._later = clock, later

    async def __aenter__(self) -> None:
        self._clock.advance(seconds=self._later.total_seconds())

    async def __aexit__(self, *_: object) -> None:
        self._clock.advance(seconds=-self._later.total_seconds())


async def test_a_token_that_weibo_takes_no_more_has_to_be_fetched_again(
    authorising: WeiboAuthorising, platform: WeiboPlatform, sender: WeiboSender
) -> None:
    """The owner has changed the password, or withdrawn what was granted."""
    await authorised(authorising, platform)
    platform.tokens.clear()
    health = await sender.health()
    assert (health.state, health.detail) == (HealthState.UNAUTHORISED, "21327")
    standing = await authorising.standing()
    assert (standing.state, standing.refused) == (Authorised.AGAIN, "21327")
    assert await authorising.usable() is None
    await authorised(authorising, platform, BERT)
    assert (await sender.health()).state is HealthState.READY


async def test_the_refusal_of_an_older_token_does_not_touch_a_newer_one(
    authorising: WeiboAuthorising, platform: WeiboPlatform
) -> None:
    await authorised(authorising, platform)
    older = await authorising.find()
    assert older
    await authorised(authorising, platform)
    await authorising.refused(older, "21327")
    assert (await authorising.standing()).state is Authorised.OK


async def test_health_tells_what_is_left_of_the_calls_and_who_was_never_authorised(
    authorising: WeiboAuthorising, platform: WeiboPlatform, sender: WeiboSender
) -> None:
    assert (await sender.health()).detail == "never_authorised"
    await authorised(authorising, platform)
    assert (await sender.health()).quota == {"calls_left": 97, "calls_per_hour": 100}
