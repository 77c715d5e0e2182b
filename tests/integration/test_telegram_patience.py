"""What becomes of updates while something is away: leases, a busy database, our own name, a revoked token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.answering import LEASE, MOST_FAULTS, Answering
from bot.channels.telegram.parse import BotName
from bot.channels.telegram.replies import render_reply
from bot.errors import StoreUnavailable
from tests.emulators.telegram_chat import BOT_ID, BOT_NAME
from tests.fakes import FakeClock
from tests.telegram import Talk, a_talk

QUESTION = "公司三个月没发工资"
GROUP = {"id": -100200300, "type": "supergroup", "title": "工友群"}
REST = (429, "Too Many Requests: retry after 17", {"retry_after": 17})


@pytest.fixture
async def talk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Talk]:
    async with a_talk(tmp_path, clock) as talk:
        yield talk


def answering_of(talk: Talk) -> Answering:
    assert talk.channel.answering
    return talk.channel.answering


def an_heir(talk: Talk) -> Answering:
    """Another process of the same bot."""
    heir = Answering(replace(answering_of(talk)._parts, owner="heir"), BotName(BOT_ID, BOT_NAME))
    talk.polled.append(heir)
    return heir


async def pick_up(talk: Talk) -> None:
    await answering_of(talk).pick_up()
    await talk.settled()


async def states(talk: Talk) -> list[str]:
    async with talk.program.store.read() as work:
        rows = await work._connection.exec_driver_sql("SELECT state FROM telegram_update ORDER BY update_id")
        return [state for (state,) in rows.all()]


async def test_what_is_at_work_for_minutes_stays_ours_while_other_things_are_taken_up(
    talk: Talk, clock: FakeClock
) -> None:
    answering, held = answering_of(talk), asyncio.Event()
    send = answering._send

    async def slow(*given: Any) -> None:
        await held.wait()
        await send(*given)

    answering._send = slow  # type: ignore[method-assign]
    headers = {"x-telegram-bot-api-secret-token": talk.secret}
    await talk.client.post(talk.place, json=talk.chat.text(QUESTION), headers=headers)
    heir = an_heir(talk)
    for number in range(9):
        clock.advance(seconds=20)
        async with talk.program.store.write() as work:  # something else is due each time
            late = [answering._arrival(talk.chat.text("你好", user=100 + number))[0]]
            await work.telegram_updates.add_all(BOT_ID, late, "dead", clock.now(), clock.now() - LEASE)
            await work.commit()
        assert await answering.pick_up() == {"updates": 1}
        assert await heir.pick_up() == {"updates": 0}
    held.set()
    await talk.settled()
    assert [one.chat for one in talk.chat.sent].count(7) == 1


async def test_a_database_that_is_busy_when_replies_are_noted_sends_none_of_them_again(
    talk: Talk, clock: FakeClock
) -> None:
    answering = answering_of(talk)
    write, failures = answering._endings._write, 3

    @asynccontextmanager
    async def busy() -> AsyncIterator[Any]:
        nonlocal failures
        if failures:
            failures -= 1
            raise StoreUnavailable("too many writers")
        async with write() as work:
            yield work

    answering._endings._write = busy
    await talk.push(talk.chat.text(QUESTION))
    assert (failures, await states(talk)) == (0, ["done"])
    clock.advance(minutes=3)
    await pick_up(talk)
    assert len(talk.chat.sent) == 1


async def test_what_is_not_noted_yet_is_held_against_others(talk: Talk, clock: FakeClock) -> None:
    answering = answering_of(talk)
    answering._endings._task = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]  # it never comes
    headers = {"x-telegram-bot-api-secret-token": talk.secret}
    await talk.client.post(talk.place, json=talk.chat.text(QUESTION), headers=headers)
    while not answering._endings.held:  # noqa: ASYNC110 - another task sends it
        await asyncio.sleep(0)
    heir = an_heir(talk)
    for _ in range(6):
        clock.advance(seconds=20)
        await answering.pick_up()
        assert await heir.pick_up() == {"updates": 0}
    await asyncio.gather(*answering._at_work.values())
    assert len(talk.chat.sent) == 1, "nor is it taken up here once more"
    answering._endings._task.cancel()


@pytest.mark.parametrize("text", [f"@{BOT_NAME} {QUESTION}", f"/ask@{BOT_NAME} {QUESTION}"])
async def test_who_names_us_in_a_group_before_we_know_our_name_is_answered_when_we_do(
    talk: Talk, clock: FakeClock, text: str
) -> None:
    answering = answering_of(talk)
    answering.name = BotName(BOT_ID)
    await talk.push(talk.chat.text(text, chat=GROUP))
    assert (talk.chat.sent, await states(talk)) == ([], ["waiting"])
    answering.name = BotName(BOT_ID, BOT_NAME)
    clock.advance(seconds=3)
    await pick_up(talk)
    assert ("依据" in talk.chat.sent[0].text, await states(talk)) == (True, ["done"])


async def test_who_names_somebody_else_in_a_group_is_left_alone_then(talk: Talk, clock: FakeClock) -> None:
    answering = answering_of(talk)
    answering.name = BotName(BOT_ID)
    await talk.push(talk.chat.text(f"@laowang {QUESTION}", chat=GROUP))
    await talk.push(talk.chat.text("大家下班了吗", chat=GROUP))
    answering.name = BotName(BOT_ID, BOT_NAME)
    clock.advance(seconds=3)
    await pick_up(talk)
    assert (talk.chat.sent, await states(talk)) == ([], ["done", "done"])


async def test_waiting_for_telegram_uses_up_none_of_the_tries_after_a_fault(
    talk: Talk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.chat.faults.extend([REST] * MOST_FAULTS)
    await talk.push(talk.chat.text(QUESTION))
    for _ in range(MOST_FAULTS):
        clock.advance(seconds=18)
        if talk.chat.faults:
            await pick_up(talk)
    with monkeypatch.context() as patch:
        patch.setattr("bot.channels.telegram.answering.render_reply", lambda *_: 1 / 0)
        await pick_up(talk)
    assert (talk.chat.sent, await states(talk)) == ([], ["waiting"])
    clock.advance(minutes=5)
    await pick_up(talk)
    assert (len(talk.chat.sent), await states(talk)) == (1, ["done"])


async def test_what_makes_us_stumble_again_and_again_is_given_up(
    talk: Talk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.answering.render_reply", lambda *_: 1 / 0)
    await talk.push(talk.chat.text(QUESTION))
    for _ in range(MOST_FAULTS - 1):
        assert await states(talk) == ["waiting"]
        clock.advance(minutes=5)
        await pick_up(talk)
    assert await states(talk) == ["failed"]


async def test_a_fault_between_two_pieces_sends_the_first_one_once(
    talk: Talk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, calls = answering_of(talk), []
    send = answering._parts.calls.send

    async def second_fails(to: Any, piece: Any) -> Any:
        calls.append(piece.plain)
        if len(calls) == 2:
            raise RuntimeError("nobody foresaw that")
        return await send(to, piece)

    monkeypatch.setattr(answering._parts.calls, "send", second_fails)
    monkeypatch.setattr(
        "bot.channels.telegram.answering.render_reply",
        lambda reply, *more: [piece for piece in render_reply(reply, *more) for _ in range(2)],
    )
    await talk.push(talk.chat.text(QUESTION))
    clock.advance(minutes=5)
    await pick_up(talk)
    assert (len(calls), len(talk.chat.sent), await states(talk)) == (3, 2, ["done"])


async def test_what_waits_behind_a_revoked_token_is_given_up_after_a_day(talk: Talk, clock: FakeClock) -> None:
    """Not only the one that asks whether the token is good again."""
    talk.chat.faults.append((401, "Unauthorized", {}))
    await talk.push(talk.chat.text(QUESTION))
    clock.advance(hours=25)
    answering_of(talk)._halted_until = clock.now() + LEASE  # another has just been told so
    await pick_up(talk)
    assert (talk.chat.sent, await states(talk)) == ([], ["failed"])
