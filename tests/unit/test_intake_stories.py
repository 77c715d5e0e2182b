"""Stories as workers tell them: which day is which, what is the employer, and what the limits are counted from."""

from datetime import date

import pytest

from bot.complaints.cases import SaidDays, Statement
from bot.complaints.intake import (
    Chosen,
    Draft,
    Step,
    Told,
    Turned,
    current_step,
    make_filing,
    move_on,
    reads_as_question,
)
from bot.complaints.intake.employers import employer_in, names_no_employer
from tests.intake import a_frame, after, draft_after, shown, started

FRAME = a_frame(takes_files=False, may_notify=False)


def at_story(category: str = "1") -> Draft:
    """A draft in which everything before the story has been answered."""
    return draft_after(started(FRAME), FRAME, "1", "1", "9", "2", category, "恒泰建筑公司", "3")


def statement_of(draft: Draft) -> Statement:
    return make_filing(draft, FRAME).statement


def test_leaving_never_replaces_the_beginning() -> None:
    draft = draft_after(
        at_story(),
        FRAME,
        "去年腊月开始拖了仨月工资，包工头跑了，我们二十多人没拿到钱，一共欠十二万左右",
        "不在那干了",
        "上个月离开的",
        "没有了",
    )
    text = shown(move_on(draft, FRAME))
    assert "·开始时间：“去年腊月”，我理解是2026年1月19日到2026年2月16日之间" in text
    assert "·离开时间：“上个月”，我理解是2026年10月" in text
    said = statement_of(draft_after(draft, FRAME, "都对"))
    assert (said.since.first, said.left.first) == (date(2026, 1, 19), date(2026, 10, 1))
    assert said.employed is False
    assert said.people.low == 21


@pytest.mark.parametrize("before", ["没有了", "说完了"])
def test_leaving_told_at_another_question_is_shown_for_confirmation(before: str) -> None:
    draft = draft_after(at_story(), FRAME, "老板欠钱不给还骂人", before)
    assert current_step(draft, FRAME) is Step.SINCE
    draft = draft_after(draft, FRAME, "上个月离开的")
    assert current_step(draft, FRAME) is Step.HEARD
    draft = draft_after(draft, FRAME, "对")
    assert current_step(draft, FRAME) is Step.SINCE
    said = statement_of(draft_after(draft, FRAME, "去年腊月"))
    assert (said.since.first, said.left.first) == (date(2026, 1, 19), date(2026, 10, 1))


def test_leaving_told_at_the_confirmation_is_added_to_it() -> None:
    draft = draft_after(at_story(), FRAME, "去年腊月开始拖工资，我们二十多人", "没有了", "不在那干了", "上个月离开的")
    text = shown(move_on(draft, FRAME))
    assert all(part in text for part in ("去年腊月", "已经离开", "“上个月”", "21人到29人"))


def test_accident_in_a_matter_of_wages_is_a_day_of_its_own() -> None:
    story = "从六月开始就没给工资 七月十号从架子上摔下来 腿断了 八月底不干了"
    draft = draft_after(at_story(), FRAME, story, "1", "都对")
    said = statement_of(draft)
    assert (said.since.first, said.accident.first, said.left.first) == (
        date(2026, 6, 1),
        date(2026, 7, 10),
        date(2026, 8, 21),
    )
    assert "受伤或查出时间" in shown(after(draft, FRAME, "受伤时间改成7月12号"))


def test_accident_that_was_not_confirmed_is_asked_for() -> None:
    draft = draft_after(at_story(), FRAME, "工资一直拖着不给，7月10号还摔断了腿", "1", "2")
    draft = draft_after(draft, FRAME, "跳过")
    assert current_step(draft, FRAME) is Step.ACCIDENT
    assert statement_of(draft_after(draft, FRAME, "7月12号")).accident.first == date(2026, 7, 12)


def test_injury_counts_from_the_accident_and_dismissal_is_the_leaving() -> None:
    draft = draft_after(at_story("6"), FRAME, "10月5号开锯把手切了，上周五还把我辞退了", "1", "对")
    said = statement_of(draft)
    assert (said.accident.first, said.left.first, said.since) == (date(2026, 10, 5), date(2026, 11, 13), SaidDays())


def test_dismissal_counts_from_the_notice_and_the_leaving_may_be_that_day() -> None:
    draft = draft_after(at_story("3"), FRAME, "干了五年，上个月25号突然通知我不用来了，一分补偿没有", "1", "对")
    assert current_step(draft, FRAME) is Step.LEFT
    said = statement_of(draft_after(draft, FRAME, "当天就走了"))
    assert (said.since.first, said.left.first) == (date(2026, 10, 25), date(2026, 10, 25))


def test_beginning_of_work_is_not_taken_for_the_beginning_of_the_breach() -> None:
    draft = draft_after(at_story(), FRAME, "2024年5月入职的，三个月没发工资了", "1", "对")
    since = statement_of(draft).since
    assert since.first is not None
    assert since.first.year == 2026


def test_another_category_never_turns_one_day_into_another() -> None:
    draft = draft_after(at_story(), FRAME, "老板不给发工资还骂人", "1", "去年腊月", "还在干")
    hurt = draft_after(draft, FRAME, "改类别", "6")
    assert current_step(hurt, FRAME) is Step.SINCE, "the day of the accident is asked"
    assert "去年腊月" in hurt.story
    hurt = draft_after(hurt, FRAME, "11月2号")
    assert statement_of(hurt).accident.first == date(2026, 11, 2)
    back = draft_after(hurt, FRAME, "改类别", "1")
    assert statement_of(back).accident.first == date(2026, 11, 2), "the accident stays one"
    assert statement_of(back).since.first != date(2026, 11, 2)


def test_what_was_heard_first_stays_unless_it_is_narrowed_or_corrected() -> None:
    draft = draft_after(at_story(), FRAME, "我们二十多人没拿到钱", "有3个人还住院了")
    assert "21人到29人" in shown(draft_shown(draft))
    narrowed = draft_after(at_story(), FRAME, "我们二十多人没拿到钱", "我们一共23个人")
    assert "23人" in shown(draft_shown(narrowed))
    corrected = draft_after(at_story(), FRAME, "三个月没发工资", "不对，是五个月")
    assert "五个月" in shown(draft_shown(corrected))


def draft_shown(draft: Draft) -> Turned:
    """The confirmation."""
    return after(draft, FRAME, "没有了")


@pytest.mark.parametrize(
    "text",
    ["欠薪", "工资", "拖欠", "老板跑了", "厂里不发工资", "公司不给交社保", "打人", "加班", "我们主管态度太差", "辞退"],
)
def test_complaint_is_no_employer(text: str) -> None:
    before = draft_after(started(FRAME), FRAME, "1", "1", "9", "2", "1")
    turned = after(before, FRAME, text)
    assert turned.draft is not None
    assert current_step(turned.draft, FRAME) is Step.EMPLOYER
    assert text in turned.draft.story
    assert "这一步问的是单位的名字" in shown(turned)
    named = draft_after(turned.draft, FRAME, "曹县鸿运建筑公司")
    assert named.answers[Step.EMPLOYER] == Told("曹县鸿运建筑公司")


@pytest.mark.parametrize(
    "text", ["恒泰", "王老板", "不知道，老板姓王", "万达工地", "美团外卖", "中建八局二公司菏泽项目部"]
)
def test_name_is_an_employer(text: str) -> None:
    assert not names_no_employer(text, FRAME)


def test_name_is_taken_out_of_a_sentence_and_the_rest_is_told() -> None:
    draft = draft_after(started(FRAME), FRAME, "1", "1", "9", "2", "1", "曹县鸿运建筑公司拖欠我们工资三个月")
    assert draft.answers[Step.EMPLOYER] == Told("曹县鸿运建筑公司")
    assert draft.story == "曹县鸿运建筑公司拖欠我们工资三个月"
    assert employer_in("我在鑫源家具厂干活") == "鑫源家具厂"


@pytest.mark.parametrize("text", ["说完了", "对", "没别的了"])
def test_words_for_another_question_are_no_employer(text: str) -> None:
    draft = draft_after(started(FRAME), FRAME, "1", "1", "9", "2", "1", text)
    assert Step.EMPLOYER not in draft.answers


@pytest.mark.parametrize(("text", "code"), [("社保", "insurance"), ("辞退", "termination"), ("不签合同", "contract")])
def test_category_is_known_by_a_word_of_its_title(text: str, code: str) -> None:
    draft = draft_after(started(FRAME), FRAME, "1", "1", "9", "2", text)
    assert draft.answers[Step.CATEGORY] == Chosen((code,))


def test_number_that_was_meant_for_a_list_is_no_story() -> None:
    draft = draft_after(at_story(), FRAME, "3")
    assert draft.story == ""


def test_sum_is_no_number_of_people_and_a_name_no_sum() -> None:
    draft = draft_after(at_story(), FRAME, "老板不给发工资还骂人", "1", "去年腊月", "还在干", "大概五六万")
    assert Step.PEOPLE not in draft.answers
    assert "50000元到60000元" in shown(move_on(draft, FRAME))
    assert "50000元到60000元" in shown(after(draft, FRAME, "张三"))


def test_what_goes_on_is_told_and_not_asked() -> None:
    draft = draft_after(at_story(), FRAME, "老板不给发工资还骂人", "1", "去年腊月")
    assert not reads_as_question("还在那干呢", draft, FRAME)
    assert draft_after(draft, FRAME, "还在那干呢").answers[Step.EMPLOYED] == Chosen(("still",))


def test_day_of_leaving_answers_whether_one_is_still_there() -> None:
    draft = draft_after(at_story(), FRAME, "老板不给发工资还骂人", "1", "去年腊月", "八月二十号辞的职")
    assert draft.answers[Step.EMPLOYED] == Chosen(("gone",))
    assert statement_of(draft).left.first == date(2026, 8, 20)


def test_bare_number_in_passing_is_no_number_of_people() -> None:
    draft = draft_after(at_story(), FRAME, "俩月没给工资了", "1", "四千八")
    assert Step.PEOPLE not in draft.heard


def test_phone_given_early_is_in_the_summary_of_who_hurries() -> None:
    draft = draft_after(at_story(), FRAME, "俩月没给工资了", "1", "孙姐 13312340000", "提交")
    assert current_step(draft, FRAME) is Step.SUMMARY
    assert statement_of(draft).phone == "13312340000"


def test_occupational_disease_counts_from_the_diagnosis() -> None:
    story = "俺在石材厂磨了六年石头，去年9月查出来尘肺，厂里不认，今年3月就不让俺去了"
    draft = draft_after(at_story("6"), FRAME, story, "1", "对")
    said = statement_of(draft)
    assert (said.accident.first, said.left.first) == (date(2025, 9, 1), date(2026, 3, 1))
