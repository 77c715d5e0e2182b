"""The webhook and what stands behind it: who may call, what is kept, and that a reply is never lost nor made twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.telegram.answering import LEASE, Answering
from bot.channels.telegram.parse import BotName
from bot.errors import StoreUnavailable
from bot.stored_updates import Arrival
from bot.telegram_channel import make_forgetting
from tests.emulators.telegram_chat import DROP_AFTER, DROP_BEFORE
from tests.fakes import FakeClock
from tests.operating import logged
from tests.telegram import Talk, a_talk

BARE = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}
QUESTION = "公司三个月没发工资"


@pytest.fixture
async def talk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Talk]:
    async with a_talk(tmp_path, clock) as talk:
        yield talk


async def asked(talk: Talk) -> int:
    async with talk.program.store.read() as work:
        return await work.questions.count()


async def waiting(talk: Talk) -> int:
    async with talk.program.store.read() as work:
        return await work.telegram_updates.count(7001)


async def pick_up(talk: Talk) -> int:
    assert talk.channel.answering
    figures = await talk.channel.answering.pick_up()
    await talk.settled()
    return figures["updates"]


@pytest.mark.parametrize("secret", ["", "wrong", "0" * 32])
async def test_a_call_without_the_secret_is_refused_and_nothing_is_kept(talk: Talk, secret: str) -> None:
    assert await talk.push(talk.chat.text(QUESTION), secret=secret) == 403
    assert (await asked(talk), await waiting(talk), talk.chat.sent) == (0, 0, [])


async def test_a_call_at_another_place_is_refused(talk: Talk) -> None:
    headers = {"x-telegram-bot-api-secret-token": talk.secret}
    response = await talk.client.post("/telegram/elsewhere", json=talk.chat.text(QUESTION), headers=headers)
    assert response.status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b'{"update_id": "1"}', b'{"update_id": -1}', b"[" * 90000], ids=range(7)
)
async def test_what_is_no_update_is_refused(talk: Talk, body: bytes) -> None:
    headers = {"x-telegram-bot-api-secret-token": talk.secret}
    assert (await talk.client.post(talk.place, content=body, headers=headers)).status_code == 400


async def test_a_body_without_end_is_cut_off(talk: Talk) -> None:
    headers = {"x-telegram-bot-api-secret-token": talk.secret}
    assert (await talk.client.post(talk.place, content=b"x" * (1024 * 1024 + 1), headers=headers)).status_code == 413


async def test_a_repeated_update_is_answered_once(talk: Talk) -> None:
    update = talk.chat.text(QUESTION)
    for _ in range(3):
        assert await talk.push(update) == 200
    assert (await asked(talk), len(talk.chat.sent)) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -100, "type": "channel"}, "text": QUESTION}},
        {"poll": {"id": "1"}},
        {"something_new_of_2027": {"deep": [1, {"er": None}]}},
        {"message": {"message_id": 1}},
        {"message": None},
        {"callback_query": {"id": "1", "from": {"id": 7}, "inline_message_id": "x", "data": "vote:up"}},
        {"message": {**BARE, "pinned_message": {}, "from": {"id": 7}}},
        {"message": {**BARE, "text": "a", "from": {"id": 9, "is_bot": True}}},
        {"edited_channel_post": {}},
    ],
    ids=["post", "poll", "new", "bare", "null", "inline", "service", "bot", "edited-post"],
)
async def test_kinds_that_nobody_waits_on_are_kept_and_let_be(talk: Talk, content: dict) -> None:
    with logged() as log:
        assert await talk.push({"update_id": 77, **content}) == 200
    assert (talk.chat.sent, await waiting(talk), log.events("telegram.failed")) == ([], 0, [])


async def test_a_reply_waits_as_long_as_telegram_says_and_is_made_once(talk: Talk, clock: FakeClock) -> None:
    talk.chat.faults.append((429, "Too Many Requests: retry after 17", {"retry_after": 17}))
    assert await talk.push(talk.chat.text(QUESTION)) == 200
    assert (talk.chat.sent, await waiting(talk)) == ([], 1)
    assert await pick_up(talk) == 0
    clock.advance(seconds=18)
    assert await pick_up(talk) == 1
    assert "依据" in talk.chat.last().text
    assert (await asked(talk), await waiting(talk), len(talk.chat.sent)) == (1, 0, 1)


async def test_while_telegram_wants_rest_nothing_else_is_sent(talk: Talk, clock: FakeClock) -> None:
    talk.chat.faults.append((429, "Too Many Requests: retry after 17", {"retry_after": 17}))
    await talk.push(talk.chat.text(QUESTION))
    await talk.push(talk.chat.text(QUESTION, user=8))
    assert talk.chat.calls.count("sendMessage") == 1
    clock.advance(seconds=18)
    await pick_up(talk)
    assert {one.chat for one in talk.chat.sent} == {7, 8}


async def test_a_reply_survives_a_broken_connection_and_a_day_without_telegram(talk: Talk, clock: FakeClock) -> None:
    talk.chat.faults.extend([DROP_BEFORE] * 20)
    await talk.push(talk.chat.text(QUESTION))
    for _ in range(20):
        clock.advance(minutes=20)
        await pick_up(talk)
    assert (len(talk.chat.sent), await asked(talk), await waiting(talk)) == (1, 1, 0)


async def test_a_reply_that_may_have_arrived_is_sent_again_rather_than_lost(talk: Talk, clock: FakeClock) -> None:
    talk.chat.faults.append(DROP_AFTER)
    await talk.push(talk.chat.text(QUESTION))
    clock.advance(seconds=10)
    await pick_up(talk)
    assert (len(talk.chat.sent), await asked(talk)) == (2, 1)


async def test_whoever_has_blocked_the_bot_is_not_tried_again(talk: Talk) -> None:
    talk.chat.faults.append((403, "Forbidden: bot was blocked by the user", {}))
    await talk.push(talk.chat.text(QUESTION))
    assert (talk.chat.sent, await waiting(talk)) == ([], 0)


async def test_what_telegram_does_not_take_with_marks_goes_out_without(talk: Talk) -> None:
    talk.chat.faults.append((400, "Bad Request: can't parse entities: Unsupported start tag", {}))
    await talk.push(talk.chat.text(QUESTION))
    assert (talk.chat.last().html, talk.chat.last().buttons) == (False, {})


async def test_what_a_dead_process_left_is_taken_up_by_another_and_answered_once(talk: Talk, clock: FakeClock) -> None:
    """Killed after the effects were written and before anything was sent, and away for longer than replies are kept."""
    dying = talk.channel.answering
    assert dying
    update = talk.chat.text(QUESTION)

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    dying._send = never  # type: ignore[method-assign]
    headers = {"x-telegram-bot-api-secret-token": talk.secret}
    assert (await talk.client.post(talk.place, json=update, headers=headers)).status_code == 200
    while await asked(talk) == 0:  # noqa: ASYNC110 - another task writes it
        await asyncio.sleep(0)
    clock.advance(hours=3)
    heir = Answering(replaced(dying, "heir"), BotName(7001))
    assert await heir.pick_up() == {"updates": 1}
    await asyncio.gather(*heir._at_work.values())
    assert (len(talk.chat.sent), await asked(talk)) == (1, 1)
    await heir.drain()
    for task in dying._at_work.values():
        task.cancel()


async def test_one_persons_updates_are_answered_in_their_order_across_processes(talk: Talk, clock: FakeClock) -> None:
    first = talk.channel.answering
    assert first
    second = Answering(replaced(first, "second"), BotName(7001))
    held = asyncio.Event()
    send = first._send

    async def slow(*given: object) -> None:
        await held.wait()
        await send(*given)  # type: ignore[arg-type]

    first._send = slow  # type: ignore[method-assign]
    await first.take(talk.chat.text("你好"))
    await second.take(talk.chat.text(QUESTION))
    assert (await second.pick_up(), talk.chat.sent) == ({"updates": 0}, [])
    held.set()
    await talk.settled()
    assert await second.pick_up() == {"updates": 1}
    await asyncio.gather(*second._at_work.values())
    assert ["依据" in one.text for one in talk.chat.sent] == [False, True]
    await second.drain()


async def test_nothing_is_taken_that_is_not_kept(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed() -> object:
        raise StoreUnavailable("away")

    assert talk.channel.answering
    monkeypatch.setattr(talk.channel.answering, "_parts", replaced(talk.channel.answering, "x", write=closed))
    update = talk.chat.text(QUESTION)
    assert await talk.push(update) == 503
    monkeypatch.undo()
    assert await talk.push(update) == 200
    assert len(talk.chat.sent) == 1


async def kept(talk: Talk) -> list[tuple[object, ...]]:
    """All contents of updates and of what the inbox keeps for repeats."""
    async with talk.program.store.read() as work:
        rows = (await work._connection.exec_driver_sql("SELECT person, body, replies FROM telegram_update")).all()
        prepared = (await work._connection.exec_driver_sql("SELECT reply FROM inbound")).all()
    return [tuple(row) for row in (*rows, *prepared)]


async def test_what_was_said_and_answered_is_not_kept_longer_than_it_is_worked_on(talk: Talk, clock: FakeClock) -> None:
    talk.chat.faults.append((429, "Too Many Requests: retry after 17", {"retry_after": 17}))
    update = talk.chat.text(QUESTION)
    await talk.push(update)
    ((person, body, replies), (prepared,)) = await kept(talk)
    assert all((person, body, replies, prepared)), "it waits to be sent"
    clock.advance(seconds=18)
    await pick_up(talk)
    assert len(talk.chat.sent) == 1
    assert await kept(talk) == [("", None, None), (None,)]
    await talk.push(update)
    await talk.push(talk.chat.photo("p", b"x", caption=QUESTION))
    assert {value for row in await kept(talk) for value in row} == {"", None}
    assert len(talk.chat.sent) == 3, "the first one is known though nothing of it is left"

    forget = make_forgetting(talk.program)
    assert await forget.run() == {"rows": 0}
    clock.advance(hours=27)
    assert await forget.run() == {"rows": 2}


async def test_what_is_given_up_is_emptied_too(talk: Talk, clock: FakeClock) -> None:
    talk.chat.faults.append((429, "Too Many Requests: retry after 17", {"retry_after": 17}))
    await talk.push(talk.chat.text(QUESTION))
    clock.advance(hours=25)
    talk.chat.faults.append((429, "Too Many Requests: retry after 17", {"retry_after": 17}))
    await pick_up(talk)
    assert talk.chat.sent == []
    assert await kept(talk) == [("", None, None), (None,)]


async def test_what_waits_for_a_bot_that_is_no_more_goes_in_time(talk: Talk, clock: FakeClock) -> None:
    now = clock.now()
    async with talk.program.store.write() as work:
        await work.telegram_updates.add_all(8002, [Arrival(1, "p", b"{}")], "gone", now, now + LEASE)
        await work.commit()
    async with talk.program.store.read() as work:
        assert await work.telegram_updates.stranded(7001) == 1
        assert await work.telegram_updates.stranded(8002) == 0
        assert await work.telegram_updates.stranded(None) == 1
    forget = make_forgetting(talk.program)
    assert await forget.run() == {"rows": 0}
    clock.advance(hours=27)
    assert await forget.run() == {"rows": 1}


async def test_nothing_personal_stands_in_the_log(talk: Talk) -> None:
    with logged() as log:
        talk.chat.faults.append((429, "Too Many Requests: retry after 17", {"retry_after": 17}))
        await talk.push(talk.chat.text(QUESTION, user=987654321))
        await talk.push(talk.chat.text(QUESTION), secret="wrong")
    for secret in ("没发工资", "987654321", "AAtoken-of-tests", talk.secret, "张三"):
        assert secret not in log.text
    assert json.loads(log.text.splitlines()[0])


def replaced(answering: Answering, owner: str, **changes: object) -> object:
    from dataclasses import replace

    return replace(answering._parts, owner=owner, **changes)


def test_the_lease_is_longer_than_a_knock() -> None:
    assert LEASE.total_seconds() > 10
