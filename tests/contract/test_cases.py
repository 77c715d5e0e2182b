"""Cases: what was registered comes back, one at a time changes it, and deleted content is gone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.complaints.cases import Case, Nature, SaidDays, SaidQuantity, Statement
from bot.complaints.errors import Changed, ContentGone, NumberTaken
from bot.complaints.lifecycle import Progress, State, Verdict
from bot.complaints.quantities.typed import Bounds
from bot.complaints.roles import Confidentiality
from bot.complaints.statement_json import statement_from_json, statement_to_json
from bot.errors import CannotOpen
from bot.keyring import make_key_ring_document, parse_key_ring
from bot.store.case_tables import CaseRow
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from tests.cases import NOW, a_case, a_statement, register
from tests.fakes import FakeClock

DAY = timedelta(days=1)
_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


def a_full_case() -> Case:
    """A case in which every field has a value of its own."""
    return a_case(
        version=7,
        changed_at=NOW + DAY,
        progress=Progress(
            state=State.FOLLOWED_UP,
            reason="late",
            recipient="court",
            outcome="paid",
            verdict=Verdict.PARTLY,
            merged_into="HZ261122-999999",
            merged_before=("HZ261122-000001", "HZ261122-000002"),
            reopened=2,
        ),
        owner="anna",
        helpers=frozenset({"bert", "carl"}),
        employer="e1",
        site="s1",
        people=Bounds(20, None),
        money=Bounds(0, 10**15),
        urgent=True,
        collective=True,
        about_union_staff=True,
        concerns=frozenset({"dora"}),
        quarantined=True,
        call_back_due=True,
        reachable=True,
        passing_on=("court", "bureau"),
        next_due=date(2026, 12, 1),
        next_rule="own.accept",
        warn_on=date(2026, 11, 28),
        first_contact_at=NOW + DAY,
        accepted_at=NOW + 2 * DAY,
        closed_at=NOW + 3 * DAY,
        ask_verdict_at=NOW + 4 * DAY,
        logged_by="emil",
    )


async def find(store: SqlStore, case_id: str) -> Case | None:
    async with store.read() as work:
        return await work.cases.find(case_id)


async def test_a_case_comes_back_as_it_was_registered(store: SqlStore) -> None:
    case = await register(store, a_full_case(), receipt="2:abc")
    async with store.read() as work:
        assert await work.cases.find(case.id) == case
        assert await work.cases.find_number(case.number) == case
        assert await work.cases.find_receipt(["1:nobody", "2:abc"]) == case
        assert await work.cases.find_many([case.id, "unknown"]) == [case]


async def test_every_field_of_the_full_case_differs_from_its_default() -> None:
    """Guards the test above: a field that is added later has to be thought of there."""
    full, empty = a_full_case(), a_case()
    same = [name for name in Case.__dataclass_fields__ if getattr(full, name) == getattr(empty, name)]
    fixed = {"registered_at", "channel", "nature", "category", "district", "confidentiality", "content_deleted_at"}
    assert set(same) == fixed


async def test_what_is_unknown_is_not_found(store: SqlStore) -> None:
    async with store.read() as work:
        assert await work.cases.find("x") is None
        assert await work.cases.find_number("x") is None
        assert await work.cases.find_receipt(["1:x"]) is None
        assert await work.cases.find_receipt([]) is None
        assert await work.cases.statement("x") is None


@pytest.mark.parametrize("same", ["number", "receipt"])
async def test_a_number_or_receipt_is_given_once(store: SqlStore, same: str) -> None:
    first = await register(store, receipt="1:same")
    second = a_case(number=first.number) if same == "number" else a_case()
    with pytest.raises(NumberTaken):
        await register(store, second, receipt="1:same" if same == "receipt" else "")
    assert await find(store, second.id) is None


async def test_of_many_processes_one_gets_a_number(open_store: Callable[[], SqlStore]) -> None:
    stores = [open_store() for _ in range(3)]
    cases = [a_case(number="HZ261122-048213") for _ in range(9)]
    done = await asyncio.gather(
        *(register(stores[n % 3], case) for n, case in enumerate(cases)), return_exceptions=True
    )
    (kept,) = [case for case in done if isinstance(case, Case)]
    assert sum(isinstance(one, NumberTaken) for one in done) == 8
    async with stores[0].read() as work:
        assert await work.cases.find_number("HZ261122-048213") == kept
        assert await work.cases.statement(kept.id) == a_statement()


CHANGES: dict[str, object] = {
    "nature": Nature.SUGGESTION,
    "category": "injury",
    "district": "shan",
    "confidentiality": Confidentiality.ANONYMOUS,
    "progress": Progress(state=State.MERGED, merged_into="HZ261122-000009"),
    "owner": "zoe",
    "helpers": frozenset({"yan"}),
    "people": Bounds(3, 3),
    "money": None,
    "concerns": frozenset(),
    "passing_on": ("bureau",),
    "next_due": None,
    "closed_at": None,
    "quarantined": False,
}


@pytest.mark.parametrize("name", CHANGES)
async def test_one_changed_field_leaves_the_others(store: SqlStore, clock: FakeClock, name: str) -> None:
    case = await register(store, a_full_case())
    async with store.write() as work:
        after = await work.cases.change(case, clock.now(), **{name: CHANGES[name]})
        await work.commit()
    expected = replace(case, version=8, changed_at=clock.now(), **{name: CHANGES[name]})
    assert after == expected
    assert await find(store, case.id) == expected


@pytest.mark.parametrize("name", ["id", "number", "version", "registered_at", "content_deleted_at", "nonsense"])
async def test_what_a_case_never_changes_is_refused(store: SqlStore, clock: FakeClock, name: str) -> None:
    case = await register(store)
    async with store.write() as work:
        with pytest.raises(TypeError, match=name):
            await work.cases.change(case, clock.now(), **{name: "x"})


async def test_who_saves_second_is_told(store: SqlStore, clock: FakeClock) -> None:
    case = await register(store)
    async with store.write() as work:
        await work.cases.change(case, clock.now(), owner="anna")
        await work.commit()
    async with store.write() as work:
        with pytest.raises(Changed) as told:
            await work.cases.change(case, clock.now(), owner="bert")
    assert told.value.case == case.id
    found = await find(store, case.id)
    assert found is not None
    assert found.owner == "anna"


async def test_of_many_who_save_at_once_one_succeeds(open_store: Callable[[], SqlStore], clock: FakeClock) -> None:
    stores = [open_store() for _ in range(3)]
    case = await register(stores[0])

    async def save(number: int) -> Case:
        async with stores[number % 3].write() as work:
            after = await work.cases.change(case, clock.now(), owner=f"staff-{number}")
            await work.commit()
            return after

    done = await asyncio.gather(*(save(number) for number in range(9)), return_exceptions=True)
    (kept,) = [one for one in done if isinstance(one, Case)]
    assert sum(isinstance(one, Changed) for one in done) == 8
    assert await find(stores[0], case.id) == kept


async def test_a_case_that_is_not_there_cannot_be_changed(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        with pytest.raises(Changed):
            await work.cases.change(a_case(), clock.now(), owner="anna")


async def test_the_first_use_of_a_receipt_counts_and_changes_nothing_else(store: SqlStore, clock: FakeClock) -> None:
    case = await register(store, receipt="1:a")
    for _ in range(2):
        async with store.write() as work:
            await work.cases.mark_receipt_used(case.id, clock.now())
            await work.commit()
        clock.advance(days=1)
    async with store.read() as work:
        used = (await work._connection.execute(select(_CASES.c.receipt_used_at))).scalar_one()
        assert used == NOW
    assert await find(store, case.id) == case


async def test_a_replaced_receipt_opens_and_the_old_one_does_not(store: SqlStore) -> None:
    case = await register(store, receipt="1:old")
    async with store.write() as work:
        await work.cases.replace_receipt(case.id, "1:new")
        await work.commit()
    async with store.read() as work:
        assert await work.cases.find_receipt(["1:old"]) is None
        assert await work.cases.find_receipt(["1:new"]) == case


async def test_a_correction_counts_and_what_was_said_before_stays(store: SqlStore, clock: FakeClock) -> None:
    """At the same instant too, as a clock may stand still between them."""
    case = await register(store)
    corrected = a_statement(narrative="是四个月，不是三个月", employed=False)
    async with store.write() as work:
        await work.cases.add_statement(case.id, corrected, by="worker", now=NOW)
        await work.commit()
    async with store.read() as work:
        assert await work.cases.statement(case.id) == corrected
        assert [said.statement for said in await work.cases.statements(case.id)] == [a_statement(), corrected]


async def test_nothing_is_said_to_a_case_that_has_no_content(store: SqlStore) -> None:
    async with store.write() as work:
        with pytest.raises(ContentGone):
            await work.cases.add_statement(uuid4().hex, a_statement(), by="worker", now=NOW)


days = st.none() | st.dates()
quantities = st.builds(SaidQuantity, said=st.text(), low=st.none() | st.integers(), high=st.none() | st.integers())
times = st.builds(SaidDays, said=st.text(), first=days, last=days, until_first=days, until_last=days)
statements = st.builds(
    Statement,
    narrative=st.text(),
    name=st.text(),
    since=times,
    left=times,
    accident=times,
    employed=st.none() | st.booleans(),
    people=quantities,
    money=quantities,
    extra=st.dictionaries(st.text(), st.text()),
)


@given(statement=statements)
def test_a_statement_is_the_same_after_it_was_written_down(statement: Statement) -> None:
    assert statement_from_json(statement_to_json(statement)) == statement


def test_what_an_older_version_did_not_write_is_unsaid() -> None:
    assert statement_from_json('{"narrative": "x", "gone": 1}') == Statement(narrative="x")


async def test_cases_that_ask_for_something_are_found(store: SqlStore, clock: FakeClock) -> None:
    early = await register(store, ask_verdict_at=NOW - DAY)
    due = await register(store, ask_verdict_at=NOW)
    await register(store, ask_verdict_at=NOW + DAY)
    lead = await register(store, people=Bounds(10, 12))
    joined = await register(store, progress=Progress(state=State.MERGED, merged_into=lead.number))
    old = await register(store, registered_at=NOW - 40 * DAY, closed_at=NOW - 30 * DAY, people=Bounds(99, None))
    async with store.read() as work:
        assert await work.cases.asking_verdict(clock.now(), 9) == [early, due]
        assert await work.cases.joined(lead.number) == [joined]
        assert await work.cases.closed_before(NOW, 9) == [old]
        assert await work.cases.large(NOW - 30 * DAY, 10) == [lead]


async def test_cases_against_the_same_employer_or_on_the_same_site_are_found_together(store: SqlStore) -> None:
    same = [await register(store, employer="e1", registered_at=NOW + n * DAY) for n in range(3)]
    pair = [await register(store, employer="e2", site="s1", registered_at=NOW + n * DAY) for n in range(2)]
    await register(store, employer="e2", registered_at=NOW - 31 * DAY)
    for _ in range(4):
        await register(store)
    async with store.read() as work:
        assert await work.cases.clusters("employer", NOW - 30 * DAY, 3) == {"e1": same}
        assert await work.cases.clusters("site", NOW - 30 * DAY, 2) == {"s1": pair}


async def test_a_key_of_another_ring_opens_nothing(store: SqlStore, url: str) -> None:
    case = await register(store)
    other = parse_key_ring(make_key_ring_document())
    stranger = SqlStore(make_engine(url), other)
    async with stranger.read() as work:
        assert await work.cases.find(case.id) == case
        with pytest.raises(CannotOpen):
            await work.cases.statement(case.id)
    await stranger.close()
