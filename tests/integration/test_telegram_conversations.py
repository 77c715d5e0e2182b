"""Conversations with the bot through the webhook: what is asked and answered, and what is kept of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.telegram.parse import BotName
from bot.complaints.cases import FileState
from bot.messages import Kind, Message
from bot.notice_jobs import make_notice_jobs
from bot.operations import make_file_jobs
from bot.ops.jobs import Job
from tests.chat import registered
from tests.evidence import a_jpeg
from tests.fakes import FakeClock
from tests.telegram import Talk, a_talk, union_writes


@pytest.fixture
async def talk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Talk]:
    async with a_talk(tmp_path, clock) as talk:
        yield talk


async def test_a_question_is_answered_with_buttons_and_its_update_is_done(talk: Talk) -> None:
    answer = await talk.says("公司三个月没发工资")
    assert "依据" in answer.text
    assert {"👍 有用", "👎 没用"} <= set(answer.buttons)
    assert answer.buttons["👍 有用"] == "vote:up:wage.arrears"
    assert any(label.endswith("登记投诉") or "投诉" in label for label in answer.buttons)
    async with talk.program.store.read() as work:
        assert await work.telegram_updates.count(7001) == 0


async def test_near_questions_are_picked_by_a_tap_and_voted_on(talk: Talk) -> None:
    near = await talk.says("被辞退能要多少补偿")
    assert list(near.buttons.values()) == ["entry:termination.severance", "entry:contract.double-wage"]
    picked = await talk.taps("1.")
    assert "补偿" in picked.text
    thanks = await talk.taps("有用")
    assert "谢谢" in thanks.text
    async with talk.program.store.read() as work:
        assert await work.votes.tally("termination.severance") == (1, 0)
    assert "answerCallbackQuery" in talk.chat.calls


PICTURE = a_jpeg()
STORY = ("同意", "同意", "1", "都不同意", "保密", "工资", "恒泰建筑公司", "曹县")
REST = ("老板三个月没发工资，二十多人", "1", "1", "1", "一万二", "把工资发了", "王师傅 13800001111")


async def test_a_complaint_is_offered_on_the_site_where_it_is_not_taken_here(talk: Talk) -> None:
    answer = await talk.says("我要投诉老板三个月不发钱")
    assert "12351" in answer.text
    assert "境外" in answer.text
    assert list(answer.buttons.values()) == ["https://ask.example.org/complain"]
    await talk.says("公司三个月没发工资")
    assert "境外" in (await talk.taps("投诉")).text
    assert "境外" in (await talk.says("/complain")).text
    assert await registered(talk.program) == []


async def test_who_does_not_agree_to_servers_abroad_is_led_to_the_site(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        notice = await talk.says("/complain")
        assert "境外" in notice.text
        assert "https://ask.example.org/complain" in notice.buttons.values()
        declined = await talk.taps("不同意")
        assert "12351" in declined.text
        assert list(declined.buttons.values()) == ["https://ask.example.org/complain"]
        assert "没有没填完" in (await talk.says("继续投诉")).text or await registered(talk.program) == []


async def test_a_whole_complaint_with_a_photo_is_filed_tracked_and_heard_of(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        await talk.says("我要投诉", *STORY, *REST)
        assert await talk.push(talk.chat.photo("photo-1", PICTURE, caption="这是工资条")) == 200
        asked = await talk.says("没有了")
        assert "提醒" in asked.text, asked.text
        await talk.taps("写出内容")
        filed = await talk.taps("提交")
        receipt = receipt_in_text(filed.text)
        ((case, said),) = await registered(talk.program)
        assert said is not None
        assert "工资" in said.narrative
        assert case.channel == "telegram"
        async with talk.program.store.read() as work:
            (entry,) = [one for one in await work.timeline.of(case.id) if one.kind == "registered"]
            assert {"abroad", "content", "notices", "personal_data"} <= set(entry.data["consents"].split())
            (link,) = await work.links.of(case.id)
        assert (link.channel, link.address, link.grants) == ("telegram", "7", ("content", "message"))

        await make_jobs(talk)["fetch_files"].run()
        async with talk.program.store.read() as work:
            (file,) = await work.files.of_case(case.id)
        assert file.state is FileState.KEPT

        tracked = await talk.says(receipt)
        assert case.number in tracked.text
        assert talk.chat.sent[-1].form["protect_content"] == "true"
        talk.chat.faults.append((400, "Bad Request: can't parse entities: Unsupported start tag", {}))
        bare = await talk.says(receipt)
        assert (bare.html, bare.form["protect_content"]) == (False, "true")

        await union_writes(talk.program, case.id, "已经联系单位")
        await make_jobs(talk)["send_worker_notices"].run()
        told = talk.chat.last()
        assert "已经联系单位" in told.text
        assert "凭证" in told.text
        assert "登记凭证" in (await talk.taps("凭证")).text


async def test_news_is_neutral_for_whoever_did_not_choose_to_see_it(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        await talk.says("我要投诉", *STORY, *REST, "没有了")
        await talk.taps("1. 要提醒")
        await talk.taps("提交")
        ((case, _),) = await registered(talk.program)
        await union_writes(talk.program, case.id, "已经联系单位")
        await make_jobs(talk)["send_worker_notices"].run()
        assert talk.chat.last().text == "您登记的事项有新进展，请凭登记凭证查看"


async def filed_with_notices(talk: Talk, button: str) -> tuple[str, str]:
    """A case whose worker wants notices of that kind here; its id and its receipt."""
    await talk.says("我要投诉", *STORY, *REST, "没有了")
    await talk.taps(button)
    receipt = receipt_in_text((await talk.taps("提交")).text)
    cases = await registered(talk.program)
    return cases[-1][0].id, receipt


async def grants_of(talk: Talk, case_id: str) -> list[tuple[str, ...]]:
    async with talk.program.store.read() as work:
        return [link.grants for link in await work.links.of(case_id)]


async def told_of_a_message(talk: Talk, case_id: str, text: str) -> str:
    """What arrives when the union writes that."""
    await union_writes(talk.program, case_id, text)
    await make_jobs(talk)["send_worker_notices"].run()
    return talk.chat.last().text


async def test_who_follows_the_case_changes_in_both_directions_whether_content_is_shown(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        case, receipt = await filed_with_notices(talk, "1. 要提醒")
        await talk.says(receipt)
        asked = await talk.taps("改新进展的提醒")
        assert "境外" in asked.text
        assert "不写内容。要改成" in asked.text
        agreed = await talk.taps("写出内容")
        assert "您同意" in agreed.text
        assert await grants_of(talk, case) == [("content", "message")]
        assert "已经联系单位" in await told_of_a_message(talk, case, "已经联系单位")
        assert talk.chat.sent[-1].form["protect_content"] == "true", "nobody passes it on by a tap"

        await talk.says(receipt, "改提醒", "不写内容")
        assert await grants_of(talk, case) == [("message",)]
        clock.advance(minutes=1)
        assert "明天来签字" not in await told_of_a_message(talk, case, "明天来签字")

        async with talk.program.store.read() as work:
            entries = [one for one in await work.timeline.of(case) if one.kind == "notices_chosen"]
            logged = [one for one in await work.audit.of(case) if one.action == "worker.notices_chosen"]
        changes = [(one.by, one.data["given"], one.data["withdrawn"]) for one in entries]
        assert changes == [("worker", "content", ""), ("worker", "", "content")]
        assert [one.actor for one in logged] == ["worker", "worker"]


async def test_notices_end_with_what_was_kept_for_them_and_the_case_goes_on(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        case, receipt = await filed_with_notices(talk, "写出内容")
        await talk.says(receipt)
        await talk.taps("改新进展的提醒")
        assert "不提醒" in (await talk.taps("不要提醒了")).text
        assert await grants_of(talk, case) == []
        async with talk.program.store.read() as work:
            found = await work.cases.find(case)
        assert found is not None
        assert not found.reachable
        shown = await talk.says(receipt)
        assert not any("提醒" in label for label in shown.buttons)
        await talk.says("改提醒")
        assert await grants_of(talk, case) == []


async def test_whoever_found_the_receipt_cannot_have_the_news_sent_to_them(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        case, receipt = await filed_with_notices(talk, "1. 要提醒")
        shown = await talk.says(receipt, user=8)
        assert not any("提醒" in label for label in shown.buttons)
        assert await talk.push(talk.chat.tap("track:notices:shown", user=8)) == 200
        assert await grants_of(talk, case) == [("message",)]


async def test_a_button_under_an_earlier_case_decides_nothing_in_the_one_that_is_open(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        _, first = await filed_with_notices(talk, "1. 要提醒")
        clock.advance(minutes=5)
        _, second = await filed_with_notices(talk, "1. 要提醒")
        await talk.says(first)
        sure = await talk.taps("撤回投诉")
        await talk.says(second)
        assert (
            await talk.push(talk.chat.tap(next(data for data in sure.buttons.values() if data.endswith(":yes")))) == 200
        )
        assert "没有照它办" in talk.chat.last().text
        assert {case.state for case, _ in await registered(talk.program)} == {"registered"}


async def test_where_no_complaint_is_taken_a_number_does_not_mean_the_list_before(talk: Talk) -> None:
    await talk.says("被辞退能要多少补偿")
    assert "境外" in (await talk.says("我要投诉")).text
    assert "过期" in (await talk.says("2")).text
    await talk.says("被辞退能要多少补偿")
    assert "过期" in (await talk.says("/stop", "2")).text


async def test_a_complaint_begun_before_they_were_switched_off_does_not_stand_in_the_way(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        await talk.says("我要投诉", "同意经过境外服务器")
        services = talk.program.services.complaints
        object.__setattr__(services, "closed", frozenset({"telegram"}))
        assert "境外" in (await talk.says("同意")).text
        assert "依据" in (await talk.says("公司三个月没发工资")).text


async def test_deep_links_open_an_entry_or_ask_for_the_receipt(talk: Talk) -> None:
    assert "拖欠" in (await talk.says("/start faq_wage_arrears")).text
    assert "登记凭证" in (await talk.says("/start track")).text
    assert "服务台" in (await talk.says("/start")).text
    assert "服务台" in (await talk.says("/start faq_no_such_entry")).text


async def test_commands_do_what_the_menu_says(talk: Talk) -> None:
    assert "服务台" in (await talk.says("/help")).text
    assert "依据" in (await talk.says("/ask 公司三个月没发工资")).text
    assert "登记凭证" in (await talk.says("/track@heze_union_bot")).text
    assert (await talk.says("/stop")).text


GROUP = {"id": -100200300, "type": "supergroup", "title": "工友群"}


async def test_in_a_group_only_what_is_addressed_is_answered_and_no_matter_of_one_person(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        assert talk.channel.answering
        talk.channel.answering.name = BotName(7001, "heze_union_bot")
        for text in ("公司三个月没发工资", "/help", "/help@another_bot", "@heze_union_botty 没发工资"):
            await talk.push(talk.chat.text(text, chat=GROUP))
        assert talk.chat.sent == []
        await talk.push(talk.chat.text("@Heze_Union_Bot 公司三个月没发工资", chat=GROUP))
        answered = talk.chat.last(GROUP["id"])
        assert "依据" in answered.text
        assert "reply_parameters" in answered.form
        await talk.push(talk.chat.text("/complain@heze_union_bot", chat=GROUP))
        led = talk.chat.last(GROUP["id"])
        assert list(led.buttons.values()) == ["https://t.me/heze_union_bot?start=complain"]
        reply = {"message_id": 1, "from": {"id": 7001, "is_bot": True, "first_name": "b"}, "chat": GROUP, "date": 1}
        await talk.push(talk.chat.text("3847 2910 4856 1028", chat=GROUP, reply_to_message=reply))
        assert list(talk.chat.last(GROUP["id"]).buttons.values()) == ["https://t.me/heze_union_bot?start=track"]
        assert await registered(talk.program) == []


async def test_a_case_that_is_open_in_private_does_not_show_in_a_group(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        assert talk.channel.answering
        talk.channel.answering.name = BotName(7001, "heze_union_bot")
        await talk.says("我要投诉", *STORY, *REST, "没有了")
        await talk.taps("不用")
        receipt = receipt_in_text((await talk.taps("提交")).text)
        await talk.says(receipt)
        ((case, _),) = await registered(talk.program)
        await talk.push(talk.chat.text("@heze_union_bot 进度", chat=GROUP))
        assert case.number not in talk.chat.last(GROUP["id"]).text


async def test_an_edited_question_is_asked_anew_and_an_edited_answer_changes_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_talk(tmp_path, clock, complaints=True) as talk:
        first = talk.chat.text("今天天气怎么样")
        await talk.push(first)
        edited = {**first["message"], "text": "公司三个月没发工资", "edit_date": first["message"]["date"] + 60}
        await talk.push({"update_id": 5000, "edited_message": edited})
        assert "依据" in talk.chat.last().text
        count = len(talk.chat.sent)
        await talk.push({"update_id": 5001, "edited_message": {**edited, "edit_date": edited["date"] + 121}})
        assert len(talk.chat.sent) == count
        await talk.says("我要投诉", "同意", "同意")
        await talk.push({"update_id": 5002, "edited_message": {**edited, "text": "不同意"}})
        assert "没有采用" in talk.chat.last().text


async def test_old_buttons_are_answered_kindly(talk: Talk) -> None:
    for data in ("k:0123456789abcdef01234567", "entry:gone.long.ago", "track:show", "intake:category:wage", "x" * 64):
        assert await talk.push(talk.chat.tap(data)) == 200
        assert talk.chat.last().text, data
    assert await talk.push(talk.chat.tap("vote:up:wage.arrears")) == 200
    assert "谢谢" in talk.chat.last().text


async def test_a_button_whose_action_is_long_is_found_again(talk: Talk) -> None:
    """The action does not fit into the 64 bytes of a button; what was offered last says what it was."""
    action = f"entry:{'long.' * 20}topic"
    person = talk.program.keys.person("telegram", "7")
    async with talk.program.store.write() as work:
        await work.conversations.save(person, "telegram", {"choices": [["一", action]]}, talk.program.clock.now(), 0)
        await work.commit()
    assert talk.channel.answering
    message = Message("telegram", "7", "m", Kind.CHOICE, talk.program.clock.now(), action=shortened(talk, action))
    assert len(message.action.encode()) <= 64
    assert (await talk.channel.answering._lengthened(message)).action == action


async def test_whoever_blocks_the_bot_is_forgotten(talk: Talk) -> None:
    await talk.says("公司三个月没发工资")
    await talk.push(talk.chat.blocks())
    async with talk.program.store.read() as work:
        assert await work.questions.count() == 0
    count = len(talk.chat.sent)
    await talk.push(talk.chat.blocks(status="member"))
    assert len(talk.chat.sent) == count


async def test_photos_and_other_things_are_answered_honestly(talk: Talk) -> None:
    await talk.push(talk.chat.photo("p", PICTURE))
    assert "看不懂图片" in talk.chat.last().text
    await talk.push(talk.chat.photo("p", PICTURE, caption="公司三个月没发工资"))
    assert "依据" in talk.chat.last().text
    sticker, place, voice = {"file_id": "s"}, {"latitude": 1, "longitude": 2}, {"file_id": "v"}
    for content in ({"sticker": sticker}, {"location": place}, {"voice": voice}):
        await talk.push(talk.chat.message(**content))
        assert "打字" in talk.chat.last().text


def shortened(talk: Talk, action: str) -> str:
    assert talk.channel.answering
    return f"k:{talk.channel.answering._parts.shorten(action)}"


def receipt_in_text(text: str) -> str:
    found = re.search(r"登记凭证号：(\d{4} \d{4} \d{4} \d{4})", text)
    assert found, text
    return found[1]


def make_jobs(talk: Talk) -> dict[str, Job]:
    jobs = (
        *make_file_jobs(talk.program, talk.client, talk.channel),
        *make_notice_jobs(talk.program, talk.client, None, talk.channel),
    )
    return {job.name: job for job in jobs}
