"""What is small talk, and what must never be taken for it. All sentences are invented."""

import pytest
import yaml

from bot.answers.content import read_files
from bot.answers.rules import RuleBook, load_rules
from bot.wording import load_wording
from tests.builders import ROOT

SENTENCES: dict[str, list[str]] = yaml.safe_load((ROOT / "tests/sentences/small_talk.yaml").read_text("utf-8"))
QUESTIONS = SENTENCES["question"]
SMALL_TALK = [(kind, sentence) for kind, group in SENTENCES.items() if kind != "question" for sentence in group]


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook([], load_rules(ROOT / "content/lexicon/small_talk.yaml"), load_wording(ROOT / "content/replies"))


@pytest.mark.parametrize(("kind", "sentence"), SMALL_TALK, ids=[f"{k}-{n}" for n, (k, _) in enumerate(SMALL_TALK)])
def test_small_talk_is_recognised(book: RuleBook, kind: str, sentence: str) -> None:
    assert book.small_talk(sentence) == kind, sentence


@pytest.mark.parametrize("sentence", QUESTIONS, ids=map(str, range(len(QUESTIONS))))
def test_a_question_is_never_swallowed(book: RuleBook, sentence: str) -> None:
    assert book.small_talk(sentence) == "", sentence


def test_no_phrasing_of_the_base_is_small_talk(book: RuleBook) -> None:
    files, _ = read_files(ROOT / "content/faq")
    swallowed = [text for file in files for text in file.entry.ask if book.small_talk(text)]
    assert swallowed == []


@pytest.mark.parametrize("piece", ["哈", "好", "谢谢", "你好啊~", "!", "是就是", "转人工"], ids=map(str, range(7)))
def test_no_text_makes_the_rules_slow(book: RuleBook, piece: str) -> None:
    """Nested repeats could take for ever; what is too long for small talk is not even looked at."""
    for length in (12, 24, 30, 200):
        book.small_talk((piece * 200)[: length - 1] + "工")


def test_every_kind_has_its_words(book: RuleBook) -> None:
    words = load_wording(ROOT / "content/replies")
    kinds = {rule.id for rule in load_rules(ROOT / "content/lexicon/small_talk.yaml")}
    assert kinds == set(SENTENCES) - {"question"}
    assert all(words(f"small_talk.{kind}", hotline="12351") for kind in kinds)
