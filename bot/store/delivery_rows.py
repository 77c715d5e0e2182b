"""Rows of the ledger as values and back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from bot.publishing.deliveries import Delivery, DeliveryEntry, DeliveryState, Kind
from bot.publishing.outcomes import Awaited
from bot.store.encoding import read_mapping, write_mapping
from bot.store.publishing_tables import DeliveryEntryRow, DeliveryRow

TABLE = DeliveryRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
ENTRIES = DeliveryEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time

_LONGEST: Mapping[str, int] = {"vendor_id": 255, "address": 500, "code": 64, "detail": 500, "by": 64}
_FIELDS = tuple(Delivery.__dataclass_fields__)


def columns(delivery: Delivery) -> dict[str, Any]:
    """The columns of a delivery."""
    return fitted({name: getattr(delivery, name) for name in _FIELDS})


def fitted(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a delivery as columns; what platforms say is cut to what fits. Raises TypeError for an unknown one."""
    unknown = fields.keys() - {*_FIELDS, "by"}
    if unknown:
        raise TypeError(f"a delivery has no {', '.join(sorted(unknown))}")
    return {name: _column(name, value) for name, value in fields.items()}


def _column(name: str, value: Any) -> Any:
    if name in _LONGEST:
        return value[: _LONGEST[name]]
    if name == "memory":
        return write_mapping(value)
    if name == "awaited":
        return value.value if value else ""
    return value.value if isinstance(value, Kind | DeliveryState) else value


def delivery_of(row: Row[Any]) -> Delivery:
    """The delivery of that row."""
    values = {name: getattr(row, name) for name in _FIELDS}
    values |= {
        "kind": Kind(row.kind),
        "state": DeliveryState(row.state),
        "awaited": Awaited(row.awaited) if row.awaited else None,
        "memory": read_mapping(row.memory),
    }
    return Delivery(**values)


def entry_of(row: Row[Any]) -> DeliveryEntry:
    """The line of the log of that row."""
    return DeliveryEntry(delivery=row.delivery, at=row.at, event=row.event, by=row.by, code=row.code, detail=row.detail)
