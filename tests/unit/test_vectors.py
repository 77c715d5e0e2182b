"""The cache of vectors on disk."""

from pathlib import Path

import numpy as np
import pytest

from bot.answers.vectors import VectorCache
from tests.fakes import FakeEncoder


def test_a_text_is_encoded_once_even_after_a_restart(tmp_path: Path) -> None:
    first = FakeEncoder()
    vectors = VectorCache(tmp_path, first).get(["工资", "合同"])
    second = FakeEncoder()
    again = VectorCache(tmp_path, second).get(["合同", "工资", "社保"])
    assert second.encoded == ["社保"]
    assert np.allclose(again[:2], vectors[::-1])


@pytest.mark.parametrize("damaged", [b"not a zip file", b"", b"PK\x03\x04 cut short"], ids=["rubbish", "empty", "cut"])
def test_a_damaged_file_is_built_again(tmp_path: Path, damaged: bytes) -> None:
    encoder = FakeEncoder()
    VectorCache(tmp_path, encoder).get(["工资"])
    (tmp_path / f"{encoder.fingerprint}.npz").write_bytes(damaged)
    fresh = FakeEncoder()
    assert VectorCache(tmp_path, fresh).get(["工资"]).shape == (1, 64)
    assert fresh.encoded == ["工资"]


def test_what_is_no_longer_used_is_forgotten(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, FakeEncoder())
    cache.get(["工资", "合同"])
    cache.keep_only(["工资"])
    assert VectorCache(tmp_path, FakeEncoder()).missing(["工资", "合同"]) == 1


def test_vectors_of_different_encoders_are_kept_apart(tmp_path: Path) -> None:
    VectorCache(tmp_path, FakeEncoder("use")).get(["工资"])
    other = FakeEncoder("e5")
    VectorCache(tmp_path, other).get(["工资"])
    assert other.encoded == ["工资"]


def test_progress_is_told_and_ends_at_the_total(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    texts = [f"第{i}句" for i in range(70)]
    VectorCache(tmp_path, FakeEncoder()).get(texts, lambda done, total: told.append((done, total)))
    assert told == [(32, 70), (64, 70), (70, 70)]
