"""What a check of content has to say: findings with file and line."""

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: an error must not go live, a warning wants an editor's eye."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding, as a line that editors and their programs can follow.

    code and data: the same as facts, for those who have words of their own; empty where nobody has asked for them.
    """

    path: str
    line: int
    level: Level
    what: str
    code: str = field(default="", compare=False)
    data: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """The finding as compilers write theirs: file:line: level: what."""
        return f"{self.path}:{self.line}: {self.level}: {self.what}"


def error(path: str, line: int, what: str, code: str = "", **data: object) -> Finding:
    """A finding that must not go live."""
    return Finding(path, line, Level.ERROR, what, code, _facts(data))


def warning(path: str, line: int, what: str, code: str = "", **data: object) -> Finding:
    """A finding that wants an editor's eye."""
    return Finding(path, line, Level.WARNING, what, code, _facts(data))


def _facts(data: dict[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in data.items())
