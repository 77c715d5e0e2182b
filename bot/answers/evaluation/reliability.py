"""How far stated probabilities are from what happens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like probability: how many, what was stated on average, how many came true."""

    n: int
    stated: float
    true: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of equal width, empty ones left out, and the expected calibration error over them."""

    bins: tuple[Bin, ...]
    error: float


def reliability(stated: Sequence[float], true: Sequence[bool]) -> Reliability:
    """Compare stated probabilities with what came true."""
    probabilities, facts = np.asarray(stated, np.float64), np.asarray(true, np.float64)
    places = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    bins = [_bin(probabilities[places == i], facts[places == i]) for i in range(BINS) if (places == i).any()]
    error = sum(b.n * abs(b.stated - b.true) for b in bins) / max(1, len(probabilities))
    return Reliability(tuple(bins), float(error))


def _bin(stated: NDArray[np.float64], true: NDArray[np.float64]) -> Bin:
    return Bin(len(stated), float(stated.mean()), float(true.mean()))
