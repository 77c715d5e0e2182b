"""Reading `content/complaints/deadlines.yaml` and `limits.yaml` into the values that the rules work with.

Every fault is reported at once, with the file and the id of the rule, in the words of the value that refused it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar

from bot.complaints.clocks.rules import (
    Approval,
    Certainty,
    ClockRule,
    Extension,
    Kind,
    PauseReason,
    RestartReason,
    RuleTable,
    Start,
    Unit,
)
from bot.complaints.limits.rules import Claim, Count, LimitTable, Note, Period, Route, RouteRule
from bot.complaints.yaml_file import read_yaml
from bot.errors import ContentError

_Code = TypeVar("_Code", bound=StrEnum)
_Item = TypeVar("_Item")
_HEAD = frozenset({"reviewed_on"})


def load_clock_rules(path: Path) -> RuleTable:
    """The rules of clocks. Raises ContentError with every fault."""
    value = _document(path, {"rules"})
    faults: list[str] = []
    rules = list(_items(value["rules"], _clock_rule, f"{path}: rules", faults))
    if not faults:
        try:
            return RuleTable(rules)
        except (ValueError, TypeError) as error:
            faults.append(f"{path}: {error}")
    raise ContentError(faults)


def load_limit_rules(path: Path) -> LimitTable:
    """The limits that the law sets workers. Raises ContentError with every fault."""
    value = _document(path, {"periods", "claims"})
    faults: list[str] = []
    periods = list(_items(value["periods"], _period, f"{path}: periods", faults))
    claims = list(_items(value["claims"], _claim, f"{path}: claims", faults))
    if not faults:
        try:
            return LimitTable(periods, claims)
        except (ValueError, TypeError) as error:
            faults.append(f"{path}: {error}")
    raise ContentError(faults)


def _document(path: Path, lists: set[str]) -> dict[str, Any]:
    value = read_yaml(path)
    if not isinstance(value, dict) or any(not isinstance(value.get(name), list) for name in lists):
        raise ContentError([f"{path}: must be a mapping with the list {' and '.join(sorted(lists))}"])
    if unknown := sorted(map(str, set(value) - lists - _HEAD)):
        raise ContentError([f"{path}: unknown field {', '.join(unknown)}"])
    return value


def _items(
    raw: list[Any], make: Callable[[Mapping[str, Any]], _Item], where: str, faults: list[str]
) -> Iterator[_Item]:
    for number, item in enumerate(raw, 1):
        name = item.get("id", number) if isinstance(item, dict) else number
        try:
            if not isinstance(item, dict):
                raise TypeError("must be a mapping")  # noqa: TRY301 - one place collects all faults
            yield make(item)
        except (ValueError, TypeError) as error:
            faults.append(f"{where}: {name}: {str(error).removeprefix(f'{name}: ')}")


def _clock_rule(raw: Mapping[str, Any]) -> ClockRule:
    _known(raw, (field.name for field in fields(ClockRule)))
    return ClockRule(
        id=_value(raw, "id", str),
        kind=_code(raw, "kind", Kind),
        title=_value(raw, "title", str),
        about=_value(raw, "about", str),
        count=_value(raw, "count", int),
        unit=_code(raw, "unit", Unit),
        start=_code(raw, "start", Start),
        warn_share=_value(raw, "warn_share", float),
        valid_from=_value(raw, "valid_from", date),
        valid_to=_value(raw, "valid_to", date, NoneType),
        region=_value(raw, "region", str, default=""),
        certainty=_code(raw, "certainty", Certainty, default=Certainty.HIGH),
        citations=_texts(raw, "citations"),
        source=_value(raw, "source", str, default=""),
        extension=_extension(raw.get("extension")),
        pauses=frozenset(_codes(raw, "pauses", PauseReason)),
        restarts=frozenset(_codes(raw, "restarts", RestartReason)),
        moves=_texts(raw, "moves"),
        within=_value(raw, "within", str, default=""),
        note=_value(raw, "note", str, default=""),
    )


def _extension(raw: Any) -> Extension | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise TypeError("extension must name approval and, where there is a figure, most")
    _known(raw, ("approval", "most"))
    return Extension(_code(raw, "approval", Approval), _value(raw, "most", int, NoneType))


def _period(raw: Mapping[str, Any]) -> Period:
    _known(raw, (field.name for field in fields(Period)))
    return Period(
        id=_code(raw, "id", Route),
        title=_value(raw, "title", str),
        years=_value(raw, "years", int),
        soon_days=_value(raw, "soon_days", int),
        citations=_texts(raw, "citations"),
        interruption=_texts(raw, "interruption"),
        suspension=_texts(raw, "suspension"),
        hindrances=frozenset(_codes(raw, "hindrances", PauseReason)),
        moves=_texts(raw, "moves"),
    )


def _claim(raw: Mapping[str, Any]) -> Claim:
    _known(raw, (field.name for field in fields(Claim)))
    routes = raw.get("routes")
    if not isinstance(routes, list):
        raise TypeError("routes must be a list, [] when none of them has a limit")
    return Claim(
        id=_value(raw, "id", str),
        title=_value(raw, "title", str),
        routes=tuple(_route_rule(route) for route in routes),
        citations=_texts(raw, "citations"),
        notes=tuple(_codes(raw, "notes", Note)),
    )


def _route_rule(raw: Any) -> RouteRule:
    if not isinstance(raw, dict):
        raise TypeError("a route names route, count, citations and notes")
    _known(raw, (field.name for field in fields(RouteRule)))
    return RouteRule(
        route=_code(raw, "route", Route),
        count=_code(raw, "count", Count),
        citations=_texts(raw, "citations"),
        notes=tuple(_codes(raw, "notes", Note)),
    )


def _known(raw: Mapping[str, Any], names: Iterable[str]) -> None:
    if unknown := sorted(map(str, set(raw) - set(names))):
        raise ValueError(f"unknown field {', '.join(unknown)}")


def _value(raw: Mapping[str, Any], name: str, *types: type, default: Any = None) -> Any:
    value = raw.get(name, default)
    if type(value) not in types:
        raise TypeError(f"{name} must be of type {types[0].__name__}, not {value!r}")
    return value


def _code(raw: Mapping[str, Any], name: str, codes: type[_Code], default: _Code | None = None) -> _Code:
    value = raw.get(name, default)
    if value not in list(codes):
        raise ValueError(f"{name} must be one of {', '.join(codes)}, not {value!r}")
    return codes(value)


def _codes(raw: Mapping[str, Any], name: str, codes: type[_Code]) -> Iterator[_Code]:
    for value in _texts(raw, name):
        yield _code({name: value}, name, codes)


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{name} must be a list of texts")
    return tuple(value)
