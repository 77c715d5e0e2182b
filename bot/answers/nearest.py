"""How near the phrasings of each topic come to a question.

One phrasing alone misleads: the mean of the nearest few tells how much of a topic is worded like the question.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

NEAREST = 5


@dataclass(frozen=True, slots=True)
class Nearest:
    """Vectors of phrasings, topic after topic; topic i has those from `starts[i]` to before `starts[i + 1]`."""

    vectors: Floats
    starts: Ints

    @classmethod
    def build(cls, vectors: Floats, owners: NDArray[np.int64], topics: int) -> "Nearest":
        """Of the vectors of phrasings, in the order of their topics, which `owners` numbers."""
        return cls(
            np.ascontiguousarray(vectors, np.float32), np.searchsorted(owners, np.arange(topics + 1)).astype(np.int32)
        )

    def scores(self, vector: Floats) -> Floats:
        """For each topic the mean cosine of its five phrasings nearest to the question, of all where it has fewer."""
        near = self.vectors @ vector
        return np.array(
            [_mean_of_best(near[a:b]) for a, b in zip(self.starts, self.starts[1:], strict=False)], np.float32
        )


def _mean_of_best(values: Floats) -> float:
    if len(values) > NEAREST:
        values = np.partition(values, len(values) - NEAREST)[-NEAREST:]
    return float(values.mean()) if len(values) else 0.0
