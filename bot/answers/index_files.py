"""The index on disk: a cache in the data folder, loaded in a blink.

A folder of numpy arrays and one JSON file, named by a fingerprint of everything the index was
built from (entries, lexicon, encoders, format), so that it can be deleted at any time and a
stale one is never loaded.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bot.answers.index import FORMAT, Dense, Index
from bot.answers.lexical import Bm25, Vectorizer
from bot.answers.nearest import Nearest
from bot.answers.networks import Networks
from bot.answers.training import Linear

_BM25_ARRAYS = ("starts", "topics", "weights")
_NETWORK_ARRAYS = ("hidden", "hidden_bias", "out", "out_bias")


def save_index(index: Index, folder: Path) -> Path:
    """Write an index below the folder, whole or not at all, and remove the others there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / index.fingerprint
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    meta = {
        "format": FORMAT,
        "fingerprint": index.fingerprint,
        "revision": index.revision,
        "topics": list(index.topics),
        "grams": list(index.grams.vocabulary),
        "words": list(index.words.vocabulary),
        "characters": list(index.characters.terms),
    }
    try:
        for name, array in _arrays(index).items():
            np.save(draft / f"{name}.npy", array)
        (draft / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        draft.replace(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)  # a full disk must not be filled further
        raise
    for other in folder.iterdir():
        if other != target and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
    return target


def _arrays(index: Index) -> dict[str, Any]:
    arrays: dict[str, Any] = {"grams.idf": index.grams.idf, "words.idf": index.words.idf, "asked": index.asked}
    for name in ("gram_topics", "gram_gate", "word_topics"):
        _put_linear(arrays, name, getattr(index, name))
    arrays |= {f"characters.{part}": getattr(index.characters, part) for part in _BM25_ARRAYS}
    for name, dense in (("fast", index.fast), ("slow", index.slow)):
        if dense is not None:
            arrays[f"{name}.mean"] = dense.mean
            _put_linear(arrays, f"{name}.topics", dense.topics)
            _put_linear(arrays, f"{name}.gate", dense.gate)
            arrays[f"{name}.rival"] = np.array(dense.rival)
            if dense.nearest is not None:
                arrays |= {f"{name}.phrasings": dense.nearest.vectors, f"{name}.starts": dense.nearest.starts}
    if index.together is not None:
        arrays |= {f"together.{part}": getattr(index.together, part) for part in _NETWORK_ARRAYS}
    return arrays


def load_index(folder: Path, wanted: str) -> Index | None:
    """The index of that fingerprint below the folder; None when absent or damaged."""
    place = folder / wanted
    try:
        meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
        # asarray: the same memory without memmap's own, slower way of being sliced
        arrays = {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in place.glob("*.npy")}
        return _assemble(meta, arrays)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError):  # EOFError: a power cut leaves empty files
        return None


def _assemble(meta: Mapping[str, Any], arrays: Mapping[str, Any]) -> Index:
    def numbered(name: str) -> dict[str, int]:
        return {term: i for i, term in enumerate(meta[name])}

    def linear(name: str) -> Linear | None:
        return _linear(arrays, name) if f"{name}.weights" in arrays else None

    def dense(name: str) -> Dense | None:
        if f"{name}.mean" not in arrays:
            return None
        kept = f"{name}.phrasings" in arrays
        nearest = Nearest(arrays[f"{name}.phrasings"], arrays[f"{name}.starts"]) if kept else None
        topics, gate = _linear(arrays, f"{name}.topics"), _linear(arrays, f"{name}.gate")
        return Dense(arrays[f"{name}.mean"], topics, gate, bool(arrays[f"{name}.rival"]), nearest)

    together = "together.hidden" in arrays
    starts, topics, weights = (arrays[f"characters.{part}"] for part in _BM25_ARRAYS)
    return Index(
        fingerprint=meta["fingerprint"],
        revision=meta["revision"],
        topics=tuple(meta["topics"]),
        grams=Vectorizer(numbered("grams"), arrays["grams.idf"]),
        gram_topics=linear("gram_topics"),
        gram_gate=_linear(arrays, "gram_gate"),
        words=Vectorizer(numbered("words"), arrays["words.idf"]),
        word_topics=linear("word_topics"),
        characters=Bm25(numbered("characters"), starts, topics, weights, len(meta["topics"])),
        asked=arrays["asked"],
        fast=dense("fast"),
        slow=dense("slow"),
        together=Networks(*(arrays[f"together.{part}"] for part in _NETWORK_ARRAYS)) if together else None,
    )


def _put_linear(arrays: dict[str, Any], name: str, model: Linear | None) -> None:
    if model is not None:
        arrays[f"{name}.weights"], arrays[f"{name}.bias"] = model.weights, model.bias


def _linear(arrays: Mapping[str, Any], name: str) -> Linear:
    return Linear(arrays[f"{name}.weights"], arrays[f"{name}.bias"])
