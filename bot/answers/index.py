"""The index of one base: built from its entries, kept on disk, loaded in a blink.

It is a cache in the data folder: a folder of numpy arrays and one JSON file, named by a
fingerprint of everything it was built from (entries, lexicon, encoders, this format), so it can
be deleted at any time and a stale one is never loaded.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.base import FaqBase
from bot.answers.encoders import Encoder
from bot.answers.entries import Entry
from bot.answers.lexical import Bm25, GramVectorizer, grams
from bot.answers.segment import Segmenter
from bot.answers.text import normalise
from bot.answers.training import MOST_TOPICS_FITTED, Linear, fit_gate, fit_topics
from bot.answers.vectors import VectorCache

Floats = NDArray[np.float32]

FORMAT = 3
GRAM_STRENGTH, VECTOR_STRENGTH = 5.0, 3.0
BM25_GRAM = 2


@dataclass(frozen=True, slots=True)
class Dense:
    """What one encoder contributes: its mean vector, the topic model and the gate."""

    mean: Floats
    topics: Linear
    gate: Linear


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that ranking needs of one base. `slow` is None until its vectors are ready."""

    fingerprint: str
    revision: str
    topics: tuple[str, ...]
    vectorizer: GramVectorizer
    gram_topics: Linear | None
    gram_gate: Linear
    characters: Bm25
    words: Bm25
    fast: Dense | None
    slow: Dense | None


@dataclass(frozen=True, slots=True)
class Materials:
    """What an index is built from besides the base: questions on other matters, words."""

    other_matters: tuple[str, ...]
    segmenter: Segmenter
    digest: str


def fingerprint(base: FaqBase, materials: Materials, encoders: Sequence[Encoder]) -> str:
    """Names an index by all that it depends on."""
    parts = [str(FORMAT), base.revision, materials.digest, *(encoder.fingerprint for encoder in encoders)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def training_texts(entry: Entry) -> list[str]:
    """What an entry teaches: its title and its phrasings, normalised."""
    return [normalise(text) for text in (entry.title, *entry.ask)]


def build_index(
    base: FaqBase,
    materials: Materials,
    fast: Encoder | None,
    slow: Encoder | None,
    vectors: Path,
    progress: Callable[[int, int], object] | None = None,
) -> Index:
    """Build the index of a base; vectors already known are taken from the folder `vectors`."""
    topics = tuple(sorted(base.entries))
    texts, owners = [], []
    for number, topic in enumerate(topics):
        for text in training_texts(base.entries[topic]):
            texts.append(text)
            owners.append(number)
    rows = np.array(owners)
    others = [normalise(text) for text in materials.other_matters]
    inside = np.array([True] * len(texts) + [False] * len(others))
    vectorizer = GramVectorizer.fit(texts + others)
    features = vectorizer.many(texts + others)
    few = 2 <= len(topics) <= MOST_TOPICS_FITTED
    documents = [_document(base.entries[topic]) for topic in topics]
    dense = {
        encoder.name: _dense(VectorCache(vectors, encoder), texts, others, rows, len(topics), progress)
        for encoder in (fast, slow)
        if encoder is not None
    }
    return Index(
        fingerprint=fingerprint(base, materials, [e for e in (fast, slow) if e]),
        revision=base.revision,
        topics=topics,
        vectorizer=vectorizer,
        gram_topics=fit_topics(features[: len(texts)], rows, len(topics), GRAM_STRENGTH) if few else None,
        gram_gate=_gate(features, inside),
        characters=Bm25.build([grams(document, BM25_GRAM) for document in documents]),
        words=Bm25.build([materials.segmenter.words(document) for document in documents]),
        fast=dense.get(fast.name) if fast else None,
        slow=dense.get(slow.name) if slow else None,
    )


def _document(entry: Entry) -> str:
    parts = [entry.title, *entry.ask, entry.short, *(section.text for section in entry.sections)]
    return "\n".join(parts)


def _dense(
    cache: VectorCache,
    texts: Sequence[str],
    others: Sequence[str],
    owners: Any,
    topics: int,
    progress: Callable[[int, int], object] | None,
) -> Dense:
    vectors = cache.get([*texts, *others], progress)
    cache.keep_only([*texts, *others])
    mean = vectors[: len(texts)].mean(axis=0) if texts else np.zeros(vectors.shape[1], np.float32)
    centred = centre(vectors, mean)
    model = fit_topics(centred[: len(texts)], owners, topics, VECTOR_STRENGTH) if topics > 1 else _silent(centred, topics)
    inside = np.array([True] * len(texts) + [False] * len(others))
    return Dense(mean, model, _gate(centred, inside))


def centre(vectors: Floats, mean: Floats) -> Floats:
    """Vectors with the mean taken off, of length one again: what they share tells nothing apart."""
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=-1, keepdims=True)
    result: Floats = (moved / np.maximum(lengths, 1e-9)).astype(np.float32)
    return result


def _gate(features: Any, inside: NDArray[np.bool_]) -> Linear:
    if inside.all() or not inside.any():
        return Linear(np.zeros((features.shape[1], 1), np.float32), np.full(1, 5.0, np.float32))
    return fit_gate(features, inside)


def _silent(features: Any, topics: int) -> Linear:
    return Linear(np.zeros((features.shape[1], topics), np.float32), np.zeros(topics, np.float32))


def save_index(index: Index, folder: Path) -> Path:
    """Write an index below the folder, whole or not at all, and remove the others there."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / index.fingerprint
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    arrays: dict[str, Any] = {}
    meta = {
        "format": FORMAT,
        "fingerprint": index.fingerprint,
        "revision": index.revision,
        "topics": list(index.topics),
        "grams": list(index.vectorizer.vocabulary),
        "characters": list(index.characters.terms),
        "words": list(index.words.terms),
    }
    arrays["idf"] = index.vectorizer.idf
    for name in ("gram_topics", "gram_gate"):
        _put_linear(arrays, name, getattr(index, name))
    for name in ("characters", "words"):
        bm25: Bm25 = getattr(index, name)
        arrays |= {f"{name}.{f}": getattr(bm25, f) for f in ("starts", "topics", "weights")}
    for name in ("fast", "slow"):
        dense: Dense | None = getattr(index, name)
        if dense is not None:
            arrays[f"{name}.mean"] = dense.mean
            _put_linear(arrays, f"{name}.topics", dense.topics)
            _put_linear(arrays, f"{name}.gate", dense.gate)
    for name, array in arrays.items():
        np.save(draft / f"{name}.npy", array)
    (draft / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    os.replace(draft, target)
    for other in folder.iterdir():
        if other != target and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
    return target


def load_index(folder: Path, wanted: str) -> Index | None:
    """The index of that fingerprint below the folder; None when absent or damaged."""
    place = folder / wanted
    try:
        meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
        arrays = {path.stem: np.load(path, mmap_mode="r") for path in place.glob("*.npy")}
        return _assemble(meta, arrays)
    except (OSError, ValueError, KeyError):
        return None


def _assemble(meta: Mapping[str, Any], arrays: Mapping[str, Any]) -> Index:
    def bm25(name: str) -> Bm25:
        terms = {term: i for i, term in enumerate(meta[name])}
        parts = (arrays[f"{name}.{f.name}"] for f in fields(Bm25) if f.name in ("starts", "topics", "weights"))
        return Bm25(terms, *parts, size=len(meta["topics"]))

    def dense(name: str) -> Dense | None:
        if f"{name}.mean" not in arrays:
            return None
        return Dense(
            arrays[f"{name}.mean"], _linear(arrays, f"{name}.topics"), _linear(arrays, f"{name}.gate")
        )

    return Index(
        fingerprint=meta["fingerprint"],
        revision=meta["revision"],
        topics=tuple(meta["topics"]),
        vectorizer=GramVectorizer({gram: i for i, gram in enumerate(meta["grams"])}, arrays["idf"]),
        gram_topics=_linear(arrays, "gram_topics") if "gram_topics.weights" in arrays else None,
        gram_gate=_linear(arrays, "gram_gate"),
        characters=bm25("characters"),
        words=bm25("words"),
        fast=dense("fast"),
        slow=dense("slow"),
    )


def _put_linear(arrays: dict[str, Any], name: str, model: Linear | None) -> None:
    if model is not None:
        arrays[f"{name}.weights"], arrays[f"{name}.bias"] = model.weights, model.bias


def _linear(arrays: Mapping[str, Any], name: str) -> Linear:
    return Linear(arrays[f"{name}.weights"], arrays[f"{name}.bias"])
