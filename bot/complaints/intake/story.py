"""Telling what happened: in one message or in many, and with all that answered no other question."""

import re
from dataclasses import replace
from typing import Any

from bot.complaints.cases import SaidDays, SaidQuantity
from bot.complaints.intake.answers import Answer
from bot.complaints.intake.commands import fold, says_done
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame, Line
from bot.complaints.intake.picking import picked_number
from bot.complaints.intake.reading import HAN, LONGEST_STORY, hear
from bot.complaints.intake.steps import Step
from bot.complaints.intake.turns import Turned, asking

_CORRECTS = re.compile("不对|错了|应该是|应是|更正|改成|改为|准确(?:地|的)?(?:说|是)|其实是|不是.{1,12}是")
_TIMES = frozenset({Step.SINCE, Step.ACCIDENT, Step.LEFT})

_TELLING = 5
"""Chinese characters from which words that answer nothing are taken for part of the story."""


def tell(draft: Draft, text: str, frame: Frame) -> Turned:
    """More of the story, or its end."""
    if draft.story and says_done(text):
        return story_done(draft, frame)
    if not fold(text):
        return asking(draft, frame, Line("intake.not_skipped.narrative"))
    if _is_full(draft, text):
        return asking(draft, frame, Line("intake.story_full"))
    if picked_number(text) is not None:
        return asking(draft, frame, Line("intake.unclear.text"))
    return asking(heard_more(draft, text, frame).telling(text.strip()), frame)


def story_done(draft: Draft, frame: Frame) -> Turned:
    """The story is told; what else it says is to be confirmed."""
    draft = replace(draft, heard={**hear(draft.story, draft, frame), **draft.heard})
    return asking(draft.finished(Step.NARRATIVE), frame)


def heard_more(draft: Draft, text: str, frame: Frame) -> Draft:
    """With what the text tells in passing. What was heard before stays, unless this is closer or corrects it."""
    corrects = _CORRECTS.search(text) is not None
    more = {
        step: answer
        for step, answer in hear(text, draft, frame).items()
        if corrects or step not in draft.heard or is_closer(answer, draft.heard[step])
    }
    return replace(draft, heard={**draft.heard, **more})


def is_closer(answer: Answer, earlier: Answer) -> bool:
    """Whether what is said now narrows down what was said before; what is chosen counts as it was said last."""
    match answer, earlier:
        case SaidDays(), SaidDays():
            inside = _is_within((answer.first, answer.last), (earlier.first, earlier.last))
            return inside and (answer.first, answer.last) != (earlier.first, earlier.last)
        case SaidQuantity(), SaidQuantity():
            inside = answer.per == earlier.per and _is_within((answer.low, answer.high), (earlier.low, earlier.high))
            return inside and (answer.low, answer.high) != (earlier.low, earlier.high)
        case _:
            return True


def heard_again(draft: Draft, frame: Frame) -> Draft:
    """The times of the story read once more, now that it is known what "since when" means."""
    kept = {step: answer for step, answer in draft.heard.items() if step not in _TIMES}
    times = {step: answer for step, answer in hear(draft.story, draft, frame).items() if step in _TIMES}
    return replace(draft, heard={**kept, **times})


def put_into_story(draft: Draft, text: str, frame: Frame, *problem: Line) -> Turned:
    """Words that answer no question are not lost, if they are more than a sigh."""
    if not tells(text):
        return asking(draft, frame, *problem)
    if _is_full(draft, text):
        return asking(draft, frame, Line("intake.story_full"), *problem)
    draft = heard_more(draft, text, frame).telling(text.strip())
    return asking(draft, frame, Line("intake.noted_in_story"), *problem)


def tells(text: str) -> bool:
    """Whether the words are more than a sigh."""
    return len(HAN.findall(fold(text))) >= _TELLING


def _is_within(inner: tuple[Any, Any], outer: tuple[Any, Any]) -> bool:
    (low, high), (least, most) = inner, outer
    if low is None or least is None or low < least:
        return False
    return most is None or (high is not None and high <= most)


def _is_full(draft: Draft, text: str) -> bool:
    return len(draft.story) + len(text) > LONGEST_STORY
