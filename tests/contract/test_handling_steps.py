"""Steps of a case on a real store: what a step brings with it, who may take it, and two people saving at once."""

import asyncio
from datetime import date, timedelta

import pytest

from bot.complaints.cases import CaseMessage, Direction
from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty, NotAllowed
from bot.complaints.desk.values import Seen
from bot.complaints.lifecycle import Event, Fact, State, Step, StepRefused, Verdict
from bot.complaints.roles import Confidentiality
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import Bureau
from tests.cases import a_message


@pytest.fixture
async def desk(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def test_a_case_goes_its_whole_way_and_its_clocks_with_it(desk: Bureau) -> None:
    case = await desk.file()
    await desk.do("take_on", "anna", case.id, await desk.seen(case))
    accepted = await desk.step("anna", case, Event.ACCEPT, note_to_worker="已受理，我们会尽快办理")
    assert (accepted.state, accepted.owner, accepted.accepted_at) == (State.ACCEPTED, "anna", desk.clock.now())
    assert accepted.first_contact_at == desk.clock.now()
    clocks = await desk.clocks(case)
    assert clocks["own.acceptance"] == clocks["own.first_contact"] == clocks["union.refusal_notice"] == "met"
    assert clocks["own.handling"] == clocks["union.investigation"] == "running"

    desk.clock.advance(days=1)
    await desk.step("anna", case, Event.START)
    await desk.step("anna", case, Event.ASK_WORKER, note_to_worker="请补充工资条")
    assert (await desk.clocks(case))["own.handling"] == "paused"
    desk.clock.advance(days=5)
    await desk.step("anna", case, Event.WORKER_ANSWERED)
    assert (await desk.clocks(case))["own.handling"] == "running"

    resolved = await desk.step("anna", case, Event.RESOLVE, outcome="paid", note_to_worker="已经付清")
    assert resolved.closed_at == desk.clock.now()
    assert resolved.ask_verdict_at == desk.clock.now() + timedelta(days=7)
    clocks = await desk.clocks(case)
    assert clocks["own.handling"] == clocks["union.investigation"] == "met"
    assert clocks["own.follow_up"] == clocks["own.ask_again"] == "running"

    verdict = await desk.step("sue", case, Event.FOLLOW_UP, verdict=Verdict.NOT_SOLVED)
    assert (verdict.state, verdict.progress.verdict, verdict.ask_verdict_at) == (
        State.FOLLOWED_UP,
        Verdict.NOT_SOLVED,
        None,
    )
    again = await desk.step("anna", case, Event.REOPEN, reason="not_kept")
    assert (again.state, again.closed_at, again.progress.reopened) == (State.IN_PROGRESS, None, 1)
    clocks = await desk.clocks(case)
    assert clocks["own.handling"] == "running"
    assert clocks["own.follow_up"] == "met"


async def test_reopening_on_the_day_of_the_beginning_lets_the_same_clock_go_on(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.step("anna", case, Event.ACCEPT)
    await desk.step("anna", case, Event.RESOLVE, outcome="explained", note_to_worker="答复如下")
    await desk.step("anna", case, Event.REOPEN, reason="new_facts")
    page = await desk.page("anna", case)
    handling = [clock for clock in page.clocks if clock.rule == "own.handling"]
    assert [clock.state for clock in handling] == ["running"]


async def test_what_a_form_claims_does_not_count_where_the_desk_can_see_for_itself(desk: Bureau) -> None:
    """Facts are not taken from a form: nobody declines without telling, or goes on before the time is over."""
    case = await desk.file(owner="anna")
    with pytest.raises(StepRefused) as refused:
        await desk.step("anna", case, Event.DECLINE, reason="no_facts", facts=frozenset({Fact.WORKER_TOLD}))
    assert refused.value.missing == {Fact.WORKER_TOLD}
    await desk.step("anna", case, Event.ACCEPT)
    until = date(2026, 3, 20)
    await desk.step("anna", case, Event.ASK_WORKER, note_to_worker="请补充", answer_until=until)
    with pytest.raises(StepRefused):
        await desk.step("anna", case, Event.GO_ON, facts=frozenset({Fact.WAIT_OVER}))
    desk.clock.advance(days=18)  # the last day itself
    with pytest.raises(StepRefused):
        await desk.step("anna", case, Event.GO_ON)
    desk.clock.advance(days=1)
    assert (await desk.step("anna", case, Event.GO_ON)).state is State.IN_PROGRESS


async def test_beginning_needs_somebody_responsible(desk: Bureau) -> None:
    case = await desk.file(helpers=frozenset({"anna"}))
    await desk.step("anna", case, Event.ACCEPT)
    form = next(form for form in (await desk.page("anna", case)).steps if form.event is Event.START)
    assert form.lacking == {Fact.OWNER}
    with pytest.raises(StepRefused):
        await desk.step("anna", case, Event.START)


async def test_a_withdrawal_by_telephone_needs_a_note_of_how_it_was_said(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    wish = frozenset({Fact.WORKERS_WISH})
    with pytest.raises(Faulty) as faulty:
        await desk.step("anna", case, Event.WITHDRAW, facts=wish)
    assert faulty.value.field == "note"
    withdrawn = await desk.step("anna", case, Event.WITHDRAW, facts=wish, note="3月2日来电，录音编号12")
    assert withdrawn.state is State.WITHDRAWN
    assert (await desk.page("anna", case)).notes[0].text == "3月2日来电，录音编号12"


@pytest.mark.parametrize(
    ("event", "fields", "fault"),
    [
        (Event.DECLINE, {"reason": "because", "note_to_worker": "说明"}, ("reason", "unknown")),
        (Event.DECLINE, {"reason": "no_facts", "note_to_worker": "【填写：理由】"}, ("note_to_worker", "gap")),
        (Event.DECLINE, {"reason": "no_facts", "note_to_worker": "长" * 4001}, ("note_to_worker", "too_long")),
        (Event.ACCEPT, {"outcome": "paid"}, ("outcome", "unknown")),
        (Event.REFER, {}, ("event", "own_form")),
        (Event.MERGE, {}, ("event", "own_form")),
    ],
    ids=["unknown-reason", "gap", "too-long", "outcome-too-early", "refer", "merge"],
)
async def test_a_form_with_faults_changes_nothing(
    desk: Bureau, event: Event, fields: dict[str, str], fault: tuple[str, str]
) -> None:
    case = await desk.file(owner="anna")
    with pytest.raises(Faulty) as faulty:
        await desk.step("anna", case, event, **fields)
    assert (faulty.value.field, faulty.value.code) == fault
    assert await desk.case(case) == case


async def test_asking_the_worker_until_a_day_that_is_past_is_refused(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.step("anna", case, Event.ACCEPT)
    with pytest.raises(Faulty) as faulty:
        await desk.step("anna", case, Event.ASK_WORKER, note_to_worker="请补充", answer_until=date(2026, 3, 2))
    assert faulty.value.code == "past"


async def test_the_second_to_save_sees_what_the_first_did_and_writes_nothing(desk: Bureau) -> None:
    case = await desk.file(owner="anna", helpers=frozenset({"amy"}))
    first, second = await desk.page("anna", case), await desk.page("amy", case)
    desk.clock.advance(minutes=3)
    await desk.do("take_step", "anna", case.id, first.seen, Step(event=Event.ACCEPT), note_to_worker="已受理")
    decline = Step(event=Event.DECLINE, reason="no_facts")
    with pytest.raises(Conflict) as conflict:
        await desk.do("take_step", "amy", case.id, second.seen, decline, note_to_worker="不受理")
    assert {(change.by, change.kind) for change in conflict.value.changes} == {
        ("anna", "message_to_worker"),
        ("anna", "accept"),
    }
    page = await desk.page("amy", case)
    assert (page.row.state, len(page.messages)) == (State.ACCEPTED, 1)
    assert conflict.value.version == page.row.version


async def test_of_two_at_the_same_moment_one_saves_and_the_other_is_told(desk: Bureau) -> None:
    case = await desk.file(owner="anna", helpers=frozenset({"amy"}))
    seen = await desk.seen(case)
    desk.clock.advance(minutes=1)
    saving = [
        desk.do("take_step", who, case.id, seen, Step(event=Event.ACCEPT), note_to_worker=f"{who}受理")
        for who in ("anna", "amy")
    ]
    results = await asyncio.gather(*saving, return_exceptions=True)
    lost = [result for result in results if isinstance(result, Conflict)]
    assert len(lost) == 1, results
    assert "accept" in [change.kind for change in lost[0].changes]
    page = await desk.page("sue", case)
    assert (len(page.messages), [change.kind for change in page.timeline]) == (1, ["accept"])


async def test_a_message_of_the_worker_meanwhile_is_a_conflict_too(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    page = await desk.page("anna", case)
    desk.clock.advance(minutes=1)
    async with desk.store.write() as work:
        await work.messages.add(case.id, a_message("钱到账了", sent_at=desk.clock.now()))
        await work.cases.change(await desk.case(case), desk.clock.now())
        await work.commit()
    with pytest.raises(Conflict) as conflict:
        await desk.do("message", "anna", case.id, "请问到账了吗", seen=page.seen)
    assert [change.kind for change in conflict.value.changes] == ["message_from_worker"]


async def test_without_a_time_the_latest_changes_are_told(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.step("anna", case, Event.ACCEPT)
    with pytest.raises(Conflict) as conflict:
        await desk.do("take_step", "anna", case.id, Seen(case.version), Step(event=Event.START))
    assert "accept" in [change.kind for change in conflict.value.changes]


async def test_a_conflict_tells_nothing_that_the_page_would_not(desk: Bureau) -> None:
    """Amy is of the district but does not handle this confidential case: she sees its row and what is public."""
    case = await desk.file(confidentiality=Confidentiality.CONFIDENTIAL)
    seen = (await desk.page("amy", case)).seen
    desk.clock.advance(minutes=1)
    await desk.do("take_on", "anna", case.id, await desk.seen(case))
    await desk.do("note", "anna", case.id, "内部情况")
    with pytest.raises(Conflict) as conflict:
        await desk.do("take_on", "amy", case.id, seen)
    assert conflict.value.changes == ()
    with pytest.raises(NotAllowed):
        await desk.do("take_on", "amy", case.id, await desk.seen(case))


async def test_another_districts_case_and_one_that_does_not_exist_are_refused_alike(desk: Bureau) -> None:
    case = await desk.file()
    refusals = []
    for case_id in (case.id, "f" * 32):
        with pytest.raises(CaseHidden) as hidden:
            await desk.do("page", "bert", case_id)
        refusals.append((type(hidden.value), str(hidden.value), vars(hidden.value)))
    assert refusals[0] == refusals[1]
    with pytest.raises(CaseHidden):
        await desk.do("take_step", "bert", case.id, Seen(1), Step(event=Event.ACCEPT))
    assert await desk.log(case) == []


async def test_who_sees_a_case_does_not_yet_handle_it(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    with pytest.raises(NotAllowed):
        await desk.step("amy", case, Event.ACCEPT)


async def test_every_step_is_logged_with_who_and_why(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    await desk.page("anna", case)
    await desk.step("anna", case, Event.DECLINE, reason="other_place", note_to_worker="请向当地工会反映")
    assert await desk.log(case) == [("anna", "case.see", ""), ("anna", "case.decline", "other_place")]


async def test_what_the_worker_is_told_goes_out_and_plans_a_neutral_notice(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    async with desk.store.write() as work:
        await work.links.add(case.id, "p1", "wechat", "openid-1", ["template"], desk.clock.now())
        await work.links.add(case.id, "p2", "telegram", "42", [], desk.clock.now())
        await work.commit()
    await desk.step("anna", case, Event.ACCEPT, note_to_worker="已受理")
    async with desk.store.read() as work:
        planned = await work.worker_notices.of(case.id)
        messages: list[CaseMessage] = await work.messages.of(case.id, {Direction.TO_WORKER})
    assert [notice.kind for notice in planned] == ["news"]
    assert [message.text for message in messages] == ["已受理"]
    assert not (await desk.page("anna", case)).unreachable
