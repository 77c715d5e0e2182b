"""Ranking the topics of a base for a question.

Each component scores every topic; scores are standardised over the topics, weighted and summed
into log odds, whose softmax is the ranking. Without the slow encoder this takes a few
milliseconds; the slow one is asked only when it can change the outcome, and only by so many
questions at a time: under load the others go without it rather than wait.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.calibration import FAST, FULL, LEXICAL, Calibration
from bot.answers.encoders import Encoder
from bot.answers.index import BM25_GRAM, Dense, Index, Materials, centre
from bot.answers.lexical import grams
from bot.answers.ports import Ranked
from bot.answers.text import normalise

Floats = NDArray[np.float32]

MOST_RANKED = 10


@dataclass(frozen=True, slots=True)
class SlowPolicy:
    """When the slow encoder is asked.

    sure: above this certainty of the fast ranking it is not asked, because there it was seen to
    change the first topic no more often for the better than for the worse; unlikely: nor below this
    probability that the question is about labour matters. at_once: so many questions may use it
    at the same time; per_second: nor is it asked while more questions than that come in a second,
    since it would take the processor from those who wait. patient: whether a question waits for
    it however busy it is (measuring) or goes without it.
    """

    sure: float = 0.8
    unlikely: float = 0.05
    at_once: int = 1
    per_second: int = 10
    patient: bool = False

    def asks(self, ranked: Ranked) -> bool:
        """Whether the slow encoder can change what a question gets that ranks so without it."""
        return ranked.certainty < self.sure and ranked.labour >= self.unlikely


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the components say of one question, before weights and curves.

    scores: a score a topic from each component; gates: the log odds, by each component that has
    a say in it, that the question is about labour matters.
    """

    scores: Mapping[str, Floats]
    gates: Mapping[str, float]

    @property
    def calibration(self) -> Calibration:
        """The numbers that were fitted for just this much evidence."""
        if "slow" in self.scores:
            return FULL
        return FAST if "fast" in self.scores else LEXICAL

    def joined(self, name: str, scores: Floats, gate: float, **more: Floats) -> "Evidence":
        """This evidence and that of one more encoder. more: what else can be told with its vector."""
        others = {f"{name}_{what}": part for what, part in more.items()}
        return Evidence({**self.scores, name: scores, **others}, {**self.gates, name: gate})

    def without(self, *encoders: str) -> "Evidence":
        """What would be known without those encoders."""
        scores = {name: part for name, part in self.scores.items() if name.partition("_")[0] not in encoders}
        return Evidence(scores, {name: gate for name, gate in self.gates.items() if name not in encoders})


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ranking before the curves: the topics with their shares of 1, and the gate's log odds.

    plain: the share of the first topic if no topic were asked about more often than another. Certainty goes by
    that: a question that says little must not seem sure because its topic is a common one.
    """

    topics: tuple[str, ...]
    shares: tuple[float, ...]
    gate: float
    plain: float

    def read(self, calibration: Calibration) -> Ranked:
        """The same as probabilities: the first topic is right when the base has the matter, and it is one."""
        labour = calibration.labour(self.gate)
        return Ranked(self.topics, self.shares, calibration.certainty(self.plain) * labour, labour)


class EnsembleRanker:
    """Ranks by an index and the encoders it was built with. Safe in any thread."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts are named where they are handed in
        self,
        index: Index,
        materials: Materials,
        fast: Encoder | None = None,
        slow: Encoder | None = None,
        policy: SlowPolicy = SlowPolicy(),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.revision = index.revision
        self._index = replace(index, characters=index.characters.unrolled())
        self._words = materials.segmenter.words
        self._correct = materials.correct
        self._fast = fast if index.fast else None
        self._slow = slow if index.slow else None
        self._policy = policy
        self._slots = threading.BoundedSemaphore(policy.at_once)
        self._now = now
        self._arrivals: deque[float] = deque(maxlen=policy.per_second + 1)

    def rank(self, question: str, allowed: Mapping[str, object]) -> Ranked:
        """The allowed topics for this question, best first, at most ten."""
        return self.rank_many([question], allowed)[0]

    def rank_many(self, questions: Sequence[str], allowed: Mapping[str, object]) -> list[Ranked]:
        """The same for questions that wait together.

        The fast encoder spends its time reading its weights: for several texts it reads them once.
        """
        busy = [self._is_busy() for _ in questions][-1:] == [True]
        mask = self._mask(allowed)
        texts = [self.read(question) for question in questions]
        vectors = self._fast.encode(texts) if self._fast is not None else [None] * len(texts)
        return [self._rank(text, vector, mask, busy=busy) for text, vector in zip(texts, vectors, strict=True)]

    def _rank(self, text: str, vector: Floats | None, mask: NDArray[np.bool_], *, busy: bool) -> Ranked:
        if not text or not mask.any():
            return Ranked((), (), 0.0, 0.0)
        evidence = self._quick(text, vector)
        ranked = self._weigh(evidence, mask).read(evidence.calibration)
        if self._slow is None or busy or not self._policy.asks(ranked):
            return ranked
        if not self._slots.acquire(blocking=self._policy.patient):
            return ranked
        try:
            evidence = self._complete(evidence, text, vector)
        finally:
            self._slots.release()
        return self._weigh(evidence, mask).read(evidence.calibration)

    def _is_busy(self) -> bool:
        """Note this question, and say whether more than allowed have come within a second."""
        now = self._now()
        self._arrivals.append(now)
        crowded = len(self._arrivals) > self._policy.per_second and now - self._arrivals[0] < 1
        return crowded and not self._policy.patient

    def evidence(self, question: str) -> Evidence:
        """What every component says of a question, the slow encoder always asked: for measuring."""
        text = self.read(question)
        vector = self._encoded(text)
        return self._complete(self._quick(text, vector), text, vector)

    def deciding(self, question: str, allowed: Mapping[str, object]) -> Evidence:
        """The evidence on which the question is ranked while not too many come at once. Needs one allowed topic."""
        text = self.read(question)
        vector = self._encoded(text)
        evidence = self._quick(text, vector)
        ranked = self.weigh(evidence, allowed).read(evidence.calibration)
        return self._complete(evidence, text, vector) if self._policy.asks(ranked) else evidence

    def places(self) -> dict[str, int]:
        """Where each topic stands in the scores of the evidence."""
        return {topic: place for place, topic in enumerate(self._index.topics)}

    def read(self, question: str) -> str:
        """The question as the components read it: normalised, typos corrected."""
        return self._correct(normalise(question))

    def weigh(self, evidence: Evidence, allowed: Mapping[str, object]) -> Weighed:
        """The allowed topics by that evidence, best first, at most ten. Needs one allowed topic."""
        return self._weigh(evidence, self._mask(allowed))

    def _mask(self, allowed: Mapping[str, object]) -> NDArray[np.bool_]:
        topics = self._index.topics
        return np.fromiter((topic in allowed for topic in topics), np.bool_, len(topics))

    def _encoded(self, text: str) -> Floats | None:
        """The fast encoder's vector of a text."""
        return self._fast.encode([text])[0] if self._fast is not None else None

    def _quick(self, text: str, vector: Floats | None) -> Evidence:
        """The evidence that takes a few milliseconds; `vector` is the fast encoder's, where there is one."""
        evidence = self._lexical(text)
        if vector is None or self._index.fast is None:
            return evidence
        return evidence.joined("fast", *_read_dense(self._index.fast, centre(vector, self._index.fast.mean)))

    def _complete(self, evidence: Evidence, text: str, fast: Floats | None) -> Evidence:
        index = self._index
        if self._slow is None or index.slow is None:
            return evidence
        centred, more = centre(self._slow.encode([text])[0], index.slow.mean), {}
        if index.slow.nearest is not None:
            more["near"] = index.slow.nearest.scores(centred)
        if index.together is not None and index.fast is not None and fast is not None:
            more["together"] = index.together.scores(np.concatenate([centre(fast, index.fast.mean), centred]))
        scores, gate = _read_dense(index.slow, centred)
        return evidence.joined("slow", scores, gate, **more)

    def _lexical(self, text: str) -> Evidence:
        index = self._index
        columns, values = index.grams.one(grams(text))
        scores = {"characters": index.characters.scores(grams(text, BM25_GRAM)), "asked": index.asked}
        if index.gram_topics is not None:
            scores["grams"] = index.gram_topics.of_columns(columns, values)
        if index.word_topics is not None:
            scores["words"] = index.word_topics.of_columns(*index.words.one(self._words(text)))
        return Evidence(scores, {"grams": float(index.gram_gate.of_columns(columns, values)[0])})

    def _weigh(self, evidence: Evidence, mask: NDArray[np.bool_]) -> Weighed:
        weights = evidence.calibration.fusion
        said = np.zeros(len(mask), np.float32)
        for name in (name for name in weights if name in evidence.scores and name != "asked"):
            said += weights[name] * standardised(evidence.scores[name])
        shares = _shares(said + weights["asked"] * standardised(evidence.scores["asked"]), mask)
        best = _largest(shares, min(MOST_RANKED, int(mask.sum())))
        gate = sum(evidence.gates.values()) / len(evidence.gates)
        plain = float(_shares(said, mask)[best[0]])
        return Weighed(tuple(self._index.topics[i] for i in best), tuple(float(shares[i]) for i in best), gate, plain)


def standardised(scores: Floats) -> Floats:
    """Scores with mean 0 and deviation 1 over the topics, so that components can be added."""
    result: Floats = (scores - scores.mean()) / (scores.std() + 1e-6)
    return result


def _shares(fused: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Of 1, for each topic of the mask; 0 for the others."""
    shares = np.exp(np.where(mask, fused - fused[mask].max(), -np.inf))
    result: Floats = shares / shares.sum()
    return result


def _read_dense(model: Dense, centred: Floats) -> tuple[Floats, float]:
    """The scores of the topics and the log odds of the gate, by a centred vector."""
    scores = centred @ model.topics.weights + model.topics.bias
    gate = float(centred @ model.gate.weights[:, 0] + model.gate.bias[0])
    if not model.rival:
        return scores, gate
    best = scores.max()
    return scores, float(best + np.log(np.exp(scores - best).sum())) - gate


def _largest(values: Any, n: int) -> list[int]:
    part = np.argpartition(-values, n - 1)[:n] if n < len(values) else np.arange(len(values))
    return [int(i) for i in part[np.argsort(-values[part], kind="stable")]]
