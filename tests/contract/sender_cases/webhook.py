"""A webhook on the bench: a receiver that takes repetitions for new, and one that keeps its promise."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.channels.webhook.render import WebhookRenderer
from bot.channels.webhook.sender import Target, WebhookSender, make_client
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Frame, Parcel
from bot.publishing.posts import Content
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.emulators.receiver import Receiver
from tests.emulators.served import Served, serving
from tests.fakes import FakeClock

SECRET = "webhook-key-41f7"
FRAME = Frame(federation="菏泽市总工会", short_name="市总", hotline="12351", base_url="https://union.test")


class WebhookBench(Bench):
    secrets = (SECRET,)

    def __init__(self, served: Served, receiver: Receiver, sender: WebhookSender) -> None:
        self.served, self.receiver, self.clock, self.sender = served, receiver, receiver.clock, sender
        self.retries_errors = receiver.careful

    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        content = Content(slug="winter-wages", title=text, body="先留**证据**。", tags=("欠薪",))
        rendering = WebhookRenderer("paper").render(content, FRAME)
        return Parcel(delivery=f"d-{kind}", key=f"key-{kind}", kind=kind, rendering=rendering, earlier=earlier)

    def fail(self, fault: Fault) -> None:
        if fault is Fault.AWAY:
            self.served.leave()
        elif fault is Fault.UNAUTHORISED:
            self.receiver.unauthorised = True
        else:
            self.receiver.fault = fault
        if fault in (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER):
            self.sender._seconds = 0.4

    async def mend(self) -> None:
        self.receiver.unauthorised = False
        await self.served.listen()

    def asked(self) -> int:
        return self.receiver.asked

    def published(self) -> int:
        return self.receiver.published

    def there(self) -> list[str]:
        return [article["title"] for article in self.receiver.articles.values()]


def running(*, careful: bool) -> Callable[[], AbstractAsyncContextManager[Bench]]:
    @asynccontextmanager
    async def run() -> AsyncIterator[Bench]:
        receiver = Receiver(FakeClock(), SECRET, careful=careful)
        async with serving(receiver.answer) as served, make_client() as client:
            target = Target(id="paper", url=f"{served.base}/gonghui", secret=SECRET, deduplicates=careful)
            yield WebhookBench(served, receiver, WebhookSender(target, client=client, clock=receiver.clock))

    return run


CASES = (
    SenderCase("webhook", running(careful=False)),
    SenderCase("webhook_that_deduplicates", running(careful=True)),
)
