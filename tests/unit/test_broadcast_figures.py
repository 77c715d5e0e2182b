"""The benchmark of broadcasts can fail: memory that grows, and samples that say nothing."""

import pytest

from tests.benchmarks.broadcast import Memory

STEADY = [147.0 + number % 2 for number in range(40)]


def figures(before: list[float], after: list[float]) -> dict[str, object]:
    memory = Memory(list(before))
    memory.begin_steady()
    memory.samples += after
    return memory.figures()


def test_memory_that_stays_is_flat_though_new_workers_had_to_load_first() -> None:
    found = figures([120.0] * 20, [60.0, 90.0, 120.0, *STEADY])
    assert (found["flat"], found["growth_mb"], found["peak_mb"]) == (True, 0.0, 148.0)


@pytest.mark.parametrize(
    "after", [[100.0 + number for number in range(40)], [140.0, 150.0], []], ids=["grows", "too_few", "none"]
)
def test_memory_that_grows_or_was_hardly_looked_at_is_not(after: list[float]) -> None:
    assert figures([120.0] * 20, after)["flat"] is False
