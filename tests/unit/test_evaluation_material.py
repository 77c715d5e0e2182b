"""What benchmarks are fed with: distinct, lifelike in length, the same on every run."""

import numpy as np

from bot.answers.content import read_folder
from bot.answers.encoders import Vectors
from bot.answers.evaluation.remembering import Remembering
from tests.benchmarks.invented import LONGEST, SHORTEST, Invented, invented_entries, invented_questions
from tests.builders import ROOT


class Counting:
    name, dimensions, fingerprint = "counting", 2, "counting-1"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.texts += texts
        return np.array([[len(text), 1.0] for text in texts], np.float32)


def test_invented_questions_are_distinct_and_of_all_lengths_and_no_phrasing() -> None:
    """A phrasing would be answered with more certainty, and so faster, than what people type."""
    entries = read_folder(ROOT / "content" / "faq")
    questions = invented_questions(entries, 400)
    lengths = [len(question) for question in questions]
    assert len(set(questions)) == 400
    assert min(lengths) >= SHORTEST
    assert max(lengths) <= LONGEST
    assert sum(length < 30 for length in lengths) > 100
    assert sum(length > 60 for length in lengths) > 50
    assert not {text for entry in entries.values() for text in entry.ask} & set(questions)
    assert questions == invented_questions(entries, 400)


def test_invented_entries_have_topics_of_their_own() -> None:
    made = invented_entries(read_folder(ROOT / "content" / "faq"), 120, phrasings=3, sections=1)
    assert len(made) == 120
    assert all(
        topic == entry.topic and len(entry.ask) == 3 and len(entry.sections) == 1 for topic, entry in made.items()
    )


def test_invented_vectors_have_length_one() -> None:
    vectors = Invented(Counting()).encode(["a", "b", "c"])
    assert vectors.shape == (3, 2)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_a_remembering_encoder_encodes_each_text_once_and_keeps_the_order() -> None:
    counting = Counting()
    encoder = Remembering(counting)
    first = encoder.encode(["aa", "b", "aa"])
    second = encoder.encode(["b", "ccc"])
    assert first[:, 0].tolist() == [2, 1, 2]
    assert second[:, 0].tolist() == [1, 3]
    assert counting.texts == ["aa", "b", "ccc"]
    assert encoder.encode([]).shape == (0, 2)
