"""How small values stand in plain columns: sets of codes as text that SQL can look into, mappings as JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.ext.asyncio import AsyncConnection

_MARK = "|"


def write_codes(codes: Iterable[str]) -> str:
    """Codes as text, each between marks. Raises ValueError for a code with a mark in it; empty ones are left out."""
    kept = [code for code in codes if code]
    if any(_MARK in code for code in kept):
        raise ValueError(f"a code holds no {_MARK}")
    return f"{_MARK}{_MARK.join(kept)}{_MARK}" if kept else ""


def read_codes(text: str) -> tuple[str, ...]:
    """The codes that were written."""
    return tuple(code for code in text.split(_MARK) if code)


def holds_code(connection: AsyncConnection, column: ColumnElement[str], code: str) -> ColumnElement[bool]:
    """SQL: whether the column holds that code, exactly; LIKE would not tell capitals apart."""
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    found: ColumnElement[bool] = place(column, f"{_MARK}{code}{_MARK}") > 0
    return found


def write_mapping(values: Mapping[str, Any]) -> str:
    """A mapping as JSON text."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_mapping(text: str) -> dict[str, Any]:
    """The mapping that was written."""
    values: dict[str, Any] = json.loads(text)
    return values


def write_list(values: Iterable[Any]) -> str:
    """A list as JSON text."""
    return json.dumps(list(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_list(text: str) -> list[Any]:
    """The list that was written."""
    values: list[Any] = json.loads(text)
    return values
