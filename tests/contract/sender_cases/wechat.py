"""The WeChat account in its three modes, against the emulated platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import httpx

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.publish_steps import Mode
from bot.channels.wechat.publisher import WeChatPublisher
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Parcel
from bot.publishing.rendering import Rendering
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.emulators.wechat_publishing import PUBLIC, SECRET, TOKEN, Direct, WeChatPlatform
from tests.fakes import FakeClock

BASE = "https://api.weixin.qq.com"
COVER, INSIDE = "c" * 64, "1" * 64
JPEG = b"\xff\xd8\xff\xe0 a picture"
PNG = b"\x89PNG\r\n\x1a\n a picture"
PAGE = "https://gh.example.org/posts/winter-wages"


class KeptToken:
    """A token store in memory."""

    def __init__(self) -> None:
        self.value: str | None = None

    async def find(self) -> str | None:
        return self.value

    async def save(self, value: str, expires_at: datetime) -> None:
        self.value = value


class KeptPictures:
    """What WeChat issued, in memory."""

    def __init__(self) -> None:
        self.issued: dict[tuple[str, str], str] = {}

    async def find(self, digest: str, purpose: str) -> str:
        return self.issued.get((digest, purpose), "")

    async def keep(self, digest: str, purpose: str, issued: str) -> None:
        self.issued[digest, purpose] = issued


def a_parcel(kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
    parts = {
        "title": text,
        "author": "菏泽市总工会",
        "digest": "被欠薪怎么留证据、找哪里",
        "body": f'<section><p>{text}</p><img src="media:{INSIDE}" alt=""></section>',
        "square": "0.574444_0_1_1",
    }
    return Parcel(
        delivery=f"delivery-{kind}",
        key=f"key-{kind}",
        kind=kind,
        rendering=Rendering(channel="wechat", parts=parts, cover=COVER, media=(INSIDE,), link=PAGE),
        pictures={COVER: JPEG, INSIDE: PNG},
        earlier=earlier,
    )


@dataclass
class WeChatBench(Bench):
    """A publisher before its platform."""

    sender: WeChatPublisher
    clock: FakeClock
    platform: WeChatPlatform
    pictures: KeptPictures
    by_person: bool = False
    secrets: tuple[str, ...] = field(default=(SECRET, TOKEN))

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        return a_parcel(kind, text=text, earlier=earlier)

    def fail(self, fault: Fault) -> None:
        if fault is Fault.AWAY:
            self.platform.away = True
        elif fault is Fault.UNAUTHORISED:
            self.platform.unauthorised = True
        else:
            self.platform.fail(fault, *PUBLIC)

    def asked(self) -> int:
        return self.platform.asked

    def published(self) -> int:
        return self.platform.taken

    def there(self) -> list[str]:
        return self.platform.there

    async def mend(self) -> None:
        self.platform.away = self.platform.unauthorised = False

    async def finish(self) -> None:
        self.platform.finish()


@asynccontextmanager
async def a_bench(mode: Mode, *, confirmed: bool = False) -> AsyncIterator[WeChatBench]:
    clock = FakeClock()
    platform, pictures = WeChatPlatform(clock), KeptPictures()
    async with httpx.AsyncClient(transport=Direct(platform)) as client:
        api = WeChatApi(client=client, base=BASE, app_id="wx01", secret=SECRET, tokens=KeptToken(), clock=clock)
        sender = WeChatPublisher(api=api, issued=pictures, clock=clock, mode=mode, confirmed=confirmed)
        yield WeChatBench(sender, clock, platform, pictures, by_person=mode is Mode.DRAFT)


CASES = [SenderCase(f"wechat-{mode}", partial(a_bench, mode)) for mode in Mode]
