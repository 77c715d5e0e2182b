"""What a text answers at a step, as a value; or why it is no answer. And what else it tells in passing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.complaints.cases import SaidDays, SaidQuantity
from bot.complaints.intake.answers import Answer, Chosen, Contact, Told
from bot.complaints.intake.contacts import read_contact
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.employers import employer_in, is_no_name, names_no_employer, tells_more_than_name
from bot.complaints.intake.frame import Frame
from bot.complaints.intake.options import options_for
from bot.complaints.intake.path import GONE, STILL, chosen
from bot.complaints.intake.picking import named, pick_one, pick_several
from bot.complaints.intake.steps import SORTS, Sort, Step
from bot.complaints.intake.times import hear_times, read_time, tells_of_leaving
from bot.complaints.quantities.numerals import fold as fold_numerals
from bot.complaints.quantities.ranges import Doubt, Per
from bot.complaints.quantities.typed import Bounds, read_amount, read_people

_SHORTEST_PLACE = 2
HAN = re.compile("[\u4e00-\u9fff]")
_WORDS = re.compile("[\u4e00-\u9fff]|[A-Za-z]{2}")
_MONEY_ONLY = re.compile("[元块万]|钱")
_PEOPLE = re.compile("[人个口名位员]|自己|号人")
"""五六万 at the question how many is a sum."""
_SIGNS = {Step.MONEY: re.compile("[元块万千百]|钱|工资|欠|差"), Step.PEOPLE: _PEOPLE}
"""Without such a sign a number in passing is neither a sum nor a number of people: 张三, 四千八."""
_LONGEST_CALL = 30
LONGEST_NAME = 120
LONGEST_WISH = 1000
LONGEST_STORY = 8000
MOST_PEOPLE = 1_000_000
"""Characters; with all else a case stays well within what one row should hold."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer; or `problem`, the last part of the key of the sentence that says what is wrong."""

    answer: Answer | None = None
    problem: str = ""
    also: dict[Step, Answer] = field(default_factory=dict)


def read_answer(step: Step, text: str, draft: Draft, frame: Frame) -> Reading:
    """What the text answers there. Commands have been looked for before."""
    reader = _READERS.get(SORTS[step])
    return reader(step, text, draft, frame) if reader else Reading(problem="choice")


def read_headcount(text: str) -> Reading:
    """A number of people; a bare number is one here."""
    number = fold_numerals(text).strip(" .。、")
    count = read_people(text)
    bounds = None if _MONEY_ONLY.search(number) and not _PEOPLE.search(number) else count.bounds
    if bounds is None and number.isdecimal() and 0 < int(number) <= MOST_PEOPLE:
        bounds = Bounds(int(number), int(number))
    if bounds is None:
        return Reading(problem=f"people_{count.doubt or Doubt.NOTHING}")
    return Reading(SaidQuantity(said=text, low=bounds.low, high=bounds.high))


def read_sum(text: str) -> Reading:
    """A sum of money, in fen."""
    amount = read_amount(text)
    if amount.bounds is None:
        return Reading(problem=f"money_{amount.doubt or Doubt.NOTHING}")
    per = "" if amount.per is Per.TOTAL else amount.per.value
    return Reading(SaidQuantity(said=text, low=amount.bounds.low, high=amount.bounds.high, per=per))


def hear(text: str, draft: Draft, frame: Frame) -> dict[Step, Answer]:
    """What a text tells of other steps in passing: shown back before it counts."""
    found: dict[Step, Answer] = {}
    contact, problem = read_contact(text)
    if contact.phone and not problem:
        found[Step.CONTACT] = Contact(name=contact.name if len(text) <= _LONGEST_CALL else "", phone=contact.phone)
    if not HAN.search(text):
        return _unanswered(found, draft)
    for step, reading in (
        (Step.PEOPLE, read_headcount(text)),
        (Step.MONEY, read_sum(text)),
    ):
        sign = _SIGNS.get(step)
        if reading.answer is not None and (sign is None or sign.search(fold_numerals(text))):
            found[step] = _shortened(reading.answer)
    found |= hear_times(text, draft, frame)
    employed = pick_one(text, Step.EMPLOYED, options_for(Step.EMPLOYED, draft, frame))
    if employed and employed.code in {STILL, GONE}:
        found[Step.EMPLOYED] = Chosen((employed.code,))
    elif employed is None and tells_of_leaving(text, frame):
        found[Step.EMPLOYED] = Chosen((GONE,))
    if district := named(text, frame.districts):
        found[Step.DISTRICT] = Chosen((district.code,))
    return _unanswered(found, draft)


def _unanswered(found: dict[Step, Answer], draft: Draft) -> dict[Step, Answer]:
    return {step: answer for step, answer in found.items() if step not in draft.answers and step not in draft.done}


def unread_answer(step: Step, text: str) -> Answer | None:
    """The words alone, kept as they were said, where they are no range."""
    match SORTS[step]:
        case Sort.DAYS:
            return SaidDays(said=text)
        case Sort.PEOPLE | Sort.MONEY:
            return SaidQuantity(said=text)
        case Sort.CONTACT:
            return Contact(other=text)
        case Sort.TEXT:
            return Told(text)
        case _:
            return None


def _choice(step: Step, text: str, draft: Draft, frame: Frame) -> Reading:
    options = options_for(step, draft, frame)
    option = pick_one(text, step, options)
    if option is None and step is Step.EMPLOYED and tells_of_leaving(text, frame):
        option = next(one for one in options if one.code == GONE)  # 八月二十号辞的职
    if option is None:
        return Reading(problem="choice")
    if step is Step.DISTRICT and option.code and not _is_bare(text):
        return Reading(Chosen((option.code,), _place(text, frame)))
    also: dict[Step, Answer] = {}
    if step is Step.EMPLOYED and option.code == GONE:
        days, _ = read_time(Step.LEFT, text, draft, frame)
        if days is not None:
            also[Step.LEFT] = days
    return Reading(Chosen((option.code,)), also=also)


def _is_bare(text: str) -> bool:
    return not any("\u4e00" <= char <= "\u9fff" for char in text) or len(text.strip()) <= _SHORTEST_PLACE


def _place(text: str, frame: Frame) -> str:
    """The whole text, unless it is nothing but the district's name."""
    words = text.strip(" ，,。.")
    plain = {name for option in frame.districts for name in (option.label, *option.also)}
    return "" if words in plain else words[:LONGEST_NAME]


def _days(step: Step, text: str, draft: Draft, frame: Frame) -> Reading:
    days, problem = read_time(step, text, draft, frame)
    return Reading(days, problem)


def _text(step: Step, text: str, frame: Frame) -> Reading:
    if not _WORDS.search(text):
        return Reading(problem="text")
    if step is Step.EMPLOYER:
        if is_no_name(text):
            return Reading(problem="employer_nothing")
        if names_no_employer(text, frame):
            return Reading(problem="employer_matter")
        if tells_more_than_name(text) and (name := employer_in(text)):
            return Reading(Told(name))
    longest = LONGEST_WISH if step is Step.WISH else LONGEST_NAME
    if len(text) > longest:
        return Reading(problem=f"{step}_long")
    return Reading(Told(text.strip()))


def _contact(text: str, draft: Draft) -> Reading:
    contact, problem = read_contact(text)
    if problem:
        return Reading(problem=problem)
    earlier = draft.answers.get(Step.CONTACT)
    if isinstance(earlier, Contact) and Step.CONTACT not in draft.done:
        contact = Contact(
            name=contact.name or earlier.name,
            phone=contact.phone or earlier.phone,
            other="；".join(dict.fromkeys(part for part in (earlier.other, contact.other) if part)),
        )
    return Reading(contact)


def _shortened(answer: Answer) -> Answer:
    """What was heard in a long story is not kept with all of the story behind it."""
    if isinstance(answer, SaidQuantity):
        return SaidQuantity(low=answer.low, high=answer.high, per=answer.per)
    return answer


def is_still_employed(draft: Draft) -> bool | None:
    """Whether the worker still works there; None where nobody said."""
    return {STILL: True, GONE: False}.get(chosen(draft, Step.EMPLOYED))


def _several(step: Step, text: str, draft: Draft, frame: Frame) -> Reading:
    codes = pick_several(text, options_for(step, draft, frame))
    return Reading(problem="which_bodies") if codes is None else Reading(Chosen(codes))


_READERS: Mapping[Sort, Callable[[Step, str, Draft, Frame], Reading]] = {
    Sort.CHOICE: _choice,
    Sort.SEVERAL: _several,
    Sort.TEXT: lambda step, text, _, frame: _text(step, text, frame),
    Sort.DAYS: _days,
    Sort.PEOPLE: lambda _, text, __, ___: read_headcount(text),
    Sort.MONEY: lambda _, text, __, ___: read_sum(text),
    Sort.CONTACT: lambda _, text, draft, __: _contact(text, draft),
}
