"""The site on the bench: its platform is the ledger itself, in which the dispatcher writes what came of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome, Sent
from bot.publishing.ports import Frame, Memory, Parcel
from bot.publishing.posts import Content
from bot.publishing.public_view import SentLine, find_standing
from bot.site.post_page import read_page
from bot.site.post_renderer import SitePostRenderer
from bot.site.post_sender import SitePostSender
from bot.wording import Wording
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from bot.publishing.rendering import Rendering

BASE = "https://union.test"
FRAME = Frame(federation="菏泽市总工会", short_name="市总", hotline="12351", base_url=BASE)
WORDS = Wording({"site.hotlines": "12333 劳动监察", "site.emergencies": "110 报警"})


class Ledger(SitePostSender):
    """Lets what was sent stand, as the dispatcher does when it writes the outcome."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(BASE)
        self._clock = clock
        self.lines: list[SentLine] = []
        self.renderings: dict[str, Rendering] = {}

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        outcome = await super().send(parcel, memory)
        if isinstance(outcome, Sent):
            at = self._clock.now() + timedelta(seconds=len(self.lines))
            self.renderings[parcel.rendering.digest] = parcel.rendering
            self.lines.append(
                SentLine(delivery=parcel.delivery, post="p", kind=parcel.kind, rendering=parcel.rendering.digest, at=at)
            )
        return outcome


class SiteBench(Bench):
    faults: frozenset[Fault] = frozenset()  # nothing is called, so nothing can go wrong on the way

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = self.sender = Ledger(self.clock)

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        content = Content(slug="winter-wages", title="年底欠薪", body=text)
        rendering = SitePostRenderer(WORDS, "12351").render(content, FRAME)
        return Parcel(delivery=f"d-{kind}", key=f"key-{kind}", kind=kind, rendering=rendering, earlier=earlier)

    def fail(self, fault: Fault) -> None:
        raise AssertionError(f"no {fault} here")

    def asked(self) -> int:
        return len(self.ledger.lines)

    def published(self) -> int:
        return sum(line.kind is Kind.PUBLISH for line in self.ledger.lines)

    def there(self) -> list[str]:
        standing = find_standing(self.ledger.lines)
        if standing is None or standing.withdrawn_at:
            return []
        return [read_page(self.ledger.renderings[standing.rendering]).body]


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    yield SiteBench()


CASES = (SenderCase("site", running),)
