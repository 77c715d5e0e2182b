"""Which sentences are emergencies, and which only sound like one. All sentences are invented."""

import time

import pytest
import yaml

from bot.answers.content import read_files
from bot.answers.rules import RuleBook, load_rules
from bot.wording import load_wording
from tests.builders import ROOT

SENTENCES: dict[str, list[str]] = yaml.safe_load((ROOT / "tests/sentences/emergencies.yaml").read_text("utf-8"))
KINDS = ("self_harm", "life", "confined", "violence", "accident", "child", "crowd")
POSITIVE = [(kind, sentence) for kind in KINDS for sentence in SENTENCES[kind]]
HARMLESS = SENTENCES["harmless"]
SAME_HELP = {"life": {"life", "accident", "self_harm"}, "accident": {"accident", "life"}}


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook(
        load_rules(ROOT / "content/lexicon/emergencies.yaml"), [], load_wording(ROOT / "content/replies"), "12351"
    )


@pytest.mark.parametrize(("kind", "sentence"), POSITIVE, ids=[f"{k}-{n}" for n, (k, _) in enumerate(POSITIVE)])
def test_current_danger_is_recognised(book: RuleBook, kind: str, sentence: str) -> None:
    found = book.emergencies(sentence)
    assert SAME_HELP.get(kind, {kind}) & set(found), f"{sentence}: {found}"


@pytest.mark.parametrize("sentence", HARMLESS, ids=map(str, range(len(HARMLESS))))
def test_what_only_sounds_like_danger_gets_no_notice(book: RuleBook, sentence: str) -> None:
    assert book.emergencies(sentence) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_short_notice_with_a_number_to_call(book: RuleBook, kind: str) -> None:
    words = load_wording(ROOT / "content/replies")
    notice = words(f"emergency.{kind}", hotline="12351")
    assert len(notice) < 120
    assert any(number in notice for number in ("110", "120", "119"))


def test_the_list_of_kinds_is_the_reviewed_one(book: RuleBook) -> None:
    assert {rule.id for rule in load_rules(ROOT / "content/lexicon/emergencies.yaml")} == set(KINDS)


def test_self_harm_notice_names_the_psychological_help_line(book: RuleBook) -> None:
    assert "12356" in book.emergency_notice("我不想活了")


def test_notices_of_two_dangers_come_most_urgent_first_and_never_more_than_two(book: RuleBook) -> None:
    text = "我们被锁在宿舍里出不去，老板拿刀要杀我们，车间还着火了，有人叫不醒"
    notice = book.emergency_notice(text)
    assert len(book.emergencies(text)) > 2
    assert notice.count("\n") == 1


def test_few_ordinary_phrasings_raise_a_false_alarm(book: RuleBook) -> None:
    """Phrasings of the base are ordinary questions; some do describe a danger, most must not."""
    files, _ = read_files(ROOT / "content/faq")
    phrasings = [text for file in files for text in file.entry.ask]
    alarming = [text for text in phrasings if book.emergencies(text)]
    assert len(alarming) <= len(phrasings) * 0.01, alarming


@pytest.mark.parametrize("piece", ["一", "要", "我们被锁在", "十四岁的孩子在", "老板说要打"], ids=map(str, range(5)))
def test_no_text_makes_the_rules_slow(book: RuleBook, piece: str) -> None:
    """A pattern that backtracks would let one message hold up the answers of all others."""
    started = time.perf_counter()
    book.emergencies((piece * 500)[:500])
    assert time.perf_counter() - started < 0.5
