"""WeChat's repeats: one message has its effects once and one reply, however slow, blocked or dead we are."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Program
from bot.clock import SystemClock
from bot.errors import StorageFull, StoreUnavailable
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.integration.conftest import StartWeChat
from tests.serving import a_server
from tests.wechat import ENVIRON, WeChatServer, a_text, a_wechat_configuration, an_event

QUESTION = "公司拖欠三个月工资怎么办"
SHORT_DEADLINE = 0.3
"""Seconds in place of WeChat's four, for tests in which something really waits."""


async def questions(program: Program) -> int:
    async with program.store.read() as work:
        return await work.questions.count()


class Gate:
    """Lets questions into the answering side only when the test opens it."""

    def __init__(self, program: Program) -> None:
        self.opened = asyncio.Event()
        self.asked = 0
        self._arrived = asyncio.Condition()
        self._ask = program.answers.ask
        program.answers.ask = self.ask  # type: ignore[method-assign]

    async def ask(self, *arguments: Any, **named: Any) -> Any:
        async with self._arrived:
            self.asked += 1
            self._arrived.notify_all()
        await self.opened.wait()
        return await self._ask(*arguments, **named)

    async def reached_by(self, number: int) -> None:
        """Return once so many questions stand at the gate or went through it."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self.asked >= number)


@contextmanager
def blocked(program: Program) -> Iterator[None]:
    """Somebody else holds the database's write lock."""
    path = program.configuration.settings.data_dir / "gonghui.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_a_repeat_gets_the_same_reply_and_is_handled_once(start_wechat: StartWeChat) -> None:
    async with start_wechat() as (program, wechat):
        message = a_text(QUESTION)
        replies = [(await wechat.push(message)).text for _ in range(3)]
        assert replies[0]
        assert replies == [replies[0]] * 3
        assert await questions(program) == 1


async def test_a_repeat_of_a_click_is_one_click_and_a_second_click_is_another(start_wechat: StartWeChat) -> None:
    """Events carry no MsgId; two clicks on one button a second apart are two."""
    async with start_wechat() as (program, wechat):
        gate = Gate(program)
        gate.opened.set()
        first = a_text(QUESTION, message_id=1)
        await asyncio.gather(*(wechat.push(first) for _ in range(3)))
        await wechat.push(a_text(QUESTION, message_id=2))
        assert gate.asked == 2


async def test_what_is_not_ready_gets_an_empty_answer_and_the_repeat_gets_the_reply(
    start_wechat: StartWeChat,
) -> None:
    async with start_wechat(at=SystemClock(), reply_deadline_seconds=SHORT_DEADLINE) as (program, wechat):
        gate, message = Gate(program), a_text(QUESTION)
        first = await wechat.push(message)
        assert (first.status, first.body) == (200, "")
        repeat = asyncio.create_task(wechat.push(message))
        await asyncio.sleep(0)
        gate.opened.set()
        assert "工资" in (await repeat).text
        assert gate.asked == 1
        assert await questions(program) == 1


async def test_a_blocked_database_means_an_empty_answer_in_time_and_the_reply_on_the_repeat(
    start_wechat: StartWeChat,
) -> None:
    async with start_wechat(at=SystemClock(), reply_deadline_seconds=SHORT_DEADLINE) as (program, wechat):
        message, others = a_text(QUESTION), [a_text(QUESTION) for _ in range(20)]
        loop = asyncio.get_running_loop()
        with blocked(program):
            began = loop.time()
            waiting = await asyncio.gather(*(wechat.push(each) for each in [message, message, *others]))
            assert loop.time() - began < SHORT_DEADLINE + 2
        assert {(answer.status, answer.body) for answer in waiting} == {(200, "")}
        for each in (message, *others):
            assert "工资" in await text_after_repeats(wechat, each)
        assert await questions(program) == 1 + len(others)


async def text_after_repeats(wechat: WeChatServer, message: str) -> str:
    """The reply as WeChat gets it that asks again and again; on a slow machine twice is not enough."""
    for _ in range(20):
        answer = await wechat.push(message)
        assert answer.status == 200
        if answer.body:
            return answer.text
    return ""


async def test_reading_goes_on_while_the_database_is_blocked(start_wechat: StartWeChat) -> None:
    """Writers in the queue must not hold the connections that readers need."""
    async with start_wechat(at=SystemClock(), reply_deadline_seconds=SHORT_DEADLINE) as (program, wechat):
        with blocked(program):
            await asyncio.gather(*(wechat.push(a_text(QUESTION)) for _ in range(60)))
            assert await asyncio.wait_for(questions(program), 2) == 0


async def test_after_the_window_the_same_key_is_a_new_message(start_wechat: StartWeChat, clock: FakeClock) -> None:
    async with start_wechat(retry_window_minutes=2) as (program, wechat):
        message = a_text(QUESTION)
        await wechat.push(message)
        clock.advance(minutes=1, seconds=59)
        await wechat.push(message)
        assert await questions(program) == 1
        clock.advance(seconds=2)
        assert "工资" in (await wechat.push(message)).text
        assert await questions(program) == 2


async def test_prepared_replies_are_deleted_after_the_window(start_wechat: StartWeChat, clock: FakeClock) -> None:
    async with start_wechat() as (program, wechat):
        await wechat.push(a_text(QUESTION, message_id=77))
        clock.advance(minutes=9, seconds=59)
        assert await program.inbox.forget_expired() == 0
        clock.advance(seconds=2)
        assert await program.inbox.forget_expired() == 1
        async with program.store.read() as work:
            assert await work.inbound.find("wechat", "message:77") is None


async def test_conversations_that_rest_for_a_day_are_deleted(start_wechat: StartWeChat, clock: FakeClock) -> None:
    async with start_wechat() as (program, wechat):
        await wechat.push(a_text(QUESTION))
        clock.advance(hours=25)
        assert await program.inbox.forget_expired() == 2


@pytest.mark.parametrize("error", [StorageFull("disk full"), StoreUnavailable("gone")], ids=["full", "away"])
async def test_a_full_or_absent_database_gets_an_apology_with_the_hotline(
    start_wechat: StartWeChat, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        raise error
        yield

    async with start_wechat() as (program, wechat):
        monkeypatch.setattr(program.store, "write", broken)
        answer = await wechat.push(a_text(QUESTION))
        assert answer.status == 200
        assert "12351" in answer.text


async def test_a_fault_in_a_handler_is_an_apology_and_not_tried_again(
    start_wechat: StartWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    async def fails(*_: object, **__: object) -> None:
        calls.append(1)
        raise RuntimeError(QUESTION)

    async with start_wechat() as (program, wechat):
        monkeypatch.setattr(program.answers, "ask", fails)
        message = a_text(QUESTION)
        first, second = await wechat.push(message), await wechat.push(message)
        assert "12351" in first.text
        assert second.text == first.text
        assert len(calls) == 1


async def test_two_processes_at_work_on_one_message_give_one_reply_and_write_once(
    start_wechat: StartWeChat, tmp_path: Path
) -> None:
    """WeChat's repeat reaches another process while the first is slow: whoever is first to write counts."""
    async with start_wechat() as (first, wechat), start_wechat() as (second, elsewhere):
        gates, message = [Gate(first), Gate(second)], a_text(QUESTION)
        pushes = [asyncio.create_task(side.push(message)) for side in (wechat, elsewhere)]
        for gate in gates:
            await gate.reached_by(1)
        gates[1].opened.set()
        winner = await pushes[1]
        gates[0].opened.set()
        assert "工资" in winner.text
        assert (await pushes[0]).text == winner.text
        assert await questions(first) == 1


async def test_one_person_is_answered_in_the_order_of_asking(start_wechat: StartWeChat) -> None:
    """Two messages in quick succession: the number means the list that the first one brought."""
    async with start_wechat() as (program, wechat):
        gate = Gate(program)
        question = asyncio.create_task(wechat.push(a_text(QUESTION)))
        await gate.reached_by(1)
        number = asyncio.create_task(wechat.push(a_text("1")))
        somebody_else = asyncio.create_task(wechat.push(a_text("菜单", sender="oWorker2")))
        assert "大家常问" in (await somebody_else).text
        assert not number.done()
        gate.opened.set()
        first = (await question).text
        picked = next(line for line in first.splitlines() if line.startswith("1. ")).removeprefix("1. ")
        assert f"【{picked}】" in (await number).text


async def test_who_leaves_while_a_question_is_in_work_leaves_nothing(start_wechat: StartWeChat) -> None:
    async with start_wechat() as (program, wechat):
        gate = Gate(program)
        question = asyncio.create_task(wechat.push(a_text(QUESTION)))
        await gate.reached_by(1)
        leaving = asyncio.create_task(wechat.push(an_event("unsubscribe")))
        await asyncio.sleep(0)
        gate.opened.set()
        await asyncio.gather(question, leaving)
        assert await questions(program) == 0
        async with program.store.read() as work:
            person = program.keys.person("wechat", "oWorker1")
            assert (await work.conversations.find(person, program.clock.now().replace(year=2020))).state == {}


async def test_nobody_is_remembered_in_line_after_being_served(start_wechat: StartWeChat) -> None:
    async with start_wechat() as (program, wechat):
        await asyncio.gather(*(wechat.push(a_text(QUESTION, sender=f"oWorker{n}")) for n in range(9)))
        assert len(program.inbox._lines) == 0


async def test_an_unreadable_conversation_is_started_anew(start_wechat: StartWeChat) -> None:
    """A key that is missing from the ring must not silence the desk."""
    async with start_wechat() as (program, wechat):
        await wechat.push(a_text(QUESTION))
        async with program.store.write() as work:
            await work._connection.exec_driver_sql("UPDATE conversation SET state = x'01'")
            await work.commit()
        assert "工资" in (await wechat.push(a_text(QUESTION))).text


async def test_whatever_else_is_wrong_the_person_gets_an_apology(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Odd:
        def matches(self, turn: object) -> bool:
            raise RuntimeError("a handler's own fault")

    monkeypatch.setattr(program.inbox, "_handlers", [Odd()])
    reply = await program.inbox.receive(a_message(QUESTION))
    assert reply == program.inbox.apology


async def test_a_stopping_server_finishes_what_is_in_work(start_wechat: StartWeChat) -> None:
    async with start_wechat(at=SystemClock(), reply_deadline_seconds=SHORT_DEADLINE) as (program, wechat):
        gate = Gate(program)
        assert (await wechat.push(a_text(QUESTION))).body == ""
        callback = next(r.endpoint.__self__ for r in wechat.client._transport.app.routes if r.path == "/wechat")  # type: ignore[attr-defined]
        asyncio.get_running_loop().call_later(0.05, gate.opened.set)
        await callback.drain()
        assert await questions(program) == 1


@pytest.fixture
def two_servers(tmp_path: Path) -> Iterator[list[str]]:
    """Two processes on one SQLite database."""
    configuration = a_wechat_configuration(tmp_path)
    with (
        a_server(configuration.path, ENVIRON, tmp_path / "first.log") as first,
        a_server(configuration.path, ENVIRON, tmp_path / "second.log") as second,
    ):
        yield [first.url, second.url]


async def test_two_processes_handle_each_message_once_and_give_the_same_reply(
    two_servers: list[str], tmp_path: Path
) -> None:
    """A load balancer sends WeChat's repeats anywhere."""
    async with httpx.AsyncClient(base_url=two_servers[0]) as one, httpx.AsyncClient(base_url=two_servers[1]) as other:
        sides = [WeChatServer(one, SystemClock()), WeChatServer(other, SystemClock())]
        messages = [a_text(f"{QUESTION}，已经{n}个月了", sender=f"oWorker{n}") for n in range(1, 16)]
        together = await asyncio.gather(*(side.push(each) for each in messages for side in (*sides, *sides)))
    by_message = [together[start : start + 4] for start in range(0, len(together), 4)]
    for answers in by_message:
        assert all(answer.status == 200 for answer in answers)
        assert len({answer.text for answer in answers}) == 1
        assert answers[0].text
    database = sqlite3.connect(tmp_path / "data" / "gonghui.db")
    assert database.execute("SELECT count(*) FROM question").fetchone() == (len(messages),)
    assert database.execute("SELECT count(*) FROM inbound").fetchone() == (len(messages),)
    database.close()


async def test_the_message_of_a_process_that_was_killed_is_handled_by_the_other(tmp_path: Path) -> None:
    configuration = a_wechat_configuration(tmp_path)
    path = configuration.settings.data_dir / "gonghui.db"
    message = a_text(QUESTION)
    with a_server(configuration.path, ENVIRON, tmp_path / "dies.log") as dies:
        lock = sqlite3.connect(path, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        async with httpx.AsyncClient(base_url=dies.url) as client:
            push = asyncio.create_task(WeChatServer(client, SystemClock()).push(message))
            await asyncio.wait({push}, timeout=1)
            assert not push.done()
            dies.process.kill()
            with pytest.raises(httpx.HTTPError):
                await push
        lock.execute("ROLLBACK")
        lock.close()
    with a_server(configuration.path, ENVIRON, tmp_path / "lives.log") as lives:
        async with httpx.AsyncClient(base_url=lives.url) as client:
            assert "工资" in (await WeChatServer(client, SystemClock()).push(message)).text
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM question").fetchone() == (1,)
    database.close()
