"""Dispatchers of notices on a real store: each sends what is due, together they send it once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.complaints.cases import Direction
from bot.complaints.lifecycle import Progress, State
from bot.complaints.notices import Road, Sending, StaffNotice
from bot.complaints.sending import PAUSES
from bot.complaints.worker import reaching
from bot.complaints.worker.notifying import WorkerNotifier
from bot.complaints.worker.reaching import SUBSCRIPTION, TEMPLATE
from bot.errors import OutcomeUnknown, RecipientGone, VendorError
from bot.keyring import KeyRing
from bot.metrics import NoMetrics
from bot.roles import Role
from bot.staff.letters import Letter, LetterWriter
from bot.staff.members import StaffMember
from bot.staff.notifying import StaffNotifier
from bot.store.outbox import LEASE
from bot.store.unit_of_work import SqlStore
from bot.wording import load_wording
from tests.builders import ROOT
from tests.cases import a_message, a_statement, register
from tests.desk import a_desk
from tests.fakes import FakeClock

WRITER = LetterWriter(load_wording(ROOT / "content" / "replies"), federation="菏泽工会", page="")
PEOPLE = ("anna", "bert", "carl")


@dataclass
class Postman:
    """Carries letters to staff and notices to workers. `faults` are raised, first to last; None: it goes well."""

    grant: str = TEMPLATE
    once: bool = False
    faults: list[BaseException | None] = field(default_factory=list)
    letters: list[tuple[str, Letter]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    async def _go(self) -> None:
        await asyncio.sleep(0)  # the others get their turn meanwhile
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault


@dataclass
class StaffPostman(Postman):
    async def send(self, letter: Letter, *, to: str, key: str) -> None:
        self.letters.append((to, letter))
        await self._go()


@dataclass
class WorkerPostman(Postman):
    async def send(self, address: str, kind: str, *, key: str, now: datetime) -> None:
        self.told.append((address, kind))
        await self._go()


def staff_notifier(store: SqlStore, clock: FakeClock, carriers: Mapping[Road, StaffPostman]) -> StaffNotifier:
    return StaffNotifier(write=store.write, carriers=carriers, writer=WRITER, clock=clock, metrics=NoMetrics())


def worker_notifier(store: SqlStore, clock: FakeClock, carrier: WorkerPostman) -> WorkerNotifier:
    return WorkerNotifier(write=store.write, carriers={"wechat": carrier}, clock=clock, metrics=NoMetrics())


async def hire(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        for name in PEOPLE:
            member = StaffMember(
                id=name, login=name, name=name, role=Role.CADRE, mail=f"{name}@union.test", wecom=f"wx-{name}"
            )
            await work.staff.add(member, "no password", clock.now())
        await work.commit()


async def plan(store: SqlStore, clock: FakeClock, *roads: Road, count: int = 1) -> None:
    """That many notices for each member by each of the roads."""
    async with store.write() as work:
        for number in range(count):
            for staff in PEOPLE:
                for road in roads:
                    key = f"due:{number}:{staff}:{road}"
                    case = f"HZ261122-{number:06}"
                    await work.notices.add(
                        StaffNotice(key=key, road=road, kind="assigned", staff=staff, number=case), clock.now()
                    )
        await work.commit()


async def test_two_dispatchers_send_every_notice_once(open_store: Callable[[], SqlStore], clock: FakeClock) -> None:
    stores = [open_store() for _ in range(2)]
    await hire(stores[0], clock)
    await plan(stores[0], clock, Road.MAIL, Road.WECOM, count=20)
    mail, wecom = StaffPostman(), StaffPostman()
    notifiers = [staff_notifier(store, clock, {Road.MAIL: mail, Road.WECOM: wecom}) for store in stores * 2]
    figures = await asyncio.gather(*(notifier.run() for notifier in notifiers))
    assert sum(one.get("sent", 0) for one in figures) == 120
    sent = Counter((to, line) for to, letter in mail.letters for line in letter.lines)
    assert set(sent.values()) == {1}
    assert len(sent) == 60
    posted = Counter(line for _, letter in wecom.letters for line in letter.lines)
    assert set(posted) == {f"HZ261122-{number:06} 指派办理" for number in range(20)}
    assert {name for _, letter in wecom.letters for name in letter.mentions} == {f"wx-{name}" for name in PEOPLE}
    assert (await notifiers[0].run()) == {}


async def test_a_server_that_is_away_is_tried_less_and_less_often_and_then_given_up(
    store: SqlStore, clock: FakeClock
) -> None:
    await hire(store, clock)
    await plan(store, clock, Road.MAIL)
    mail = StaffPostman(faults=[VendorError("unreachable") for _ in range(99)])
    notifier = staff_notifier(store, clock, {Road.MAIL: mail})
    assert await notifier.run() == {"put_off": 1}, "the others wait for the same server"
    for _ in range(2):
        await notifier.run()
    assert len(mail.letters) == 3
    for tried, pause in enumerate(PAUSES, 2):
        clock.advance(seconds=pause.total_seconds() - 1)
        assert await notifier.run() == {}
        clock.advance(seconds=1)
        for _ in PEOPLE:
            await notifier.run()
        assert len(mail.letters) == 3 * tried
    clock.advance(days=1)
    assert await notifier.run() == {}
    async with store.read() as work:
        assert await work.notices.count_given_up() == 3


async def test_a_road_that_is_blocked_does_not_block_the_other(store: SqlStore, clock: FakeClock) -> None:
    await hire(store, clock)
    await plan(store, clock, Road.MAIL, Road.WECOM)
    mail, wecom = StaffPostman(faults=[VendorError("unreachable")]), StaffPostman()
    figures = await staff_notifier(store, clock, {Road.MAIL: mail, Road.WECOM: wecom}).run()
    assert (figures, len(wecom.letters)) == ({"put_off": 1, "sent": 3}, 1)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (OutcomeUnknown("unreachable"), Sending.UNKNOWN),
        (VendorError("smtp_550", permanent=True), Sending.FAILED),
    ],
    ids=["unknown", "refused"],
)
async def test_what_is_unknown_or_refused_for_good_is_shown_and_not_sent_again(
    store: SqlStore, clock: FakeClock, fault: VendorError, state: Sending
) -> None:
    await hire(store, clock)
    await plan(store, clock, Road.WECOM)
    postman = StaffPostman(faults=[fault])
    notifier = staff_notifier(store, clock, {Road.WECOM: postman})
    await notifier.run()
    for _ in range(30):
        clock.advance(hours=1)
        await notifier.run()
    assert len(postman.letters) == 1
    async with store.read() as work:
        assert {(one.state, one.error) for one in await work.notices.troubled()} == {(state, fault.code)}


async def test_a_process_that_dies_while_sending_leaves_the_notice_unknown(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    """Between intent and outcome: it may have gone out, and nobody sends it again without being asked."""
    store = open_store()
    await hire(store, clock)
    await plan(store, clock, Road.WECOM)
    dying = StaffPostman(faults=[asyncio.CancelledError()])
    with pytest.raises(asyncio.CancelledError):
        await staff_notifier(store, clock, {Road.WECOM: dying}).run()
    living = StaffPostman()
    other = staff_notifier(open_store(), clock, {Road.WECOM: living})
    assert await other.run() == {}
    clock.advance(seconds=LEASE.total_seconds())
    assert await other.run() == {"unknown": 3}
    assert (len(dying.letters), living.letters) == (1, [])
    async with store.read() as work:
        assert {one.state for one in await work.notices.troubled()} == {Sending.UNKNOWN}


async def test_who_has_left_or_has_no_address_gets_no_mail(store: SqlStore, clock: FakeClock) -> None:
    await hire(store, clock)
    await plan(store, clock, Road.MAIL)
    async with store.write() as work:
        await work.staff.change("anna", clock.now(), active=False)
        await work.staff.change("bert", clock.now(), mail="")
        await work.commit()
    mail = StaffPostman()
    assert await staff_notifier(store, clock, {Road.MAIL: mail}).run() == {"failed": 2, "sent": 1}
    assert [to for to, _ in mail.letters] == ["carl@union.test"]


async def a_linked_case(store: SqlStore, *grants: str, person: str = "p1", **fields: object) -> str:
    """A case with news for its worker, and a notice planned."""
    case = await register(store, reachable=bool(grants), **fields)
    async with store.write() as work:
        await work.links.add(case.id, person, "wechat", f"openid-{person}", grants, case.registered_at)
        await work.messages.add(case.id, a_message("有消息了", direction=Direction.TO_WORKER, by="anna"))
        (link,) = await work.links.of(case.id)
        await work.worker_notices.add(case.id, link.id, "news", case.registered_at)
        await work.commit()
    return case.id


async def standing(store: SqlStore, case_id: str) -> tuple[bool, list[str], tuple[str, ...]]:
    """Whether the worker can be reached, what the timeline says of it, and the grants left."""
    async with store.read() as work:
        (case,) = await work.cases.find_many([case_id])
        entries = [f"{one.kind} {one.data['cause']}" for one in await work.timeline.of(case_id) if "cause" in one.data]
        return case.reachable, entries, tuple(grant for link in await work.links.of(case_id) for grant in link.grants)


async def test_two_dispatchers_tell_a_worker_once(
    open_store: Callable[[], SqlStore], clock: FakeClock, keys: KeyRing
) -> None:
    stores = [open_store() for _ in range(2)]
    cases = [await a_linked_case(stores[0], SUBSCRIPTION, person=f"p{number}") for number in range(12)]
    postman = WorkerPostman(grant=SUBSCRIPTION, once=True)
    await asyncio.gather(*(worker_notifier(store, clock, postman).run() for store in stores * 2))
    assert Counter(postman.told) == Counter({(f"openid-p{number}", "news"): 1 for number in range(12)})
    for case in cases:
        assert await standing(stores[0], case) == (False, [], ()), "the subscription was good for one"


async def test_a_grant_that_lasts_stays_and_the_case_stays_reachable(store: SqlStore, clock: FakeClock) -> None:
    case = await a_linked_case(store, TEMPLATE)
    assert await worker_notifier(store, clock, WorkerPostman()).run() == {"sent": 1}
    assert await standing(store, case) == (True, [], (TEMPLATE,))


async def test_a_subscription_that_was_not_used_is_given_back_and_used_later(store: SqlStore, clock: FakeClock) -> None:
    case = await a_linked_case(store, SUBSCRIPTION)
    postman = WorkerPostman(grant=SUBSCRIPTION, once=True, faults=[VendorError("45009")])
    notifier = worker_notifier(store, clock, postman)
    assert await notifier.run() == {"put_off": 1}
    assert await standing(store, case) == (True, [], (SUBSCRIPTION,))
    clock.advance(seconds=PAUSES[0].total_seconds())
    assert await notifier.run() == {"sent": 1}
    assert await standing(store, case) == (False, [], ())


async def test_a_worker_who_takes_none_any_more_cannot_be_reached_and_the_cadre_sees_it(
    store: SqlStore, clock: FakeClock
) -> None:
    case = await a_linked_case(store, TEMPLATE)
    postman = WorkerPostman(faults=[RecipientGone("43004")])
    assert await worker_notifier(store, clock, postman).run() == {"gone": 1}
    assert await standing(store, case) == (False, ["notice_failed 43004"], ())
    assert await worker_notifier(store, clock, postman).run() == {}


async def test_what_nobody_knows_of_stands_in_the_timeline_and_is_not_sent_again(
    store: SqlStore, clock: FakeClock
) -> None:
    case = await a_linked_case(store, TEMPLATE)
    postman = WorkerPostman(faults=[OutcomeUnknown("unreachable")])
    assert await worker_notifier(store, clock, postman).run() == {"unknown": 1}
    clock.advance(days=1)
    assert await worker_notifier(store, clock, postman).run() == {}
    assert len(postman.told) == 1
    assert (await standing(store, case))[1] == ["notice_unknown unreachable"]


async def test_a_process_that_dies_while_telling_leaves_it_in_the_timeline(store: SqlStore, clock: FakeClock) -> None:
    case = await a_linked_case(store, SUBSCRIPTION)
    dying = WorkerPostman(grant=SUBSCRIPTION, once=True, faults=[asyncio.CancelledError()])
    with pytest.raises(asyncio.CancelledError):
        await worker_notifier(store, clock, dying).run()
    clock.advance(seconds=LEASE.total_seconds())
    living = WorkerPostman(grant=SUBSCRIPTION, once=True)
    assert await worker_notifier(store, clock, living).run() == {"unknown": 1}
    assert living.told == []
    assert await standing(store, case) == (False, ["notice_unknown interrupted"], ())


@pytest.mark.parametrize(
    ("fault", "grants"),
    [(RecipientGone("43004"), (TEMPLATE,)), (OutcomeUnknown("unreachable"), (TEMPLATE,)), (None, ())],
    ids=["refused", "unknown", "no-grant"],
)
async def test_who_could_not_be_told_is_listed_for_a_call_at_once_until_they_look_themselves(
    store: SqlStore, clock: FakeClock, keys: KeyRing, fault: BaseException | None, grants: tuple[str, ...]
) -> None:
    case = await a_linked_case(store, *grants)
    await worker_notifier(store, clock, WorkerPostman(faults=[fault])).run()
    assert await listed(store, case) == (True, ["call_back"])
    store._rules = a_desk(keys).rules
    async with store.write() as work:
        await a_desk(keys).follower.tracking(work, case, clock.now())
        await work.commit()
    assert (await listed(store, case))[0] is False


@pytest.mark.parametrize("why", ["no-number", "about-union-staff", "held-back"])
async def test_who_cannot_be_called_or_is_none_of_the_operators_business_is_not_listed(
    store: SqlStore, clock: FakeClock, why: str
) -> None:
    said = a_statement(phone="", contact="") if why == "no-number" else a_statement()
    fields = {"about_union_staff": why == "about-union-staff", "quarantined": why == "held-back"}
    case = await a_linked_case(store, TEMPLATE, statement=said, **fields)
    await worker_notifier(store, clock, WorkerPostman(faults=[RecipientGone("43004")])).run()
    assert await listed(store, case) == (False, [])


async def test_a_case_that_waits_for_a_verdict_stays_listed_when_its_worker_only_looks(
    store: SqlStore, clock: FakeClock, keys: KeyRing
) -> None:
    case = await register(store, progress=Progress(state=State.RESOLVED), call_back_due=True)
    store._rules = a_desk(keys).rules
    async with store.write() as work:
        await a_desk(keys).follower.tracking(work, case.id, clock.now())
        await work.commit()
    assert (await listed(store, case.id))[0] is True


async def listed(store: SqlStore, case_id: str) -> tuple[bool, list[str]]:
    """Whether the case is listed for a call, and how often that was written down."""
    async with store.read() as work:
        (case,) = await work.cases.find_many([case_id])
        return case.call_back_due, [one.kind for one in await work.timeline.of(case_id) if one.kind == "call_back"]


async def test_without_a_grant_nothing_is_sent(store: SqlStore, clock: FakeClock) -> None:
    case = await a_linked_case(store)
    postman = WorkerPostman()
    assert await worker_notifier(store, clock, postman).run() == {"failed": 1}
    assert (postman.told, (await standing(store, case))[1]) == ([], ["notice_failed no_grant"])


@pytest.mark.parametrize("why", ["read", "left", "deleted", "answered"])
async def test_nobody_is_called_to_what_is_of_no_use_to_them(store: SqlStore, clock: FakeClock, why: str) -> None:
    progress = Progress(state=State.FOLLOWED_UP if why == "answered" else State.RESOLVED)
    case = await a_linked_case(store, TEMPLATE, progress=progress)
    async with store.write() as work:
        if why in ("read", "answered"):
            await work.messages.mark_read(case, Direction.TO_WORKER, clock.now())
        if why == "left":
            await reaching.unlink(work, "p1")
        if why == "deleted":
            await work.cases.delete_content(case, clock.now())
        if why == "answered":
            (link,) = await work.links.of(case)
            await work.worker_notices.add(case, link.id, "verdict", clock.now() - timedelta(days=1))
        await work.commit()
    postman = WorkerPostman()
    await worker_notifier(store, clock, postman).run()
    assert postman.told == []
    async with store.read() as work:
        assert await work.worker_notices.of(case) == []
