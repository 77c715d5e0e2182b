"""Following a complaint in the chat by its receipt."""

from dataclasses import replace

import pytest

from bot.app import Program
from bot.complaints.cases import CaseMessage, Direction
from bot.complaints.lifecycle import Event, Fact, State, Step, take
from bot.messages import Kind
from tests.chat import TO_THE_STORY, Worker, case_of, receipt_in, registered
from tests.fakes import FakeClock


@pytest.fixture
def worker(program: Program) -> Worker:
    return Worker(program)


async def number_of(reply_choices: tuple[object, ...], action: str) -> str:
    actions = [getattr(choice, "action", "") for choice in reply_choices]
    return str(actions.index(action) + 1)


async def test_receipt_typed_anywhere_opens_the_case(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    [(case, _)] = await registered(program)
    other = Worker(program, "worker-2")
    await other.says("老板拖欠工资怎么办")
    for typed in (receipt, receipt.replace(" ", ""), f"登记凭证号：{receipt}", receipt.replace(" ", "-")):
        assert case.number in (await other.says(typed)).title


async def test_receipt_in_the_middle_of_another_dialogue_puts_the_draft_away(worker: Worker) -> None:
    receipt = await worker.files_a_case()
    await worker.says(*TO_THE_STORY)
    assert "给您留着" in (await worker.says(receipt)).text
    assert "出了什么事" in (await worker.says("继续")).text


async def test_neither_name_nor_phone_is_shown_to_who_holds_the_receipt(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    finder = Worker(program, "finder")
    shown = [await finder.says(receipt)]
    shown += [await finder.taps("track:copy"), await finder.taps("track:limits")]
    text = "".join(f"{reply.title}{reply.text}{reply.hint}" for reply in shown)
    assert "恒泰建筑公司" in text
    assert [secret for secret in ("王师傅", "13800001111") if secret in text] == []


async def test_wrong_and_unknown_receipts_look_alike_and_are_slowed_down(worker: Worker, program: Program) -> None:
    """The limit on guessing is per person, and whoever is slowed can still try later."""
    receipt = await worker.files_a_case()
    guesser = Worker(program, "guesser")
    wrong = [f"{number:015}" for number in range(10**14, 10**14 + 40)]
    from bot.complaints.receipts import check_digit

    replies = [(await guesser.says(digits + check_digit(digits))).text for digits in wrong]
    assert "没有查到" in replies[0]
    assert len(set(replies[:3])) == 1
    assert "试得有点快" in replies[-1]
    assert "案件" in (await worker.says(receipt)).title, "others are not slowed down"


async def test_mistyped_receipt_is_told_at_once(worker: Worker) -> None:
    receipt = (await worker.files_a_case()).replace(" ", "")
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    assert "数字不对" in (await worker.says(wrong)).text
    assert "16位" in (await worker.says(receipt[:-2])).text


async def test_message_reaches_the_union_and_the_answer_the_worker(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    case = await case_of(program, receipt)
    await worker.says(receipt)
    await worker.taps("track:say")
    assert "已经转给经办人" in (await worker.says("老板昨天跑了，请快一点")).text
    await worker.says("还有，门也锁了")
    async with program.store.write() as work:
        sent = await work.messages.of(case.id, [Direction.FROM_WORKER])
        answer = CaseMessage(
            id="a" * 32, sent_at=program.clock.now(), by="staff", direction=Direction.TO_WORKER, text="明天上门"
        )
        await work.messages.add(case.id, answer)
        await work.commit()
    assert [message.text for message in sent] == ["老板昨天跑了，请快一点", "还有，门也锁了"]
    reply = await worker.says("返回")
    assert "明天上门" in reply.text
    assert "有1条新留言" in reply.text
    assert "有1条新留言" not in (await worker.says(receipt)).text


async def test_what_is_said_to_the_union_without_asking_first_is_no_question(worker: Worker, program: Program) -> None:
    """Nobody presses 1 before writing; only words that do not speak to the union are looked up."""
    receipt = await worker.files_a_case()
    case = await case_of(program, receipt)
    await worker.says(receipt)
    assert "已经转给经办人" in (await worker.says("我想补充：老板换了电话")).text
    await worker.says("返回")
    assert "已经转给经办人" not in (await worker.says("公司不交社保怎么办")).text
    assert await said_to_the_union(program, case.id) == ["我想补充：老板换了电话"]


async def test_what_the_union_asked_for_is_answered_by_simply_writing(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    case = await case_of(program, receipt)
    async with program.store.write() as work:
        await work.cases.change(case, program.clock.now(), progress=replace(case.progress, state=State.AWAITING_WORKER))
        await work.commit()
    assert "直接打字发来" in (await worker.says(receipt)).prompt
    assert "确定撤回" in (await worker.says("撤回投诉")).text, "other wishes are still wishes"
    await worker.says(receipt)
    assert "已经转给经办人" in (await worker.says("在曹县庄寨镇，一共干了三个月")).text
    assert await said_to_the_union(program, case.id) == ["在曹县庄寨镇，一共干了三个月"]


async def test_danger_told_to_the_union_is_answered_with_whom_to_call_at_once(worker: Worker) -> None:
    """A cadre reads it tomorrow."""
    await worker.says(await worker.files_a_case())
    await worker.taps("track:say")
    reply = await worker.says("工资要不到，我不想活了")
    assert "已经转给经办人" in reply.text
    assert reply.notice


async def test_a_picture_for_an_open_case_is_not_thought_to_be_there(worker: Worker) -> None:
    receipt = await worker.files_a_case()
    assert "看不懂" in (await worker.send("", kind=Kind.IMAGE)).text
    await worker.says(receipt)
    reply = await worker.send("", kind=Kind.IMAGE)
    assert "没有收进案件" in reply.text


async def said_to_the_union(program: Program, case_id: str) -> list[str]:
    async with program.store.read() as work:
        return [message.text for message in await work.messages.of(case_id, [Direction.FROM_WORKER])]


async def test_case_closes_itself_after_a_rest(worker: Worker, clock: FakeClock) -> None:
    receipt = await worker.files_a_case()
    await worker.says(receipt)
    clock.advance(minutes=31)
    assert "再发一次" in (await worker.taps("track:withdraw:yes")).text


async def test_nothing_of_a_case_opens_without_its_receipt(worker: Worker, program: Program) -> None:
    await worker.files_a_case()
    await registered(program)
    stranger = Worker(program, "stranger")
    for action in ("track:show", "track:copy", "track:withdraw:yes", "track:verdict:solved", "track:say"):
        assert "再发一次" in (await stranger.taps(action)).text


async def test_withdrawing_asks_once_more_and_can_be_undone(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    await worker.says(receipt)
    await worker.taps("track:withdraw")
    assert (await case_of(program, receipt)).state is State.REGISTERED
    await worker.says("1")
    assert (await case_of(program, receipt)).state is State.WITHDRAWN
    await worker.says(receipt)
    await worker.taps("track:restore")
    assert (await case_of(program, receipt)).state is State.REGISTERED


async def test_deletion_wish_says_what_stays(worker: Worker) -> None:
    receipt = await worker.files_a_case()
    await worker.says(receipt)
    assert "没有照它办" in (await worker.taps("track:delete:yes")).text, "nobody has asked yet"
    await worker.taps("track:delete")
    reply = await worker.taps("track:delete:yes")
    assert "督办" in reply.text
    assert "保留" in reply.text


async def test_correction_is_read_shown_back_and_kept_beside_the_earlier_words(
    worker: Worker, program: Program
) -> None:
    receipt = await worker.files_a_case()
    case = await case_of(program, receipt)
    await worker.says(receipt)
    await worker.taps("track:correct:people")
    assert "没看出" in (await worker.says("好多好多")).text
    assert "30人" in (await worker.says("三十个人")).text
    async with program.store.read() as work:
        statements = await work.cases.statements(case.id)
    assert [one.statement.people.low for one in statements] in ([21, 30], [30, 21])


async def test_worker_says_what_came_of_it(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    case = await case_of(program, receipt)
    steps = [
        Step(event=Event.ACCEPT),
        Step(event=Event.RESOLVE, outcome="helped", facts=frozenset({Fact.WORKER_TOLD})),
    ]
    progress = case.progress
    for step in steps:
        progress = take(progress, step)
    async with program.store.write() as work:
        await work.cases.change(case, program.clock.now(), progress=progress)
        await work.commit()
    reply = await worker.says(receipt)
    assert "解决了没有" in reply.prompt
    await worker.says(await number_of(reply.choices, "track:verdict:not_solved"))
    verdict = (await case_of(program, receipt)).progress.verdict
    assert verdict is not None
    assert verdict.value == "not_solved"


async def test_receipt_is_shown_once_more_and_never_again(worker: Worker, program: Program) -> None:
    receipt = await worker.files_a_case()
    assert receipt in (await worker.says("再看凭证")).text
    assert receipt not in (await worker.says("再看凭证")).text
    assert "没有能再看的凭证号" in (await Worker(program, "worker-2").says("再看凭证")).text


async def test_receipt_is_not_shown_again_after_a_day(worker: Worker, clock: FakeClock) -> None:
    receipt = await worker.files_a_case()
    clock.advance(hours=25)
    assert receipt not in (await worker.says("再看凭证")).text


async def test_menu_and_words_ask_for_the_receipt(worker: Worker) -> None:
    for reply in (await worker.clicks("track"), await worker.says("查进度"), await worker.says("我的投诉")):
        assert "登记凭证号" in reply.text


async def test_asking_for_the_state_in_the_dialogue_does_not_lose_the_draft(worker: Worker) -> None:
    await worker.says(*TO_THE_STORY)
    assert "登记凭证号" in (await worker.says("查进度")).text
    assert "出了什么事" in (await worker.says("继续")).text


async def test_without_the_consent_the_day_of_an_injury_is_no_correction_either(
    worker: Worker, program: Program
) -> None:
    await worker.says("我要投诉", "1", "2", *TO_THE_STORY[3:], "三个月没发工资了", "没有了")
    receipt = receipt_in(await worker.says("提交", "提交"))
    await worker.says(receipt)
    offered = await worker.taps("track:correct")
    assert "track:correct:accident" not in [choice.action for choice in offered.choices]
    assert "要更正哪一项" in (await worker.taps("track:correct:accident")).text
    await worker.says("7月12号摔的")
    [(_, said)] = await registered(program)
    assert said is not None
    assert said.accident.first is None


async def test_copy_shows_what_was_heard_in_passing_and_the_accident_may_be_corrected(
    worker: Worker, program: Program
) -> None:
    """What was confirmed without having been typed at a question of its own is shown as it was understood."""
    story = "七月十号从架子上摔下来，八月底不干了，我们二十多人，一共欠十二万"
    await worker.says(*TO_THE_STORY[:5], "工伤", *TO_THE_STORY[6:], story, "没有了", "都对", "提交")
    receipt = receipt_in(await worker.says("提交"))
    await worker.says(receipt)
    copy = (await worker.says("登记内容")).text
    assert "受伤或查出时间：“七月十号”，我理解是2026年7月10日" in copy
    assert all(part in copy for part in ("离开时间：“八月底”", "是否在职：已经离开", "21人到29人", "120000元"))
    await worker.taps("track:correct:accident")
    assert "2026年7月12日" in (await worker.says("7月12号摔的")).text
    [(_, said)] = await registered(program)
    assert said is not None
    assert str(said.accident.first) == "2026-07-12"
