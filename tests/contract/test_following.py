"""Following a complaint by its receipt: what is shown, and what the worker may do in each state."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from bot.complaints.cases import CaseMessage, Consent, Direction, SaidQuantity
from bot.complaints.errors import Changed
from bot.complaints.lifecycle import Event, State, Verdict
from bot.complaints.worker.following import Follower
from bot.complaints.worker.refusals import NotFound, Refused, SlowDown, Why
from bot.complaints.worker.tracking import Can, CaseCopy, Deletion, Kept, Tracking
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import STAFF, Bureau
from tests.cases import a_file, a_statement, an_entry
from tests.desk import NOW, Counter, a_desk, a_filing

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def counter(store: SqlStore, keys: KeyRing) -> Counter:
    desk = a_desk(keys)
    store._rules = desk.rules
    return Counter(store, desk)


async def look(counter: Counter, case_id: str) -> Tracking:
    found = await counter.do("tracking", case_id, now=LATER)
    assert isinstance(found, Tracking)
    return found


async def tell(counter: Counter, case_id: str, text: str, direction: Direction) -> None:
    async with counter.store.write() as work:
        message = CaseMessage(id=text, sent_at=LATER, by="cadre1", direction=direction, text=text)
        await work.messages.add(case_id, message)
        await work.commit()


# ---- what is shown


async def test_the_page_shows_state_words_and_what_is_due_but_neither_name_nor_number(counter: Counter) -> None:
    """A receipt may be found by somebody else."""
    made = await counter.file()
    seen = await look(counter, made.case_id)
    assert (seen.number, seen.state) == (made.number, State.REGISTERED)
    assert seen.said is not None
    assert seen.said.narrative == a_statement().narrative
    assert (seen.said.name, seen.said.phone, seen.said.contact) == ("", "", "")
    assert (seen.name_given, seen.phone_given, seen.contact_given) == (True, True, True)
    assert [step.rule for step in seen.next_steps][:2] == ["own.first_contact", "own.acceptance"]
    assert [step.kind for step in seen.steps] == ["registered"]
    assert seen.guard.lines


async def test_internal_notes_and_ids_of_staff_are_not_shown(counter: Counter) -> None:
    made = await counter.file()
    await tell(counter, made.case_id, "我们查一下", Direction.TO_WORKER)
    await tell(counter, made.case_id, "单位说法不一", Direction.NOTE)
    async with counter.store.write() as work:
        await work.timeline.add(made.case_id, an_entry("assigned", by="cadre1", data={"owner": "cadre1"}))
        public = an_entry("merge", by="cadre1", public=True, data={"target": "HZ261101-000001", "reason": "same"})
        await work.timeline.add(made.case_id, public)
        await work.commit()
    seen = await look(counter, made.case_id)
    assert [message.text for message in seen.messages] == ["我们查一下"]
    assert [step.kind for step in seen.steps] == ["registered", "merge"]
    assert seen.steps[-1].data == {"reason": "same"}
    assert "cadre1" not in repr(seen)
    assert "HZ261101" not in repr(seen)


async def test_messages_are_new_once(counter: Counter) -> None:
    made = await counter.file()
    await tell(counter, made.case_id, "我们查一下", Direction.TO_WORKER)
    assert [(await look(counter, made.case_id)).unread for _ in range(2)] == [1, 0]


async def test_files_that_cadres_add_are_theirs(counter: Counter, keys: KeyRing) -> None:
    made = await counter.file()
    async with counter.store.write() as work:
        for by in ("worker", "cadre1"):
            file, key = a_file(keys, by=by, case=made.case_id)
            await work.files.add(file, key)
        await work.commit()
    seen = await look(counter, made.case_id)
    assert len(seen.files) == 1
    async with counter.store.read() as work:
        theirs = next(file for file in await work.files.of_case(made.case_id) if file.by == "cadre1")
    with pytest.raises(NotFound):
        await opened(counter, made.case_id, theirs.id)
    assert (await opened(counter, made.case_id, seen.files[0].id)).id == seen.files[0].id


async def opened(counter: Counter, case_id: str, file_id: str) -> object:
    async with counter.store.write() as work:
        return await counter.follower.file(work, case_id, file_id)


async def test_every_look_is_logged(counter: Counter) -> None:
    made = await counter.file()
    await counter.open(made.receipt)
    await look(counter, made.case_id)
    await counter.do("copy", made.case_id)
    kinds = {"case.registered", "worker.receipt_shown", "worker.looked", "worker.copied"}
    assert set(await counter.audited(made.case_id)) == kinds


async def test_a_case_id_that_is_none_is_not_found(counter: Counter) -> None:
    for case_id in ("", "0" * 32):
        with pytest.raises(NotFound):
            await look(counter, case_id)


async def test_after_deletion_neither_receipt_nor_session_opens_anything(counter: Counter) -> None:
    made = await counter.file()
    async with counter.store.write() as work:
        await work.cases.delete_content(made.case_id, LATER)
        await work.commit()
    with pytest.raises(NotFound):
        await counter.open(made.receipt)
    with pytest.raises(NotFound):
        await look(counter, made.case_id)
    with pytest.raises(Refused) as refused:
        await counter.do("say", made.case_id, "还在吗")
    assert refused.value.why is Why.CONTENT_DELETED


# ---- the receipt, shown once more


async def test_a_receipt_can_be_shown_once_more_and_no_longer_than_a_day(counter: Counter) -> None:
    made, other = await counter.file(), await counter.file(a_filing(person="p2"))

    async def again(person: str, now: object) -> list[str]:
        async with counter.store.write() as work:
            shown = await counter.follower.show_receipt_again(work, person, now)  # type: ignore[arg-type]
            await work.commit()
        return [one.receipt.grouped() for one in shown]

    assert await again("p1", LATER) == [made.receipt.grouped()]
    assert await again("p1", LATER) == []
    assert await again("p2", NOW + timedelta(hours=24)) == []
    assert await again("", LATER) == []
    assert other.receipt_until == NOW + timedelta(hours=24)


async def test_showing_the_receipt_confirms_it(counter: Counter) -> None:
    made = await counter.file()
    await counter.open(made.receipt)
    async with counter.store.read() as work:
        assert await work.receipts.waiting("p1", NOW) == []


# ---- writing


async def test_what_the_worker_writes_falls_due_to_be_answered(counter: Counter) -> None:
    made = await counter.file()
    await counter.step(made.case_id, Event.ACCEPT)
    await counter.do("say", made.case_id, " 老板又打电话来了 ")
    await counter.do("say", made.case_id, "让我签字", now=NOW + timedelta(days=3))
    async with counter.store.read() as work:
        texts = [message.text for message in await work.messages.of(made.case_id, [Direction.FROM_WORKER])]
        [clock] = [one.clock for one in await work.clocks.of(made.case_id) if one.clock.rule.id == "own.message"]
    assert texts == ["老板又打电话来了", "让我签字"]
    assert clock.started_on == date(2026, 11, 20), "a second message does not move the day of the first"


async def test_an_awaited_answer_takes_the_case_on(counter: Counter) -> None:
    made = await counter.file()
    await counter.step(made.case_id, Event.ACCEPT, Event.ASK_WORKER)
    await counter.do("say", made.case_id, "合同找到了", now=LATER)
    assert (await counter.case(made.case_id)).state is State.IN_PROGRESS
    assert [step.kind for step in (await look(counter, made.case_id)).steps] == ["registered", "worker_answered"]


@pytest.mark.parametrize(("text", "why"), [("  ", Why.EMPTY), ("字" * 2001, Why.TOO_LONG)], ids=["nothing", "too long"])
async def test_what_cannot_be_kept_is_refused(counter: Counter, text: str, why: Why) -> None:
    made = await counter.file()
    with pytest.raises(Refused) as refused:
        await counter.do("say", made.case_id, text)
    assert refused.value.why is why


async def test_messages_beyond_the_hours_budget_are_slowed(counter: Counter) -> None:
    made = await counter.file()
    for number in range(30):
        await counter.do("say", made.case_id, f"第{number}条")
    with pytest.raises(SlowDown) as slowed:
        await counter.do("say", made.case_id, "再来一条")
    assert slowed.value.seconds == 3600
    await counter.do("say", made.case_id, "过一小时", now=NOW + timedelta(hours=1))


async def test_files_of_somebody_else_are_not_attached(counter: Counter, keys: KeyRing) -> None:
    made, other = await counter.file(), await counter.file()
    free, free_key = a_file(keys, draft="d")
    theirs, their_key = a_file(keys, case=other.case_id)
    async with counter.store.write() as work:
        await work.files.add(free, free_key)
        await work.files.add(theirs, their_key)
        await work.commit()
    with pytest.raises(Refused) as refused:
        await counter.do("add_files", made.case_id, [free.id, theirs.id])
    assert refused.value.why is Why.NOT_YOUR_FILE
    await counter.do("add_files", made.case_id, [free.id])
    assert [file.id for file in (await look(counter, made.case_id)).files] == [free.id]


async def test_a_correction_keeps_the_earlier_words_and_what_was_not_named(counter: Counter, keys: KeyRing) -> None:
    made = await counter.file()
    more = SaidQuantity(said="三十人", low=30, high=30)
    changes = {"narrative": "拖了四个月", "people": more, "phone": "13900000000"}
    await counter.do("correct", made.case_id, changes, now=LATER)
    async with counter.store.read() as work:
        said = await work.cases.statement(made.case_id)
        versions = await work.cases.statements(made.case_id)
        assert await work.blind.find("phone", keys.index_all("phone", "13900000000")) == [made.case_id]
        assert await work.blind.find("phone", keys.index_all("phone", "13812345678")) == []
    assert said is not None
    assert (said.narrative, said.name, said.wish) == ("拖了四个月", "李四", "把钱要回来")
    assert [one.statement.narrative for one in versions] == ["老板张三拖了仨月工资不给", "拖了四个月"]
    case = await counter.case(made.case_id)
    assert case.people is not None
    assert case.people.low == 30
    assert (await look(counter, made.case_id)).steps[-1].data == {"fields": "narrative people phone"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"narrative": " "}, Why.EMPTY), ({"number": "1"}, Why.FIELD)],
    ids=["nothing left", "no such field"],
)
async def test_a_correction_that_says_nothing_is_refused(
    counter: Counter, changes: dict[str, object], why: Why
) -> None:
    made = await counter.file()
    with pytest.raises(Refused) as refused:
        await counter.do("correct", made.case_id, changes)
    assert refused.value.why is why


async def test_a_correction_that_changes_nothing_leaves_no_trace(counter: Counter) -> None:
    made = await counter.file()
    await counter.do("correct", made.case_id, {"narrative": a_statement().narrative})
    assert (await counter.case(made.case_id)).version == 1


async def test_the_copy_holds_every_version_without_name_and_number(counter: Counter) -> None:
    made = await counter.file()
    await counter.do("correct", made.case_id, {"wish": "还要赔偿金"})
    copy = await counter.do("copy", made.case_id)
    assert isinstance(copy, CaseCopy)
    assert [one.said.wish for one in copy.versions] == ["把钱要回来", "还要赔偿金"]
    assert {(one.said.name, one.said.phone) for one in copy.versions} == {("", "")}


# ---- withdrawing, deleting, the verdict


async def test_a_withdrawn_complaint_rests_and_can_be_taken_up_again(counter: Counter) -> None:
    made = await counter.file()
    await counter.do("withdraw", made.case_id)
    resting = await counter.case(made.case_id)
    assert (resting.state, resting.next_due, resting.closed_at) == (State.WITHDRAWN, None, NOW)
    assert not any((await counter.clocks(made.case_id)).values())
    await counter.do("restore", made.case_id, now=NOW + timedelta(days=10))
    again = await counter.case(made.case_id)
    assert (again.state, again.closed_at, again.next_due) == (State.REGISTERED, None, date(2026, 12, 2))


async def test_a_complaint_restored_on_the_same_day_goes_on_with_its_clocks(counter: Counter) -> None:
    made = await counter.file()
    before = await counter.clocks(made.case_id)
    await counter.do("withdraw", made.case_id)
    await counter.do("restore", made.case_id, now=LATER)
    assert await counter.clocks(made.case_id) == before
    assert (await counter.case(made.case_id)).next_due == date(2026, 11, 24)


async def test_a_wish_to_delete_is_written_down_once_and_says_what_stays(counter: Counter) -> None:
    """A found receipt must not destroy evidence: a person decides."""
    made = await counter.file()
    first = await counter.do("ask_deletion", made.case_id)
    second = await counter.do("ask_deletion", made.case_id, now=LATER)
    assert isinstance(first, Deletion)
    assert first == second
    assert first.kept == (Kept.WHILE_HANDLED, Kept.FIGURES, Kept.AUDIT, Kept.BACKUPS)
    seen = await look(counter, made.case_id)
    assert seen.deletion_asked
    assert seen.said is not None


async def test_what_has_been_passed_on_is_named_among_what_stays(counter: Counter) -> None:
    consents = frozenset({Consent.PERSONAL_DATA, Consent.PASSING_ON})
    made = await counter.file(a_filing(consents=consents, passing_on=("inspection",)))
    asked = await counter.do("ask_deletion", made.case_id)
    assert isinstance(asked, Deletion)
    assert Kept.PASSED_ON in asked.kept


async def test_the_workers_word_counts_and_the_last_one_stays(counter: Counter) -> None:
    made = await counter.file()
    resolved = await counter.step(
        made.case_id, Event.ACCEPT, Event.RESOLVE, closed_at=NOW, ask_verdict_at=NOW + timedelta(days=7)
    )
    assert (await look(counter, made.case_id)).verdict_asked
    assert resolved.ask_verdict_at is not None
    await counter.do("give_verdict", made.case_id, Verdict.SOLVED, now=LATER)
    await counter.do("give_verdict", made.case_id, Verdict.NOT_SOLVED, now=LATER, comment="又不给了")
    case = await counter.case(made.case_id)
    assert (case.state, case.progress.verdict, case.ask_verdict_at) == (State.FOLLOWED_UP, Verdict.NOT_SOLVED, None)
    seen = await look(counter, made.case_id)
    assert not seen.verdict_asked
    assert seen.messages[-1].text == "又不给了"
    assert not (await counter.clocks(made.case_id))["own.follow_up"]


async def test_that_nothing_is_solved_is_told_to_who_can_take_it_up_again(
    counter: Counter, store: SqlStore, keys: KeyRing
) -> None:
    """A verdict that nobody is told of is asked for nothing; said twice it is told once."""
    bureau = Bureau(store, keys)
    await bureau.hire()
    made = await counter.file()
    await counter.step(made.case_id, Event.ACCEPT, Event.RESOLVE, owner="anna")
    for verdict, told in ((Verdict.SOLVED, 0), (Verdict.NOT_SOLVED, 1), (Verdict.NOT_SOLVED, 1)):
        await counter.do("give_verdict", made.case_id, verdict, now=LATER)
        for who in STAFF:
            notices = [kind for kind, _ in await bureau.notices(who)].count("dissatisfied")
            assert notices == (told if who in {"anna", "sue", "sam"} else 0), (who, verdict)


async def test_somebody_else_saving_at_the_same_time_is_noticed(counter: Counter) -> None:
    made = await counter.file()
    stale = await counter.case(made.case_id)
    await counter.step(made.case_id, Event.ACCEPT)
    async with counter.store.write() as work:
        with pytest.raises(Changed):
            await work.cases.change(stale, LATER, urgent=True)


CALLS: dict[Can, Callable[[Counter, str], Awaitable[object]]] = {
    Can.SAY: lambda counter, id: counter.do("say", id, "话"),
    Can.CORRECT: lambda counter, id: counter.do("correct", id, {"wish": "x"}),
    Can.CHANGE_PASSING_ON: lambda counter, id: counter.do("change_passing_on", id, ("inspection",)),
    Can.COPY: lambda counter, id: counter.do("copy", id),
    Can.WITHDRAW: lambda counter, id: counter.do("withdraw", id),
    Can.RESTORE: lambda counter, id: counter.do("restore", id),
    Can.ASK_DELETION: lambda counter, id: counter.do("ask_deletion", id),
    Can.GIVE_VERDICT: lambda counter, id: counter.do("give_verdict", id, Verdict.PARTLY),
}
WAYS: dict[State, tuple[Event, ...]] = {
    State.REGISTERED: (),
    State.ACCEPTED: (Event.ACCEPT,),
    State.DECLINED: (Event.DECLINE,),
    State.REFERRED: (Event.REFER,),
    State.IN_PROGRESS: (Event.ACCEPT, Event.START),
    State.AWAITING_WORKER: (Event.ACCEPT, Event.ASK_WORKER),
    State.RESOLVED: (Event.ACCEPT, Event.RESOLVE),
    State.FOLLOWED_UP: (Event.ACCEPT, Event.RESOLVE, Event.FOLLOW_UP),
    State.WITHDRAWN: (Event.WITHDRAW,),
    State.MERGED: (Event.MERGE,),
}


@pytest.mark.parametrize("state", list(State), ids=str)
async def test_what_the_page_offers_is_what_the_case_takes(
    counter: Counter, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every state: each act that is offered works, and each that is not is refused."""
    monkeypatch.setattr(Follower, "_check_pace", _no_pace)
    for act, call in CALLS.items():
        made = await counter.file()
        await counter.step(made.case_id, *WAYS[state])
        offered = (await look(counter, made.case_id)).can
        if act in offered:
            await call(counter, made.case_id)
            continue
        with pytest.raises(Refused):
            await call(counter, made.case_id)


async def _no_pace(*_: object) -> None:
    return None
