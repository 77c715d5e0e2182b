"""The shipped lists can be read together: register, lexicon, rules, words."""

from bot.answers.lexicon import load_lexicon
from bot.answers.rules import load_rules
from bot.laws.register_files import load_register
from bot.wording import load_wording
from tests.builders import ROOT

CONTENT = ROOT / "content"


def test_the_register_of_laws_has_no_fault() -> None:
    register = load_register(CONTENT / "laws")
    assert register.laws
    assert register.documents


def test_the_lexicon_has_no_fault() -> None:
    assert load_lexicon(CONTENT / "lexicon").words


def test_every_rule_has_its_words_and_every_word_its_rule() -> None:
    words = load_wording(CONTENT / "replies")
    for group, file in (("emergency", "emergencies.yaml"), ("small_talk", "small_talk.yaml")):
        rules = {f"{group}.{rule.id}" for rule in load_rules(CONTENT / "lexicon" / file)}
        assert rules == {key for key in words.keys() if key.startswith(f"{group}.")}  # noqa: SIM118 - not a mapping


def test_no_notice_or_small_talk_asks_for_a_field_that_nobody_fills() -> None:
    words = load_wording(CONTENT / "replies")
    for key in words.keys():  # noqa: SIM118 - not a mapping
        if key.startswith(("emergency.", "small_talk.")):
            assert words.fields(key) <= {"hotline"}, key


def test_no_law_without_text_is_of_unknown_certainty() -> None:
    register = load_register(CONTENT / "laws")
    assert all(item.source and item.certainty for item in register.documents.values())
