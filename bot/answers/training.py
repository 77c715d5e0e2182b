"""Fitting: linear models on feature blocks, from phrasings alone.

Above a few hundred topics a multinomial model takes too long and centroids, which need no
fitting, take its place: both are linear, so ranking does not know the difference.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MOST_TOPICS_FITTED = 400
TERM_STRENGTH, DENSE_STRENGTH = 0.3, 3.0
DENSE_TOLERANCE = 1e-4
"""Ten times as much stops the fit of many topics before it has begun: the slopes are that small from the start."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Scores = features @ weights + bias."""

    weights: Floats
    bias: Floats

    def part(self, first: int, end: int) -> "Linear":
        """The same for some of the scores only."""
        return Linear(np.ascontiguousarray(self.weights[:, first:end]), self.bias[first:end].copy())

    def of_columns(self, columns: Any, values: Floats) -> Floats:
        """The scores of a vector that is zero but in those columns."""
        result: Floats = values @ self.weights[columns] + self.bias
        return result


def fit_term_topics(features: Any, owners: Ints, topics: int) -> Linear:
    """A model on sparse vectors of terms that tells topics apart; `owners` names each row's topic.

    One-against-rest with hinge loss: as good here as a multinomial model and fifty times faster.
    """
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - only building needs it, and it loads slowly

    model = LinearSVC(C=TERM_STRENGTH, random_state=0).fit(features, owners)
    return _linear(model, topics)


def fit_dense_topics(features: Any, owners: Ints, topics: int, strength: float = DENSE_STRENGTH) -> Linear:
    """A multinomial model on encoder vectors; centroids when there are too many topics to fit."""
    if topics > MOST_TOPICS_FITTED:
        return _centroids(features, owners, topics)
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - see above

    model = LogisticRegression(C=strength, max_iter=1000, tol=DENSE_TOLERANCE).fit(features, owners)
    return _linear(model, topics)


def fit_gate(features: Any, inside: NDArray[np.bool_], strength: float = DENSE_STRENGTH) -> Linear:
    """A model whose single score is the log odds that a text belongs inside."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - see above

    model = LogisticRegression(C=strength, max_iter=1000, class_weight="balanced").fit(features, inside)
    return Linear(np.ascontiguousarray(model.coef_.T, np.float32), model.intercept_.astype(np.float32))


def _linear(model: Any, topics: int) -> Linear:
    weights, bias = model.coef_, model.intercept_
    if topics == 2:  # noqa: PLR2004 - one column decides between two: spread it over both
        weights, bias = np.vstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    return Linear(np.ascontiguousarray(weights.T, np.float32), bias.astype(np.float32))


def _centroids(features: Any, owners: Ints, topics: int) -> Linear:
    dense = features.toarray() if hasattr(features, "toarray") else features
    sums = np.zeros((topics, dense.shape[1]), np.float32)
    np.add.at(sums, owners, dense)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return Linear(np.ascontiguousarray((sums / np.maximum(lengths, 1e-9)).T), np.zeros(topics, np.float32))
