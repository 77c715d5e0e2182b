"""The dialogue from the first word to what is registered."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.complaints.cases import Consent, SaidQuantity
from bot.complaints.intake import (
    MOST_FILES,
    Chosen,
    Contact,
    Draft,
    End,
    Frame,
    Line,
    Mode,
    Said,
    Step,
    Told,
    begin_again,
    current_step,
    draft_from_json,
    draft_to_json,
    make_filing,
    move_on,
    reads_as_question,
    take,
    take_file,
)
from bot.complaints.intake.showing import summary
from bot.complaints.roles import Confidentiality
from handlers.speaking import say
from tests.intake import TODAY, WORDS, a_frame, after, draft_after, reply_of, shown, started

FRAME = a_frame(takes_files=False, may_notify=False)
AGREED = ("1", "1", "9")
"""Personal data yes, sensitive data yes, nobody to pass it on to."""


def at_story(frame: Frame = FRAME, confidentiality: str = "2") -> Draft:
    """A draft in which everything before the story has been answered."""
    return draft_after(started(frame), frame, *AGREED, confidentiality, "1", "恒泰建筑公司", "3")


def told(draft: Draft, frame: Frame = FRAME) -> list[str]:
    """The summary as it is read."""
    return [say(line, WORDS) for line in summary(draft, frame)]


def test_whole_dialogue_ends_in_a_filing_with_everything_said() -> None:
    draft = draft_after(at_story(), FRAME, "老板三个月没发工资，二十多人", "没有了", "1", "1", "一万二", "把工资发了")
    turned = after(draft, FRAME, "王师傅 13800001111", "提交")
    assert turned.end is End.SENT
    assert turned.draft is not None
    filing = make_filing(turned.draft, FRAME, person="p")
    said = filing.statement
    assert (filing.category, filing.district, filing.confidentiality) == ("wage", "caoxian", "confidential")
    assert filing.consents == {Consent.PERSONAL_DATA, Consent.SENSITIVE_DATA}
    assert (said.employer, said.wish) == ("恒泰建筑公司", "把工资发了")
    assert said.narrative == "老板三个月没发工资，二十多人"
    assert said.employed is True
    assert (said.people.low, said.people.high) == (21, 29)
    assert (said.money.low, said.money.said) == (1_200_000, "一万二")
    assert said.since.first is not None
    assert said.since.first < TODAY - timedelta(days=60)
    assert (said.name, said.phone) == ("王师傅", "13800001111")


def test_what_was_understood_of_vague_words_is_shown_back() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资也不给说法", "没了", "去年腊月", "1", "二十多人")
    text = shown(after(draft, FRAME, "一万二"))
    assert "“一万二”，我理解是12000元" in text
    assert "·人数：“二十多人”，我理解是21人到29人" in told(draft)


def test_several_things_told_at_once_are_confirmed_together_and_can_be_corrected() -> None:
    draft = draft_after(at_story(), FRAME, "从今年3月起，我们三十个人，一共欠12万，现在还在干", "说完了")
    assert current_step(draft, FRAME) is Step.HEARD
    text = shown(move_on(draft, FRAME))
    assert "30人" in text
    assert "120000元" in text
    draft = draft_after(draft, FRAME, "人数是25人", "对")
    assert draft.answers[Step.PEOPLE] == SaidQuantity(said="", low=25, high=25) or "25人" in "".join(told(draft))
    assert current_step(draft, FRAME) is Step.WISH


def test_the_time_that_was_heard_is_quoted_as_it_was_typed() -> None:
    draft = draft_after(at_story(), FRAME, "老板不讲理，拖了仨月工资，还骂人", "说完了")
    text = shown(move_on(draft, FRAME))
    assert "“拖了仨月工资”，我理解是" in text
    assert "三个月" not in text


def test_who_says_again_what_was_heard_is_not_told_that_it_is_unclear() -> None:
    draft = draft_after(at_story(), FRAME, "从今年3月起，我们三十个人没发工资", "说完了")
    turned = after(draft, FRAME, "三十个人")
    text = shown(turned)
    assert "就是这样记的" in text
    assert "没看明白" not in text
    assert turned.draft == draft


def test_nothing_heard_in_passing_counts_before_it_is_confirmed() -> None:
    draft = draft_after(at_story(), FRAME, "三十个人没发工资", "说完了", "2")
    assert Step.PEOPLE not in draft.answers
    assert current_step(draft, FRAME) is Step.SINCE


def test_leaving_and_its_day_are_told_in_one_answer() -> None:
    draft = draft_after(at_story(), FRAME, "老板不给发工资啊", "没了", "今年3月", "上个月20号走的")
    assert draft.answers[Step.EMPLOYED] == Chosen(("gone",))
    said = make_filing(draft, FRAME).statement
    assert said.left.first == date(2026, 10, 20)


def test_refusing_consent_keeps_nothing() -> None:
    turned = after(started(FRAME, "举报工地不发钱"), FRAME, "不同意")
    assert turned.end is End.REFUSED
    assert turned.draft is None
    assert turned.dropped


def test_consent_is_never_taken_from_silence_or_skipping() -> None:
    draft = draft_after(started(FRAME), FRAME, "同意", "跳过", "跳过", "匿名", "1")
    filing = make_filing(draft.telling("x"), FRAME)
    assert filing.consents == {Consent.PERSONAL_DATA}
    assert filing.passing_on == ()


def test_words_with_which_somebody_comes_begin_the_story() -> None:
    draft = started(FRAME, "举报曹县工地不发钱")
    assert draft.story == "举报曹县工地不发钱"
    assert draft.heard[Step.DISTRICT] == Chosen(("caoxian",))


def test_topic_of_the_answer_suggests_the_category_without_deciding_it() -> None:
    draft = draft_after(started(FRAME, "", category="injury"), FRAME, *AGREED, "2")
    assert Step.CATEGORY not in draft.answers
    assert reply_of(move_on(draft, FRAME)).choices[0].action == "intake:category:injury"
    assert draft_after(draft, FRAME, "对").answers[Step.CATEGORY] == Chosen(("injury",))
    assert draft_after(draft, FRAME, "其他").answers[Step.CATEGORY] == Chosen(("other",))


def test_day_of_the_accident_is_asked_for_injuries() -> None:
    draft = draft_after(started(FRAME), FRAME, *AGREED, "2", "工伤、职业病", "跳过", "3", "手被机器轧断了手指", "1")
    assert "受的伤" in shown(move_on(draft, FRAME))
    statement = make_filing(draft_after(draft, FRAME, "11月18号"), FRAME).statement
    assert statement.accident.first == date(2026, 11, 18)
    assert statement.since.first is None


def test_complaint_about_union_staff_is_marked_and_asks_nothing_about_work() -> None:
    draft = draft_after(
        started(FRAME), FRAME, *AGREED, "2", "反映工会工作人员", "县总工会某某", "3", "态度很差说话难听", "1"
    )
    draft = draft_after(draft, FRAME, "今年3月")
    assert current_step(draft, FRAME) is Step.WISH
    assert make_filing(draft, FRAME).about_union_staff


def test_filing_under_a_name_needs_name_and_phone() -> None:
    draft = draft_after(
        at_story(confidentiality="3"), FRAME, "不给发工资好久了啊", "1", "跳过", "跳过", "跳过", "跳过", "跳过"
    )
    assert current_step(draft, FRAME) is Step.CONTACT
    draft = draft_after(draft, FRAME, "跳过", "张三")
    assert current_step(draft, FRAME) is Step.CONTACT
    draft = draft_after(draft, FRAME, "13800001111")
    assert draft.answers[Step.CONTACT] == Contact(name="张三", phone="13800001111")
    assert current_step(draft, FRAME) is Step.SUMMARY


def test_changing_to_a_name_afterwards_asks_for_the_contact() -> None:
    draft = draft_after(at_story(confidentiality="1"), FRAME, "不给发工资好久了啊", "1", "提交")
    assert current_step(draft, FRAME) is Step.SUMMARY
    draft = draft_after(draft, FRAME, "改登记方式", "实名")
    assert current_step(draft, FRAME) is Step.CONTACT


def test_going_back_shows_what_was_said_and_going_on_keeps_it() -> None:
    draft = draft_after(at_story(), FRAME, "上一步", "上一步")
    assert current_step(draft, FRAME) is Step.EMPLOYER
    assert "恒泰建筑公司" in shown(move_on(draft, FRAME))
    draft = draft_after(draft, FRAME, "继续")
    assert current_step(draft, FRAME) is Step.NARRATIVE
    assert draft.answers[Step.EMPLOYER] == Told("恒泰建筑公司")


def test_correction_with_its_value_returns_to_where_one_was() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资好久了啊", "1", "今年3月", "1", "30人")
    assert current_step(draft, FRAME) is Step.MONEY
    draft = draft_after(draft, FRAME, "人数改成25人")
    assert "25人" in "".join(told(draft))
    assert current_step(draft, FRAME) is Step.MONEY


def test_changing_the_category_to_one_without_work_leaves_out_what_is_not_asked_there() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资好久了啊", "1", "今年3月", "1", "30人", "改类别", "10")
    assert make_filing(draft, FRAME).statement.people == SaidQuantity()
    assert make_filing(draft_after(draft, FRAME, "改类别", "1"), FRAME).statement.people.low == 30


def test_cancelling_asks_first_and_putting_away_loses_nothing() -> None:
    draft = at_story()
    asked = after(draft, FRAME, "取消")
    assert asked.draft is not None
    assert asked.draft.mode is Mode.CANCELLING
    away = after(draft, FRAME, "取消", "1")
    assert away.end is End.PAUSED
    assert away.draft is not None
    again = draft_after(away.draft, FRAME, "继续")
    assert (again.answers, again.done) == (draft.answers, draft.done)
    gone = after(draft, FRAME, "取消", "2")
    assert (gone.draft, gone.end, gone.dropped) == (None, End.DELETED, draft.id)


def test_a_second_beginning_asks_which_one_and_keeps_what_is_said_with_it() -> None:
    turned = begin_again(at_story(), FRAME, Said(text="投诉他们还不交社保"))
    assert turned.draft is not None
    assert turned.draft.mode is Mode.RESTARTING
    assert "投诉他们还不交社保" in draft_after(turned.draft, FRAME, "1").story
    anew = after(turned.draft, FRAME, "2")
    assert anew.draft is not None
    assert anew.draft.id == "e" * 32
    assert anew.dropped == "d" * 32
    assert not anew.draft.answers


def test_what_is_not_understood_twice_is_kept_as_it_was_said() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资好久了啊", "1", "地里麦子熟的那阵子", "就那阵子")
    said = make_filing(draft, FRAME).statement.since
    assert "地里麦子熟的那阵子" in said.said
    assert said.first is None
    assert current_step(draft, FRAME) is Step.EMPLOYED


def test_words_that_answer_no_question_go_into_the_story() -> None:
    draft = draft_after(started(FRAME), FRAME, "同意", "老板还动手打过人")
    assert draft.story == "老板还动手打过人"
    assert current_step(draft, FRAME) is Step.SENSITIVE_DATA


def test_identity_card_number_is_not_kept() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资好久了啊", "1", *["跳过"] * 5, "张三 372901199001011234")
    assert "372901" not in str(draft_to_json(draft))


def test_phone_told_early_is_offered_when_it_is_asked() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资，我电话13800001111", "1", *["跳过"] * 5)
    assert current_step(draft, FRAME) is Step.CONTACT
    assert "13800001111" in shown(move_on(draft, FRAME))
    answer = draft_after(draft, FRAME, "对").answers[Step.CONTACT]
    assert isinstance(answer, Contact)
    assert answer.phone == "13800001111"


def test_submitting_early_leaves_out_what_may_be_left_out() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资好久了啊", "提交")
    assert current_step(draft, FRAME) is Step.SUMMARY
    early = after(started(FRAME), FRAME, "提交")
    assert early.draft is not None
    assert current_step(early.draft, FRAME) is Step.PERSONAL_DATA


def test_contradiction_is_pointed_out_before_filing() -> None:
    frame = replace(FRAME, doubt=lambda _: "left_before_start")
    draft = draft_after(at_story(frame), frame, "不给发工资好久了啊", "提交")
    assert WORDS("limits.doubt.left_before_start") in shown(move_on(draft, frame))


def test_pictures_are_counted_and_no_more_are_taken_than_there_may_be() -> None:
    frame = a_frame()
    draft = at_story(frame)
    for number in range(MOST_FILES):
        turned = take_file(draft, frame, f"f{number}")
        assert turned.draft is not None
        draft = turned.draft
    more = take_file(draft, frame, "f-more")
    assert Line("intake.file_too_many", {"most": MOST_FILES}) in more.heard
    assert more.draft == draft
    assert take_file(draft, frame, "f1").draft == draft, "a repeat is no further file"


def test_notices_name_the_person_only_where_they_were_asked_for() -> None:
    frame = a_frame()
    draft = draft_after(at_story(frame, "1"), frame, "不给发工资好久了啊", "提交")
    assert make_filing(draft, frame, person="p", notify="openid").notify == ""
    draft = draft_after(draft, frame, "改提醒", "1")
    filing = make_filing(draft, frame, person="p", notify="openid")
    assert (filing.notify, Consent.NOTICES in filing.consents) == ("openid", True)


def test_button_of_an_earlier_question_answers_it_anew() -> None:
    """On a page the earlier questions stand above with their buttons."""
    draft = at_story()
    turned = take(draft, Said(pick="confidentiality:anonymous"), FRAME)
    assert turned.draft is not None
    assert turned.draft.answers[Step.CONFIDENTIALITY] == Chosen((Confidentiality.ANONYMOUS.value,))
    assert current_step(turned.draft, FRAME) is Step.NARRATIVE


@pytest.mark.parametrize("pick", ["summary:send", "cancelling:delete", "money:1", "nothing:x", "category:none", ":"])
def test_button_that_does_not_fit_changes_nothing(pick: str) -> None:
    draft = at_story()
    turned = take(draft, Said(pick=pick), FRAME)
    assert turned.draft == draft
    assert turned.end is None


def test_question_in_between_is_told_from_an_answer() -> None:
    story, start = at_story(), started(FRAME)
    assert reads_as_question("仲裁要多久？", start, FRAME)
    assert reads_as_question("仲裁要多久？", story, FRAME)
    assert not reads_as_question("老板欠我工资怎么办", story, FRAME), "that is what happened"
    assert not reads_as_question("上个月吧？", draft_after(story, FRAME, "没发工资啊啊", "1"), FRAME)


def test_draft_survives_as_json() -> None:
    draft = draft_after(at_story(), FRAME, "不给发工资好久了啊", "1", "今年3月到5月", "1", "二十多人", "看不懂的数")
    assert draft_from_json(draft_to_json(draft)) == draft


def test_draft_of_another_version_is_not_misread() -> None:
    assert draft_from_json({**draft_to_json(at_story()), "format": 0}) is None
