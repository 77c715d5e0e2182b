"""How codes, times and figures are shown to staff: labels from the wording, times of Shanghai."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from bot.clock import SHANGHAI
from bot.complaints.notices import WORDS_ONLY, StoredStaffNotice
from bot.complaints.quantities.ranges import Bounds
from bot.wording import Wording

FEN = 100
NOTHING = "—"
TONES = {
    "registered": "azure",
    "accepted": "blue",
    "declined": "secondary",
    "referred": "purple",
    "in_progress": "indigo",
    "awaiting_worker": "orange",
    "resolved": "teal",
    "followed_up": "green",
    "withdrawn": "secondary",
    "merged": "secondary",
}
"""The colour of each state's badge."""


class Words:
    """Makes words of codes and figures."""

    def __init__(self, wording: Wording, names: Mapping[str, Mapping[str, str]]) -> None:
        self._words = wording
        self._names = names

    def label(self, kind: str, code: object) -> str:
        """The word for a code: first among what the configuration names, then among the sentences; else the code."""
        text = str(code)
        named = self._names.get(kind, {}).get(text)
        if named:
            return named
        for key in (f"complaint.{kind}.{text}", f"console.{kind}.{text}"):
            if self._words.has(key):
                return self._words(key)
        return text or NOTHING

    def labels(self, kind: str) -> Mapping[str, str]:
        """Every code of a kind that the configuration names, with its word."""
        return self._names.get(kind, {})

    def due(self, on: date, today: date) -> str:
        """How far away a day is."""
        days = (on - today).days
        if days < 0:
            return self._words("console.due.over", days=-days)
        return self._words("console.due.left", days=days) if days else self._words("console.due.today")

    def notice(self, stored: StoredStaffNotice) -> str:
        """What a notice in the console says: in words of its own, else those of the letter, the number left out."""
        known = {name: stored.notice.data.get(name, "") for name in WORDS_ONLY}
        kind = stored.notice.kind
        for key in (f"console.notice.{kind}", f"notices.line.{kind}"):
            if self._words.has(key):
                return self._words(key, number="", **known).strip()
        return self._words("console.notice.other")

    def notice_page(self, stored: StoredStaffNotice) -> str:
        """The page below the console that a notice about a post or an entry leads to; empty where there is none."""
        data, kind = stored.notice.data, stored.notice.kind
        if data.get("delivery"):
            return f"/deliveries/{data['delivery']}"
        if data.get("post"):
            return f"/posts/{data['post']}"
        if data.get("entry"):
            return f"/knowledge/entries/{data['entry']}"
        return "/channels" if kind.startswith("post_") and data.get("channel") else ""

    def people(self, bounds: Bounds | None) -> str:
        """A number of people as a range."""
        return self._range(bounds, "people", 1)

    def money(self, bounds: Bounds | None) -> str:
        """A sum in yuan, of fen."""
        return self._range(bounds, "amount", FEN)

    def short(self, bounds: Bounds | None, unit: int = 1) -> str:
        """A range as a table shows it, the unit standing in the heading."""
        if bounds is None:
            return NOTHING
        low = _plain(bounds.low, unit)
        if bounds.high is None:
            return f"≥ {low}"
        high = _plain(bounds.high, unit)
        return low if low == high else f"{low}–{high}"

    def short_money(self, bounds: Bounds | None) -> str:
        """The same of fen, in yuan."""
        return self.short(bounds, FEN)

    def _range(self, bounds: Bounds | None, kind: str, unit: int) -> str:
        if bounds is None:
            return NOTHING
        low = _plain(bounds.low, unit)
        high = "" if bounds.high is None else _plain(bounds.high, unit)
        if not high:
            return self._words(f"complaint.{kind}.at_least", low=low, high=high)
        if low == high:
            return self._words(f"complaint.{kind}.exact", low=low, high=high)
        if not bounds.low:
            return self._words(f"complaint.{kind}.at_most", low=low, high=high)
        return self._words(f"complaint.{kind}.between", low=low, high=high)


def local(instant: datetime | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """An instant as the clock on the wall shows it."""
    return instant.astimezone(SHANGHAI).strftime(form) if instant else NOTHING


def day(on: date | None) -> str:
    """A day."""
    return on.isoformat() if on else NOTHING


def tone(state: object) -> str:
    """The colour of a state."""
    return TONES.get(str(state), "secondary")


def size(count: int) -> str:
    """A size in bytes as people read it."""
    kilo = 1024
    if count < kilo:
        return f"{count} B"
    return f"{count / kilo:.0f} KB" if count < kilo * kilo else f"{count / kilo / kilo:.1f} MB"


FILTERS: Mapping[str, Callable[..., str]] = {"local": local, "day": day, "tone": tone, "size": size}


def _plain(value: int, unit: int) -> str:
    return f"{value // unit:,}" if value % unit == 0 else f"{value / unit:,.2f}"
