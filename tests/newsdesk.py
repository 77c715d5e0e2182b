"""A newsroom on a store: a dispatcher with a platform that does what the test says, and alerts that are remembered."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.clock import Clock
from bot.complaints.notices import Road, StaffNotice
from bot.laws.register import Law, LawRegister
from bot.ops.triggers import ApschedulerTriggers
from bot.publishing.alerts import Alert
from bot.publishing.dispatch import Dispatcher
from bot.publishing.outcomes import Outcome, Sent
from bot.publishing.planning import Planner
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel, Pictures, Sender
from bot.publishing.rechecking import Rechecker
from bot.publishing.recurrence import Recurrence
from bot.publishing.sending.parts import Parts
from bot.rights import Actor
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from bot.workdays import WorkCalendar

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

LATE, LEASE = timedelta(minutes=60), timedelta(minutes=5)
PUBLICIST = Actor("publicist", Role.PUBLICIST)
CALENDAR = WorkCalendar(frozenset({2025, 2026, 2027}))
REGISTER = LawRegister({"劳动合同法": Law("劳动合同法", "中华人民共和国劳动合同法", "法律", "现行有效", 98)}, {})

Answer = Outcome | BaseException | Callable[[Parcel, Memory], Any]


@dataclass
class ScriptedSender:
    """Answers as it was told, in order, and `Sent` when nothing is left; counts what became public."""

    channel: str = "mastodon"
    attended: bool = False
    per_minute: int = 0
    abilities: frozenset[Ability] = frozenset(Ability)
    answers: list[Answer] = field(default_factory=list)
    asked: list[Answer] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    condition: ChannelHealth = field(default_factory=lambda: ChannelHealth(state=HealthState.READY))

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        self.parcels.append(parcel)
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            return await answer(parcel, memory)
        await memory.intend()
        if isinstance(answer, BaseException):
            raise answer
        if answer is None or isinstance(answer, Sent):
            self.public.append(parcel.delivery)
        return answer or Sent(f"id-{parcel.delivery}", "https://example.org/1")

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        answer = self.asked.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        assert not callable(answer)
        return answer

    async def health(self) -> ChannelHealth:
        return self.condition


class RememberedAlerts:
    """Puts each alert down in the transaction that it belongs to, as the real ones do, for one member of staff."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def tell(self, work: "UnitOfWork", alert: Alert) -> None:
        data = {"delivery": alert.delivery, "channel": alert.channel, "code": alert.data.get("code", "")}
        notice = StaffNotice(key=alert.once, road=Road.CONSOLE, kind=alert.kind.value, staff=PUBLICIST.id, data=data)
        await work.notices.add(notice, self._clock.now())


async def alerts_of(store: SqlStore) -> list[tuple[str, str]]:
    """What staff were told, the kind with the delivery, in order."""
    async with store.read() as work:
        unseen = await work.notices.unseen(PUBLICIST.id, limit=10_000)
    return sorted((each.notice.kind, each.notice.data["delivery"]) for each in unseen)


class NoPictures:
    """There are none."""

    async def put(self, data: bytes) -> str:
        raise NotImplementedError

    async def get(self, digest: str) -> bytes | None:
        return None


@dataclass
class Newsdesk:
    """The dispatcher with its sender."""

    dispatcher: Dispatcher
    planner: Planner
    sender: ScriptedSender
    parts: Parts


def a_newsdesk(
    store: SqlStore, clock: Clock, *senders: ScriptedSender, pictures: Pictures | None = None, worker: str = "w"
) -> Newsdesk:
    """A newsroom on that store."""
    mine = senders or (ScriptedSender(),)
    parts = make_parts(store.write, store.read, {each.channel: each for each in mine}, clock, pictures, worker)
    planner = Planner(ApschedulerTriggers(), CALENDAR, {})
    return Newsdesk(Dispatcher(parts), planner, mine[0], parts)


def make_parts(  # noqa: PLR0913, PLR0917 - the parts of a dispatcher
    write: Callable[[], AbstractAsyncContextManager["UnitOfWork"]],
    read: Callable[[], AbstractAsyncContextManager["UnitOfWork"]],
    senders: Mapping[str, Sender],
    clock: Clock,
    pictures: Pictures | None = None,
    worker: str = "w",
) -> Parts:
    """The parts of a dispatcher with remembered alerts and a small register of laws."""
    return Parts(
        write=write,
        read=read,
        senders=senders,
        pictures=pictures or NoPictures(),
        alerts=RememberedAlerts(clock),
        clock=clock,
        rechecker=Rechecker(REGISTER),
        recurrence=Recurrence(ApschedulerTriggers(), CALENDAR),
        worker=worker,
        late=LATE,
        lease=LEASE,
    )
