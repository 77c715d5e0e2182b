"""Cases as rows of `complaint_case`, and rows as cases."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from bot.complaints.cases import Case, Nature
from bot.complaints.lifecycle import Progress, State, Verdict
from bot.complaints.quantities.typed import Bounds
from bot.complaints.roles import Confidentiality
from bot.store.encoding import read_codes, read_mapping, write_codes, write_mapping

_FIXED = frozenset({"id", "number", "version", "registered_at", "changed_at", "content_deleted_at"})
"""What a case never changes, or only the store does."""


def case_of(row: Row[Any]) -> Case:
    """The case that a row holds."""
    found = row._mapping  # noqa: SLF001 - this is SQLAlchemy's public name for the row as a mapping
    values = {field.name: found[field.name] for field in fields(Case) if field.name in found}
    values |= {
        "nature": Nature(found["nature"]),
        "confidentiality": Confidentiality(found["confidentiality"]),
        "progress": _read_progress(found["progress"]),
        "helpers": frozenset(read_codes(found["helpers"])),
        "concerns": frozenset(read_codes(found["concerns"])),
        "passing_on": read_codes(found["passing_on"]),
        "people": _bounds(found["people_low"], found["people_high"]),
        "money": _bounds(found["money_low"], found["money_high"]),
    }
    return Case(**values)


def columns_of(case: Case) -> dict[str, Any]:
    """The columns of a case, without receipt and key."""
    plain = {name: getattr(case, name) for name in _FIXED}
    return plain | changed_columns({name: getattr(case, name) for name in _CHANGEABLE})


def changed_columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that follow from new values of a case's fields. Raises TypeError for what cannot be changed."""
    if unknown := sorted(changes.keys() - _CHANGEABLE):
        raise TypeError(f"a case has no field to be changed of the name {', '.join(unknown)}")
    columns: dict[str, Any] = {}
    for name, value in changes.items():
        columns |= _WRITERS[name](value) if name in _WRITERS else {name: value}
    return columns


def _bounds(low: int | None, high: int | None) -> Bounds | None:
    return None if low is None else Bounds(low, high)


def _progress_columns(progress: Progress) -> dict[str, Any]:
    raw = {
        "state": progress.state,
        "reason": progress.reason,
        "recipient": progress.recipient,
        "outcome": progress.outcome,
        "verdict": progress.verdict,
        "merged_into": progress.merged_into,
        "merged_before": list(progress.merged_before),
        "reopened": progress.reopened,
    }
    return {
        "progress": write_mapping(raw),
        "state": str(progress.state),
        "verdict": str(progress.verdict or ""),
        "merged_into": progress.merged_into,
    }


def _read_progress(text: str) -> Progress:
    raw = read_mapping(text)
    verdict = raw.pop("verdict")
    return Progress(
        **raw
        | {
            "state": State(raw["state"]),
            "verdict": Verdict(verdict) if verdict else None,
            "merged_before": tuple(raw["merged_before"]),
        }
    )


def _bounds_columns(name: str) -> Callable[[Bounds | None], dict[str, Any]]:
    def columns(bounds: Bounds | None) -> dict[str, Any]:
        low, high = (bounds.low, bounds.high) if bounds else (None, None)
        return {f"{name}_low": low, f"{name}_high": high}

    return columns


def _codes_column(name: str) -> Callable[[Any], dict[str, Any]]:
    # sorted, where order means nothing, so that equal sets make equal rows
    return lambda codes: {name: write_codes(sorted(codes) if isinstance(codes, frozenset | set) else codes)}


def _code_column(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda code: {name: str(code)}


_CHANGEABLE = frozenset(field.name for field in fields(Case)) - _FIXED
_WRITERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "progress": _progress_columns,
    "people": _bounds_columns("people"),
    "money": _bounds_columns("money"),
    **{name: _codes_column(name) for name in ("helpers", "concerns", "passing_on")},
    **{name: _code_column(name) for name in ("nature", "confidentiality")},
}
