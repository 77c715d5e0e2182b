"""What the worker said as JSON text and back: equal statements give equal text.

What an older version did not write is read as unsaid.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from bot.complaints.cases import SaidDays, SaidQuantity, Statement

_DAYS = ("since", "left", "accident")
_QUANTITIES = ("people", "money")
_FIELDS = tuple(field.name for field in fields(Statement))


def statement_to_json(statement: Statement) -> str:
    """The statement as JSON text with sorted keys."""
    raw = {name: getattr(statement, name) for name in _FIELDS}
    for name in (*_DAYS, *_QUANTITIES):
        raw[name] = {part: getattr(raw[name], part) for part in type(raw[name]).__slots__}
    raw["extra"] = dict(statement.extra)
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)


def statement_from_json(text: str) -> Statement:
    """The statement that the text holds."""
    raw = json.loads(text)
    values = {field.name: raw[field.name] for field in fields(Statement) if field.name in raw}
    values |= {name: _days(values[name]) for name in _DAYS if name in values}
    values |= {name: SaidQuantity(**_known(values[name], SaidQuantity)) for name in _QUANTITIES if name in values}
    return Statement(**values)


def _days(raw: Mapping[str, Any]) -> SaidDays:
    known = _known(raw, SaidDays)
    said = known.pop("said", "")
    return SaidDays(said=said, **{name: day and date.fromisoformat(day) for name, day in known.items()})


def _known(raw: Mapping[str, Any], kind: type[SaidDays | SaidQuantity]) -> dict[str, Any]:
    return {field.name: raw[field.name] for field in fields(kind) if field.name in raw}
