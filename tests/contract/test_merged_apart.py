"""Cases of one matter are handled together, and their workers learn nothing of one another."""

import pytest

from bot.complaints.cases import Case
from bot.complaints.desk.refusals import Faulty
from bot.complaints.lifecycle import Event
from bot.complaints.worker.tracking import CaseCopy, Tracking
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import Bureau
from tests.desk import Counter, a_desk


@pytest.fixture
def counter(store: SqlStore, keys: KeyRing) -> Counter:
    desk = a_desk(keys)
    store._rules = desk.rules
    return Counter(store, desk)


@pytest.fixture
async def bureau(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def three_merged(bureau: Bureau) -> tuple[Case, Case, Case]:
    """A leading case and the two that joined it."""
    lead, first, second = [await bureau.file(owner="anna") for _ in range(3)]
    for one in (first, second):
        await bureau.do("merge", "anna", one.id, await bureau.seen(one), lead.number, note_to_worker="已并案办理")
    return lead, first, second


async def shown_to_the_worker(counter: Counter, case: Case) -> str:
    """All that tracking page, chat, copy and proof are made of."""
    seen, copy = await counter.do("tracking", case.id), await counter.do("copy", case.id)
    assert isinstance(seen, Tracking)
    assert isinstance(copy, CaseCopy)
    told = [counter.desk.words.standing(seen), *(counter.desk.words.step(step) for step in seen.steps)]
    texts = [message.text for message in seen.messages]
    return "\n".join([repr(seen), repr(copy), *told, *texts])


async def test_no_worker_reads_the_number_of_another_case_or_how_many_there_are(
    bureau: Bureau, counter: Counter
) -> None:
    cases = await three_merged(bureau)
    await bureau.do("message", "anna", cases[0].id, f"您好，{cases[0].number}下周一协商。", tell_members=True)
    for case in cases:
        shown = await shown_to_the_worker(counter, case)
        assert f"您好，{case.number}下周一协商。" in shown
        assert [other.number for other in cases if other is not case and other.number in shown] == []
        assert "joined" not in shown
        assert "joins" not in shown


async def test_a_text_for_a_worker_that_names_another_case_of_the_matter_is_refused(bureau: Bureau) -> None:
    lead, first, second = await three_merged(bureau)
    for case, other in ((lead, first), (first, lead), (first, second)):
        with pytest.raises(Faulty) as faulty:
            await bureau.do("message", "anna", case.id, f"和{other.number.lower()}一起办")
        assert faulty.value.code == "other_case"
    apart = await bureau.file(owner="anna")
    with pytest.raises(Faulty) as faulty:
        await bureau.do(
            "merge", "anna", apart.id, await bureau.seen(apart), lead.number, note_to_worker=f"并入{lead.number}"
        )
    assert faulty.value.code == "other_case"
    await bureau.step("anna", first, Event.SPLIT, reason="different_matter")
    with pytest.raises(Faulty):
        await bureau.do("message", "anna", first.id, f"不再和{lead.number}一起办")


async def test_staff_read_the_numbers_of_those_cases_that_they_may_see(bureau: Bureau) -> None:
    """A case that has gone to another district since is no business of the cadre's any more."""
    lead, first, second = await three_merged(bureau)
    async with bureau.store.write() as work:
        case = await work.cases.find(second.id)
        assert case is not None
        await work.cases.change(case, bureau.clock.now(), district="caoxian", owner="bert")
        await work.commit()
    for who, numbers in (("anna", {first.number}), ("sue", {first.number, second.number})):
        page = await bureau.page(who, lead)
        named = {change.data["number"] for change in page.timeline if "number" in change.data}
        assert (named, set(page.members)) == (numbers, numbers)
