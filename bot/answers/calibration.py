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
    fusion={"grams": 0.87, "characters": 0.45, "words": 0.42},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.033, 0.192, 0.27, 0.375, 0.453, 0.519, 0.578, 0.636, 0.694, 0.758, 0.835, 0.888, 0.933, 0.982),
    ),
    labour=Curve(
        (-2.661, -2.104, -1.661, -1.237, -0.92, -0.681, -0.372, -0.064, 0.175, 0.492, 0.916, 1.359, 1.917),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FAST = Calibration(
    fusion={"grams": 0.49, "fast": 0.96, "characters": 0.43, "words": 0.37},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.044, 0.226, 0.309, 0.415, 0.49, 0.553, 0.609, 0.662, 0.716, 0.774, 0.844, 0.892, 0.934, 0.982),
    ),
    labour=Curve(
        (-2.966, -2.337, -1.836, -1.357, -0.999, -0.729, -0.381, -0.032, 0.237, 0.595, 1.075, 1.575, 2.205),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FULL = Calibration(
    fusion={"grams": 0.31, "fast": 0.7, "slow": 0.7, "characters": 0.44, "words": 0.32},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.041, 0.22, 0.303, 0.41, 0.487, 0.551, 0.608, 0.662, 0.717, 0.776, 0.847, 0.895, 0.936, 0.983),
    ),
    labour=Curve(
        (-2.845, -2.253, -1.782, -1.331, -0.995, -0.741, -0.414, -0.086, 0.168, 0.504, 0.955, 1.426, 2.018),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)

ANSWER_FROM = 0.7
"""Least probability that the first topic is right for serving its entry."""

LABOUR_FROM = 0.13
"""Least probability that a question is about labour matters for suggesting near questions."""
