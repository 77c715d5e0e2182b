"""Questions gathered by what they are about: nobody lost, nobody twice, the same result every time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.encoders import FastEncoder
from bot.answers.knowledge.clusters import Asked, cluster, distinct
from bot.answers.knowledge.gathering import MOST_QUESTIONS, Gatherer
from tests.fakes import FakeEncoder

MATTERS = {
    "heat": ("高温津贴一天多少钱", "高温补贴每天给多少", "夏天高温费怎么算"),
    "birth": ("产假多少天", "山东产假有几天", "生二胎产假几天"),
    "fund": ("公积金怎么提取", "公积金能取出来吗", "提取公积金要什么材料"),
}


def asked(*texts: str, **fields: object) -> list[Asked]:
    return [Asked(f"q{number}", text, **fields) for number, text in enumerate(texts)]  # type: ignore[arg-type]


def gathered(
    questions: list[Asked], vectors: dict[str, tuple[float, ...]], alike: float = 0.6
) -> list[tuple[str, ...]]:
    rows = np.array([vectors[text] for text in distinct(questions)], np.float32)
    return [one.examples for one in cluster(questions, rows, alike)]


def test_what_is_alike_comes_together_and_the_largest_cluster_first() -> None:
    vectors = {"a": (1, 0), "a2": (0.9, 0.1), "b": (0, 1)}
    assert gathered(asked("b", "a2", "a", "a"), vectors) == [("a", "a2"), ("b",)]


def test_a_question_is_gathered_with_the_wording_nearest_to_it() -> None:
    vectors = {"east": (1, 0), "north": (0, 1), "between": (0.6, 0.8)}
    found = gathered(asked("east", "east", "north", "north", "between"), vectors)
    assert ("north", "between") in found


def test_wordings_that_differ_in_signs_only_are_one_and_are_shown_as_they_were_typed() -> None:
    assert distinct(asked("产假几天？", "产假几天?")) == ["产假几天?"]
    assert gathered(asked("产假几天？", "产假几天?"), {"产假几天?": (1, 0)}) == [("产假几天？", "产假几天?")]


def test_a_cluster_knows_the_entries_that_did_not_help_and_those_that_were_near() -> None:
    ones = [
        Asked("1", "一", downvoted=True, topic="wage.a", near=("wage.a", "wage.b")),
        Asked("2", "一", near=("wage.b", "wage.c")),
        Asked("3", "一", near=("wage.b",)),
    ]
    found = cluster(ones, np.ones((1, 2), np.float32))[0]
    assert (found.count, found.downvoted, found.topics) == (3, 1, ("wage.a",))
    assert found.near == ("wage.b", "wage.a", "wage.c")


@settings(deadline=None)
@given(st.lists(st.text("工资合同保险假", min_size=1, max_size=4), max_size=30), st.floats(0.1, 0.99))
def test_every_question_is_in_exactly_one_cluster_whatever_the_order(texts: list[str], alike: float) -> None:
    questions = asked(*texts)
    rows = FakeEncoder().encode(distinct(questions))
    found = cluster(questions, rows, alike)
    assert sorted(id for one in found for id in one.ids) == sorted(one.id for one in questions)
    again = cluster(questions[::-1], FakeEncoder().encode(distinct(questions[::-1])), alike)
    assert {frozenset(one.ids) for one in again} == {frozenset(one.ids) for one in found}


async def test_no_questions_give_no_clusters() -> None:
    assert await Gatherer(FakeEncoder()).gather([]) == []


async def test_what_was_encoded_once_is_not_encoded_again() -> None:
    encoder = FakeEncoder()
    gatherer = Gatherer(encoder)
    await gatherer.gather(asked("一二", "三四"))
    await gatherer.gather(asked("三四", "五六"))
    assert sorted(encoder.encoded) == sorted(["一二", "三四", "五六"])


async def test_no_more_questions_are_gathered_than_can_be_in_a_moment() -> None:
    found = await Gatherer(FakeEncoder()).gather([Asked(f"{number}", "同一句") for number in range(MOST_QUESTIONS + 5)])
    assert found[0].count == MOST_QUESTIONS


async def test_the_real_encoder_tells_matters_apart() -> None:
    """The threshold stands or falls with the encoder that is shipped."""
    questions = [Asked(f"{name}-{text}", text) for name, texts in MATTERS.items() for text in texts]
    found = await Gatherer(FastEncoder()).gather(questions)
    assert all(len({id.partition("-")[0] for id in one.ids}) == 1 for one in found)
    assert len(found) == pytest.approx(len(MATTERS), abs=2)
