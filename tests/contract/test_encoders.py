"""One suite for every encoder: the fake used in tests and the two real ones."""

import numpy as np
import pytest

from bot.answers.encoders import Encoder, FastEncoder, SlowEncoder, slow_encoder_runs_here
from tests.fakes import FakeEncoder

needs_slow = pytest.mark.skipif(not slow_encoder_runs_here(), reason="the slow encoder does not run on this processor")


REAL_AND_FAKE = [FakeEncoder, FastEncoder, pytest.param(SlowEncoder, marks=needs_slow)]


@pytest.fixture(params=REAL_AND_FAKE, ids=["fake", "fast", "slow"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return request.param()


def test_one_row_a_text_of_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode(["公司拖欠工资", "上班路上被车撞了算工伤吗"])
    assert vectors.shape == (2, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-3)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_the_same_text_gives_the_same_vector(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode(["老板不发工资"]), encoder.encode(["老板不发工资"]))


def test_a_near_text_is_nearer_than_a_far_one(encoder: Encoder) -> None:
    question, near, far = encoder.encode(["公司拖欠我三个月工资", "公司拖欠我两个月工资", "今天天气怎么样"])
    assert question @ near > question @ far


@pytest.mark.parametrize("text", ["", " ", "\0", "a\0b", "\ud800", "字" * 5000, "😀" * 50], ids=range(7))
def test_odd_texts_are_encoded_without_an_error(encoder: Encoder, text: str) -> None:
    if isinstance(encoder, FakeEncoder) and text == "\ud800":
        pytest.skip("the fake hashes UTF-8, which has no lone surrogates")
    assert encoder.encode([text]).shape == (1, encoder.dimensions)


def test_the_fingerprint_names_the_encoder(encoder: Encoder) -> None:
    assert encoder.name
    assert encoder.fingerprint == type(encoder)().fingerprint
