"""Weibo on the bench: a person has confirmed, as by default."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from bot.channels.weibo.api import WeiboApi
from bot.channels.weibo.authorising import Authorisation, WeiboAuthorising
from bot.channels.weibo.sender import WeiboSender
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Parcel
from bot.publishing.rendering import Rendering
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.emulators.served import Served, serving
from tests.emulators.weibo import (
    APP_KEY,
    DROP_AFTER,
    DROP_BEFORE,
    FAIL_AFTER,
    FAIL_BEFORE,
    HANG_AFTER,
    HANG_BEFORE,
    SECRET,
    UID,
    WeiboPlatform,
)
from tests.fakes import FakeClock

PICTURE = b"\xff\xd8\xff\xe0 a picture"
PAGE = "https://desk.union.test/posts/winter-wages"

# Weibo shows no post that it examines: not finding one proves nothing, and a person looks.
FAULTS = {
    Fault.TIMEOUT_BEFORE: HANG_BEFORE,
    Fault.TIMEOUT_AFTER: HANG_AFTER,
    Fault.DROPPED_BEFORE: DROP_BEFORE,
    Fault.DROPPED_AFTER: DROP_AFTER,
    Fault.ERROR_BEFORE: FAIL_BEFORE,
    Fault.ERROR_AFTER: FAIL_AFTER,
    Fault.REFUSED: 10017,
    Fault.RATE_LIMITED: 20016,
}


class KeptAuthorising(WeiboAuthorising):
    """The authorisation in memory: its keeping in the database has tests of its own."""

    kept: Authorisation | None = None

    async def find(self) -> Authorisation | None:
        return self.kept

    async def refused(self, given: Authorisation, code: str) -> None:
        self.kept = None


def an_authorisation(platform: WeiboPlatform) -> Authorisation:
    return Authorisation(
        token=platform.a_token(),
        uid=UID,
        name="菏泽市总工会",
        given_at=platform.clock.now(),
        lasts=timedelta(seconds=platform.lasts),
        by="anna",
    )


def a_sender(base: str, client: httpx.AsyncClient, platform: WeiboPlatform, *, attended: bool = True) -> WeiboSender:
    api = WeiboApi(client=client, base=base, seconds=20)
    authorising = KeptAuthorising(
        api=api, app_key=APP_KEY, secret=SECRET, base_url="", read=_nowhere, write=_nowhere, clock=platform.clock
    )
    authorising.kept = an_authorisation(platform)
    return WeiboSender(api=api, authorising=authorising, clock=platform.clock, attended=attended)


@asynccontextmanager
async def _nowhere() -> AsyncIterator[None]:
    raise AssertionError("nothing is to be looked up in the database")
    yield


def a_parcel(kind: Kind = Kind.PUBLISH, *, text: str, earlier: str = "", address: str = "211.156.0.1") -> Parcel:
    cover = hashlib.sha256(PICTURE).hexdigest()
    return Parcel(
        delivery=f"d-{kind}",
        key=f"k-{kind}",
        kind=kind,
        rendering=Rendering(channel="weibo", parts={"text": f"{text} {PAGE}"}, cover=cover, link=PAGE),
        pictures={cover: PICTURE},
        earlier=earlier,
        confirmed_by="anna",
        confirmed_address=address,
    )


@dataclass
class WeiboBench(Bench):
    sender: WeiboSender
    clock: FakeClock
    platform: WeiboPlatform
    served: Served
    secrets: tuple[str, ...] = field(default=(SECRET, "2.00-token"))
    absence_proves: bool = False

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        return a_parcel(kind, text=text, earlier=earlier)

    def fail(self, fault: Fault) -> None:
        if fault is Fault.AWAY:
            self.served.leave()
        elif fault is Fault.UNAUTHORISED:
            self.platform.everything = 21327
        else:
            self.platform.faults.append(FAULTS[fault])
        if fault in (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER):
            self.sender._api._seconds = 0.6

    def asked(self) -> int:
        return self.platform.shares

    def published(self) -> int:
        return len(self.platform.statuses)

    def there(self) -> list[str]:
        return self.platform.public

    async def mend(self) -> None:
        await self.served.listen()
        self.platform.everything = None
        self.sender._authorising.kept = an_authorisation(self.platform)

    async def finish(self) -> None:
        self.platform.finish()


@asynccontextmanager
async def a_bench() -> AsyncIterator[Bench]:
    clock = FakeClock()
    platform = WeiboPlatform(clock)
    async with serving(platform.answer) as served, httpx.AsyncClient() as client:
        yield WeiboBench(a_sender(served.base, client, platform), clock, platform, served)


CASES = [SenderCase("weibo", a_bench)]
