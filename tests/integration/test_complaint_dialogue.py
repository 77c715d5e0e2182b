"""Registering a complaint in the chat, through inbox and handlers to the database."""

import json
from pathlib import Path

import pytest

from bot.answers.keeper import RankerFactory
from bot.app import Program, build
from bot.complaints.roles import Confidentiality
from bot.messages import Kind
from tests.builders import a_configuration, a_message
from tests.chat import THE_REST, TO_THE_STORY, Worker, case_of, receipt_in, registered
from tests.fakes import FakeClock
from tests.wechat import ENVIRON

SUBSCRIBE = "https://mp.weixin.qq.com/s/subscribe-here"


@pytest.fixture
def worker(program: Program) -> Worker:
    return Worker(program)


async def test_whole_dialogue_registers_one_case_with_everything_said(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    [(case, said)] = await registered(program)
    assert said is not None
    assert (case.category, case.district, case.confidentiality) == ("wage", "caoxian", Confidentiality.CONFIDENTIAL)
    assert (said.narrative, said.employer) == ("老板三个月没发工资，二十多人", "恒泰建筑公司")
    assert (said.people.low, said.people.high) == (21, 29)
    assert (said.name, said.phone) == ("王师傅", "13800001111")
    assert (await case_of(program, receipt)).id == case.id


async def test_end_tells_number_receipt_what_it_is_not_and_the_limits(worker: Worker, program: Program) -> None:
    reply = await worker.says(*TO_THE_STORY, *THE_REST, "提交")
    [(case, _)] = await registered(program)
    assert case.number in reply.text
    assert "登记凭证，不是受理决定；在工会登记不等于申请仲裁或工伤认定，请勿因此等待" in reply.text
    assert "《劳动争议调解仲裁法》第27条" in reply.text
    assert "已过时效" not in reply.text


async def test_message_sent_twice_registers_once_and_shows_the_same_receipt(worker: Worker, program: Program) -> None:
    """WeChat repeats a message that took too long."""
    await worker.says(*TO_THE_STORY, *THE_REST)
    send = a_message("提交", sender=worker.name, channel=worker.channel)
    first = await program.inbox.receive(send)
    second = await program.inbox.receive(send)
    assert first is not None
    assert second == first
    assert len(await registered(program)) == 1


async def test_dialogue_goes_on_after_hours_and_a_restart(tmp_path: Path, lexical: RankerFactory) -> None:
    clock, configuration = FakeClock(), a_configuration(tmp_path)
    before = build(configuration, clock=clock, rankers=lexical)
    async with before.running():
        await Worker(before).says(*TO_THE_STORY, *THE_REST[:4])
    clock.advance(hours=9)
    after = build(configuration, clock=clock, rankers=lexical)
    async with after.running():
        receipt = receipt_in(await Worker(after).says(*THE_REST[4:], "提交"))
        [(case, said)] = await registered(after)
        assert said is not None
        assert said.narrative == THE_REST[0]
        assert (await case_of(after, receipt)).id == case.id


async def test_drafts_are_nobody_elses(worker: Worker, program: Program) -> None:
    await worker.says(*TO_THE_STORY, THE_REST[0])
    other = await Worker(program, "worker-2").says("继续")
    assert "现在没有没填完的投诉" in other.text


async def test_emergency_is_answered_first_and_what_was_said_is_kept_as_urgent(
    worker: Worker, program: Program
) -> None:
    await worker.says(*TO_THE_STORY)
    reply = await worker.says("老板把我们锁在厂里不让走，正在打人，快来救命")
    assert "110" in reply.notice
    assert "锁在厂里" in reply.text
    await worker.says("没有了", "提交", "提交")
    [(case, said)] = await registered(program)
    assert case.urgent
    assert said is not None
    assert "锁在厂里" in said.narrative


async def test_question_in_between_is_answered_and_the_dialogue_goes_on(worker: Worker, program: Program) -> None:
    question = await worker.says(*TO_THE_STORY[:5])
    asked = await worker.says("仲裁要钱吗")
    assert "仲裁也不收费" in asked.text
    assert [choice.action for choice in asked.choices] == [choice.action for choice in question.choices]
    answered = await worker.says("老板拖欠工资三个月了怎么办")
    assert answered.topic == "wage.arrears"
    assert "单位" in (await worker.says("1")).text, "the list above still counts"
    assert "老板拖欠工资三个月了怎么办" in (await worker.says("恒泰", "3")).text, "it is part of what happened"


async def test_menu_is_shown_when_it_is_clicked_and_the_draft_waits(worker: Worker) -> None:
    await worker.says(*TO_THE_STORY)
    menu = await worker.clicks("hot")
    assert "回复“继续”接着填" in menu.hint
    assert (await worker.says("1")).topic == menu.choices[0].action.removeprefix("entry:")
    assert "出了什么事" in (await worker.says("继续")).text


async def test_button_under_an_answer_brings_topic_and_question_along(worker: Worker, program: Program) -> None:
    answer = await worker.says("老板拖欠工资三个月了怎么办")
    offered = [choice.action for choice in answer.choices]
    assert f"complain:{answer.topic}" in offered
    begun = await worker.says(str(offered.index(f"complain:{answer.topic}") + 1))
    assert "第1步" in begun.title
    choices = (await worker.says("1", "1", "9", "1")).choices
    assert choices[0].action == "intake:category:wage"
    await worker.says("1", "跳过", "13", "没有了", "提交", "提交")
    [(_, said)] = await registered(program)
    assert said is not None
    assert "老板拖欠工资三个月了怎么办" in said.narrative


async def test_anonymous_case_leaves_no_link_from_the_account(worker: Worker, program: Program) -> None:
    await worker.says(
        "我要投诉", "同意", "1", "9", "匿名", "1", "跳过", "13", "老板不发工资啊", "没有了", "提交", "提交"
    )
    [(case, _)] = await registered(program)
    async with program.store.read() as work:
        assert await work.links.of(case.id) == []
        person = program.keys.person(worker.channel, worker.name)
        assert [waiting for waiting, _ in await work.receipts.waiting(person, program.clock.now())] == [case.id]
        found = await work.conversations.find(person, program.clock.now().replace(year=2000))
    assert case.id not in json.dumps(found.state)
    await worker.says("记好了")
    async with program.store.read() as work:
        assert await work.receipts.waiting(person, program.clock.now()) == []


async def test_wechat_says_who_knows_the_account_and_offers_the_form(tmp_path: Path, lexical: RankerFactory) -> None:
    configuration = a_configuration(tmp_path, {"web": {"base_url": "https://ask.example.org"}})
    program = build(configuration, clock=FakeClock(), rankers=lexical)
    async with program.running():
        reply = await Worker(program, channel="wechat").says("我要投诉", "1", "1", "9")
        assert "微信自己知道" in reply.text
        assert [link.url for link in reply.links] == ["/complain"]
        elsewhere = await Worker(program, channel="test").says("我要投诉", "1", "1", "9")
        assert "微信自己知道" not in elsewhere.text


@pytest.mark.parametrize("kind", ["template", "subscribe"])
async def test_notices_are_offered_only_where_the_account_may_send_them(
    tmp_path: Path, lexical: RankerFactory, kind: str
) -> None:
    notices = {"wechat": kind, "template_id": "t", "fields": {"thing1": "words"}, "subscribe_page": SUBSCRIBE}
    changes = {
        "complaints": {"notices": notices, "districts": [{"id": "caoxian", "name": "曹县"}]},
        "wechat": {"enabled": True, "app_id": "wx0123456789abcdef"},
    }
    program = build(
        a_configuration(tmp_path, changes, {**ENVIRON, "GONGHUI_WECHAT_SECRET": "s"}),
        clock=FakeClock(),
        rankers=lexical,
    )
    async with program.running():
        worker = Worker(program, "openid-1", channel="wechat")
        texts = ("我要投诉", "1", "1", "匿名", "1", "跳过", "1", "老板不发工资啊", "没有了", *["跳过"] * 6)
        reply = await worker.says(*texts)
        while "提醒" not in reply.text:
            reply = await worker.says("跳过")
        assert "匿名" in reply.text, "who asks for notices is told that the link is kept"
        filed = await worker.says("要", "提交")
        assert receipt_in(filed)
        assert [link.url for link in filed.links] == ([SUBSCRIBE] if kind == "subscribe" else [])
        [(case, _)] = await registered(program)
        assert case.reachable is (kind == "template"), "a subscription is still to come"
        async with program.store.read() as work:
            [link] = await work.links.of(case.id)
        assert link.address == "openid-1"


async def test_deleted_draft_takes_its_words_along(worker: Worker, program: Program) -> None:
    await worker.says(*TO_THE_STORY, "墨竹兰菊的事情", "取消", "2")
    person = program.keys.person(worker.channel, worker.name)
    async with program.store.read() as work:
        found = await work.conversations.find(person, program.clock.now().replace(year=2000))
    assert "墨竹兰菊" not in json.dumps(found.state, ensure_ascii=False)


async def test_unfollowing_deletes_the_draft(worker: Worker, program: Program) -> None:
    await worker.says(*TO_THE_STORY)
    await program.inbox.receive(a_message("", sender=worker.name, channel=worker.channel, kind=Kind.UNFOLLOW))
    assert "现在没有没填完的投诉" in (await worker.says("继续")).text


async def test_complaint_about_union_staff_is_the_supervisors(worker: Worker, program: Program) -> None:
    texts = (
        "我要投诉",
        "1",
        "1",
        "9",
        "1",
        "反映工会工作人员",
        "县总工会某某",
        "1",
        "推诿不办，态度恶劣",
        "没有了",
        "提交",
    )
    await worker.says(*texts, "提交")
    [(case, _)] = await registered(program)
    assert case.about_union_staff


async def test_the_consent_to_passing_on_says_how_the_bodies_are_reached(worker: Worker) -> None:
    asked = await worker.says("我要投诉", "1", "1")
    assert "人社局劳动保障监察机构（电话12333）" in [choice.label for choice in asked.choices]
    assert "卫生健康委" in [choice.label for choice in asked.choices], "nobody has entered its number"


async def test_consents_are_recorded_as_given(worker: Worker, program: Program) -> None:
    await worker.says("我要投诉", "1", "2", "1,3", "2", "1", "跳过", "1", "老板不发工资啊", "没有了", "提交", "提交")
    [(case, _)] = await registered(program)
    assert case.passing_on == ("inspection", "insurance")


async def test_switched_off_the_hotline_is_shown(tmp_path: Path, lexical: RankerFactory) -> None:
    program = build(a_configuration(tmp_path, {"complaints": {"enabled": False}}), clock=FakeClock(), rankers=lexical)
    async with program.running():
        assert "12351" in (await Worker(program).says("我要投诉")).text
        answer = await Worker(program).says("老板拖欠工资三个月了怎么办")
        assert [choice for choice in answer.choices if choice.action.startswith("complain")] == []


async def test_nothing_that_was_typed_reaches_the_log(
    worker: Worker, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    receipt = await worker.files_a_case()
    written = "".join(capsys.readouterr()) + caplog.text
    needles = ["恒泰", "王师傅", "13800001111", receipt, receipt.replace(" ", ""), worker.name]
    assert [needle for needle in needles if needle in written] == []
