"""Rivals get the same content, and comparisons are paired."""

from collections.abc import Iterable

import numpy as np
import pytest

from bot.answers.evaluation.comparing import compare, tried
from bot.answers.evaluation.rivals import (
    Attempt,
    Content,
    bm25_attempts,
    encoder_attempts,
    full_text_attempts,
    make_content,
)
from bot.store.fulltext import FullTextTable
from tests.builders import an_entry

QUESTIONS = ("三个月没发工资了", "怀孕被公司辞退", "")
ACCEPTED = (("wage.arrears",), ("protection.pregnancy",), ("wage.arrears",))


@pytest.fixture
def content() -> Content:
    entries = {
        "wage.arrears": an_entry(ask=("公司三个月没发工资", "老板拖着工资不给")),
        "protection.pregnancy": an_entry("protection.pregnancy", title="怀孕能辞退吗", ask=("怀孕了公司辞退我",)),
    }
    return make_content(entries, QUESTIONS)


def characters(text: str) -> list[str]:
    return [*text, *(text[i : i + 2] for i in range(len(text) - 1))]


def hits_at_1(attempts: Iterable[Attempt], content: Content) -> list[list[bool]]:
    return [one.hits[0].tolist() for one in tried(attempts, content.topics, ACCEPTED)]


def test_every_topic_owns_its_title_and_phrasings(content: Content) -> None:
    assert content.topics == ("protection.pregnancy", "wage.arrears")
    assert content.owners.tolist() == [0, 0, 1, 1, 1]
    assert [len(documents) for documents, _ in content.layouts.values()] == [2, 2, 5]


def test_bm25_finds_the_topic_at_every_setting_and_nothing_for_no_words(content: Content) -> None:
    found = hits_at_1(bm25_attempts("bm25", content, characters), content)
    assert len(found) == 6 * 5 * 2 + 4
    assert all(hits == [True, True, False] for hits in found)


def test_bm25_weighs_a_term_as_the_formula_has_it() -> None:
    content = Content(("a.x", "a.y"), ("甲甲乙", "丙"), np.array([0, 1]), ("", ""), ("甲",))
    attempt = next(a for a in bm25_attempts("bm25", content, list) if "phrasings, k1=1.2, b=0.75" in a.setting)
    idf = np.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    assert attempt.scores[0, 0] == pytest.approx(idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2)))
    assert attempt.scores[0, 1] == -np.inf


@pytest.mark.parametrize(("tokenizer", "tokenize"), [("trigram", None), ("unicode61", characters)], ids=["tri", "cut"])
def test_full_text_search_finds_the_topic(content: Content, tokenizer: str, tokenize: None) -> None:
    found = hits_at_1(full_text_attempts("fts", content, FullTextTable, tokenizer, tokenize), content)
    assert all(hits[0] and not hits[2] for hits in found)


def test_full_text_search_takes_any_text_for_plain_words() -> None:
    table = FullTextTable(['he said "工资 OR"', "AND NOT"], "unicode61")
    assert [number for number, _ in table.search(['"工资', "OR", "-", "*", "\0", ""], 5)] == [0]
    assert table.search([], 5) == []
    table.close()


def test_an_encoder_alone_is_tried_in_every_way(content: Content) -> None:
    vectors = np.eye(5, dtype=np.float32)
    questions = np.eye(5, dtype=np.float32)[[3, 1, 0]]
    attempts = list(encoder_attempts("e", content, vectors, questions))
    assert {a.setting.split(",")[0] for a in attempts} == {"nearest phrasing", "centroids", "linear model"}
    assert all(a.scores.shape == (3, 2) for a in attempts)
    assert hits_at_1(attempts, content)[0] == [True, True, False]


def an_attempt(rival: str, setting: str, *right: bool) -> Attempt:
    scores = np.array([[1.0, 0.0] if is_right else [0.0, 1.0] for is_right in right])
    return Attempt(rival, setting, scores)


def test_each_rival_stands_at_its_best_setting_with_paired_differences() -> None:
    accepted = [("a.x",)] * 4
    attempts = [
        an_attempt("worse", "poor", False, False, False, False),
        an_attempt("worse", "good", True, False, False, False),
        an_attempt("equal", "", True, True, True, False),
    ]
    rivals = tried(attempts, ("a.x", "a.y"), accepted)
    ours = tried([an_attempt("ours", "", True, True, True, False)], ("a.x", "a.y"), accepted)[0].hits
    found = compare("all", np.ones(4, np.bool_), [("ours", ours)], rivals)
    assert [(s.name, s.setting, s.shares[0]) for s in found.standings] == [
        ("ours", "", 0.75),
        ("equal", "", 0.75),
        ("worse", "good", 0.25),
    ]
    assert found.standings[0].differences == ()
    equal, worse = (s.differences[0] for s in found.standings[1:])
    assert (equal.value, equal.low, equal.high) == (0, 0, 0)
    assert worse.value == -0.5
    assert worse.low <= -0.5 <= worse.high <= 0


def test_only_members_are_compared() -> None:
    rivals = tried([an_attempt("r", "", True, False)], ("a.x", "a.y"), [("a.x",)] * 2)
    found = compare("first", np.array([True, False]), [("ours", rivals[0].hits)], rivals)
    assert (found.n, found.standings[1].shares[0]) == (1, 1.0)
