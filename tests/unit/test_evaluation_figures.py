"""Figures: what counts as right, and how sure a share is."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.evaluation.figures import (
    category_rows,
    confusions,
    labour_row,
    labour_rows,
    labour_sets,
    latency,
    other_rows,
    ratio,
    worst_topics,
)
from bot.answers.evaluation.observing import Seen
from bot.answers.evaluation.questions import Question
from bot.answers.evaluation.reliability import reliability
from bot.answers.outcome import Outcome

ANSWER, SUGGEST, NONE = Outcome.ANSWER, Outcome.SUGGEST, Outcome.NONE


def seen(
    wanted: Sequence[str],
    got: Sequence[str],
    outcome: Outcome = SUGGEST,
    *,
    typed: bool = True,
    work_like: bool = False,
) -> Seen:
    shown = {ANSWER: tuple(got[:1]), SUGGEST: tuple(got[:4]), NONE: ()}[outcome]
    question = Question("q", "", tuple(wanted), typed, work_like)
    return Seen(question, outcome, "", tuple(got), shown, 0.5, 0.5, 1.0)


def test_a_ranking_is_right_at_k_when_one_of_its_first_k_topics_is_accepted() -> None:
    one = seen(["a.x", "a.y"], ["b.x", "a.y", "a.x"])
    assert [one.right_at(k) for k in (1, 2, 3)] == [False, True, True]
    assert one.reciprocal == 0.5
    assert seen(["a.x"], ["b.x"]).reciprocal == 0
    assert seen(["a.x"], []).reciprocal == 0


def test_the_figures_of_a_group() -> None:
    row = labour_row(
        "group",
        [
            seen(["a.x"], ["a.x"], ANSWER),
            seen(["a.x"], ["b.x"], ANSWER),
            seen(["a.x"], ["b.x", "a.x"], SUGGEST),
            seen(["a.x"], ["a.x"], NONE),
        ],
    )
    assert {name: figure.value for name, figure in row.figures.items()} == pytest.approx(
        {
            "top1": 0.5,
            "top3": 0.75,
            "top10": 0.75,
            "mrr": 0.625,
            "answer": 0.5,
            "suggest": 0.25,
            "none": 0.25,
            "precision": 0.5,
            "wrong": 0.25,
            "shown": 0.5,
        }
    )
    assert row.figures["precision"].n == 2


def test_an_accepted_topic_beyond_those_offered_was_not_shown() -> None:
    assert not seen(["a.x"], ["b.a", "b.b", "b.c", "b.d", "a.x"]).showed_accepted


def test_a_share_of_nothing_is_no_figure() -> None:
    assert ratio(np.zeros(3), np.zeros(3)).n == 0


@given(facts=st.lists(st.booleans(), min_size=1, max_size=60))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(facts: list[bool]) -> None:
    found = ratio(np.array(facts, float), np.ones(len(facts)))
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12
    assert found.high <= 1 + 1e-12


def test_equal_questions_give_equal_intervals() -> None:
    facts = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    assert ratio(facts, np.ones(5)) == ratio(facts, np.ones(5))


def test_the_interval_is_about_as_wide_as_it_should_be() -> None:
    facts = np.array([1.0, 0.0] * 200)
    found = ratio(facts, np.ones(400))
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / 20, rel=0.1)


def test_sets_of_questions_keep_to_their_names() -> None:
    sets = labour_sets(["a.x", "a.y"], {"a.x", "a.z"})
    questions = {
        "both": Question("", "", ("a.x", "a.y")),
        "one": Question("", "", ("a.x", "a.z")),
        "uncovered": Question("", "", ("a.q",)),
        "outside": Question("", "", ()),
    }
    members = {name: [key for key, question in questions.items() if member(question)] for name, member in sets.items()}
    assert list(members.values()) == [
        ["both"],
        ["both", "one"],
        ["both", "one"],
        ["both", "one", "uncovered"],
        ["uncovered"],
    ]


def test_questions_typed_by_persons_come_first() -> None:
    rows = labour_rows([seen(["a.x"], ["a.x"]), seen(["a.x"], ["b.x"], typed=False)], labour_sets(["a.x"], ["a.x"]))
    typed, everything = [row for row in rows if row.name.startswith("in scope")]
    assert (typed.n, typed.figures["top1"].value) == (1, 1.0)
    assert (everything.n, everything.figures["top1"].value) == (2, 0.5)
    assert rows.index(typed) < rows.index(everything)


def test_questions_out_of_scope_are_counted_by_outcome() -> None:
    rows = other_rows(
        [seen([], ["a.x"], ANSWER, work_like=True), seen([], ["a.x"], NONE), seen(["a.x"], ["a.x"], ANSWER)]
    )
    assert [(row.name, row.n, row.figures["answer"].value) for row in rows] == [
        ("other matters", 2, 0.5),
        ("work-like words", 1, 1.0),
    ]


def test_worst_topics_and_confusions_count_by_the_best_topic() -> None:
    part = [seen(["a.x", "a.y"], ["b.x"]), seen(["a.x"], ["b.x"]), seen(["a.x"], ["a.x"]), seen(["c.x"], [])]
    worst = worst_topics(part)
    assert [(t.topic, t.n, t.misses, t.instead) for t in worst] == [
        ("a.x", 3, 2, (("b.x", 2),)),
        ("c.x", 1, 1, (("-", 1),)),
    ]
    assert confusions(part) == [("a.x", "b.x", 2)]
    assert [row.name for row in category_rows(part)] == ["a", "c"]


def test_latency_is_told_in_percentiles() -> None:
    assert latency([seen(["a.x"], [])]) == {"p50": 1.0, "p99": 1.0, "max": 1.0}


def test_stated_probabilities_that_come_true_have_no_error() -> None:
    found = reliability([0.25] * 4 + [1.0] * 3, [True, False, False, False, True, True, True])
    assert found.error == pytest.approx(0)
    assert [b.n for b in found.bins] == [4, 3]


def test_overconfidence_is_an_error_of_its_size() -> None:
    assert reliability([0.9] * 10, [True] * 5 + [False] * 5).error == pytest.approx(0.4)
    assert reliability([], []).error == 0
