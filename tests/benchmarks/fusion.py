"""Learns the fusion weights of `bot/answers/calibration.py` on labelled questions, and says how well that generalises.

Components are fitted on the shipped phrasings alone and have not seen the questions. A conditional logit over
their standardised scores (no weight below zero, strongly held towards zero) gives one weight a component: the
weights under which accepted topics are likeliest. A handful of numbers from some hundred questions; the figures
printed beside them are cross-validated, each question ranked by weights that were learned without it. Weights
learned from phrasings were worse: they resemble one another more than what strangers type resembles them, and
say nothing of how often a topic is asked about.

    uv run python -m tests.benchmarks.fusion [--quick] [--folds 5] questions.jsonl

Prints one JSON object as its last line. --quick: without the slow encoder.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.answers.assembly import make_rankers
from bot.answers.base import make_base
from bot.answers.content import read_folder
from bot.answers.entries import render_entry
from bot.answers.evaluation.questions import Question, load_questions
from bot.answers.ranking import EnsembleRanker, standardised
from bot.settings import load_configuration
from bot.store.revision import base_revision

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MODES = {
    "LEXICAL": ("grams", "words", "characters", "asked"),
    "FAST": ("fast", "words", "characters", "asked"),
    "FULL": ("fast", "slow", "slow_near", "slow_together", "words", "characters", "asked"),
}
STRENGTH = 0.1
"""So strong that the weights stay near one another: free ones fit the questions they are learned on, and no others."""

REPEATS = 5


def main() -> None:
    """Learn the weights and print them."""
    options = _options()
    started = time.monotonic()
    settings = load_configuration().settings
    sources = {topic: render_entry(entry) for topic, entry in read_folder(settings.content_dir / "faq").items()}
    digests = {topic: hashlib.sha256(source.encode()).hexdigest() for topic, source in sources.items()}
    base = make_base(sources, base_revision(digests))
    makers = make_rankers(settings, patient=True)
    ranker = makers.quick(base)[0] if options.quick else makers.complete(base, _progress)
    assert isinstance(ranker, EnsembleRanker)
    places = ranker.places()
    asked = [q for q in load_questions(options.files) if any(topic in places for topic in q.topics)]
    scores = component_scores(ranker, asked)
    right = np.array([[topic in question.topics for topic in sorted(places)] for question in asked])
    typed = np.array([question.typed for question in asked])
    found = {}
    for mode, names in MODES.items():
        if all(name in scores for name in names):
            parts = np.stack([scores[name] for name in names], axis=2)
            weights = dict(zip(names, fit_weights(parts, right).round(2).tolist(), strict=True))
            held = cross_validated(parts, right, options.folds)
            figures = {"typed": _accuracy(held, right, typed), "all": _accuracy(held, right, np.ones(len(asked), bool))}
            found[mode] = {"weights": weights, **figures}
    everything = np.ones(len(asked), bool)
    alone = {name: _accuracy(part[None], right, everything) for name, part in scores.items() if name != "asked"}
    seconds = round(time.monotonic() - started, 1)
    result = {"questions": len(asked), "entries": len(places), "folds": options.folds, "alone": alone, "fused": found}
    print(json.dumps(result | {"quick": options.quick, "seconds": seconds}))


def component_scores(ranker: EnsembleRanker, questions: Sequence[Question]) -> Mapping[str, Floats]:
    """Standardised scores by component: one row a question, one column a topic in alphabetical order."""
    columns = [place for _, place in sorted(ranker.places().items())]
    rows: dict[str, list[Floats]] = {}
    for question in questions:
        for name, part in ranker.evidence(question.text).scores.items():
            rows.setdefault(name, []).append(standardised(part)[columns].astype(np.float64))
    return {name: np.stack(parts) for name, parts in rows.items()}


def cross_validated(parts: Floats, right: Flags, folds: int) -> Floats:
    """Fused scores by weights that were learned without the question; one table for each drawing of the folds."""
    tables = []
    for seed in range(REPEATS):
        number = np.random.default_rng(seed).permutation(len(right)) % folds
        table = np.zeros(right.shape)
        for fold in range(folds):
            out = number == fold
            table[out] = parts[out] @ fit_weights(parts[~out], right[~out])
        tables.append(table)
    return np.stack(tables)


def fit_weights(parts: Floats, right: Flags) -> Floats:
    """The weights under which accepted topics are likeliest; parts: questions by topics by components."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = parts @ weights
        odds -= odds.max(axis=1, keepdims=True)
        shares = np.exp(odds)
        shares /= shares.sum(axis=1, keepdims=True)
        accepted = shares * right
        sums = accepted.sum(axis=1, keepdims=True) + 1e-12
        value = -np.log(sums).mean() + STRENGTH * (weights**2).sum()
        slope = np.einsum("qt,qtc->c", shares - accepted / sums, parts) / len(parts) + 2 * STRENGTH * weights
        return float(value), slope

    start = np.full(parts.shape[2], 0.5)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start))
    return np.asarray(found.x, np.float64)


def _accuracy(tables: Floats, right: Flags, member: Flags) -> dict[str, float]:
    """How often an accepted topic is among the first, over all tables of scores."""
    order = np.argsort(-tables, axis=2, kind="stable")
    hits = np.take_along_axis(np.broadcast_to(right, tables.shape), order, axis=2)[:, member]
    return {f"top{k}": round(float(hits[:, :, :k].any(axis=2).mean()), 4) for k in (1, 3)}


def _progress(done: int, total: int) -> None:
    print(f"\r{done} of {total} vectors", end="", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="labelled questions, as gonghui faq eval reads them")
    parser.add_argument("--quick", action="store_true", help="without the slow encoder")
    parser.add_argument("--folds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
