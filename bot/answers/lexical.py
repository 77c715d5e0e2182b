"""Lexical scoring: vectors of terms (characters' n-grams, words) and BM25, over numpy arrays.

Built once with the index, asked many times: a query touches only the postings of its own terms.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.text import normalise

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

_K1, _B = 1.2, 0.75
_LONGEST_GRAM = 3

LARGEST_TABLE = 20_000_000
"""Cells: eighty megabytes."""


def grams(text: str, longest: int = _LONGEST_GRAM) -> list[str]:
    """All runs of one to `longest` characters of the normalised text."""
    text = normalise(text).replace(" ", "")
    return [text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)]


@dataclass(frozen=True, slots=True)
class Vectorizer:
    """TF-IDF vectors of texts given as their terms: sublinear counts, length one."""

    vocabulary: Mapping[str, int]
    idf: Floats

    @classmethod
    def fit(cls, texts: Iterable[Iterable[str]], *, keep_rare: bool = False) -> "Vectorizer":
        """Learn the vocabulary; a term of several characters that stands in one text only is left out unless kept."""
        found: Counter[str] = Counter()
        number = 0
        for text in texts:  # one after the other: all terms of all texts together would take fifty megabytes
            found.update(set(text))
            number += 1
        kept = sorted(term for term, n in found.items() if keep_rare or n > 1 or len(term) == 1)
        idf = np.array([math.log((1 + number) / (1 + found[term])) + 1 for term in kept], np.float32)
        return cls({term: i for i, term in enumerate(kept)}, idf)

    def one(self, terms: Iterable[str]) -> tuple[Ints, Floats]:
        """The vector of one text: the columns that are not zero, and their values."""
        counts = Counter(self.vocabulary[term] for term in terms if term in self.vocabulary)
        if not counts:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        columns = np.fromiter(counts, np.int32, len(counts))
        values = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(values)) * self.idf[columns]
        return columns, (values / np.linalg.norm(values)).astype(np.float32)

    def many(self, texts: Iterable[Iterable[str]]) -> Any:
        """The vectors of texts as a scipy CSR matrix, one row a text."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - only building needs it, and it loads slowly

        rows = [self.one(text) for text in texts]
        starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([c for c, _ in rows]) if rows else np.zeros(0, np.int32)
        values = np.concatenate([v for _, v in rows]) if rows else np.zeros(0, np.float32)
        return csr_matrix((values, columns, starts), shape=(len(rows), len(self.idf)))


@dataclass(frozen=True, slots=True)
class Bm25:
    """BM25 over one document a topic; document weights are worked out beforehand."""

    terms: Mapping[str, int]
    starts: Ints
    topics: Ints
    weights: Floats
    size: int
    table: Floats | None = None

    @classmethod
    def build(cls, documents: Sequence[Iterable[str]], k1: float = _K1, b: float = _B) -> "Bm25":
        """Index documents given as their terms."""
        counts = [Counter(document) for document in documents]
        lengths = np.array([max(1, c.total()) for c in counts], np.float64)
        lengths /= lengths.mean() if len(lengths) else 1
        postings: dict[str, list[tuple[int, int]]] = {}
        for topic, counter in enumerate(counts):
            for term, n in counter.items():
                postings.setdefault(term, []).append((topic, n))
        starts, topics, weights = [0], [], []
        for pairs in postings.values():
            idf = math.log(1 + (len(counts) - len(pairs) + 0.5) / (len(pairs) + 0.5))
            for topic, n in pairs:
                topics.append(topic)
                weights.append(idf * n * (k1 + 1) / (n + k1 * (1 - b + b * lengths[topic])))
            starts.append(len(topics))
        return cls(
            {term: i for i, term in enumerate(postings)},
            np.array(starts, np.int32),
            np.array(topics, np.int32),
            np.array(weights, np.float32),
            len(counts),
        )

    def scores(self, terms: Iterable[str]) -> Floats:
        """One score a topic."""
        rows, counts = self._known(terms)
        if not rows:
            return np.zeros(self.size, np.float32)
        if self.table is not None:
            result: Floats = np.array(counts, np.float32) @ self.table[rows]
            return result
        result = np.zeros(self.size, np.float32)
        for row, n in zip(rows, counts, strict=True):
            part = slice(self.starts[row], self.starts[row + 1])
            result[self.topics[part]] += self.weights[part] * n
        return result

    def _known(self, terms: Iterable[str]) -> tuple[list[int], list[int]]:
        """The rows of the terms that stand in some document, and how often each counts."""
        counted = [(self.terms[term], min(n, 2)) for term, n in Counter(terms).items() if term in self.terms]
        return [row for row, _ in counted], [n for _, n in counted]

    def unrolled(self) -> "Bm25":
        """The same with a table of terms by topics, ten times as fast, where that table is small."""
        if len(self.terms) * self.size > LARGEST_TABLE:
            return self
        table = np.zeros((len(self.terms), self.size), np.float32)
        rows = np.repeat(np.arange(len(self.terms)), np.diff(self.starts))
        table[rows, self.topics] = self.weights
        return replace(self, table=table)
