"""The 12351 desk on both databases: one form makes one case or one count, whoever sends it how often."""

from dataclasses import replace

import pytest

from bot.complaints.cases import Filing, Nature
from bot.complaints.desk.calls import AnsweredCall
from bot.complaints.desk.codes import ReopenReason
from bot.complaints.desk.hotline import Hotline, WorkersWord
from bot.complaints.desk.refusals import CaseHidden, Faulty, NotAllowed
from bot.complaints.lifecycle import Event, State, Verdict
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import Bureau, viewer
from tests.cases import a_statement
from tests.desk import Counter, a_desk, a_filing


class Switchboard(Bureau):
    """The bureau with the service of the hotline, and the worker's desk behind it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = a_desk(self.keys)
        self.hotline = Hotline(self.handler._parts, self.desk.registrar, self.desk.follower, self.desk.guard)
        self.counter = Counter(self.store, self.desk)

    async def register(self, who: str, filing: Filing, form: str = "f1") -> str:
        async with self.store.write() as work:
            case_id = await self.hotline.register(work, viewer(who), filing, form, now=self.clock.now())
            await work.commit()
        return case_id


@pytest.fixture
async def board(store: SqlStore, keys: KeyRing) -> Switchboard:
    board = Switchboard(store, keys)
    await board.hire()
    return board


async def test_one_form_makes_one_case_and_every_operator_has_their_own(board: Switchboard) -> None:
    filing = a_filing(channel="hotline")
    first, again = await board.register("ole", filing), await board.register("ole", filing)
    other = await board.register("anna", filing)
    assert first == again != other
    case = await board.counter.case(first)
    assert (case.logged_by, case.quarantined) == ("ole", False)


async def test_who_takes_no_calls_registers_none(board: Switchboard) -> None:
    for who in ("leo", "pia", "adam"):
        with pytest.raises(NotAllowed):
            await board.register(who, a_filing())


async def test_a_question_that_waits_starts_the_clock_of_calling_back_and_a_call_stops_it(board: Switchboard) -> None:
    case_id = await board.register("ole", a_filing(nature=Nature.CONSULTATION))
    assert (await board.counter.clocks(case_id))["own.call_back"]
    case = await board.counter.case(case_id)
    await board.do("take_on", "anna", case.id, await board.seen(case))
    await board.do("message", "anna", case.id, "查清了，是这样的")
    assert not (await board.counter.clocks(case_id))["own.call_back"]


async def test_an_answered_question_is_counted_once(board: Switchboard) -> None:
    call = AnsweredCall(id="", taken_at=board.clock.now(), by="", channel="hotline", category="wage")
    async with board.store.write() as work:
        counted = [await board.hotline.count_answered(work, viewer("ole"), call, form) for form in ("a", "a", "b")]
        await work.commit()
    assert counted == [True, False, True]
    async with board.store.read() as work:
        assert await work.calls.count("ole", board.clock.now()) == 2


async def test_the_receipt_waits_for_its_taker_alone(board: Switchboard) -> None:
    case_id = await board.register("ole", a_filing())
    now = board.clock.now()
    async with board.store.write() as work:
        read = await board.hotline.read_out(work, viewer("ole"), case_id, now=now)
        assert read.receipt is not None
        assert read.next_steps
        with pytest.raises(CaseHidden):
            await board.hotline.read_out(work, viewer("sue"), case_id, now=now)
        await board.hotline.caller_has_receipt(work, viewer("ole"), case_id)
        assert (await board.hotline.read_out(work, viewer("ole"), case_id, now=now)).receipt is None


async def test_a_word_and_a_second_dispatch_are_one_act(board: Switchboard) -> None:
    made = await board.counter.file(a_filing(), now=board.clock.now())
    await board.counter.step(made.case_id, Event.ACCEPT, Event.START, Event.RESOLVE, now=board.clock.now())
    caller = replace(viewer("ole"), receipt_for=made.case_id)
    word = WorkersWord(verdict=Verdict.SOLVED, again=ReopenReason.NOT_KEPT)
    seen = await board.seen(await board.counter.case(made.case_id))
    async with board.store.write() as work:
        with pytest.raises(Faulty):
            await board.hotline.record_word(work, caller, made.case_id, seen, word, now=board.clock.now())
    with pytest.raises(CaseHidden):
        async with board.store.write() as work:
            await board.hotline.record_word(work, viewer("ole"), made.case_id, seen, word, now=board.clock.now())
    word = replace(word, verdict=Verdict.NOT_SOLVED, said="说好的没给")
    async with board.store.write() as work:
        await board.hotline.record_word(work, caller, made.case_id, seen, word, now=board.clock.now())
        await work.commit()
    case = await board.counter.case(made.case_id)
    assert (case.state, case.progress.reopened) == (State.IN_PROGRESS, 1)
    assert [kind for kind, _ in await board.notices("sue")] == ["reopened"]


async def test_a_site_that_a_worker_names_is_known_at_once_and_in_the_same_form_as_triage(board: Switchboard) -> None:
    made = await board.counter.file(
        a_filing(statement=a_statement(site="牡丹区花都新城二期工地")), now=board.clock.now()
    )
    other = await board.counter.file(a_filing(person="p2", statement=a_statement(site="")), now=board.clock.now())
    case = await board.counter.case(other.case_id)
    await board.do("take_on", "anna", case.id, await board.seen(case))
    await board.do("triage", "anna", case.id, await board.seen(case), site="花都新城二期")
    assert (await board.counter.case(made.case_id)).site == (await board.counter.case(other.case_id)).site != ""
