"""Plain alternatives to our ranking, each tried at every setting, on the same content.

A rival gives scores: a row a question, a column a topic, minus infinity for topics that it does
not find. Full-text search of a database is handed in, since queries live in `bot.store`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.answers.encoders import Vectors
from bot.answers.entries import Entry
from bot.answers.index import centre, training_texts
from bot.answers.text import normalise
from bot.answers.training import fit_dense_topics

Scores = NDArray[np.float64]
Ints = NDArray[np.int64]
Tokenize = Callable[[str], list[str]]

K1 = (0.4, 0.8, 1.2, 1.6, 2.0, 3.0)
B = (0.0, 0.25, 0.5, 0.75, 1.0)
STRENGTHS = (0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Content:
    """What every rival is given: what the entries say, by topic, and the questions."""

    topics: tuple[str, ...]
    phrasings: tuple[str, ...]
    owners: Ints
    bodies: tuple[str, ...]
    questions: tuple[str, ...]
    layouts: Mapping[str, tuple[Sequence[str], Ints]] = field(init=False)

    def __post_init__(self) -> None:
        """Lay the texts out as documents in every way worth trying."""
        each = np.arange(len(self.topics))
        joined = ["\n".join(np.array(self.phrasings, object)[self.owners == i]) for i in each]
        whole = [f"{asked}\n{body}" for asked, body in zip(joined, self.bodies, strict=True)]
        layouts = {
            "titles and phrasings": (joined, each),
            "titles, phrasings and bodies": (whole, each),
            "nearest phrasing": (self.phrasings, self.owners),
        }
        object.__setattr__(self, "layouts", layouts)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A rival at one setting."""

    rival: str
    setting: str
    scores: Scores


class FullText(Protocol):
    """Full-text search over numbered documents."""

    def search(self, terms: Sequence[str], most: int) -> list[tuple[int, float]]:
        """Documents with any of the terms and their scores, the greater the better."""
        ...


OpenFullText = Callable[[Sequence[str], str], FullText]


def make_content(entries: Mapping[str, Entry], questions: Sequence[str]) -> Content:
    """The texts of the entries, normalised as our ranking has them; the questions are that already."""
    topics = tuple(sorted(entries))
    texts = [training_texts(entries[topic]) for topic in topics]
    return Content(
        topics=topics,
        phrasings=tuple(text for part in texts for text in part),
        owners=np.repeat(np.arange(len(topics)), [len(part) for part in texts]),
        bodies=tuple(normalise(_body(entries[topic])) for topic in topics),
        questions=tuple(questions),
    )


def bm25_attempts(rival: str, content: Content, tokenize: Tokenize) -> Iterator[Attempt]:
    """BM25 with every layout, over a grid of its two parameters."""
    asked = [tokenize(question) for question in content.questions]
    for layout, (documents, owners) in content.layouts.items():
        counts, queries = _counted([tokenize(document) for document in documents], asked)
        nearest = len(documents) > len(content.topics)
        grid = product((0.8, 1.6), (0.25, 0.75)) if nearest else product(K1, B)  # far more documents
        for k1, b in grid:
            scores = np.asarray((queries @ _bm25_weights(counts, k1, b).T).todense(), np.float64)
            best = _best_of_topic(np.where(scores > 0, scores, -np.inf), owners, len(content.topics))
            yield Attempt(rival, f"{layout}, k1={k1}, b={b}", best)


def full_text_attempts(
    rival: str, content: Content, open_table: OpenFullText, tokenizer: str, tokenize: Tokenize | None
) -> Iterator[Attempt]:
    """Full-text search for any of a question's terms: trigrams, or text that was cut beforehand."""
    for layout, (documents, owners) in content.layouts.items():
        cut = [" ".join(tokenize(text)) for text in documents] if tokenize else documents
        table = open_table(cut, tokenizer)
        scores = np.full((len(content.questions), len(content.topics)), -np.inf)
        for row, question in enumerate(content.questions):
            terms = sorted(set(tokenize(question) if tokenize else _trigrams(question)))
            for document, score in table.search(terms, len(documents)):
                column = owners[document]
                scores[row, column] = max(scores[row, column], score)
        yield Attempt(rival, layout, scores)


def encoder_attempts(rival: str, content: Content, phrasings: Vectors, questions: Vectors) -> Iterator[Attempt]:
    """An encoder alone: nearest phrasing, centroids, and a linear model of several strengths."""
    n = len(content.topics)
    mean = phrasings.mean(axis=0)
    for name, vectors, asked in (
        ("plain", phrasings, questions),
        ("centred", centre(phrasings, mean), centre(questions, mean)),
    ):
        near = (asked @ vectors.T).astype(np.float64)
        yield Attempt(rival, f"nearest phrasing, {name}", _best_of_topic(near, content.owners, n))
        sums = np.stack([vectors[content.owners == i].sum(axis=0) for i in range(n)])
        yield Attempt(rival, f"centroids, {name}", asked @ (sums / np.linalg.norm(sums, axis=1, keepdims=True)).T)
    for strength in STRENGTHS:
        model = fit_dense_topics(centre(phrasings, mean), content.owners, n, strength)
        scores = centre(questions, mean) @ model.weights + model.bias
        yield Attempt(rival, f"linear model, C={strength:g}", scores.astype(np.float64))


def _body(entry: Entry) -> str:
    return "\n".join([entry.short, *(section.text for section in entry.sections)])


def _trigrams(text: str) -> list[str]:
    return [text[i : i + 3] for i in range(len(text) - 2)]


def _counted(documents: Sequence[Sequence[str]], queries: Sequence[Sequence[str]]) -> tuple[Any, Any]:
    """How often each term stands in documents and queries: two sparse matrices, a column a term."""
    columns = {term: i for i, term in enumerate(dict.fromkeys(t for document in documents for t in document))}
    return _matrix(documents, columns), _matrix(queries, columns)


def _matrix(texts: Sequence[Sequence[str]], columns: Mapping[str, int]) -> Any:
    counts = [Counter(columns[term] for term in text if term in columns) for text in texts]
    starts = np.cumsum([0, *(len(counter) for counter in counts)])
    indices = np.array([column for counter in counts for column in counter], np.int64)
    values = np.array([n for counter in counts for n in counter.values()], np.float64)
    return csr_matrix((values, indices, starts), shape=(len(texts), len(columns)))


def _bm25_weights(counts: Any, k1: float, b: float) -> Any:
    """The weight of each term in each document."""
    n, terms = counts.shape
    found = np.bincount(counts.indices, minlength=terms)
    idf = np.log(1 + (n - found + 0.5) / (found + 0.5))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    relative = np.repeat(lengths / max(1e-9, lengths.mean()), np.diff(counts.indptr))
    data = idf[counts.indices] * counts.data * (k1 + 1) / (counts.data + k1 * (1 - b + b * relative))
    return csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def _best_of_topic(scores: Scores, owners: Ints, topics: int) -> Scores:
    """The best document of each topic; documents of one topic stand together."""
    starts = np.searchsorted(owners, np.arange(topics))
    result: Scores = np.maximum.reduceat(scores, starts, axis=1)
    return result
