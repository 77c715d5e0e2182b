"""Clocks of cases: rebuilt as they were, found when something has to be said about them, warned of once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.complaints.clocks.deadlines import Clock, Colour, Event, Extend, Pause, Restart, Resume, Stop, standing
from bot.complaints.clocks.rules import (
    Approval,
    ClockRule,
    Extension,
    Kind,
    PauseReason,
    RestartReason,
    RuleTable,
    Start,
    Unit,
)
from bot.complaints.kept import StoredClock, Warned
from bot.keyring import KeyRing
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from bot.workdays import WorkCalendar
from tests.cases import register

BEGAN = date(2026, 11, 2)
DAY = timedelta(days=1)
CALENDAR = WorkCalendar(frozenset({2026}))
RULE = ClockRule(
    id="own.accept",
    kind=Kind.OWN,
    title="受理",
    about="受理",
    count=10,
    unit=Unit.DAYS,
    start=Start.REGISTERED,
    warn_share=0.3,
    valid_from=date(2020, 1, 1),
    extension=Extension(Approval.SUPERVISOR, 5),
    pauses=frozenset({PauseReason.AWAITING_WORKER}),
    restarts=frozenset({RestartReason.MATERIALS_SUPPLIED}),
)  # due on 12 November, amber from the 9th on
RULES = RuleTable([RULE])


@pytest.fixture
async def ruled(store: SqlStore, url: str, keys: KeyRing) -> AsyncIterator[SqlStore]:
    """The store as a process with rules opens it; `store` has made the tables."""
    opened = SqlStore(make_engine(url), keys, rules=RULES)
    yield opened
    await opened.close()


async def keep(store: SqlStore, clock: Clock, today: date = BEGAN) -> str:
    case = await register(store)
    async with store.write() as work:
        await work.clocks.add(case.id, clock, standing(clock, today, CALENDAR))
        await work.commit()
    return case.id


async def clocks_of(store: SqlStore, case_id: str) -> list[StoredClock]:
    async with store.read() as work:
        return await work.clocks.of(case_id)


async def save(store: SqlStore, stored: StoredClock, *events: Event, today: date = BEGAN) -> None:
    clock = stored.clock
    for event in events:
        clock = clock.then(event)
    async with store.write() as work:
        await work.clocks.save(stored, clock, standing(clock, today, CALENDAR))
        await work.commit()


async def warnings(store: SqlStore, today: date, escalate_before: date | None = None) -> list[tuple[str, str]]:
    async with store.read() as work:
        found = await work.clocks.warnings(today, 99, escalate_before=escalate_before)
    return [(clock.case, clock.warned) for clock in found]


async def test_a_clock_comes_back_with_everything_that_happened_to_it(ruled: SqlStore) -> None:
    events: tuple[Event, ...] = (
        Pause(BEGAN + DAY, PauseReason.AWAITING_WORKER),
        Resume(BEGAN + 2 * DAY),
        Extend(BEGAN + 3 * DAY, 5),
        Restart(BEGAN + 4 * DAY, RestartReason.MATERIALS_SUPPLIED),
        Stop(BEGAN + 5 * DAY),
    )
    clock = Clock(RULE, BEGAN, events)
    case_id = await keep(ruled, clock)
    (stored,) = await clocks_of(ruled, case_id)
    assert (stored.case, stored.clock, stored.warned) == (case_id, clock, Warned.NOT_YET)


async def test_a_clock_goes_on_from_where_it_was_kept(ruled: SqlStore) -> None:
    case_id = await keep(ruled, Clock(RULE, BEGAN))
    (stored,) = await clocks_of(ruled, case_id)
    await save(ruled, stored, Stop(BEGAN + DAY))
    (stored,) = await clocks_of(ruled, case_id)
    assert stored.clock == Clock(RULE, BEGAN, (Stop(BEGAN + DAY),))


async def test_a_clock_of_the_same_rule_and_day_is_kept_once(ruled: SqlStore) -> None:
    case_id = await keep(ruled, Clock(RULE, BEGAN, (Stop(BEGAN),)))
    async with ruled.write() as work:
        anew = Clock(RULE, BEGAN)
        await work.clocks.add(case_id, anew, standing(anew, BEGAN, CALENDAR))
        await work.commit()
    assert [stored.clock for stored in await clocks_of(ruled, case_id)] == [anew]


async def test_a_clock_whose_rule_is_gone_is_left_out(store: SqlStore) -> None:
    case_id = await keep(store, Clock(RULE, BEGAN))
    assert await clocks_of(store, case_id) == []


async def test_a_clock_is_warned_of_as_amber_then_as_overdue_then_to_the_supervisor(ruled: SqlStore) -> None:
    case_id = await keep(ruled, Clock(RULE, BEGAN))
    (stored,) = await clocks_of(ruled, case_id)
    assert await warnings(ruled, date(2026, 11, 8)) == []
    assert await warnings(ruled, date(2026, 11, 9)) == [(case_id, "")]
    assert await warnings(ruled, date(2026, 11, 12)) == [(case_id, "")]
    await mark(ruled, stored, Warned.AMBER)
    assert await warnings(ruled, date(2026, 11, 12)) == []
    assert await warnings(ruled, date(2026, 11, 13)) == [(case_id, "amber")]
    await mark(ruled, stored, Warned.OVERDUE)
    assert await warnings(ruled, date(2026, 11, 14)) == []
    assert await warnings(ruled, date(2026, 11, 14), date(2026, 11, 12)) == []
    assert await warnings(ruled, date(2026, 11, 15), date(2026, 11, 13)) == [(case_id, "overdue")]
    await mark(ruled, stored, Warned.ESCALATED)
    assert await warnings(ruled, date(2026, 12, 15), date(2026, 12, 13)) == []


async def mark(store: SqlStore, stored: StoredClock, level: Warned) -> None:
    async with store.write() as work:
        await work.clocks.mark_warned(stored.id, level)
        await work.commit()


async def test_an_overdue_clock_nobody_was_warned_of_is_warned_of_as_overdue(ruled: SqlStore) -> None:
    """After an outage over the amber days."""
    case_id = await keep(ruled, Clock(RULE, BEGAN))
    assert await warnings(ruled, date(2027, 1, 1)) == [(case_id, "")]


async def test_paused_and_finished_clocks_are_not_warned_of(ruled: SqlStore) -> None:
    await keep(ruled, Clock(RULE, BEGAN, (Stop(BEGAN + DAY),)))
    await keep(ruled, Clock(RULE, BEGAN, (Pause(BEGAN + DAY, PauseReason.AWAITING_WORKER),)), BEGAN + DAY)
    assert await warnings(ruled, date(2027, 1, 1)) == []


async def test_warnings_begin_anew_when_the_last_day_moves(ruled: SqlStore) -> None:
    case_id = await keep(ruled, Clock(RULE, BEGAN))
    (stored,) = await clocks_of(ruled, case_id)
    await mark(ruled, stored, Warned.OVERDUE)
    await save(ruled, stored, today=date(2026, 11, 13))
    assert await warnings(ruled, date(2026, 11, 13)) == []
    await save(ruled, stored, Extend(date(2026, 11, 13), 5), today=date(2026, 11, 13))
    assert await warnings(ruled, date(2026, 11, 13)) == [(case_id, "")]


async def test_the_longest_due_comes_first_and_no_more_than_asked_for(ruled: SqlStore) -> None:
    later = await keep(ruled, Clock(RULE, BEGAN + DAY))
    first = await keep(ruled, Clock(RULE, BEGAN))
    async with ruled.read() as work:
        assert [clock.case for clock in await work.clocks.warnings(date(2026, 12, 1), 1)] == [first]
    assert [case_id for case_id, _ in await warnings(ruled, date(2026, 12, 1))] == [first, later]


async def test_years_whose_holidays_nobody_knows_are_told(store: SqlStore, url: str, keys: KeyRing) -> None:
    working = replace(RULE, unit=Unit.WORKING, id="own.close", count=60)
    knowing = SqlStore(make_engine(url), keys, rules=RuleTable([working]))
    await keep(knowing, Clock(working, BEGAN))
    async with knowing.read() as work:
        assert await work.clocks.unknown_years() == [2027]
    await knowing.close()


def test_the_kept_day_of_warning_is_the_first_amber_one() -> None:
    clock = Clock(RULE, BEGAN)
    amber = [
        day for day in (BEGAN + n * DAY for n in range(30)) if standing(clock, day, CALENDAR).colour is Colour.AMBER
    ]
    found = standing(clock, BEGAN, CALENDAR)
    assert found.warn_on == amber[0] == date(2026, 11, 9)
