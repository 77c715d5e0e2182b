"""Ranking the topics of a base for a question.

Each component scores every topic; scores are standardised over the topics, weighted and summed
into log odds, whose softmax is the ranking. Without the slow encoder this takes a few
milliseconds; the slow one is asked only when it can change the outcome, and only by so many
questions at a time: under load the others go without it rather than wait.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.calibration import FAST, FULL, LEXICAL, Calibration
from bot.answers.encoders import Encoder
from bot.answers.index import BM25_GRAM, Dense, Index, centre
from bot.answers.lexical import grams
from bot.answers.ports import Ranked
from bot.answers.text import normalise

Floats = NDArray[np.float32]

MOST_RANKED = 10


@dataclass(frozen=True, slots=True)
class SlowPolicy:
    """When the slow encoder is asked.

    sure: above this certainty of the fast ranking it is not asked; unlikely: nor below this
    probability that the question is about labour matters. at_once: so many questions may use it
    at the same time; patient: whether further ones wait for it (measuring) or go without it.
    """

    sure: float = 0.85
    unlikely: float = 0.05
    at_once: int = 1
    patient: bool = False


class EnsembleRanker:
    """Ranks by an index and the encoders it was built with. Safe in any thread."""

    def __init__(
        self,
        index: Index,
        words: Callable[[str], list[str]],
        fast: Encoder | None = None,
        slow: Encoder | None = None,
        policy: SlowPolicy = SlowPolicy(),  # noqa: B008 - an immutable value
    ) -> None:
        self.revision = index.revision
        self._index = index
        self._words = words
        self._fast = fast if index.fast else None
        self._slow = slow if index.slow else None
        self._policy = policy
        self._slots = threading.BoundedSemaphore(policy.at_once)

    def rank(self, question: str, allowed: Mapping[str, object]) -> Ranked:
        """The allowed topics for this question, best first, at most ten."""
        text = normalise(question)
        index = self._index
        mask = np.fromiter((topic in allowed for topic in index.topics), np.bool_, len(index.topics))
        if not text or not mask.any():
            return Ranked((), (), 0.0, 0.0)
        scores, gates = self._lexical(text)
        calibration = LEXICAL
        if self._fast is not None and index.fast is not None:
            scores["fast"], gates["fast"] = _dense_scores(index.fast, self._fast, text)
            calibration = FAST
        ranked = self._fuse(scores, gates, mask, calibration)
        if self._slow is None or index.slow is None or not self._worth_asking(ranked):
            return ranked
        if not self._slots.acquire(blocking=self._policy.patient):
            return ranked
        try:
            scores["slow"], gates["slow"] = _dense_scores(index.slow, self._slow, text)
        finally:
            self._slots.release()
        return self._fuse(scores, gates, mask, FULL)

    def _lexical(self, text: str) -> tuple[dict[str, Floats], dict[str, float]]:
        index = self._index
        columns, values = index.vectorizer.one(text)
        scores = {
            "characters": index.characters.scores(grams(text, BM25_GRAM)),
            "words": index.words.scores(self._words(text)),
        }
        if index.gram_topics is not None:
            scores["grams"] = values @ index.gram_topics.weights[columns] + index.gram_topics.bias
        gate = values @ index.gram_gate.weights[columns, 0] + index.gram_gate.bias[0]
        return scores, {"grams": float(gate)}

    def _worth_asking(self, ranked: Ranked) -> bool:
        return ranked.certainty < self._policy.sure and ranked.labour >= self._policy.unlikely

    def _fuse(
        self, scores: Mapping[str, Floats], gates: Mapping[str, float], mask: NDArray[np.bool_], calibration: Calibration
    ) -> Ranked:
        fused = np.zeros(len(mask), np.float32)
        for name, weight in calibration.fusion.items():
            if name in scores:
                fused += weight * standardised(scores[name])
        odds = np.where(mask, fused - fused[mask].max(), -np.inf)
        shares = np.exp(odds)
        shares /= shares.sum()
        best = _largest(shares, min(MOST_RANKED, int(mask.sum())))
        top = tuple(float(shares[i]) for i in best)
        labour = calibration.labour(sum(gates.values()) / len(gates))
        return Ranked(tuple(self._index.topics[i] for i in best), top, calibration.certainty(top[0]), labour)


def standardised(scores: Floats) -> Floats:
    """Scores with mean 0 and deviation 1 over the topics, so that components can be added."""
    result: Floats = (scores - scores.mean()) / (scores.std() + 1e-6)
    return result


def _dense_scores(model: Dense, encoder: Encoder, text: str) -> tuple[Floats, float]:
    vector = centre(encoder.encode([text]), model.mean)[0]
    gate = vector @ model.gate.weights[:, 0] + model.gate.bias[0]
    return vector @ model.topics.weights + model.topics.bias, float(gate)


def _largest(values: Any, n: int) -> list[int]:
    part = np.argpartition(-values, n - 1)[:n] if n < len(values) else np.arange(len(values))
    return [int(i) for i in part[np.argsort(-values[part], kind="stable")]]
