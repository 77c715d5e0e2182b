"""Subscribers, posts and a channel that does what the test says, on a store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from bot.subscriptions.broadcasting import LEASE, TAKEN_FOR, Broadcaster
from bot.subscriptions.bulletins import BulletinWriter
from bot.subscriptions.issues import Item, News
from bot.subscriptions.ledger import Claimed
from bot.subscriptions.links import Links
from bot.subscriptions.making import IssueMaker
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import SENT, Bulletin, Ending
from bot.subscriptions.service import Subscriptions
from bot.subscriptions.subscribers import TELEGRAM, Pace
from bot.wording import load_wording
from tests.builders import ROOT
from tests.fakes import FakeClock

PATIENT = Rate(28.0, timedelta(seconds=1), tolerance=timedelta(hours=1))
"""No slot is missed: one clock is turned by everybody who waits."""

DEAD = "dead"
WORDS = load_wording(ROOT / "content" / "replies")


@dataclass
class FakeSender:
    """Answers as it was told, in order, and SENT when nothing is left; remembers what arrived and when."""

    clock: Clock
    channel: str = TELEGRAM
    rate: Rate = field(default_factory=lambda: PATIENT)
    granted: bool = False
    says: list[Ending | BaseException] = field(default_factory=list)
    got: list[tuple[str, Bulletin]] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)

    async def send(self, address: str, bulletin: Bulletin, *, key: str) -> Ending:
        said = self.says.pop(0) if self.says else SENT
        if isinstance(said, BaseException):
            raise said
        if said is SENT:
            self.got.append((address, bulletin))
            self.at.append(self.clock.now())
        return said

    @property
    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.got)


@dataclass
class Office:
    """What broadcasts work with in a test."""

    store: SqlStore
    keys: KeyRing
    clock: Clock
    sender: FakeSender
    news: list[News] = field(default_factory=list)

    @property
    def service(self) -> Subscriptions:
        return Subscriptions(self.keys, Links(self.keys, "https://ask.test"), (TELEGRAM,))

    @property
    def maker(self) -> IssueMaker:
        async def news() -> Sequence[News]:
            return self.news

        fields = {"write": self.store.write, "read": self.store.read, "clock": self.clock, "weekday": 4, "hour": 10}
        return IssueMaker(news=news, senders={self.sender.channel: self.sender}, **fields)

    def worker(self, name: str = "w") -> Broadcaster:
        writer = BulletinWriter(WORDS, self.service.links, "菏泽工会")
        senders = {self.sender.channel: self.sender}
        return Broadcaster(write=self.store.write, senders=senders, writer=writer, clock=self.clock, worker=name)

    def publish(self, post: str = "p1", *, tags: tuple[str, ...] = (), at: datetime | None = None) -> News:
        item = Item(post=post, title=f"题目 {post}", digest="一句话", path=f"/posts/{post}", tags=tags)
        self.news.append(News(item=item, at=at or self.clock.now()))
        return self.news[-1]

    async def subscribe(self, *addresses: str, pace: Pace = Pace.AT_ONCE, topics: tuple[str, ...] = ()) -> list[str]:
        ids = []
        async with self.store.write() as work:
            for address in addresses:
                now = self.clock.now()
                ids.append(await self.service.subscribe(work, self.sender.channel, address, topics, pace, now))
            await work.commit()
        return ids

    async def leave_sending(self, begun: int = 1, taken: int = 0) -> list[Claimed]:
        """A worker takes so many, commits the intent of some of them, and is never heard of again."""
        now, limit = self.clock.now(), max(begun, taken)
        fields = {"channel": self.sender.channel, "worker": DEAD, "now": now, "begin": now, "held_for": TAKEN_FOR}
        async with self.store.write() as work:
            claimed = await work.broadcasts.claim(**fields, limit=limit, rate=Rate(28.0), granted=self.sender.granted)
            mine = await work.broadcasts.intend(claimed.claimed[:begun], DEAD, now + LEASE)
            await work.commit()
        assert len(mine) == begun
        return list(claimed.claimed)

    async def lose_one(self, clock: FakeClock) -> None:
        """One of those that are due ends as unknown."""
        await self.leave_sending()
        clock.advance(seconds=LEASE.total_seconds() + 1)
        await self.worker().sweep()

    async def states(self) -> dict[str, int]:
        """How many recipients are in which state, over all issues."""
        async with self.store.read() as work:
            issues = await work.broadcasts.issues(limit=500)
            tallies = await work.broadcasts.tallies([issue.id for issue in issues])
        counts: dict[str, int] = {}
        for tally in tallies.values():
            for (_, state), number in tally.counts.items():
                counts[state.value] = counts.get(state.value, 0) + number
        return counts
