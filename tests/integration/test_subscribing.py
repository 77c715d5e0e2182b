"""Subscribing and stopping in a chat, through the inbox: by words, by buttons, by the command."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import Program
from bot.messages import Kind, Reply
from bot.subscriptions.subscribers import TELEGRAM, Pace, Subscriber, SubscriberState
from tests.chat import Worker
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.site import build_scripted
from tests.site_posts import send
from tests.telegram import Talk, a_talk, a_telegram_configuration

NOWHERE = "http://127.0.0.1:9"


async def publish(program: Program) -> None:
    """A post, so that there are topics."""
    await send(program, a_content("wages", channels=("site",), citations=(), tags=("工资", "工伤", "入会", "加班费")))


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    program = build_scripted(a_telegram_configuration(tmp_path, NOWHERE), clock)
    async with program.running():
        await publish(program)
        yield program


@pytest.fixture
def worker(program: Program) -> Worker:
    return Worker(program, channel=TELEGRAM)


async def standing(program: Program, name: str = "worker-1") -> Subscriber | None:
    async with program.store.read() as work:
        return await work.subscribers.find_person(TELEGRAM, name, held=False)


def actions(reply: Reply) -> list[str]:
    return [choice.action for choice in reply.choices]


@pytest.mark.parametrize("words", ["订阅", "我要订阅", "我想订阅。", " 订阅！"])
async def test_words_ask_how_often_and_begin_nothing(program: Program, worker: Worker, words: str) -> None:
    asked = await worker.says(words)
    assert "多久告诉您一次" in asked.text
    assert "订阅 工资 工伤" in asked.hint
    assert actions(asked) == ["subscribe:at_once", "subscribe:weekly"]
    assert await standing(program) is None


@pytest.mark.parametrize("pace", list(Pace))
async def test_a_tap_subscribes_to_everything_and_another_one_stops(
    program: Program, worker: Worker, clock: FakeClock, pace: Pace
) -> None:
    await worker.says("订阅")
    done = await worker.taps(f"subscribe:{pace}")
    assert "全部内容" in done.text
    found = await standing(program)
    assert found is not None
    assert (found.topics, found.pace, found.consented_at) == ((), pace, clock.now())
    assert found.state is SubscriberState.ACTIVE
    (stop,) = actions(done)
    assert "退订" in (await worker.taps(stop)).text
    stopped = await standing(program)
    assert stopped is not None
    assert stopped.state is SubscriberState.STOPPED


async def test_the_number_of_a_choice_does_what_its_button_does(program: Program, worker: Worker) -> None:
    """In WeChat a choice is a number in the text."""
    await worker.says("订阅", "2")
    found = await standing(program)
    assert found is not None
    assert found.pace is Pace.WEEKLY
    assert "已经退订" in (await worker.says("1")).text


async def test_a_number_means_the_list_last_seen_in_a_complaint_too(tmp_path: Path, clock: FakeClock) -> None:
    program = build_scripted(a_telegram_configuration(tmp_path, NOWHERE, complaints=True), clock)
    async with program.running():
        worker = Worker(program, channel=TELEGRAM)
        await worker.says("订阅", "我要投诉", "1", "1")
        assert await standing(program) is None
        asked = await worker.says("订阅")
        assert actions(asked) == ["subscribe:at_once", "subscribe:weekly"]
        await worker.says("2")
        assert await standing(program) is not None


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ("订阅 工资 工伤", ("工资", "工伤")),
        ("订阅：工资、工伤，工资", ("工资", "工伤")),
        ("我要订阅 #入会", ("入会",)),
        ("订阅工资", ("工资",)),
        ("订阅加班费、工伤", ("加班费", "工伤")),
        ("订阅工资和工伤", ("工资", "工伤")),
    ],
)
async def test_topics_that_were_named_are_those_of_the_subscription(
    program: Program, worker: Worker, words: str, topics: tuple[str, ...]
) -> None:
    asked = await worker.says(words)
    assert "、".join(topics) in asked.text
    await worker.taps("subscribe:weekly")
    found = await standing(program)
    assert found is not None
    assert found.topics == topics


@pytest.mark.parametrize(
    "words", ["订阅 xyz", "订阅 天气 股票", "订阅天气", "我要订阅：天气和股票"], ids=["one", "two", "at_once", "and"]
)
async def test_topics_that_there_are_not_are_named_and_so_are_those_that_there_are(
    program: Program, worker: Worker, words: str
) -> None:
    said = await worker.says(words)
    assert "没有" in said.text
    assert "工资、工伤、入会、加班费" in said.text
    assert actions(said) == ["subscribe:all"]
    await worker.taps("subscribe:weekly")  # an older button: it means nothing that was not found
    assert await standing(program) is None
    await worker.taps("subscribe:all")
    await worker.taps("subscribe:weekly")
    found = await standing(program)
    assert found is not None
    assert found.topics == ()


async def test_of_several_topics_those_that_there_are_are_kept_and_the_others_named(
    program: Program, worker: Worker
) -> None:
    asked = await worker.says("订阅 工资 天气")
    assert "话题：工资" in asked.text
    assert "没有“天气”这个话题" in asked.hint
    await worker.taps("subscribe:weekly")
    found = await standing(program)
    assert found is not None
    assert found.topics == ("工资",)


async def test_before_anything_is_published_there_is_only_everything(tmp_path: Path, clock: FakeClock) -> None:
    program = build_scripted(a_telegram_configuration(tmp_path, NOWHERE), clock)
    async with program.running():
        worker = Worker(program, channel=TELEGRAM)
        assert "还没有分话题" in (await worker.says("订阅 工资")).text
        asked = await worker.says("订阅")
        assert ("多久告诉您一次" in asked.text, asked.hint) == (True, "")


async def test_who_has_subscribed_is_told_to_what_and_can_change_or_stop(program: Program, worker: Worker) -> None:
    await worker.says("订阅 工资")
    await worker.taps("subscribe:weekly")
    mine = await worker.says("我的订阅")
    assert "您现在订的是话题：工资，每周汇总一次" in mine.text
    assert actions(mine) == ["subscribe:at_once", "subscribe:all", "subscribe:stop"]
    found = await standing(program)
    assert found is not None
    assert program.subscriptions
    assert [link.url for link in mine.links] == [program.subscriptions.links.manage_page(found.id)][
        : bool(program.subscriptions.links.base_url)
    ]
    await worker.taps("subscribe:all")
    await worker.taps("subscribe:at_once")
    changed = await standing(program)
    assert changed is not None
    assert (changed.id, changed.topics, changed.pace) == (found.id, (), Pace.AT_ONCE)


async def test_the_other_button_changes_the_pace_and_keeps_the_topics(program: Program, worker: Worker) -> None:
    await worker.says("订阅 工资")
    await worker.taps("subscribe:weekly")
    assert "工资" in (await worker.taps("subscribe:at_once")).text
    found = await standing(program)
    assert found is not None
    assert (found.topics, found.pace) == (("工资",), Pace.AT_ONCE)


async def test_a_button_of_a_talk_that_is_forgotten_asks_again_and_changes_nothing(
    program: Program, worker: Worker, clock: FakeClock
) -> None:
    await worker.says("订阅 工资")
    await worker.taps("subscribe:weekly")
    clock.advance(seconds=25 * 3600)
    assert "您现在订的是话题：工资，每周汇总一次" in (await worker.taps("subscribe:at_once")).text
    found = await standing(program)
    assert found is not None
    assert (found.topics, found.pace) == (("工资",), Pace.WEEKLY)


@pytest.mark.parametrize("words", ["退订", "取消订阅", "不再订阅", "我要退订。"])
async def test_words_stop_and_the_same_words_again_do_no_harm(program: Program, worker: Worker, words: str) -> None:
    await worker.says("订阅")
    await worker.taps("subscribe:at_once")
    assert "已经退订" in (await worker.says(words, words)).text
    found = await standing(program)
    assert found is not None
    assert found.state is SubscriberState.STOPPED


async def test_whoever_stopped_can_begin_anew(program: Program, worker: Worker, clock: FakeClock) -> None:
    await worker.says("订阅")
    await worker.taps("subscribe:at_once")
    await worker.says("退订")
    clock.advance(seconds=60)
    await worker.says("订阅 工资")
    await worker.taps("subscribe:weekly")
    found = await standing(program)
    assert found is not None
    assert (found.state, found.topics, found.consented_at) == (SubscriberState.ACTIVE, ("工资",), clock.now())


async def test_a_repeat_of_the_tap_subscribes_once(program: Program, worker: Worker) -> None:
    await worker.says("订阅")
    for _ in range(2):
        await worker.send("", kind=Kind.CHOICE, action="subscribe:weekly", key="tapped-once")
    async with program.store.read() as work:
        assert sum((await work.subscribers.counts()).values()) == 1


@pytest.mark.parametrize(
    "words",
    ["订阅号里的消息怎么看不到", "公司三个月没发工资，我想订阅法律帮助", "订阅的消息怎么看不到"],
    ids=["account", "wish", "messages"],
)
async def test_a_question_with_the_word_in_it_is_a_question(program: Program, worker: Worker, words: str) -> None:
    assert not any(action.startswith("subscribe:") for action in actions(await worker.says(words)))


async def test_nobody_subscribes_on_the_site_by_words(program: Program) -> None:
    reply = await Worker(program, channel="site").says("订阅")
    assert not any(action.startswith("subscribe:") for action in actions(reply))


async def test_where_nothing_is_sent_stopping_says_so(tmp_path: Path, clock: FakeClock) -> None:
    program = build_scripted(a_telegram_configuration(tmp_path, NOWHERE), clock)
    async with program.running():
        here = Worker(program, channel="wechat")  # no template for notices there
        for words in ("退订", "订阅"):
            assert "没有推送" in (await here.says(words)).text


async def talked(talk: Talk) -> SubscriberState | None:
    found = await standing(talk.program, "7")
    return found.state if found else None


async def test_the_command_and_the_buttons_on_telegram(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock) as talk:
        await publish(talk.program)
        await talk.says("订阅 工资")
        done = await talk.taps("每周")
        assert "每周汇总一次" in done.text
        assert await talked(talk) is SubscriberState.ACTIVE
        assert "已经退订" in (await talk.taps("退订")).text
        assert await talked(talk) is SubscriberState.STOPPED
        await talk.says("订阅")
        await talk.taps("一发布就")
        assert await talked(talk) is SubscriberState.ACTIVE
        assert "已经退订" in (await talk.says("/stop")).text
        assert await talked(talk) is SubscriberState.STOPPED


async def test_a_group_subscribes_nobody(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock) as talk:
        assert talk.channel.answering
        await talk.channel.api.name()
        group = {"id": -100, "type": "supergroup", "title": "工友群"}
        name = talk.channel.answering.name
        for words in ("/stop@heze_union_bot", "@heze_union_bot 订阅"):
            await talk.push(talk.chat.text(words, chat=group))
        assert name.id == 7001
        async with talk.program.store.read() as work:
            assert sum((await work.subscribers.counts()).values()) == 0


async def test_whoever_blocks_the_bot_has_no_subscription_any_more(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock) as talk:
        await talk.says("订阅")
        await talk.taps("每周")
        await talk.push(talk.chat.blocks())
        assert await standing(talk.program, "7") is None
