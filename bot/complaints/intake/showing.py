"""How what was understood is shown back: one sentence per answer."""

from datetime import date

from bot.complaints.cases import SaidDays, SaidQuantity
from bot.complaints.intake.answers import Answer, Chosen, Contact, Files, Told
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame, Line
from bot.complaints.intake.options import options_for
from bot.complaints.intake.path import chosen, is_about_union_staff, meaning_of_since, path
from bot.complaints.intake.steps import BEFORE_ALL, CONSENTS, Step
from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.dates import day_words
from bot.complaints.quantities.ranges import Bounds, Per
from bot.complaints.quantities.typed import amount_words, people_words

_SHORTEST, SHORT, LONG = 16, 60, 140
"""Characters of the worker's own words that are shown back."""


def item(step: Step, answer: Answer, draft: Draft, frame: Frame, longest: int = SHORT) -> Line:
    """`name：value` of one answer."""
    return Line("intake.item", {"name": label(step, draft, frame), "value": value(step, answer, draft, frame, longest)})


def entry(step: Step, answer: Answer, draft: Draft, frame: Frame) -> Line:
    """One answer in the list of what may be corrected."""
    shown = value(step, answer, draft, frame, _SHORTEST)
    return Line("intake.change.item", {"name": label(step, draft, frame), "value": shown})


def label(step: Step, draft: Draft, frame: Frame) -> Line:
    """What the step is called."""
    if step is Step.SINCE:
        return Line(f"intake.label.since_{meaning_of_since(draft, frame)}")
    if step is Step.ACCIDENT:
        return Line("intake.label.since_accident")
    if step is Step.EMPLOYER and is_about_union_staff(draft, frame):
        return Line("intake.label.employer_union")
    return Line(f"intake.label.{step}")


def value(step: Step, answer: Answer, draft: Draft, frame: Frame, longest: int = SHORT) -> Line:
    """What was understood."""
    match answer:
        case Chosen():
            return _chosen(step, answer, draft, frame, longest)
        case Told():
            return _words(answer.text, longest)
        case SaidDays():
            return days_value(answer, frame.today, longest)
        case SaidQuantity():
            return quantity_value(step, answer, longest)
        case Contact():
            return _contact(answer, longest)
        case Files():
            return Line("intake.value.files", {"count": len(answer.ids)})


def days_value(said: SaidDays, today: date, longest: int = SHORT) -> Line:
    """The days that were understood, behind the words; the words alone where none were."""
    if said.first is None or said.last is None:
        return Line("intake.value.as_said", {"said": short(said.said, longest)})
    understood = _day(DayRange(said.first, said.last), today)
    if said.until_first is not None and said.until_last is not None:
        ends = DayRange(said.until_first, said.until_last)
        if ends == DayRange.on(today):
            understood = Line("complaint.when.since", {"begins": understood})
        else:
            understood = Line("complaint.when.from_to", {"begins": understood, "ends": _day(ends, today)})
    return _understood(said.said, understood)


def quantity_value(step: Step, said: SaidQuantity, longest: int = SHORT) -> Line:
    """The range that was understood, behind the words; the words alone where there is none."""
    if said.low is None:
        return Line("intake.value.as_said", {"said": short(said.said, longest)})
    bounds = Bounds(said.low, said.high)
    if step is Step.PEOPLE:
        key, fields = people_words(bounds)
        return _understood(said.said, Line(key, dict(fields)))
    key, fields = amount_words(bounds)
    return _understood(said.said, Line(f"complaint.per.{said.per or Per.TOTAL}", {"amount": Line(key, dict(fields))}))


def summary(draft: Draft, frame: Frame) -> list[Line]:
    """Everything that has been answered, one line each, in the order of the questions."""
    lines = []
    for step in path(draft, frame):
        answer = draft.answers.get(step)
        if answer is None or step in BEFORE_ALL or _goes_without_saying(step, answer):
            continue
        lines.append(item(step, answer, draft, frame, LONG if step is Step.NARRATIVE else SHORT))
    return lines


def correctable(draft: Draft, frame: Frame) -> list[Step]:
    """What may be corrected: all that has been asked."""
    steps = [step for step in path(draft, frame) if step not in BEFORE_ALL | {Step.HEARD, Step.SUMMARY}]
    return [step for step in steps if step in draft.answers or step in draft.done]


def short(text: str, longest: int) -> str:
    """The beginning of a text in one line; dots where it goes on."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[:longest]}…"


def _goes_without_saying(step: Step, answer: Answer) -> bool:
    """A consent that was not given is shown where it changes something."""
    return step in CONSENTS and step is not Step.PASSING_ON and isinstance(answer, Chosen) and not answer.codes


def _chosen(step: Step, answer: Chosen, draft: Draft, frame: Frame, longest: int) -> Line:
    options = {option.code: option.label for option in options_for(step, draft, frame)}
    if step is Step.PASSING_ON and not answer.codes:
        return Line("intake.value.nobody")
    if step is Step.PASSING_ON and len(answer.codes) == len(frame.bodies) > 1:
        return Line("intake.value.all_bodies", {"count": len(answer.codes)})
    labels = [options.get(code, code) for code in answer.codes]
    joined = labels[0] if labels else Line("intake.value.nothing")
    for one in labels[1:]:
        joined = Line("intake.value.both", {"first": joined, "second": one})
    if answer.said:
        return Line("intake.value.with_place", {"name": joined, "place": short(answer.said, longest)})
    return Line("intake.value.plain", {"value": joined})


def _words(text: str, longest: int) -> Line:
    if len(" ".join(text.split())) <= longest:
        return Line("intake.value.plain", {"value": short(text, longest)})
    return Line("intake.value.cut", {"value": short(text, longest), "count": len(text)})


def _contact(contact: Contact, longest: int) -> Line:
    given = [part for part in (contact.name, contact.phone, contact.other) if part]
    return Line("intake.value.plain", {"value": short(" ".join(given), longest)})


def _understood(said: str, understood: Line) -> Line:
    if not said or said.isdecimal() or len(said) > SHORT // 2:
        return Line("intake.value.plain", {"value": understood})
    return Line("intake.value.understood", {"said": short(said, SHORT), "understood": understood})


def _day(days: DayRange, today: date) -> Line:
    key, fields = day_words(days, today)
    return Line(key, dict(fields))


def heard_code(draft: Draft, step: Step) -> str:
    """The code heard in passing or chosen; empty for neither."""
    answer = draft.heard.get(step)
    return answer.code if isinstance(answer, Chosen) else chosen(draft, step)
