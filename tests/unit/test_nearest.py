"""The nearest phrasings and the small networks that read both encoders."""

import numpy as np
import pytest

from bot.answers.nearest import NEAREST, Nearest
from bot.answers.networks import MANY, Networks


def test_the_score_of_a_topic_is_the_mean_of_its_five_nearest_phrasings() -> None:
    cosines = np.array([0.9, 0.1, 0.8, 0.7, 0.2, 0.6, 0.5, 0.3, 0.4], np.float32)
    owners = np.array([0, 0, 0, 0, 0, 0, 0, 2, 2], np.int64)
    vectors = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)
    scores = Nearest.build(vectors, owners, 3).scores(np.array([1, 0], np.float32))
    assert NEAREST == 5
    assert scores.tolist() == pytest.approx([np.mean([0.9, 0.8, 0.7, 0.6, 0.5]), 0.0, 0.35])


def test_networks_learn_what_no_single_part_tells_and_are_the_same_every_time() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(6000, 6)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    owners = ((features[:, 0] > 0) ^ (features[:, 1] > 0)).astype(np.int64)
    made, again = (Networks.fit(features, np.concatenate([owners[:-1], [2]])) for _ in range(2))
    assert made.hidden.shape[0] == MANY
    assert all(np.array_equal(getattr(made, part), getattr(again, part)) for part in made.__dataclass_fields__)
    right = [int(made.scores(one).argmax()) == owner for one, owner in zip(features[:-1], owners[:-1], strict=True)]
    assert np.mean(right) > 0.9
    assert np.exp(made.scores(features[0])).sum() <= 1 + 1e-5
