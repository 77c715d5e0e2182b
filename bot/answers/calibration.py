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
    fusion={"grams": 0.77, "characters": 0.61, "words": 0.16, "asked": 0.78},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.113, 0.344, 0.42, 0.507, 0.565, 0.612, 0.653, 0.691, 0.731, 0.774, 0.83, 0.871, 0.91, 0.965),
    ),
    labour=Curve(
        (-3.181, -2.529, -2.01, -1.514, -1.143, -0.864, -0.503, -0.142, 0.137, 0.508, 1.004, 1.523, 2.175),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FAST = Calibration(
    fusion={"grams": 0.37, "fast": 1.42, "characters": 0.52, "words": 0.07, "asked": 0.66},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.069, 0.298, 0.387, 0.494, 0.565, 0.622, 0.672, 0.718, 0.763, 0.811, 0.869, 0.908, 0.942, 0.983),
    ),
    labour=Curve(
        (-3.21, -2.55, -2.026, -1.523, -1.148, -0.865, -0.499, -0.134, 0.149, 0.524, 1.027, 1.551, 2.211),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FULL = Calibration(
    fusion={
        "grams": 0.16,
        "fast": 0.38,
        "slow": 0.27,
        "slow_near": 0.73,
        "slow_together": 0.78,
        "characters": 0.47,
        "words": 0.02,
        "asked": 0.65,
    },
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.069, 0.316, 0.413, 0.526, 0.601, 0.659, 0.708, 0.753, 0.796, 0.841, 0.893, 0.927, 0.956, 0.988),
    ),
    labour=Curve(
        (-3.108, -2.493, -2.005, -1.536, -1.187, -0.924, -0.584, -0.244, 0.02, 0.369, 0.837, 1.326, 1.94),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)


ANSWER_FROM = 0.72
"""Least probability that the first topic is right for serving its entry."""

LABOUR_FROM = 0.09
"""Least probability that a question is about labour matters for suggesting near questions."""
