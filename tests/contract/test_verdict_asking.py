"""Asking the worker again what came of a case, and listing it for a call-back."""

from datetime import datetime, timedelta

import pytest

from bot.complaints.cases import Consent, Filing
from bot.complaints.lifecycle import Event, State, Verdict
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cases import a_statement, an_entry
from tests.desk import NOW, Counter, a_desk, a_filing

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@pytest.fixture
def counter(store: SqlStore, keys: KeyRing) -> Counter:
    desk = a_desk(keys)
    store._rules = desk.rules
    return Counter(store, desk)


async def closed(counter: Counter, filing: Filing | None = None) -> str:
    made = await counter.file(filing)
    await counter.step(made.case_id, Event.ACCEPT)
    await counter.step(made.case_id, Event.RESOLVE, closed_at=NOW, ask_verdict_at=NOW + WEEK)
    async with counter.store.write() as work:  # the line that the cadre's step leaves
        await work.timeline.add(made.case_id, an_entry(Event.RESOLVE, public=True))
        await work.commit()
    return made.case_id


async def ask(counter: Counter, now: datetime) -> int:
    async with counter.store.write() as work:
        looked_at = await counter.desk.verdicts.run(work, now)
        await work.commit()
    return looked_at


async def asked(counter: Counter, case_id: str) -> list[str]:
    async with counter.store.read() as work:
        timeline = await work.timeline.of(case_id)
    kinds = {"verdict_asked", "call_back"}
    return [f"{entry.kind} {entry.data.get('road', '')}".strip() for entry in timeline if entry.kind in kinds]


async def test_where_a_notice_was_granted_it_is_planned_with_neutral_words(counter: Counter) -> None:
    news = frozenset({Consent.PERSONAL_DATA, Consent.NOTICES})
    case_id = await closed(counter, a_filing(notify="oW", consents=news, grants=("template",)))
    assert await ask(counter, NOW + WEEK - timedelta(seconds=1)) == 0
    assert await ask(counter, NOW + WEEK) == 1
    async with counter.store.read() as work:
        [notice] = await work.worker_notices.of(case_id)
    assert (notice.kind, notice.case) == ("verdict", case_id)
    assert await asked(counter, case_id) == ["verdict_asked notice"]


async def test_without_a_notice_the_next_visit_asks_and_then_somebody_calls(counter: Counter) -> None:
    case_id = await closed(counter)
    assert await ask(counter, NOW + WEEK) == 1
    assert await ask(counter, NOW + WEEK) == 0, "not again at once"
    assert not (await counter.case(case_id)).call_back_due
    assert await ask(counter, NOW + MONTH) == 1
    case = await counter.case(case_id)
    assert (case.call_back_due, case.ask_verdict_at) == (True, None)
    assert await asked(counter, case_id) == ["verdict_asked visit", "call_back"]
    assert await ask(counter, NOW + MONTH + MONTH) == 0


async def test_who_left_no_number_cannot_be_called(counter: Counter) -> None:
    case_id = await closed(counter, a_filing(statement=a_statement(phone="", contact="")))
    await ask(counter, NOW + WEEK)
    await ask(counter, NOW + MONTH)
    case = await counter.case(case_id)
    assert (case.call_back_due, case.ask_verdict_at, case.state) == (False, None, State.RESOLVED)


async def test_who_has_answered_is_not_asked(counter: Counter) -> None:
    case_id = await closed(counter)
    await counter.do("give_verdict", case_id, Verdict.SOLVED)
    assert await ask(counter, NOW + MONTH) == 0


async def test_an_answer_takes_the_case_off_the_list_of_calls(counter: Counter) -> None:
    case_id = await closed(counter)
    await ask(counter, NOW + WEEK)
    await ask(counter, NOW + MONTH)
    await counter.do("give_verdict", case_id, Verdict.PARTLY)
    assert not (await counter.case(case_id)).call_back_due


async def test_a_job_that_did_not_run_for_weeks_leaves_a_day_between_asking_and_calling(counter: Counter) -> None:
    case_id = await closed(counter)
    late = NOW + MONTH + WEEK
    await ask(counter, late)
    assert (await counter.case(case_id)).ask_verdict_at == late + timedelta(days=1)
    assert not (await counter.case(case_id)).call_back_due


async def test_after_a_second_handling_the_worker_is_asked_anew(counter: Counter) -> None:
    case_id = await closed(counter)
    await ask(counter, NOW + WEEK)
    await counter.step(case_id, Event.REOPEN)
    again = NOW + MONTH
    await counter.step(case_id, Event.RESOLVE, closed_at=again, ask_verdict_at=again + WEEK, now=again)
    async with counter.store.write() as work:
        await work.timeline.add(case_id, an_entry(Event.RESOLVE, public=True))
        await work.commit()
    await ask(counter, again + WEEK)
    assert not (await counter.case(case_id)).call_back_due
    assert [kind for kind in await asked(counter, case_id) if kind.startswith("verdict")] == ["verdict_asked visit"] * 2
