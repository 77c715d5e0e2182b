"""What a check of content has to say: findings with file and line."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: an error must not go live, a warning wants an editor's eye."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding, as a line that editors and their programs can follow."""

    path: str
    line: int
    level: Level
    what: str

    def __str__(self) -> str:
        """The finding as compilers write theirs: file:line: level: what."""
        return f"{self.path}:{self.line}: {self.level}: {self.what}"


def error(path: str, line: int, what: str) -> Finding:
    """A finding that must not go live."""
    return Finding(path, line, Level.ERROR, what)


def warning(path: str, line: int, what: str) -> Finding:
    """A finding that wants an editor's eye."""
    return Finding(path, line, Level.WARNING, what)
