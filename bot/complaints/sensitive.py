"""What of a complaint is sensitive by law, and the same complaint without it (个人信息保护法 art. 28, 29).

One rule for every road in: sensitive data are kept only where the worker agreed to that by itself, and a complaint is
registered either way. Without the consent the day of an injury or diagnosis is neither asked nor kept, and numbers of
identity and bank cards are masked where they stand. What else somebody tells of their health in their own words is
theirs to tell: the forms ask them not to.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.complaints.cases import Consent, SaidDays, Statement, TimelineEntry
from bot.complaints.desk.redaction import without_numbers
from bot.complaints.worker.rights import REGISTERED

_EXTRA = frozenset({"diagnosed", "recognised", "assessed"})
"""Of `Statement.extra`: when a disease was diagnosed, an injury recognised, a disability assessed."""


def without_sensitive(said: Statement) -> Statement:
    """The statement as it is kept without the consent. Doing it twice changes nothing more."""
    return replace(
        said,
        narrative=without_numbers(said.narrative),
        wish=without_numbers(said.wish),
        contact=without_numbers(said.contact),
        accident=SaidDays(),
        extra={name: without_numbers(text) for name, text in said.extra.items() if name not in _EXTRA},
    )


def agreed_to_sensitive(timeline: Iterable[TimelineEntry]) -> bool:
    """Whether the worker agreed when the case was registered."""
    first = next((entry for entry in timeline if entry.kind == REGISTERED), None)
    return first is not None and Consent.SENSITIVE_DATA in first.data.get("consents", "").split()
