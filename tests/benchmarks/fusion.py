"""Learns the fusion weights of `bot/answers/calibration.py` from the shipped phrasings alone.

Each phrasing is scored by models that have not seen it (four folds, drawn at random within each
entry). A conditional logit over the standardised scores (no weight below zero, lightly held
towards zero) then gives one weight a component, the same for all encoders: phrasings of one
entry resemble one another more than what strangers type resembles them, which flatters the
encoder that remembers most; an even mix of both keeps what each of them understands.

    uv run python -m tests.benchmarks.fusion [--quick] [--folds 4]

Prints one JSON object as its last line.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.answers.base import FaqBase
from bot.answers.content import read_folder
from bot.answers.encoders import Encoder, FastEncoder, SlowEncoder, Vectors, slow_encoder_runs_here
from bot.answers.entries import Entry
from bot.answers.index import Encoders, build_index, training_texts
from bot.answers.materials import load_materials
from bot.answers.ranking import EnsembleRanker, standardised
from bot.answers.vectors import VectorCache
from bot.settings import load_configuration

Floats = NDArray[np.float64]

MODES = {
    "LEXICAL": ("grams", "characters", "words"),
    "FAST": ("grams", "fast", "characters", "words"),
    "FULL": ("grams", "fast", "slow", "characters", "words"),
}
ENCODERS = ("fast", "slow")
STRENGTH = 1e-3
QUICK_PHRASINGS = 12


class Cached:
    """An encoder that takes what it can from the installation's cache of vectors."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self.name, self.dimensions, self.fingerprint = encoder.name, encoder.dimensions, encoder.fingerprint
        self._cache = VectorCache(folder, encoder)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        return self._cache.get(texts)


def main() -> None:
    """Learn the weights and print them."""
    options = _options()
    started = time.monotonic()
    settings = load_configuration().settings
    entries = read_folder(settings.content_dir / "faq")
    if options.quick:
        step = max(1, max(len(entry.ask) for entry in entries.values()) // QUICK_PHRASINGS)
        entries = {topic: replace(entry, ask=entry.ask[::step]) for topic, entry in entries.items()}
    slow = slow_encoder_runs_here() and not options.quick
    encoders: list[Encoder] = [FastEncoder(), *([SlowEncoder()] if slow else [])]
    cached = [Cached(encoder, settings.data_dir / "vectors") for encoder in encoders]
    scores, owners = held_out(entries, cached, options.folds, settings.content_dir)
    found = {}
    for mode, names in MODES.items():
        if all(name in scores for name in names):
            weights = fit_mode(scores, names, owners)
            fused = sum((w * scores[n] for w, n in zip(weights, names, strict=True)), np.zeros(scores["grams"].shape))
            rounded = dict(zip(names, weights.round(2).tolist(), strict=True))
            found[mode] = {"weights": rounded, **_accuracy(fused, owners)}
    alone = {name: _accuracy(part, owners) for name, part in scores.items()}
    seconds = round(time.monotonic() - started, 1)
    result = {"phrasings": len(owners), "entries": len(entries), "folds": options.folds, "alone": alone, "fused": found}
    print(json.dumps(result | {"quick": options.quick, "seconds": seconds}))


def held_out(
    entries: Mapping[str, Entry], encoders: Sequence[Encoder], folds: int, content: Path
) -> tuple[dict[str, Floats], NDArray[np.int64]]:
    """Standardised scores of every phrasing by models that have not seen it, and its topic's number."""
    materials = load_materials(content / "lexicon")
    numbers = {topic: i for i, topic in enumerate(sorted(entries))}
    fast, slow = (*encoders, None, None)[:2]
    scores: dict[str, list[Floats]] = {}
    owners = []
    for fold in range(folds):
        kept, left_out = _split(entries, fold, folds)
        base = FaqBase(kept, f"fold {fold}")
        index = build_index(base, materials, Encoders(fast, slow))
        ranker = EnsembleRanker(index, materials, fast, slow)
        for topic, text in left_out:
            for name, part in ranker.evidence(text).scores.items():
                scores.setdefault(name, []).append(standardised(part).astype(np.float64))
            owners.append(numbers[topic])
        print(f"fold {fold + 1} of {folds}: {len(left_out)} phrasings", file=sys.stderr)
    return {name: np.stack(parts) for name, parts in scores.items()}, np.array(owners)


def _split(entries: Mapping[str, Entry], fold: int, folds: int) -> tuple[dict[str, Entry], list[tuple[str, str]]]:
    kept, left_out = {}, []
    for topic, entry in sorted(entries.items()):
        # Runs, not a random draw: neighbours in a file were often written by one hand, and real
        # questions come from hands that the models have not seen.
        block = set(np.array_split(np.arange(len(entry.ask)), folds)[fold].tolist())
        kept[topic] = replace(entry, ask=tuple(text for i, text in enumerate(entry.ask) if i not in block))
        left_out += [(topic, training_texts(entry)[i + 1]) for i in sorted(block)]
    return kept, left_out


def fit_mode(scores: Mapping[str, Floats], names: Sequence[str], owners: NDArray[np.int64]) -> Floats:
    """A weight a component; the encoders share one."""
    encoders = [name for name in names if name in ENCODERS]
    others = [name for name in names if name not in ENCODERS]
    parts = [scores[name] for name in others]
    if encoders:
        parts.append(np.sum([scores[name] for name in encoders], axis=0))
    weights = fit_weights(parts, owners)
    found = dict(zip(others, weights.tolist(), strict=False)) | dict.fromkeys(encoders, float(weights[-1]))
    return np.array([found[name] for name in names])


def fit_weights(parts: Sequence[Floats], owners: NDArray[np.int64]) -> Floats:
    """The weights under which the right topics are likeliest."""
    stacked = np.stack(parts, axis=2)
    rows = np.arange(len(owners))
    right = stacked[rows, owners]

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = stacked @ weights
        odds -= odds.max(axis=1, keepdims=True)
        shares = np.exp(odds)
        shares /= shares.sum(axis=1, keepdims=True)
        value = -np.log(shares[rows, owners] + 1e-12).mean() + STRENGTH * (weights**2).sum()
        slope = (np.einsum("nt,ntk->nk", shares, stacked) - right).mean(axis=0) + 2 * STRENGTH * weights
        return float(value), slope

    start = np.ones(len(parts))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(parts))
    return np.asarray(found.x, np.float64)


def _accuracy(scores: Floats, owners: NDArray[np.int64]) -> dict[str, float]:
    better = (scores > scores[np.arange(len(owners)), owners][:, None]).sum(axis=1)
    return {f"top{k}": round(float((better < k).mean()), 4) for k in (1, 3)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a dozen phrasings an entry, without the slow encoder")
    parser.add_argument("--folds", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    main()
