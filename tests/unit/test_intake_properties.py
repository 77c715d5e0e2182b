"""Whatever a worker does in whatever order, the draft stays valid, can be finished, and loses nothing that was said."""

import json
from itertools import permutations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.complaints.intake import (
    Draft,
    End,
    Frame,
    Mode,
    Said,
    Step,
    Turned,
    begin_again,
    current_step,
    draft_from_json,
    draft_to_json,
    make_filing,
    move_on,
    take,
    take_file,
)
from bot.complaints.intake.options import options_for
from bot.complaints.intake.path import applies, needs_contact
from bot.complaints.statement_json import statement_to_json
from bot.fitting import utf8_bytes
from tests.intake import a_frame, reply_of, shown, started

LIMIT = 2048
FRAMES = [
    a_frame(),
    a_frame(takes_files=False, may_notify=False, knows_account=False, web_form=""),
    a_frame(districts=(), bodies=()),
]
COMMANDS = ["跳过", "上一步", "改", "取消", "继续", "重新填", "看看", "帮助", "提交", "没有了", "不知道", "对", "不对"]
CORRECTIONS = ["改人数", "改单位", "改情况", "改类别", "改登记方式", "改金额", "改时间", "改联系方式", "改照片"]
ANSWERS = [
    "二十多人", "一万二", "去年腊月", "昨天", "同意", "匿名", "实名", "工资", "反映工会工作人员", "曹县", "已经离开",
    "还在干", "张三 13800001111", "1380000", "每月4500", "三五个人吧", "说不清的那阵子", "上个月20号走的", "仲裁要钱吗",
]  # fmt: skip
CLEAR = "清空"
NEW_WORDS = ["".join(chars) for chars in permutations("墨竹兰菊梅", 5)]
"""Words that mean nothing to any reader; each is said once."""

OPENING = "举报工地不发钱三个月了"
NEEDED = {
    Step.PERSONAL_DATA: "同意",
    Step.CONFIDENTIALITY: "匿名",
    Step.CATEGORY: "1",
    Step.HEARD: "都对",
}
"""What has to be answered, as shortly as can be."""


class Dialogue(RuleBasedStateMachine):
    """A worker at the phone. `kept`: what was said and not replaced, cleared or deleted by the worker since."""

    @initialize(frame=st.sampled_from(FRAMES), words=st.sampled_from(["", OPENING]))
    def begins(self, frame: Frame, words: str) -> None:
        self.frame = frame
        self.unsaid = list(NEW_WORDS)
        self._begin(words)

    def _begin(self, words: str = "") -> None:
        self.draft = started(self.frame, words)
        self.turned = move_on(self.draft, self.frame)
        self.kept = {words} - {""}
        self.files = 0

    def _go(self, turned: Turned) -> None:
        """The next state; a worker who has ended the dialogue begins another."""
        before = self.draft
        if turned.draft is None or turned.end is End.SENT:
            assert turned.end in {End.DELETED, End.REFUSED, End.SENT}
            self._begin()
            return
        self.draft, self.turned = turned.draft, turned
        if self.draft.id != before.id:
            self.kept = set()
        for step, answer in answers_of(before).items():
            if step is not Step.NARRATIVE and answers_of(self.draft).get(step) != answer:
                self.kept -= {text for text in self.kept if text in answer}  # the worker's own correction

    def _say(self, text: str) -> None:
        self._go(take(self.draft, Said(text=text, new_id=f"{len(self.unsaid):032}"), self.frame))

    @rule(text=st.sampled_from(COMMANDS + CORRECTIONS + ANSWERS))
    def types_a_usual_word(self, text: str) -> None:
        self._say(text)

    @rule(number=st.integers(0, 15))
    def types_a_number(self, number: int) -> None:
        self._say(str(number))

    @rule()
    def tells_something_new(self) -> None:
        text = self.unsaid.pop()
        self._say(text)
        self.kept.add(text)

    @rule()
    def clears_what_is_asked_for(self) -> None:
        step = current_step(self.draft, self.frame)
        if self.draft.mode in {Mode.ASKING, Mode.CHOOSING, Mode.RESTARTING}:
            cleared = answers_of(self.draft).get(step, "") + self.draft.unread.get(step, "")
            self.kept -= {text for text in self.kept if text in cleared}
        self._say(CLEAR)

    @rule(data=st.data())
    def taps_a_button(self, data: st.DataObject) -> None:
        shown_now = [choice.action.removeprefix("intake:") for choice in reply_of(self.turned).choices]
        earlier = [f"{step}:{option.code}" for step in Step for option in options_for(step, self.draft, self.frame)]
        pick = data.draw(st.sampled_from(shown_now + earlier))
        self._go(take(self.draft, Said(pick=pick, new_id=f"{len(self.unsaid):032}"), self.frame))

    @rule()
    def sends_a_picture(self) -> None:
        self.files += 1
        self._go(take_file(self.draft, self.frame, f"f{self.files}"))

    @rule()
    def comes_back_after_hours_to_another_process(self) -> None:
        again = draft_from_json(json.loads(json.dumps(draft_to_json(self.draft))))
        assert again == self.draft
        self._go(move_on(again, self.frame))

    @rule()
    def wants_to_complain_again(self) -> None:
        self._go(begin_again(self.draft, self.frame, Said(text="我要投诉")))

    @invariant()
    def nothing_said_is_lost(self) -> None:
        text = json.dumps(draft_to_json(self.draft), ensure_ascii=False)
        assert {said for said in self.kept if said not in text} == set()

    @invariant()
    def what_is_asked_applies_and_fits_one_message(self) -> None:
        assert applies(current_step(self.draft, self.frame), self.draft, self.frame)
        text = shown(self.turned)
        assert utf8_bytes(text) <= LIMIT
        assert [choice.label for choice in reply_of(self.turned).choices if choice.label not in text] == []

    def teardown(self) -> None:
        """From wherever the worker is, what has to be answered leads to a filing with all that was said."""
        if not hasattr(self, "draft"):
            return
        filing = make_filing(finished(self.draft, self.frame), self.frame)
        assert filing.category
        assert filing.statement.narrative
        said = statement_to_json(filing.statement)
        assert {text for text in self.kept if text not in said} == set()


def answers_of(draft: Draft) -> dict[Step, str]:
    """Each answer as text."""
    answers = draft_to_json(draft)["answers"]
    return {step: json.dumps(answers[step.value], ensure_ascii=False) for step in draft.answers}


def finished(draft: Draft, frame: Frame) -> Draft:
    """The draft as it is sent when somebody answers only what has to be answered."""
    turned = move_on(draft, frame)
    while turned.draft is not None and current_step(turned.draft, frame) is not Step.SUMMARY:
        step, before = current_step(turned.draft, frame), turned.draft
        text = NEEDED.get(step, "跳过")
        if step is Step.NARRATIVE:
            text = "没有了" if turned.draft.story else "就是不发工资"
        if step is Step.CONTACT and needs_contact(turned.draft):
            text = "张三 13800009999"
        turned = take(turned.draft, Said(text=text), frame)
        assert turned.draft != before, f"no way on from {step}"
    assert turned.draft is not None
    sent = take(turned.draft, Said(text="提交"), frame)
    assert sent.end is End.SENT
    assert sent.draft is not None
    return sent.draft


def test_any_order_of_doing_ends_in_a_valid_state_and_loses_nothing() -> None:
    run_state_machine_as_test(
        Dialogue,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
