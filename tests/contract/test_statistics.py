"""Figures counted by the databases are those of the very cases that a viewer's figures are made of."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert, update

from bot.clock import local_date
from bot.complaints.cases import Case, Nature
from bot.complaints.desk.calls import AnsweredCall
from bot.complaints.desk.statistics import Course, Standing, Tables, outcome
from bot.complaints.lifecycle import CLOSED, Progress, State, Verdict
from bot.complaints.roles import Action, Viewer, may
from bot.roles import Role
from bot.store.case_rows import columns_of
from bot.store.case_tables import CaseClockRow, CaseRow
from bot.store.unit_of_work import SqlStore
from tests.cases import a_case

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)
_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_CLOCKS = CaseClockRow.__table__  # type: ignore[attr-defined]  # see above

VIEWERS = [
    Viewer(role=Role.LEADER, id="lena"),
    Viewer(role=Role.SUPERVISOR, id="me"),
    Viewer(role=Role.CADRE, id="me", districts=frozenset({"north"})),
    Viewer(role=Role.CADRE, id="me"),
]


def a_population(count: int = 400) -> list[Case]:
    random = Random(7)
    cases = []
    for _ in range(count):
        registered = NOW - timedelta(minutes=random.randrange(120 * 24 * 60))
        state = random.choice(list(State))
        cases.append(
            a_case(
                registered_at=registered,
                changed_at=registered,
                category=random.choice(["wage", "injury", "union_staff"]),
                district=random.choice(["north", "south"]),
                channel=random.choice(["wechat", "site"]),
                progress=Progress(
                    state=state, verdict=random.choice(list(Verdict)) if state is State.FOLLOWED_UP else None
                ),
                owner=random.choice(["", "", "me"]),
                about_union_staff=random.random() < 0.1,
                concerns=frozenset({"me"}) if random.random() < 0.1 else frozenset(),
                quarantined=random.random() < 0.1,
                accepted_at=random.choice([None, registered + timedelta(minutes=random.randrange(9000))]),
                closed_at=registered + timedelta(minutes=random.randrange(30_000)) if state in CLOSED else None,
            )
        )
    return cases


async def fill(store: SqlStore, cases: list[Case]) -> None:
    rows = [{**columns_of(case), "receipt": f"1:{case.id}", "key": None} for case in cases]
    clocks = [
        {
            "case": case.id,
            "rule": rule,
            "started_on": local_date(case.registered_at),
            "events": "[]",
            "state": state,
            "due_on": due,
            "warned": "",
        }
        for place, case in enumerate(cases)
        for rule, state, due in (
            ("own.acceptance", ["met", "met_late", "met"][place % 3], None),
            ("own.handling", "paused" if place % 2 else "running", None if place % 2 else TODAY - timedelta(place % 3)),
        )
    ]
    async with store.write() as work:
        await work._connection.execute(insert(_CASES), rows)
        await work._connection.execute(insert(_CLOCKS), clocks)
        used = [case.id for case in cases[::3]]
        await work._connection.execute(update(_CASES).where(_CASES.c.id.in_(used)).values(receipt_used_at=NOW))
        await work.commit()


def expected(viewer: Viewer, cases: list[Case]) -> tuple[Tables, Course]:
    def seen(case: Case) -> bool:
        everything = viewer.role is Role.LEADER
        return not case.quarantined and (everything or may(viewer, Action.SEE_ROW, case.facts))

    mine = [case for case in cases if seen(case)]
    registered = [case for case in mine if FIRST <= local_date(case.registered_at) <= LAST]
    closed = [case for case in mine if case.closed_at and FIRST <= local_date(case.closed_at) <= LAST]
    done = [case for case in closed if case.state in {State.RESOLVED, State.FOLLOWED_UP}]
    places = {case.id: place for place, case in enumerate(cases)}
    acceptance, handling = Counter[str](), Counter[str]()
    for case in registered:
        acceptance["late" if places[case.id] % 3 == 1 else "met"] += 1
        overdue = places[case.id] % 2 == 0 and places[case.id] % 3 > 0
        handling["late" if overdue else "pending"] += 1
    tables = Tables(
        first=FIRST,
        last=LAST,
        categories=Counter(case.category for case in registered),
        districts=Counter(case.district for case in registered),
        channels=Counter(case.channel for case in registered),
        outcomes=Counter(outcome(case.state, case.progress.verdict) for case in registered),
        used=sum(places[case.id] % 3 == 0 for case in registered),
    )
    course = Course(
        came=Counter(local_date(case.registered_at) for case in registered),
        went=Counter(local_date(case.closed_at) for case in closed if case.closed_at),
        to_acceptance=Counter(hours(case.registered_at, case.accepted_at) for case in registered if case.accepted_at),
        to_closing=Counter(hours(case.registered_at, case.closed_at) for case in done if case.closed_at),
        clocks={
            "own.acceptance": Standing(acceptance["met"], acceptance["late"], 0),
            "own.handling": Standing(0, handling["late"], handling["pending"]),
        }
        if registered
        else {},
    )
    return tables, course


def hours(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds()) // 3600


@pytest.mark.parametrize("viewer", VIEWERS, ids=["leader", "supervisor", "cadre", "cadre_without_district"])
async def test_the_figures_are_those_of_the_cases_that_are_seen(store: SqlStore, viewer: Viewer) -> None:
    cases = a_population()
    await fill(store, cases)
    async with store.read() as work:
        tables = await work.statistics.tables(viewer, FIRST, LAST)
        course = await work.statistics.course(viewer, FIRST, LAST, TODAY)
    assert (tables, course) == expected(viewer, cases)
    assert tables.total > 20


async def test_a_day_ends_at_midnight_in_china(store: SqlStore) -> None:
    evening = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)
    for instant in (evening, evening + timedelta(seconds=1)):
        await fill(store, [a_case(registered_at=instant, changed_at=instant)])
    async with store.read() as work:
        found = await work.statistics.course(VIEWERS[0], date(2026, 9, 30), date(2026, 9, 30), TODAY)
        assert found.came == {date(2026, 9, 30): 1}
        found = await work.statistics.course(VIEWERS[0], date(2026, 10, 1), date(2026, 10, 1), TODAY)
        assert found.came == {date(2026, 10, 1): 1}


async def test_nothing_is_counted_of_nothing(store: SqlStore) -> None:
    async with store.read() as work:
        assert await work.statistics.tables(VIEWERS[0], FIRST, LAST) == Tables(first=FIRST, last=LAST)
        assert await work.statistics.course(VIEWERS[0], FIRST, LAST, TODAY) == Course()
        assert await work.statistics.codes("category") == ()
        assert await work.statistics.began_on() is None


async def answer(store: SqlStore, *calls: tuple[Nature, str, datetime]) -> None:
    async with store.write() as work:
        for place, (nature, district, at) in enumerate(calls):
            call = AnsweredCall(
                id=f"{place}",
                taken_at=at,
                by="ole",
                channel="hotline",
                nature=nature,
                district=district,
                topic="wage.a",
            )
            assert await work.calls.add(call)
        await work.commit()


async def test_calls_that_were_answered_at_once_are_counted_by_kind_and_day(store: SqlStore) -> None:
    """A cadre's figures are those of the own districts; a day ends at midnight in China."""
    evening = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)
    await answer(
        store,
        (Nature.CONSULTATION, "north", evening),
        (Nature.CONSULTATION, "south", evening + timedelta(seconds=1)),
        (Nature.SUGGESTION, "", evening),
        (Nature.SUGGESTION, "north", NOW),
    )
    last, first = date(2026, 9, 30), date(2026, 10, 1)
    everything = {"consultation": {last: 1, first: 1}, "suggestion": {last: 1}}
    async with store.read() as work:
        found = [(await work.statistics.course(viewer, FIRST, LAST, TODAY)).answered for viewer in VIEWERS]
    assert found == [everything, everything, {"consultation": {last: 1}}, {}]


async def test_codes_are_all_that_were_ever_used(store: SqlStore) -> None:
    await fill(store, [a_case(district=name) for name in ("south", "north", "south")])
    async with store.read() as work:
        assert await work.statistics.codes("district") == ("north", "south")
        assert await work.statistics.began_on() == TODAY
