"""Numbers fitted outside the base, and where they come from.

Fusion weights are learned from the shipped phrasings alone: four-fold cross-validation gives
every phrasing scores from models that have not seen it, and a conditional logit over the
standardised scores gives one weight a component (`tests/benchmarks/fusion.py` does it again).
The two curves turn a score into a probability and are fitted, together with the two thresholds,
on labelled development questions (`gonghui faq eval --fit` prints them); the figures quoted in
ARCHITECTURE.md are cross-validated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising line through points: score -> probability."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, score: float) -> float:
        """The probability of that score; beyond the ends it stays level."""
        return float(np.interp(score, self.scores, self.probabilities))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights and curves for ranking with so much evidence.

    certainty: the share of the first topic -> probability that it is right, given that the
    question is about labour matters; labour: the gate's log odds -> probability that it is.
    """

    fusion: Mapping[str, float]
    certainty: Curve
    labour: Curve


LEXICAL = Calibration(
    fusion={"grams": 0.85, "characters": 0.44, "words": 0.39},
    certainty=Curve((0.0, 1.0), (0.0, 0.95)),
    labour=Curve((-4.0, 4.0), (0.02, 0.98)),
)
FAST = Calibration(
    fusion={"grams": 0.46, "fast": 1.0, "characters": 0.42, "words": 0.33},
    certainty=Curve((0.0, 1.0), (0.0, 0.95)),
    labour=Curve((-4.0, 4.0), (0.02, 0.98)),
)
FULL = Calibration(
    fusion={"grams": 0.25, "fast": 0.35, "slow": 1.14, "characters": 0.44, "words": 0.27},
    certainty=Curve((0.0, 1.0), (0.0, 0.95)),
    labour=Curve((-4.0, 4.0), (0.02, 0.98)),
)

ANSWER_FROM = 0.55
"""Least probability that the first topic is right for serving its entry."""

LABOUR_FROM = 0.35
"""Least probability that a question is about labour matters for suggesting near questions."""
