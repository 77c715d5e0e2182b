"""Quantities as people type them: read here, kept as said and as a range, shown back as a sentence.

Pure. The sentences stand in `content/replies/`; what is shown back reads as the same range again.
"""

from bot.complaints.quantities.amounts import find_amounts, read_amount
from bot.complaints.quantities.headcounts import read_people
from bot.complaints.quantities.ranges import Amount, Bounds, Doubt, Headcount, Per

__all__ = [
    "Amount",
    "Bounds",
    "Doubt",
    "Headcount",
    "Per",
    "amount_words",
    "find_amounts",
    "people_words",
    "per_words",
    "read_amount",
    "read_people",
]

_FEN = 100


def amount_words(bounds: Bounds) -> tuple[str, dict[str, str]]:
    """Key and fields of the sentence that shows a sum in yuan."""
    fields = {"low": _yuan(bounds.low), "high": "" if bounds.high is None else _yuan(bounds.high)}
    return f"complaint.amount.{_shape(bounds)}", fields


def per_words(per: Per) -> str:
    """Key of the sentence that says what the sum `{amount}` is counted by."""
    return f"complaint.per.{per}"


def people_words(bounds: Bounds) -> tuple[str, dict[str, str]]:
    """Key and fields of the sentence that shows a number of people."""
    fields = {"low": str(bounds.low), "high": "" if bounds.high is None else str(bounds.high)}
    return f"complaint.people.{_shape(bounds)}", fields


def _shape(bounds: Bounds) -> str:
    if bounds.exact:
        return "exact"
    if bounds.high is None:
        return "at_least"
    return "between" if bounds.low else "at_most"


def _yuan(fen: int) -> str:
    yuan, rest = divmod(fen, _FEN)
    return f"{yuan}.{rest:02}" if rest else str(yuan)
