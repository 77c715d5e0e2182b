"""Which case is open in a conversation: known by a receipt that was shown, and only for a short time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.inbox import Turn

TRACKED = "track"
OPEN_FOR = timedelta(minutes=30)
"""After so long a rest the receipt has to be shown again: others may use the phone."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The open case, and what the next text is for: nothing, a message, a corrected field."""

    case: str
    doing: str = ""


def tracked(turn: Turn) -> Tracked | None:
    """The case that is open; None where none is, or it has rested too long."""
    raw = turn.memory.get(TRACKED)
    if not isinstance(raw, dict) or datetime.fromisoformat(raw["until"]) < turn.now:
        return None
    return Tracked(raw["case"], raw["doing"])


def forget_rested(turn: Turn) -> None:
    """Forget a case that has rested too long: which account it was opened from is nobody's business any more."""
    if tracked(turn) is None:
        close(turn)


def keep_open(turn: Turn, case: str, doing: str = "") -> None:
    """Keep the case open for another while."""
    turn.memory[TRACKED] = {"case": case, "doing": doing, "until": (turn.now + OPEN_FOR).isoformat()}


def close(turn: Turn) -> None:
    """Forget which case was open."""
    turn.memory.pop(TRACKED, None)
