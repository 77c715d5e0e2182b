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
        (-3.181, -2.529, -2.011, -1.514, -1.143, -0.864, -0.503, -0.143, 0.137, 0.507, 1.004, 1.522, 2.174),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FAST = Calibration(
    fusion={"fast": 0.88, "words": 0.45, "characters": 0.56, "asked": 0.49},
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.092, 0.359, 0.453, 0.558, 0.626, 0.678, 0.723, 0.763, 0.802, 0.843, 0.891, 0.924, 0.952, 0.985),
    ),
    labour=Curve(
        (-2.165, -1.569, -1.095, -0.642, -0.303, -0.048, 0.282, 0.611, 0.867, 1.205, 1.659, 2.133, 2.729),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)
FULL = Calibration(
    fusion={
        "fast": 0.4,
        "slow": 0.44,
        "slow_near": 0.39,
        "slow_together": 0.41,
        "words": 0.27,
        "characters": 0.4,
        "asked": 0.43,
    },
    certainty=Curve(
        (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        (0.06, 0.315, 0.419, 0.541, 0.62, 0.68, 0.731, 0.776, 0.819, 0.862, 0.911, 0.941, 0.966, 0.991),
    ),
    labour=Curve(
        (-1.784, -1.233, -0.795, -0.376, -0.063, 0.173, 0.478, 0.782, 1.018, 1.331, 1.75, 2.188, 2.739),
        (0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99),
    ),
)


ANSWER_FROM = 0.7
"""Least probability that the first topic is right for serving its entry."""

LABOUR_FROM = 0.07
"""Least probability that a question is about labour matters for suggesting near questions."""
