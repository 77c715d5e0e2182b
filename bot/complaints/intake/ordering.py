"""Commands, and the questions about the draft itself: stop or not, go on or begin anew, what to correct."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.complaints.intake.answering import answer, hurry, skip
from bot.complaints.intake.commands import Command, Order, says_yes
from bot.complaints.intake.draft import Draft, Mode
from bot.complaints.intake.frame import Frame, Line
from bot.complaints.intake.options import ANEW, DELETE, GO_ON, PUT_AWAY
from bot.complaints.intake.path import applies, current_step, meaning_of_since, step_before, to_check
from bot.complaints.intake.picking import picked_number
from bot.complaints.intake.questions import question
from bot.complaints.intake.showing import correctable, summary
from bot.complaints.intake.steps import Step
from bot.complaints.intake.story import put_into_story
from bot.complaints.intake.turns import End, Said, Turned, asking, paused

_ON = frozenset({Command.BACK, Command.RESUME, Command.SKIP})
_ELSEWHERE = frozenset({Command.CHANGE, Command.CLEAR, Command.SUBMIT})


def obey(draft: Draft, order: Order, said: Said, frame: Frame) -> Turned:
    """Do what was ordered."""
    if draft.mode is not Mode.ASKING:
        if draft.mode is Mode.CANCELLING and order.command is Command.CLEAR:
            return steered(draft, DELETE, said, frame)
        if draft.mode is Mode.RESTARTING and order.command is Command.RESTART:
            return steered(draft, ANEW, said, frame)
        if order.command in _ON | _ELSEWHERE:
            draft = replace(draft, mode=Mode.ASKING)
        if order.command in _ON:
            return asking(draft, frame)
    return _OBEY[order.command](draft, order, frame)


def steer(draft: Draft, said: Said, frame: Frame) -> Turned:
    """What was answered to a question about the draft itself."""
    codes = [option.code for option in question(draft, frame).options]
    number = picked_number(said.text)
    if number is not None and 1 <= number <= len(codes):
        return steered(draft, codes[number - 1], said, frame)
    agreed = says_yes(said.text)
    if draft.mode is Mode.RESTARTING and agreed:
        return steered(draft, GO_ON, said, frame)
    if draft.mode is Mode.CHOOSING and agreed is not None:
        return asking(replace(draft, mode=Mode.ASKING), frame)
    return put_into_story(draft, said.text, frame, Line("intake.unclear.number"))


def steered(draft: Draft, code: str, said: Said, frame: Frame) -> Turned:
    """What was chosen of the ways out, the ways on, or what to correct."""
    if draft.mode is Mode.CHOOSING:
        step = next((one for one in correctable(draft, frame) if one.value == code), None)
        if step is None:
            return asking(draft, frame, Line("intake.old_button"))
        return asking(replace(draft, mode=Mode.ASKING, at=step), frame)
    if code == PUT_AWAY:
        return paused(draft)
    if code == DELETE:
        return Turned(draft=None, heard=(Line("intake.deleted"),), end=End.DELETED, dropped=draft.id)
    if code == ANEW:
        fresh = Draft(id=said.new_id, begun_at=draft.begun_at, channel=draft.channel, topic=draft.topic)
        return replace(asking(fresh, frame, Line("intake.anew")), dropped=draft.id)
    return asking(replace(draft, mode=Mode.ASKING), frame)


def _resume(draft: Draft, _: Order, frame: Frame) -> Turned:
    """On with it: from a step that was gone back to, which stays as it is."""
    return asking(replace(draft, at=None) if draft.at in draft.done else draft, frame)


def _back(draft: Draft, _: Order, frame: Frame) -> Turned:
    before = step_before(current_step(draft, frame), draft, frame)
    if before is None:
        return asking(draft, frame, Line("intake.first_step"))
    return asking(replace(draft, at=before), frame)


def _change(draft: Draft, order: Order, frame: Frame) -> Turned:
    """Back to what was named, at once with its new value where that was said too."""
    step = order.step
    if step is None:
        if not correctable(draft, frame):
            return asking(draft, frame, Line("intake.nothing_to_change"))
        return asking(replace(draft, mode=Mode.CHOOSING), frame)
    if step is Step.ACCIDENT and meaning_of_since(draft, frame) == "accident":
        step = Step.SINCE
    if not applies(step, draft, frame) or Step.PERSONAL_DATA not in draft.done:
        return asking(draft, frame, Line("intake.change.not_asked"))
    if step in to_check(draft, frame):
        draft = draft.without_heard(step)
    draft = replace(draft, at=step)
    if order.value and step is not Step.NARRATIVE:
        return answer(draft, step, Said(text=order.value), frame)
    return asking(draft, frame)


def _show(draft: Draft, _: Order, frame: Frame) -> Turned:
    if current_step(draft, frame) is Step.SUMMARY:
        return asking(draft, frame)
    said = summary(draft, frame)
    heard = [Line("intake.so_far"), *said] if said else [Line("intake.so_far_nothing")]
    # the question itself would not fit below it
    return Turned(draft=draft, heard=(*heard, Line("intake.so_far_hint")))


def _clear(draft: Draft, _: Order, frame: Frame) -> Turned:
    step = current_step(draft, frame)
    if step not in draft.answers and step not in draft.unread:
        return asking(draft, frame, Line("intake.nothing_to_clear"))
    return asking(replace(draft.without(step), at=step), frame, Line("intake.cleared"))


_OBEY: Mapping[Command, Callable[[Draft, Order, Frame], Turned]] = {
    Command.SUBMIT: lambda draft, _, frame: hurry(draft, frame),
    Command.SKIP: lambda draft, _, frame: skip(draft, frame),
    Command.BACK: _back,
    Command.CHANGE: _change,
    Command.CANCEL: lambda draft, _, frame: asking(replace(draft, mode=Mode.CANCELLING), frame),
    Command.RESUME: _resume,
    Command.RESTART: lambda draft, _, frame: asking(replace(draft, mode=Mode.RESTARTING), frame),
    Command.SHOW: _show,
    Command.CLEAR: _clear,
    Command.HELP: lambda draft, _, frame: asking(draft, frame, Line("intake.help")),
}
