"""Mastodon on the bench: our emulator, over HTTP."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.mastodon.api import MastodonApi
from bot.channels.mastodon.render import CHANNEL
from bot.channels.mastodon.sender import MastodonSender
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Parcel
from bot.publishing.rendering import Rendering
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.emulators.mastodon import MastodonServer
from tests.emulators.served import Served, serving
from tests.fakes import FakeClock

TOKEN = "mastodon-token-7d1c"
PICTURE = b"\xff\xd8\xff\xe0 a jpeg"
LINK = "https://union.test/posts/winter-wages"


class MastodonBench(Bench):
    secrets = (TOKEN,)

    def __init__(self, served: Served, server: MastodonServer) -> None:
        self.served, self.server, self.clock = served, server, server.clock
        self.api = MastodonApi(server=served.base, token=TOKEN, clock=self.clock, seconds=20)
        self.sender = MastodonSender(self.api, self.clock)

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        cover = hashlib.sha256(PICTURE).hexdigest()
        parts = {"text": f"{text}\n\n先留证据。 #欠薪\n\n{LINK}", "alt": text}
        return Parcel(
            delivery=f"d-{kind}",
            key=f"key-{kind}",
            kind=kind,
            rendering=Rendering(channel=CHANNEL, parts=parts, cover=cover, link=LINK),
            pictures={cover: PICTURE},
            earlier=earlier,
        )

    def fail(self, fault: Fault) -> None:
        if fault is Fault.AWAY:
            self.served.leave()
        elif fault is Fault.UNAUTHORISED:
            self.server.unauthorised = True
        else:
            self.server.fault = fault
        if fault in (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER):
            self.api._seconds = 0.6

    async def mend(self) -> None:
        self.server.unauthorised = False
        await self.served.listen()

    def asked(self) -> int:
        return self.server.asked

    def published(self) -> int:
        return self.server.published

    def there(self) -> list[str]:
        return [status.text for status in self.server.statuses.values()]


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    server = MastodonServer(FakeClock(), TOKEN)
    async with serving(server.answer) as served:
        yield MastodonBench(served, server)


CASES = (SenderCase("mastodon", running),)
