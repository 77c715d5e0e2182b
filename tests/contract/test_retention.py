"""Retention: what is due goes and nothing else, figures stay, the audit log holds, and a rehearsal changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.audit import AuditEntry
from bot.complaints.cases import Case
from bot.complaints.desk.calls import AnsweredCall
from bot.complaints.lifecycle import Progress, State
from bot.complaints.notices import Road, StaffNotice
from bot.complaints.retention import Retention, RetentionRules, years_before
from bot.keyring import KeyRing
from bot.store.case_tables import CallRow, CaseRow
from bot.store.unit_of_work import SqlStore
from tests.cases import a_case, a_file, a_message, a_statement, put, register
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LAST_MOMENT = datetime(2023, 11, 22, 2, 0, tzinfo=UTC)
RULES = RetentionRules(categories={"injury": 10})
RETENTION = Retention(RULES)


def closed(years: float, **fields: object) -> Case:
    at = NOW - timedelta(days=365.25 * years)
    values = {"progress": Progress(state=State.RESOLVED), "registered_at": at, "closed_at": at, **fields}
    return a_case(**values)


async def due_of(store: SqlStore, retention: Retention = RETENTION) -> set[str]:
    async with store.read() as work:
        return {one.case.id for one in await retention.due(work, NOW)}


async def test_each_kind_of_case_is_due_after_its_own_time(store: SqlStore) -> None:
    expected = set()
    for years, fields, due in [
        (3.1, {}, True),
        (2.9, {}, False),
        (1.1, {"progress": Progress(state=State.WITHDRAWN)}, True),
        (0.9, {"progress": Progress(state=State.WITHDRAWN)}, False),
        (9.9, {"category": "injury"}, False),
        (10.1, {"category": "injury"}, True),
        (1.1, {"category": "injury", "progress": Progress(state=State.WITHDRAWN)}, True),
        (3.1, {"progress": Progress(state=State.DECLINED)}, True),
        (9.0, {"progress": Progress(state=State.IN_PROGRESS), "closed_at": None}, False),
    ]:
        case = await register(store, closed(years, **fields))
        assert RULES.is_over(case, NOW) is due, (years, fields)
        expected |= {case.id} if due else set()
    assert await due_of(store) == expected


async def test_the_time_is_over_a_moment_after_the_day(store: SqlStore) -> None:
    same = await register(store, closed(0, closed_at=LAST_MOMENT))
    over = await register(store, closed(0, closed_at=LAST_MOMENT - timedelta(microseconds=1)))
    assert await due_of(store) == {over.id}
    assert not RULES.is_over(same, NOW)


async def test_what_was_merged_stays_as_long_as_the_case_it_was_merged_into(store: SqlStore) -> None:
    lead = await register(store, closed(2))
    merged = Progress(state=State.MERGED, merged_into=lead.number)
    member = await register(store, closed(5, progress=merged))
    assert await due_of(store) == set()
    async with store.write() as work:
        await work.cases.delete_content(lead.id, NOW)
        await work.commit()
    assert await due_of(store) == {member.id}


async def fill(store: SqlStore, clock: FakeClock, keys: KeyRing, case: Case) -> str:
    """Everything that belongs to a case; the id of its file."""
    async with store.write() as work:
        await put(work, case, a_statement())
        await work.messages.add(case.id, a_message())
        file, key = a_file(keys, case=case.id)
        await work.files.add(file, key)
        await work.links.add(case.id, "p", "wechat", "openid", [], clock.now())
        await work.blind.put("phone", "1:hash", case.id)
        await work.audit.append(AuditEntry("anna", "case.reveal", case.id, "other", text="因为要核实"))
        await work.commit()
    return file.id


async def test_the_content_goes_the_figures_stay_and_the_audit_log_holds(
    store: SqlStore, clock: FakeClock, keys: KeyRing
) -> None:
    case, other = closed(4), closed(1)
    file = await fill(store, clock, keys, case)
    await fill(store, clock, keys, other)
    async with store.write() as work:
        deleted, files = await RETENTION.delete(work, [case.id, other.id, "nobody"], by="sue", now=NOW)
        await work.commit()
    assert (deleted, files) == ([case.id], [file])
    async with store.read() as work:
        kept = await work.cases.find(case.id)
        assert kept is not None
        assert (kept.number, kept.category, kept.closed_at) == (case.number, case.category, case.closed_at)
        assert kept.content_deleted_at == NOW
        assert await work.cases.statement(case.id) is None
        assert await work.files.of_case(case.id) == []
        assert await work.links.of(case.id) == []
        assert await work.cases.statement(other.id) is not None
        assert [entry.kind for entry in await work.timeline.of(case.id)] == ["content_deleted"]
        verdict = await work.audit.verify()
        assert verdict.is_whole
        (record,) = [one for one in await work.audit.of(case.id) if one.action == "case.reveal"]
        assert record.text is None
        page, _ = await work.audit.page(action="retention.")
        assert [(one.actor, one.details) for one in page] == [("sue", {"cases": "1"})]
        count = select(func.count()).select_from(CaseRow.__table__)  # type: ignore[attr-defined]  # SQLModel adds it
        assert (await work._connection.execute(count)).scalar_one() == 2
    assert await due_of(store) == set()


async def test_a_case_that_was_opened_again_meanwhile_keeps_everything(store: SqlStore) -> None:
    case = await register(store, closed(4))
    async with store.write() as work:
        await work.cases.change(case, NOW, progress=Progress(state=State.IN_PROGRESS), closed_at=None)
        await work.commit()
    async with store.write() as work:
        assert await RETENTION.delete(work, [case.id], by="sue", now=NOW) == ([], [])


async def leave_small_things(store: SqlStore, keys: KeyRing, at: datetime, mark: str) -> None:
    logging = SqlStore(store.engine, keys, clock=FakeClock(at))
    async with logging.write() as work:
        await work.audit.append(AuditEntry("anna", "case.reveal", mark, "other", text="因为要核实"))
        await work.votes.cast(person=mark, topic="a.b", question="", channel="site", helpful=True, now=at)
        await work.notices.add(StaffNotice(key=mark, road=Road.CONSOLE, kind="due", staff="anna"), at)
        await work.commit()


async def test_small_things_go_when_their_time_is_over_and_a_rehearsal_says_so_before(
    store: SqlStore, keys: KeyRing
) -> None:
    await leave_small_things(store, keys, NOW - timedelta(days=1200), "old")
    await leave_small_things(store, keys, NOW - timedelta(days=10), "new")
    async with store.write() as work:
        rehearsed = await RETENTION.expire(work, NOW)
    async with store.read() as work:
        assert await work.votes.tally("a.b") == (2, 0)
        assert [record.text for record in await work.audit.of("old")] == ["因为要核实"]
        assert (await work.audit.head()).seq == 2
    async with store.write() as work:
        expired = await RETENTION.expire(work, NOW)
        await work.commit()
    assert expired == rehearsed
    assert (expired.audit_texts, expired.votes, expired.notices) == (1, 1, 1)
    async with store.write() as work:
        assert (await RETENTION.expire(work, NOW)).is_nothing
        assert await work.votes.tally("a.b") == (1, 0)
        assert [record.text for record in await work.audit.of("new")] == ["因为要核实"]
        assert (await work.audit.verify()).is_whole


async def test_deleting_the_same_content_twice_changes_nothing_more(store: SqlStore) -> None:
    case = await register(store, closed(4))
    for expected in ([case.id], []):
        async with store.write() as work:
            deleted, _ = await RETENTION.delete(work, [case.id], by="sue", now=NOW)
            await work.commit()
        assert deleted == expected


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 30))  # noqa: DTZ001 - bounds are naive, values are not
def test_so_many_years_before_is_the_same_day_or_the_last_of_february(now: datetime, years: int) -> None:
    before = years_before(now, years)
    assert before.tzinfo is UTC
    assert abs((now - before) - timedelta(days=365.25 * years)) < timedelta(days=2)


@pytest.mark.parametrize(
    ("now", "years", "before"),
    [
        (datetime(2028, 2, 29, 4, tzinfo=UTC), 1, datetime(2027, 2, 28, 4, tzinfo=UTC)),
        (datetime(2026, 12, 31, 17, tzinfo=UTC), 1, datetime(2025, 12, 31, 17, tzinfo=UTC)),  # new year in China
    ],
    ids=["leap day", "new year"],
)
def test_years_are_those_of_the_calendar_in_china(now: datetime, years: int, before: datetime) -> None:
    assert years_before(now, years) == before


async def test_of_old_calls_that_were_answered_at_once_only_the_count_stays(store: SqlStore) -> None:
    day = NOW - timedelta(days=730)
    async with store.write() as work:
        for id, at in (("old", day - timedelta(seconds=1)), ("new", day)):
            await work.calls.add(AnsweredCall(id=id, taken_at=at, by="ole", channel="visit", topic="wage.arrears"))
        await work.commit()
    for expected in (1, 0):
        async with store.write() as work:
            assert (await RETENTION.expire(work, NOW)).calls == expected
            await work.commit()
    async with store.read() as work:
        rows = (await work._connection.execute(select(CallRow).order_by(CallRow.taken_at))).all()
        assert [(row.by, row.topic, row.nature, row.channel) for row in rows] == [
            ("", "", "consultation", "visit"),
            ("ole", "wage.arrears", "consultation", "visit"),
        ]
