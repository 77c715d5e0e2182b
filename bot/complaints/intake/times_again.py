"""When the category changes, "since when" may ask something else: no day is taken for another one."""

from dataclasses import replace

from bot.complaints.cases import SaidDays
from bot.complaints.intake.answers import Answer
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame
from bot.complaints.intake.path import meaning_of_since
from bot.complaints.intake.steps import Step
from bot.complaints.intake.story import heard_again

_ACCIDENT = "accident"


def times_again(before: Draft, draft: Draft, frame: Frame) -> Draft:
    """The draft with its times under the new category: an accident stays one, any other "since when" is asked anew."""
    old, new = meaning_of_since(before, frame), meaning_of_since(draft, frame)
    if old == new:
        return draft
    since, accident = draft.answers.get(Step.SINCE), draft.answers.get(Step.ACCIDENT)
    if new == _ACCIDENT and accident is not None:
        draft = _told_in_story(draft, since).without(Step.ACCIDENT)
        return heard_again(_settled(draft, Step.SINCE, accident), frame)
    draft = draft.without(Step.SINCE)
    if old == _ACCIDENT and since is not None:
        draft = _settled(draft, Step.ACCIDENT, since)
    else:
        draft = _told_in_story(draft, since)
    draft = heard_again(draft, frame)
    return draft.without_heard(Step.SINCE) if _are_same(draft.heard.get(Step.SINCE), since) else draft


def _are_same(heard: Answer | None, since: Answer | None) -> bool:
    """Whether the day that had another meaning has only been heard once more."""
    if not (isinstance(heard, SaidDays) and isinstance(since, SaidDays)):
        return False
    return (heard.first, heard.last) == (since.first, since.last)


def _settled(draft: Draft, step: Step, answer: Answer) -> Draft:
    return replace(draft.answered(step, answer), done=draft.done | {step})


def _told_in_story(draft: Draft, since: Answer | None) -> Draft:
    """Nothing that was said is lost."""
    said = since.said if isinstance(since, SaidDays) else ""
    return draft.telling(said) if said and said not in draft.story else draft
