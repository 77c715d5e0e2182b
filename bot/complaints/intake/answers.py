"""What has been answered, as values and as plain JSON. Texts are never in `repr`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from bot.complaints.cases import SaidDays, SaidQuantity


@dataclass(frozen=True, slots=True)
class Chosen:
    """Codes that were chosen, and what else the words told: the place behind a district."""

    codes: tuple[str, ...]
    said: str = field(default="", repr=False)

    @property
    def code(self) -> str:
        """The first code; empty where none was chosen."""
        return self.codes[0] if self.codes else ""


@dataclass(frozen=True, slots=True)
class Told:
    """Something in the worker's own words."""

    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """How to reach the worker."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    other: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Files:
    """Ids of the files that were sent."""

    ids: tuple[str, ...]


Answer = Chosen | Told | SaidDays | SaidQuantity | Contact | Files


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The answer as a JSON object; `answer_from_json` gives an equal answer back."""
    values = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(answer).items()}
    return {"is": _NAMES[type(answer)], **{n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}}


def answer_from_json(raw: Mapping[str, Any]) -> Answer:
    """The answer that the object holds. Raises KeyError, TypeError or ValueError for anything else."""
    return _MAKERS[raw["is"]]({name: value for name, value in raw.items() if name != "is"})


def _days(raw: Mapping[str, Any]) -> SaidDays:
    days = {name: value and date.fromisoformat(value) for name, value in raw.items() if name != "said"}
    return SaidDays(said=raw["said"], **days)


_NAMES: Mapping[type, str] = {
    Chosen: "chosen",
    Told: "told",
    SaidDays: "days",
    SaidQuantity: "quantity",
    Contact: "contact",
    Files: "files",
}
_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Answer]] = {
    "chosen": lambda raw: Chosen(tuple(raw["codes"]), raw["said"]),
    "told": lambda raw: Told(raw["text"]),
    "days": _days,
    "quantity": lambda raw: SaidQuantity(**raw),
    "contact": lambda raw: Contact(**raw),
    "files": lambda raw: Files(tuple(raw["ids"])),
}
