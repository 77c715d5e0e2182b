"""A few small networks over the vectors of both encoders: what one of them misreads the other corrects.

Fitted with scikit-learn when an index is built, each from another beginning; their log probabilities are averaged, as
one network alone is a matter of luck.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MANY = 4
HIDDEN, ROUNDS, PENALTY, BATCH = 256, 8, 1e-2, 128
SCALE = np.float32(10.0)
"""Vectors of length one have parts of a few hundredths: too small for the steps that the fit begins with."""


@dataclass(frozen=True, slots=True)
class Networks:
    """One hidden layer each; the first axis numbers the networks."""

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    @classmethod
    def fit(cls, features: Floats, owners: NDArray[np.int64]) -> "Networks":
        """On vectors of phrasings; `owners` numbers the topic of each, without a gap. The same for the same input."""
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - only building needs it, and it loads slowly
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 - see above

        batch, made = min(BATCH, len(owners)), []
        for seed in range(MANY):
            model = MLPClassifier((HIDDEN,), alpha=PENALTY, batch_size=batch, max_iter=ROUNDS, random_state=seed)
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", ConvergenceWarning
                )  # it is to stop before it knows the phrasings by heart
                made.append(model.fit(features * SCALE, owners))
        weights, biases = [model.coefs_ for model in made], [model.intercepts_ for model in made]
        parts = [[each[layer] for each in of] for layer in (0, 1) for of in (weights, biases)]
        return cls(*(np.stack(part).astype(np.float32) for part in parts))

    def scores(self, vector: Floats) -> Floats:
        """The mean log probability of each topic."""
        inner = np.maximum(np.einsum("f,nfh->nh", vector * SCALE, self.hidden) + self.hidden_bias, 0)
        odds = np.einsum("nh,nht->nt", inner, self.out) + self.out_bias
        odds -= odds.max(axis=1, keepdims=True)
        result: Floats = (odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))).mean(axis=0)
        return result
