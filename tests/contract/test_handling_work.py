"""Assigning, triage, referral, merging and clocks by hand, on a real store."""

from datetime import date, timedelta

import pytest

from bot.complaints.clocks.deadlines import ClockRefused
from bot.complaints.desk.codes import ContactWay, DeletionReason, MoveReason
from bot.complaints.desk.refusals import Conflict, Faulty, NotAllowed
from bot.complaints.lifecycle import Event, Fact, State
from bot.complaints.quantities.ranges import Bounds
from bot.complaints.roles import Confidentiality
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import Bureau
from tests.cases import a_statement

TEXT = "某建筑公司拖欠工资三个月，请依法查处"


@pytest.fixture
async def desk(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def test_only_one_of_two_takes_a_case_on(desk: Bureau) -> None:
    case = await desk.file()
    seen = await desk.seen(case)
    await desk.do("take_on", "anna", case.id, seen)
    with pytest.raises(Conflict):
        await desk.do("take_on", "amy", case.id, seen)
    assert (await desk.case(case)).owner == "anna"


async def test_who_is_assigned_a_case_is_told_its_number_and_may_handle_it(desk: Bureau) -> None:
    case = await desk.file(confidentiality=Confidentiality.CONFIDENTIAL)
    await desk.do("assign", "sue", case.id, await desk.seen(case), "bert", ["amy"], note="懂行")
    assert await desk.notices("bert") == await desk.notices("amy") == [("assigned", case.number)]
    assert (await desk.page("bert", case)).statement is not None
    with pytest.raises(NotAllowed):
        await desk.do("assign", "anna", case.id, await desk.seen(case), "anna")


@pytest.mark.parametrize(
    ("fields", "owner", "code"),
    [
        ({}, "leo", "unfit"),
        ({}, "nobody", "unfit"),
        ({"concerns": frozenset({"amy"})}, "amy", "concerned"),
        ({"about_union_staff": True}, "anna", "supervisor_only"),
    ],
    ids=["leader", "nobody", "whom-it-is-about", "cadre-and-union-staff"],
)
async def test_a_case_is_not_given_to_who_must_not_have_it(
    desk: Bureau, fields: dict[str, object], owner: str, code: str
) -> None:
    case = await desk.file(**fields)
    with pytest.raises(Faulty) as faulty:
        await desk.do("assign", "sue", case.id, await desk.seen(case), owner)
    assert (faulty.value.field, faulty.value.code) == ("owner", code)


async def test_a_moved_case_is_nobodys_until_somebody_there_takes_it_on(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    seen = await desk.seen(case)
    await desk.do("move_district", "sue", case.id, seen, "caoxian", MoveReason.PLACE_OF_WORK)
    moved = await desk.case(case)
    assert (moved.district, moved.owner) == ("caoxian", "")
    assert await desk.notices("bert") == [("moved", case.number)]
    for district, code in (("caoxian", "same"), ("nowhere", "unknown")):
        with pytest.raises(Faulty) as faulty:
            await desk.do("move_district", "sue", case.id, await desk.seen(case), district, MoveReason.RAISED)
        assert faulty.value.code == code


async def test_a_case_held_back_is_let_through_by_the_supervisor_only(desk: Bureau) -> None:
    case = await desk.file(quarantined=True)
    await desk.do("release", "sue", case.id, await desk.seen(case))
    assert not (await desk.case(case)).quarantined
    assert (await desk.page("anna", case)).row.number == case.number
    with pytest.raises(Faulty):
        await desk.do("release", "sue", case.id, await desk.seen(case))


async def test_content_is_deleted_only_when_the_work_is_over(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    with pytest.raises(Faulty) as faulty:
        await desk.do("delete_content", "sue", case.id, await desk.seen(case), DeletionReason.WORKER_ASKED)
    assert faulty.value.code == "being_handled"
    with pytest.raises(NotAllowed):
        await desk.do("delete_content", "anna", case.id, await desk.seen(case), DeletionReason.WORKER_ASKED)


async def test_speaking_with_the_worker_counts_as_contact_and_not_reaching_them_does_not(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    contact = ("record_contact", "anna", case.id)
    await desk.do(*contact, await desk.seen(case), ContactWay.NOT_REACHED, "无人接听")
    assert (await desk.clocks(case))["own.first_contact"] == "running"
    await desk.do(*contact, await desk.seen(case), ContactWay.PHONE, "已核实工资数额")
    assert (await desk.clocks(case))["own.first_contact"] == "met"
    assert (await desk.case(case)).first_contact_at == desk.clock.now()


async def test_triage_sets_what_is_given_and_leaves_the_rest(desk: Bureau) -> None:
    case = await desk.file(owner="anna", urgent=True)
    employer = await desk.do("add_employer", "anna", "菏泽宏达建筑有限公司")
    people = Bounds(12, 15)
    await desk.do(
        "triage",
        "anna",
        case.id,
        await desk.seen(case),
        category="hours",
        employer=employer.id,
        site="花都新城二期工地",
        people=people,
    )
    changed = await desk.case(case)
    assert (changed.category, changed.employer, changed.people, changed.urgent) == ("hours", employer.id, people, True)
    assert "花都" not in changed.site
    page = await desk.page("anna", case)
    assert page.row.employer_name == "菏泽宏达建筑有限公司"
    entry = page.timeline[-1]
    assert (entry.kind, entry.note, entry.data["people"]) == ("triaged", "花都新城二期工地", "12..15")
    other = await desk.file(owner="anna")
    await desk.do("triage", "anna", other.id, await desk.seen(other), site="花都新城二期 项目部")
    assert (await desk.case(other)).site == changed.site


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"category": "nonsense"}, "category"),
        ({"category": ""}, "category"),
        ({"employer": "nobody"}, "employer"),
        ({"site": "。"}, "site"),
    ],
)
async def test_triage_refuses_what_does_not_exist(desk: Bureau, fields: dict[str, str], field: str) -> None:
    case = await desk.file(owner="anna")
    with pytest.raises(Faulty) as faulty:
        await desk.do("triage", "anna", case.id, await desk.seen(case), **fields)
    assert faulty.value.field == field


async def test_a_case_found_to_be_about_union_staff_leaves_its_cadre_and_goes_to_the_supervisors(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.do("triage", "anna", case.id, await desk.seen(case), about_union_staff=True)
    assert (await desk.case(case)).owner == ""
    assert await desk.notices("sue") == [("about_union_staff", case.number)]
    assert await desk.notices("anna") == []
    await desk.do("triage", "sue", case.id, await desk.seen(case), concerns=["sam"])
    assert (await desk.case(case)).concerns == {"sam"}
    plain = await desk.file(owner="anna")
    with pytest.raises(NotAllowed):
        await desk.do("triage", "anna", plain.id, await desk.seen(plain), concerns=["amy"])


async def test_a_referral_goes_out_redacted(desk: Bureau) -> None:
    story = "我叫李四，电话13812345678，某建筑公司欠我工资"
    case = await desk.file(a_statement(narrative=story, contact="wxid_lisi2000"), owner="anna")
    proposal = await desk.do("referral_proposal", "anna", case.id, "inspection")
    assert "李四" not in proposal.text
    assert "13812345678" not in proposal.text
    assert (proposal.identity_allowed, proposal.marks) == (False, {"name", "phone"})
    seen = await desk.seen(case)
    for text in ("工人李四被欠薪", "请联系 138-1234-5678", "加 WXID_lisi2000"):
        with pytest.raises(Faulty) as faulty:
            await desk.do("refer", "anna", case.id, seen, "inspection", text)
        assert (faulty.value.field, faulty.value.code) == ("text", "betrays")
    reply_by = date(2026, 4, 1)
    referred = await desk.do(
        "refer", "anna", case.id, seen, "inspection", TEXT, reply_by=reply_by, note_to_worker="已转监察"
    )
    assert (referred.state, referred.progress.recipient) == (State.REFERRED, "inspection")
    page = await desk.page("anna", case)
    kept = next(change for change in page.timeline if change.kind == "referral_text")
    assert (kept.note, kept.public) == (TEXT, False)
    step = next(change for change in page.timeline if change.kind == "refer")
    assert (step.data["reply_by"], step.data["way"]) == ("2026-04-01", "redacted")
    clocks = await desk.clocks(case)
    assert (clocks["own.acceptance"], clocks["own.referral_check"]) == ("met", "running")
    back = await desk.step("anna", case, Event.RETURN_REFERRAL, reason="not_competent")
    assert back.state is State.ACCEPTED
    clocks = await desk.clocks(case)
    assert (clocks["own.referral_check"], clocks["own.handling"]) == ("met", "running")


async def test_the_name_goes_along_only_to_the_body_that_the_worker_agreed_to(desk: Bureau) -> None:
    case = await desk.file(owner="anna", passing_on=("court",))
    named = "李四，电话13812345678，被拖欠工资"
    with pytest.raises(NotAllowed):
        await desk.do("refer", "anna", case.id, await desk.seen(case), "inspection", named, with_identity=True)
    assert (await desk.do("referral_proposal", "anna", case.id, "court")).identity_allowed
    await desk.do("refer", "anna", case.id, await desk.seen(case), "court", named, with_identity=True)
    anonymous = await desk.file(owner="anna", passing_on=("court",), confidentiality=Confidentiality.ANONYMOUS)
    with pytest.raises(NotAllowed):
        await desk.do("refer", "anna", anonymous.id, await desk.seen(anonymous), "court", named, with_identity=True)


async def test_a_referral_pauses_what_the_union_promised_but_not_what_the_law_asks_of_it(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.step("anna", case, Event.ACCEPT)
    await desk.do("refer", "anna", case.id, await desk.seen(case), "inspection", TEXT)
    clocks = await desk.clocks(case)
    assert (clocks["own.handling"], clocks["union.investigation"]) == ("paused", "running")


async def test_a_merged_case_is_handled_in_the_leading_one_and_its_worker_told_along(desk: Bureau) -> None:
    lead, other = await desk.file(owner="anna"), await desk.file(owner="anna")
    merged = await desk.do("merge", "anna", other.id, await desk.seen(other), lead.number, note_to_worker="已并案")
    assert (merged.state, merged.progress.merged_into, merged.collective) == (State.MERGED, lead.number, True)
    page = await desk.page("anna", lead)
    assert (page.members, page.row.collective) == ((other.number,), True)
    assert not any(
        change.public and lead.number in change.data.values() for change in (await desk.page("anna", other)).timeline
    )
    await desk.do("message", "anna", lead.id, "下周一协商", tell_members=True)
    texts = [message.text for message in (await desk.page("anna", other)).messages]
    assert texts == ["已并案", "下周一协商"]
    split = await desk.do(
        "split", "anna", other.id, await desk.seen(other), "different_matter", note_to_worker="单独办"
    )
    assert (split.state, split.progress.merged_before) == (State.ACCEPTED, (lead.number,))
    assert (await desk.page("anna", lead)).members == ()


async def test_a_target_that_one_may_not_see_is_refused_like_one_that_does_not_exist(desk: Bureau) -> None:
    mine, foreign = await desk.file(owner="anna"), await desk.file(district="caoxian")
    faults = []
    for number in (foreign.number, "HZ260302-999999"):
        with pytest.raises(Faulty) as faulty:
            await desk.do("merge", "anna", mine.id, await desk.seen(mine), number)
        faults.append((faulty.value.field, faulty.value.code))
    assert faults == [("target", "unknown")] * 2
    with pytest.raises(Faulty) as faulty:
        await desk.do("merge", "anna", mine.id, await desk.seen(mine), mine.number)
    assert faulty.value.code == "unfit"
    theirs = await desk.file()  # in the district, but nobody's
    with pytest.raises(NotAllowed):
        await desk.do("merge", "anna", mine.id, await desk.seen(mine), theirs.number)


async def test_a_case_is_not_merged_into_a_closed_one(desk: Bureau) -> None:
    lead, other = await desk.file(owner="anna"), await desk.file(owner="anna")
    wish = frozenset({Fact.WORKERS_WISH})
    await desk.step("anna", lead, Event.WITHDRAW, facts=wish, note="来电撤回")
    with pytest.raises(Faulty) as faulty:
        await desk.do("merge", "anna", other.id, await desk.seen(other), lead.number)
    assert faulty.value.code == "unfit"


async def test_clocks_of_other_bodies_are_started_stopped_and_extended_by_hand(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    startable = desk.handler.startable_clocks(now=desk.clock.now())
    assert "arbitration.award" in startable
    assert "own.handling" not in startable
    accepted = date(2026, 2, 20)
    start = ("start_clock", "anna", case.id)
    await desk.do(*start, await desk.seen(case), "arbitration.award", accepted)
    with pytest.raises(Faulty):
        await desk.do(*start, await desk.seen(case), "arbitration.award", accepted)
    with pytest.raises(Faulty):
        await desk.do(*start, await desk.seen(case), "own.handling", accepted)
    with pytest.raises(Faulty):
        await desk.do(*start, await desk.seen(case), "arbitration.award", date(2026, 3, 3))
    clock = next(clock for clock in (await desk.page("anna", case)).clocks if clock.rule == "arbitration.award")
    assert (clock.due, clock.extendable, clock.statutory) == (date(2026, 4, 7), 15, True)  # 6 April is a holiday
    await desk.do("extend_clock", "anna", case.id, await desk.seen(case), clock.id, 15, "仲裁委来函延期")
    clock = next(clock for clock in (await desk.page("anna", case)).clocks if clock.rule == "arbitration.award")
    assert (clock.due, clock.extendable) == (date(2026, 4, 21), None)
    with pytest.raises(ClockRefused):
        await desk.do("extend_clock", "anna", case.id, await desk.seen(case), clock.id, 1, "再延")
    await desk.do("stop_clock", "anna", case.id, await desk.seen(case), clock.id, date(2026, 3, 2))
    assert (await desk.clocks(case))["arbitration.award"] == "met"


async def test_the_unions_own_promise_is_extended_by_the_supervisor_only(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.step("anna", case, Event.ACCEPT)
    clock = next(clock for clock in (await desk.page("anna", case)).clocks if clock.rule == "own.handling")
    with pytest.raises(NotAllowed):
        await desk.do("extend_clock", "anna", case.id, await desk.seen(case), clock.id, 5, "案情复杂")
    await desk.do("extend_clock", "sue", case.id, await desk.seen(case), clock.id, 5, "案情复杂")
    with pytest.raises(Faulty):
        await desk.do("stop_clock", "sue", case.id, await desk.seen(case), clock.id, date(2026, 3, 2))
    longer = next(one for one in (await desk.page("sue", case)).clocks if one.rule == "own.handling")
    assert clock.due is not None
    assert longer.due is not None
    assert longer.due - clock.due >= timedelta(days=5)
