"""The live FAQ base as the answering side sees it: parsed entries at one revision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.answers.entries import Entry, parse_entry


@dataclass(frozen=True, slots=True)
class FaqBase:
    """The entries of one revision, by topic. `revision` is a digest of their texts.

    confirmed_on: when the federation's own legal staff confirmed what an entry says now; no day: they have not. It is
    no part of the revision, as an index does not depend on it.
    """

    entries: Mapping[str, Entry]
    revision: str
    confirmed_on: Mapping[str, date] = field(default_factory=dict)

    def served(self, regions: Sequence[str], on: date) -> dict[str, Entry]:
        """The entries that may be served in these regions that day."""
        return {
            topic: entry for topic, entry in self.entries.items() if entry.region in regions and entry.is_effective(on)
        }

    def by_category(self, topics: Iterable[str]) -> dict[str, list[Entry]]:
        """Those entries grouped by category, both in alphabetical order of their ids."""
        groups: dict[str, list[Entry]] = {}
        for topic in sorted(topics):
            entry = self.entries[topic]
            groups.setdefault(entry.category, []).append(entry)
        return groups


def make_base(sources: Mapping[str, str], revision: str, confirmed_on: Mapping[str, date] | None = None) -> FaqBase:
    """Parse the texts of a base. Raises ContentError when one of them is faulty."""
    return FaqBase(
        {topic: parse_entry(source, topic) for topic, source in sources.items()}, revision, confirmed_on or {}
    )
