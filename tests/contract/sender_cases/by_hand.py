"""A platform without an API: nothing can be called, so nothing can go wrong on the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.by_hand.render import ByHandRenderer
from bot.channels.by_hand.sender import ByHandSender
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Frame, Parcel
from bot.publishing.posts import Content
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.fakes import FakeClock

FRAME = Frame(federation="菏泽市总工会", short_name="市总", hotline="12351", base_url="https://union.test")


class ByHandBench(Bench):
    faults: frozenset[Fault] = frozenset()  # there is nobody who could do us anything
    by_person = True

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sender = ByHandSender("toutiao")

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        rendering = ByHandRenderer("toutiao").render(Content(slug="winter-wages", title=text, body="先留证据。"), FRAME)
        return Parcel(delivery=f"d-{kind}", key=f"key-{kind}", kind=kind, rendering=rendering, earlier=earlier)

    def fail(self, fault: Fault) -> None:
        raise AssertionError(f"no {fault} here")

    def asked(self) -> int:
        return 0

    def published(self) -> int:
        return 0

    def there(self) -> list[str]:
        return []


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    yield ByHandBench()


CASES = (SenderCase("by_hand", running),)
