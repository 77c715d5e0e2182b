"""Call-backs of the 12351 desk: who is listed, what is shown, what is recorded of the call."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.complaints.lifecycle import Event, State, Verdict
from bot.complaints.worker.tracking import Registered
from bot.roles import Role
from tests.console import Desk, Window, a_console, closed
from tests.desk import a_filing
from tests.fakes import FakeClock


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("op.one", Role.OPERATOR)
        await desk.hire("zhang.wei", Role.CADRE, "mudan", name="张卫")
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        yield desk


async def test_a_call_back_shows_the_number_for_a_reason_and_records_the_word(desk: Desk) -> None:
    made = await closed(desk)
    window = await desk.signed_in("op.one")
    assert made.number in (await window.get("/call-backs")).text
    page = await window.get(f"/call-backs/{made.number}")
    assert "13812345678" not in page.text
    assert "老板张三" not in page.text
    page = await window.post(f"/call-backs/{made.number}/dial")
    assert "13812345678" in page.text
    assert "case.reveal" in await desk.counter.audited(made.case_id)
    page = await record(window, made, verdict="solved", said="都给了")
    assert "已记下对方的评价" in page
    case = await desk.counter.case(made.case_id)
    assert (case.state, case.progress.verdict, case.call_back_due) == (State.FOLLOWED_UP, Verdict.SOLVED, False)
    assert "不在回访名单" in (await window.get(f"/call-backs/{made.number}")).text


async def test_who_is_not_satisfied_is_handled_once_more_and_those_who_act_are_told(desk: Desk) -> None:
    made = await closed(desk)
    window = await desk.signed_in("op.one")
    page = await record(window, made, verdict="not_solved", again="not_kept", said="说好给的没给")
    assert "退回再次办理" in page
    case = await desk.counter.case(made.case_id)
    assert (case.state, case.progress.reopened, case.progress.reason) == (State.IN_PROGRESS, 1, "not_kept")
    async with desk.program.store.read() as work:
        for login in ("zhang.wei", "sun.jian"):
            kinds = [one.notice.kind for one in await work.notices.unseen(desk.staff[login].id)]
            assert kinds == ["reopened"], login
    start = await (await desk.signed_in("zhang.wei")).get("/")
    assert "要再次办理" in start.text


async def test_who_does_not_answer_three_times_is_called_no_more(desk: Desk) -> None:
    made = await closed(desk)
    window = await desk.signed_in("op.one")
    for told in ("留在名单里", "留在名单里", "不再列入回访"):
        assert told in await record(window, made, verdict="no_answer")
    assert (await desk.counter.case(made.case_id)).call_back_due is False
    assert made.number not in (await window.get("/call-backs")).text


async def test_a_worker_who_could_not_be_told_of_news_is_called_and_asked_for_no_verdict(desk: Desk) -> None:
    made = await desk.counter.file(a_filing(person=uuid4().hex), now=desk.clock.now())
    await desk.counter.step(made.case_id, Event.ACCEPT, now=desk.clock.now(), call_back_due=True)
    window = await desk.signed_in("op.one")
    page = (await window.get(f"/call-backs/{made.number}")).text
    assert "有了新进展" in page
    assert 'value="solved"' not in page
    assert "留在名单里" in await record(window, made, verdict="no_answer")
    assert "告诉了本人" in await record(window, made, verdict="told")
    case = await desk.counter.case(made.case_id)
    assert (case.state, case.call_back_due) == (State.ACCEPTED, False)
    assert "call.told" in await desk.counter.audited(made.case_id)


async def test_a_word_that_comes_after_the_workers_own_changes_nothing(desk: Desk) -> None:
    made = await closed(desk)
    window = await desk.signed_in("op.one")
    page = await window.get(f"/call-backs/{made.number}")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen
    await desk.counter.do("give_verdict", made.case_id, Verdict.PARTLY, now=desk.clock.now())
    late = await window.post(f"/call-backs/{made.number}/word", {"seen": seen[1], "verdict": "solved"})
    assert "不在回访名单" in late.text
    assert (await desk.counter.case(made.case_id)).progress.verdict is Verdict.PARTLY


async def record(window: Window, made: Registered, **fields: str) -> str:
    page = await window.get(f"/call-backs/{made.number}")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen, page.text
    return (await window.post(f"/call-backs/{made.number}/word", {"seen": seen[1], **fields})).text
