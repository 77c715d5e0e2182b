"""Answers: taken, shown back, asked for once more, kept as they were said, or left out."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.complaints.cases import SaidDays, SaidQuantity
from bot.complaints.intake.answers import Answer, Chosen, Contact, Told
from bot.complaints.intake.commands import fold, says_done, says_unknown, says_yes
from bot.complaints.intake.draft import Draft, Mode
from bot.complaints.intake.frame import Frame, Line
from bot.complaints.intake.options import CORRECT, NOWHERE, SEND, options_for
from bot.complaints.intake.path import (
    CHECKED,
    NO,
    YES,
    agrees_to_sensitive,
    applies,
    asks_when_hurt,
    chosen,
    current_step,
    is_about_union_staff,
    needs_contact,
    to_check,
)
from bot.complaints.intake.picking import pick_one, picked_number, speaks_of_bodies
from bot.complaints.intake.reading import Reading, hear, read_answer, unread_answer
from bot.complaints.intake.showing import item
from bot.complaints.intake.steps import BEFORE_ALL, CANNOT_BE_SKIPPED, CONSENTS, SORTS, Sort, Step
from bot.complaints.intake.story import heard_more, put_into_story, story_done, tell, tells
from bot.complaints.intake.times_again import times_again
from bot.complaints.intake.turns import End, Said, Turned, asking, paused
from bot.complaints.roles import Confidentiality

_SENDING = frozenset({"确认", "确定", "登记", "发送", "没错", "无误"})
_WORTH_TELLING = frozenset({Step.CONFIDENTIALITY, Step.CATEGORY, Step.EMPLOYED})
"""Where a sentence may pick an option and tell more than that."""

_SHORT = frozenset({Sort.DAYS, Sort.PEOPLE, Sort.MONEY})
_SENTENCE = 20
"""Characters from which an answer to a short question tells more than that."""

_TELLS_OF_CONSENT = frozenset({Step.SENSITIVE_DATA, Step.CATEGORY})
_NUMBERS = frozenset({Sort.PEOPLE, Sort.MONEY})
_NOTHING = "_nothing"
_NO_EMPLOYER = frozenset({"employer_matter", "employer_nothing"})
_OF_LISTS = frozenset({Sort.CHOICE, Sort.SEVERAL})
_TELLS_MORE = frozenset({Sort.TEXT, Sort.DAYS, Sort.PEOPLE, Sort.MONEY})


def answer(draft: Draft, step: Step, said: Said, frame: Frame) -> Turned:
    """What was said at that step, whatever it was."""
    if special := _SPECIAL.get(SORTS[step]):
        return special(draft, said.text, frame)
    if step in draft.heard and (says_yes(said.text) or _is_first(said.text, step, draft, frame)):
        return keep(draft, step, draft.heard[step], frame)
    if says_unknown(said.text):
        if step is Step.DISTRICT:
            return keep(draft, step, Chosen((NOWHERE,)), frame)
        if SORTS[step] not in _OF_LISTS:
            return skip(draft, frame)
    reading = read_answer(step, said.text, draft, frame)
    if reading.answer is None:
        return _not_understood(draft, step, reading.problem, said, frame)
    return _understood(draft, step, reading, said.text, frame)


def hurry(draft: Draft, frame: Frame) -> Turned:
    """On to the summary: what may be left out is, and the first thing that may not is asked."""
    if current_step(draft, frame) is Step.SUMMARY:
        return finish(draft, SEND, frame)
    turned = asking(draft, frame)
    while turned.draft is not None and current_step(turned.draft, frame) is not Step.SUMMARY:
        before = turned.draft
        contact = before.heard.get(Step.CONTACT)
        if contact is not None and current_step(before, frame) is Step.CONTACT and not _is_anonymous(before):
            turned = keep(before, Step.CONTACT, contact, frame)  # given to be reached, and shown in the summary
            if turned.draft is not None and Step.CONTACT in turned.draft.done:
                continue
        if current_step(before, frame) is Step.HEARD:  # not confirmed, it does not count; the story has it
            turned = checked(before, frame, agreed=False)
            continue
        turned = skip(before, frame)
        if turned.draft == before:
            return replace(turned, heard=(Line("intake.not_yet"), *turned.heard))
    return replace(turned, heard=())


def _is_anonymous(draft: Draft) -> bool:
    return chosen(draft, Step.CONFIDENTIALITY) == Confidentiality.ANONYMOUS


def keep(draft: Draft, step: Step, given: Answer, frame: Frame) -> Turned:
    """The answer counts; on to the next question. What was understood is shown back."""
    if step in BEFORE_ALL and isinstance(given, Chosen) and given.code == NO:
        end = End.REFUSED_ABROAD if step is Step.ABROAD else End.REFUSED
        return Turned(draft=None, heard=(Line("intake.refused"),), end=end, dropped=draft.id)
    corrected = step in draft.done
    before = draft.unread.get(step, "")
    if tells(before) and before not in _words_of(given):
        draft = draft.telling(before)  # said again in other words, and not lost
    before_it = draft
    draft = draft.answered(step, given).finished(step)
    said = [] if step in BEFORE_ALL else [item(step, given, draft, frame)]
    if said and corrected:
        said.insert(0, Line("intake.corrected"))
    if step is Step.CATEGORY and is_about_union_staff(draft, frame):
        said.append(Line("intake.union_staff"))
    if step in _TELLS_OF_CONSENT and _goes_without(draft, step, frame):
        said.append(Line(f"intake.withheld.{step}"))
    if step is Step.CONFIDENTIALITY:
        draft = _contact_again(draft)
    if step is Step.CATEGORY:
        draft = times_again(before_it, draft, frame)
    return asking(draft, frame, *said)


def _goes_without(draft: Draft, step: Step, frame: Frame) -> bool:
    """Whether it is to be said here that sensitive data are neither asked nor kept."""
    if agrees_to_sensitive(draft) or Step.SENSITIVE_DATA not in draft.done:
        return False
    return step is Step.SENSITIVE_DATA or asks_when_hurt(Step.SINCE, draft, frame)


def skip(draft: Draft, frame: Frame) -> Turned:
    """Leave the step as it is: what was said on it stays."""
    step = current_step(draft, frame)
    if step in draft.done:
        return asking(draft.finished(step), frame, Line("intake.left_as_it_is"))
    if step is Step.NARRATIVE and draft.story:
        return story_done(draft, frame)
    if step in CANNOT_BE_SKIPPED:
        return asking(draft, frame, Line(f"intake.not_skipped.{step}"))
    if step is Step.CONTACT and needs_contact(draft):
        return asking(draft, frame, Line("intake.not_skipped.contact"))
    return _leave_out(draft, step, frame)


def checked(draft: Draft, frame: Frame, *, agreed: bool) -> Turned:
    """What was heard in passing counts, or is asked for one by one."""
    steps = to_check(draft, frame)
    if not agreed:
        accident = draft.heard.get(Step.ACCIDENT) if Step.ACCIDENT in steps else None
        if isinstance(accident, SaidDays):  # asked only of those who spoke of one
            draft = draft.with_unread(Step.ACCIDENT, accident.said)
        return asking(draft.without_heard(*steps), frame, Line("intake.one_by_one"))
    for step in steps:
        draft = draft.answered(step, draft.heard[step]).finished(step)
    return asking(draft, frame, Line("intake.agreed"))


def finish(draft: Draft, code: str, frame: Frame) -> Turned:
    """What was chosen under the summary."""
    if code == SEND:
        return Turned(draft=draft, end=End.SENT)
    return asking(replace(draft, mode=Mode.CHOOSING), frame) if code == CORRECT else paused(draft)


def _leave_out(draft: Draft, step: Step, frame: Frame) -> Turned:
    """Done without an answer; words that were not understood are kept as they are, and no answer is no consent."""
    words = draft.unread.get(step)
    as_said = unread_answer(step, words) if words else None
    if as_said is not None:
        return keep(draft, step, as_said, frame)
    if step in CONSENTS:
        return keep(draft, step, Chosen(() if step is Step.PASSING_ON else (NO,)), frame)
    return asking(draft.without_heard(step).finished(step), frame, Line("intake.skipped"))


def _understood(draft: Draft, step: Step, reading: Reading, text: str, frame: Frame) -> Turned:
    given = reading.answer
    if given is None:
        raise ValueError("nothing was understood")
    if isinstance(given, Contact) and needs_contact(draft) and not (given.name and given.phone):
        missing = "phone" if given.name else "name"
        kept = replace(draft, answers={**draft.answers, step: given})
        return asking(kept, frame, Line(f"intake.contact_missing.{missing}"))
    if SORTS[step] in _TELLS_MORE:
        others = {other: more for other, more in hear(text, draft, frame).items() if other is not step}
        draft = replace(draft, heard={**others, **draft.heard})
    shortened = isinstance(given, Told) and given.text != text.strip()
    if shortened or (step in _WORTH_TELLING and tells(text)) or (SORTS[step] in _SHORT and len(text) > _SENTENCE):
        draft = draft.telling(text.strip())
    turned = keep(draft, step, given, frame)
    for other, more in reading.also.items():
        if turned.draft is not None and applies(other, turned.draft, frame) and other not in turned.draft.done:
            then = keep(turned.draft, other, more, frame)
            turned = replace(then, heard=(*turned.heard, *then.heard))
    return turned


def _not_understood(draft: Draft, step: Step, problem: str, said: Said, frame: Frame) -> Turned:
    """Ask once more; the second time the words are kept as they are."""
    line = Line(f"intake.unclear.{problem}")
    if problem in _NO_EMPLOYER or (problem == "text" and picked_number(said.text) is not None):
        return _no_answer(draft, problem, said.text, frame, line)
    if SORTS[step] in _OF_LISTS or problem.endswith("_long"):
        return _not_in_list(draft, step, said, frame, line)
    if SORTS[step] is Sort.CONTACT:
        return _no_contact(draft, problem, said.text, frame, line)
    if any(other is not step for other in hear(said.text, draft, frame)):
        draft = heard_more(draft, said.text, frame)
        if SORTS[step] is Sort.DAYS or tells(said.text):
            draft = draft.telling(said.text.strip())
        return asking(draft, frame, line if problem == "days_elsewhere" else Line("intake.noted_for_later"))
    if SORTS[step] in _NUMBERS and problem.endswith(_NOTHING) and tells(said.text):
        return put_into_story(draft, said.text, frame, line)
    again = step in draft.unread
    draft = draft.with_unread(step, said.text)
    as_said = unread_answer(step, draft.unread[step]) if again else None
    return asking(draft, frame, line) if as_said is None else keep(draft, step, as_said, frame)


def _no_answer(draft: Draft, problem: str, text: str, frame: Frame, line: Line) -> Turned:
    """A complaint where a name was asked for goes into the story, however short: 欠薪. A number tells nothing."""
    if problem == "employer_matter":
        draft = heard_more(draft, text, frame).telling(text.strip())
    return asking(draft, frame, line)


def _not_in_list(draft: Draft, step: Step, said: Said, frame: Frame, line: Line) -> Turned:
    """None of the options: what it tells else is noted. About whom to pass it on to, nothing is taken for the story."""
    if step is Step.PASSING_ON and speaks_of_bodies(said.text, options_for(step, draft, frame)):
        return asking(draft, frame, line)
    if step is Step.CATEGORY and said.category:
        return put_into_story(draft.with_heard(step, Chosen((said.category,))), said.text, frame)
    more = heard_more(draft, said.text, frame)
    if more.heard != draft.heard and to_check(more, frame):
        more = more.telling(said.text.strip()) if tells(said.text) else more
        return asking(more, frame, Line("intake.noted_for_later"))
    return put_into_story(draft, said.text, frame, line)


def _words_of(given: Answer) -> str:
    match given:
        case SaidDays() | SaidQuantity():
            return given.said
        case Told():
            return given.text
        case Contact():
            return given.other
        case _:
            return ""


def _is_first(text: str, step: Step, draft: Draft, frame: Frame) -> bool:
    """Whether 1 means what was suggested, where nothing else is numbered."""
    return not options_for(step, draft, frame) and picked_number(text) == 1


def _no_contact(draft: Draft, problem: str, text: str, frame: Frame, line: Line) -> Turned:
    """What looks like an identity card is not kept: nobody has asked for it. A wrong number is."""
    if problem == "contact_identity":
        return asking(draft, frame, line)
    if problem == "contact_nothing":
        return put_into_story(draft, text, frame, line)
    return asking(draft.with_unread(Step.CONTACT, text), frame, line)


def _contact_again(draft: Draft) -> Draft:
    """Who now files under a name has to give one."""
    contact = draft.answers.get(Step.CONTACT)
    complete = isinstance(contact, Contact) and contact.name and contact.phone
    return draft if complete or not needs_contact(draft) else replace(draft, done=draft.done - {Step.CONTACT})


def _check(draft: Draft, text: str, frame: Frame) -> Turned:
    option = pick_one(text, Step.HEARD, options_for(Step.HEARD, draft, frame))
    if option is not None:
        return checked(draft, frame, agreed=option.code == YES)
    told = hear(text, draft, frame)
    changed = {step: more for step, more in told.items() if draft.heard.get(step) != more}
    if changed:
        corrected = any(step in draft.heard and step in CHECKED for step in changed)
        draft = replace(draft, heard={**draft.heard, **changed})
        draft = draft.telling(text.strip()) if len(text) > _SENTENCE else draft
        return asking(draft, frame, Line("intake.corrected" if corrected else "intake.noted_for_later"))
    if told and len(text) <= _SENTENCE:
        return asking(draft, frame, Line("intake.heard_the_same"))
    return put_into_story(draft, text, frame, Line("intake.unclear.choice"))


def _confirm(draft: Draft, text: str, frame: Frame) -> Turned:
    if fold(text) in _SENDING or says_yes(text):
        return finish(draft, SEND, frame)
    number = picked_number(text)
    options = options_for(Step.SUMMARY, draft, frame)
    if number is not None and 1 <= number <= len(options):
        return finish(draft, options[number - 1].code, frame)
    if says_yes(text) is False:
        return finish(draft, CORRECT, frame)
    contact = read_answer(Step.CONTACT, text, draft, frame).answer
    if isinstance(contact, Contact) and contact.phone:
        return keep(draft, Step.CONTACT, contact, frame)
    return put_into_story(draft, text, frame, Line("intake.unclear.choice"))


def _without_files(draft: Draft, text: str, frame: Frame) -> Turned:
    if says_done(text) or says_unknown(text):
        return asking(draft.finished(Step.FILES), frame)
    return put_into_story(draft, text, frame, Line("intake.unclear.files"))


_SPECIAL: Mapping[Sort, Callable[[Draft, str, Frame], Turned]] = {
    Sort.STORY: tell,
    Sort.CHECK: _check,
    Sort.SUMMARY: _confirm,
    Sort.FILES: _without_files,
}
