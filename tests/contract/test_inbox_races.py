"""Two processes that share one dialogue: nothing said is lost, nothing happens twice, and no number is given twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from bot.complaints.case_filter import CaseFilter
from bot.complaints.errors import Changed, NumberTaken
from bot.complaints.roles import Viewer
from bot.errors import LostRace
from bot.inbox import MOST_TRIES, Inbox, Turn
from bot.keyring import KeyRing
from bot.messages import Message, Reply
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.builders import a_message
from tests.cases import a_case, put, register
from tests.fakes import FakeClock

APOLOGY = Reply(text="稍后再试")
OpenInbox = Callable[[Callable[[Turn], Awaitable[Reply]]], Inbox]


class Scripted:
    """A handler that does what it is told."""

    def __init__(self, act: Callable[[Turn], Awaitable[Reply]]) -> None:
        self._act = act
        self.handled = 0

    def matches(self, turn: Turn) -> bool:
        return True

    async def handle(self, turn: Turn, services: Any) -> Reply:
        self.handled += 1
        return await self._act(turn)


@pytest.fixture
def open_inbox(open_store: Callable[[], SqlStore], keys: KeyRing, clock: FakeClock) -> OpenInbox:
    """An inbox of another process each time."""

    def another(act: Callable[[Turn], Awaitable[Reply]]) -> Inbox:
        return Inbox(
            store=open_store(), keys=keys, clock=clock, handlers=(Scripted(act),), services=None, apology=APOLOGY
        )

    return another


async def remembered(store: SqlStore, keys: KeyRing, clock: FakeClock) -> dict[str, Any]:
    async with store.read() as work:
        return (await work.conversations.find(keys.person("test", "worker-1"), clock.now())).state


async def note(turn: Turn) -> Reply:
    """Remember everything that was said, letting others come between reading and writing."""
    turn.memory.setdefault("said", []).append(turn.message.text)
    await asyncio.sleep(0)
    return Reply(text=turn.message.text)


async def test_nothing_that_is_said_to_two_processes_at_once_is_lost(
    open_inbox: OpenInbox, store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    inboxes = [open_inbox(note) for _ in range(2)]
    messages = [a_message(f"第{n}句") for n in range(8)]
    replies = await asyncio.gather(*(inboxes[n % 2].receive(message) for n, message in enumerate(messages)))
    assert [reply.text for reply in replies if reply] == [message.text for message in messages]
    said = (await remembered(store, keys, clock))["said"]
    assert sorted(said) == sorted(message.text for message in messages)
    for process in range(2):  # and each process's messages in the order in which they came
        assert [text for text in said if text in {m.text for m in messages[process::2]}] == [
            m.text for m in messages[process::2]
        ]


async def test_a_draft_confirmed_on_two_processes_is_registered_once(open_inbox: OpenInbox, store: SqlStore) -> None:
    async def confirm(turn: Turn) -> Reply:
        if turn.message.text == "开始":
            turn.memory["draft"] = "老板不发工资"
            return Reply(text="请确认")
        if not turn.memory.pop("draft", ""):
            return Reply(text="没有草稿")
        case = a_case()
        turn.then(lambda work: put(work, case))
        return Reply(text=case.number)

    inboxes = [open_inbox(confirm) for _ in range(3)]
    await inboxes[0].receive(a_message("开始"))
    replies = await asyncio.gather(*(inbox.receive(a_message("确认")) for inbox in inboxes))
    texts = [reply.text for reply in replies if reply]
    assert texts.count("没有草稿") == 2
    (number,) = set(texts) - {"没有草稿"}
    async with store.read() as work:
        assert await work.cases.find_number(number) is not None
        assert await work.cases.count(Viewer(role=Role.SUPERVISOR, id="s"), CaseFilter()) == 1


async def test_a_number_that_is_taken_leads_to_another_draw(open_inbox: OpenInbox, store: SqlStore) -> None:
    taken = await register(store)
    numbers: Iterator[str] = iter([taken.number, taken.number, "HZ261122-777777"])

    async def file(turn: Turn) -> Reply:
        case = a_case(number=next(numbers))
        turn.then(lambda work: put(work, case))
        return Reply(text=case.number)

    message = a_message("确认")
    reply = await open_inbox(file).receive(message)
    assert reply == Reply(text="HZ261122-777777")
    assert await open_inbox(file).receive(message) == reply  # and it is the one that a repeat gets


@pytest.mark.parametrize("lost", [NumberTaken(), Changed("c1")], ids=["number", "case"])
async def test_who_loses_every_time_is_asked_to_try_again_and_nothing_is_written(
    open_inbox: OpenInbox, store: SqlStore, keys: KeyRing, clock: FakeClock, lost: LostRace
) -> None:
    attempts: list[Message] = []

    async def lose(turn: Turn) -> Reply:
        attempts.append(turn.message)
        turn.memory["said"] = True

        async def fail(_: object) -> None:
            raise lost

        turn.then(lambda work: work.blind.put("phone", "1:a", "case"))
        turn.then(fail)
        return Reply(text="好")

    message = a_message("确认")
    assert await open_inbox(lose).receive(message) == APOLOGY
    assert len(attempts) == MOST_TRIES
    assert await remembered(store, keys, clock) == {}
    async with store.read() as work:
        assert await work.blind.find("phone", ["1:a"]) == []
    assert await open_inbox(note).receive(message) == Reply(text="确认")  # the vendor's repeat is handled anew


async def test_a_handler_that_finds_itself_too_late_is_asked_again(open_inbox: OpenInbox) -> None:
    outcomes: Iterator[Exception | None] = iter([Changed("c1"), None])

    async def act(turn: Turn) -> Reply:
        if failure := next(outcomes):
            raise failure
        return Reply(text="好")

    assert await open_inbox(act).receive(a_message("x")) == Reply(text="好")


async def test_a_conversation_whose_key_is_gone_begins_anew(
    open_inbox: OpenInbox, store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    """Its version is known though nobody can read it."""
    await open_inbox(note).receive(a_message("早先"))
    async with store.write() as work:
        await work._connection.execute(
            text("UPDATE conversation SET state = :x"), {"x": b"\x01nonsense-of-some-length"}
        )
        await work.commit()
    assert await open_inbox(note).receive(a_message("再来")) == Reply(text="再来")
    assert await remembered(store, keys, clock) == {"said": ["再来"]}


async def test_an_effect_may_forget_what_the_turn_has_remembered(
    open_inbox: OpenInbox, store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    async def leave(turn: Turn) -> Reply:
        turn.memory["said"] = "再见"
        turn.then(lambda work: work.people.forget(turn.person, keep_key=turn.message.key))
        return Reply(text="再见")

    await open_inbox(note).receive(a_message("你好"))
    assert await open_inbox(leave).receive(a_message("再见")) == Reply(text="再见")
    assert await remembered(store, keys, clock) == {}
