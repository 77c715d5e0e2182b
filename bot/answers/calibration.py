"""Numbers fitted outside the base, and where they come from.

What is ranked by is learned from the shipped phrasings alone; how much each component counts is
learned on labelled development questions, by a conditional logit over the standardised scores
(`tests/benchmarks/fusion.py` does it again). The two curves turn a score into a probability and
are fitted, together with the two thresholds, on the same questions (`gonghui faq eval --fit`
prints them). Some dozen numbers in all; the figures quoted in ARCHITECTURE.md are cross-validated.
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

    certainty: the share of the first topic, however often it is asked about -> probability that it
    is right, given that the question is about labour matters; labour: the gate's log odds -> probability that it is.
    """

    fusion: Mapping[str, float]
    certainty: Curve
    labour: Curve


LEXICAL = Calibration(
    fusion={"grams": 0.54, "words": 0.32, "characters": 0.55, "asked": 0.55},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.119, 0.355, 0.432, 0.519, 0.576, 0.622, 0.662, 0.7, 0.738, 0.781, 0.835, 0.875, 0.913, 0.966),
    ),
    labour=Curve(
        (-3.18, -2.528, -2.01, -1.513, -1.143, -0.863, -0.503, -0.142, 0.137, 0.508, 1.004, 1.522, 2.174),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FAST = Calibration(
    fusion={"fast": 0.89, "words": 0.45, "characters": 0.56, "asked": 0.48},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.097, 0.366, 0.459, 0.563, 0.629, 0.681, 0.724, 0.764, 0.803, 0.843, 0.891, 0.923, 0.951, 0.985),
    ),
    labour=Curve(
        (-3.224, -2.563, -2.038, -1.535, -1.159, -0.876, -0.51, -0.144, 0.139, 0.515, 1.018, 1.543, 2.204),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FULL = Calibration(
    fusion={
        "fast": 0.41,
        "slow": 0.45,
        "slow_near": 0.39,
        "slow_together": 0.41,
        "words": 0.27,
        "characters": 0.4,
        "asked": 0.43,
    },
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.05, 0.293, 0.398, 0.525, 0.608, 0.672, 0.725, 0.773, 0.818, 0.863, 0.913, 0.944, 0.968, 0.992),
    ),
    labour=Curve(
        (-3.11, -2.496, -2.008, -1.54, -1.191, -0.928, -0.588, -0.248, 0.015, 0.364, 0.832, 1.32, 1.934),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)


ANSWER_FROM = 0.69
"""Least probability that the first topic is right for serving its entry."""

LABOUR_FROM = 0.1
"""Least probability that a question is about labour matters for suggesting near questions."""
