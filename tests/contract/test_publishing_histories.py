"""Whatever happens in whatever order, the public is shown a delivery once: a property over invented histories."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.keyring import KeyRing
from bot.publishing.deliveries import TABLE, Delivery, DeliveryEvent, DeliveryState
from bot.publishing.errors import NotNow
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import Memory, Parcel
from bot.publishing.settling import ATTENDED
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from tests.benchmarks.dying import Died, Life
from tests.fakes import FakeClock
from tests.newsdesk import LEASE, PUBLICIST, Newsdesk, ScriptedSender, a_newsdesk, alerts_of
from tests.newsroom import NINE, a_post, a_rendering, a_schedule

S, E = DeliveryState, DeliveryEvent
SILENT, LOST, DONE, BUSY = "silent", "lost", "done", "busy"


@dataclass
class HonestPlatform(ScriptedSender):
    """Does at each call what the history says, and tells the truth when it is asked.

    silent: acts and says nothing; lost: does not act and says nothing; busy: says that it has not acted.
    """

    does: list[str] = field(default_factory=list)

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        does = self.does.pop(0) if self.does else DONE
        await memory.keep("step", "draft")
        await memory.intend()
        if does in (SILENT, DONE):
            self.public.append(parcel.delivery)
        if does in (SILENT, LOST):
            return Unknown("timeout")
        return Sent(f"id-{parcel.delivery}") if does == DONE else Refused("busy", permanent=False)

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        there = parcel.delivery in self.public
        return Sent(f"id-{parcel.delivery}") if there else Refused("not_there", permanent=False)


jobs = st.sampled_from(["tick", "drain", "sweep", "reconcile", "person", "free", "publish_now"])
deaths = st.tuples(st.just("die"), st.sampled_from(["tick", "drain", "reconcile"]), st.integers(1, 70))
pauses = st.tuples(st.just("wait"), st.sampled_from([20, 301, 360, 1200, 4000]))
histories = st.lists(st.one_of(jobs, jobs, deaths, pauses), min_size=6, max_size=24)
doings = st.lists(st.sampled_from([SILENT, LOST, DONE, BUSY]), max_size=6)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=histories, does=doings, attended=st.booleans())
async def test_no_history_sends_twice(
    migrated_sqlite: Path, keys: KeyRing, history: list[object], does: list[str], attended: bool
) -> None:
    platform, clock = HonestPlatform(does=list(does), attended=attended), FakeClock(NINE)
    with TemporaryDirectory() as folder:
        database = Path(folder) / "gonghui.db"
        shutil.copy(migrated_sqlite, database)
        store = SqlStore(make_engine(f"sqlite+aiosqlite:///{database}"), keys, clock=clock)
        try:
            await _planned(store)
            for action in [*history, "tick", "drain", ("wait", 301), "sweep"]:
                await _act(store, clock, platform, action)
                await _nothing_false(store, platform)
            await _nothing_forgotten(store)
        finally:
            await store.close()


async def _planned(store: SqlStore) -> None:
    async with store.write() as work:
        await work.posts.add(a_post())
        await work.posts.save_renderings([a_rendering()])
        await work.schedules.add(a_schedule())
        await work.commit()


async def _act(  # noqa: C901 - one case for each thing that can happen
    store: SqlStore, clock: FakeClock, platform: HonestPlatform, action: object
) -> None:
    desk = a_newsdesk(store, clock, platform)
    match action:
        case ("wait", int(seconds)):
            clock.advance(seconds=seconds)
        case ("die", str(job), int(dies_at)):
            try:
                await Life(dies_at).live(getattr(desk.dispatcher, job)())
            except Died:
                clock.advance(seconds=LEASE.total_seconds() + 1)
        case "person":
            await _person(store, desk, platform)
        case "free":
            for delivery in await _deliveries(store):
                if delivery.state in (S.HELD, S.REFUSED, S.EXPIRED):
                    await _unless_not_now(desk.dispatcher.free(PUBLICIST, delivery.id))
        case "publish_now":
            async with store.write() as work:
                planned = await _unless_not_now(
                    desk.planner.publish_now(work, PUBLICIST, "post-1", ["mastodon"], clock.now())
                )
                if planned is not None:
                    await work.commit()
        case str(job):
            await getattr(desk.dispatcher, job)()


async def _unless_not_now(doing):  # noqa: ANN001, ANN202 - whatever it gives
    try:
        return await doing
    except NotNow:
        return None


async def _person(store: SqlStore, desk: Newsdesk, platform: HonestPlatform) -> None:
    """Confirms what waits, and says of what is unknown what they see."""
    for delivery in await _deliveries(store):
        if delivery.state is S.WAITING and delivery.code == ATTENDED:
            await desk.dispatcher.confirm(PUBLICIST, delivery.id)
        elif delivery.state is S.UNKNOWN:
            says = desk.dispatcher.found if delivery.id in platform.public else desk.dispatcher.not_found
            await _unless_not_now(says(PUBLICIST, delivery.id))


async def _deliveries(store: SqlStore) -> list[Delivery]:
    async with store.read() as work:
        return await work.deliveries.of_post("post-1")


async def _nothing_false(store: SqlStore, platform: HonestPlatform) -> None:
    """The public sees it once, whichever delivery it is by; and nothing is sent by the ledger that is not there."""
    assert len(platform.public) <= 1
    for delivery in await _deliveries(store):
        assert delivery.state is not S.SENT or delivery.id in platform.public


async def _nothing_forgotten(store: SqlStore) -> None:
    told = {delivery for _, delivery in await alerts_of(store)}
    deliveries = await _deliveries(store)
    assert deliveries
    for delivery in deliveries:
        assert delivery.state not in (S.CLAIMED, S.SENDING)
        assert delivery.id in told or delivery.state in (S.SENT, S.PLANNED, S.CANCELLED)


MAY_HAVE_ACTED = (S.SENDING, S.WAITING, S.UNKNOWN, S.SENT)
SURELY_NOT = (E.RETRY, E.NOT_FOUND, E.REFUSE)


@given(events=st.lists(st.sampled_from(E), max_size=40))
def test_between_two_intents_somebody_has_said_that_it_is_not_there(events: list[E]) -> None:
    """In the table itself: no way leads from one call to the next but over a word that nothing was done."""
    state, called = S.PLANNED, False
    for event in events:
        following = TABLE[state].get(event)
        if following is None:
            continue
        if event is E.INTEND:
            assert not called
            called = True
        if event in SURELY_NOT or event in (E.EXPIRE, E.CANCEL):
            called = False
        if state is S.WAITING and event is E.CLAIM:
            called = False  # it waited for a person before anything was asked of the platform
        state = following


@pytest.mark.parametrize("state", S)
def test_every_state_but_the_last_ones_has_a_way_on(state: S) -> None:
    assert bool(TABLE[state]) == (state not in (S.SENT, S.CANCELLED))
