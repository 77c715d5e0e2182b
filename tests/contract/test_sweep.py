"""The sweep over clocks and the collective radar, on a real store."""

from datetime import date

import pytest

from bot.clock import local_date
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.desk.refusals import CaseHidden, Faulty, NotAllowed
from bot.complaints.desk.sweep import Sweep, Swept
from bot.complaints.lifecycle import Event, Fact, State
from bot.complaints.notices import Road
from bot.complaints.quantities.ranges import Bounds
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from bot.workdays import WorkCalendar
from tests.cadres import CALENDAR, RULES, Bureau

WITHOUT_2026 = WorkCalendar(frozenset({2025}))


@pytest.fixture
async def desk(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def sweep(desk: Bureau, sweeper: Sweep | None = None) -> Swept:
    async with desk.store.write() as work:
        swept = await (sweeper or desk.sweep).run(work, desk.clock.now())
        await work.commit()
    return swept


async def look(desk: Bureau) -> int:
    async with desk.store.write() as work:
        found = await desk.radar.run(work, desk.clock.now())
        await work.commit()
    return found


async def test_warnings_go_to_the_owner_and_what_stays_overdue_to_the_supervisors(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    assert (await sweep(desk)).warned == 0
    desk.clock.advance(days=1)  # one of two working days is left
    await sweep(desk)
    assert await desk.notices("anna") == [("due", case.number)]
    assert (await sweep(desk)).warned == 0, "once is enough"
    desk.clock.advance(days=2)
    await sweep(desk)
    assert ("overdue", case.number) in await desk.notices("anna")
    assert await desk.notices("sue") == []
    desk.clock.advance(days=2)
    await sweep(desk)
    assert await desk.notices("sue") == await desk.notices("sam") == [("escalated", case.number)]
    assert (await sweep(desk)).warned == 0


async def test_a_case_without_an_owner_warns_the_cadres_of_its_district(desk: Bureau) -> None:
    case = await desk.file()
    desk.clock.advance(days=1)
    await sweep(desk)
    assert await desk.notices("anna") == await desk.notices("amy") == [("due", case.number)]
    assert await desk.notices("bert") == await desk.notices("sue") == []


async def test_a_case_about_union_staff_is_told_to_supervisors_only_and_not_to_those_concerned(desk: Bureau) -> None:
    case = await desk.file(about_union_staff=True, concerns=frozenset({"sam"}))
    desk.clock.advance(days=1)
    await sweep(desk)
    assert await desk.notices("sue") == [("due", case.number)]
    assert await desk.notices("anna") == await desk.notices("sam") == []


async def test_a_paused_clock_warns_nobody(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.step("anna", case, Event.ACCEPT, note_to_worker="已受理")
    await desk.step("anna", case, Event.ASK_WORKER, note_to_worker="请补充")
    desk.clock.advance(days=25)
    assert (await sweep(desk)).warned == 0


async def test_a_notice_holds_the_number_and_what_is_due_and_goes_by_the_roads_switched_on(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    async with desk.store.write() as work:
        await work.staff.change("anna", desk.clock.now(), mail="anna@example.org")
        await work.commit()
    desk.clock.advance(days=1)
    clocks = CaseClocks(RULES, CALENDAR, ("山东",))
    await sweep(desk, Sweep(CALENDAR, clocks, roads=frozenset(Road)))
    async with desk.store.write() as work:
        sent = [one for road in Road for one in await work.notices.claim_letter(desk.clock.now(), {road})]
        shown = await work.notices.unseen("anna")
    assert {stored.notice.road for stored in sent} == {Road.MAIL, Road.WECOM, Road.TELEGRAM}
    assert all(stored.notice.number == case.number for stored in [*sent, *shown])
    assert dict(shown[0].notice.data) == {
        "rule": "own.first_contact",
        "title": "首次联系职工",
        "due": "2026-03-04",
    }


async def test_a_year_without_holidays_is_told_to_the_administrator_and_guessed_by_nobody(desk: Bureau) -> None:
    blind = CaseClocks(RULES, WITHOUT_2026, ("山东",))
    case = await desk.file(owner="anna")
    async with desk.store.write() as work:  # as if the clocks had been started before the holidays were known
        for stored in await work.clocks.of(case.id):
            await work.clocks.save(stored, stored.clock, blind._standing(stored.clock, local_date(desk.clock.now())))
        await work.cases.change(case, desk.clock.now(), **await blind.due(work, case.id, date(2026, 3, 2)))
        await work.commit()
    blindly = Sweep(WITHOUT_2026, blind)
    assert (await sweep(desk, blindly)).unknown_years == (2026,)
    await sweep(desk, blindly)
    assert await desk.notices("adam") == [("calendar_missing", "")]

    guessed = (await desk.case(case)).next_due
    swept = await sweep(desk)
    assert (swept.unknown_years, swept.recounted) == ((), 4)
    counted = (await desk.case(case)).next_due
    assert counted == date(2026, 3, 4)
    assert guessed is not None
    assert guessed <= counted
    assert (await sweep(desk)).recounted == 0


async def test_the_same_employer_three_times_in_a_month_is_flagged_and_told(desk: Bureau) -> None:
    employer = await desk.do("add_employer", "anna", "宏达建筑")
    old = await desk.file(employer=employer.id)
    desk.clock.advance(days=31)
    cases = [await desk.file(employer=employer.id, owner="anna") for _ in range(2)]
    assert await look(desk) == 0
    cases.append(await desk.file(employer=employer.id, owner="anna"))
    await desk.file(employer=employer.id, about_union_staff=True)
    assert await look(desk) == 1
    assert await look(desk) == 0, "what is known is not found again"
    assert [(await desk.case(case)).collective for case in [*cases, old]] == [True, True, True, False]
    found = (await desk.do("findings", "anna"))[0]
    assert (found.kind, found.employer_name, found.hidden) == ("employer", "宏达建筑", 0)
    assert {number for _, number in found.cases} == {case.number for case in cases}
    assert ("collective", "") in await desk.notices("anna")
    assert ("collective", "") in await desk.notices("sue")
    assert await desk.do("findings", "bert") == []


@pytest.mark.parametrize(
    ("cases", "kind"),
    [
        ([{"people": Bounds(10, None)}], "people"),
        ([{"employer": "e", "people": Bounds(6, 6)}, {"employer": "e", "people": Bounds(4, 8)}], "people"),
        ([{"site": "s"}, {"site": "s"}, {"site": "s"}], "site"),
    ],
    ids=["ten-in-one-case", "ten-of-one-employer", "three-on-one-site"],
)
async def test_ten_people_and_three_on_one_site_are_collective_too(
    desk: Bureau, cases: list[dict[str, object]], kind: str
) -> None:
    for fields in cases:
        await desk.file(**fields)
    assert await look(desk) == 1
    assert [finding.kind for finding in await desk.do("findings", "sue")] == [kind]


@pytest.mark.parametrize(
    "cases",
    [
        [{"people": Bounds(9, 30)}],
        [{"site": "s"}, {"site": "s"}, {"site": "s", "quarantined": True}],
        [{"employer": "e"}, {"employer": "e"}],
    ],
    ids=["perhaps-ten", "one-held-back", "two-only"],
)
async def test_what_is_not_sure_or_too_few_is_not_flagged(desk: Bureau, cases: list[dict[str, object]]) -> None:
    for fields in cases:
        await desk.file(**fields)
    assert await look(desk) == 0


async def test_a_finding_decided_on_as_one_matter_is_merged_into_its_leading_case(desk: Bureau) -> None:
    cases = [await desk.file(site="s", owner="anna") for _ in range(3)]
    await look(desk)
    finding = (await desk.do("findings", "anna"))[0]
    with pytest.raises(CaseHidden):
        await desk.do("decide_finding", "bert", finding.id, together=True)
    with pytest.raises(NotAllowed):
        await desk.do("decide_finding", "amy", finding.id, together=True)
    with pytest.raises(Faulty):
        await desk.do("decide_finding", "anna", finding.id, together=True, lead="HZ000000-000000")
    lead = cases[0]
    await desk.do("decide_finding", "anna", finding.id, together=True, lead=lead.number)
    assert set((await desk.page("anna", lead)).members) == {cases[1].number, cases[2].number}
    assert [(await desk.case(case)).state for case in cases[1:]] == [State.MERGED, State.MERGED]
    with pytest.raises(CaseHidden):
        await desk.do("decide_finding", "anna", finding.id, together=False)
    desk.clock.advance(days=1)
    assert await look(desk) == 0


async def test_a_finding_that_was_none_loses_its_flag_and_does_not_come_back(desk: Bureau) -> None:
    cases = [await desk.file(site="s") for _ in range(3)]
    await look(desk)
    finding = (await desk.do("findings", "sue"))[0]
    await desk.do("decide_finding", "sue", finding.id, together=False)
    assert not any([(await desk.case(case)).collective for case in cases])
    desk.clock.advance(days=1)
    assert await look(desk) == 0
    await desk.file(site="s")
    assert await look(desk) == 1, "a fourth one is news"


async def test_a_withdrawn_case_no_longer_counts(desk: Bureau) -> None:
    cases = [await desk.file(site="s", owner="anna") for _ in range(3)]
    wish = frozenset({Fact.WORKERS_WISH})
    await desk.step("anna", cases[0], Event.WITHDRAW, facts=wish, note="来电撤回")
    assert await look(desk) == 0
