"""Vectors of terms and BM25."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.lexical import Bm25, Vectorizer, grams


def test_grams_are_all_runs_up_to_the_longest() -> None:
    assert grams("工资 少", 2) == ["工", "资", "少", "工资", "资少"]


def test_a_gram_of_one_text_only_is_left_out_unless_it_is_one_character() -> None:
    vectorizer = Vectorizer.fit([grams("欠工资"), grams("发工资")])
    assert "工资" in vectorizer.vocabulary
    assert "欠工" not in vectorizer.vocabulary
    assert "欠" in vectorizer.vocabulary


def test_rare_words_are_kept_when_they_are_wanted() -> None:
    assert list(Vectorizer.fit([["工资"], ["工资", "拖欠"]], keep_rare=True).vocabulary) == ["工资", "拖欠"]
    assert list(Vectorizer.fit([["工资"], ["工资", "拖欠"]]).vocabulary) == ["工资"]


@given(st.lists(st.text("工资老板不发欠合同伤", min_size=1, max_size=12), min_size=1, max_size=6))
def test_vectors_have_length_one_and_one_equals_many(texts: list[str]) -> None:
    terms = [grams(text) for text in texts]
    vectorizer = Vectorizer.fit(terms)
    matrix = vectorizer.many(terms).toarray()
    for row, text in zip(matrix, terms, strict=True):
        columns, values = vectorizer.one(text)
        assert np.linalg.norm(values) == pytest.approx(1, abs=1e-5)
        assert np.allclose(row[columns], values)


def test_a_text_without_known_terms_gives_an_empty_vector() -> None:
    columns, values = Vectorizer.fit([grams("工资"), grams("工资")]).one(grams("xyz"))
    assert len(columns) == len(values) == 0


def test_bm25_equals_the_formula_worked_out_by_hand() -> None:
    """Two documents of three and one terms; `a` stands twice in the first only."""
    bm25 = Bm25.build([["a", "a", "b"], ["b"]], k1=1.2, b=0.75)
    idf = np.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 2))
    assert bm25.scores(["a"]) == pytest.approx([expected, 0], rel=1e-5)


def test_a_term_repeated_by_an_angry_person_counts_twice_at_most() -> None:
    bm25 = Bm25.build([["a", "b"], ["c"]])
    assert bm25.scores(["a"] * 9)[0] == pytest.approx(2 * bm25.scores(["a"])[0])


def test_unknown_terms_score_nothing() -> None:
    assert Bm25.build([["a"], ["b"]]).scores(["z"]).tolist() == [0, 0]


WORDS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9)


@given(st.lists(WORDS, min_size=1, max_size=5), st.text("abcdefg"))
def test_the_unrolled_table_scores_like_the_postings(documents: list[list[str]], query: str) -> None:
    bm25 = Bm25.build(documents)
    assert bm25.unrolled().scores(query) == pytest.approx(bm25.scores(query), rel=1e-5)
