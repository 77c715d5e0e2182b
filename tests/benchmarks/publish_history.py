"""One history of one post on one channel: a platform that fails in one way, a process that dies, and those that follow.

Every life works on the same database with nothing else in common; the platform is that of the sender's contract tests
and takes what it is told as often as it is told. In the end staff look, say truthfully what they see, and it goes on.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.keyring import KeyRing
from bot.publishing.deliveries import OPEN, Delivery, DeliveryState
from bot.publishing.dispatch import Dispatcher
from bot.publishing.errors import NotNow
from bot.publishing.outcomes import Awaited, Sent
from bot.publishing.planning import Planner
from bot.publishing.schedules import Every, Rule
from bot.publishing.settling import ATTENDED
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from tests.benchmarks.dying import Died, Life
from tests.contract.sender_cases import Bench, Fault, SenderCase
from tests.newsdesk import CALENDAR, LEASE, PUBLICIST, ApschedulerTriggers, alerts_of, make_parts
from tests.newsroom import a_content, a_post

ROUNDS = 150
AT_LEAST = timedelta(seconds=20)
MENDED_AFTER = timedelta(minutes=20)
STRAY_SECONDS = 0.03
"""What a dead process had just put on the wire still arrives."""

_S = DeliveryState
_NEED_ALERT = frozenset({_S.UNKNOWN, _S.HELD, _S.EXPIRED, _S.REFUSED, _S.WAITING})


@dataclass(frozen=True)
class History:
    """What is tried: the platform's fault, and the awaits at which the first lives end."""

    case: SenderCase
    fault: Fault | None
    dies_at: tuple[int, ...] = ()


@dataclass
class Told:
    """What came of it. steps: awaits of the first life that was not cut short."""

    double: int = 0
    false_published: int = 0
    forgotten: int = 0
    deaths: int = 0
    steps: int = 0
    ended: str = ""
    notes: list[str] = field(default_factory=list)


class BenchPictures:
    """The pictures that the bench's parcel holds."""

    def __init__(self, pictures: dict[str, bytes]) -> None:
        self._pictures = pictures

    async def put(self, data: bytes) -> str:
        raise NotImplementedError

    async def get(self, digest: str) -> bytes | None:
        return self._pictures.get(digest)


class Performance:
    """Plays one history."""

    def __init__(self, history: History, bench: Bench, database: Path, keys: KeyRing) -> None:
        self.history, self.bench, self.database, self.keys = history, bench, database, keys
        self.clock = bench.clock
        self.began = bench.clock.now()
        self.told = Told()
        parcel = bench.parcel()
        self.rendering, self.pictures = parcel.rendering, dict(parcel.pictures)
        self.deaths_to_come = list(history.dies_at)
        self._opened: SqlStore | None = None

    async def play(self) -> Told:
        """From the planning to the end."""
        try:
            await self._plan()
            await self._leave()
            await self._go_on()
            await self._judge()
        finally:
            await self._leave()
        return self.told

    async def _go_on(self) -> None:
        if self.history.fault is not None:
            self.bench.fail(self.history.fault)
        looked = False
        for _ in range(ROUNDS):
            await self._live()
            delivery = await self._examined()
            if self._is_over(delivery, looked=looked):
                break
            looked = looked or self._looks(delivery)
            await self._move_on(delivery)

    @property
    def store(self) -> SqlStore:
        """The database as the process that lives now has opened it: opening costs more than all that a life does."""
        if self._opened is None:
            self._opened = SqlStore(make_engine(f"sqlite+aiosqlite:///{self.database}"), self.keys, clock=self.clock)
        return self._opened

    async def _leave(self) -> None:
        """This process is over: the next one has nothing in common with it but the database."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    async def _plan(self) -> None:
        channel = self.bench.sender.channel
        content = a_content("history", channels=(channel,))
        post = a_post(content=content, approved={channel: self.rendering.digest}, made_at=self.began)
        planner = Planner(ApschedulerTriggers(), CALENDAR, {})
        rule = Rule(every=Every.ONCE, at=self.began + timedelta(seconds=30))
        async with self.store.write() as work:
            await work.posts.add(post)
            await work.posts.save_renderings([self.rendering])
            await planner.plan(work, PUBLICIST, post.id, rule, [channel], self.began)
            await work.commit()
        self.clock.advance(seconds=30)

    async def _live(self) -> None:
        """One process does what its jobs do, until it is idle or dies. What does not die lives on the next time."""
        life = Life(self.deaths_to_come.pop(0) if self.deaths_to_come else 0)
        if life.dies_at:
            await self._leave()  # it is to die in the opening of the database, too
        try:
            await life.live(self._work())
        except Died:
            self.told.deaths += 1
        if not life.is_dead:
            self.told.steps = max(self.told.steps, life.steps)
            return
        await self._leave()
        await asyncio.sleep(STRAY_SECONDS)
        self.clock.advance(seconds=LEASE.total_seconds() + 1)

    async def _work(self) -> None:
        dispatcher = self._dispatcher()
        await dispatcher.sweep()
        await dispatcher.reconcile()
        await dispatcher.tick()
        await dispatcher.drain()
        await self._person(dispatcher)

    def _dispatcher(self) -> Dispatcher:
        sender, store = self.bench.sender, self.store
        pictures = BenchPictures(self.pictures)
        return Dispatcher(make_parts(store.write, store.read, {sender.channel: sender}, self.clock, pictures))

    async def _person(self, dispatcher: Dispatcher) -> None:
        """A person confirms what waits for one, and says what they see, truthfully, once the platform was asked."""
        delivery = await self._delivery()
        if delivery is None:
            return
        waits = delivery.state is _S.WAITING and delivery.awaited is Awaited.PERSON
        if waits and delivery.code == ATTENDED and not self.bench.by_person:
            await dispatcher.confirm(PUBLICIST, delivery.id, "211.156.0.1")
        elif delivery.state is _S.UNKNOWN and delivery.next_at is None:
            if self.bench.there():
                await dispatcher.found(PUBLICIST, delivery.id, "https://example.org/seen")
            else:
                with suppress(NotNow):  # what was asked may still be on its way: later
                    await dispatcher.not_found(PUBLICIST, delivery.id)
                await dispatcher.drain()
        if delivery.vendor_id and self.bench.there():
            for _ in range(2):  # the platform's event, and the same once more
                await dispatcher.said(delivery.channel, delivery.vendor_id, Sent(delivery.vendor_id))

    async def _examined(self) -> Delivery | None:
        delivery = await self._delivery()
        if delivery is not None and delivery.state is _S.SENT and not await self._shown():
            self.told.false_published = 1
        return delivery

    async def _shown(self) -> int:
        """How often the public was shown it: what its page reads for the site, and what the platform took elsewhere.

        The bench of the site counts what its sender said; the page is public by what the ledger holds.
        """
        if self.bench.sender.channel != "site":
            return self.bench.published() if self.bench.there() else 0
        async with self.store.read() as work:
            return len(await work.site_pages.lines())

    async def _delivery(self) -> Delivery | None:
        async with self.store.read() as work:
            deliveries = await work.deliveries.of_post("post-1")
        if len(deliveries) > 1:
            self.told.notes.append("planned twice")
            self.told.double += len(deliveries) - 1
        return deliveries[0] if deliveries else None

    def _is_over(self, delivery: Delivery | None, *, looked: bool) -> bool:
        if delivery is None or self.deaths_to_come:
            return False
        by_hand = self.bench.by_person and delivery.state is _S.WAITING
        return delivery.state not in OPEN or (by_hand and looked)

    def _looks(self, delivery: Delivery | None) -> bool:
        return delivery is not None and delivery.state is _S.WAITING

    async def _move_on(self, delivery: Delivery | None) -> None:
        """To the time at which something is to be done next; the platform gets on with its work meanwhile."""
        now = self.clock.now()
        times = [delivery.next_at, delivery.claimed_until] if delivery else []
        ahead = [at - now for at in times if isinstance(at, datetime)]
        self.clock.advance(seconds=max([AT_LEAST, *ahead]).total_seconds())
        await self.bench.finish()
        if self.clock.now() - self.began > MENDED_AFTER:
            await self.bench.mend()
            await self._dispatcher().examine()

    async def _judge(self) -> None:
        """What must never be, looked for in the ledger and on the platform."""
        await self.bench.finish()
        delivery, shown, alerts = await self._delivery(), await self._shown(), await alerts_of(self.store)
        self.told.ended = delivery.state.value if delivery else "none"
        self.told.double += max(0, (shown if self.bench.sender.channel == "site" else self.bench.published()) - 1)
        told_of = {of for _, of in alerts}
        self.told.forgotten = int(delivery is None or is_forgotten(delivery, told_of))
        if delivery is not None and delivery.state is _S.SENT and not shown:
            self.told.false_published = 1


def is_forgotten(delivery: Delivery, told_of: Collection[str]) -> bool:
    """Whether it ends neither sent nor with staff told of it. told_of: the deliveries of all alerts."""
    if delivery.state in (_S.PLANNED, _S.CLAIMED, _S.SENDING):
        return True
    return delivery.state in _NEED_ALERT and delivery.id not in told_of


async def play(history: History, template: Path, keys: KeyRing) -> Told:
    """One history, on a database and a platform of its own."""
    with tempfile.TemporaryDirectory(prefix="gonghui-history-") as folder:
        database = Path(folder) / "gonghui.db"
        shutil.copy(template, database)
        async with history.case.running() as bench:
            return await Performance(history, bench, database, keys).play()
