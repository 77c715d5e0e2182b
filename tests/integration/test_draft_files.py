"""Pictures sent to the account while a complaint is being taken down: noted, counted, and spoken of when they fail."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Program
from bot.complaints.cases import CaseFile, FileState
from bot.complaints.intake import draft_from_json
from bot.messages import Kind, Reply
from handlers.drafts import DRAFT
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.operating import a_program

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
CONSENTS = ("intake:personal_data", "intake:sensitive_data")
Send = Callable[..., Awaitable[Reply]]


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    async with a_program(tmp_path, clock).running() as program:
        yield program


@pytest.fixture
def send(program: Program) -> Send:
    async def say(text: str = "", **fields: object) -> Reply:
        reply = await program.inbox.receive(a_message(text, channel="wechat", sender=OPENID, **fields))
        assert reply is not None
        return reply

    return say


def a_picture(number: int = 1, kind: Kind = Kind.IMAGE) -> dict[str, object]:
    data = {"media": f"MEDIA-{number}", "picture": "http://mmbiz.qpic.cn/invented/0", "created_at": "x"}
    return {"kind": kind, "data": data}


async def to_the_story(send: Send) -> None:
    """Through the consents, to where anything may be said."""
    await send("我要投诉")
    reply = await send("1")
    for _ in range(4):
        if any(choice.action.startswith(CONSENTS) for choice in reply.choices):
            reply = await send("1")


async def files(program: Program) -> list[CaseFile]:
    person = program.keys.person("wechat", OPENID)
    async with program.store.read() as work:
        state = (await work.conversations.find(person, program.clock.now().replace(year=2020))).state
        draft = draft_from_json(state[DRAFT])
        assert draft is not None
        return await work.files.of_draft(draft.id)


async def test_a_picture_in_a_dialogue_waits_to_be_fetched_and_the_dialogue_goes_on(
    program: Program, send: Send
) -> None:
    await to_the_story(send)
    reply = await send(**a_picture())
    assert "第1张" in reply.text
    assert reply.choices
    (file,) = await files(program)
    assert file.state is FileState.WAITING
    assert file.meta.remote == {
        "channel": "wechat",
        "media": "MEDIA-1",
        "picture": "http://mmbiz.qpic.cn/invented/0",
        "to": OPENID,
    }


async def test_a_picture_sent_again_by_wechat_is_noted_once(program: Program, send: Send) -> None:
    await to_the_story(send)
    for _ in range(3):
        await send(key="same", **a_picture())
    assert len(await files(program)) == 1


async def test_no_picture_is_kept_before_the_consent(program: Program, send: Send) -> None:
    await send("我要投诉")
    assert "没有保存" in (await send(**a_picture())).text
    assert await files(program) == []


async def test_outside_a_dialogue_no_picture_is_kept(program: Program, send: Send) -> None:
    assert "没有保存" in (await send(**a_picture())).text


async def test_a_recording_in_place_of_an_answer_is_said_not_to_be_heard(program: Program, send: Send) -> None:
    await to_the_story(send)
    assert "听不懂" in (await send(**a_picture(kind=Kind.VOICE))).text
    assert await files(program) == []


async def test_a_seventh_picture_is_not_taken_and_nothing_breaks(program: Program, send: Send) -> None:
    await to_the_story(send)
    for number in range(6):
        await send(**a_picture(number))
    assert "最多收6张" in (await send(**a_picture(7))).text
    assert len(await files(program)) == 6


async def test_pictures_that_could_not_be_had_are_spoken_of_once_and_make_room(program: Program, send: Send) -> None:
    """Where the account cannot send messages of its own accord, this is how the worker learns of it."""
    await to_the_story(send)
    for number in range(2):
        await send(**a_picture(number))
    first, _ = await files(program)
    async with program.store.write() as work:
        meta = replace(first.meta, remote={}, fault="gone")
        await work.files.update(first.id, state=FileState.FAILED, meta=meta)
        await work.commit()
    reply = await send("老板三个月没发工资，一共一万二")
    assert "有1个没有收下" in reply.text
    assert "微信那边已经没有这个文件了" in reply.text
    assert "/complain" in reply.text
    assert len(await files(program)) == 1
    assert "没有收下" not in (await send("上一步")).text
    assert "第2张" in (await send(**a_picture(3))).text
