"""The outboxes of notices: planned once, claimed by one, and never sent again by a machine that does not know."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.complaints.notices import Road, Sending, StaffNotice, StoredStaffNotice
from bot.store.outbox import EXPIRED, INTERRUPTED, LATEST, LEASE
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock

MAIL = {Road.MAIL}
CASE = "c" * 32


def a_notice(key: str = "overdue:1:2026-11-22", road: Road = Road.MAIL, **fields: str) -> StaffNotice:
    values = {"kind": "overdue", "staff": "a" * 32, "number": "HZ261122-048213", "case": CASE, **fields}
    return StaffNotice(key=key, road=road, data={"rule": "accept", "due": "2026-11-27"}, **values)


async def plan(store: SqlStore, clock: FakeClock, *notices: StaffNotice) -> None:
    async with store.write() as work:
        for notice in notices or (a_notice(),):
            await work.notices.add(notice, clock.now())
        await work.commit()


async def claim(store: SqlStore, now: datetime) -> list[StoredStaffNotice]:
    async with store.write() as work:
        claimed = await work.notices.claim_letter(now, MAIL)
        await work.commit()
    return claimed


async def test_a_notice_is_planned_once_however_often_it_is_due(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        assert await work.notices.add(a_notice(), clock.now())
        assert not await work.notices.add(a_notice(), clock.now())
        assert await work.notices.add(a_notice("another"), clock.now())
        await work.commit()
    assert len(await claim(store, clock.now())) == 2


async def test_what_is_due_to_one_member_goes_in_one_letter_and_all_of_the_group_too(
    store: SqlStore, clock: FakeClock
) -> None:
    mine, theirs = "a" * 32, "b" * 32
    notices = [
        a_notice(f"{who[0]}{road}{n}", road, staff=who) for n in range(2) for who in (mine, theirs) for road in Road
    ]
    await plan(store, clock, *notices)
    letters = []
    async with store.write() as work:
        while letter := await work.notices.claim_letter(clock.now(), {Road.MAIL, Road.WECOM}):
            letters.append(sorted(stored.notice.key for stored in letter))
        await work.commit()
    assert sorted(letters) == [["amail0", "amail1"], ["awecom0", "awecom1", "bwecom0", "bwecom1"], ["bmail0", "bmail1"]]


async def test_a_letter_holds_no_more_than_fits(store: SqlStore, clock: FakeClock) -> None:
    await plan(store, clock, *(a_notice(str(number)) for number in range(20)))
    sizes = [len(await claim(store, clock.now())) for _ in range(3)]
    assert sizes == [15, 5, 0]


async def test_who_claims_a_notice_and_dies_leaves_it_unknown_and_nobody_sends_it_again(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    one, other = open_store(), open_store()
    await plan(one, clock)
    (claimed,) = await claim(one, clock.now())
    assert (claimed.notice, claimed.attempts, claimed.state) == (a_notice(), 1, Sending.CLAIMED)
    async with other.write() as work:
        assert await work.notices.give_up(clock.now()) == []
        clock.advance(seconds=LEASE.total_seconds())
        assert await work.notices.claim_letter(clock.now(), MAIL) == []
        (left,) = await work.notices.give_up(clock.now())
        assert (left.id, left.state, left.error) == (claimed.id, Sending.UNKNOWN, INTERRUPTED)
        assert await work.notices.give_up(clock.now()) == []
        await work.commit()
    async with one.write() as work:  # it was only slow; what it says now comes too late
        await work.notices.finish(claimed.id, clock.now(), error="smtp_451", retry_at=clock.now())
        assert await work.notices.claim_letter(clock.now() + timedelta(days=1), MAIL) == []
        (shown,) = await work.notices.troubled()
        assert (shown.state, await work.notices.count_given_up()) == (Sending.UNKNOWN, 1)


async def test_somebody_may_have_it_sent_again(store: SqlStore, clock: FakeClock) -> None:
    await plan(store, clock)
    (claimed,) = await claim(store, clock.now())
    async with store.write() as work:
        assert not await work.notices.retry(claimed.id, clock.now()), "it is being sent"
        await work.notices.finish(claimed.id, clock.now(), error="unreachable", unknown=True)
        assert await work.notices.retry(claimed.id, clock.now())
        assert await work.notices.troubled() == []
        (again,) = await work.notices.claim_letter(clock.now(), MAIL)
        assert (again.id, again.attempts) == (claimed.id, 1)
        await work.notices.finish(again.id, clock.now())
        assert not await work.notices.retry(claimed.id, clock.now()), "it was sent"


async def test_a_notice_that_failed_is_tried_again_and_given_up_visibly(store: SqlStore, clock: FakeClock) -> None:
    await plan(store, clock)
    async with store.write() as work:
        (notice,) = await work.notices.claim_letter(clock.now(), MAIL)
        later = clock.now() + timedelta(minutes=10)
        await work.notices.finish(notice.id, clock.now(), error="smtp_451", retry_at=later)
        assert await work.notices.claim_letter(clock.now(), MAIL) == []
        assert (await work.notices.count_given_up(), len(await work.notices.troubled())) == (0, 1)
        (notice,) = await work.notices.claim_letter(later, MAIL)
        await work.notices.finish(notice.id, later, error="smtp_451")
        assert await work.notices.claim_letter(later + timedelta(days=1), MAIL) == []
        (failed,) = await work.notices.troubled()
        assert (failed.state, failed.error, failed.attempts) == (Sending.FAILED, "smtp_451", 2)
        assert await work.notices.take_note(later) == 1
        assert (await work.notices.count_given_up(), await work.notices.troubled()) == (0, [])
        assert await work.notices.delete_before(later + timedelta(days=1)) == 1


async def test_what_could_not_be_tried_for_days_is_no_news_any_more(store: SqlStore, clock: FakeClock) -> None:
    """A road that was switched off, or a service that stood still over a long holiday."""
    await plan(store, clock)
    clock.advance(seconds=LATEST.total_seconds())
    async with store.write() as work:
        assert await work.notices.give_up(clock.now()) == []
        clock.advance(seconds=1)
        (late,) = await work.notices.give_up(clock.now())
        assert (late.state, late.error) == (Sending.FAILED, EXPIRED)
        assert await work.notices.claim_letter(clock.now(), MAIL) == []
        assert await work.notices.retry(late.id, clock.now())
        assert await work.notices.give_up(clock.now()) == []


async def test_a_worker_gets_one_notice_until_it_is_sent(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        assert await work.worker_notices.add(CASE, 1, "news", clock.now())
        assert not await work.worker_notices.add(CASE, 1, "news", clock.now())
        assert await work.worker_notices.add(CASE, 2, "news", clock.now())
        verdict_at = clock.now() + timedelta(days=7)
        assert await work.worker_notices.add(CASE, 1, "verdict", clock.now(), due_at=verdict_at)
        claimed = await work.worker_notices.claim_due(clock.now(), 10)
        assert {(notice.link, notice.kind) for notice in claimed} == {(1, "news"), (2, "news")}
        for notice in claimed:
            await work.worker_notices.finish(notice.id, clock.now(), error="" if notice.link == 1 else "43101")
        assert await work.worker_notices.add(CASE, 1, "news", clock.now())
        states = {notice.error: notice.state for notice in await work.worker_notices.of(CASE)}
        assert states["43101"] is Sending.FAILED
        assert [notice.error for notice in await work.worker_notices.given_up()] == ["43101"]
        assert await work.worker_notices.drop_link(1) == 3
        assert await work.worker_notices.drop(CASE) == 1
        await work.commit()


@pytest.mark.parametrize("left", [LEASE, LATEST + timedelta(seconds=1)], ids=["begun", "never-tried"])
async def test_a_workers_notice_that_was_left_is_given_up_too(
    store: SqlStore, clock: FakeClock, left: timedelta
) -> None:
    async with store.write() as work:
        await work.worker_notices.add(CASE, 1, "news", clock.now())
        if left == LEASE:
            await work.worker_notices.claim_due(clock.now())
        await work.commit()
    async with store.write() as work:
        (lost,) = await work.worker_notices.give_up(clock.now() + left)
        assert lost.state is (Sending.UNKNOWN if left == LEASE else Sending.FAILED)
        assert await work.worker_notices.claim_due(clock.now() + left) == []
