"""How a draft goes on: with each message, each file, each question asked in between. Pure.

Nothing that was said is lost: what answers no question goes into the story, what cannot be read as a number or a
day is kept as it was said, and only the worker's own word deletes anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.complaints.intake.answering import answer, checked, finish, keep
from bot.complaints.intake.answers import Chosen, Files
from bot.complaints.intake.commands import read_order, says_done
from bot.complaints.intake.draft import Draft, Mode
from bot.complaints.intake.frame import Frame, Line
from bot.complaints.intake.opening import content_of
from bot.complaints.intake.options import ALL, NONE, options_for
from bot.complaints.intake.ordering import obey, steer, steered
from bot.complaints.intake.path import YES, applies, current_step
from bot.complaints.intake.questions import Question, question
from bot.complaints.intake.reading import hear
from bot.complaints.intake.steps import SORTS, Sort, Step
from bot.complaints.intake.turns import Said, Turned, asking

MOST_FILES = 6

_CODES_OF: Mapping[str, Callable[[Frame], tuple[str, ...]]] = {
    ALL: lambda frame: tuple(body.code for body in frame.bodies),
    NONE: lambda _: (),
}
_ONLY_NOW = frozenset({Step.HEARD, Step.SUMMARY, Step.ABROAD, Step.PERSONAL_DATA})
"""Buttons of these mean the question that is open, not an earlier one."""


def begin(frame: Frame, said: Said, *, now: datetime, channel: str, topic: str = "") -> Turned:
    """A new draft. Words beyond 我要投诉 begin the story; what they seem to be about is suggested."""
    draft = Draft(id=said.new_id, begun_at=now, channel=channel, topic=topic)
    heard: list[Line] = []
    if content := content_of(said.text):
        draft = replace(draft.telling(content), heard=hear(content, draft, frame))
        heard.append(Line("intake.noted_first"))
    if said.category in {option.code for option in frame.categories}:
        draft = draft.with_heard(Step.CATEGORY, Chosen((said.category,)))
    return asking(draft, frame, Line("intake.start"), *heard)


def begin_again(draft: Draft, frame: Frame, said: Said) -> Turned:
    """Somebody wants to complain while an unfinished draft is there: which one? What is said with it is kept."""
    content = content_of(said.text)
    if content and content not in draft.story:
        draft = draft.telling(content)
    return asking(replace(draft, mode=Mode.RESTARTING), frame)


def ask(draft: Draft, frame: Frame) -> Question:
    """The question that is open."""
    return question(draft, frame)


def move_on(draft: Draft, frame: Frame) -> Turned:
    """Take a draft up again where it was."""
    return asking(replace(draft, mode=Mode.ASKING), frame)


def take_file(draft: Draft, frame: Frame, file: str) -> Turned:
    """One more file. The question stays open."""
    there = draft.answers.get(Step.FILES)
    ids = there.ids if isinstance(there, Files) else ()
    if len(ids) >= MOST_FILES and file not in ids:
        return asking(draft, frame, Line("intake.file_too_many", {"most": MOST_FILES}))
    ids = tuple(dict.fromkeys((*ids, file)))
    draft = replace(draft, answers={**draft.answers, Step.FILES: Files(ids)})
    return asking(draft, frame, Line("intake.file_taken", {"count": len(ids)}))


def take(draft: Draft, said: Said, frame: Frame) -> Turned:
    """What a message does to the draft. Never raises for any text."""
    if draft.mode is Mode.PAUSED:
        draft = replace(draft, mode=Mode.ASKING)
    if said.pick:
        return _picked(draft, said, frame)
    step = current_step(draft, frame)
    order = read_order(said.text)
    if order is not None and not _ends_the_story(step, draft, said.text):
        return obey(draft, order, said, frame)
    if draft.mode is not Mode.ASKING:
        return steer(draft, said, frame)
    return answer(draft, step, said, frame)


def _ends_the_story(step: Step, draft: Draft, text: str) -> bool:
    """下一步 and 继续 behind a story mean that it is told."""
    return draft.mode is Mode.ASKING and SORTS[step] is Sort.STORY and bool(draft.story) and says_done(text)


def _picked(draft: Draft, said: Said, frame: Frame) -> Turned:
    """A button: of the open question, or of an earlier one, which it answers anew."""
    where, _, code = said.pick.partition(":")
    if where == draft.mode:
        return steered(draft, code, said, frame)
    step = next((one for one in Step if one.value == where), None)
    if step is None or not _may_answer(draft, step, code, frame):
        return asking(draft, frame, Line("intake.old_button"))
    draft = replace(draft, mode=Mode.ASKING)
    if step is Step.HEARD:
        return checked(draft, frame, agreed=code == YES)
    if step is Step.SUMMARY:
        return finish(draft, code, frame)
    codes = _CODES_OF[code](frame) if code in _CODES_OF else (code,)
    return keep(draft, step, Chosen(codes), frame)


def _may_answer(draft: Draft, step: Step, code: str, frame: Frame) -> bool:
    """Whether that button may still be pressed."""
    is_open = step is current_step(draft, frame)
    if not applies(step, draft, frame) or not (is_open or (step in draft.done and step not in _ONLY_NOW)):
        return False
    return any(option.code == code for option in options_for(step, draft, frame))
