"""Telegram on the bench: once with a photo, once with a text. It cannot be asked what came of a message."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import httpx

from bot.channels.telegram.publisher import TelegramPublisher, make_bot
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Parcel
from bot.publishing.rendering import Rendering
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.emulators.served import Served, serving
from tests.emulators.telegram import (
    CHAT,
    DROP_AFTER,
    DROP_BEFORE,
    FAIL_AFTER,
    FAIL_BEFORE,
    HANG_AFTER,
    HANG_BEFORE,
    RATE_LIMITED,
    TOKEN,
    TelegramPlatform,
    read_html,
)
from tests.fakes import FakeClock

PICTURE = b"\xff\xd8\xff\xe0 a jpeg"
PAGE = "https://desk.union.test/posts/winter-wages"
SENDS = ("sendMessage", "sendPhoto")

FAULTS: dict[Fault, str | tuple[int, str]] = {
    Fault.TIMEOUT_BEFORE: HANG_BEFORE,
    Fault.TIMEOUT_AFTER: HANG_AFTER,
    Fault.DROPPED_BEFORE: DROP_BEFORE,
    Fault.DROPPED_AFTER: DROP_AFTER,
    Fault.ERROR_BEFORE: FAIL_BEFORE,
    Fault.ERROR_AFTER: FAIL_AFTER,
    Fault.REFUSED: (400, f"Bad Request: can't parse entities, says bot{TOKEN}"),
    Fault.RATE_LIMITED: RATE_LIMITED,
}


def a_parcel(form: str, kind: Kind = Kind.PUBLISH, *, text: str, earlier: str = "") -> Parcel:
    cover = hashlib.sha256(PICTURE).hexdigest()
    html = f'<b>{text}</b>\n\n• 先留证据\n\n<a href="{PAGE}">网页</a>'
    return Parcel(
        delivery=f"d-{kind}",
        key=f"key-{kind}",
        kind=kind,
        rendering=Rendering(channel="telegram", parts={"text": html, "form": form}, cover=cover, link=PAGE),
        pictures={cover: PICTURE},
        earlier=earlier,
    )


class TelegramBench(Bench):
    secrets = (TOKEN,)

    def __init__(self, served: Served, platform: TelegramPlatform, form: str) -> None:
        self.served, self.platform, self.clock, self.form = served, platform, platform.clock, form
        self.bot = make_bot(TOKEN, served.base)
        self.sender = TelegramPublisher(bot=self.bot, chat=CHAT)

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        return a_parcel(self.form, kind, text=text, earlier=earlier)

    def fail(self, fault: Fault) -> None:
        if fault is Fault.AWAY:
            self.served.leave()
        elif fault is Fault.UNAUTHORISED:
            self.platform.token = "7001:AAanother"
        else:
            self.platform.faults.append(FAULTS[fault])
        if fault in (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER):
            self.bot.request._client.timeout = httpx.Timeout(0.6)

    async def mend(self) -> None:
        self.platform.token = TOKEN
        await self.served.listen()

    def asked(self) -> int:
        return self.platform.called(*SENDS)

    def published(self) -> int:
        return self.platform.sent

    def there(self) -> list[str]:
        return [read_html(message.html)[0] for message in self.platform.messages.values()]


@asynccontextmanager
async def running(form: str) -> AsyncIterator[Bench]:
    platform = TelegramPlatform(FakeClock())
    async with serving(platform.answer) as served:
        bench = TelegramBench(served, platform, form)
        yield bench
        await bench.sender.close()


def case(form: str) -> SenderCase:
    start: Callable[[], AbstractAsyncContextManager[Bench]] = partial(running, form)
    return SenderCase(f"telegram-{form}", start)


CASES = (case("text"), case("photo"))
