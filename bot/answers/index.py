"""The index of one base: what ranking needs, built from the entries and the lexicon.

Building encodes every phrasing (known vectors come from the cache) and fits the linear models;
`index_files` keeps the result on disk.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.base import FaqBase
from bot.answers.encoders import Encoder
from bot.answers.entries import Entry
from bot.answers.lexical import Bm25, Vectorizer, grams
from bot.answers.nearest import Nearest
from bot.answers.networks import Networks
from bot.answers.segment import Segmenter
from bot.answers.text import normalise
from bot.answers.training import MOST_TOPICS_FITTED, Linear, fit_dense_topics, fit_gate, fit_term_topics
from bot.answers.vectors import VectorCache

Floats = NDArray[np.float32]
Progress = Callable[[int, int], object]

FORMAT = 8
FEWEST_TOPICS_FITTED = 2
OPEN_GATE = 5.0
SOMETIMES = 1
BM25_GRAM = 2


@dataclass(frozen=True, slots=True)
class Dense:
    """What one encoder contributes: its mean vector, the topic model and the gate; and its phrasings, if they count.

    rival: whether the gate's score is that of other matters taken for one more topic, fitted along with the rest,
    and not log odds by itself. Then the odds are those of all topics together against it: what resembles one small
    topic is let in, even if most of what resembles it a little is of other matters.
    """

    mean: Floats
    topics: Linear
    gate: Linear
    rival: bool = False
    nearest: Nearest | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that ranking needs of one base. `slow` is None until its vectors are ready.

    asked: how often each topic is asked about, from 0. together: what reads the vectors of both encoders at once.
    """

    fingerprint: str
    revision: str
    topics: tuple[str, ...]
    grams: Vectorizer
    gram_topics: Linear | None
    gram_gate: Linear
    words: Vectorizer
    word_topics: Linear | None
    characters: Bm25
    asked: Floats
    fast: Dense | None
    slow: Dense | None
    together: Networks | None = None


@dataclass(frozen=True, slots=True)
class Materials:
    """What an index is built from besides the base: questions on other matters, words.

    `correct` mends slips of the pen in a normalised question; phrasings keep theirs, since they
    are there to be learned from. `asked` says how often topics are asked about, where somebody said so.
    """

    other_matters: tuple[str, ...]
    segmenter: Segmenter
    correct: Callable[[str], str]
    digest: str
    asked: Mapping[str, int] = field(default_factory=dict)


def fingerprint(base: FaqBase, materials: Materials, encoders: Sequence[Encoder]) -> str:
    """Names an index by all that it depends on."""
    parts = [str(FORMAT), base.revision, materials.digest, *(encoder.fingerprint for encoder in encoders)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def training_texts(entry: Entry) -> list[str]:
    """What an entry teaches: its title and its phrasings, normalised."""
    return [normalise(text) for text in (entry.title, *entry.ask)]


@dataclass(frozen=True, slots=True)
class Encoders:
    """The encoders an index is built with, and the folder where their vectors are kept."""

    fast: Encoder | None = None
    slow: Encoder | None = None
    cache: Path | None = None

    def all(self) -> list[Encoder]:
        """Those that are there, the fast one first."""
        return [encoder for encoder in (self.fast, self.slow) if encoder is not None]


def build_index(base: FaqBase, materials: Materials, encoders: Encoders, progress: Progress | None = None) -> Index:
    """Build the index of a base; vectors already known are taken from the cache."""
    topics = tuple(sorted(base.entries))
    lessons = _lessons(base, topics, materials)
    texts = lessons.texts
    own = len(lessons.owners)
    own_words = [materials.segmenter.words(text) for text in texts[:own]]
    gram_vectors, word_vectors = Vectorizer.fit(map(grams, texts)), Vectorizer.fit(own_words, keep_rare=True)
    features = gram_vectors.many(map(grams, texts))
    few = FEWEST_TOPICS_FITTED <= len(topics) <= MOST_TOPICS_FITTED
    documents = [_document(base.entries[topic]) for topic in topics]
    vectors = {e.name: _vectors(encoders, e, texts, progress) for e in encoders.all()}
    dense = {e.name: _dense(vectors[e.name], lessons, len(topics), keep=e is encoders.slow) for e in encoders.all()}
    return Index(
        fingerprint=fingerprint(base, materials, encoders.all()),
        revision=base.revision,
        topics=topics,
        grams=gram_vectors,
        gram_topics=fit_term_topics(features[:own], lessons.owners, len(topics)) if few else None,
        gram_gate=_gate(features, lessons),
        words=word_vectors,
        word_topics=_word_topics(word_vectors, own_words, lessons, len(topics)) if few else None,
        characters=Bm25.build([grams(document, BM25_GRAM) for document in documents]),
        asked=np.array([materials.asked.get(topic, SOMETIMES) for topic in topics], np.float32),
        fast=dense[encoders.fast.name] if encoders.fast else None,
        slow=dense[encoders.slow.name] if encoders.slow else None,
        together=_together(vectors, dense, encoders, lessons) if few else None,
    )


@dataclass(frozen=True, slots=True)
class _Lessons:
    """The texts to learn from, those on other matters last; `owners` numbers the topic of each."""

    texts: list[str]
    owners: NDArray[np.int64]

    @property
    def inside(self) -> NDArray[np.bool_]:
        return np.arange(len(self.texts)) < len(self.owners)


def _word_topics(vectors: Vectorizer, texts: Sequence[Sequence[str]], lessons: _Lessons, topics: int) -> Linear | None:
    if not vectors.vocabulary:  # nothing but stop words: there is nothing to learn from
        return None
    return fit_term_topics(vectors.many(texts), lessons.owners, topics)


def _lessons(base: FaqBase, topics: Sequence[str], materials: Materials) -> _Lessons:
    texts: list[str] = []
    owners: list[int] = []
    for number, topic in enumerate(topics):
        own = training_texts(base.entries[topic])
        texts += own
        owners += [number] * len(own)
    texts += [normalise(text) for text in materials.other_matters]
    return _Lessons(texts, np.array(owners, np.int64))


def _document(entry: Entry) -> str:
    parts = [entry.title, *entry.ask, entry.short, *(section.text for section in entry.sections)]
    return "\n".join(parts)


def _vectors(encoders: Encoders, encoder: Encoder, texts: Sequence[str], progress: Progress | None) -> Floats:
    if encoders.cache is None:
        return encoder.encode(texts)
    cache = VectorCache(encoders.cache, encoder)
    vectors = cache.get(texts, progress)
    cache.keep_only(texts)
    return vectors


def _dense(vectors: Floats, lessons: _Lessons, topics: int, *, keep: bool) -> Dense:
    own = len(lessons.owners)
    mean = vectors[:own].mean(axis=0) if own else np.zeros(vectors.shape[1], np.float32)
    centred = centre(vectors, mean)
    nearest = Nearest.build(centred[:own], lessons.owners, topics) if keep else None
    if topics < FEWEST_TOPICS_FITTED:
        silent = Linear(np.zeros((vectors.shape[1], topics), np.float32), np.zeros(topics, np.float32))
        return Dense(mean, silent, _gate(centred, lessons), nearest=nearest)
    if lessons.inside.all() or topics >= MOST_TOPICS_FITTED:  # other matters are one more
        model = fit_dense_topics(centred[:own], lessons.owners, topics)
        return Dense(mean, model, _gate(centred, lessons), nearest=nearest)
    owners = np.append(lessons.owners, np.full(len(centred) - own, topics))
    joint = fit_dense_topics(centred, owners, topics + 1)
    return Dense(mean, joint.part(0, topics), joint.part(topics, topics + 1), rival=True, nearest=nearest)


def _together(
    vectors: Mapping[str, Floats], dense: Mapping[str, Dense], encoders: Encoders, lessons: _Lessons
) -> Networks | None:
    if encoders.fast is None or encoders.slow is None:
        return None
    own = len(lessons.owners)
    names = (encoders.fast.name, encoders.slow.name)
    features = np.hstack([centre(vectors[name][:own], dense[name].mean) for name in names])
    return Networks.fit(features, lessons.owners)


def _gate(features: Any, lessons: _Lessons) -> Linear:
    inside = lessons.inside
    if inside.all() or not inside.any():  # nothing to tell apart: everything counts as inside
        return Linear(np.zeros((features.shape[1], 1), np.float32), np.full(1, OPEN_GATE, np.float32))
    return fit_gate(features, inside)


def centre(vectors: Floats, mean: Floats) -> Floats:
    """Vectors with the mean taken off, of length one again: what they share tells nothing apart."""
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=-1, keepdims=True)
    result: Floats = (moved / np.maximum(lengths, 1e-9)).astype(np.float32)
    return result
