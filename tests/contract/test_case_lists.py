"""Lists of cases: exactly those that the viewer may see, in a fixed order, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from bot.complaints.case_filter import AMBER, OVERDUE, SORTS, CaseFilter
from bot.complaints.cases import Case, Nature
from bot.complaints.lifecycle import Progress, State
from bot.complaints.quantities.typed import Bounds
from bot.complaints.roles import TABLE, Action, Confidentiality, Viewer, may
from bot.roles import Role
from bot.store.case_rows import columns_of
from bot.store.case_tables import CaseRow
from bot.store.case_visibility import visible
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.cases import NOW, a_case, register

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
SUPERVISOR = Viewer(role=Role.SUPERVISOR, id="sven")
_TABLE = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time

HANDLERS: list[dict[str, object]] = [
    {},
    {"owner": "me"},
    {"owner": "other"},
    {"helpers": frozenset({"me", "other"})},
    # whoever compares beginnings, parts or without regard to capitals takes these for "me"
    {"owner": "ME", "helpers": frozenset({"me2", "ame", "Me"})},
]


def population() -> Iterator[Case]:
    """Every combination of what decides who may see a case."""
    for district, confidentiality, handlers, union, concerns, quarantined, call_back, logged in product(
        ("north", "south"),
        Confidentiality,
        HANDLERS,
        (False, True),
        (frozenset[str](), frozenset({"me"}), frozenset({"me2", "ME"})),
        (False, True),
        (False, True),
        ("", "me", "other"),
    ):
        yield a_case(
            district=district,
            confidentiality=confidentiality,
            about_union_staff=union,
            concerns=concerns,
            quarantined=quarantined,
            call_back_due=call_back,
            logged_by=logged,
            **handlers,
        )


async def fill(store: SqlStore, cases: list[Case]) -> None:
    rows = [{**columns_of(case), "receipt": f"1:{uuid4().hex}", "key": None} for case in cases]
    async with store.write() as work:
        await work._connection.execute(insert(_TABLE), rows)
        await work.commit()


async def seen(work: UnitOfWork, viewer: Viewer) -> set[str]:
    query = select(_TABLE.c.id).where(visible(work._connection, viewer))
    return set((await work._connection.execute(query)).scalars())


async def test_a_list_holds_exactly_what_may_be_seen_in_a_list(store: SqlStore) -> None:
    """Every role, with and without account, districts and a receipt, over every kind of case."""
    cases = list(population())
    await fill(store, cases)
    receipts = ["", cases[0].id, cases[-1].id, "unknown"]
    districts = [frozenset[str](), frozenset({"north"}), frozenset({"north", "south", "NORTH"})]
    async with store.read() as work:
        for role, account, within, receipt, active in product(Role, ("", "me"), districts, receipts, (True, False)):
            viewer = Viewer(role=role, id=account, districts=within, receipt_for=receipt, active=active)
            allowed = {case.id for case in cases if may(viewer, Action.SEE_ROW, case.facts)}
            assert await seen(work, viewer) == allowed, viewer


async def test_page_and_count_show_no_more_than_that(store: SqlStore) -> None:
    cases = list(population())
    await fill(store, cases)
    async with store.read() as work:
        for role in Role:
            viewer = Viewer(role=role, id="me", districts=frozenset({"north"}))
            page, total = await work.cases.list(viewer, CaseFilter(), sort="number", limit=5000)
            allowed = {case.id: case for case in cases if may(viewer, Action.SEE_ROW, case.facts)}
            assert {case.id: case for case in page} == allowed
            assert total == len(page) == await work.cases.count(viewer, CaseFilter())


def test_roles_who_see_lists_are_among_those_tested() -> None:
    """Guards the tests above: the combinations there lead to something for each of these."""
    assert {role for role in Role if TABLE[role].get(Action.SEE_ROW)} == {Role.OPERATOR, Role.CADRE, Role.SUPERVISOR}


async def test_no_filter_shows_what_may_not_be_seen(store: SqlStore) -> None:
    """Asking for what is held back, for another's cases or for another district gives nothing more."""
    cases = list(population())
    await fill(store, cases)
    viewer = Viewer(role=Role.CADRE, id="me", districts=frozenset({"north"}))
    allowed = {case.id for case in cases if may(viewer, Action.SEE_ROW, case.facts)}
    for wanted in (
        CaseFilter(quarantined=True),
        CaseFilter(districts=["south"]),
        CaseFilter(mine="other"),
        CaseFilter(owner="other"),
        CaseFilter(call_back_due=True),
        CaseFilter(number="HZ"),
    ):
        async with store.read() as work:
            page, _ = await work.cases.list(viewer, wanted, limit=5000)
        assert {case.id for case in page} <= allowed


def varied() -> list[Case]:
    """Cases that differ in everything that can be filtered or sorted by."""
    states = list(State)
    return [
        a_case(
            progress=Progress(state=states[n % len(states)]),
            category=("wage", "injury", "hours")[n % 3],
            district=("north", "south")[n % 2],
            nature=list(Nature)[n % 3],
            confidentiality=list(Confidentiality)[n % 3],
            owner=("", "anna", "bert")[n % 3],
            helpers=frozenset({"anna"}) if n % 7 == 0 else frozenset(),
            urgent=n % 4 == 0,
            collective=n % 5 == 0,
            quarantined=n % 6 == 0,
            call_back_due=n % 8 == 0,
            employer=("", "e1")[n % 2],
            site=("", "s1", "s2")[n % 3],
            people=Bounds(n % 11, None) if n % 4 else None,
            money=Bounds(n * 100, n * 100) if n % 5 else None,
            next_due=TODAY + (n % 9 - 4) * DAY if n % 5 else None,
            warn_on=TODAY + (n % 9 - 6) * DAY if n % 5 else None,
            registered_at=NOW - n * timedelta(hours=7),
            changed_at=NOW - (n % 13) * DAY,
            number=f"HZ2611{n % 4:02}-{n:06}",
        )
        for n in range(60)
    ]


WANTED: dict[str, tuple[CaseFilter, Callable[[Case], bool]]] = {
    "everything": (CaseFilter(), lambda _: True),
    "states": (
        CaseFilter(states=[State.ACCEPTED, State.MERGED]),
        lambda c: c.state in {State.ACCEPTED, State.MERGED},
    ),
    "categories": (CaseFilter(categories={"wage", "x"}), lambda c: c.category == "wage"),
    "districts": (CaseFilter(districts=("south",)), lambda c: c.district == "south"),
    "natures": (CaseFilter(natures=[Nature.CLAIM]), lambda c: c.nature is Nature.CLAIM),
    "confidentiality": (
        CaseFilter(confidentiality=[Confidentiality.NAMED]),
        lambda c: c.confidentiality is Confidentiality.NAMED,
    ),
    "owner": (CaseFilter(owner="anna"), lambda c: c.owner == "anna"),
    "mine": (CaseFilter(mine="anna"), lambda c: c.owner == "anna" or "anna" in c.helpers),
    "unassigned": (CaseFilter(unassigned=True), lambda c: not c.facts.handlers),
    "overdue": (CaseFilter(due=OVERDUE, today=TODAY), lambda c: c.next_due is not None and c.next_due < TODAY),
    "amber": (
        CaseFilter(due=AMBER, today=TODAY),
        lambda c: c.next_due is not None and c.warn_on is not None and c.warn_on <= TODAY <= c.next_due,
    ),
    "urgent": (CaseFilter(urgent=True), lambda c: c.urgent),
    "collective": (CaseFilter(collective=True), lambda c: c.collective),
    "call back": (CaseFilter(call_back_due=True), lambda c: c.call_back_due),
    "quarantined": (CaseFilter(quarantined=True), lambda c: c.quarantined),
    "not quarantined": (CaseFilter(quarantined=False), lambda c: not c.quarantined),
    "employer": (CaseFilter(employer="e1"), lambda c: c.employer == "e1"),
    "site": (CaseFilter(site="s2"), lambda c: c.site == "s2"),
    "number": (CaseFilter(number="HZ261102"), lambda c: c.number.startswith("HZ261102")),
    "number with a wildcard": (CaseFilter(number="HZ%2"), lambda _: False),
    "several at once": (
        CaseFilter(states=[State.REGISTERED], districts=["north"], urgent=True),
        lambda c: c.state is State.REGISTERED and c.district == "north" and c.urgent,
    ),
}


@pytest.mark.parametrize(("wanted", "expected"), WANTED.values(), ids=WANTED.keys())
async def test_a_filter_gives_exactly_what_it_says(
    store: SqlStore, wanted: CaseFilter, expected: Callable[[Case], bool]
) -> None:
    cases = varied()
    await fill(store, cases)
    async with store.read() as work:
        page, total = await work.cases.list(SUPERVISOR, wanted, limit=100)
    assert page == [case for case in cases if expected(case)]  # the latest registered first, as they were made
    assert total == len(page)


async def test_days_of_registration_are_days_in_china(store: SqlStore) -> None:
    """00:30 on the 22nd in Heze is 16:30 on the 21st in UTC."""
    night = await register(store, registered_at=NOW.replace(day=21, hour=16, minute=30))
    await register(store, registered_at=NOW.replace(day=21, hour=15, minute=59))
    await register(store, registered_at=NOW.replace(day=22, hour=16))
    async with store.read() as work:
        wanted = CaseFilter(registered_from=TODAY, registered_to=TODAY)
        assert await work.cases.list(SUPERVISOR, wanted) == ([night], 1)


async def test_a_phone_number_finds_its_cases_and_an_unknown_one_none(store: SqlStore) -> None:
    case = await register(store)
    await register(store)
    async with store.write() as work:
        await work.blind.put("phone", "1:a", case.id)
        await work.blind.put("employer", "1:b", case.id)
        await work.commit()
    async with store.read() as work:
        assert (await work.cases.list(SUPERVISOR, CaseFilter(phone_hashes=("2:x", "1:a"))))[0] == [case]
        assert (await work.cases.list(SUPERVISOR, CaseFilter(phone_hashes=("1:b",)))) == ([], 0)


def sort_key(case: Case, sort: str) -> object:
    value = case.state if sort == "state" else getattr(case, sort)
    return value.low if isinstance(value, Bounds) else value


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("sort", sorted(SORTS))
async def test_a_list_is_sorted_with_empty_values_last_and_no_case_twice(
    store: SqlStore, sort: str, descending: bool
) -> None:
    cases = varied()
    await fill(store, cases)
    shown: list[Case] = []
    async with store.read() as work:
        for offset in range(0, 70, 7):
            page, total = await work.cases.list(
                SUPERVISOR, CaseFilter(), sort=sort, descending=descending, offset=offset, limit=7
            )
            shown += page
            assert total == 60
    assert sorted(case.id for case in shown) == sorted(case.id for case in cases)
    keys = [sort_key(case, sort) for case in shown]
    given = [key for key in keys if key is not None]
    assert given == sorted(given, reverse=descending)  # type: ignore[type-var]  # all of one kind
    assert keys == given + [None] * (len(keys) - len(given))


async def test_an_unknown_order_is_refused(store: SqlStore) -> None:
    await register(store)
    async with store.read() as work:
        with pytest.raises(ValueError, match="receipt"):
            await work.cases.list(SUPERVISOR, CaseFilter(), sort="receipt")


@pytest.mark.parametrize("fields", [{"due": "late", "today": TODAY}, {"due": OVERDUE}], ids=["unknown", "no today"])
def test_a_filter_without_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"late|today"):
        replace(CaseFilter(), **fields)
