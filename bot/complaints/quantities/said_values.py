"""Quantities as typed -> with the range they allow, and that range shown back in words.

For forms that are filled in at once; the dialogue asks back instead.
"""

from datetime import date

from bot.complaints.cases import SaidDays, SaidQuantity
from bot.complaints.limits.facts import DayRange
from bot.complaints.quantities.amounts import read_amount
from bot.complaints.quantities.dates import When, day_words, period_words, read_when
from bot.complaints.quantities.seasons import LunarCalendar
from bot.complaints.quantities.typed import Per, amount_words, people_words, per_words, read_people
from bot.wording import Wording


def said_money(text: str) -> SaidQuantity:
    """A sum in fen; without bounds where the words do not name one sum."""
    if not text:
        return SaidQuantity()
    amount = read_amount(text)
    if amount.bounds is None:
        return SaidQuantity(said=text)
    return SaidQuantity(said=text, low=amount.bounds.low, high=amount.bounds.high, per=amount.per)


def said_people(text: str) -> SaidQuantity:
    """A number of people; without bounds where the words do not name one."""
    if not text:
        return SaidQuantity()
    bounds = read_people(text).bounds
    return SaidQuantity(said=text) if bounds is None else SaidQuantity(said=text, low=bounds.low, high=bounds.high)


def said_days(text: str, today: date, lunar: LunarCalendar) -> SaidDays:
    """The days that may be meant, those to come among them; none where the words do not name one time."""
    if not text:
        return SaidDays()
    when = read_when(text, today, lunar)
    begins = when.begins or when.ahead
    if begins is None:
        return SaidDays(said=text)
    ends = when.ends
    return SaidDays(
        said=text,
        first=begins.first,
        last=begins.last,
        until_first=ends.first if ends else None,
        until_last=ends.last if ends else None,
    )


def money_shown(money: SaidQuantity, words: Wording) -> str:
    """How a sum was understood; empty where it was not."""
    if money.bounds is None:
        return ""
    key, fields = amount_words(money.bounds)
    return words(per_words(Per(money.per or Per.TOTAL)), amount=words(key, **fields))


def people_shown(people: SaidQuantity, words: Wording) -> str:
    """How a number of people was understood; empty where it was not."""
    if people.bounds is None:
        return ""
    key, fields = people_words(people.bounds)
    return words(key, **fields)


def days_shown(days: SaidDays, today: date, words: Wording) -> str:
    """How a time was understood; empty where it was not."""
    if days.first is None or days.last is None:
        return ""
    begins, ends = DayRange(days.first, days.last), None
    if days.until_first is not None and days.until_last is not None:
        ends = DayRange(days.until_first, days.until_last)
    key, fields = day_words(begins, today)
    shown = words(key, **fields)
    period = period_words(When(days.said, begins, ends), today)
    if period is None or ends is None:
        return shown
    key, fields = day_words(ends, today)
    return words(period, begins=shown, ends=words(key, **fields))
