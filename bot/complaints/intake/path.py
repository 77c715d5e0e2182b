"""Which steps a draft has to go through, and where it stands."""

from collections.abc import Callable, Mapping

from bot.complaints.intake.answers import Chosen
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame
from bot.complaints.intake.steps import Step
from bot.complaints.roles import Confidentiality

YES, NO = "yes", "no"
STILL, GONE, UNSAID = "still", "gone", "unsaid"
"""Still employed, gone, not said."""

CHECKED = (
    Step.SINCE,
    Step.ACCIDENT,
    Step.EMPLOYED,
    Step.LEFT,
    Step.PEOPLE,
    Step.MONEY,
)
"""What is shown back and confirmed together when it was heard in passing."""

_OF_WORK = frozenset({Step.ACCIDENT, Step.EMPLOYED, Step.PEOPLE, Step.MONEY})


def chosen(draft: Draft, step: Step) -> str:
    """The code chosen at that step; empty where none was."""
    answer = draft.answers.get(step)
    return answer.code if isinstance(answer, Chosen) else ""


def is_about_union_staff(draft: Draft, frame: Frame) -> bool:
    """Whether only the supervisor is to see it."""
    return chosen(draft, Step.CATEGORY) in frame.about_union_staff


def agrees_to_sensitive(draft: Draft) -> bool:
    """Whether the worker agreed to sensitive data being kept."""
    return chosen(draft, Step.SENSITIVE_DATA) == YES


def asks_when_hurt(step: Step, draft: Draft, frame: Frame) -> bool:
    """Whether that step asks for the day of an injury or diagnosis, which is sensitive."""
    return step is Step.ACCIDENT or (step is Step.SINCE and meaning_of_since(draft, frame) == "accident")


def applies(step: Step, draft: Draft, frame: Frame) -> bool:
    """Whether that step is asked at all."""
    rule = _RULES.get(step)
    refused = Step.SENSITIVE_DATA in draft.done and not agrees_to_sensitive(draft)
    if refused and asks_when_hurt(step, draft, frame):
        return False
    if step in _OF_WORK and is_about_union_staff(draft, frame):
        return False
    return rule is None or rule(draft, frame)


def path(draft: Draft, frame: Frame) -> list[Step]:
    """The steps that this draft goes through, in order."""
    return [step for step in Step if applies(step, draft, frame)]


def current_step(draft: Draft, frame: Frame) -> Step:
    """Where the worker went back to, else the first step that is not done, at the end the summary."""
    if draft.at is not None and applies(draft.at, draft, frame):
        return draft.at
    return next((step for step in path(draft, frame) if step not in draft.done), Step.SUMMARY)


def step_before(step: Step, draft: Draft, frame: Frame) -> Step | None:
    """The step before that one; None at the first."""
    before = [one for one in path(draft, frame) if one is not Step.HEARD]
    earlier = before[: before.index(step)] if step in before else [one for one in before if _order(one) < _order(step)]
    return earlier[-1] if earlier else None


def to_check(draft: Draft, frame: Frame) -> list[Step]:
    """What was heard in passing and is still to be confirmed."""
    return [s for s in CHECKED if s in draft.heard and s not in draft.done and applies(s, draft, frame)]


def progress(draft: Draft, frame: Frame) -> tuple[int, int]:
    """The number of the current step and of all steps, as far as known now."""
    steps = [step for step in path(draft, frame) if step is not Step.HEARD]
    current = current_step(draft, frame)
    place = sum(_order(step) < _order(current) for step in steps)
    return min(place + 1, len(steps)), len(steps)


def meaning_of_since(draft: Draft, frame: Frame) -> str:
    """What "since when" asks in the category chosen."""
    return frame.since.get(chosen(draft, Step.CATEGORY), "breach")


def needs_contact(draft: Draft) -> bool:
    """Whether a name and a number are needed: who files under a name has one."""
    return chosen(draft, Step.CONFIDENTIALITY) == Confidentiality.NAMED


def _order(step: Step) -> int:
    return list(Step).index(step)


def _left_applies(draft: Draft, frame: Frame) -> bool:
    return applies(Step.EMPLOYED, draft, frame) and (
        chosen(draft, Step.EMPLOYED) == GONE or _heard_code(draft, Step.EMPLOYED) == GONE
    )


def _accident_applies(draft: Draft, frame: Frame) -> bool:
    """An accident in a matter of another kind: it has a limit of its own."""
    told = Step.ACCIDENT in draft.heard or Step.ACCIDENT in draft.answers or Step.ACCIDENT in draft.unread
    return told and meaning_of_since(draft, frame) != "accident"


def _heard_code(draft: Draft, step: Step) -> str:
    answer = draft.heard.get(step)
    return answer.code if isinstance(answer, Chosen) else ""


_RULES: Mapping[Step, Callable[[Draft, Frame], bool]] = {
    Step.ABROAD: lambda _, frame: frame.abroad,
    Step.PASSING_ON: lambda _, frame: bool(frame.bodies),
    Step.DISTRICT: lambda _, frame: bool(frame.districts),
    Step.HEARD: lambda draft, frame: Step.NARRATIVE in draft.done and bool(to_check(draft, frame)),
    Step.ACCIDENT: _accident_applies,
    Step.LEFT: _left_applies,
    Step.FILES: lambda _, frame: frame.takes_files,
    Step.NOTICES: lambda _, frame: frame.may_notify,
}
