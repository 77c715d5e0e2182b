"""The figures by which the desk works; `complaints` in config.yaml sets them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class GuessLimits:
    """How fast receipts may be tried. Only wrong ones count; below the budgets nobody waits.

    per_hour: wrong tries from one source in an hour; beyond it the source tries once in `pace_seconds`.
    per_day: wrong tries from one source in a day; beyond it once in `slow_pace_seconds`.
    everywhere_per_hour: wrong tries from all sources; beyond it every source tries once in `slow_pace_seconds`.
    """

    per_hour: int = 10
    pace_seconds: int = 60
    per_day: int = 50
    slow_pace_seconds: int = 600
    everywhere_per_hour: int = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class FloodLimits:
    """How many filings are taken without a second look; what comes beyond is registered and held for the supervisor."""

    source_per_hour: int = 4
    source_per_day: int = 10
    everywhere_per_hour: int = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerLimits:
    """What one case takes from its worker."""

    messages_per_hour: int = 30
    message_characters: int = 2000
    files_per_case: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskNumbers:
    """All of them.

    regions: whose rules apply, widest first. ask_days: days after closing on which the worker is asked again what came
    of it, in order; on the last of them the case is listed for a call-back instead. places: names of areas (districts),
    which are no sites. bodies: codes of those to whom a matter may be passed on.
    """

    number_prefix: str = "HZ"
    receipt_hours: int = 24
    ask_days: tuple[int, ...] = (7, 30)
    regions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    guesses: GuessLimits = GuessLimits()
    floods: FloodLimits = FloodLimits()
    worker: WorkerLimits = WorkerLimits()
