"""Times in an answer or a story -> the steps they belong to: the beginning, the leaving and the accident apart."""

import re
from collections.abc import Mapping

from bot.complaints.cases import SaidDays
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame
from bot.complaints.intake.path import meaning_of_since
from bot.complaints.intake.steps import Step
from bot.complaints.quantities.moments import About, Moment, about_what, find_moments, the_one
from bot.complaints.quantities.numerals import fold
from bot.complaints.quantities.ranges import Doubt

_BREACH = "breach"
_ASKED: Mapping[str, tuple[tuple[About, ...], tuple[About, ...]]] = {
    _BREACH: ((About.SINCE,), (About.PLAIN, About.STARTED, About.OTHER)),
    "started": ((About.STARTED,), (About.PLAIN, About.SINCE, About.OTHER)),
    "dismissed": ((About.DISMISSED, About.LEFT), (About.PLAIN, About.OTHER)),
    "accident": ((About.ACCIDENT,), (About.PLAIN, About.OTHER)),
    "left": ((About.LEFT, About.DISMISSED), (About.PLAIN, About.OTHER)),
}
"""What a time that is asked for may be called; and what else an answer to that very question may be."""

_HEARD: Mapping[str, tuple[tuple[About, ...], ...]] = {
    _BREACH: ((About.SINCE,),),
    "started": ((About.STARTED,),),
    "dismissed": ((About.DISMISSED,), (About.LEFT,)),
    "accident": ((About.ACCIDENT,),),
}
"""What is taken for "since when" in a story, the best first."""

_AHEAD = re.compile("^[了是]+")
_CLAUSES = re.compile(r"[,，。;；!！?？、\s]+")
_THAT_DAY = re.compile("当天|当日|那天|那一天|同一天|一样|当时|当场|立马|马上就")


def read_time(step: Step, text: str, draft: Draft, frame: Frame) -> tuple[SaidDays | None, str]:
    """The days that answer that step, as said; or the last part of the key of what is wrong with them."""
    moments = find_moments(text, frame.today, frame.lunar)
    meaning = _meaning(step, draft, frame)
    usual, possible = _ASKED[meaning]
    for abouts in (usual, possible):
        found = about_what(moments, *abouts)
        if one := the_one(found):
            return _said(text, one, goes_on=meaning == _BREACH), ""
        if found:
            return None, f"days_{Doubt.SEVERAL}"
    if about_what(moments, *About):
        return None, "days_elsewhere"
    if step is Step.LEFT and (same := _that_day(text, draft, frame)):
        return same, ""
    doubt = next((one.when.doubt for one in moments if one.when.doubt), Doubt.NOTHING)
    return None, f"days_{doubt}"


def hear_times(text: str, draft: Draft, frame: Frame) -> dict[Step, SaidDays]:
    """The beginning, the accident and the leaving of which a text tells; what may be two times is left out."""
    moments = find_moments(text, frame.today, frame.lunar)
    meaning = meaning_of_since(draft, frame)
    found: dict[Step, Moment | None] = {
        Step.SINCE: _best(moments, _HEARD[meaning]) or _best(moments, ((About.PLAIN,),)),
        Step.LEFT: _best(moments, ((About.LEFT,), (About.DISMISSED,))),
    }
    since = found[Step.SINCE]
    if since is not None and since.about is About.PLAIN and about_what(moments, *_HEARD[meaning][0]):
        found[Step.SINCE] = None  # several beginnings: which one is asked
    if meaning != "accident":
        found[Step.ACCIDENT] = _best(moments, ((About.ACCIDENT,),))
    if meaning == "dismissed" and not about_what(moments, About.LEFT):
        found[Step.LEFT] = None  # told on that day, gone on another one perhaps
    return {
        step: _said(
            _as_typed(_AHEAD.sub("", one.when.said), text), one, goes_on=step is Step.SINCE and meaning == _BREACH
        )
        for step, one in found.items()
        if one is not None
    }


def tells_of_leaving(text: str, frame: Frame) -> bool:
    """Whether the text says when the worker left or was made to."""
    return bool(about_what(find_moments(text, frame.today, frame.lunar), About.LEFT, About.DISMISSED))


def _as_typed(words: str, text: str) -> str:
    """The words as the worker wrote them; where they were read as others (仨月, 廿天) the clause that has them."""
    if words in text:
        return words
    return next((clause for clause in _CLAUSES.split(text) if words in fold(clause)), "")


def _best(moments: list[Moment], ranks: tuple[tuple[About, ...], ...]) -> Moment | None:
    """Of the first rank of which anything is told."""
    for abouts in ranks:
        if found := about_what(moments, *abouts):
            return the_one(found)
    return None


def _meaning(step: Step, draft: Draft, frame: Frame) -> str:
    return {Step.LEFT: "left", Step.ACCIDENT: "accident"}.get(step) or meaning_of_since(draft, frame)


def _said(text: str, one: Moment, *, goes_on: bool) -> SaidDays:
    """The words and the days; an end only where something may go on."""
    begins, ends = one.when.begins, one.when.ends if goes_on else None
    return SaidDays(
        said=text,
        first=begins.first if begins else None,
        last=begins.last if begins else None,
        until_first=ends.first if ends else None,
        until_last=ends.last if ends else None,
    )


def _that_day(text: str, draft: Draft, frame: Frame) -> SaidDays | None:
    """当天就走了: the day of the notice."""
    told = draft.answers.get(Step.SINCE)
    if meaning_of_since(draft, frame) != "dismissed" or not isinstance(told, SaidDays) or told.first is None:
        return None
    return SaidDays(said=text, first=told.first, last=told.last) if _THAT_DAY.search(text) else None
