"""What workers type, and what the dialogue takes it for."""

import time

import pytest

from bot.complaints.intake.answers import Contact
from bot.complaints.intake.asides import question_about_us
from bot.complaints.intake.commands import Command, read_order, says_done, says_unknown, says_yes
from bot.complaints.intake.contacts import read_contact
from bot.complaints.intake.opening import content_of, opens
from bot.complaints.intake.options import options_for
from bot.complaints.intake.picking import pick_one, pick_several, picked_number
from bot.complaints.intake.steps import Step
from tests.intake import a_frame, started

FRAME = a_frame()
DRAFT = started(FRAME)

ORDERS = {
    "跳过": Command.SKIP,
    "先跳过吧": Command.SKIP,
    "下一步": Command.SKIP,
    "上一步": Command.BACK,
    "返回上一步。": Command.BACK,
    "我要改": Command.CHANGE,
    "填错了": Command.CHANGE,
    "取消": Command.CANCEL,
    "我不投诉了": Command.CANCEL,
    "算了吧": Command.CANCEL,
    "继续": Command.RESUME,
    "接着填": Command.RESUME,
    "重新填": Command.RESTART,
    "看看填了什么": Command.SHOW,
    "清空": Command.CLEAR,
    "怎么填": Command.HELP,
    "提交": Command.SUBMIT,
}


@pytest.mark.parametrize(("text", "command"), ORDERS.items(), ids=range(len(ORDERS)))
def test_commands_are_known_as_people_type_them(text: str, command: Command) -> None:
    order = read_order(text)
    assert order is not None
    assert order.command is command


@pytest.mark.parametrize(
    "text",
    [
        "老板取消了我的年终奖",
        "继续拖着不给",
        "改了合同不让我干了",
        "过年也没发",
        "我要工资",
        "跳槽了",
        "单位",
        "看大门的",
        "停工三个月",
    ],
    ids=range(9),
)
def test_what_happened_is_no_command(text: str) -> None:
    assert read_order(text) is None


@pytest.mark.parametrize(
    ("text", "step", "value"),
    [
        ("改人数", Step.PEOPLE, ""),
        ("我想改一下单位", Step.EMPLOYER, ""),
        ("人数改成30人", Step.PEOPLE, "30人"),
        ("金额不对，应该是一万二", Step.MONEY, "一万二"),
        ("改电话 13800000000", Step.CONTACT, "13800000000"),
        ("把时间改成今年3月", Step.SINCE, "今年3月"),
        ("单位写错了", Step.EMPLOYER, ""),
    ],
    ids=range(7),
)
def test_a_correction_names_what_and_may_bring_the_new_value(text: str, step: Step, value: str) -> None:
    order = read_order(text)
    assert order is not None
    assert (order.command, order.step, order.value) == (Command.CHANGE, step, value)


@pytest.mark.parametrize("text", ["同意", "是的", "对对对", "好的呢", "可以", "嗯嗯", "没错", "OK"], ids=range(8))
def test_yes_in_many_words(text: str) -> None:
    assert says_yes(text) is True


@pytest.mark.parametrize("text", ["不同意", "不是", "不对", "不要", "不用了", "错了", "No"], ids=range(7))
def test_no_in_many_words(text: str) -> None:
    """不同意 holds 同意, 不对 holds 对."""
    assert says_yes(text) is False


@pytest.mark.parametrize("text", ["老板同意了又反悔", "", "？", "好几个月"], ids=range(4))
def test_what_is_neither_yes_nor_no(text: str) -> None:
    assert says_yes(text) is None


def test_not_knowing_and_having_nothing_more_to_say() -> None:
    assert all(says_unknown(text) for text in ("不知道", "不清楚呢", "忘了", "没有", "说不清"))
    assert all(says_done(text) for text in ("没有了", "说完了", "就这些", "1", "没了吧", "发完了"))
    assert not any(says_done(text) for text in ("没发工资", "完不成任务就罚", "还没完"))


@pytest.mark.parametrize(
    "text",
    [
        "我要投诉", "投诉", "我想举报", "怎么投诉", "在哪里投诉啊", "举报工地不发钱", "我要投诉老板拖欠工资",
        "你好，我想反映个情况", "投诉 厂里不交社保", "tousu", "我要告黑厂", "我想告老板",
        "老板欠我三个月工资不给，我要投诉", "厂里不交社保 我们想举报他们！", "实名举报曹县某某公司", "帮我投诉一下",
    ],
    ids=range(16),
)  # fmt: skip
def test_words_that_open_the_dialogue(text: str) -> None:
    assert opens(text)


@pytest.mark.parametrize(
    "text",
    [
        "投诉有用吗", "投诉电话是多少", "劳动监察投诉要什么材料", "举报人会不会被泄露", "投诉过期了怎么办",
        "被客户投诉扣工资合法吗", "公司因为我投诉他就辞退我怎么办", "我投诉了没人管", "维权要多久", "工资",
        "老板说，我投诉就开除", "被辞退了，我想投诉，有用吗", "我不想投诉", "老板不发钱，我要投诉怎么办",
    ],
    ids=range(14),
)  # fmt: skip
def test_questions_about_complaining_do_not_open_it(text: str) -> None:
    assert not opens(text)


def test_what_is_said_with_the_wish_to_complain_is_kept() -> None:
    assert content_of("举报工地不发钱") == "举报工地不发钱"
    assert content_of("我要投诉！") == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("２", 2), ("选3", 3), ("第二个", 2), ("十", 10), ("我选1吧", 1), ("12", 12)],
    ids=range(7),
)
def test_numbers_that_pick(text: str, number: int) -> None:
    assert picked_number(text) == number


@pytest.mark.parametrize(
    ("step", "text", "code"),
    [
        (Step.CONFIDENTIALITY, "匿名吧", "anonymous"),
        (Step.CONFIDENTIALITY, "我想保密", "confidential"),
        (Step.CONFIDENTIALITY, "俺不想让老板知道", "confidential"),
        (Step.CONFIDENTIALITY, "不匿名，实名", "named"),
        (Step.CATEGORY, "工资", "wage"),
        (Step.CATEGORY, "社保、公积金", "insurance"),
        (Step.DISTRICT, "曹县庄寨镇", "caoxian"),
        (Step.DISTRICT, "开发区", "kaifaqu"),
        (Step.EMPLOYED, "还在干呢", "still"),
        (Step.EMPLOYED, "上个月20号走的", "gone"),
        (Step.EMPLOYED, "没离职", "still"),
        (Step.EMPLOYED, "不干了", "gone"),
        (Step.PERSONAL_DATA, "不同意", "no"),
    ],
    ids=range(13),
)
def test_options_are_picked_by_what_people_call_them(step: Step, text: str, code: str) -> None:
    option = pick_one(text, step, options_for(step, DRAFT, FRAME))
    assert option is not None
    assert option.code == code


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step.CONFIDENTIALITY, "不匿名"),
        (Step.CONFIDENTIALITY, "匿名还是实名好"),
        (Step.DISTRICT, "曹县和单县都有"),
        (Step.CATEGORY, "99"),
        (Step.PERSONAL_DATA, "随便"),
    ],
    ids=range(5),
)
def test_what_may_mean_two_things_is_asked_again(step: Step, text: str) -> None:
    assert pick_one(text, step, options_for(step, DRAFT, FRAME)) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("1,3", 2), ("1 3", 2), ("13", 2), ("1和3", 2), ("都可以", 7), ("8", 7), ("不转", 0), ("9", 0), ("都不同意", 0),
     ("法律援助中心", 1), ("1、2、3", 3)],
    ids=range(11),
)  # fmt: skip
def test_several_bodies_are_picked_at_once(text: str, count: int) -> None:
    codes = pick_several(text, options_for(Step.PASSING_ON, DRAFT, FRAME))
    assert codes is not None
    assert len(codes) == count


@pytest.mark.parametrize("text", ["1,9", "0", "99", "再说吧", "我不想转给法律援助中心"], ids=range(5))
def test_several_that_contradict_or_are_not_there_mean_nothing(text: str) -> None:
    """A consent is never read into what may be a refusal."""
    codes = pick_several(text, options_for(Step.PASSING_ON, DRAFT, FRAME))
    assert codes is None or codes == ()


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("王师傅 138-0000-1111", Contact(name="王师傅", phone="13800001111")),
        ("我叫张三，电话１３８００００１１１１", Contact(name="张三", phone="13800001111")),
        ("13800001111", Contact(phone="13800001111")),
        ("0530-5551234 李娟", Contact(name="李娟", phone="05305551234")),
        ("微信 wang_123456", Contact(other="微信 wang_123456")),
        ("+86 13800001111", Contact(phone="13800001111")),
        ("李强", Contact(name="李强")),
    ],
    ids=range(7),
)
def test_name_and_phone_in_one_breath(text: str, contact: Contact) -> None:
    assert read_contact(text) == (contact, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1380000111", "contact_digits"),
        ("138000011112", "contact_digits"),
        ("372901199001011234", "contact_identity"),
        ("不想留电话啊", "contact_nothing"),
        ("我没有手机可怎么办呢", "contact_nothing"),
    ],
    ids=range(5),
)
def test_what_is_no_contact_is_told(text: str, problem: str) -> None:
    assert read_contact(text)[1] == problem


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("仲裁要钱吗", "fee"), ("登记收费吗？", "fee"), ("你们会保密吗", "secrecy"), ("老板会不会知道", "secrecy"),
        ("多久能处理", "duration"), ("投诉有用吗", "use"), ("工资要多少钱", ""), ("老板拖欠工资", ""),
        ("押金能要回吗", ""),
    ],
    ids=range(9),
)  # fmt: skip
def test_questions_about_registering_are_known(text: str, code: str) -> None:
    assert question_about_us(text) == code


@pytest.mark.parametrize(
    "piece", ["我想", "我要想", "对", "嗯", "的", "不知道", "没有了", "你好", "改", "1,", "请麻烦我"]
)
def test_no_text_takes_long(piece: str) -> None:
    """Patterns that try every way of splitting a text would let anybody stop the service."""
    text = piece * 300
    began = time.perf_counter()
    for reader in (read_order, says_yes, says_unknown, says_done, opens, picked_number, read_contact):
        reader(text + "x")
    pick_several(text + "x", options_for(Step.PASSING_ON, DRAFT, FRAME))
    assert time.perf_counter() - began < 1
