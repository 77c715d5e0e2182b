"""A consent is taken only from words that give it; and from nothing else."""

import pytest

from bot.complaints.intake import Chosen, Step, current_step, make_filing
from bot.complaints.intake.commands import says_yes
from bot.complaints.intake.options import options_for
from bot.complaints.intake.picking import pick_one, pick_several
from tests.intake import a_frame, after, draft_after, shown, started

FRAME = a_frame()
DRAFT = started(FRAME)
BODIES = options_for(Step.PASSING_ON, DRAFT, FRAME)


@pytest.mark.parametrize(
    "text",
    [
        "好", "好的", "行", "嗯", "可以", "同意", "同意转", "可以转", "中", "ok", "都", "你们看着办", "你们定", "随便",
        "7个都可以", "三个都行", "法律援助中心就不用了", "除了法律援助中心都可以", "法律援助中心是干啥的",
        "要是转给法律援助中心要钱吗", "别转给应急管理局",
    ],
)  # fmt: skip
def test_to_whom_it_may_be_passed_on_has_to_be_said(text: str) -> None:
    assert not pick_several(text, BODIES)
    draft = draft_after(started(FRAME), FRAME, "1", "1", text)
    assert current_step(draft, FRAME) is Step.PASSING_ON
    assert make_filing(draft_after(draft, FRAME, "跳过", "1", "1").telling("x"), FRAME).passing_on == ()


@pytest.mark.parametrize("text", ["都可以", "都同意", "都行", "全部同意", "全都可以", "这些都可以", "8", "都可以转"])
def test_all_of_them_is_said_as_all(text: str) -> None:
    assert len(pick_several(text, BODIES) or ()) == 7


def test_asking_again_says_what_is_wanted_and_takes_nothing_into_the_story() -> None:
    turned = after(started(FRAME), FRAME, "1", "1", "法律援助中心就不用了")
    assert turned.draft is not None
    assert "要您说清楚是哪些" in shown(turned)
    assert turned.draft.story == ""
    assert draft_after(turned.draft, FRAME, "7").answers[Step.PASSING_ON] == Chosen(("legal_aid",))


@pytest.mark.parametrize("step", [Step.PERSONAL_DATA, Step.SENSITIVE_DATA, Step.NOTICES])
@pytest.mark.parametrize("text", ["嗯", "嗯嗯", "哦", "啊", "的", "吧", "我", "得", "都", "嗯呢"])
def test_a_sigh_is_no_consent(step: Step, text: str) -> None:
    assert pick_one(text, step, options_for(step, DRAFT, FRAME)) is None


@pytest.mark.parametrize("text", ["同意", "好", "行", "可以", "是的", "没问题", "愿意", "1"])
def test_yes_to_one_question_is_a_consent(text: str) -> None:
    option = pick_one(text, Step.SENSITIVE_DATA, options_for(Step.SENSITIVE_DATA, DRAFT, FRAME))
    assert option is not None
    assert option.code == "yes"


def test_wanting_notices_is_said_as_wanting() -> None:
    option = pick_one("要", Step.NOTICES, options_for(Step.NOTICES, DRAFT, FRAME))
    assert option is not None
    assert option.code == "yes"


@pytest.mark.parametrize("text", ["的", "吧", "啊", "我", "哦哦"])
def test_particles_alone_send_nothing(text: str) -> None:
    assert says_yes(text) is None
