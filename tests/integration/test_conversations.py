"""Whole conversations through the inbox: what a person says and hears, whatever the channel."""

import pytest

from bot.app import Program
from bot.messages import Kind, Reply
from tests.builders import a_message
from tests.fakes import FakeClock


async def say(program: Program, text: str, sender: str = "worker-1") -> Reply:
    reply = await program.inbox.receive(a_message(text, sender=sender))
    assert reply is not None
    return reply


async def test_a_follower_is_welcomed_with_the_questions_asked_most(program: Program) -> None:
    reply = await program.inbox.receive(a_message("", kind=Kind.FOLLOW))
    assert reply is not None
    assert "菏泽市总工会" in reply.title
    assert reply.choices[0].action == "entry:wage.arrears"


async def test_a_follower_from_a_poster_sees_the_entry_that_the_poster_is_about(program: Program) -> None:
    reply = await program.inbox.receive(a_message("", kind=Kind.FOLLOW, action="qrscene_faq_injury_apply"))
    assert reply is not None
    assert reply.topic == "injury.apply"


@pytest.mark.parametrize("pick", ["2", "２", " 2 ", "第2个", "二"], ids=["plain", "wide", "spaces", "words", "chinese"])
async def test_a_number_picks_from_the_list(program: Program, pick: str) -> None:
    welcome = await say(program, "菜单")
    picked = await say(program, pick)
    assert f"entry:{picked.topic}" == welcome.choices[1].action


async def test_a_number_outside_the_list_is_told(program: Program) -> None:
    await say(program, "菜单")
    assert "没有这个序号" in (await say(program, "9")).text


async def test_a_number_out_of_the_blue_is_not_guessed_at(program: Program) -> None:
    assert "过期" in (await say(program, "3")).text


async def test_choices_are_forgotten_after_a_day(program: Program, clock: FakeClock) -> None:
    await say(program, "菜单")
    clock.advance(hours=25)
    assert "过期" in (await say(program, "2")).text


async def test_what_one_person_was_offered_is_no_other_persons_list(program: Program) -> None:
    await say(program, "菜单", sender="worker-1")
    assert "过期" in (await say(program, "2", sender="worker-2")).text


async def test_a_vote_is_kept_with_the_last_answer_and_the_last_vote_counts(program: Program) -> None:
    await say(program, "菜单")
    answer = await say(program, "1")
    await say(program, "没用")
    thanks = await say(program, "有用")
    assert "谢谢" in thanks.text
    async with program.store.read() as work:
        assert await work.votes.tally(answer.topic) == (1, 0)


async def test_a_vote_before_any_answer_counts_nothing(program: Program) -> None:
    assert "还没有" in (await say(program, "有用")).text


async def test_unfollowing_deletes_everything_about_that_person_only(program: Program) -> None:
    for sender in ("worker-1", "worker-2"):
        await say(program, "老板三个月不发工资", sender=sender)
        await say(program, "菜单", sender=sender)
        await say(program, "1", sender=sender)
        await say(program, "有用", sender=sender)
    gone = await program.inbox.receive(a_message("", kind=Kind.UNFOLLOW, sender="worker-1"))
    assert gone is None
    async with program.store.read() as work:
        assert await work.questions.count() == 1
        assert await work.votes.tally("wage.arrears") == (1, 0)
        person = program.keys.person("test", "worker-1")
        assert (await work.conversations.find(person, program.clock.now().replace(year=2000))).state == {}


@pytest.mark.parametrize("kind", [Kind.VOICE, Kind.IMAGE, Kind.VIDEO, Kind.LOCATION, Kind.UNSUPPORTED])
async def test_what_cannot_be_understood_is_said_so_and_text_is_asked_for(program: Program, kind: Kind) -> None:
    reply = await program.inbox.receive(a_message("", kind=kind))
    assert reply is not None
    assert "打字" in reply.text or "文字" in reply.text


async def test_an_emergency_is_answered_first_with_the_numbers(program: Program) -> None:
    reply = await say(program, "工地塌了有人被埋在下面，快救人")
    assert "120" in reply.notice or "119" in reply.notice


async def test_a_question_is_recorded_redacted_and_sealed(program: Program) -> None:
    await say(program, "我叫张建国，电话13812345678，老板开着蓝拖拉机，三个月不发工资")
    async with program.store.read() as work:
        kept = (await work.questions.recent(1))[0]
    assert "13812345678" not in kept.text
    assert "张建国" not in kept.text
    assert "蓝拖拉机" in kept.text
    assert kept.topics
    raw = (program.configuration.settings.data_dir / "gonghui.db").read_bytes()
    raw += (program.configuration.settings.data_dir / "gonghui.db-wal").read_bytes()
    assert "蓝拖拉机".encode() not in raw


async def test_the_hotline_is_one_word_away(program: Program) -> None:
    assert "12351" in (await say(program, "转人工")).text
