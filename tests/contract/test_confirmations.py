"""Confirmations of entries on a real store: once for each text, by whoever may, and written down."""

import asyncio
from collections.abc import Callable

import pytest

from bot.answers.content import CONSOLE
from bot.answers.entries import parse_entry
from bot.answers.knowledge.confirming import (
    Confirmation,
    Confirmed,
    Confirmer,
    NotLive,
    Withdrawn,
    confirm,
    confirm_seen,
    read_live,
    read_standing,
    withdraw,
    withdraw_seen,
    writers_of,
)
from bot.answers.knowledge.drafts import KnowledgeRefused
from bot.rights import Actor
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.contract.test_knowledge import AMY, ANNA, PIA, SUE, TOPIC, Room
from tests.fakes import FakeClock

WANG = Confirmer(actor="operator", recorded="王律师", accounts=frozenset(), name="王律师")


@pytest.fixture
def room(store: SqlStore, clock: FakeClock) -> Room:
    return Room(store, clock)


async def confirmed(room: Room, *topics: str, by: Confirmer = WANG, note: str = "") -> Confirmed:
    async with room.store.write() as work:
        done = await confirm(work, by, topics or [TOPIC], note, room.clock.now())
        await work.commit()
    return done


async def seen(room: Room, actor: Actor, version: int = 1, topic: str = TOPIC) -> Confirmation:
    async with room.store.write() as work:
        made = await confirm_seen(work, actor, topic, version, "", room.clock.now())
        await work.commit()
    return made


async def withdrawn(room: Room, *topics: str, by: Confirmer = WANG, why: str = "算错了") -> Withdrawn:
    async with room.store.write() as work:
        done = await withdraw(work, by, topics or [TOPIC], why, room.clock.now())
        await work.commit()
    return done


async def withdrawn_seen(room: Room, actor: Actor, version: int = 1, why: str = "算错了") -> Confirmation:
    async with room.store.write() as work:
        made = await withdraw_seen(work, actor, TOPIC, version, why, room.clock.now())
        await work.commit()
    return made


async def standing(room: Room) -> dict[str, Confirmation]:
    async with room.store.read() as work:
        return await read_standing(work)


async def refused(code: str, doing: object) -> None:
    with pytest.raises(KnowledgeRefused) as raised:
        await doing  # type: ignore[misc]  # a coroutine
    assert raised.value.code == code


async def live_through_review(room: Room, writer: Actor, agreed: Actor, **fields: object) -> None:
    await room.on("agree", agreed, await room.submitted(writer, **fields))


async def test_what_was_confirmed_is_given_back_as_it_was_kept(room: Room) -> None:
    await room.bring_in()
    await confirmed(room, note="  依据\n2026年文本  ")
    (kept,) = (await standing(room)).values()
    assert (kept.topic, kept.version, kept.confirmed_at) == (TOPIC, 1, room.clock.now())
    assert (kept.confirmed_by, kept.note) == ("王律师", "依据 2026年文本")


async def test_the_same_text_is_kept_once_and_the_first_to_confirm_it_stays(room: Room) -> None:
    await room.bring_in()
    assert len((await confirmed(room, TOPIC, TOPIC)).done) == 1
    room.clock.advance(days=3)
    again = await confirmed(room, by=Confirmer(actor="anna", recorded=f"{CONSOLE}anna", accounts=frozenset({"anna"})))
    assert (again.done, [one.confirmed_by for one in again.already]) == ((), ["王律师"])
    async with room.store.write() as work:
        (kept,) = await work.confirmations.kept()
        assert not await work.confirmations.add(kept)
        await work.commit()
        assert await work.confirmations.kept() == [kept]


async def test_an_edited_entry_is_unconfirmed_and_one_put_back_is_confirmed_again(room: Room) -> None:
    await room.bring_in()
    await confirmed(room)
    await room.bring_in(title="改过的标题")
    assert await standing(room) == {}
    assert await room.bring_in() == 3
    assert (await standing(room))[TOPIC].version == 1
    async with room.store.write() as work:
        await work.entries.retire(TOPIC)
        await work.commit()
    assert await standing(room) == {}


async def test_one_unknown_topic_and_nothing_is_confirmed(room: Room) -> None:
    await room.bring_in()
    with pytest.raises(NotLive) as raised:
        await confirmed(room, TOPIC, "wage.none", "wage.nothing")
    assert raised.value.topics == ("wage.none", "wage.nothing")
    assert await standing(room) == {}


async def test_two_who_confirm_at_once_leave_one_confirmation(
    room: Room, open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    await room.bring_in()
    rooms = [room, Room(open_store(), clock), Room(open_store(), clock)]
    await asyncio.gather(*(seen(one, actor) for one, actor in zip(rooms, (ANNA, AMY, SUE), strict=True)))
    async with room.store.read() as work:
        assert len(await work.confirmations.kept()) == 1
        assert len(await work.audit.of(TOPIC)) == 1


async def test_the_audit_log_says_who_and_keeps_the_name_sealed(room: Room) -> None:
    await room.bring_in()
    await confirmed(room, note="已看")
    async with room.store.read() as work:
        (record,) = await work.audit.of(TOPIC)
    assert (record.actor, record.action, record.text) == ("operator", "entry.confirmed", "王律师\n已看")
    assert dict(record.details) == {"topic": TOPIC, "version": "1"}


@pytest.mark.parametrize("role", [Role.PUBLICIST, Role.ADMINISTRATOR, Role.LEADER, Role.OPERATOR, Role.WORKER], ids=str)
async def test_who_is_not_of_the_legal_staff_confirms_nothing(room: Room, role: Role) -> None:
    await room.bring_in()
    await refused("not_allowed", seen(room, Actor("x", role)))
    assert await standing(room) == {}


@pytest.mark.parametrize("version", [0, 1, 3])
async def test_only_the_version_that_was_looked_at_is_confirmed(room: Room, version: int) -> None:
    await room.bring_in()
    await room.bring_in(title="新的一版")
    await refused("other_version", seen(room, ANNA, version))
    assert (await seen(room, ANNA, 2)).confirmed_by == f"{CONSOLE}anna"
    assert (await seen(room, AMY, 2)).confirmed_by == f"{CONSOLE}anna", "safe to repeat"


async def test_a_topic_that_is_not_live_is_confirmed_under_no_number(room: Room) -> None:
    await refused("other_version", seen(room, ANNA, 0))
    await refused("other_version", seen(room, ANNA, 1))


async def test_nobody_confirms_their_own_words_and_who_agreed_to_them_may(room: Room) -> None:
    await room.bring_in()
    draft = await room.written(ANNA)
    draft = await room.on("submit", SUE, draft)
    await room.on("agree", AMY, draft)
    for writer in (ANNA, SUE):
        await refused("own_words", seen(room, writer, 2))
    assert (await seen(room, AMY, 2)).version == 2


async def test_the_words_of_an_earlier_version_are_in_the_later_one_until_another_is_brought_in(room: Room) -> None:
    await room.bring_in()
    await live_through_review(room, ANNA, AMY, title="安娜写的")
    room.clock.advance(days=1)
    await live_through_review(room, PIA, AMY, title="宣传改了一个字")
    async with room.store.read() as work:
        assert await writers_of(work, TOPIC) == {"anna", "pia"}
    await refused("own_words", seen(room, ANNA, 3))
    assert (await confirmed(room, by=Confirmer(actor="o", recorded="安娜", accounts=frozenset({"anna"})))).own == (
        TOPIC,
    )
    await room.bring_in(title="从文件来的")
    async with room.store.read() as work:
        assert await writers_of(work, TOPIC) == frozenset()
    assert (await seen(room, ANNA, 4)).version == 4


async def test_a_draft_that_was_given_up_bars_nobody(room: Room) -> None:
    await room.bring_in()
    await room.on("drop", SUE, await room.written(SUE))
    await live_through_review(room, PIA, AMY, title="宣传写的")
    assert (await seen(room, SUE, 2)).topic == TOPIC
    assert parse_entry(await room.live()).title == "宣传写的"


async def test_what_is_withdrawn_stands_no_more_and_says_who_when_and_why(room: Room) -> None:
    await room.bring_in()
    await confirmed(room)
    room.clock.advance(days=2)
    assert [one.topic for one in (await withdrawn(room, by=WANG, why="  算错\n了 ")).done] == [TOPIC]
    assert await standing(room) == {}
    async with room.store.read() as work:
        taken = (await read_live(work))[1][TOPIC]
        log = [(record.actor, record.action, record.text) for record in await work.audit.of(TOPIC)]
    assert (taken.withdrawn_at, taken.withdrawn_by, taken.withdrawn_why) == (room.clock.now(), "王律师", "算错 了")
    assert sorted(log) == [
        ("operator", "entry.confirmation_withdrawn", "王律师\n算错 了"),
        ("operator", "entry.confirmed", "王律师"),
    ]


async def test_withdrawing_again_changes_nothing_and_the_first_reason_stays(room: Room) -> None:
    await room.bring_in()
    assert await withdrawn(room) == Withdrawn((), (TOPIC,)), "nobody had confirmed it"
    await confirmed(room)
    first = await withdrawn(room, TOPIC, TOPIC)
    assert len(first.done) == 1
    assert await withdrawn(room, why="另一个原因") == Withdrawn((), (TOPIC,))
    async with room.store.write() as work:
        assert not await work.confirmations.withdraw(first.done[0])
        assert [one.withdrawn_why for one in await work.confirmations.kept()] == ["算错了"]
        assert len(await work.audit.of(TOPIC)) == 2


async def test_what_was_withdrawn_is_confirmed_anew_by_whoever_confirms_it_then(room: Room) -> None:
    await room.bring_in()
    await confirmed(room, note="第一次")
    await withdrawn(room)
    room.clock.advance(days=1)
    assert (await seen(room, ANNA)).confirmed_by == f"{CONSOLE}anna"
    (kept,) = (await standing(room)).values()
    assert (kept.confirmed_at, kept.note, kept.withdrawn_at, kept.withdrawn_why) == (room.clock.now(), "", None, "")
    async with room.store.read() as work:
        assert len(await work.audit.of(TOPIC)) == 3


async def test_a_text_that_comes_back_is_as_it_was_left(room: Room) -> None:
    await room.bring_in()
    await confirmed(room)
    await withdrawn(room)
    await room.bring_in(title="改过的标题")
    await confirmed(room)
    await room.bring_in()
    assert await standing(room) == {}, "this text was withdrawn, and nobody has confirmed it since"
    await room.bring_in(title="改过的标题")
    assert set(await standing(room)) == {TOPIC}


async def test_without_a_reason_or_with_an_unknown_topic_nothing_is_withdrawn(room: Room) -> None:
    await room.bring_in()
    await confirmed(room)
    await refused("why_needed", withdrawn(room, why=" \n "))
    with pytest.raises(NotLive):
        await withdrawn(room, TOPIC, "wage.none")
    assert set(await standing(room)) == {TOPIC}


@pytest.mark.parametrize("role", [Role.PUBLICIST, Role.ADMINISTRATOR, Role.LEADER, Role.OPERATOR, Role.WORKER], ids=str)
async def test_who_is_not_of_the_legal_staff_withdraws_nothing(room: Room, role: Role) -> None:
    await room.bring_in()
    await confirmed(room)
    await refused("not_allowed", withdrawn_seen(room, Actor("x", role)))
    assert set(await standing(room)) == {TOPIC}


async def test_who_wrote_the_words_may_withdraw_what_others_have_confirmed(room: Room) -> None:
    await room.bring_in()
    await live_through_review(room, ANNA, AMY)
    await seen(room, AMY, 2)
    await refused("other_version", withdrawn_seen(room, ANNA, 1))
    assert (await withdrawn_seen(room, ANNA, 2)).withdrawn_by == f"{CONSOLE}anna"
    await refused("not_confirmed", withdrawn_seen(room, SUE, 2))


async def test_two_who_withdraw_at_once_leave_one_withdrawal(
    room: Room, open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    await room.bring_in()
    await confirmed(room)
    rooms = [room, Room(open_store(), clock)]
    done = await asyncio.gather(*(withdrawn(one, why=str(number)) for number, one in enumerate(rooms)))
    assert sorted(len(one.done) for one in done) == [0, 1]
    async with room.store.read() as work:
        assert len(await work.audit.of(TOPIC)) == 2
