"""Coded reasons and outcomes that staff choose from. Texts beside them are sealed; the codes are not.

Pure. The word for each code stands in `content/replies/handling.yaml` under the key that `code_label` names.
"""

from collections.abc import Mapping
from enum import StrEnum

from bot.complaints.lifecycle import Event


class DeclineReason(StrEnum):
    """Why a case is not taken up."""

    NOT_LABOUR = "not_labour"  # 不属于劳动权益
    HANDLED_ELSEWHERE = "handled_elsewhere"  # 行政机关、仲裁或者法院已受理
    OTHER_PLACE = "other_place"  # 不属于本地
    NO_FACTS = "no_facts"  # 没有可以查的事实，补充后可以再登记
    SAME_MATTER = "same_matter"  # 同一件事已有结果，没有新情况
    NOT_SERIOUS = "not_serious"  # 广告、测试等


class ReturnReason(StrEnum):
    """Why another body gives a case back."""

    NOT_COMPETENT = "not_competent"  # 不属于其职责
    MORE_NEEDED = "more_needed"  # 材料不够
    NO_ANSWER = "no_answer"  # 逾期没有答复，收回自办
    TAKEN_BACK = "taken_back"  # 转错了


class ReopenReason(StrEnum):
    """Why a case is handled a second time."""

    NOT_SATISFIED = "not_satisfied"  # 职工不满意
    NOT_KEPT = "not_kept"  # 承诺没有兑现
    NEW_FACTS = "new_facts"  # 有新情况
    QUALITY_CHECK = "quality_check"  # 抽查发现问题


class ReconsiderReason(StrEnum):
    """Why a refusal is looked at again."""

    WORKER_OBJECTS = "worker_objects"
    NEW_FACTS = "new_facts"
    WRONGLY_DECLINED = "wrongly_declined"


class SplitReason(StrEnum):
    """Why a case leaves the one it was merged into."""

    DIFFERENT_MATTER = "different_matter"
    WORKERS_WISH = "workers_wish"
    MERGED_BY_MISTAKE = "merged_by_mistake"


class Outcome(StrEnum):
    """What came of a case."""

    PAID = "paid"  # 已支付或者已履行
    AGREED = "agreed"  # 协商、调解达成一致
    CORRECTED = "corrected"  # 单位已整改
    PARTLY_SOLVED = "partly_solved"
    LED_TO_ARBITRATION = "led_to_arbitration"  # 已帮助申请仲裁、起诉或者工伤认定
    LEGAL_AID = "legal_aid"
    BODY_DECIDED = "body_decided"  # 有权处理的单位已作出处理
    EXPLAINED = "explained"  # 已答复、解释清楚
    NOT_CONFIRMED = "not_confirmed"  # 查不实
    NOT_SETTLED = "not_settled"  # 协商调解不成，已告知其他途径
    NO_CONTACT = "no_contact"  # 多次联系不上职工


class RevealReason(StrEnum):
    """Why somebody looks at what is hidden."""

    CONTACT_WORKER = "contact_worker"
    CHECK_FACTS = "check_facts"
    PREPARE_PAPERS = "prepare_papers"
    REFERRAL = "referral"
    CALL_BACK = "call_back"
    QUALITY_CHECK = "quality_check"
    OTHER = "other"  # with an explanation


class DeletionReason(StrEnum):
    """Why the content of a case is deleted."""

    WORKER_ASKED = "worker_asked"
    RETENTION_OVER = "retention_over"
    NOT_LAWFUL_TO_KEEP = "not_lawful_to_keep"


class ContactWay(StrEnum):
    """How somebody spoke with the worker outside the program."""

    PHONE = "phone"
    VISIT = "visit"  # 来访
    ON_SITE = "on_site"  # 上门
    LETTER = "letter"
    NOT_REACHED = "not_reached"  # 没有联系上


class MoveReason(StrEnum):
    """Why a case goes to another district."""

    PLACE_OF_WORK = "place_of_work"
    PLACE_OF_EMPLOYER = "place_of_employer"
    CHOSEN_BY_MISTAKE = "chosen_by_mistake"
    RAISED = "raised"  # 提级办理


REASONS: Mapping[Event, type[StrEnum]] = {
    Event.DECLINE: DeclineReason,
    Event.RETURN_REFERRAL: ReturnReason,
    Event.REOPEN: ReopenReason,
    Event.RECONSIDER: ReconsiderReason,
    Event.SPLIT: SplitReason,
}
"""Which reasons a step takes; a step that is not named takes none."""

CODES: tuple[type[StrEnum], ...] = (
    DeclineReason,
    ReturnReason,
    ReopenReason,
    ReconsiderReason,
    SplitReason,
    Outcome,
    RevealReason,
    DeletionReason,
    ContactWay,
    MoveReason,
)

_GROUPS: Mapping[type[StrEnum], str] = {
    DeclineReason: "decline",
    ReturnReason: "return_referral",
    ReopenReason: "reopen",
    ReconsiderReason: "reconsider",
    SplitReason: "split",
    Outcome: "outcome",
    RevealReason: "reveal",
    DeletionReason: "deletion",
    ContactWay: "contact",
    MoveReason: "move",
}


def code_label(code: StrEnum) -> str:
    """Key of the word for a reason, an outcome or a way of contact."""
    return f"handling.{_GROUPS[type(code)]}.{code}"


def reason_label(event: Event, reason: str) -> str:
    """Key of the word for the reason of a step. Raises ValueError for a reason that the step does not take."""
    return code_label(REASONS[event](reason))
