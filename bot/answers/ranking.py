"""Ranking, first slice: BM25 over character uni- and bigrams, one document a topic."""

import math
from collections import Counter
from collections.abc import Mapping

from bot.answers.base import FaqBase
from bot.answers.ports import Ranked
from bot.answers.text import normalise

_K1, _B = 1.2, 0.75
MOST_RANKED = 10


def grams(text: str) -> list[str]:
    """Character uni- and bigrams of the normalised text."""
    text = normalise(text)
    return [*text, *(text[i : i + 2] for i in range(len(text) - 1))]


class LexicalRanker:
    """BM25 over character uni- and bigrams: the floor that needs no encoder."""

    def __init__(self, base: FaqBase) -> None:
        self.revision = base.revision
        self._counts = {
            topic: Counter(g for part in (e.title, *e.ask, e.short) for g in grams(part))
            for topic, e in base.entries.items()
        }
        self._lengths = {topic: counts.total() for topic, counts in self._counts.items()}
        self._average = sum(self._lengths.values()) / max(1, len(self._lengths))
        found = Counter(g for counts in self._counts.values() for g in counts)
        n = len(self._counts)
        self._idf = {g: math.log(1 + (n - df + 0.5) / (df + 0.5)) for g, df in found.items()}

    def rank(self, question: str, allowed: Mapping[str, object]) -> Ranked:
        """The allowed topics for this question, best first, at most ten."""
        wanted = Counter(grams(question))
        scores = {topic: self._score(topic, wanted) for topic in self._counts if topic in allowed}
        best = sorted(scores, key=lambda topic: -scores[topic])[:MOST_RANKED]
        if not best or scores[best[0]] <= 0:
            return Ranked((), (), 0.0, 0.0)
        total = sum(math.exp(scores[t] - scores[best[0]]) for t in best)
        shares = tuple(math.exp(scores[t] - scores[best[0]]) / total for t in best)
        return Ranked(tuple(best), shares, shares[0], 1.0)

    def _score(self, topic: str, wanted: Counter[str]) -> float:
        counts, length = self._counts[topic], self._lengths[topic] / self._average
        return sum(
            n * self._idf[g] * counts[g] * (_K1 + 1) / (counts[g] + _K1 * (1 - _B + _B * length))
            for g, n in wanted.items()
            if g in counts
        )
