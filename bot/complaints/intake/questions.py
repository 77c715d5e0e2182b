"""What is asked: the sentences, what may be picked, and how to go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.complaints.intake.draft import Draft, Mode
from bot.complaints.intake.frame import Frame, Line, Option
from bot.complaints.intake.options import options_for, ways_on, ways_out
from bot.complaints.intake.path import (
    chosen,
    current_step,
    is_about_union_staff,
    meaning_of_since,
    needs_contact,
    progress,
    to_check,
)
from bot.complaints.intake.showing import LONG, correctable, entry, item, label, short, summary, value
from bot.complaints.intake.steps import BEFORE_ALL, CANNOT_BE_SKIPPED, SORTS, Sort, Step
from bot.complaints.roles import Confidentiality

_ELSEWHERE = frozenset({Step.ABROAD, Step.CONFIDENTIALITY})
"""Where the form on the site is a real choice."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `lines` in order; the options are numbered; `web_form`: the form on the site is offered too."""

    step: Step
    lines: tuple[Line, ...]
    options: tuple[Option, ...] = ()
    hint: Line | None = None
    place: tuple[int, int] = (0, 0)
    web_form: bool = False


def question(draft: Draft, frame: Frame) -> Question:
    """What is asked now."""
    step = current_step(draft, frame)
    match draft.mode:
        case Mode.CANCELLING:
            return Question(step, (Line("intake.stop.ask"),), ways_out())
        case Mode.RESTARTING:
            return Question(step, (Line("intake.again.ask", _so_far(draft, frame)),), ways_on())
        case Mode.CHOOSING:
            options = tuple(
                Option(code=s.value, label=_correctable(s, draft, frame)) for s in correctable(draft, frame)
            )
            return Question(step, (Line("intake.change.ask"),), options, Line("intake.change.hint"))
        case _:
            return _of_step(step, draft, frame)


def _of_step(step: Step, draft: Draft, frame: Frame) -> Question:
    lines = [*_introduction(step, draft, frame), *_asked(step, draft, frame)]
    if draft.at is not None and step in draft.answers and step is not Step.NARRATIVE:
        lines.append(Line("intake.revisit", {"value": value(step, draft.answers[step], draft, frame)}))
    elif step in draft.unread:
        lines.append(Line("intake.unread", {"said": short(draft.unread[step], LONG)}))
    return Question(
        step,
        tuple(lines),
        options_for(step, draft, frame),
        _hint(step, draft),
        progress(draft, frame),
        web_form=step in _ELSEWHERE and frame.knows_account and bool(frame.web_form),
    )


def _introduction(step: Step, draft: Draft, frame: Frame) -> list[Line]:
    """What has to be known before answering."""
    if step is Step.CONFIDENTIALITY:
        meanings = [Line(f"intake.confidentiality.{one}") for one in Confidentiality]
        account = Line("intake.confidentiality.account_abroad" if frame.abroad else "intake.confidentiality.account")
        return [*meanings, account] if frame.knows_account else meanings
    suggested = draft.heard.get(step)
    if suggested is not None and step in {Step.CATEGORY, Step.DISTRICT, Step.CONTACT}:
        return [Line("intake.suggested", {"value": value(step, suggested, draft, frame)})]
    if step is Step.NOTICES and chosen(draft, Step.CONFIDENTIALITY) == Confidentiality.ANONYMOUS:
        return [Line("intake.notices_anonymous")]
    return []


def _asked(step: Step, draft: Draft, frame: Frame) -> list[Line]:
    if special := _SPECIAL.get(step):
        return special(draft, frame)
    return [Line(f"intake.ask.{step}")]


def _abroad(_: Draft, frame: Frame) -> list[Line]:
    return [Line("intake.ask.abroad", {"hotline": frame.hotline})]


def _personal_data(_: Draft, frame: Frame) -> list[Line]:
    leaves = Line("intake.leaving_abroad" if frame.abroad else "intake.leaving")
    leaving = leaves if frame.knows_account else ""
    hours, hotline = frame.draft_hours, frame.hotline
    return [Line("intake.ask.personal_data", {"hotline": hotline, "hours": hours, "leaving": leaving})]


def _notices(_: Draft, frame: Frame) -> list[Line]:
    return [Line("intake.ask.notices_shown" if frame.may_show else "intake.ask.notices")]


def _employer(draft: Draft, frame: Frame) -> list[Line]:
    return [Line("intake.ask.employer_union" if is_about_union_staff(draft, frame) else "intake.ask.employer")]


def _since(draft: Draft, frame: Frame) -> list[Line]:
    return [Line(f"intake.ask.since_{meaning_of_since(draft, frame)}")]


def _heard(draft: Draft, frame: Frame) -> list[Line]:
    return [Line("intake.ask.heard"), *(item(one, draft.heard[one], draft, frame) for one in to_check(draft, frame))]


def _contact(draft: Draft, _: Frame) -> list[Line]:
    return [Line(f"intake.ask.contact_{chosen(draft, Step.CONFIDENTIALITY) or Confidentiality.ANONYMOUS}")]


def _files(draft: Draft, _: Frame) -> list[Line]:
    return [Line("intake.ask.files_more" if Step.FILES in draft.answers else "intake.ask.files")]


def _summary(draft: Draft, frame: Frame) -> list[Line]:
    return [Line("intake.ask.summary"), *summary(draft, frame), *_remark(draft, frame)]


def _story(draft: Draft, _: Frame) -> list[Line]:
    if not draft.story:
        return [Line("intake.ask.narrative")]
    said = {"said": short(draft.story, LONG)}
    return [Line("intake.ask.narrative_changed" if draft.at is Step.NARRATIVE else "intake.ask.narrative_more", said)]


def _remark(draft: Draft, frame: Frame) -> list[Line]:
    """What does not fit together in what was said."""
    doubt = frame.doubt(draft) if frame.doubt else ""
    return [Line("intake.doubt", {"doubt": Line(f"limits.doubt.{doubt}")})] if doubt else []


def _hint(step: Step, draft: Draft) -> Line | None:
    if step in BEFORE_ALL:
        return Line("intake.hint.personal_data")
    if step in {Step.SUMMARY, Step.HEARD}:
        return Line(f"intake.hint.{step}")
    if SORTS[step] is Sort.STORY:
        return Line("intake.hint.narrative_more" if draft.story else "intake.hint.narrative")
    if step in CANNOT_BE_SKIPPED or (step is Step.CONTACT and needs_contact(draft)):
        return Line("intake.hint.needed")
    return Line("intake.hint.optional")


def _so_far(draft: Draft, frame: Frame) -> dict[str, int | str | Line]:
    number, count = progress(draft, frame)
    return {"number": number, "count": count}


def _correctable(step: Step, draft: Draft, frame: Frame) -> Line:
    answer = draft.answers.get(step)
    if answer is None:
        return Line("intake.change.empty", {"name": label(step, draft, frame)})
    return entry(step, answer, draft, frame)


_SPECIAL: Mapping[Step, Callable[[Draft, Frame], list[Line]]] = {
    Step.ABROAD: _abroad,
    Step.PERSONAL_DATA: _personal_data,
    Step.EMPLOYER: _employer,
    Step.NARRATIVE: _story,
    Step.HEARD: _heard,
    Step.SINCE: _since,
    Step.ACCIDENT: lambda _, __: [Line("intake.ask.since_accident")],
    Step.CONTACT: _contact,
    Step.FILES: _files,
    Step.NOTICES: _notices,
    Step.SUMMARY: _summary,
}
